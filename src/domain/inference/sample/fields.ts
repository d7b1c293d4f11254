/** Which parts of a request concern which kind of model: what does not is refused in a sentence. */

import { refuse } from '../../estimate/request-fault.ts';
import type { ModelKind } from '../../models/architecture.ts';
import { latencyLimits } from '../latency-objectives.ts';
import type { InferenceRequest } from '../request.ts';
import type { SampleFormat } from './serving.ts';

type KindField =
  | 'promptImages'
  | 'userDevices'
  | 'promptTokens'
  | 'outputTokens'
  | 'audioSecondsPerRequest'
  | 'imageSize'
  | 'denoisingSteps'
  | 'candidatesPerRequest';

/** Kinds that a field means something to, and what it means. */
const FIELDS: Readonly<Record<KindField, { readonly kinds: readonly ModelKind[]; readonly what: string }>> = {
  promptImages: { kinds: ['language'], what: 'some language models read images beside text' },
  userDevices: {
    kinds: ['language'],
    what: 'language models are estimated on the devices of their users; name the device and its price for others',
  },
  promptTokens: { kinds: ['language', 'encoder'], what: 'language models and encoders read tokens' },
  outputTokens: { kinds: ['language', 'speech_to_text'], what: 'language and speech models write tokens' },
  audioSecondsPerRequest: { kinds: ['speech_to_text'], what: 'speech models hear audio' },
  imageSize: { kinds: ['text_to_image'], what: 'image generators take a size; vision models have theirs' },
  denoisingSteps: { kinds: ['text_to_image'], what: 'image generators denoise' },
  candidatesPerRequest: { kinds: ['recommendation'], what: 'ranking models score candidates' },
};

const SAMPLE_FIELDS = Object.keys(FIELDS) as KindField[];

/** @throws RequestFaultError for fields that mean nothing to this kind of model. */
export function refuseForeignFields(request: InferenceRequest, kind: ModelKind): void {
  if (kind !== 'language' && request.serving?.disaggregated) {
    refuse(
      '/serving/disaggregated',
      'contradiction',
      `${words(kind, true)} models have no prefill and decode; leave disaggregated out.`,
    );
  }
  for (const field of SAMPLE_FIELDS) {
    const { kinds, what } = FIELDS[field];
    if (request[field] !== undefined && !kinds.includes(kind)) {
      refuse(`/${field}`, 'contradiction', `This is a ${words(kind)} model; leave ${field} out (only ${what}).`);
    }
  }
}

/** @throws RequestFaultError for objectives and formats of language models. */
export function sampleFormat(request: InferenceRequest, kind: ModelKind): SampleFormat | null {
  const streamed = latencyLimits(request.objectives ?? {}).find(({ figure }) => figure !== 'end_to_end');
  if (streamed !== undefined) {
    refuse(
      `/objectives/${streamed.field}`,
      'contradiction',
      `${words(kind, true)} models do not stream tokens; use endToEndMs${streamed.percentile.toUpperCase()} for the time per sample.`,
    );
  }
  const format = request.serving?.weightFormat;
  if (format === undefined) return null;
  if (format === 'int4' || format === 'fp4' || format === 'mxfp4') {
    const message = `${words(kind, true)} models run as fp16, bf16, fp32, int8, w8a16 or fp8 here, not as ${format}.`;
    return refuse('/serving/weightFormat', 'choice', message);
  }
  return format;
}

function words(kind: ModelKind, capital = false): string {
  const name = kind.startsWith('vision_') ? 'vision' : kind.replaceAll('_', '-');
  return capital ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : name;
}
