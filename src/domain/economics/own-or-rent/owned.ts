/** Owning: what a month of it costs, and what is bought. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { hardwareBill } from '../../estimate/hardware-bill.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import type { Purchase } from '../../estimate/selectors.ts';
import { siteReport } from '../../estimate/site-report.ts';
import { CURRENCY, money, toNumber, unitAmount } from '../../money.ts';
import { HOURS_PER_MONTH, MONTHS_PER_YEAR } from '../../units.ts';
import { type AssumptionLog, exactly } from '../assumption.ts';
import { type DraftItem, lineItem } from '../line-item.ts';
import type { Bought } from '../owned-cost.ts';
import { USD_PER_ENGINEER_YEAR } from '../people-cost.ts';
import { ONE_MONTH, surchargeItems } from '../surcharges.ts';
import { costs, type Drafts } from './bill.ts';
import { ownStaff } from './defaults.ts';
import type { OwnedReport } from './estimate-result.ts';
import type { OwnOrRentRequest } from './request.ts';

export interface OwnedMonth extends Drafts {
  readonly bought: Bought;
  /** Whole servers. */
  readonly devicesPaid: number;
}

/** A month of owning (null where the device has no power figure): hardware whether it works or not, power as it works, and the people beside it. */
export function ownedItems(
  snapshot: CatalogSnapshot,
  request: OwnOrRentRequest,
  device: Device,
  needed: number,
  at: string,
  log: AssumptionLog,
): OwnedMonth | null {
  const { devices, clustered = false, location = {}, owned = {} } = request;
  const purchase: Purchase = { category: 'owned', owned };
  const pricing = hardwarePricing(snapshot, location, purchase, at);
  const quote = pricing.quote(device, devices, 1, clustered);
  if (quote === null) throw new Error('Hardware with a purchase price has a quote.');
  const region = location.region === undefined ? undefined : snapshot.region(location.region);
  const country = location.country ?? region?.country ?? null;
  const { devicesPaid } = quote;
  const whole = devicesPaid === devices ? '' : ' in whole servers';
  const hours = exactly(
    devicesPaid * HOURS_PER_MONTH,
    'device-hours',
    `${devicesPaid} devices${whole} x ${HOURS_PER_MONTH} h`,
  );
  const site = siteReport(
    snapshot,
    {
      device,
      devices: devicesPaid,
      activity: 'inference',
      // devices that come with whole servers stand there and idle
      utilization: (needed * devices) / devicesPaid,
      deviceHours: hours,
      clustered,
      providerId: location.provider ?? region?.providerId ?? null,
      regionId: location.region ?? null,
      country,
      owned,
      agreed: pricing.agreed(device, quote.devicesPaid),
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
      serves: false,
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
      years: ONE_MONTH,
      ownership: 'owned',
    },
    CURRENCY,
  );
  if (hardware.bought === null) throw new Error('Owned hardware was bought.');
  return { drafts: [...items, ...surcharges], prices: hardware.prices, bought: hardware.bought, devicesPaid };
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

export const CAPITAL = /^compute\.(devices|servers|network|spares|financing)$/;

export const monthlyOf = (drafts: readonly DraftItem[]): number =>
  drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);

export function ownedReport(
  { drafts, prices, bought, devicesPaid }: OwnedMonth,
  { surcharges }: OwnOrRentRequest,
  usefulHours: number,
): OwnedReport {
  const { capitalPerDevice, usefulLifeYears, residualPercent } = bought;
  const capital = capitalPerDevice * devicesPaid * (1 + (surcharges?.dutyPercent ?? 0) / 100);
  return {
    ...costs(drafts, usefulHours),
    devicesPaid,
    capital: money(capital, CURRENCY),
    residual: money(capital * (residualPercent / 100), CURRENCY),
    lifeMonths: Math.max(Math.round(usefulLifeYears * MONTHS_PER_YEAR), 1),
    prices,
  };
}
