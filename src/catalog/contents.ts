/** A whole catalog as one source delivers it, in domain types, and the versions that it amounts to. */
import type { Offer, PriceAmount, PriceIdentity } from '../domain/catalog/offers.ts';
import type {
  ElectricityTariff,
  Grid,
  Provider,
  PueFact,
  Region,
  SovereigntyRegime,
} from '../domain/catalog/places.ts';
import type { Device, SystemSpec } from '../domain/devices/device.ts';
import type { Model } from '../domain/models/architecture.ts';
import type { EntryKind } from './entry.ts';
import type { AmountVersion } from './queries/price-versions.ts';

export interface CatalogContents {
  readonly devices: readonly Device[];
  readonly systems: readonly SystemSpec[];
  readonly models: readonly Model[];
  readonly providers: readonly Provider[];
  readonly regions: readonly Region[];
  readonly offers: readonly Offer[];
  readonly grids: readonly Grid[];
  readonly tariffs: readonly ElectricityTariff[];
  readonly pueFacts: readonly PueFact[];
  readonly regimes: readonly SovereigntyRegime[];
  readonly priceIdentities: readonly PriceIdentity[];
  readonly priceAmounts: readonly PriceAmount[];
}

/** A delivery that contradicts itself; the message names the rows. */
class CatalogContentsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CatalogContentsError';
  }
}

export interface StatedEntry {
  readonly kind: EntryKind;
  readonly id: string;
  readonly state: 'stated';
  readonly body: object;
}

/** @throws CatalogContentsError when two entries of a kind share an id. */
export const entriesOfContents = (contents: CatalogContents): readonly StatedEntry[] => {
  const lists = {
    provider: contents.providers,
    region: contents.regions,
    device: contents.devices,
    system: contents.systems,
    model: contents.models,
    offer: contents.offers,
    grid: contents.grids,
    tariff: contents.tariffs,
    pue_fact: contents.pueFacts,
    regime: contents.regimes,
  } satisfies Record<EntryKind, readonly { readonly id: string }[]>;
  const entries: StatedEntry[] = [];
  for (const [kind, items] of Object.entries(lists)) {
    refuseTwice<{ readonly id: string }>(items, ({ id }) => `${kind} ${id}`);
    for (const item of items) {
      // The id is the key of the entry; a body that repeated it could disagree with it.
      const { id, ...body } = item;
      entries.push({ kind: kind as EntryKind, id, state: 'stated', body });
    }
  }
  return entries;
};

/** Times in one spelling. A delivery has few different ones, and parsing is what takes long. */
const isoTimes = (): ((time: string, priceId: string) => string) => {
  const known = new Map<string, string>();
  return (time, priceId) => {
    let iso = known.get(time);
    if (iso === undefined) {
      const ms = Date.parse(time);
      if (Number.isNaN(ms)) throw new CatalogContentsError(`Price ${priceId} has "${time}" where a time belongs.`);
      iso = new Date(ms).toISOString();
      known.set(time, iso);
    }
    return iso;
  };
};

/**
 * Dated amounts as statements on a time line: each holds until the next one, so an amount that ends before the next begins is
 * followed by its withdrawal.
 * @throws CatalogContentsError when a price has two amounts from one date on, an end before its beginning, or no identity.
 */
export const amountVersionsOfContents = ({
  priceIdentities,
  priceAmounts,
}: Pick<CatalogContents, 'priceIdentities' | 'priceAmounts'>): readonly AmountVersion[] => {
  refuseTwice(priceIdentities, ({ id }) => `price ${id}`);
  const identities = new Set(priceIdentities.map(({ id }) => id));
  const isoTime = isoTimes();
  const versions: AmountVersion[] = [];
  const ends: AmountVersion[] = [];
  for (const { validFrom, validTo, sourceId: _, ...rest } of priceAmounts) {
    if (!identities.has(rest.priceId)) throw new CatalogContentsError(`Price ${rest.priceId} has no identity.`);
    const from = isoTime(validFrom, rest.priceId);
    const amount = { ...rest, observedAt: isoTime(rest.observedAt, rest.priceId) };
    versions.push({ validFrom: from, state: 'in_force', amount });
    if (validTo === null) continue;
    const to = isoTime(validTo, rest.priceId);
    if (to <= from) throw new CatalogContentsError(`Price ${rest.priceId} ends (${to}) before it begins (${from}).`);
    ends.push({ validFrom: to, state: 'withdrawn', amount: { ...amount, amount: null, upfront: '0' } });
  }
  const key = ({ amount, validFrom }: AmountVersion): string =>
    `price ${amount.priceId} in ${amount.currency} from ${validFrom}`;
  refuseTwice(versions, key);
  const begun = new Set(versions.map(key));
  return [...versions, ...ends.filter((end) => !begun.has(key(end)))];
};

const refuseTwice = <T>(items: readonly T[], key: (item: T) => string): void => {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const item of items) {
    const name = key(item);
    if (seen.has(name)) twice.add(name);
    seen.add(name);
  }
  if (twice.size > 0) {
    const named = [...twice].slice(0, 3).join('; ');
    throw new CatalogContentsError(`${twice.size} row(s) stand in the delivery more than once, first: ${named}.`);
  }
};
