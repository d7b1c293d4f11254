/** The optimizations there are: what each changes, what it may cost in quality, and what must hold for it. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { FeasibleInference } from '../estimate-result.ts';
import { bytesPerWeight } from '../formats.ts';
import type { InferenceRequest, WeightFormat } from '../request.ts';
import { smallerSibling } from './distilled-model.ts';
import type { OptimizationWishes } from './request.ts';
import { SPOT_DEVICE_TIME_FACTOR } from './spot-interruptions.ts';
import type { Trial } from './trial.ts';

export type OptionGroup =
  | 'weights'
  | 'pruning'
  | 'model'
  | 'batching'
  | 'prefix_cache'
  | 'response_cache'
  | 'speculation'
  | 'disaggregation'
  | 'device'
  | 'purchase'
  | 'edge';

/** Share of benchmark scores kept, percent. */
export interface Quality {
  readonly low: number;
  readonly typical: number;
  readonly high: number;
  readonly source: string;
}

export interface OptionContext {
  readonly snapshot: CatalogSnapshot;
  readonly at: string;
  readonly request: InferenceRequest;
  readonly wishes: OptimizationWishes;
  readonly base: FeasibleInference;
}

export interface FieldChange {
  /** JSON pointer into the inference request. */
  readonly field: string;
  readonly to: string | number | boolean;
}

export interface Optimization {
  readonly id: string;
  readonly label: string;
  /** Options of one group exclude each other. */
  readonly group: OptionGroup;
  /** computed: the estimate is run again with the change; sourced: the effect is a published figure. */
  readonly effect: 'computed' | 'sourced';
  readonly effectSource: string;
  readonly quality: Quality;
  readonly precondition: string;
  /** The gain rests on a figure of the traffic that the caller has not given. */
  readonly rests: (context: OptionContext) => boolean;
  /** The request has it already. */
  readonly applied: (context: OptionContext) => boolean;
  /** Why it cannot be had; null where it can. */
  readonly obstacle: (context: OptionContext) => string | null;
  readonly apply: (trial: Trial, context: OptionContext) => Trial;
  readonly remove: (trial: Trial, context: OptionContext) => Trial;
  readonly changes: (context: OptionContext) => readonly FieldChange[];
}

const EXACT: Quality = { low: 100, typical: 100, high: 100, source: 'the answers are the same' };
const KURTIC = 'Kurtic et al. 2024, "Give me BF16 or give me death?" (arXiv 2411.02355), Llama 3.1 family';
const MODEL = 'this service: the estimate run again with the change';

const never = () => false;
const same = (trial: Trial): Trial => trial;

const withServing = (trial: Trial, serving: InferenceRequest['serving']): Trial => ({
  ...trial,
  request: { ...trial.request, serving: { ...trial.request.serving, ...serving } },
});

function withoutFormat(trial: Trial): Trial {
  const { weightFormat: _format, kvCacheFormat: _cache, ...serving } = trial.request.serving ?? {};
  return { ...trial, request: { ...trial.request, serving } };
}

const isLanguage = ({ base }: OptionContext): boolean => base.performance.kind === 'language';

interface FormatFacts {
  readonly format: WeightFormat;
  readonly label: string;
  readonly quality: Quality;
  readonly precondition: string;
}

const FORMATS: readonly FormatFacts[] = [
  {
    format: 'fp8',
    label: 'fp8 weights and activations',
    quality: { low: 99, typical: 99.8, high: 100, source: `${KURTIC}: lossless across sizes` },
    precondition: 'A device with fp8 units (Hopper, Ada and later) and a calibrated checkpoint.',
  },
  {
    format: 'int8',
    label: 'int8 weights and activations',
    quality: { low: 97, typical: 98.5, high: 99.5, source: `${KURTIC}: 1 to 3 % lost when tuned` },
    precondition: 'A calibrated checkpoint (SmoothQuant, GPTQ).',
  },
  {
    format: 'int4',
    label: 'int4 weights alone',
    quality: {
      low: 95,
      typical: 98,
      high: 99.5,
      source: `${KURTIC}: close to int8; more is lost below 10 billion parameters`,
    },
    precondition: 'Small batches: the gain is in reading weights, and arithmetic stays in 16 bits.',
  },
  {
    format: 'fp4',
    label: 'nvfp4 weights and activations',
    quality: {
      low: 96,
      typical: 99,
      high: 99.8,
      source: 'NVIDIA, NVFP4 announcement (2025-06): within 1 % of fp8 on DeepSeek-R1; smaller models lose more',
    },
    precondition: 'A device with fp4 units (Blackwell) and a calibrated checkpoint.',
  },
];

/** What weights in a format keep of the scores of 16-bit ones; null where nobody measured it. */
export const formatQuality = (format: WeightFormat): Quality | null =>
  FORMATS.find((facts) => facts.format === format)?.quality ?? null;

