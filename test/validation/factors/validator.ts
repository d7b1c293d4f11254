/**
 * What quantization, batching, shorter prompts, drafts and prefix caching gain, against measured pairs. One public pair of
 * runs with and without a prefix cache states its hit rate: shorter prompts stand beside it. Of pruning there is none.
 */

import { type Comparison, groupRows, type ValidationTable, type Validator } from '../table.ts';
import { comparePairs, uncoveredPairs } from './measured-pairs.ts';
import { factorPairs } from './pairs.ts';

const all = (comparisons: readonly Comparison[]): Comparison[] =>
  comparisons.map((comparison) => ({ ...comparison, group: 'all' }));

export const factorValidator: Validator = {
  name: 'factors',
  run(): ValidationTable[] {
    const { quantization, batching, promptLength } = factorPairs();
    const table = (title: string, comparisons: readonly Comparison[], uncovered: Record<string, number> = {}) => ({
      title,
      rows: [...groupRows(comparisons), ...groupRows(all(comparisons))],
      uncovered,
    });
    return [
      table('Factor of quantization (throughput, narrow over wide)', quantization),
      table('Factor of batching (throughput, larger batch over the smallest measured)', batching),
      table('Factor of shorter prompts (throughput, shorter over longer)', promptLength),
      table('Factor of prefix caching (throughput, with over without)', comparePairs('prefix')),
      table('Factor of speculative decoding (with over without)', comparePairs('speculation'), uncoveredPairs()),
    ];
  },
};
