/** Renting: what a month of it costs on each kind of terms. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { hardwareBill } from '../../estimate/hardware-bill.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../../estimate/spot-interruptions.ts';
import { significant } from '../../estimate/words.ts';
import { CURRENCY } from '../../money.ts';
import { HOURS_PER_MONTH } from '../../units.ts';
import { type AssumptionLog, exactly } from '../assumption.ts';
import { ONE_MONTH, surchargeItems } from '../surcharges.ts';
import { costs } from './bill.ts';
import type { RentalReport } from './estimate-result.ts';
import type { Terms } from './rental-terms.ts';
import type { OwnOrRentRequest } from './request.ts';

export type Rental = Omit<
  RentalReport,
  'breakEvenUtilization' | 'breakEvenMonth' | 'presentValueOwned' | 'presentValueRented' | 'cash' | 'statement'
>;

/** A month on these terms, or why they are not to be had. */
export function rentalOf(
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
      serves: false,
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
      years: ONE_MONTH,
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
