/** Remembers round trips within one question and the questions derived from it, so that each pair of places is worked out once. */
import { estimateRoundTrip, type RoundTrip } from '../network/index.ts';

export type RoundTripBetween = typeof estimateRoundTrip;
type Place = Parameters<RoundTripBetween>[0];

export function rememberedRoundTrips(): RoundTripBetween {
  const known = new Map<string, RoundTrip>();
  return (from, to) => {
    const key = `${keyOf(from)}|${keyOf(to)}`;
    const found = known.get(key) ?? estimateRoundTrip(from, to);
    known.set(key, found);
    return found;
  };
}

const keyOf = ({ latitude, longitude, country, city, regionId }: Place): string =>
  `${latitude},${longitude},${country},${city},${regionId}`;
