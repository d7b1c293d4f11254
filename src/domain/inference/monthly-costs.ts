/** The bill of a month: hardware for the hours it runs, and what is added to it. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { type Assumption, AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import { bill, type DraftItem } from '../economics/line-item.ts';
import { egressItem } from '../economics/network-cost.ts';
import { ONE_MONTH, surchargeItems } from '../economics/surcharges.ts';
import type { CostBreakdown, MoneyFigure } from '../estimate/answer.ts';
import { ALWAYS_ON, type HardwareBill, hardwareBill } from '../estimate/hardware-bill.ts';
import { type HardwarePricing, type HardwareQuote, hardwarePricing } from '../estimate/hardware-pricing.ts';
import type { Place } from '../estimate/place.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { type Site, siteReport } from '../estimate/site-report.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../estimate/spot-interruptions.ts';
import { CURRENCY, perUnit, toNumber } from '../money.ts';
import { DAYS_PER_MONTH, GB, HOURS_PER_DAY, HOURS_PER_MONTH, KB, SECONDS_PER_HOUR } from '../units.ts';
import { COLD_STARTS_PER_DAY } from './defaults.ts';
import type { InferenceRequest } from './request.ts';
import type { RequestLengths } from './step/lengths.ts';

type Category = NonNullable<Purchase['category']>;

/** A commitment, a capacity block and hardware of one's own cost the same whether they run or not. */
const PAID_ALL_MONTH: readonly Category[] = ['committed', 'capacity_block', 'owned'];

/** Hours a month that devices are paid for on the terms of a purchase. @param runningHours as `runningHours` has them */
export const paidHours = (runningHours: number, category: Category | undefined): number =>
  category !== undefined && PAID_ALL_MONTH.includes(category) ? HOURS_PER_MONTH : runningHours;

const PAID_WITHOUT_RUNNING: Assumption = {
  id: 'scaling.paid_all_month',
  field: '/purchase/category',
  value: HOURS_PER_MONTH,
  unit: 'hours a month',
  range: null,
  source: 'the terms: commitments, capacity blocks and hardware of your own cost the same whether they run or not',
  reason: 'Scaling to zero saves the hours of what is rented by the hour, and none of these.',
};

/** The hours that the request pays for on its terms, with where they come from. */
export function hoursToPay(
  request: InferenceRequest,
  activeHoursPerDay: number,
  coldStartSeconds: number,
  log: AssumptionLog,
): Quantity {
  const running = runningHours(request, activeHoursPerDay, coldStartSeconds, log);
  const paid = paidHours(running.value, request.purchase?.category);
  if (paid === running.value) return running;
  log.add(PAID_WITHOUT_RUNNING);
  return exactly(paid, 'hours a month', '365 days / 12 x 24 h, paid for whether they run or not');
}

