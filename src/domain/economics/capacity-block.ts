/**
 * Capacity blocks are sold for whole days up to 14, and for whole weeks beyond (Amazon EC2 API, DescribeCapacityBlockOfferings,
 * capacityDurationHours: "1-day increments up 14 days, and in 7-day increments up to 182 days"; read 2026-11-28).
 */
import { HOURS_PER_DAY } from '../units.ts';
import { exactly } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';
import type { PriceOption } from './price-selection.ts';

const MOST_SINGLE_DAYS = 14;
const DAYS_PER_WEEK = 7;
/** Rounding of hours that were made of days. */
const HAIR = 1e-9;

export const isCapacityBlock = (option: PriceOption | null): boolean => option?.price.category === 'capacity_block';

/** Hours of the shortest block that holds as many. */
export function blockHours(hours: number): number {
  const days = Math.ceil(hours / HOURS_PER_DAY - HAIR);
  const sold = days <= MOST_SINGLE_DAYS ? days : Math.ceil(days / DAYS_PER_WEEK) * DAYS_PER_WEEK;
  return sold * HOURS_PER_DAY;
}

/** What is paid for and not used: the rest of the block after the work, at the price of the rental. */
export const restOfBlock = (rental: DraftItem, option: PriceOption, devices: number, hours: number): DraftItem => {
  const rest = blockHours(hours) - hours;
  const price = rental.inputs.find(({ name }) => name === 'pricePerDeviceHour');
  return lineItem({
    id: 'compute.rest_of_block',
    label: 'Rest of the capacity block, sold by whole days and weeks',
    category: 'compute',
    formula: 'devices x restHours x pricePerDeviceHour',
    quantity: devices * rest,
    unitAmount: option.amountPerDeviceHour,
    currency: option.price.currency,
    inputs: {
      devices: exactly(devices, 'devices', 'devices paid for'),
      restHours: exactly(
        rest,
        'hours',
        `a block of ${blockHours(hours) / HOURS_PER_DAY} days less the hours of the run`,
      ),
      pricePerDeviceHour: exactly(
        option.perDeviceHour,
        price?.unit ?? `${option.price.currency} per device-hour`,
        price?.source ?? option.price.source,
      ),
    },
    priceId: rental.priceId,
  });
};
