/** Own or rent: the same devices for the same hours, bought and run, or rented on each of the terms there are. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import type { CostBreakdown, MoneyFigure } from '../../estimate/answer.ts';
import { hardwareBill } from '../../estimate/hardware-bill.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { catalogDevice, customDevice } from '../../estimate/resolve-device.ts';
import type { Purchase } from '../../estimate/selectors.ts';
import { siteReport } from '../../estimate/site-report.ts';
import { moneyInWords, significant } from '../../estimate/words.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../../inference/optimization/spot-interruptions.ts';
import { DISCOUNT_PERCENT, PURCHASE_DECLINE_PERCENT, RENTAL_DECLINE_PERCENT } from '../../lifecycle/defaults.ts';
import { money, perUnit, toNumber, unitAmount } from '../../money.ts';
import { HOURS_PER_MONTH } from '../../units.ts';
import { AssumptionLog, exactly } from '../assumption.ts';
import { bill, type DraftItem, type LineItem, lineItem } from '../line-item.ts';
import { RESIDUAL_PERCENT, USEFUL_LIFE_YEARS } from '../owned-defaults.ts';
import { USD_PER_ENGINEER_YEAR } from '../people-cost.ts';
import type { PriceUse } from '../price-use.ts';
import { purchaseOption } from '../purchase-price.ts';
import { surchargeItems } from '../surcharges.ts';
import { breakEvenMonth, type CashPlan, cashYears, presentValues } from './cash.ts';
import { EFFICIENCY_GAIN_PERCENT, NEEDED_PERCENT, ownStaff } from './defaults.ts';
import type {
  OwnedReport,
  OwnOrRentEstimate,
  RentalReport,
  ReplacementReport,
  UnavailableTerms,
} from './estimate-result.ts';
import { replacementYear, replacementYears } from './replacement.ts';
import type { OwnOrRentRequest } from './request.ts';

const CURRENCY = 'USD';
const MONTHS_PER_YEAR = 12;

interface Terms {
  readonly id: string;
  readonly label: string;
  readonly purchase: Purchase;
  /** All hours are paid, not only those in which the devices are needed. */
  readonly paysAllHours: boolean;
}

const RENTALS: readonly Terms[] = [
  { id: 'on_demand', label: 'On demand', purchase: { category: 'on_demand' }, paysAllHours: false },
  { id: 'spot', label: 'As spot, interruptions included', purchase: { category: 'spot' }, paysAllHours: false },
  {
    id: 'committed_12',
    label: 'Committed for a year',
    purchase: { category: 'committed', termMonths: 12 },
    paysAllHours: true,
  },
  {
    id: 'committed_36',
    label: 'Committed for three years',
    purchase: { category: 'committed', termMonths: 36 },
    paysAllHours: true,
  },
];

/**
 * @param at ISO timestamp; prices in force then are used, and fall from then on
 * @throws RequestFaultError for what the catalog does not know and terms that contradict each other
 */
