/** Narrower numbers: what each keeps of the scores, and where it can be had. */
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { WeightFormat } from '../request.ts';
import { bytesPerWeight } from '../step/formats.ts';
import {
  COMPUTED,
  isLanguage,
  never,
  type Optimization,
  type OptionContext,
  type Quality,
  withServing,
} from './option.ts';
import type { Trial } from './trial.ts';

const KURTIC = 'Kurtic et al. 2024, "Give me BF16 or give me death?" (arXiv 2411.02355), Llama 3.1 family';

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
export const formatQuality = (format: string): Quality | null =>
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
  effectSource: COMPUTED,
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

export const QUANTIZATIONS: readonly Optimization[] = FORMATS.map(quantization);

function withoutFormat(trial: Trial): Trial {
  const { weightFormat: _format, kvCacheFormat: _cache, ...serving } = trial.request.serving ?? {};
  return { ...trial, request: { ...trial.request, serving } };
}
