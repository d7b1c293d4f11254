/** The reports of a lifecycle answer: amounts rounded once, by line and month, and summed as they are shown. */
import type { Assumption } from '../economics/assumption.ts';
import type { MoneyFigure } from '../estimate/answer.ts';
import { CURRENCY, type Money, money, perUnit, sum, toNumber } from '../money.ts';
import type { FeasibleTraining } from '../training/estimate-result.ts';
import type { Band, BandBasis } from '../uncertainty/band.ts';
import { DAYS_PER_MONTH, MONTHS_PER_YEAR } from '../units.ts';
import type { BuiltModel } from './build-model.ts';
import { dateAfter, startOfMonth } from './calendar.ts';
import { total, worthOf } from './course-totals.ts';
import type { Crossing, LifecycleLine, MonthReport, YearReport } from './estimate-result.ts';
import type { CrossingBand, DrawnBands } from './monte-carlo.ts';
import type { Course } from './simulate.ts';
import { assumptionIn } from './sub-estimates.ts';

export const drawsBasis = (draws: number, seed: number): BandBasis => ({
  id: 'lifecycle/draws',
  kind: 'assumed',
  cases: null,
  medianAbsoluteErrorPercent: null,
  description: `${draws} courses of the service, all uncertain figures drawn together from their ranges (Latin hypercube, seed ${seed})`,
});

/** Amounts of each line and month as money: what is summed is what is shown. */
export const roundedCourse = (course: Course): readonly (readonly Money[])[] =>
  course.lines.map((line) => Array.from(line, (usd) => (usd === 0 ? NOTHING : money(usd, CURRENCY))));

const NOTHING = money(0, CURRENCY);

export const sumByMonth = (rounded: readonly (readonly Money[])[], included: readonly boolean[]): Money[] =>
  Array.from({ length: rounded[0]?.length ?? 0 }, (_, month) =>
    sum(
      rounded.flatMap((line, index) => (included[index] && line[month] !== NOTHING ? [line[month] as Money] : [])),
      CURRENCY,
    ),
  );

export const lineReports = (
  { lines }: BuiltModel,
  rounded: readonly (readonly Money[])[],
  bands: DrawnBands,
  basis: BandBasis,
): LifecycleLine[] =>
  lines.map(({ id, label, part, category, factors }, index) => ({
    id,
    label,
    part,
    category,
    cost: {
      amount: sum(rounded[index] ?? [], CURRENCY),
      band: bands.lines[index] as Band,
      basis: [basis, ...widest([...factors])],
    },
  }));

const MOST_BASES = 5;

const widest = (factors: readonly { readonly p10: number; readonly p90: number; readonly basis: BandBasis }[]) =>
  [...factors]
    .sort((a, b) => b.p90 / b.p10 - a.p90 / a.p10 || (a.basis.id < b.basis.id ? -1 : 1))
    .slice(0, MOST_BASES)
    .map((factor) => factor.basis);

export const widestBases = ({ table }: BuiltModel) => widest(table.factors);

export function crossingReport(day: number | null, band: CrossingBand, launchOn: string): Crossing {
  return { day, date: day === null ? null : dateAfter(launchOn, day), ...band };
}

/** @param costs present value of the costs */
export function netPresentValue(
  valuePerRequest: number | null,
  course: Course,
  costs: number,
  { netPresentValue: band }: DrawnBands,
  discountRate: number,
  basis: BandBasis,
): MoneyFigure | null {
  if (valuePerRequest === null || band === null) return null;
  return { amount: money(worthOf(course, valuePerRequest, discountRate) - costs, CURRENCY), band, basis: [basis] };
}

export function monthReports(
  course: Course,
  training: readonly Money[],
  serving: readonly Money[],
  bands: DrawnBands,
  basis: BandBasis,
  launchOn: string,
): MonthReport[] {
  let trained = NOTHING;
  let served = NOTHING;
  return training.map((ofMonth, month) => {
    const servedNow = serving[month] as Money;
    trained = sum([trained, ofMonth], CURRENCY);
    served = sum([served, servedNow], CURRENCY);
    const requests = course.requestsPerDay[month] as number;
    const figure = (amount: Money, series: readonly Band[]): MoneyFigure => ({
      amount,
      band: series[month] as Band,
      basis: [basis],
    });
    return {
      month,
      startsOn: month === 0 ? launchOn : startOfMonth(launchOn, month),
      requestsPerDay: requests,
      devices: course.devices[month] as number,
      devicesPaid: course.devicesPaid[month] as number,
      training: ofMonth,
      serving: servedNow,
      cumulativeTraining: figure(trained, bands.cumulativeTraining),
      cumulativeServing: figure(served, bands.cumulativeServing),
      cumulativeTotal: figure(sum([trained, served], CURRENCY), bands.cumulativeTotal),
      servingPerRequest: requests > 0 ? perUnit(servedNow, requests * DAYS_PER_MONTH) : null,
    };
  });
}

/** The months before the launch belong to the first year. */
export function yearReports(course: Course, training: readonly Money[], serving: readonly Money[]): YearReport[] {
  const last = training.length - 1;
  return Array.from({ length: Math.ceil(last / MONTHS_PER_YEAR) }, (_, index) => {
    const from = index === 0 ? 0 : index * MONTHS_PER_YEAR + 1;
    const to = Math.min((index + 1) * MONTHS_PER_YEAR, last) + 1;
    const trained = sum(training.slice(from, to), CURRENCY);
    const served = sum(serving.slice(from, to), CURRENCY);
    const requests = total(course.requestsPerDay.slice(from, to)) * DAYS_PER_MONTH;
    const both = toNumber(trained) + toNumber(served);
    return {
      year: index + 1,
      training: trained,
      serving: served,
      trainingShare: both > 0 ? toNumber(trained) / both : 0,
      requests,
      servingPerRequest: requests > 0 ? perUnit(served, requests) : null,
    };
  });
}

export function partAssumptions(
  training: FeasibleTraining | null,
  phases: readonly (readonly Assumption[])[],
): Assumption[] {
  const [launch = []] = phases;
  return [
    ...(training?.assumptions ?? []).map((assumption) => assumptionIn('/training', assumption)),
    ...launch.map((assumption) => assumptionIn('/inference', assumption)),
  ];
}

export const uniquePrices = <Use extends { readonly priceId: string }>(uses: readonly Use[]): Use[] => [
  ...new Map(uses.map((use) => [use.priceId, use])).values(),
];