export function estimateOwnOrRent(snapshot: CatalogSnapshot, request: OwnOrRentRequest, at: string): OwnOrRentEstimate {
  const log = new AssumptionLog();
  const device = deviceOf(snapshot, request);
  const needed = log.resolve(request.neededPercent, NEEDED_PERCENT).value / 100;
  const discountRate = log.resolve(request.discountRatePercent, DISCOUNT_PERCENT).value / 100;
  const decline = log.resolve(request.hardwarePrices?.declinePercentPerYear, RENTAL_DECLINE_PERCENT).value / 100;
  const priceDecline = log.resolve(request.hardwarePrices?.declinePercentPerYear, PURCHASE_DECLINE_PERCENT).value / 100;
  const efficiency = log.resolve(undefined, EFFICIENCY_GAIN_PERCENT).value / 100;
  const unavailable: UnavailableTerms[] = [];

  const usefulHours = request.devices * HOURS_PER_MONTH * needed;
  const given = request.owned?.purchasePricePerDevice;
  const buyable = given !== undefined || purchaseOption(snapshot, device.id, at) !== null;
  const items = buyable ? ownedItems(snapshot, request, device, needed, at, log) : null;
  if (items === null) {
    unavailable.push({
      id: 'owned',
      detail: buyable
        ? `No power figure of ${device.name} is known; give it as customDevice with tdpWatts.`
        : `The catalog has no purchase price of ${device.name}; give it as owned.purchasePricePerDevice.`,
    });
  }
  const monthlyAt = (share: number) =>
    monthlyOf(ownedItems(snapshot, request, device, share, at, new AssumptionLog())?.drafts ?? []);
  // without a residual the depreciation of the whole life is the purchase
  const outright = { ...request, owned: { ...request.owned, residualPercent: 0 } };
  const whole = items === null ? null : ownedItems(snapshot, outright, device, needed, at, new AssumptionLog());
  const owned = items === null || whole === null ? null : ownedReport(items, whole.drafts, request, usefulHours);
  const full = items === null ? null : monthlyAt(1);
  const idle = items === null ? null : monthlyAt(IDLE);

  const rentals: RentalReport[] = [];
  for (const terms of termsOf(request)) {
    const rental = rentalOf(snapshot, request, device, terms, needed, usefulHours, at, log);
    if (typeof rental === 'string') {
      unavailable.push({ id: terms.id, detail: rental });
      continue;
    }
    rentals.push(
      owned === null || full === null || idle === null
        ? { ...rental, ...NO_OWNING }
        : { ...rental, ...against(owned, rental, terms, { full, idle }, needed, decline, discountRate) },
    );
  }
  rentals.sort((a, b) => usdOf(a) - usdOf(b) || (a.id < b.id ? -1 : 1));
  const replacement = owned === null ? null : replacementOf(owned, priceDecline, efficiency);
  return {
    status: owned !== null || rentals.length > 0 ? 'feasible' : 'infeasible',
    summary: summaryOf(request, device, owned, rentals, needed, unavailable),
    owned,
    rentals,
    replacement,
    unavailable,
    assumptions: log.list(),
  };
}

/** Next to no work: what the hardware costs while it waits. */
const IDLE = 1e-6;

function deviceOf(snapshot: CatalogSnapshot, { device, customDevice: custom }: OwnOrRentRequest): Device {
  if (device !== undefined && custom !== undefined) {
    refuse('/customDevice', 'exclusive', 'Give either device or customDevice, not both.');
  }
  if (custom !== undefined) return customDevice(custom);
  if (device !== undefined) return catalogDevice(snapshot, device, '/device');
  return refuse('', 'required', 'Say which hardware: give one of device, customDevice.');
}

function termsOf({ usdPerDeviceHour, customDevice: custom }: OwnOrRentRequest): readonly Terms[] {
  const own: readonly Terms[] =
    usdPerDeviceHour === undefined
      ? []
      : [{ id: 'own_rate', label: 'At the rate given', purchase: { usdPerDeviceHour }, paysAllHours: false }];
  return custom === undefined ? [...own, ...RENTALS] : own;
}

interface Drafts {
  readonly drafts: readonly DraftItem[];
  readonly prices: readonly PriceUse[];
}

