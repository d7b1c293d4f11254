/**
 * Runs with an option and without it, published side by side: same model, device, engine and load. Drafts are predicted
 * at the acceptance length that was measured, caches at the measured hit rate. Sources: cases/optimization-sources.json.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { closedLoop } from '../../../src/domain/inference/load/operating-point.ts';
import { type DraftingConstants, draftCostFraction } from '../../../src/domain/inference/optimization/drafting.ts';
import type {
  ServingConfiguration,
  ServingEngine,
  WeightFormat,
} from '../../../src/domain/inference/step/configuration.ts';
import { servingCase } from '../inference/cases.ts';
import type { Comparison } from '../table.ts';

const read = (file: string) => readFileSync(new URL(`../cases/${file}`, import.meta.url), 'utf8');

export interface MeasuredPair {
  readonly id: string;
  readonly source: string;
  readonly option: 'speculation' | 'prefix';
  readonly without: ServingConfiguration;
  /** tpot: time per token without over with; throughput: output tokens with over without. */
  readonly metric: 'tpot' | 'throughput';
  readonly batch: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly draftTokens: number;
  readonly acceptedTokens: number;
  readonly prefixHits: number;
  readonly factor: number;
}

export const measuredPairs = (option: MeasuredPair['option']): MeasuredPair[] =>
  (parse(read('optimization-pairs.csv'), { columns: true }) as Record<string, string>[])
    .filter((row) => row.option === option)
    .map((row) => ({
      id: row.id as string,
      source: row.source as string,
      option,
      without: servingCase({
        model: row.model as string,
        device: row.device as string,
        engine: row.engine as ServingEngine,
        format: row.format as WeightFormat,
      }),
      metric: row.metric as MeasuredPair['metric'],
      batch: Number(row.batch),
      promptTokens: Number(row.isl),
      outputTokens: Number(row.osl),
      draftTokens: Number(row.draftTokens),
      acceptedTokens: Number(row.acceptanceLength) - 1,
      prefixHits: Number(row.prefixHits),
      factor: Number(row.factor),
    }));

/** Published pairs that have no case here, by reason. */
export const uncoveredPairs = (): Record<string, number> => JSON.parse(read('optimization-uncovered.json'));

const exactly = (mean: number) => ({ mean, coefficientOfVariation: 0 });

export function predictedFactor(pair: MeasuredPair, constants?: DraftingConstants): number {
  const { without, option, draftTokens, acceptedTokens, prefixHits } = pair;
  const withIt: ServingConfiguration =
    option === 'prefix'
      ? { ...without, prefixCacheHitRate: prefixHits }
      : {
          ...without,
          speculative: {
            draftTokens,
            acceptedTokens,
            draftCostFraction: draftCostFraction(without.model, draftTokens, constants),
          },
        };
  const lengths = { promptTokens: exactly(pair.promptTokens), outputTokens: exactly(pair.outputTokens) };
  const before = closedLoop(without, pair.batch, lengths);
  const after = closedLoop(withIt, pair.batch, lengths);
  return pair.metric === 'tpot'
    ? before.tpotSeconds / after.tpotSeconds
    : after.outputTokensPerSecond / before.outputTokensPerSecond;
}

interface HeldOut {
  /** Constants fitted without a source. */
  readonly drafting: Readonly<Record<string, DraftingConstants>>;
}

const heldOut = JSON.parse(readFileSync(new URL('held-out.json', import.meta.url), 'utf8')) as HeldOut;

export const comparePairs = (option: MeasuredPair['option']): Comparison[] =>
  measuredPairs(option).map((pair) => {
    const constants = heldOut.drafting[pair.source];
    return {
      id: pair.id,
      group: `${pair.without.engine}, batch ${pair.batch === 1 ? '1' : pair.batch <= 16 ? '2 to 16' : 'above 16'}`,
      predicted: predictedFactor(pair),
      measured: pair.factor,
      band: null,
      heldOut: constants === undefined ? null : predictedFactor(pair, constants),
    };
  });
