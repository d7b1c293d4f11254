/** Sorting that may be interrupted. Merges the runs that it finds in order, so that what comes in order costs one comparison each. */
import type { Steps } from '../domain/steps.ts';

/** Stable. `items` may be changed. */
export function* sorting<T>(items: T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let from = items;
  let runs = [0];
  for (let index = 1; index < from.length; index += 1) {
    if (compare(from[index - 1] as T, from[index] as T) > 0) runs.push(index);
    if (index % STEP === 0) yield;
  }
  let to: T[] = runs.length > 1 ? new Array(items.length) : [];
  while (runs.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < runs.length; run += 2) {
      const begin = runs[run] as number;
      const middle = runs[run + 1] ?? from.length;
      const end = runs[run + 2] ?? from.length;
      merged.push(begin);
      let left = begin;
      let right = middle;
      for (let index = begin; index < end; index += 1) {
        const takesLeft = left < middle && (right >= end || compare(from[left] as T, from[right] as T) <= 0);
        to[index] = from[takesLeft ? left++ : right++] as T;
        if (index % STEP === 0) yield;
      }
    }
    [from, to] = [to, from];
    runs = merged;
  }
  return from;
}

/** Comparisons between two places where it may be interrupted. */
const STEP = 256;
