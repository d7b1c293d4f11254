/**
 * The catalog at one revision, in memory: immutable, indexed, and in one order however it was loaded. The HTTP layer sees
 * CatalogView, which adds origins, suggestions and price boundaries to what the domain needs.
 */
import type { Offer, PriceIdentity } from '../domain/catalog/offers.ts';
import type { Provider, Region } from '../domain/catalog/places.ts';
import type { PriceWish } from '../domain/catalog/price-figures.ts';
import type { CatalogSnapshot } from '../domain/catalog/snapshot.ts';
import type { Device, SystemSpec } from '../domain/devices/device.ts';
import type { Model } from '../domain/models/architecture.ts';
import { CURRENCY } from '../domain/money.ts';
import { atOnce, type Steps } from '../domain/steps.ts';
import type { EntryKind, EntryTypes } from './entry.ts';
import type { EntryTable, EntryTables } from './entry-table.ts';
import type { PriceFigure } from './figures-in-force.ts';
import { nearestNames } from './nearest.ts';
import type { DatedPrice, Observation, PriceColumns } from './price-columns.ts';
import { PriceReading } from './price-reading.ts';
import type { EntryOrigin } from './resolve-entries.ts';
import type { PriceSelection, PriceTests } from './selected-prices.ts';
import type { SourceStatement } from './source-statements.ts';

/** Who made a revision, when and why. */
export interface RevisionRecord {
  readonly revision: number;
  readonly committedAt: string;
  readonly sourceId: string;
  readonly actor: string;
  readonly reason: string;
  readonly contentSha256: string;
}

/** Everything a snapshot is made of. */
export interface SnapshotParts {
  readonly revision: number;
  readonly committedAt: string;
  readonly entries: EntryTables;
  /** What each source said up to this revision, and maybe later ones: the columns are shared by all revisions. */
  readonly prices: PriceColumns;
  /** Up to and with this one, oldest first. */
  readonly revisions?: readonly RevisionRecord[];
}

export type SuggestionKind = EntryKind | 'price' | 'model_family';

export interface CatalogView extends CatalogSnapshot {
  entry<K extends EntryKind>(kind: K, id: string): EntryTypes[K] | undefined;
  list<K extends EntryKind>(kind: K): readonly EntryTypes[K][];
  /** Who says what about an entry; also of retired ones. */
  origin(kind: EntryKind, id: string): EntryOrigin | undefined;
  /** Up to and with this one, oldest first. */
  readonly revisions: readonly RevisionRecord[];
  priceIdentity(id: string): PriceIdentity | undefined;
  /** In the order of their ids. */
  priceIdentitiesOfOffer(offerId: string): readonly PriceIdentity[];
  /** Of all prices, also those of offers that are gone, in order. */
  priceIds(): Iterable<string>;
  /** The revision that last said anything about a price; undefined for an unknown one. */
  priceRevision(id: string): number | undefined;
  priceAt(priceId: string, at: string, currency?: string): DatedPrice | undefined;
  /** In this currency and no other. */
  priceIn(priceId: string, at: string, currency: string): DatedPrice | undefined;
  /** Prices in force at a time of offers that there are, in all their currencies. */
  pricesAt(at: string, tests: PriceTests): Steps<PriceSelection>;
  /** Of one offer, in all its currencies. */
  figuresOfOffer(offerId: string, at: string): Iterable<PriceFigure>;
  /** Null: those without a device of the catalog. */
  offersOfDevice(deviceId: string | null): readonly Offer[];
  /** What one source says is in force, though others win, and what it has announced; of offers that there are, by id. */
  statementsOf(sourceId: string, at: string, tests: PriceTests): Iterable<SourceStatement>;
  priceHistory(priceId: string): readonly DatedPrice[];
  /** How many prices in force are quoted in other currencies and not in US dollars. */
  foreignCounts(at: string): ReadonlyMap<string, number>;
  /** When each source last looked at each class of its prices, as known by now. */
  newestObservations(): readonly Observation[];
  /** Up to three ids close to a mistyped one, the closest first. */
  nearest(kind: SuggestionKind, id: string): readonly string[];
}