/** Hours a month that devices run: all of them, or the active ones and the cold starts. */
export function runningHours(
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

/**
 * Quotes of a service: an hour of the month costs what the hours that are paid for come to, cold starts aside, with the
 * interruptions of spot instances.
 */
export function servingPricing(snapshot: CatalogSnapshot, request: InferenceRequest, at: string): HardwarePricing {
  const { purchase = {}, location = {}, traffic, scaling, site } = request;
  const pricing = hardwarePricing(snapshot, location, purchase, at, site);
  const active = scaling?.mode === 'scale_to_zero' ? (traffic?.activeHoursPerDay ?? HOURS_PER_DAY) : HOURS_PER_DAY;
  const share = paidHours(active * DAYS_PER_MONTH, purchase.category) / HOURS_PER_MONTH;
  const isSpot = pricing.mode === 'catalog' && purchase.category === 'spot';
  const factor = share * (isSpot ? SPOT_DEVICE_TIME_FACTOR : 1);
  if (factor === 1) return pricing;
  return {
    ...pricing,
    quote: (...asked) => {
      const quote = pricing.quote(...asked);
      return quote === null ? null : { ...quote, usdPerHour: quote.usdPerHour * factor };
    },
  };
}

/** A service and the hardware that it was given. */
export interface ServiceHardware {
  readonly snapshot: CatalogSnapshot;
  readonly request: InferenceRequest;
  readonly purchase: Purchase;
  readonly device: Device;
  readonly pricing: HardwarePricing;
  readonly quote: HardwareQuote;
  readonly place: Place;
  /** Those that serve, spares included. */
  readonly devices: Quantity;
  /** Mean of the devices that serve over the hours that are paid for, 0 to 1. */
  readonly utilization: number;
  /** Of every device paid for. */
  readonly deviceHours: Quantity;
  /** A replica spans machines. */
  readonly clustered: boolean;
  readonly at: string;
}

/** Devices that come with whole machines stand there and idle. */
export function serviceSite(service: ServiceHardware, log: AssumptionLog): Site | null {
  const { snapshot, request, purchase, pricing, device, quote, place, utilization, devices } = service;
  return siteReport(
    snapshot,
    {
      ...place,
      device,
      devices: quote.devicesPaid,
      activity: 'inference',
      utilization: (utilization * devices.value) / quote.devicesPaid,
      deviceHours: service.deviceHours,
      clustered: service.clustered,
      owned: pricing.mode === 'owned' ? (purchase.owned ?? {}) : null,
      agreed: pricing.agreed(device, quote.devicesPaid),
      facts: request.site,
    },
    log,
  );
}

export const serviceHardwareBill = (service: ServiceHardware, site: Site | null, log: AssumptionLog): HardwareBill =>
  hardwareBill({ ...service, serves: true, ownedUtilization: ALWAYS_ON, site, country: service.place.country }, log);

/** USD a month of the hardware alone, as its bill says; infinite where it has no power figure to be owned by. */
export const hardwareUsd = (service: ServiceHardware): number => usdOf(hardwareDrafts(service, new AssumptionLog()));

/** USD a month of the whole bill, with egress and surcharges; infinite where the hardware has no power figure to be owned by. */
export function monthlyUsd(service: ServiceHardware): number {
  const log = new AssumptionLog();
  const drafts = hardwareDrafts(service, log);
  return usdOf(drafts === null ? null : [...drafts, ...addedItems(service, drafts, log)]);
}

function hardwareDrafts(service: ServiceHardware, log: AssumptionLog): readonly DraftItem[] | null {
  const isOwned = service.pricing.mode === 'owned';
  const site = isOwned ? serviceSite(service, log) : null;
  return isOwned && site === null ? null : serviceHardwareBill(service, site, log).drafts;
}

const usdOf = (drafts: readonly DraftItem[] | null): number =>
  drafts === null ? Number.POSITIVE_INFINITY : drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);

/** Egress and surcharges on top of the hardware's lines. */
export function addedItems(
  { request, place, devices, pricing }: ServiceHardware,
  hardware: readonly DraftItem[],
  log: AssumptionLog,
): DraftItem[] {
  const { responseKilobytes, egressUsdPerGb, surcharges } = request;
  const egress =
    responseKilobytes === undefined
      ? []
      : [egressItem(egressPerMonth(request), { ...place, usdPerGb: egressUsdPerGb }, log)];
  const items = [...hardware, ...egress];
  const ownership = pricing.mode === 'owned' ? 'owned' : 'rented';
  return [...egress, ...surchargeItems(items, { ...surcharges, devices, years: ONE_MONTH, ownership }, CURRENCY)];
}

export const egressPerMonth = ({ responseKilobytes = 0, requestsPerDay }: InferenceRequest): Quantity =>
  exactly((responseKilobytes * KB * requestsPerDay * DAYS_PER_MONTH) / GB, 'GB a month');

interface UnitCosts {
  readonly costPerMonth: CostBreakdown;
  readonly costPerRequest: MoneyFigure;
  readonly costPerMillionTokens: MoneyFigure | null;
  readonly costPerMillionOutputTokens: MoneyFigure | null;
}

const MILLION = 1e6;

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