/** A month of owning (null where the device has no power figure): hardware whether it works or not, power as it works, and the people beside it. */
function ownedItems(
  snapshot: CatalogSnapshot,
  request: OwnOrRentRequest,
  device: Device,
  needed: number,
  at: string,
  log: AssumptionLog,
): Drafts | null {
  const { devices, clustered = false, location = {}, owned = {} } = request;
  const purchase: Purchase = { category: 'owned', owned };
  const pricing = hardwarePricing(snapshot, location, purchase, at);
  const quote = pricing.quote(device, devices, 1, clustered);
  if (quote === null) throw new Error('Hardware with a purchase price has a quote.');
  const region = location.region === undefined ? undefined : snapshot.region(location.region);
  const country = location.country ?? region?.country ?? null;
  const hours = exactly(devices * HOURS_PER_MONTH, 'device-hours', `${devices} devices x ${HOURS_PER_MONTH} h`);
  const site = siteReport(
    snapshot,
    {
      device,
      devices,
      activity: 'inference',
      utilization: needed,
      deviceHours: hours,
      clustered,
      providerId: location.provider ?? region?.providerId ?? null,
      regionId: location.region ?? null,
      country,
      owned,
      facts: request.site,
    },
    log,
  );
  if (site === null) return null;
  const hardware = hardwareBill(
    {
      snapshot,
      purchase,
      device,
      pricing,
      quote,
      deviceHours: hours,
      ownedUtilization: exactly(1, 'share of life', 'paid for every hour, needed or not'),
      clustered,
      site,
      country,
      at,
    },
    log,
  );
  const staff = staffItem(request, log);
  const items = [...hardware.drafts, staff];
  const surcharges = surchargeItems(
    items,
    {
      ...request.surcharges,
      devices: exactly(devices, 'devices'),
      years: exactly(1 / MONTHS_PER_YEAR, 'years', 'one month'),
      ownership: 'owned',
    },
    CURRENCY,
  );
  return { drafts: [...items, ...surcharges], prices: hardware.prices };
}

function staffItem({ devices, staff = {} }: OwnOrRentRequest, log: AssumptionLog): DraftItem {
  const engineers = log.resolve(staff.engineers, ownStaff(devices));
  const cost = log.resolve(staff.usdPerEngineerYear, USD_PER_ENGINEER_YEAR, '/staff/usdPerEngineerYear');
  return lineItem({
    id: 'people',
    label: 'People who keep the hardware running',
    category: 'people',
    formula: 'engineers x costPerEngineerYear / 12',
    quantity: engineers.value / MONTHS_PER_YEAR,
    unitAmount: unitAmount(cost.value),
    currency: CURRENCY,
    inputs: { engineers, costPerEngineerYear: cost },
  });
}

const DEPRECIATION = /^compute\.(devices|servers|network|spares)$/;
const CAPITAL = /^compute\.(devices|servers|network|spares|financing)$/;

const monthlyOf = (drafts: readonly DraftItem[]): number =>
  drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);

function ownedReport(
  { drafts, prices }: Drafts,
  writtenOff: readonly DraftItem[],
  { owned = {} }: OwnOrRentRequest,
  usefulHours: number,
): OwnedReport {
  const life = (owned.usefulLifeYears ?? USEFUL_LIFE_YEARS.value) * MONTHS_PER_YEAR;
  const residualShare = (owned.residualPercent ?? RESIDUAL_PERCENT.value) / 100;
  const capital = monthlyOf(writtenOff.filter(({ id }) => DEPRECIATION.test(id) || id === 'duty')) * life;
  return {
    ...costs(drafts, usefulHours),
    capital: money(capital, CURRENCY),
    residual: money(capital * residualShare, CURRENCY),
    lifeMonths: Math.max(Math.round(life), 1),
    prices,
  };
}

type Rental = Omit<
  RentalReport,
  'breakEvenUtilization' | 'breakEvenMonth' | 'presentValueOwned' | 'presentValueRented' | 'cash' | 'statement'
>;

