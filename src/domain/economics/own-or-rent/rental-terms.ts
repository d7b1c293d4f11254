/** The terms on which hardware is rented. */
import type { Purchase } from '../../estimate/selectors.ts';
import type { OwnOrRentRequest } from './request.ts';

export interface Terms {
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

export function termsOf({ usdPerDeviceHour, customDevice: custom }: OwnOrRentRequest): readonly Terms[] {
  const own: readonly Terms[] =
    usdPerDeviceHour === undefined
      ? []
      : [{ id: 'own_rate', label: 'At the rate given', purchase: { usdPerDeviceHour }, paysAllHours: false }];
  return custom === undefined ? [...own, ...RENTALS] : own;
}
