/** What a number of devices costs per hour where the caller wants them: rented, at the caller's own rate, or owned. */
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
import { refuse } from './request-fault.ts';
import type { Location, Purchase } from './selectors.ts';

export interface HardwareQuote {
  /** For ranking: the bill is made from the price itself. */
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
  /** All options with the reasons for those left out; for the answer to "not offered there". */
  select(device: Device, devices: number, devicesInOneNode: number): PriceSelection;
}

/** Server and fabric around the device, and four years of use: good enough to rank owned devices, never to bill them. */
const RANKING_SERVER_MULTIPLIER = 1.64;
const RANKING_LIFE_YEARS = 4;

/** @throws RequestFaultError for unknown places and contradictory purchase terms. */
export function hardwarePricing(
  snapshot: CatalogSnapshot,
  location: Location,
  purchase: Purchase,
  at: string,
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
      select,
    };
  }
  if (category === 'owned') {
    const given = purchase.owned?.purchasePricePerDevice;
    return {
      mode: 'owned',
      snapshot,
      at,
      quote: (device, devices) => {
        const cheapest = given === undefined ? purchaseOption(snapshot, device.id, at, devices) : null;
        const price = given ?? cheapest?.amountPerDevice;
        if (price === undefined) return null;
        const multiplier = cheapest?.includesServer === true ? 1 : RANKING_SERVER_MULTIPLIER;
        const agreedYears = cheapest?.offer.purchaseTerms?.usefulLifeYears ?? undefined;
        const years = purchase.owned?.usefulLifeYears ?? agreedYears ?? RANKING_LIFE_YEARS;
        const unit = unitOf(device, cheapest);
        const devicesPaid = Math.ceil(devices / unit) * unit;
        return {
          usdPerHour: (Number(price) * multiplier * devicesPaid) / (years * HOURS_PER_YEAR),
          devicesPaid,
          option: null,
        };
      },
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
    select,
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