/** Ids win over aliases; of two models with one alias the first by id has it. */
const modelIndex = (models: readonly Model[]): ReadonlyMap<string, Model> => {
  const index = new Map<string, Model>();
  for (const model of models) index.set(model.id.toLowerCase(), model);
  for (const model of models) {
    for (const alias of model.aliases) {
      if (!index.has(alias.toLowerCase())) index.set(alias.toLowerCase(), model);
    }
  }
  return index;
};

/** Computed anew only when a table that it is made of is another one. */
const remembered = <A extends object, R>(compute: (table: A) => R): ((table: A) => R) => {
  const known = new WeakMap<A, { readonly result: R }>();
  return (table) => {
    const found = known.get(table) ?? { result: compute(table) };
    known.set(table, found);
    return found.result;
  };
};

const modelsByName = remembered((models: readonly Model[]) => modelIndex(models));
const systemsByDevice = remembered((systems: readonly SystemSpec[]) =>
  Map.groupBy(systems, ({ deviceId }) => deviceId),
);

interface Places {
  readonly provider: EntryTable<Provider>;
  readonly region: EntryTable<Region>;
  readonly regions: readonly Region[];
  readonly offers: readonly Offer[];
  readonly offersOfDevice: ReadonlyMap<string | null, readonly Offer[]>;
  readonly hasRegion: (id: string) => boolean;
  readonly hasOffer: (offer: Offer) => boolean;
}

const placesKnown = new WeakMap<EntryTable<Offer>, Places>();

/** What stands in a provider or region that is gone is gone with it, and back with it. */
function* placesOf({ provider, region, offer }: EntryTables): Steps<Places> {
  const known = placesKnown.get(offer);
  if (known?.provider === provider && known.region === region) return known;
  const hasRegion = (id: string): boolean => {
    const found = region.get(id);
    return found !== undefined && provider.has(found.providerId);
  };
  const hasOffer = ({ providerId, regionId }: Offer): boolean =>
    provider.has(providerId) && (regionId === null || hasRegion(regionId));
  const regions = region.list.filter(({ id }) => hasRegion(id));
  const offers: Offer[] = [];
  const offersOfDevice = new Map<string | null, Offer[]>();
  for (const one of offer.list) {
    yield;
    if (!hasOffer(one)) continue;
    offers.push(one);
    const ofDevice = offersOfDevice.get(one.deviceId);
    if (ofDevice === undefined) offersOfDevice.set(one.deviceId, [one]);
    else ofDevice.push(one);
  }
  const isAll = offers.length === offer.list.length;
  const places = {
    provider,
    region,
    regions,
    offers: isAll ? offer.list : offers,
    offersOfDevice,
    hasRegion,
    hasOffer,
  };
  placesKnown.set(offer, places);
  return places;
}

/** What takes long where there are many offers, so that `buildSnapshot` finds it done. */
export function* preparing({ entries }: SnapshotParts): Steps<void> {
  yield* placesOf(entries);
}

const NONE: readonly never[] = Object.freeze([]);

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** @throws RangeError when a time is not one. */
const milliseconds = (at: string): number => {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) throw new RangeError(`"${at}" is not a time.`);
  return ms;
};