/** 16 bits where the catalog does not say. */
const publishedBytes = ({ snapshot, request }: OptionContext): number => {
  const model = resolveServedModel(snapshot, request);
  if (model.kind !== 'language') return 2;
  return bytesPerWeight((model.architecture.nativeWeightFormat ?? 'bf16') as WeightFormat, 'vllm');
};

const quantization = ({ format, label, quality, precondition }: FormatFacts): Optimization => ({
  id: `quantization.${format}`,
  label,
  group: 'weights',
  effect: 'computed',
  effectSource: MODEL,
  quality,
  precondition,
  rests: never,
  applied: ({ request }) => request.serving?.weightFormat === format,
  obstacle: (context) => {
    if (context.request.serving?.weightFormat === format) return null;
    if (bytesPerWeight(format, 'vllm') >= publishedBytes(context)) {
      return 'The published checkpoint is as narrow already.';
    }
    return !isLanguage(context) && format !== 'int8' && format !== 'fp8'
      ? 'Runs as int8 or fp8 at the narrowest here.'
      : null;
  },
  apply: (trial) => withServing(trial, { weightFormat: format }),
  remove: withoutFormat,
  changes: () => [{ field: '/serving/weightFormat', to: format }],
});

/** ShortGPT takes a quarter of the layers; so does this. */
const LAYERS_KEPT = 0.75;
/** 30 % more throughput from 2:4 alone. */
const SPARSE_DEVICE_TIME = 1 / 1.3;
/** DeepSeek in production; the caller's own rate replaces it. */
const ASSUMED_PREFIX_HITS = 0.563;
const ASSUMED_RESPONSE_HITS = 0.31;
const ASSUMED_EDGE_SHARE = 0.3;
const DRAFT_TOKENS = 3;
/** Acceptance length 2.52 at three drafted tokens. */
const ASSUMED_ACCEPTED = 1.52;
const DRAFT_COST = 0.05;

export const speculation = ({ wishes }: OptionContext) => ({
  draftTokens: Math.max(DRAFT_TOKENS, Math.ceil(wishes.acceptedDraftTokens ?? 0)),
  acceptedTokens: wishes.acceptedDraftTokens ?? ASSUMED_ACCEPTED,
  draftCostFraction: DRAFT_COST,
});

const sparseUnits = ({ snapshot, base }: OptionContext): boolean => {
  const device = snapshot.device(base.deployment.deviceId);
  return device?.vendor.toLowerCase() === 'nvidia' && (device.densePeakFlops.bf16 ?? 0) > 0 && device.class !== 'edge';
};

const rented = ({ request }: OptionContext): string | null => {
  const { purchase, customDevice } = request;
  if (purchase?.usdPerDeviceHour !== undefined || customDevice !== undefined) {
    return 'The rate of the request is what is paid; other terms have none.';
  }
  return purchase?.category === 'owned' ? 'The hardware is owned.' : null;
};

const purchaseOption = (
  id: string,
  label: string,
  purchase: NonNullable<InferenceRequest['purchase']>,
  rest: Pick<Optimization, 'precondition' | 'rests'> & { readonly factor?: number },
): Optimization => ({
  id,
  label,
  group: 'purchase',
  effect: 'computed',
  effectSource: MODEL,
  quality: EXACT,
  precondition: rest.precondition,
  rests: rest.rests,
  applied: ({ request }) =>
    request.purchase?.category === purchase.category &&
    (purchase.termMonths === undefined || request.purchase?.termMonths === purchase.termMonths),
  obstacle: rented,
  apply: (trial) => ({
    ...trial,
    request: { ...trial.request, purchase },
    deviceTimeFactor: trial.deviceTimeFactor * (rest.factor ?? 1),
  }),
  remove: (trial) => ({ ...trial, request: { ...trial.request, purchase: { category: 'on_demand' } } }),
  changes: () => [
    { field: '/purchase/category', to: purchase.category as string },
    ...(purchase.termMonths === undefined ? [] : [{ field: '/purchase/termMonths', to: purchase.termMonths }]),
  ],
});

