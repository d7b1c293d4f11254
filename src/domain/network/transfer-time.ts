/** How long a payload takes beyond the round trip. */
import { BITS_PER_BYTE } from '../units.ts';

const BITS_PER_MEGABIT = 1e6;
const MS_PER_SECOND = 1e3;
/** Ten segments of 1,460 bytes: RFC 6928. */
const INITIAL_WINDOW_BYTES = 14_600;

/** Serialization at the narrowest link, in ms. Bytes; 10^6 bits per second. */
export const serializationMs = (bytes: number, megabitsPerSecond: number): number =>
  (bytes * BITS_PER_BYTE * MS_PER_SECOND) / (megabitsPerSecond * BITS_PER_MEGABIT);

/**
 * Round trips spent in slow start on a fresh TCP connection (RFC 5681): the window doubles each, until it holds the rest of
 * the payload or fills the path. Zero on connections that are kept open.
 */
export function slowStartMs(bytes: number, roundTripMs: number, megabitsPerSecond: number): number {
  const inFlight = Math.max(
    INITIAL_WINDOW_BYTES,
    (megabitsPerSecond * BITS_PER_MEGABIT * roundTripMs) / (BITS_PER_BYTE * MS_PER_SECOND),
  );
  const needed = Math.min(bytes, inFlight);
  return needed <= INITIAL_WINDOW_BYTES ? 0 : Math.ceil(Math.log2(needed / INITIAL_WINDOW_BYTES)) * roundTripMs;
}
