/**
 * Which price pays for a device at a place and a date: every open offer of the device, those with a fresh price before
 * those with a stale one, cheapest for the devices needed first, with the reason for each that was left out and, where
 * nothing is offered, the nearest places that have it.
 */
import type { Offer, OfferMode, PaymentOption, Price, PriceCategory } from '../catalog/offers.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { capitalOf } from './capitals.ts';
import type { DeviceRentals } from './device-rentals.ts';
import { centreOfRegions, greatCircleKm, type Point } from './great-circle.ts';
import type { RankedRentals } from './ranked-rentals.ts';
import { byIds, isAtPlace, isHourlyPrice, type Rental, type RentalPlace } from './rental.ts';
import { rentalsOf } from './rental-offers.ts';

export type RentalPreference =
  | { readonly category: 'on_demand' | 'spot' | 'capacity_block' | 'any' }
  | { readonly category: 'committed'; readonly termMonths?: number; readonly payment?: PaymentOption };

export interface PriceQuery {
  readonly deviceId: string;
  /** ISO timestamp: prices in force then. */
  readonly at: string;
  readonly regionId?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly providerId?: string | undefined;
  readonly preference: RentalPreference;
  /** Devices to be paid for; offers are ranked by the cost of as many whole units as that takes. Default 1. */
  readonly devices?: number | undefined;
  /** Devices that must share one machine (the tensor-parallel group). Default 1. */
  readonly devicesInOneNode?: number | undefined;
  /** Several machines that exchange gradients: single accelerators and small machines come without such a network. */
  readonly clustered?: boolean | undefined;
  /** Default USD. */
  readonly currency?: string | undefined;
  /** Also managed platforms (SageMaker, Vertex AI), whose price pays for more than the machine. Default false. */
  readonly managedPlatforms?: boolean | undefined;
}

export interface PriceOption extends Rental {
  /** Devices paid for: whole units of the offer that cover the devices needed. */
  readonly devicesPaid: number;
  /** What ranks the options: currency per hour for `devicesPaid`. Not money: never bill it. */
  readonly hourlyCost: number;
}

type ExclusionReason =
  | 'mode'
  | 'no_price_of_category'
  | 'price_without_amount'
  | 'other_currency'
  | 'placeholder_price'
  | 'managed_platform'
  | 'part_of_machine'
  | 'slice'
  | 'too_few_devices_in_node';

interface ExcludedOffer {
  readonly offerId: string;
  readonly providerId: string;
  readonly regionId: string | null;
  readonly reason: ExclusionReason;
  readonly detail: string;
}

interface OptionElsewhere {
  readonly option: PriceOption;
  /** From the place asked for; null where its position is unknown. */
  readonly distanceKm: number | null;
}

export interface PriceSelection {
  /** Fresh before stale, then cheapest first; ties by offer id, then price id. Empty when nothing is offered there. */
  readonly options: readonly PriceOption[];
  readonly excluded: readonly ExcludedOffer[];
  /** Only when `options` is empty and a place was named: the nearest regions that offer the device, one option each. */
  readonly elsewhere: readonly OptionElsewhere[];
}

const NEAREST_PLACES = 5;
/** Trays of GB200 and GB300 hold four devices; machines with fewer are not sold with a training network. */
const SMALLEST_CLUSTER_NODE = 4;
/** Flags of prices that are shown and never picked: exact round shares of the on-demand price, a device without its machine. */
const FLAG_REASONS: Readonly<Record<string, ExclusionReason>> = {
  suspicious_constant_spot_ratio: 'placeholder_price',
  accelerator_only: 'part_of_machine',
};

/** All options with the working; `cheapestOption` is the quick way to the first of them. */
export function selectPrices(snapshot: CatalogSnapshot, query: PriceQuery): PriceSelection {
  const rentals = rentalsOf(snapshot, query.deviceId, query.at);
  const options = categoriesOf(rentals, query)
    .flatMap((category) => [...rentals.near(category, query)])
    .filter(({ offer, price, region }) => isAtPlace(offer, region, query) && isUsable(offer, price, query))
    .map((rental) => optionOf(rental, query))
    .sort(byCost);
  const excluded = snapshot
    .offersOfDevice(query.deviceId)
    .filter((offer) => isAtPlace(offer, rentals.regionOf(offer), query))
    .flatMap((offer) => exclusionsOf(offer, hourlyPricesOfOffer(snapshot, offer, query.at), query));
  return { options, excluded, elsewhere: options.length > 0 ? [] : nearestOptions(snapshot, rentals, query) };
}

