/**
 * Published runs, each asked of the service as its source describes it: the published figure, and how to read ours from the
 * answer. The three cost classes are those of a general text on the cost of training; what is trained in each is our choice.
 */
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import type { LineItem } from '../../../src/domain/economics/line-item.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import type { Band } from '../../../src/domain/uncertainty/band.ts';

interface PublishedRun {
  readonly title: string;
  readonly unit: 'device-hours' | 'USD';
  /** What the figure counts. */
  readonly counts: string;
  /** One figure, or the range that was published. */
  readonly published: { readonly low: number; readonly high: number };
  readonly source: string;
  readonly request: TrainingRequest;
  readonly read: (answer: FeasibleTraining) => Band;
}

const exact = (value: number) => ({ low: value, high: value });
const deviceHours = ({ run }: FeasibleTraining): Band => run.deviceHours;
const itemsOf = (answer: FeasibleTraining, categories: readonly LineItem['category'][]) =>
  answer.cost.lineItems.filter(({ category }) => categories.includes(category));

/** Items that share the hours of the run move together: their percentiles add. */
function sumOf(answer: FeasibleTraining, categories: readonly LineItem['category'][]): Band {
  const items = itemsOf(answer, categories);
  const sum = (of: (item: (typeof items)[number]) => number) => items.reduce((total, item) => total + of(item), 0);
  return { p10: sum(({ band }) => band.p10), p50: sum(({ band }) => band.p50), p90: sum(({ band }) => band.p90) };
}
const compute = (answer: FeasibleTraining): Band => sumOf(answer, ['compute']);
const computeOfProgramme = (answer: FeasibleTraining): Band => sumOf(answer, ['compute', 'experiments']);

const H100 = 'nvidia-h100-sxm5-80gb';
const A100 = 'nvidia-a100-sxm4-80gb';
/** These reports describe one main stage: evaluation and restarts beside it, no further stages. */
const ONE_STAGE = { stageFactor: 1.05 } as const;
const ALONE = { people: { engineers: 0 }, run: { ...ONE_STAGE, experimentsMultiple: 0 } } as const;

