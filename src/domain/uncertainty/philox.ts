/**
 * Random numbers without state: Philox2x32-10 (Salmon, Moraes, Dror and Shaw 2011, "Parallel random numbers: as easy as
 * 1, 2, 3"). The same seed and counter give the same number on every machine, and no number depends on another.
 */
import { inverseStandardNormal } from './normal.ts';

const MULTIPLIER = 0xd256d193;
const WEYL = 0x9e3779b9;
const ROUNDS = 10;

/** Both 32-bit words of one block. Arguments are taken modulo 2^32. */
export function philox2x32(counter0: number, counter1: number, key: number): readonly [number, number] {
  let left = counter0 >>> 0;
  let right = counter1 >>> 0;
  let round = key >>> 0;
  for (let i = 0; i < ROUNDS; i++) {
    const high = highWord(MULTIPLIER, left);
    const low = Math.imul(MULTIPLIER, left) >>> 0;
    left = (high ^ round ^ right) >>> 0;
    right = low;
    round = (round + WEYL) >>> 0;
  }
  return [left, right];
}

/** Upper 32 bits of a 32 x 32 bit product, from 16-bit halves. */
function highWord(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const cross = a1 * b0 + ((a0 * b0) >>> 16);
  const middle = (cross % 0x10000) + a0 * b1;
  return (a1 * b1 + Math.floor(cross / 0x10000) + Math.floor(middle / 0x10000)) >>> 0;
}

/** Between 0 and 1, both excluded. */
export const uniform = (index: number, dimension: number, seed: number): number =>
  (philox2x32(index, dimension, seed)[0] + 0.5) / 2 ** 32;

/**
 * Standard normal scores of `count` draws in one dimension, each of `count` equal strata hit once in an order that the
 * seed decides (Latin hypercube, McKay, Beckman and Conover 1979).
 */
export function stratifiedNormals(count: number, dimension: number, seed: number): Float64Array {
  const keys = Float64Array.from({ length: count }, (_, draw) => uniform(draw, dimension, seed));
  const order = Array.from(keys.keys()).sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
  const scores = new Float64Array(count);
  order.forEach((draw, rank) => {
    scores[draw] = inverseStandardNormal((rank + 0.5) / count);
  });
  return scores;
}
