/** Owned hardware and its electricity: the lines of a bill, and what an hour of a device comes to where devices are compared. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import { type Bought, ownedCost } from '../economics/owned-cost.ts';
import { priceFactor } from '../economics/price-uncertainty.ts';
import { priceUse } from '../economics/price-use.ts';
import type { PurchaseOption } from '../economics/purchase-price.ts';
import { electricityItems, electricityPrice } from '../energy/index.ts';
import { toNumber } from '../money.ts';
import type { OwnedTerms, SiteFacts } from './selectors.ts';
import { type Site, siteReport } from './site-report.ts';

interface OwnedHardware {
  readonly snapshot: CatalogSnapshot;
  readonly device: Device;
  readonly owned: OwnedTerms;
  /** Decimal string, USD. */
  readonly pricePerDevice: string;
  /** The catalog price behind it; null for the caller's own. */
  readonly option: PurchaseOption | null;
  readonly deviceHours: Quantity;
  /** Share of its life that the hardware works. */
  readonly utilization: Quantity;
  readonly clustered: boolean;
  readonly site: Site;
  readonly country: string | null;
  readonly at: string;
}

export function ownedBill(
  { snapshot, device, owned, option, site, country, at, ...cost }: OwnedHardware,
  log: AssumptionLog,
): { readonly items: readonly DraftItem[]; readonly bought: Bought } {
  const use = option === null ? null : priceUse(option.offer, option.price, at);
  const { items, bought } = ownedCost(
    {
      ...owned,
      ...cost,
      deviceClass: device.class,
      price: use === null ? null : { use, factor: priceFactor(use) },
      includesServer: option?.includesServer ?? false,
      agreed: option?.offer.purchaseTerms ?? null,
      maxWattsPerDevice: site.power.maxWatts,
    },
    log,
  );
  const electricity = electricityPrice(
    snapshot,
    { given: owned.electricityUsdPerKwh, country: country ?? undefined },
    log,
  );
  return { items: [...items, ...electricityItems(site.energy, site.pue, electricity)], bought };
}

interface ComparedHardware extends Omit<OwnedHardware, 'deviceHours' | 'utilization' | 'site'> {
  readonly facts: SiteFacts | undefined;
  /** Of a full hall: what its cooling takes does not hang on the size of what is compared. */
  readonly devices: number;
}

/** Share of the time that a device works while its load is not known yet: about a peak of twice the mean below a cap of 0.7. */
const USUAL_SERVING_SHARE = 1 / 3;
/** Lines are rounded to a hundredth of a cent: of so many hours that it does not show in one. */
const MANY_HOURS = 1e6;

/**
 * USD, all that the bill of hardware that serves holds; null where no power figure is known. Exact but for the load, which decides
 * on part of the electricity. Hardware that trains costs no less: it draws more, and waits for a part of its life.
 */
export function ownedUsdPerDeviceHour(compared: ComparedHardware): number | null {
  const { facts, devices, ...hardware } = compared;
  const { snapshot, device, owned, clustered, country } = hardware;
  const quiet = new AssumptionLog();
  const deviceHours = exactly(MANY_HOURS, 'device-hours');
  const site = siteReport(
    snapshot,
    {
      device,
      devices,
      activity: 'inference',
      utilization: USUAL_SERVING_SHARE,
      deviceHours,
      clustered,
      providerId: null,
      regionId: null,
      country,
      owned,
      facts,
    },
    quiet,
  );
  if (site === null) return null;
  const { items } = ownedBill({ ...hardware, deviceHours, utilization: exactly(1, 'share of life'), site }, quiet);
  return items.reduce((sum, { amount }) => sum + toNumber(amount), 0) / MANY_HOURS;
}
