/**
 * What quantization, batching and shorter prompts gain, against measured pairs. Of prefix caching, speculative decoding and
 * pruning no public pair of runs with and without is among the cases: shorter prompts stand for the first of them.
 */

import { type Comparison, groupRows, type ValidationTable, type Validator } from '../table.ts';
import { factorPairs } from './pairs.ts';

const all = (comparisons: readonly Comparison[]): Comparison[] =>
  comparisons.map((comparison) => ({ ...comparison, group: 'all' }));

export const factorValidator: Validator = {
  name: 'factors',
  run(): ValidationTable[] {
    const { quantization, batching, promptLength } = factorPairs();
    const table = (title: string, comparisons: readonly Comparison[]) => ({
      title,
      rows: [...groupRows(comparisons), ...groupRows(all(comparisons))],
      uncovered: {},
    });
    return [
      table('Factor of quantization (throughput, narrow over wide)', quantization),
      table('Factor of batching (throughput, larger batch over the smallest measured)', batching),
      table('Factor of shorter prompts (throughput, shorter over longer)', promptLength),
    ];
  },
};