export const buildSnapshot = (parts: SnapshotParts): CatalogView => {
  const { entries } = parts;
  const { regions, offers, offersOfDevice, hasRegion, hasOffer } = atOnce(placesOf(entries));
  const prices = new PriceReading(parts.prices, parts.revision);
  const entry = <K extends EntryKind>(kind: K, id: string): EntryTypes[K] | undefined => {
    const found = entries[kind].get(id) as EntryTypes[K] | undefined;
    if (kind === 'region') return hasRegion(id) ? found : undefined;
    if (kind === 'offer') return found !== undefined && hasOffer(found as unknown as Offer) ? found : undefined;
    return found;
  };
  const list = <K extends EntryKind>(kind: K): readonly EntryTypes[K][] =>
    (kind === 'region' ? regions : kind === 'offer' ? offers : entries[kind].list) as readonly EntryTypes[K][];
  const nearest = (kind: EntryKind, id: string): readonly string[] =>
    kind === 'model' || kind === 'device'
      ? nearestNames<Model | Device>(id, entries[kind].list, ({ aliases }) => aliases)
      : nearestNames(id, list(kind) as readonly { readonly id: string }[], () => NONE);

  return Object.freeze({
    revision: parts.revision,
    committedAt: parts.committedAt,
    revisions: parts.revisions ?? NONE,

    entry,
    list,
    origin: (kind: EntryKind, id: string) => entries[kind].origin(id),

    device: (id: string) => entry('device', id),
    model: (idOrAlias: string) => modelsByName(entries.model.list).get(idOrAlias.toLowerCase()),
    provider: (id: string) => entry('provider', id),
    region: (id: string) => entry('region', id),
    offer: (id: string) => entry('offer', id),
    grid: (id: string) => entry('grid', id),

    devices: entries.device.list,
    systems: entries.system.list,
    models: entries.model.list,
    providers: entries.provider.list,
    regions,
    offers,
    grids: entries.grid.list,
    tariffs: entries.tariff.list,
    pueFacts: entries.pue_fact.list,
    regimes: entries.regime.list,

    offersOfDevice: (deviceId: string | null): readonly Offer[] => offersOfDevice.get(deviceId) ?? NONE,
    systemsOfDevice: (deviceId: string): readonly SystemSpec[] =>
      systemsByDevice(entries.system.list).get(deviceId) ?? NONE,
    pricesOfOffer: (offerId: string, at: string, currency = CURRENCY) =>
      prices.ofOffer(offerId, milliseconds(at), currency),
    priceFigures: (deviceId: string, at: string, isWanted: PriceWish, currency: string) =>
      prices.figures(offersOfDevice.get(deviceId) ?? NONE, milliseconds(at), isWanted, currency),
    figuresOfOffer: (offerId: string, at: string) => prices.figuresOfOffer(offerId, milliseconds(at)),
    priceAt: (priceId: string, at: string, currency = CURRENCY) => prices.inForce(priceId, milliseconds(at), currency),
    priceIn: (priceId: string, at: string, currency: string) => prices.inForceIn(priceId, milliseconds(at), currency),
    pricesOfSources: (priceId: string, at: string) => prices.ofSources(priceId, milliseconds(at)),
    foreignCounts: (at: string) => prices.foreignCounts(milliseconds(at), (id) => entry('offer', id) !== undefined),
    priceHistory: (priceId: string) => prices.history(priceId),
    newestObservations: () => parts.prices.newestObservations(),
    priceIdentity: (id: string) => prices.identity(id),
    priceIdentitiesOfOffer: (offerId: string) => prices.identitiesOfOffer(offerId),
    priceIds: () => prices.ids(),
    priceRevision: (id: string) => prices.revisionOf(id),
    statementsOf: (sourceId: string, at: string, tests: PriceTests) =>
      prices.statementsOf(sourceId, milliseconds(at), tests, (id) => entry('offer', id)),
    pricesAt: (at: string, tests: PriceTests) => prices.select(milliseconds(at), tests, (id) => entry('offer', id)),
    lastPriceChange: (at: string) => {
      const changedAtMs = prices.lastChangeMs(milliseconds(at));
      return changedAtMs === undefined ? null : isoTime(changedAtMs);
    },
    nearest: (kind: SuggestionKind, id: string) => {
      if (kind === 'model_family') return nearestNames(id, familiesOf(entries.model.list), () => NONE);
      if (kind !== 'price') return nearest(kind, id);
      // A price is looked for among those of the offers that it could be one of, not among all there are.
      const ofOffers = offersNamedIn(id).flatMap((offerId) => prices.identitiesOfOffer(offerId));
      const found = nearestNames(id, ofOffers, () => NONE);
      if (found.length > 0) return found;
      const offersNear = nearest('offer', offersNamedIn(id)[0] ?? id);
      return nearestNames(
        id,
        offersNear.flatMap((offerId) => prices.identitiesOfOffer(offerId)),
        () => NONE,
      );
    },
  });
};

const familiesOf = (models: readonly Model[]): readonly { readonly id: string }[] =>
  [...new Set(models.map(({ architecture }) => architecture.family))].map((id) => ({ id }));

/** "a/b/c" is a price of "a/b", or of "a" if an SKU may be empty of slashes. The longest first. */
const offersNamedIn = (priceId: string): readonly string[] => {
  const parts = priceId.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join('/'));
};
