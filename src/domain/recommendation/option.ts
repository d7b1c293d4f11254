/** A performance point at one price: what can be recommended. */
import type { PaymentOption } from '../catalog/offers.ts';
import type { PriceOption } from '../economics/price-selection.ts';
import type { RackReport } from '../estimate/answer.ts';
import type { PurchaseCategory } from '../estimate/selectors.ts';
import type { PerformancePoint } from './performance/performance-point.ts';
import type { LeadTime } from './prices/lead-time.ts';

export interface HardwareOption {
  readonly point: PerformancePoint;
  readonly category: PurchaseCategory;
  /** 0 without a commitment. */
  readonly termMonths: number;
  readonly payment: PaymentOption;
  /** Null for owned hardware. */
  readonly providerId: string | null;
  readonly regionId: string | null;
  readonly country: string | null;
  /** Seat of the provider; null where unknown, and for owned hardware. */
  readonly providerCountry: string | null;
  readonly price: PriceOption | null;
  /** Whole instances. */
  readonly devicesPaid: number;
  /** For ranking and limits; the bill itself is decimal. */
  readonly usdPerMonth: number;
  /** Of that, the hardware. */
  readonly hardwareUsdPerMonth: number;
  /** USD that a dollar of hardware costs with support and tax. */
  readonly perHardwareUsd: number;
  /** Paid before the first request. */
  readonly upfrontUsd: number;
  /** Null where no power figure is known. */
  readonly facilityKilowattHours: number | null;
  readonly carbonKilograms: number | null;
  /** Owned hardware: what it takes up in the facility. */
  readonly racks: RackReport | null;
  readonly leadTime: LeadTime;
  readonly stalePrice: boolean;
}

/** Stable name of an option within an answer. */
export const optionId = ({
  point,
  category,
  termMonths,
  payment,
  regionId,
  providerId,
  country,
}: HardwareOption): string =>
  [
    point.id,
    category === 'committed' ? `committed-${termMonths}m-${payment}` : category,
    regionId ?? providerId ?? country ?? 'anywhere',
  ].join('@');
