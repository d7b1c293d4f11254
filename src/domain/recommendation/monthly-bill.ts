/** The month's bill of an option, by the same lines as the estimate of it: amounts without bands. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type AssumptionLog, exactly } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import type { PriceOption } from '../economics/price-selection.ts';
import { ALWAYS_ON, hardwareBill } from '../estimate/hardware-bill.ts';
import type { HardwarePricing } from '../estimate/hardware-pricing.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { type Site, siteReport } from '../estimate/site-report.ts';
import { addedItems } from '../inference/monthly-costs.ts';
import { type Money, sum } from '../money.ts';
import type { PerformancePoint } from './performance-point.ts';
import type { InferenceWorkload } from './request.ts';

interface BilledPlace {
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
}

interface BillQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly inference: InferenceWorkload;
  readonly point: PerformancePoint;
  readonly purchase: Purchase;
  readonly pricing: HardwarePricing;
  readonly price: PriceOption | null;
  readonly devicesPaid: number;
  readonly place: BilledPlace;
  readonly at: string;
  readonly log: AssumptionLog;
}

interface MonthlyBill {
  readonly total: Money;
  readonly hardware: Money;
  /** Owned hardware only. */
  readonly site: Site | null;
  readonly capitalUsd: number | null;
}

const CURRENCY = 'USD';

/** @throws RequestFaultError for owned hardware without a power figure. */
export function monthlyBill(question: BillQuestion): MonthlyBill {
  const { snapshot, inference, point, purchase, pricing, price, devicesPaid, place, at, log } = question;
  const { device, devices, paidHours } = point;
  const owned = pricing.mode === 'owned';
  const site = owned
    ? siteReport(
        snapshot,
        {
          ...place,
          device,
          // devices that come with whole machines stand there and idle
          devices: devicesPaid,
          activity: 'inference',
          utilization: (point.meanUtilization * devices) / devicesPaid,
          deviceHours: exactly(devicesPaid * paidHours, 'device-hours'),
          clustered: point.clustered,
          owned: purchase.owned ?? {},
          facts: inference.site,
        },
        log,
      )
    : null;
  const { drafts, capitalPerDevice } = hardwareBill(
    {
      snapshot,
      purchase,
      device,
      pricing,
      quote: { usdPerHour: 0, devicesPaid, option: price },
      deviceHours: exactly(devicesPaid * paidHours, 'device-hours'),
      serves: true,
      ownedUtilization: ALWAYS_ON,
      clustered: point.clustered,
      site,
      country: place.country,
      at,
    },
    log,
  );
  const added = addedItems(
    inference,
    drafts,
    {
      providerId: place.providerId ?? undefined,
      regionId: place.regionId ?? undefined,
      country: place.country ?? undefined,
    },
    exactly(devices, 'devices'),
    owned,
    log,
  );
  const amounts = (items: readonly DraftItem[]): Money =>
    sum(
      items.map(({ amount }) => amount),
      CURRENCY,
    );
  return {
    total: amounts([...drafts, ...added]),
    hardware: amounts(drafts),
    site,
    capitalUsd: capitalPerDevice === null ? null : capitalPerDevice * devicesPaid,
  };
}