/** The first option of `selectPrices`, without listing the rest; null when nothing is offered there. */
export function cheapestOption(snapshot: CatalogSnapshot, query: PriceQuery): PriceOption | null {
  const rentals = rentalsOf(snapshot, query.deviceId, query.at);
  let best: PriceOption | null = null;
  for (const category of categoriesOf(rentals, query)) {
    best = cheaperOf(best, rentals.near(category, query), query, query);
  }
  return best;
}

/** The cheaper of an option and the best of a list, each of which is by rank. */
export function cheaperOf(
  known: PriceOption | null,
  ranked: RankedRentals,
  query: PriceQuery,
  place: RentalPlace,
): PriceOption | null {
  let best = known;
  for (const alike of ranked.byShape) {
    if (alike.length === 0 || offerExclusion(alike.offer(0), query) !== null) continue;
    const first = firstUsable(alike, query, place);
    if (first === null) continue;
    const option = optionOf(first, query);
    if (best === null || byCost(option, best) < 0) best = option;
  }
  return best;
}

function firstUsable(ranked: RankedRentals, query: PriceQuery, place: RentalPlace): Rental | null {
  for (let rank = 0; rank < ranked.length; rank++) {
    const rental = ranked.at(rank);
    if (isAtPlace(rental.offer, rental.region, place) && isUsable(rental.offer, rental.price, query)) return rental;
  }
  return null;
}

const categoriesOf = (rentals: DeviceRentals, { preference }: PriceQuery): readonly PriceCategory[] =>
  preference.category === 'any' ? rentals.categories : [preference.category];

const hourlyPricesOfOffer = (snapshot: CatalogSnapshot, offer: Offer, at: string): readonly Price[] =>
  snapshot.pricesOfOffer(offer.id, at).filter(isHourlyPrice);

function optionOf(rental: Rental, query: PriceQuery): PriceOption {
  const { offer, perDeviceHour } = rental;
  const devicesPaid = Math.ceil((query.devices ?? 1) / offer.deviceCount) * offer.deviceCount;
  return { ...rental, devicesPaid, hourlyCost: perDeviceHour * devicesPaid };
}

/** Offers without any usable price of the category asked for; an offer with one usable price is not excluded. */
function exclusionsOf(offer: Offer, prices: readonly Price[], query: PriceQuery): ExcludedOffer[] {
  const wanted = prices.filter((price) => matches(price, query.preference));
  const reasons = wanted.map((price) => exclusionReason(offer, price, query));
  if (reasons.includes(null)) return [];
  const reason = reasons[0] ?? (offer.mode === 'open' ? 'no_price_of_category' : 'mode');
  return [
    {
      offerId: offer.id,
      providerId: offer.providerId,
      regionId: offer.regionId,
      reason,
      detail: detailOf(reason, offer, wanted[0] ?? null, prices, query),
    },
  ];
}

/** Null where the price can pay for what is asked. */
export function exclusionReason(offer: Offer, price: Price, query: PriceQuery): ExclusionReason | null {
  if (!matches(price, query.preference)) return 'no_price_of_category';
  const ofOffer = offerExclusion(offer, query);
  if (ofOffer !== null) return ofOffer;
  // What was agreed can be had, however the offer is sold to others.
  if (price.layer?.kind !== 'contract' && !allows(offer.mode, price.category)) return 'mode';
  if (price.amount === null) return 'price_without_amount';
  if (price.currency !== (query.currency ?? 'USD')) return 'other_currency';
  return price.flags.map((flag) => FLAG_REASONS[flag]).find((reason) => reason !== undefined) ?? null;
}

const isUsable = (offer: Offer, price: Price, query: PriceQuery): boolean =>
  exclusionReason(offer, price, query) === null;

/** What rules out every price of an offer, by its kind and size. */
function offerExclusion(offer: Offer, query: PriceQuery): ExclusionReason | null {
  if (offer.kind === 'managed_platform' && query.managedPlatforms !== true) return 'managed_platform';
  if (offer.deviceCount < 1) return 'slice';
  if (query.clustered === true && (offer.kind === 'accelerator' || offer.deviceCount < SMALLEST_CLUSTER_NODE)) {
    return 'too_few_devices_in_node';
  }
  // single accelerators are rented together on one machine; instances are what they are
  if (offer.kind !== 'accelerator' && offer.deviceCount < (query.devicesInOneNode ?? 1)) {
    return 'too_few_devices_in_node';
  }
  return null;
}

