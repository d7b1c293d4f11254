/** Rented compute. A rental includes server, network, electricity, cooling and building: nothing of that is added. */

import type { UncertainFactor } from '../uncertainty/band.ts';
import { exactly, type Quantity } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';
import type { PriceOption } from './price-selection.ts';
import { lastSeenAt, type PriceUse } from './price-use.ts';

interface RentedHours {
  /** Stable within the bill; "compute" where there is one. */
  readonly id?: string;
  readonly label?: string;
  readonly category?: 'compute' | 'experiments';
  /** Paid device-hours: whole instances, interruptions and spares included. */
  readonly deviceHours: Quantity;
}

/** deviceHours x pricePerDeviceHour, at a catalog price. */
export const rentalItem = (
  hours: RentedHours,
  option: PriceOption,
  use: PriceUse,
  factor: UncertainFactor,
): DraftItem =>
  lineItem({
    id: hours.id ?? 'compute',
    label: hours.label ?? `${use.category.replace('_', '-')} rental, ${option.offer.sku} at ${use.providerId}`,
    category: hours.category ?? 'compute',
    formula: 'deviceHours x pricePerDeviceHour',
    quantity: hours.deviceHours.value,
    unitAmount: option.amountPerDeviceHour,
    currency: use.currency,
    inputs: {
      deviceHours: hours.deviceHours,
      pricePerDeviceHour: {
        value: option.perDeviceHour,
        unit: `${use.currency} per device-hour`,
        source: `${use.source}, observed ${lastSeenAt(use).slice(0, 10)}, ${use.ageDays} days old${use.stale ? ', stale' : ''}`,
        factors: [factor],
        assumptionId: null,
      },
    },
    priceId: use.priceId,
  });

/** deviceHours x the caller's own price, which is taken as certain. */
export const customRentalItem = (hours: RentedHours, amountPerDeviceHour: string, currency: string): DraftItem =>
  lineItem({
    id: hours.id ?? 'compute',
    label: hours.label ?? 'rental at the price given',
    category: hours.category ?? 'compute',
    formula: 'deviceHours x pricePerDeviceHour',
    quantity: hours.deviceHours.value,
    unitAmount: amountPerDeviceHour,
    currency,
    inputs: {
      deviceHours: hours.deviceHours,
      pricePerDeviceHour: exactly(Number(amountPerDeviceHour), `${currency} per device-hour`),
    },
  });
