/** How long a payload takes beyond the round trip. */
import { BITS_PER_BYTE } from '../units.ts';

const BITS_PER_MEGABIT = 1e6;
const MS_PER_SECOND = 1e3;

/** Serialization at the narrowest link, in ms. Bytes; 10^6 bits per second. */
export const serializationMs = (bytes: number, megabitsPerSecond: number): number =>
  (bytes * BITS_PER_BYTE * MS_PER_SECOND) / (megabitsPerSecond * BITS_PER_MEGABIT);
