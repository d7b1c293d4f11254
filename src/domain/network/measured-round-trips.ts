/** Round trips measured between cloud regions, from measured-round-trips.json: by pair of regions, and by pair of cities. */
import type { Point } from '../economics/great-circle.ts';
import file from './measured-round-trips.json' with { type: 'json' };

interface MeasuredPlace extends Point {
  readonly id: string;
  readonly city: string;
  readonly country: string;
}

export interface MeasuredRoundTrip {
  readonly from: MeasuredPlace;
  readonly to: MeasuredPlace;
  readonly ms: number;
  /** What the source publishes. */
  readonly statistic: 'p50' | 'p95';
  readonly source: string;
  /** ISO date. */
  readonly date: string;
}

export interface MeasuredCity extends Point {
  readonly name: string;
}

/** All round trips between two cities, whoever's regions they are. */
export interface MeasuredCityPair {
  /** Both names in order, with "|" between. */
  readonly key: string;
  readonly from: MeasuredCity;
  readonly to: MeasuredCity;
  /** Median over them. */
  readonly ms: number;
}

const SOURCES: Readonly<Record<string, { source: string; date: string; statistic: string }>> = file.sources;
const PLACES: Readonly<Record<string, Omit<MeasuredPlace, 'id'>>> = file.places;

function placeOf(id: string): MeasuredPlace {
  const place = PLACES[id];
  if (!place) throw new Error(`measured-round-trips.json: no place ${id}`);
  return { id, ...place };
}

export const MEASURED_ROUND_TRIPS: readonly MeasuredRoundTrip[] = file.roundTripsMs.map((row) => {
  const [from, to, ms, key] = row as [string, string, number, string];
  const source = SOURCES[key];
  if (!source) throw new Error(`measured-round-trips.json: no source ${key}`);
  return {
    from: placeOf(from),
    to: placeOf(to),
    ms,
    statistic: source.statistic === 'p95' ? 'p95' : 'p50',
    source: source.source,
    date: source.date,
  };
});

export const cityPairKey = (first: MeasuredPlace, second: MeasuredPlace): string =>
  [cityName(first), cityName(second)].sort().join('|');

const cityName = ({ city, country }: MeasuredPlace) => `${city} ${country}`;

/** Sorted by key. Both directions count as one pair: they differ by 0.4 % at the median. */
export function cityPairs(roundTrips: readonly MeasuredRoundTrip[]): MeasuredCityPair[] {
  const cities = new Map<string, MeasuredCity>();
  for (const place of roundTrips.flatMap(({ from, to }) => [from, to])) {
    const name = cityName(place);
    if (!cities.has(name)) cities.set(name, { name, latitude: place.latitude, longitude: place.longitude });
  }
  const groups = Map.groupBy(roundTrips, ({ from, to }) => cityPairKey(from, to));
  return [...groups.keys()].sort().map((key) => {
    const [from, to] = key.split('|').map((name) => cities.get(name)) as [MeasuredCity, MeasuredCity];
    return { key, from, to, ms: median((groups.get(key) ?? []).map(({ ms }) => ms)) };
  });
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] as number;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] as number) + high) / 2;
}

const byRegions = Map.groupBy(MEASURED_ROUND_TRIPS, ({ from, to }) => [from.id, to.id].sort().join('|'));

/** Either direction; empty where nobody measured the pair. */
export const measuredBetween = (regionId: string, otherId: string): readonly MeasuredRoundTrip[] =>
  byRegions.get([regionId, otherId].sort().join('|')) ?? [];