/** A month on these terms, or why they are not to be had. */
function rentalOf(
  snapshot: CatalogSnapshot,
  request: OwnOrRentRequest,
  device: Device,
  { id, label, purchase, paysAllHours }: Terms,
  needed: number,
  usefulHours: number,
  at: string,
  log: AssumptionLog,
): Rental | string {
  const { devices, clustered = false, location = {} } = request;
  const pricing = hardwarePricing(snapshot, location, purchase, at);
  const quote = pricing.quote(device, devices, 1, clustered);
  if (quote === null) return `${device.name} is not offered ${WORDS[id] ?? 'so'} there.`;
  const share = paysAllHours ? 1 : needed * (id === 'spot' ? SPOT_DEVICE_TIME_FACTOR : 1);
  const hours = exactly(
    quote.devicesPaid * HOURS_PER_MONTH * share,
    'device-hours',
    paysAllHours
      ? `${quote.devicesPaid} devices in whole instances, every hour`
      : `${quote.devicesPaid} devices in whole instances, ${significant(100 * share)} % of the hours`,
  );
  const { drafts, prices } = hardwareBill(
    {
      snapshot,
      purchase,
      device,
      pricing,
      quote,
      deviceHours: hours,
      ownedUtilization: exactly(1, 'share of life'),
      clustered,
      site: null,
      country: null,
      at,
    },
    log,
  );
  const surcharges = surchargeItems(
    drafts,
    {
      ...request.surcharges,
      devices: exactly(devices, 'devices'),
      years: exactly(1 / MONTHS_PER_YEAR, 'years', 'one month'),
      ownership: 'rented',
    },
    CURRENCY,
  );
  return {
    id,
    label,
    providerId: quote.option?.offer.providerId ?? null,
    regionId: quote.option?.offer.regionId ?? null,
    devicesPaid: quote.devicesPaid,
    termMonths: prices[0]?.termMonths ?? 0,
    ...costs([...drafts, ...surcharges], usefulHours),
    prices,
  };
}

const WORDS: Readonly<Record<string, string>> = {
  on_demand: 'on demand',
  spot: 'as spot',
  committed_12: 'under a commitment of a year',
  committed_36: 'under a commitment of three years',
};

const NO_OWNING = {
  breakEvenUtilization: null,
  breakEvenMonth: null,
  presentValueOwned: money(0, CURRENCY),
  presentValueRented: money(0, CURRENCY),
  cash: [],
  statement: 'Without a purchase price there is nothing to set it against.',
};

/** Owning against one rental: by hours, by cash and by present value. */
function against(
  owned: OwnedReport,
  rental: Rental,
  { id, paysAllHours, label }: Terms,
  { full, idle }: { readonly full: number; readonly idle: number },
  needed: number,
  decline: number,
  discountRate: number,
): Omit<RentalReport, keyof Rental> {
  const rent = usdOf(rental);
  const plan: CashPlan = {
    capitalUsd: toNumber(owned.capital),
    residualUsd: toNumber(owned.residual),
    lifeMonths: owned.lifeMonths,
    runningUsdPerMonth: runningOf(owned.costPerMonth.lineItems),
  };
  // a rate that was agreed stays; market prices fall
  const falling = id === 'own_rate' ? 0 : decline;
  const utilization = paysAllHours ? (full <= rent ? 0 : null) : breakEvenShare(rent / needed, full, idle);
  const month = breakEvenMonth(plan, rent, falling);
  const values = presentValues(plan, rent, falling, discountRate);
  const years = (plan.lifeMonths / MONTHS_PER_YEAR).toFixed(plan.lifeMonths % MONTHS_PER_YEAR === 0 ? 0 : 1);
  const byHours =
    utilization === null
      ? `${label}, renting costs less at any use.`
      : paysAllHours
        ? `${label}, every hour is paid and owning costs less.`
        : `${label}, owning costs less from ${significant(100 * utilization)} % of the hours on.`;
  const byCash =
    month === null
      ? `In cash owning does not catch up within its ${years} years${falling > 0 ? ', as rents fall' : ''}.`
      : `In cash owning has cost less from month ${month} on.`;
  return {
    breakEvenUtilization: utilization,
    breakEvenMonth: month,
    presentValueOwned: money(values.owned, CURRENCY),
    presentValueRented: money(values.rented, CURRENCY),
    cash: cashYears(plan, rent, falling).map((one) => ({
      year: one.year,
      owned: money(one.owned, CURRENCY),
      rented: money(one.rented, CURRENCY),
    })),
    statement: `${byHours} ${byCash}`,
  };
}