export const PUBLISHED_RUNS: readonly PublishedRun[] = [
  {
    title: 'Llama 3.1 405B, 15.6 T tokens, 16,384 H100',
    unit: 'device-hours',
    counts: 'GPU-hours of the run',
    published: exact(30.84e6),
    source: 'model card of Llama 3.1; layout and cluster from arXiv 2407.21783',
    request: {
      model: 'meta-llama/Llama-3.1-405B',
      tokens: 15.6e12,
      device: H100,
      cluster: { devices: 16_384, fabric: 'roce_400g' },
      sequenceLength: 8192,
      globalBatchTokens: 16_777_216,
      layout: { tensorParallel: 8, pipelineParallel: 16 },
      purchase: { usdPerDeviceHour: '2.00' },
      // no spares in the hours of the card
      run: { ...ONE_STAGE, sparePercent: 0 },
    },
    read: deviceHours,
  },
  {
    title: 'DeepSeek-V3, 14.8 T tokens, 2,048 H800',
    unit: 'USD',
    counts: 'compute of the run at 2 USD a GPU-hour',
    published: exact(5.576e6),
    source: 'arXiv 2412.19437 table 1',
    request: {
      model: 'deepseek-ai/DeepSeek-V3',
      tokens: 14.8e12,
      device: 'nvidia-h800-80gb',
      cluster: { devices: 2048, fabric: 'infiniband_400g' },
      sequenceLength: 4096,
      globalBatchTokens: 62_914_560,
      precision: 'fp8',
      layout: { tensorParallel: 1, pipelineParallel: 16, expertParallel: 64, schedule: 'dual_pipe' },
      purchase: { usdPerDeviceHour: '2.00' },
      ...ALONE,
    },
    read: compute,
  },
  {
    title: 'The same without its layout: the search finds it',
    unit: 'USD',
    counts: 'compute of the run at 2 USD a GPU-hour',
    published: exact(5.576e6),
    source: 'arXiv 2412.19437 table 1',
    request: {
      model: 'deepseek-ai/DeepSeek-V3',
      tokens: 14.8e12,
      device: 'nvidia-h800-80gb',
      cluster: { devices: 2048, fabric: 'infiniband_400g' },
      sequenceLength: 4096,
      globalBatchTokens: 62_914_560,
      precision: 'fp8',
      purchase: { usdPerDeviceHour: '2.00' },
      ...ALONE,
    },
    read: compute,
  },
  {
    title: 'BLOOM 176B, 366 bn tokens, 384 A100',
    unit: 'device-hours',
    counts: 'GPU-hours of the run',
    published: exact(1_082_990),
    source: 'Luccioni et al. (arXiv 2211.02001); layout from the training chronicles',
    request: {
      model: 'bigscience/bloom',
      tokens: 366e9,
      device: A100,
      cluster: { devices: 384 },
      sequenceLength: 2048,
      globalBatchTokens: 2048 * 2048,
      layout: { tensorParallel: 4, pipelineParallel: 12, microBatchSequences: 2, recompute: 'full' },
      stack: { framework: 'megatron', year: 2022 },
      purchase: { usdPerDeviceHour: '2.00' },
      run: { ...ONE_STAGE, sparePercent: 0 },
    },
    read: deviceHours,
  },
  {
    title:
      'GPT-4 class, as reported (not confirmed): mixture of 16 experts, 1.8 T parameters, 280 bn active, 13 T tokens, 24,960 A100',
    unit: 'USD',
    counts: 'compute of the run at 1 USD a GPU-hour, the reported rate',
    published: { low: 50e6, high: 100e6 },
    source: 'press reports of 50-100 M USD; architecture, tokens, cluster and rate as widely reported in 2023',
    request: {
      customLanguageModel: {
        name: 'GPT-4 class, as reported',
        layers: 120,
        hiddenSize: 10_752,
        ffnHiddenSize: 43_008,
        vocabularySize: 100_352,
        attentionHeads: 96,
        headDim: 112,
        gatedFfn: false,
        maxContextTokens: 8192,
        mixtureOfExperts: { experts: 16, activeExperts: 2, expertHiddenSize: 43_008 },
      },
      tokens: 13e12,
      device: A100,
      cluster: { devices: 24_960 },
      sequenceLength: 8192,
      globalBatchTokens: 7488 * 8192,
      layout: { tensorParallel: 8, pipelineParallel: 15 },
      purchase: { usdPerDeviceHour: '1.00' },
      ...ALONE,
    },
    read: compute,
  },
  {
    title: 'LoRA of Llama 2 70B, 25 M tokens, 8 H100',
    unit: 'device-hours',
    counts: 'GPU-hours to the target of the benchmark',
    published: exact(3.604),
    source: 'MLPerf Training v4.1, 8 x H100, mean of 10 runs (27.0 minutes)',
    request: {
      customLanguageModel: {
        name: 'Llama 2 70B at 8,192 tokens',
        layers: 80,
        hiddenSize: 8192,
        ffnHiddenSize: 28_672,
        vocabularySize: 32_000,
        attentionHeads: 64,
        kvHeads: 8,
        maxContextTokens: 8192,
      },
      tokens: 25_480_000,
      method: 'lora',
      loraRank: 16,
      device: H100,
      cluster: { devices: 8 },
      sequenceLength: 8192,
      globalBatchTokens: 65_536,
      precision: 'fp8',
      layout: { tensorParallel: 4 },
      purchase: { usdPerDeviceHour: '2.00' },
    },
    read: deviceHours,
  },
  {
    title: 'DeepSeek-R1-Zero: GRPO of DeepSeek-V3 on 512 H800, 10,400 steps of 512 answers',
    unit: 'device-hours',
    counts: 'GPU-hours of the reinforcement learning (198 hours)',
    published: exact(101_000),
    source:
      'arXiv 2501.12948v2, appendix B: 16 answers to a question of at most 32,768 tokens (65,536 in the last fifth), 8,192 answers sampled at once; mean length of an answer read off figure 3, about 8,200',
    request: {
      model: 'deepseek-ai/DeepSeek-V3',
      tokens: 10_400 * 512 * 8500,
      method: 'grpo',
      rollout: { promptTokens: 300, responseTokens: 8200, maxResponseTokens: 32_768, groupSize: 16 },
      globalBatchTokens: 8192 * 8500,
      device: 'nvidia-h800-80gb',
      cluster: { devices: 512, fabric: 'infiniband_400g' },
      purchase: { usdPerDeviceHour: '2.00' },
    },
    read: deviceHours,
  },
  {
    title: 'Small, millions of parameters: GPT-2 124M on 300 bn tokens, A100',
    unit: 'USD',
    counts: 'compute with experiments at catalog prices',
    published: { low: 1e3, high: 10e3 },
    source: 'cost class "thousands of dollars"',
    request: {
      model: 'openai-community/gpt2',
      tokens: 300e9,
      device: A100,
      sequenceLength: 1024,
      cluster: { devices: 8 },
    },
    read: computeOfProgramme,
  },
  {
    title: 'Medium, billions of parameters: Llama 3.1 8B on 2 T tokens, H100',
    unit: 'USD',
    counts: 'compute with experiments at catalog prices',
    published: { low: 100e3, high: 10e6 },
    source: 'cost class "hundreds of thousands to millions"',
    request: { model: 'meta-llama/Llama-3.1-8B', tokens: 2e12, device: H100 },
    read: computeOfProgramme,
  },
  {
    title: 'Large, over 100 bn parameters: Llama 3.1 405B on 15.6 T tokens, H100',
    unit: 'USD',
    counts: 'compute with experiments at catalog prices',
    published: { low: 10e6, high: 1e9 },
    source: 'cost class "tens to hundreds of millions"',
    request: { model: 'meta-llama/Llama-3.1-405B', tokens: 15.6e12, device: H100, cluster: { devices: 16_384 } },
    read: computeOfProgramme,
  },
];

const AT = '2026-11-24T00:00:00.000Z';
const snapshot = snapshotFromSeed(loadSeed());

/** @throws Error where the service finds the run infeasible */
export function estimateRun({ request, read, title }: PublishedRun): Band {
  const answer = estimateTraining(snapshot, request, AT);
  if (answer.status !== 'feasible') throw new Error(`${title}: ${answer.summary}`);
  return read(answer);
}
