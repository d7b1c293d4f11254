/** What a number of devices costs per hour where the caller wants them: rented, at the caller's own rate, or owned. */
import type { Offer, PurchaseTerms } from '../catalog/offers.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { soldByTheNode } from '../devices/sold-by-the-node.ts';
import {
  cheapestOption,
  type PriceOption,
  type PriceQuery,
  type PriceSelection,
  type RentalPreference,
  selectPrices,
} from '../economics/price-selection.ts';
import { type PurchaseOption, purchaseOption } from '../economics/purchase-price.ts';
import { HOURS_PER_YEAR } from '../units.ts';
import { ownedUsdPerDeviceHour } from './owned-bill.ts';
import { refuse } from './request-fault.ts';
import type { Location, OwnedTerms, Purchase, SiteFacts } from './selectors.ts';

export interface HardwareQuote {
  /** For ranking and for sentences: the bill is made from the price itself. Of owned hardware all that its bill holds while it serves. */
  readonly usdPerHour: number;
  /** Whole instances, and whole nodes of owned hardware, are paid for. */
  readonly devicesPaid: number;
  /** Null for the caller's own rate and for owned hardware. */
  readonly option: PriceOption | null;
}

export interface HardwarePricing {
  readonly mode: 'catalog' | 'own_rate' | 'owned';
  readonly snapshot: CatalogSnapshot;
  /** Of the prices, ISO timestamp. */
  readonly at: string;
  /**
   * Null where nothing is offered there.
   * @param clustered several machines that need a fast network between them
   */
  quote(device: Device, devices: number, devicesInOneNode: number, clustered?: boolean): HardwareQuote | null;
  /** Whose price is taken for so many devices that are bought; null for a price of the caller's own, and for rentals. */
  bought(device: Device, devicesPaid: number): Offer | null;
  /** What was agreed beside the price of so many devices that are bought; null where nothing was, and for rentals. */
  agreed(device: Device, devicesPaid: number): PurchaseTerms | null;
  /** All options with the reasons for those left out; for the answer to "not offered there". */
  select(device: Device, devices: number, devicesInOneNode: number): PriceSelection;
}

const nothing = (): null => null;

/** So many devices that their racks are full. */
const A_HALL_OF_DEVICES = 1e4;

/**
 * @param facts of the site where owned hardware stands
 * @throws RequestFaultError for unknown places and contradictory purchase terms.
 */
export function hardwarePricing(
  snapshot: CatalogSnapshot,
  location: Location,
  purchase: Purchase,
  at: string,
  facts?: SiteFacts,
): HardwarePricing {
  checkPlace(snapshot, location);
  const category = purchase.category ?? 'on_demand';
  checkTerms(purchase, category);
  const query = (device: Device, devices: number, devicesInOneNode: number, clustered = false): PriceQuery => ({
    deviceId: device.id,
    at,
    regionId: location.region,
    country: location.country,
    providerId: location.provider,
    preference: preferenceOf(purchase),
    devices,
    devicesInOneNode,
    clustered,
    managedPlatforms: purchase.managedPlatforms,
  });
  const select: HardwarePricing['select'] = (device, devices, inOneNode) =>
    selectPrices(snapshot, query(device, devices, inOneNode));

  const ownRate = purchase.usdPerDeviceHour;
  if (ownRate !== undefined) {
    return {
      mode: 'own_rate',
      snapshot,
      at,
      quote: (_device, devices) => ({ usdPerHour: Number(ownRate) * devices, devicesPaid: devices, option: null }),
      bought: nothing,
      agreed: nothing,
      select,
    };
  }
  if (category === 'owned') {
    const rateOf = ownedRates(snapshot, location, purchase.owned ?? {}, at, facts);
    const given = purchase.owned?.purchasePricePerDevice;
    const bought: HardwarePricing['bought'] = (device, devicesPaid) =>
      given === undefined ? (purchaseOption(snapshot, device.id, at, devicesPaid)?.offer ?? null) : null;
    return {
      mode: 'owned',
      snapshot,
      at,
      quote: (device, devices, _devicesInOneNode, clustered = false) => {
        const option = given === undefined ? purchaseOption(snapshot, device.id, at, devices) : null;
        const pricePerDevice = given ?? option?.amountPerDevice;
        if (pricePerDevice === undefined) return null;
        const unit = unitOf(device, option);
        const devicesPaid = Math.ceil(devices / unit) * unit;
        return {
          // who counts whole servers alone does not wait for it
          get usdPerHour() {
            return rateOf(device, pricePerDevice, option, clustered) * devicesPaid;
          },
          devicesPaid,
          option: null,
        };
      },
      bought,
      agreed: (device, devicesPaid) => bought(device, devicesPaid)?.purchaseTerms ?? null,
      select,
    };
  }
  return {
    mode: 'catalog',
    snapshot,
    at,
    quote: (device, devices, devicesInOneNode, clustered) => {
      const option = cheapestOption(snapshot, query(device, devices, devicesInOneNode, clustered));
      return option === null ? null : { usdPerHour: option.hourlyCost, devicesPaid: option.devicesPaid, option };
    },
    bought: nothing,
    agreed: nothing,
    select,
  };
}

/** Rates of a snapshot on the terms of the last questions; a snapshot is immutable, so remembering changes no answer. */
const ratesOnTerms = new WeakMap<CatalogSnapshot, Map<string, Map<string, number>>>();
const TERMS_REMEMBERED = 16;

