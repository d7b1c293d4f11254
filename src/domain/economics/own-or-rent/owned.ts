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
import { RESIDUAL_PERCENT, USEFUL_LIFE_YEARS } from '../owned-defaults.ts';
import { USD_PER_ENGINEER_YEAR } from '../people-cost.ts';
import { ONE_MONTH, surchargeItems } from '../surcharges.ts';
import { costs, type Drafts } from './bill.ts';
import { ownStaff } from './defaults.ts';
import type { OwnedReport } from './estimate-result.ts';
import type { OwnOrRentRequest } from './request.ts';

/** A month of owning (null where the device has no power figure): hardware whether it works or not, power as it works, and the people beside it. */
export function ownedItems(
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
export const CAPITAL = /^compute\.(devices|servers|network|spares|financing)$/;

export const monthlyOf = (drafts: readonly DraftItem[]): number =>
  drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);

export function ownedReport(
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
