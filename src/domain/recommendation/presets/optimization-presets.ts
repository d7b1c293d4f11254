/**
 * Named ways of serving the same workload more cheaply, each with what it may cost in quality and what must hold for it. A preset
 * changes the question, so that the one performance model evaluates it like any other.
 */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { type RequestFault, refuse } from '../../estimate/request-fault.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import { smallerSibling } from '../../inference/optimization/distilled-model.ts';
import type { Quality } from '../../inference/optimization/option.ts';
import { OPTIMIZATIONS } from '../../inference/optimization/options.ts';
import {
  ASSUMED_ACCEPTED,
  ASSUMED_PREFIX_HITS,
  DRAFT_TOKENS,
  speculation,
} from '../../inference/optimization/traffic-options.ts';
import type { InferenceRecommendationRequest, InferenceWorkload, OptimizationPresetId } from '../request.ts';

interface PresetFacts {
  readonly id: OptimizationPresetId | 'combined';
  readonly label: string;
  /** Percent of the score of the workload as it stands. */
  readonly quality: Quality;
  readonly precondition: string;
  /** The figure that its gain rests on and the caller has not given; null where there is none. */
  readonly assumes: string | null;
}

export interface OptimizationPreset extends PresetFacts {
  readonly apply: (inference: InferenceWorkload) => InferenceWorkload;
}

interface UnavailablePreset extends PresetFacts {
  readonly status: 'applied' | 'not_available';
  readonly detail: string;
}

export type Preset = OptimizationPreset | UnavailablePreset;

export const isAvailable = (preset: Preset): preset is OptimizationPreset => 'apply' in preset;

const QUANTIZED_KV: Omit<PresetFacts, 'assumes'> = {
  id: 'quantized_kv',
  label: 'fp8 KV cache',
  quality: {
    low: 94,
    typical: 98,
    high: 99.5,
    source:
      'vLLM, "The State of FP8 KV-Cache and Attention Quantization" (2026-04-22): 94 to 99 % of the scores of a 16-bit cache on Llama, Qwen3 and mixtures of experts; long contexts lose most',
  },
  precondition: 'A device with fp8 units, an attention backend with fp8 kernels, and calibrated scales.',
};

/** Every preset there is, with why it cannot be had where it cannot. */
export function presetsOf(snapshot: CatalogSnapshot, request: InferenceRecommendationRequest): Preset[] {
  const { inference } = request;
  const wishes = request.optimizations ?? {};
  const language = resolveServedModel(snapshot, inference).kind === 'language';
  const { serving, traffic } = inference;
  const unavailable = (facts: PresetFacts, detail: string, applied = false): UnavailablePreset => ({
    ...facts,
    status: applied ? 'applied' : 'not_available',
    detail,
  });
  const streamsNothing = 'Only language models read prompts again and write token by token.';

  const prefix: PresetFacts = {
    ...factsOf('caching.prefix', 'prefix_caching'),
    assumes: `${ASSUMED_PREFIX_HITS} of prompt tokens found in the cache, as DeepSeek reports from production (2025-03); give inference.traffic.prefixCacheHitRate`,
  };
  const hitRate = traffic?.prefixCacheHitRate;
  const given = wishes.acceptedDraftTokens;
  const accepted = given === undefined ? {} : { acceptedDraftTokens: given };
  const speculative: PresetFacts = {
    ...factsOf('speculative_decoding', 'speculative_decoding'),
    assumes:
      given === undefined
        ? `${ASSUMED_ACCEPTED} of ${DRAFT_TOKENS} drafted tokens accepted, as InferenceX measured on Qwen3.8-27B; give optimizations.acceptedDraftTokens`
        : null,
  };
  const quantized: PresetFacts = { ...QUANTIZED_KV, assumes: null };
  const apart: PresetFacts = {
    ...factsOf('disaggregation', 'disaggregated'),
    assumes:
      serving?.networkGbPerSecondPerDevice === undefined
        ? 'a network of 400 Gb/s for each device, which the catalog does not know of; give inference.serving.networkGbPerSecondPerDevice'
        : null,
  };
  const distilled: PresetFacts = { ...factsOf('distillation', 'distilled'), assumes: null };
  const student = wishes.distilledModel ?? smallerSibling(snapshot, resolveServedModel(snapshot, inference));

  return [
    // first: the others are of the model that is served
    student === null
      ? unavailable(
          distilled,
          'The catalog has no smaller model of this kind; name one as optimizations.distilledModel.',
        )
      : {
          ...distilled,
          label: `${distilled.label}: ${student}`,
          apply: ({ customLanguageModel: _language, customVisionModel: _vision, ...asked }) => ({
            ...asked,
            model: student,
          }),
        },
    !language
      ? unavailable(prefix, streamsNothing)
      : hitRate === undefined
        ? {
            ...prefix,
            apply: (asked) => ({ ...asked, traffic: { ...asked.traffic, prefixCacheHitRate: ASSUMED_PREFIX_HITS } }),
          }
        : hitRate > 0
          ? unavailable(prefix, `The request has it, with ${hitRate} of prompt tokens found.`, true)
          : unavailable(prefix, 'The request says that prompts share nothing.'),
    !language
      ? unavailable(speculative, streamsNothing)
      : serving?.speculative !== undefined
        ? unavailable(speculative, 'The request has it.', true)
        : {
            ...speculative,
            apply: (asked) => ({
              ...asked,
              serving: {
                ...asked.serving,
                speculative: speculation({ snapshot, request: asked, wishes: accepted }),
              },
            }),
          },
    !language
      ? unavailable(quantized, streamsNothing)
      : serving?.kvCacheFormat !== undefined
        ? unavailable(
            quantized,
            `The request fixes the KV cache to ${serving.kvCacheFormat}.`,
            serving.kvCacheFormat === 'fp8',
          )
        : { ...quantized, apply: (asked) => ({ ...asked, serving: { ...asked.serving, kvCacheFormat: 'fp8' } }) },
    !language
      ? unavailable(apart, streamsNothing)
      : serving?.disaggregated !== undefined
        ? unavailable(
            apart,
            serving.disaggregated ? 'The request has it.' : 'The request keeps both on the same replicas.',
            serving.disaggregated,
          )
        : { ...apart, apply: (asked) => ({ ...asked, serving: { ...asked.serving, disaggregated: true } }) },
  ];
}

