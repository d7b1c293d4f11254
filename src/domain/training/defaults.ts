/** What is assumed where the caller says nothing: sequence, batch, precision, software, cluster. Each with its rule. */
import type { Device } from '../devices/device.ts';
import { type Interruptible, uninterrupted } from '../estimate/interruptible.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import { SECONDS_PER_DAY } from '../units.ts';
import { checkWorkload } from './check-workload.ts';
import { clusterOf } from './cluster.ts';
import { type LayoutSearchOptions, searchingLayout } from './layout/search-layout.ts';
import type { ChosenDefault, ClusterSizing, LayoutSearchResult } from './results.ts';
import { CALIBRATED, type StepConstants } from './step/constants.ts';
import { generationOf } from './step/generation.ts';
import { leastDevices } from './step/memory.ts';
import { leastDeviceSecondsPerToken } from './step/step-time.ts';
import type { Cluster, SoftwareStack, TrainingMethod, TrainingWorkload } from './workload.ts';

/** Megatron-class stack of this year. */
export const CURRENT_SOFTWARE: SoftwareStack = { framework: 'megatron', year: 2026 };

/** Reports of large mixtures of experts agree: 4,096 tokens, and batches of 38 to 67 M tokens from 8 T tokens on. */
const EXPERT_SEQUENCE_SOURCE =
  'DeepSeek-V2 (arXiv 2405.04434), DeepSeek-V3 (2412.19437) §4.2, Qwen3 (2505.09388) §3.2 and Kimi K2 (2507.20534) §2.4 train at 4,096';

export function defaultSequenceLength(model: LanguageArchitecture, method: TrainingMethod): ChosenDefault<number> {
  const experts = model.mixtureOfExperts !== null;
  const wanted = method === 'pretraining' && !experts ? 8192 : 4096;
  const context = model.maxContextTokens > 0 ? model.maxContextTokens : wanted;
  return {
    value: Math.min(wanted, context),
    rule:
      wanted === 8192
        ? 'the smaller of 8,192 tokens and the model context'
        : 'the smaller of 4,096 tokens and the model context',
    source:
      method !== 'pretraining'
        ? 'fine-tuning recipes of NVIDIA Megatron-Bridge (SFT and LoRA at 4,096)'
        : experts
          ? EXPERT_SEQUENCE_SOURCE
          : 'Llama 3 (arXiv 2407.21783) §3.4.1 trains at 8,192',
  };
}

const GPT3_TOKENS = 300e9;
const GPT3_BATCH_TOKENS = 3.2e6;
/** log(16 M / 3.2 M) / log(15.6 T / 0.3 T). */
const BATCH_EXPONENT = Math.log(16e6 / GPT3_BATCH_TOKENS) / Math.log(15.6e12 / GPT3_TOKENS);

/**
 * Mixtures of experts train with larger batches, so that every expert sees enough: 62.9 M tokens at 14.8 T (DeepSeek-V3), 37.7 M
 * at 8.1 T (DeepSeek-V2), 67 M at 15.5 T (Kimi K2), where the law of dense models says 16.8, 12.4 and 16.8 M.
 */
const EXPERT_BATCH_FACTOR = 4;
const LARGEST_BATCH_TOKENS = 16_777_216;

/**
 * Tokens of one optimizer step. Pretraining: the power law in tokens through two published runs, GPT-3 (3.2 M at 0.3 T,
 * arXiv 2005.14165) and Llama 3 405B (16 M at 15.6 T, arXiv 2407.21783). Our own interpolation, not a fitted law.
 */
export function defaultGlobalBatchTokens(
  model: LanguageArchitecture,
  method: TrainingMethod,
  tokens: number,
): ChosenDefault<number> {
  if (!(tokens > 0)) throw new RangeError(`Tokens must be positive, not ${tokens}.`);
  if (method !== 'pretraining') {
    return {
      value: 131_072,
      rule: '131,072 tokens (32 sequences of 4,096)',
      source: 'fine-tuning recipes of NVIDIA Megatron-Bridge: global batch 32 at sequence length 4,096',
    };
  }
  const law = GPT3_BATCH_TOKENS * (tokens / GPT3_TOKENS) ** BATCH_EXPONENT;
  const power = 2 ** Math.round(Math.log2(law));
  const dense = Math.min(LARGEST_BATCH_TOKENS, Math.max(524_288, power));
  const rule = 'power of two nearest to 3.2 M x (tokens / 0.3 T)^0.41, at least 0.5 M and at most 16.8 M tokens';
  const source = 'assumed: interpolated between GPT-3 (arXiv 2005.14165) and Llama 3 405B (arXiv 2407.21783)';
  if (model.mixtureOfExperts === null) return { value: dense, rule, source };
  return {
    value: EXPERT_BATCH_FACTOR * dense,
    rule: `${rule}; ${EXPERT_BATCH_FACTOR} times that for a mixture of experts`,
    source: `${source}; DeepSeek-V2 and V3 and Kimi K2 (arXiv 2405.04434, 2412.19437, 2507.20534) for the factor`,
  };
}

