/** The month's bill of an option, by the same lines as the estimate of it: amounts without bands. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { type AssumptionLog, exactly } from '../../economics/assumption.ts';
import type { DraftItem } from '../../economics/line-item.ts';
import type { PriceOption } from '../../economics/price-selection.ts';
import type { HardwarePricing } from '../../estimate/hardware-pricing.ts';
import type { Place } from '../../estimate/place.ts';
import type { Purchase } from '../../estimate/selectors.ts';
import type { Site } from '../../estimate/site-report.ts';
import { addedItems, type ServiceHardware, serviceHardwareBill, serviceSite } from '../../inference/monthly-costs.ts';
import { CURRENCY, type Money, sum } from '../../money.ts';
import type { PerformancePoint } from '../performance/performance-point.ts';
import type { InferenceWorkload } from '../request.ts';

interface BillQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly inference: InferenceWorkload;
  readonly point: PerformancePoint;
  readonly purchase: Purchase;
  readonly pricing: HardwarePricing;
  readonly price: PriceOption | null;
  readonly devicesPaid: number;
  readonly place: Place;
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

/** @throws RequestFaultError for owned hardware without a power figure. */
export function monthlyBill(question: BillQuestion): MonthlyBill {
  const { snapshot, inference, point, purchase, pricing, price, devicesPaid, place, at, log } = question;
  const service: ServiceHardware = {
    snapshot,
    request: inference,
    purchase,
    device: point.device,
    pricing,
    quote: { usdPerHour: 0, devicesPaid, option: price },
    place,
    devices: exactly(point.devices, 'devices'),
    utilization: point.meanUtilization,
    deviceHours: exactly(devicesPaid * point.paidHours, 'device-hours'),
    clustered: point.clustered,
    at,
  };
  const site = pricing.mode === 'owned' ? serviceSite(service, log) : null;
  const { drafts, bought } = serviceHardwareBill(service, site, log);
  const added = addedItems(service, drafts, log);
  const amounts = (items: readonly DraftItem[]): Money =>
    sum(
      items.map(({ amount }) => amount),
      CURRENCY,
    );
  return {
    total: amounts([...drafts, ...added]),
    hardware: amounts(drafts),
    site,
    capitalUsd: bought === null ? null : bought.capitalPerDevice * devicesPaid,
  };
}
