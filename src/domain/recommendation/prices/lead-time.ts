/**
 * Days from the decision to the first request. What the caller knows comes first, then what the offer states, then the terms of sale,
 * then what was published of orders; where none of them says anything the lead time is unknown, and no limit on it is kept.
 */
import type { Offer } from '../../catalog/offers.ts';
import { type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import type { PurchaseCategory } from '../../estimate/selectors.ts';
import type { AcceptedPurchases } from '../request.ts';
import published from './published-lead-times.json' with { type: 'json' };

export interface LeadTime {
  /** Upper end of the stated lead time, which a limit is compared with; null where none is stated. */
  readonly days: number | null;
  /** Lower end of the stated lead time; the same as the upper end where only one figure is stated. */
  readonly leastDays: number | null;
  readonly basis: 'caller' | 'offer' | 'terms' | 'published' | 'unknown';
  /** How reliable the lead time is; null where the caller or the offer states it, or where none is stated. */
  readonly confidence: 'medium' | 'low' | null;
  readonly source: string | null;
}

const UNKNOWN: LeadTime = { days: null, leastDays: null, basis: 'unknown', confidence: null, source: null };

const exactly = (days: number, rest: Pick<LeadTime, 'basis' | 'confidence' | 'source'>): LeadTime => ({
  days,
  leastDays: days,
  ...rest,
});

const HOURLY_TERMS = sourcedDefault({
  id: 'lead_time.by_the_hour',
  field: '/constraints/maxLeadTimeDays',
  value: 0,
  unit: 'days',
  range: { low: 0, high: 90 },
  kind: 'assumed',
  source: 'the terms of sale: rented by the hour or as spot without notice, commitments on top of that',
  reason: 'No provider promises that capacity is free: reserve it, or ask, before counting on it.',
});

/** Says that a limit on lead times rests on the terms of rentals. */
export const noteLeadTimes = (log: AssumptionLog): void => {
  log.resolve(undefined, HOURLY_TERMS);
};

const orders = new Map(published.flatMap((entry) => entry.devices.map((device) => [device, entry] as const)));

interface LeadTimeQuestion {
  readonly deviceId: string;
  readonly category: PurchaseCategory;
  /** What is rented or bought; null where its price is the caller's own. */
  readonly offer: Pick<Offer, 'providerId' | 'leadTimeDays' | 'mode' | 'purchaseTerms'> | null;
  readonly purchase: AcceptedPurchases | undefined;
}

export function leadTimeOf({ deviceId, category, offer, purchase }: LeadTimeQuestion): LeadTime {
  const given = purchase?.leadTimes?.find(
    ({ devices, providers, purchases }) =>
      (devices === undefined || devices.includes(deviceId)) &&
      (providers === undefined || (offer !== null && providers.includes(offer.providerId))) &&
      (purchases === undefined || purchases.includes(category)),
  );
  const days = given?.days ?? (category === 'owned' ? purchase?.ownedLeadTimeDays : undefined);
  if (days !== undefined) return exactly(days, { basis: 'caller', confidence: null, source: 'the request' });
  if (offer !== null && offer.leadTimeDays !== null) {
    const source = offer.purchaseTerms?.source ?? 'the offer';
    return exactly(offer.leadTimeDays, { basis: 'offer', confidence: null, source });
  }
  if (category === 'owned') {
    const order = orders.get(deviceId);
    if (order === undefined) return UNKNOWN;
    const { lowDays, highDays, source } = order;
    return { days: highDays, leastDays: lowDays, basis: 'published', confidence: confidenceOf(order), source };
  }
  if (offer === null) return UNKNOWN;
  // what is reserved ahead starts when there is room
  if (category === 'capacity_block' || offer.mode !== 'open') return UNKNOWN;
  return exactly(HOURLY_TERMS.value, { basis: 'terms', confidence: 'low', source: HOURLY_TERMS.source });
}

const confidenceOf = ({ confidence }: { readonly confidence: string }): 'medium' | 'low' =>
  confidence === 'medium' ? 'medium' : 'low';
