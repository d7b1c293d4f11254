/** Own or rent: the same devices for the same hours, bought and run, or rented on each of the terms there are. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { catalogDevice, customDevice } from '../../estimate/resolve-device.ts';
import { moneyInWords, significant } from '../../estimate/words.ts';
import { DISCOUNT_PERCENT, PURCHASE_DECLINE_PERCENT, RENTAL_DECLINE_PERCENT } from '../../lifecycle/defaults.ts';
import { CURRENCY, toNumber } from '../../money.ts';
import { HOURS_PER_MONTH } from '../../units.ts';
import { type Assumption, AssumptionLog } from '../assumption.ts';
import { purchaseOption } from '../purchase-price.ts';
import { against, NO_OWNING } from './against.ts';
import { usdOf } from './bill.ts';
import { EFFICIENCY_GAIN_PERCENT, NEEDED_PERCENT, SWITCHING_PERCENT } from './defaults.ts';
import type { OwnedReport, OwnOrRentEstimate, RentalReport, UnavailableTerms } from './estimate-result.ts';
import { monthlyOf, ownedItems, ownedReport } from './owned.ts';
import { termsOf } from './rental-terms.ts';
import { rentalOf } from './rented.ts';
import { replacementOf } from './replacement.ts';
import type { OwnOrRentRequest } from './request.ts';

/**
 * @param at ISO timestamp; prices in force then are used, and fall from then on
 * @throws RequestFaultError for what the catalog does not know and terms that contradict each other
 */
export function estimateOwnOrRent(snapshot: CatalogSnapshot, request: OwnOrRentRequest, at: string): OwnOrRentEstimate {
  const log = new AssumptionLog();
  const device = deviceOf(snapshot, request);
  const needed = log.resolve(request.neededPercent, NEEDED_PERCENT).value / 100;
  const discountRate = log.resolve(request.discountRatePercent, DISCOUNT_PERCENT).value / 100;
  const decline = log.resolve(request.hardwarePrices?.declinePercentPerYear, RENTAL_DECLINE_PERCENT).value / 100;
  const priceDecline = log.resolve(request.hardwarePrices?.declinePercentPerYear, PURCHASE_DECLINE_PERCENT).value / 100;
  const efficiency = log.resolve(undefined, EFFICIENCY_GAIN_PERCENT).value / 100;
  const switching = log.resolve(request.replacement?.switchingPercent, SWITCHING_PERCENT).value / 100;
  const unavailable: UnavailableTerms[] = [];

  const usefulHours = request.devices * HOURS_PER_MONTH * needed;
  const given = request.owned?.purchasePricePerDevice;
  const buyable = given !== undefined || purchaseOption(snapshot, device.id, at) !== null;
  const items = buyable ? ownedItems(snapshot, request, device, needed, at, log) : null;
  if (items === null) {
    unavailable.push({
      id: 'owned',
      detail: buyable
        ? `No power figure of ${device.name} is known; give it as customDevice with tdpWatts.`
        : `The catalog has no purchase price of ${device.name}; give it as owned.purchasePricePerDevice.`,
    });
  }
  const monthlyAt = (share: number) =>
    monthlyOf(ownedItems(snapshot, request, device, share, at, new AssumptionLog())?.drafts ?? []);
  const owned = items === null ? null : ownedReport(items, request, usefulHours);
  const full = items === null ? null : monthlyAt(1);
  const idle = items === null ? null : monthlyAt(IDLE);

  const rentals: RentalReport[] = [];
  for (const terms of termsOf(request)) {
    const rental = rentalOf(snapshot, request, device, terms, needed, usefulHours, at, log);
    if (typeof rental === 'string') {
      unavailable.push({ id: terms.id, detail: rental });
      continue;
    }
    const rentAt = (share: number): number => {
      const there = rentalOf(snapshot, request, device, terms, share, usefulHours, at, new AssumptionLog());
      return typeof there === 'string' ? Number.NaN : usdOf(there);
    };
    const rented = terms.paysAllHours ? null : { full: rentAt(1), idle: rentAt(IDLE) };
    rentals.push(
      owned === null || full === null || idle === null
        ? { ...rental, ...NO_OWNING }
        : { ...rental, ...against(owned, rental, terms, { owned: { full, idle }, rented }, decline, discountRate) },
    );
  }
  rentals.sort((a, b) => usdOf(a) - usdOf(b) || (a.id < b.id ? -1 : 1));
  const replacement = owned === null ? null : replacementOf(owned, priceDecline, efficiency, switching);
  return {
    status: owned !== null || rentals.length > 0 ? 'feasible' : 'infeasible',
    summary: summaryOf(request, device, owned, rentals, needed, unavailable),
    owned,
    rentals,
    replacement,
    unavailable,
    assumptions: log.list().map(inThisRequest),
  };
}

/** Terms of owning are no part of a purchase here. */
const inThisRequest = (assumption: Assumption): Assumption => ({
  ...assumption,
  field: assumption.field.replace(/^\/purchase\/owned\//, '/owned/'),
});

/** Next to no work: what the hardware costs while it waits. */
const IDLE = 1e-6;

function deviceOf(snapshot: CatalogSnapshot, { device, customDevice: custom }: OwnOrRentRequest): Device {
  if (device !== undefined && custom !== undefined) {
    refuse('/customDevice', 'exclusive', 'Give either device or customDevice, not both.');
  }
  if (custom !== undefined) return customDevice(custom);
  if (device !== undefined) return catalogDevice(snapshot, device, '/device');
  return refuse('', 'required', 'Say which hardware: give one of device, customDevice.');
}

function summaryOf(
  { devices }: OwnOrRentRequest,
  device: Device,
  owned: OwnedReport | null,
  rentals: readonly RentalReport[],
  needed: number,
  unavailable: readonly UnavailableTerms[],
): string {
  const what = `${devices} x ${device.name}, needed ${significant(100 * needed)} % of the hours`;
  const [rent] = rentals;
  if (owned === null && rent === undefined) return `${what}: ${unavailable.map(({ detail }) => detail).join(' ')}`;
  const words = (usd: number) => `${moneyInWords(usd, CURRENCY)} a month`;
  if (owned === null)
    return `${what}: renting costs ${words(usdOf(rent as RentalReport))}. ${unavailable[0]?.detail ?? ''}`;
  if (rent === undefined) return `${what}: owning costs ${words(usdOf(owned))}, and nothing of it is for rent there.`;
  const whole = owned.devicesPaid === devices ? '' : ` for the ${owned.devicesPaid} that come in whole servers`;
  const cheaper = usdOf(owned) < usdOf(rent) ? 'owning' : 'renting';
  const capital = moneyInWords(toNumber(owned.capital), CURRENCY);
  return `${what}: ${cheaper} costs less. Owned ${words(usdOf(owned))} over its life, ${capital} of it at once${whole}; rented ${words(usdOf(rent))} (${rent.label.toLowerCase()}${rent.regionId === null ? '' : `, ${rent.regionId}`}). ${rent.statement}${overItsLife(owned, rent)}`;
}

/** A month of today may say one thing and all months of the life another, as rents fall and money later is worth less. */
function overItsLife(owned: OwnedReport, rent: RentalReport): string {
  const [own, rented] = [toNumber(rent.presentValueOwned), toNumber(rent.presentValueRented)];
  if (own < rented === usdOf(owned) < usdOf(rent)) return '';
  const words = (usd: number) => moneyInWords(usd, CURRENCY);
  return ` Over its whole life ${own < rented ? 'owning' : 'renting'} costs less: ${words(own)} owned, ${words(rented)} rented at present value.`;
}
