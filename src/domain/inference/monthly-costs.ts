/** The bill of a month: hardware for the hours it runs, and what is added to it. */
import { type AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import { bill, type DraftItem } from '../economics/line-item.ts';
import { type EgressPlace, egressItem } from '../economics/network-cost.ts';
import { surchargeItems } from '../economics/surcharges.ts';
import type { CostBreakdown, MoneyFigure } from '../estimate/answer.ts';
import { perUnit } from '../money.ts';
import { DAYS_PER_MONTH, GB, HOURS_PER_DAY, HOURS_PER_MONTH, KB, SECONDS_PER_HOUR } from '../units.ts';
import { COLD_STARTS_PER_DAY } from './defaults.ts';
import type { InferenceRequest } from './request.ts';
import type { RequestLengths } from './step/lengths.ts';

/** Hours a month that devices are paid for: all of them, or the active ones and the cold starts. */
export function paidHours(
  request: InferenceRequest,
  activeHoursPerDay: number,
  coldStartSeconds: number,
  log: AssumptionLog,
): Quantity {
  if (request.scaling?.mode !== 'scale_to_zero')
    return exactly(HOURS_PER_MONTH, 'hours a month', '365 days / 12 x 24 h');
  const starts = log.resolve(request.scaling.coldStartsPerDay, COLD_STARTS_PER_DAY).value;
  const hoursPerDay = Math.min(activeHoursPerDay + (starts * coldStartSeconds) / SECONDS_PER_HOUR, HOURS_PER_DAY);
  return exactly(
    hoursPerDay * DAYS_PER_MONTH,
    'hours a month',
    `${activeHoursPerDay} active hours a day and ${starts} cold start(s) of ${Math.round(coldStartSeconds)} s`,
  );
}

const MONTHS_PER_YEAR = 12;

/** Egress and surcharges on top of the hardware's lines. */
export function addedItems(
  request: InferenceRequest,
  hardware: readonly DraftItem[],
  place: EgressPlace,
  devices: Quantity,
  owned: boolean,
  log: AssumptionLog,
): DraftItem[] {
  const { responseKilobytes, egressUsdPerGb, requestsPerDay, surcharges } = request;
  const gigabytes = ((responseKilobytes ?? 0) * KB * requestsPerDay * DAYS_PER_MONTH) / GB;
  const egress =
    responseKilobytes === undefined
      ? []
      : [egressItem(exactly(gigabytes, 'GB a month'), { ...place, usdPerGb: egressUsdPerGb }, log)];
  const items = [...hardware, ...egress];
  const years = exactly(1 / MONTHS_PER_YEAR, 'years', 'one month');
  const query = { ...surcharges, devices, years, ownership: owned ? ('owned' as const) : ('rented' as const) };
  return [...egress, ...surchargeItems(items, query, CURRENCY)];
}

interface UnitCosts {
  readonly costPerMonth: CostBreakdown;
  readonly costPerRequest: MoneyFigure;
  readonly costPerMillionTokens: MoneyFigure | null;
  readonly costPerMillionOutputTokens: MoneyFigure | null;
}

const MILLION = 1e6;
const CURRENCY = 'USD';

/** @param lengths null for models without tokens */
export function unitCosts(
  drafts: readonly DraftItem[],
  requestsPerDay: number,
  lengths: RequestLengths | null,
): UnitCosts {
  const { items, total, band, basis } = bill(drafts, CURRENCY);
  const requests = requestsPerDay * DAYS_PER_MONTH;
  const per = (units: number): MoneyFigure => ({
    amount: perUnit(total, units),
    band: { p10: band.p10 / units, p50: band.p50 / units, p90: band.p90 / units },
    basis,
  });
  const output = lengths?.outputTokens.mean ?? 0;
  const tokens = output + (lengths?.promptTokens.mean ?? 0);
  return {
    costPerMonth: { lineItems: items, total: { amount: total, band, basis } },
    costPerRequest: per(requests),
    costPerMillionTokens: tokens > 0 ? per((requests * tokens) / MILLION) : null,
    costPerMillionOutputTokens: output > 0 ? per((requests * output) / MILLION) : null,
  };
}