function rememberedRates(snapshot: CatalogSnapshot, terms: string): Map<string, number> {
  const onTerms = ratesOnTerms.get(snapshot) ?? new Map<string, Map<string, number>>();
  ratesOnTerms.set(snapshot, onTerms);
  const rates = onTerms.get(terms) ?? new Map<string, number>();
  const [oldest] = onTerms.keys();
  if (!onTerms.has(terms) && onTerms.size >= TERMS_REMEMBERED && oldest !== undefined) onTerms.delete(oldest);
  onTerms.set(terms, rates);
  return rates;
}

/** What an hour of a device costs its owner; each rate is worked out once. */
function ownedRates(
  snapshot: CatalogSnapshot,
  { region, country }: Location,
  owned: OwnedTerms,
  at: string,
  facts: SiteFacts | undefined,
): (device: Device, pricePerDevice: string, option: PurchaseOption | null, clustered: boolean) => number {
  const place = country ?? (region === undefined ? undefined : snapshot.region(region)?.country) ?? null;
  type Rate = (device: Device, pricePerDevice: string, option: PurchaseOption | null, clustered: boolean) => number;
  const rate: Rate = (device, pricePerDevice, option, clustered) =>
    ownedUsdPerDeviceHour({
      facts,
      snapshot,
      device,
      owned,
      pricePerDevice,
      option,
      clustered,
      country: place,
      at,
      devices: A_HALL_OF_DEVICES,
    }) ?? unbilled(device, pricePerDevice);
  // without a power figure there is no bill: it is compared as dearer than any, and the bill of one that the caller describes says so
  const unbilled = (device: Device, pricePerDevice: string): number =>
    snapshot.device(device.id) === undefined ? Number(pricePerDevice) / HOURS_PER_YEAR : Number.POSITIVE_INFINITY;
  const known = rememberedRates(snapshot, JSON.stringify([place, owned, facts]));
  return (device, pricePerDevice, option, clustered) => {
    // figures of the caller's own are no device of the catalog
    if (snapshot.device(device.id) !== device) return rate(device, pricePerDevice, option, clustered);
    const key = `${device.id} ${option?.price.id} ${pricePerDevice} ${clustered}`;
    const found = known.get(key) ?? rate(device, pricePerDevice, option, clustered);
    known.set(key, found);
    return found;
  };
}

/** Devices that are bought together: the server of the price, or the baseboard the device comes on. */
function unitOf(device: Device, price: PurchaseOption | null): number {
  if (price?.includesServer === true) return Math.max(price.offer.deviceCount, 1);
  return soldByTheNode(device) ? device.devicesPerNode : 1;
}

function checkPlace(snapshot: CatalogSnapshot, { region, provider, country }: Location): void {
  if (region !== undefined) {
    const known = snapshot.region(region);
    if (known === undefined) {
      refuse(
        '/location/region',
        'unknown_id',
        `The catalog has no region "${region}"; regions are named provider/code.`,
        {
          kind: 'region',
          id: region,
        },
      );
    } else if (country !== undefined && known.country !== country) {
      refuse(
        '/location/country',
        'contradiction',
        `${region} lies in ${known.country}, not in ${country}; drop one of the two.`,
      );
    } else if (provider !== undefined && known.providerId !== provider) {
      refuse(
        '/location/provider',
        'contradiction',
        `${region} belongs to ${known.providerId}, not to ${provider}; drop one of the two.`,
      );
    }
  }
  if (provider !== undefined && snapshot.provider(provider) === undefined) {
    refuse('/location/provider', 'unknown_id', `The catalog has no provider "${provider}".`, {
      kind: 'provider',
      id: provider,
    });
  }
}

function checkTerms(purchase: Purchase, category: NonNullable<Purchase['category']>): void {
  if (category !== 'committed') {
    if (purchase.termMonths !== undefined) {
      refuse('/purchase/termMonths', 'contradiction', `termMonths goes with category committed, not with ${category}.`);
    }
    if (purchase.payment !== undefined) {
      refuse('/purchase/payment', 'contradiction', `payment goes with category committed, not with ${category}.`);
    }
  }
  if (purchase.owned !== undefined && category !== 'owned') {
    refuse('/purchase/owned', 'contradiction', `owned goes with category owned, not with ${category}.`);
  }
  if (purchase.managedPlatforms === true && (category === 'owned' || purchase.usdPerDeviceHour !== undefined)) {
    const how = category === 'owned' ? 'owned hardware' : 'a rate of your own';
    refuse(
      '/purchase/managedPlatforms',
      'contradiction',
      `Managed platforms are rented at catalog prices, not ${how}.`,
    );
  }
  if (purchase.usdPerDeviceHour !== undefined && category === 'owned') {
    refuse(
      '/purchase/usdPerDeviceHour',
      'contradiction',
      'A rate per hour is for rented hardware; drop it or the category owned.',
    );
  }
}

function preferenceOf(purchase: Purchase): RentalPreference {
  const category = purchase.category ?? 'on_demand';
  if (category === 'owned') return { category: 'any' };
  if (category !== 'committed') return { category };
  return {
    category,
    ...(purchase.termMonths !== undefined && { termMonths: purchase.termMonths }),
    ...(purchase.payment !== undefined && { payment: purchase.payment }),
  };
}