function factsOf(optimizationId: string, id: OptimizationPresetId): Omit<PresetFacts, 'assumes'> {
  const found = OPTIMIZATIONS.find((optimization) => optimization.id === optimizationId);
  if (found === undefined) throw new RangeError(`There is no optimization ${optimizationId}.`);
  const { label, quality, precondition } = found;
  return { id, label, quality, precondition };
}

/** What the caller accepts: each alone, and all of them together. */
export function acceptedPresets(
  snapshot: CatalogSnapshot,
  request: InferenceRecommendationRequest,
): OptimizationPreset[] {
  const accept = request.optimizations?.accept ?? [];
  if (accept.length === 0) return [];
  const singles = presetsOf(snapshot, request)
    .filter(isAvailable)
    .filter(({ id }) => (accept as readonly string[]).includes(id));
  return singles.length < 2 ? singles : [...singles, combined(singles)];
}

function combined(presets: readonly OptimizationPreset[]): OptimizationPreset {
  const kept = (of: 'low' | 'typical' | 'high'): number =>
    presets.reduce((share, { quality }) => (share * quality[of]) / 100, 100);
  const assumed = presets.flatMap(({ assumes }) => assumes ?? []);
  return {
    id: 'combined',
    label: presets.map(({ label }) => label).join(' + '),
    quality: {
      low: kept('low'),
      typical: kept('typical'),
      high: kept('high'),
      source: 'the shares kept by each, multiplied: nobody measured them together',
    },
    precondition: presets.map(({ precondition }) => precondition).join(' '),
    assumes: assumed.length === 0 ? null : assumed.join('; '),
    apply: (inference) => presets.reduce((changed, preset) => preset.apply(changed), inference),
  };
}

/** @throws RequestFaultError where what is accepted cannot be had, or the smaller model is not one of its kind. */
export function checkPresets(snapshot: CatalogSnapshot, request: InferenceRecommendationRequest): void {
  const { accept = [], distilledModel, acceptedDraftTokens } = request.optimizations ?? {};
  if (distilledModel !== undefined) checkStudent(snapshot, request, distilledModel);
  const presets = presetsOf(snapshot, request);
  for (const [index, id] of accept.entries()) {
    const preset = presets.find((candidate) => candidate.id === id);
    if (preset === undefined || isAvailable(preset)) continue;
    const detail = `${preset.label}: ${preset.detail} Leave it out of optimizations.accept.`;
    refuse(`/optimizations/accept/${index}`, 'contradiction', detail);
  }
  if (acceptedDraftTokens !== undefined && request.inference.serving?.speculative !== undefined) {
    const detail = 'inference.serving.speculative says how many drafted tokens are accepted; leave this out.';
    refuse('/optimizations/acceptedDraftTokens', 'exclusive', detail);
  }
}

function checkStudent(snapshot: CatalogSnapshot, { inference }: InferenceRecommendationRequest, id: string): void {
  const pointer: RequestFault['pointer'] = '/optimizations/distilledModel';
  const student = snapshot.model(id);
  if (student === undefined) {
    refuse(pointer, 'unknown_id', `The catalog has no model "${id}".`, { kind: 'model', id });
    return;
  }
  const teacher = resolveServedModel(snapshot, inference);
  if (student.architecture.kind !== teacher.architecture.kind) {
    const detail = `${student.name} is another kind of model than ${teacher.name}; name one of its kind.`;
    refuse(pointer, 'contradiction', detail);
  }
}