export const OPTIMIZATIONS: readonly Optimization[] = [
  ...FORMATS.map(quantization),
  {
    id: 'pruning.structured',
    label: 'Structured pruning of a quarter of the layers',
    group: 'pruning',
    effect: 'computed',
    effectSource: `${MODEL}, with three quarters of the layers`,
    quality: {
      low: 80,
      typical: 93,
      high: 97,
      source:
        'Men et al. 2024, ShortGPT (arXiv 2403.03853): Llama-2-13B keeps 95 % of MMLU without a quarter of its layers; generation loses more, and training again wins some back',
    },
    precondition: 'Training again on some billion tokens, and tests of generation.',
    rests: never,
    applied: never,
    obstacle: (context) => (isLanguage(context) ? null : 'Estimated for language models only.'),
    apply: (trial) => ({ ...trial, layersKept: trial.layersKept * LAYERS_KEPT }),
    remove: same,
    changes: () => [],
  },
  {
    id: 'pruning.2_4',
    label: '2:4 sparsity',
    group: 'pruning',
    effect: 'sourced',
    effectSource:
      'Neural Magic 2024, 2:4 Sparse Llama: 30 % more throughput from sparsity alone, where arithmetic would allow 100 %',
    quality: {
      low: 95,
      typical: 98.4,
      high: 99.5,
      source: 'Neural Magic 2024, 2:4 Sparse Llama 3.1 8B: 98.4 % of the Open LLM Leaderboard kept',
    },
    precondition:
      'An NVIDIA device from Ampere on, an engine with sparse kernels, and training again on some billion tokens.',
    rests: never,
    applied: never,
    obstacle: (context) => {
      if (!isLanguage(context)) return 'Published for language models only.';
      return sparseUnits(context) ? null : 'The device has no 2:4 sparse units.';
    },
    apply: (trial) => ({ ...trial, deviceTimeFactor: trial.deviceTimeFactor * SPARSE_DEVICE_TIME }),
    remove: same,
    changes: () => [],
  },
  {
    id: 'distillation',
    label: 'A distilled, smaller model',
    group: 'model',
    effect: 'computed',
    effectSource: `${MODEL}, on the smaller model`,
    quality: {
      low: 75,
      typical: 87,
      high: 97,
      source:
        'Meta, Llama 3.1 model card: 8B keeps 83 % (MMLU), 90 % (HumanEval) and 89 % (GSM8K) of 70B; DistilBERT keeps 97 % with 40 % fewer parameters (arXiv 1910.01108)',
    },
    precondition: 'Data of the task to distil on, and tests on it: on a narrow task little may be lost.',
    rests: never,
    applied: never,
    obstacle: (context) =>
      studentOf(context) === null
        ? 'The catalog has no smaller model of this kind; name one as optimization.distilledModel.'
        : null,
    apply: (trial, context) => {
      const { customLanguageModel: _custom, customVisionModel: _vision, ...request } = trial.request;
      return { ...trial, request: { ...request, model: studentOf(context) as string } };
    },
    remove: same,
    changes: (context) => [{ field: '/model', to: studentOf(context) ?? '' }],
  },
  {
    id: 'caching.prefix',
    label: 'Prefix caching',
    group: 'prefix_cache',
    effect: 'computed',
    effectSource: `${MODEL}; hit rate of the request, or 0.563 as DeepSeek reports from production (2025-03)`,
    quality: EXACT,
    precondition:
      'Prompts that begin alike: system prompts, documents, conversations. Routing must keep them together.',
    rests: ({ request }) => request.traffic?.prefixCacheHitRate === undefined,
    applied: ({ request }) => (request.traffic?.prefixCacheHitRate ?? 0) > 0,
    obstacle: (context) => {
      if (!isLanguage(context)) return 'Only language models read prompts again.';
      return context.request.traffic?.prefixCacheHitRate === 0 ? 'The request says that prompts share nothing.' : null;
    },
    apply: (trial, { request }) => ({
      ...trial,
      request: {
        ...trial.request,
        traffic: {
          ...trial.request.traffic,
          prefixCacheHitRate: request.traffic?.prefixCacheHitRate ?? ASSUMED_PREFIX_HITS,
        },
      },
    }),
    remove: (trial) => ({
      ...trial,
      request: { ...trial.request, traffic: { ...trial.request.traffic, prefixCacheHitRate: 0 } },
    }),
    changes: () => [{ field: '/traffic/prefixCacheHitRate', to: ASSUMED_PREFIX_HITS }],
  },
  {
    id: 'caching.response',
    label: 'Caching of whole answers',
    group: 'response_cache',
    effect: 'computed',
    effectSource: `${MODEL}, without the requests that the cache answers: the rate given, or 31 % as MeanCache found of repeated queries (arXiv 2403.02694)`,
    quality: {
      low: 97,
      typical: 99,
      high: 100,
      source: 'GPT Semantic Cache (arXiv 2411.05276): over 97 % of hits are right; exact matches lose nothing',
    },
    precondition: 'Questions that come again and answers that do not depend on the person or the hour.',
    rests: ({ wishes }) => wishes.responseCacheHitRate === undefined,
    applied: never,
    obstacle: ({ wishes }) =>
      wishes.responseCacheHitRate === 0 ? 'The request says that no request comes again.' : null,
    apply: (trial, { wishes }) => ({
      ...trial,
      servedShare: trial.servedShare * (1 - (wishes.responseCacheHitRate ?? ASSUMED_RESPONSE_HITS)),
    }),
    remove: same,
    changes: ({ request, wishes }) => [
      {
        field: '/requestsPerDay',
        to: request.requestsPerDay * (1 - (wishes.responseCacheHitRate ?? ASSUMED_RESPONSE_HITS)),
      },
    ],
  },
  {
    id: 'speculative_decoding',
    label: 'Speculative decoding',
    group: 'speculation',
    effect: 'computed',
    effectSource: `${MODEL}; accepted tokens of the request, or 1.52 of 3 as SemiAnalysis InferenceX measured on Qwen3.8-27B with multi-token prediction`,
    quality: { ...EXACT, source: 'the accepted tokens are those the model would have written' },
    precondition:
      'A draft model or heads trained for this model, and batches small enough that arithmetic stands idle.',
    rests: ({ wishes, request }) =>
      wishes.acceptedDraftTokens === undefined && request.serving?.speculative === undefined,
    applied: ({ request }) => request.serving?.speculative !== undefined,
    obstacle: (context) => (isLanguage(context) ? null : 'Only language models write token by token.'),
    apply: (trial, context) => withServing(trial, { speculative: speculation(context) }),
    remove: (trial) => {
      const { speculative: _speculative, ...serving } = trial.request.serving ?? {};
      return { ...trial, request: { ...trial.request, serving } };
    },
    changes: (context) => {
      const { draftTokens, acceptedTokens, draftCostFraction } = speculation(context);
      return [
        { field: '/serving/speculative/draftTokens', to: draftTokens },
        { field: '/serving/speculative/acceptedTokens', to: acceptedTokens },
        { field: '/serving/speculative/draftCostFraction', to: draftCostFraction },
      ];
    },
  },
  {
    id: 'right_sizing',
    label: 'The device that fits the load',
    group: 'device',
    effect: 'computed',
    effectSource: `${MODEL}, every device compared`,
    quality: EXACT,
    precondition: 'Supply of that device where it must run.',
    rests: never,
    applied: ({ request }) => request.device === undefined && request.customDevice === undefined,
    obstacle: ({ request }) =>
      request.purchase?.usdPerDeviceHour !== undefined || request.purchase?.owned?.purchasePricePerDevice !== undefined
        ? 'The price of the request holds for one device.'
        : null,
    apply: (trial) => {
      const { device: _device, customDevice: _custom, ...request } = trial.request;
      const { tensorParallel: _t, pipelineParallel: _p, expertParallel: _e, ...serving } = request.serving ?? {};
      return { ...trial, request: { ...request, serving } };
    },
    remove: same,
    changes: () => [],
  },
  purchaseOption(
    'commitment.12',
    'A commitment of a year',
    { category: 'committed', termMonths: 12 },
    { precondition: 'The load stays for a year.', rests: never },
  ),
  purchaseOption(
    'commitment.36',
    'A commitment of three years',
    { category: 'committed', termMonths: 36 },
    { precondition: 'The load stays for three years, while prices fall.', rests: never },
  ),
  purchaseOption(
    'spot',
    'Spot instances',
    { category: 'spot' },
    {
      precondition: 'Replicas may be taken away at short notice: spare ones in several zones, and a fall-back.',
      rests: ({ wishes }) => wishes.interruptible !== true,
      factor: SPOT_DEVICE_TIME_FACTOR,
    },
  ),
  {
    id: 'edge_offload',
    label: 'Easy requests answered on the device of the user',
    group: 'edge',
    effect: 'computed',
    effectSource: `${MODEL}, without the requests answered at the edge: the share given, or 30 % (judgement)`,
    quality: {
      low: 93,
      typical: 98,
      high: 100,
      source:
        'Ong et al. 2024, RouteLLM (arXiv 2406.18665): 95 % of the stronger model kept with half to three quarters of requests routed away; scaled to the share',
    },
    precondition: 'A small model on the devices of the users, and a router that knows which requests are easy.',
    rests: ({ wishes }) => wishes.edgeOffloadShare === undefined,
    applied: never,
    obstacle: ({ wishes }) =>
      wishes.edgeOffloadShare === 0 ? 'The request says that nothing can be answered there.' : null,
    apply: (trial, { wishes }) => ({
      ...trial,
      servedShare: trial.servedShare * (1 - (wishes.edgeOffloadShare ?? ASSUMED_EDGE_SHARE)),
    }),
    remove: same,
    changes: ({ request, wishes }) => [
      { field: '/requestsPerDay', to: request.requestsPerDay * (1 - (wishes.edgeOffloadShare ?? ASSUMED_EDGE_SHARE)) },
    ],
  },
];

const studentOf = ({ snapshot, request, wishes }: OptionContext): string | null =>
  wishes.distilledModel ?? smallerSibling(snapshot, resolveServedModel(snapshot, request));