/** Owning is a line over the hours: what it costs waiting, and what work adds. Null where renting stays below it. */
function breakEvenShare(rentAtAllHours: number, full: number, idle: number): number | null {
  const slope = rentAtAllHours - (full - idle);
  if (slope <= 0) return null;
  const share = idle / slope;
  return share <= 1 ? share : null;
}

/** Cash that goes on: depreciation is capital spent, and interest stands in the discount rate. */
const runningOf = (items: readonly LineItem[]): number =>
  items.filter(({ id }) => !CAPITAL.test(id) && id !== 'duty').reduce((sum, { amount }) => sum + toNumber(amount), 0);

function replacementOf({ costPerMonth }: OwnedReport, decline: number, efficiency: number): ReplacementReport {
  const sumOf = (include: (item: LineItem) => boolean) =>
    costPerMonth.lineItems.filter(include).reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const power = sumOf(
    ({ category }) => category === 'electricity' || category === 'cooling' || category === 'facility',
  );
  const maintenance = sumOf(({ id }) => id === 'compute.maintenance');
  const years = replacementYears(
    { avoidable: power + maintenance, power, capital: sumOf(({ id }) => CAPITAL.test(id)) },
    decline,
    efficiency,
  );
  const year = replacementYear(years);
  return {
    year,
    statement:
      year === null
        ? 'Running it stays cheaper than replacing it over the years looked at: it is worth keeping until it breaks.'
        : `From year ${year} on, running it costs more than everything that new hardware for the same work would: replace it then, whatever is still on the books, if the room and power it frees need not be paid any more.`,
    years: years.map((one) => ({
      year: one.year,
      keep: money(one.keepUsdPerMonth, CURRENCY),
      replace: money(one.replaceUsdPerMonth, CURRENCY),
    })),
  };
}

function costs(
  drafts: readonly DraftItem[],
  usefulHours: number,
): { readonly costPerMonth: CostBreakdown; readonly costPerUsefulDeviceHour: MoneyFigure } {
  const { items, total, band, basis } = bill(drafts, CURRENCY);
  return {
    costPerMonth: { lineItems: items, total: { amount: total, band, basis } },
    costPerUsefulDeviceHour: {
      amount: perUnit(total, usefulHours),
      band: { p10: band.p10 / usefulHours, p50: band.p50 / usefulHours, p90: band.p90 / usefulHours },
      basis,
    },
  };
}

const usdOf = ({ costPerMonth }: { readonly costPerMonth: CostBreakdown }): number =>
  toNumber(costPerMonth.total.amount);

function summaryOf(
  { devices }: OwnOrRentRequest,
  device: Device,
  owned: OwnedReport | null,
  rentals: readonly RentalReport[],
  needed: number,
  unavailable: readonly UnavailableTerms[],
): string {
  const what = `${devices} x ${device.name}, needed ${significant(100 * needed)} % of the hours`;
  const [rent] = rentals;
  if (owned === null && rent === undefined) return `${what}: ${unavailable.map(({ detail }) => detail).join(' ')}`;
  const words = (usd: number) => `${moneyInWords(usd, CURRENCY)} a month`;
  if (owned === null)
    return `${what}: renting costs ${words(usdOf(rent as RentalReport))}. ${unavailable[0]?.detail ?? ''}`;
  if (rent === undefined) return `${what}: owning costs ${words(usdOf(owned))}, and nothing of it is for rent there.`;
  const cheaper = usdOf(owned) < usdOf(rent) ? 'owning' : 'renting';
  const capital = moneyInWords(toNumber(owned.capital), CURRENCY);
  return `${what}: ${cheaper} costs less. Owned ${words(usdOf(owned))} over its life, ${capital} of it at once; rented ${words(usdOf(rent))} (${rent.label.toLowerCase()}${rent.regionId === null ? '' : `, ${rent.regionId}`}). ${rent.statement}`;
}