/** The format the model itself was trained in where that is fp8 and the device has it; else bf16, fp16 on devices without. */
export function defaultPrecision(
  device: Device,
  model: LanguageArchitecture | null = null,
): ChosenDefault<TrainingWorkload['precision']> {
  if (model?.nativeWeightFormat === 'fp8' && device.densePeakFlops.fp8 !== undefined) {
    return {
      value: 'fp8',
      rule: 'fp8, in which the model is published and was trained',
      source: 'DeepSeek-V3 (arXiv 2412.19437) §3.3',
    };
  }
  const volta = generationOf(device) === 'volta' || device.densePeakFlops.bf16 === undefined;
  return {
    value: volta ? 'fp16' : 'bf16',
    rule: volta ? 'fp16, the device has no bf16' : 'bf16',
    source: 'most published pretraining runs; fp8 and fp4 are recipes to choose knowingly',
  };
}

export const DEFAULT_DEADLINE_DAYS: ChosenDefault<number> = {
  value: 60,
  rule: 'finish within 60 days',
  source: 'Llama-3.1-405B 54 days, DeepSeek-V3 under 60, OPT and BLOOM two to four months',
};

/** What is taken off for failures and evaluation when a cluster is sized; the estimate then computes it exactly. */
export const SIZING_GOODPUT = 0.9;
/** One second above any deadline is too late, but no cluster beyond this is proposed. */
const LARGEST_CLUSTER_DEVICES = 131_072;

/** Whole nodes, doubling, the smallest cluster that fits the model and finishes within the days. */
export const defaultCluster = (...asked: Parameters<typeof sizingForDeadline>): ClusterSizing =>
  uninterrupted(sizingForDeadline(...asked));

/** The same, interruptible between any two sizes. */
export function* sizingForDeadline(
  workload: TrainingWorkload,
  tokens: number,
  device: Device,
  deadlineDays: number,
  overrides: Partial<Omit<Cluster, 'device' | 'devices'>> = {},
  options: LayoutSearchOptions = {},
  constants: StepConstants = CALIBRATED,
): Interruptible<ClusterSizing> {
  if (!(tokens > 0) || !(deadlineDays > 0)) throw new RangeError('Tokens and days must be positive.');
  const node = Math.max(1, overrides.devicesPerNode ?? device.devicesPerNode);
  const rule = `the smallest cluster (one device for fine-tuning that fits there, else whole nodes, doubling) that finishes within ${deadlineDays} days at ${SIZING_GOODPUT * 100} % goodput`;
  const source = 'computed';
  const all = workload.method === 'pretraining' ? [] : powersBelow(node);
  for (let devices = node; devices <= LARGEST_CLUSTER_DEVICES; devices *= 2) all.push(devices);
  const least = leastDevices(workload, device, options.fixed?.optimizerOffload ?? false, options.fit);
  const holding = all.filter((devices) => devices >= least);
  // where none holds the model the largest says why
  const sizes = holding.length > 0 ? holding : all.slice(-1);
  let fastest: { cluster: Cluster; search: LayoutSearchResult; seconds: number } | null = null;
  let last: { cluster: Cluster; search: LayoutSearchResult } | null = null;
  const wanted = deadlineDays * SECONDS_PER_DAY * SIZING_GOODPUT;
  const leastDeviceSeconds = idealDeviceSeconds(workload, tokens, device, constants);
  const tooSmall: number[] = [];
  for (const devices of sizes) {
    // neither perfect scaling from the best seen so far nor a step without any loss makes it: left out
    const least = fastest === null ? leastDeviceSeconds : fastest.seconds * fastest.cluster.devices;
    if (least / devices > wanted) {
      tooSmall.push(devices);
      continue;
    }
    yield;
    const cluster = clusterOf(device, devices, overrides);
    const search = yield* searchingLayout(workload, cluster, options, constants);
    last = { cluster, search };
    if (search.best === null) {
      if (search.smallestFittingDevices === null && fastest === null && search.leastMemory !== null) break;
      continue;
    }
    const seconds = (tokens / search.best.step.tokensPerStep) * search.best.step.seconds;
    if (fastest !== null && seconds >= fastest.seconds) break;
    fastest = { cluster, search, seconds };
    if (seconds <= wanted) return { cluster, search, rule, source };
  }
  // nothing keeps the deadline: of the sizes left out the largest that fits comes nearest to it
  for (const devices of tooSmall.reverse()) {
    yield;
    const cluster = clusterOf(device, devices, overrides);
    const search = yield* searchingLayout(workload, cluster, options, constants);
    last ??= { cluster, search };
    if (search.best === null) continue;
    const seconds = (tokens / search.best.step.tokensPerStep) * search.best.step.seconds;
    if (fastest === null || seconds < fastest.seconds) fastest = { cluster, search, seconds };
    break;
  }
  const chosen = fastest ?? last;
  if (chosen === null) throw new RangeError(`No cluster size to try for ${device.name}.`);
  return {
    cluster: chosen.cluster,
    search: chosen.search,
    rule: fastest === null ? 'no cluster fits the model' : `${rule}; none does, so the fastest one`,
    source,
  };
}

/** What the run takes at the least, whatever the layout; zero where the device lacks a figure. */
function idealDeviceSeconds(
  workload: TrainingWorkload,
  tokens: number,
  device: Device,
  constants: StepConstants,
): number {
  if (checkWorkload(workload, clusterOf(device, 1)).length > 0) return 0;
  return tokens * leastDeviceSecondsPerToken(workload, device, constants);
}

const powersBelow = (limit: number): number[] => {
  const powers: number[] = [];
  for (let power = 1; power < limit; power *= 2) powers.push(power);
  return powers;
};
