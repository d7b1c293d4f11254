/**
 * How TensorRT-LLM's own benchmark set up the runs of its maximum-throughput tables. v0.14 looked its limits up by model and
 * group (cases/inference-tensorrt-llm-settings.json; of models that are not there the defaults of the build). Later
 * versions work them out from the sequences that the KV cache holds (tensorrt_llm/bench/build/tuning.py): up to 4,096 in
 * flight, and a token budget in the proportion of prompt to output.
 */
import { readFileSync } from 'node:fs';
import type { ServingConfiguration } from '../../../src/domain/inference/step/configuration.ts';
import { fixedLength } from '../../../src/domain/inference/step/lengths.ts';
import { servingMemory } from '../../../src/domain/inference/step/memory.ts';

interface Limits {
  readonly batch: number;
  readonly tokens: number;
}

interface EngineLimits extends Limits {
  readonly model: string;
  readonly tp: number;
  /** Prompt and output; absent where the limits are those of every other length. */
  readonly sequence?: number;
}

const { engines, default: unlisted } = JSON.parse(
  readFileSync(new URL('../cases/inference-tensorrt-llm-settings.json', import.meta.url), 'utf8'),
) as { readonly engines: readonly EngineLimits[]; readonly default: Limits };

interface BenchmarkRun {
  readonly version: string;
  readonly model: string;
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** Share of the free memory that the KV cache gets: what the page of v0.12 to v0.14 prints of a run, and the rule's default. */
const LOOKED_UP_UTILIZATION = 0.99;
const WORKED_OUT_UTILIZATION = 0.95;
const MOST_SEQUENCES = 4096;
const MOST_TOKENS = 32_768;
const LEAST_TOKENS = 2048;

export function benchmarkConfiguration(named: ServingConfiguration, run: BenchmarkRun): ServingConfiguration {
  return run.version === 'v0.14.0' ? lookedUp(named, run) : workedOut(named, run);
}

function lookedUp(named: ServingConfiguration, { model, promptTokens, outputTokens }: BenchmarkRun) {
  const listed = engines.filter((entry) => entry.model === model && entry.tp === named.tensorParallel);
  const limits =
    listed.find(({ sequence }) => sequence === promptTokens + outputTokens) ??
    listed.find(({ sequence }) => sequence === undefined) ??
    unlisted;
  return {
    ...named,
    maxSequences: limits.batch,
    maxBatchedTokens: limits.tokens,
    memoryUtilization: LOOKED_UP_UTILIZATION,
  };
}

function workedOut(named: ServingConfiguration, { promptTokens, outputTokens }: BenchmarkRun) {
  const open = {
    ...named,
    maxSequences: MOST_SEQUENCES * named.attentionDataParallel,
    memoryUtilization: WORKED_OUT_UTILIZATION,
  };
  const lengths = { promptTokens: fixedLength(promptTokens), outputTokens: fixedLength(outputTokens) };
  const { maxConcurrentSequences } = servingMemory(open, lengths);
  const perRank = Math.min(maxConcurrentSequences, MOST_SEQUENCES) / named.pipelineParallel;
  const tokens = Math.min(perRank * (1 + promptTokens / outputTokens), MOST_TOKENS);
  const grain = tokens < 4096 ? 256 : tokens < 8192 ? 512 : 1024;
  const budget = Math.max(grain * Math.ceil(tokens / grain), LEAST_TOKENS);
  // prompts are not cut into chunks
  return { ...open, maxBatchedTokens: Math.max(budget, promptTokens) };
}
