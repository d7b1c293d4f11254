/** What a lifecycle takes for granted where the caller says nothing; each is listed in the answer. */
import { type SourcedDefault, sourcedDefault } from '../economics/assumption.ts';

export const HORIZON_MONTHS = sourcedDefault({
  id: 'lifecycle.horizon_months',
  field: '/horizonMonths',
  value: 36,
  unit: 'months',
  range: null,
  kind: 'assumed',
  source: 'judgement: the usual planning horizon and the longest commitment of the large clouds',
  reason: 'How long the service is looked at',
});

export const GROWTH_PERCENT = sourcedDefault({
  id: 'lifecycle.growth_percent_per_year',
  field: '/growth/percentPerYear',
  value: 0,
  unit: '% per year',
  range: null,
  kind: 'assumed',
  source: 'the careful choice: a load that nobody has forecast stays as it is',
  reason: 'No growth was given',
});

/** Rented hardware: what the same work costs a year later, whoever then rents it out on whatever hardware. */
export const RENTAL_DECLINE_PERCENT = sourcedDefault({
  id: 'lifecycle.rental_decline_percent_per_year',
  field: '/hardwarePrices/declinePercentPerYear',
  value: 18,
  unit: '% per year',
  range: { low: 8, high: 28 },
  kind: 'sourced',
  source:
    'AWS cut of 2025-06-23 spread over the years since launch: p5 44 % in 1.9 years (26 % a year), p4d 33 % in 4.6 years (8 %); Epoch AI, training-cost-trends: price for the same performance falls by 0.14 orders of magnitude (28 %) a year',
  reason: 'Rentals are priced anew each month, commitments when they are renewed',
});

export const PURCHASE_DECLINE_PERCENT = sourcedDefault({
  id: 'lifecycle.purchase_decline_percent_per_year',
  field: '/hardwarePrices/declinePercentPerYear',
  value: 28,
  unit: '% per year',
  range: { low: 18, high: 37 },
  kind: 'sourced',
  source:
    'Epoch AI, training-cost-trends (2024-2025): price for the same performance falls by 0.14 orders of magnitude a year; range 0.09 to 0.20',
  reason: 'What hardware of the same performance costs when it is bought later or replaced at the end of its life',
});

export const DISCOUNT_PERCENT = sourcedDefault({
  id: 'lifecycle.discount_rate_percent',
  field: '/discountRatePercent',
  value: 8,
  unit: '% per year',
  range: { low: 5, high: 12 },
  kind: 'assumed',
  source: 'judgement: borrowing rates against hardware in 2025-2026',
  reason: 'Money spent later is worth less today',
});

export const DRAWS = 256;
export const SEED = 1;

/** USD a month of hardware and people who run it; between them a power of the cost, so that no cent brings an engineer. */
const STAFF_POINTS: readonly (readonly [usdPerMonth: number, engineers: number])[] = [
  [300, 0.1],
  [3e3, 0.25],
  [3e4, 1],
  [3e5, 4],
  [3e6, 12],
  [3e7, 40],
];

function engineersFor(usdPerMonth: number): number {
  const [[least, fewest]] = STAFF_POINTS as readonly [readonly [number, number]];
  if (usdPerMonth <= least) return fewest;
  const found = STAFF_POINTS.findIndex(([usd]) => usdPerMonth < usd);
  const above = found < 0 ? STAFF_POINTS.length - 1 : found;
  const [fromUsd, from] = STAFF_POINTS[above - 1] as readonly [number, number];
  const [toUsd, to] = STAFF_POINTS[above] as readonly [number, number];
  return from * (to / from) ** (Math.log(usdPerMonth / fromUsd) / Math.log(toUsd / fromUsd));
}

/** @param usdPerMonth of the first month's serving */
export function staffDefault(usdPerMonth: number): SourcedDefault {
  const engineers = Number(engineersFor(usdPerMonth).toPrecision(3));
  return sourcedDefault({
    id: 'lifecycle.staff_engineers',
    field: '/staff/engineers',
    value: engineers,
    unit: 'engineers',
    range: { low: engineers * 0.5, high: engineers * 2 },
    kind: 'assumed',
    source:
      'judgement: a tenth of an engineer for an endpoint of 300 USD a month, one for 30,000, an on-call rota of four for 300,000, twelve for 3 M',
    reason: 'People who run a service of this cost; more of them as the load grows',
  });
}
