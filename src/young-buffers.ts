/**
 * Bytes that pass through the process leave a buffer behind for each part. V8 frees them when it collects young objects, which it does by what other
 * objects take; 64 MB of such buffers it takes for a lack of memory and searches the whole heap, whose prices are a million: a sixth of a second in
 * which next to nothing is answered, two or three times for each long list. So young objects are collected by what passes.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A collection of these takes a millisecond or two. */
const COLLECTED_BYTES = 8 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: { readonly type: 'minor' }) => void;

let passed = 0;

/** To be told of each buffer that is read or made once and not kept. */
export const notePassed = (bytes: number): void => {
  passed += bytes;
  if (passed < COLLECTED_BYTES) return;
  passed = 0;
  collect({ type: 'minor' });
};