function detailOf(
  reason: ExclusionReason,
  offer: Offer,
  price: Price | null,
  prices: readonly Price[],
  query: PriceQuery,
): string {
  switch (reason) {
    case 'mode':
      return MODE_DETAIL[offer.mode];
    case 'no_price_of_category': {
      const found = [...new Set(prices.map(({ category }) => category))].join(', ');
      return `No ${describe(query.preference)} price in force${found === '' ? '' : `; it has ${found}`}.`;
    }
    case 'price_without_amount':
      return 'The price is not published.';
    case 'other_currency':
      return `Priced in ${price?.currency}, not in ${query.currency ?? 'USD'}.`;
    case 'placeholder_price':
      return 'The amount is a fixed share of the on-demand price, not a market price.';
    case 'managed_platform':
      return 'Sold as a managed platform, whose price pays for more than the machine; build-or-buy sets it beside.';
    case 'part_of_machine':
      return 'The price of the device without the machine around it.';
    case 'slice':
      return `${offer.sku} is ${offer.deviceCount} of a device.`;
    case 'too_few_devices_in_node':
      return `${offer.sku} has ${offer.deviceCount} devices, ${query.devicesInOneNode} must share one machine.`;
  }
}

function nearestOptions(snapshot: CatalogSnapshot, rentals: DeviceRentals, query: PriceQuery): OptionElsewhere[] {
  if (query.regionId === undefined && query.country === undefined && query.providerId === undefined) return [];
  const place = placeOf(snapshot, query);
  const cheapestOfRegion = new Map<string, PriceOption>();
  for (const category of categoriesOf(rentals, query)) {
    for (const [regionId, ranked] of rentals.byRegion(category)) {
      const cheapest = cheaperOf(cheapestOfRegion.get(regionId) ?? null, ranked, query, {});
      if (cheapest !== null) cheapestOfRegion.set(regionId, cheapest);
    }
  }
  return [...cheapestOfRegion.values()]
    .map((option) => ({
      option,
      distanceKm: place === null || option.region === null ? null : greatCircleKm(place, option.region),
    }))
    .sort(
      (a, b) => (a.distanceKm ?? Number.MAX_VALUE) - (b.distanceKm ?? Number.MAX_VALUE) || byCost(a.option, b.option),
    )
    .slice(0, NEAREST_PLACES);
}

function placeOf(snapshot: CatalogSnapshot, query: PriceQuery): Point | null {
  const region = query.regionId === undefined ? undefined : snapshot.region(query.regionId);
  if (region !== undefined) return region;
  if (query.country === undefined) return null;
  return centreOfRegions(snapshot.regions, query.country) ?? capitalOf(query.country);
}

function matches(price: Price, preference: RentalPreference): boolean {
  if (preference.category === 'any') return price.category !== 'token' && price.category !== 'purchase';
  if (price.category !== preference.category) return false;
  if (preference.category !== 'committed') return true;
  return (
    (preference.termMonths === undefined || price.termMonths === preference.termMonths) &&
    (preference.payment === undefined || price.payment === preference.payment)
  );
}

function describe(preference: RentalPreference): string {
  if (preference.category !== 'committed') return preference.category === 'any' ? 'hourly' : preference.category;
  const term = preference.termMonths === undefined ? '' : ` ${preference.termMonths}-month`;
  return `committed${term}${preference.payment === undefined ? '' : ` ${preference.payment}`}`;
}

const allows = (mode: OfferMode, category: PriceCategory): boolean =>
  mode === 'open' ||
  (mode === 'capacity_block_only' && category === 'capacity_block') ||
  (mode === 'reservation_only' && category === 'committed');

const MODE_DETAIL: Readonly<Record<OfferMode, string>> = {
  open: 'Open to everyone.',
  capacity_block_only: 'Only sold as capacity blocks: there is no hourly price.',
  reservation_only: 'Only sold with a reservation.',
  preview: 'In preview.',
  retired: 'No longer sold.',
};

const byCost = (a: PriceOption, b: PriceOption): number =>
  Number(a.stale) - Number(b.stale) || a.hourlyCost - b.hourlyCost || byIds(a, b);
