/** Images in the prompt: tokens of their own, and an encoder that runs before the prefill. */
import type { AssumptionLog } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { attentionWidths } from '../../models/parameters.ts';
import { encodedImage, visionTowerOf } from '../../models/vision-tower.ts';
import type { InferenceRequest } from '../request.ts';
import { lengthened, type RequestLengths } from '../step/lengths.ts';

interface ImagePrompt {
  readonly lengths: RequestLengths;
  /** Of the image encoder, spread over all tokens of the prompt. */
  readonly encoderFlopsPerPromptToken: number;
  /** Image tokens outside of the prompt, which only cross-attention layers read. */
  readonly imageTokens: number;
}

/** @throws RequestFaultError for models that read no images. */
export function withImages(
  { promptImages }: InferenceRequest,
  model: LanguageArchitecture,
  lengths: RequestLengths,
  log: AssumptionLog,
): ImagePrompt {
  if (promptImages === undefined) return { lengths, encoderFlopsPerPromptToken: 0, imageTokens: 0 };
  const tower = visionTowerOf(model);
  if (tower === null) {
    return refuse(
      '/promptImages',
      'contradiction',
      'No image encoder of this model is known; leave promptImages out, or use a Qwen3-VL, Gemma 3 (4B and larger), Llama 4 or Llama 3.2 Vision model.',
    );
  }
  const { count, width, height } = promptImages;
  const image = encodedImage(tower, width, height);
  const imageTokens = count * image.tokens;
  // an image outside of the prompt leaves one token in it that marks its place
  const tokens = image.besidePrompt ? count : imageTokens;
  const { mean } = lengths.promptTokens;
  log.add({
    id: 'workload.image_tokens',
    field: '/promptImages',
    value: imageTokens,
    unit: 'tokens per request',
    range: null,
    source: 'published configuration of the image encoder: patches, merging and tiles',
    reason: image.besidePrompt
      ? `${count} image(s) of ${width} x ${height} pixels are encoded before the prompt and read by layers of their own.`
      : `${count} image(s) of ${width} x ${height} pixels join the text of the prompt and are encoded before it.`,
  });
  return {
    lengths: {
      ...lengths,
      promptTokens: lengthened(lengths.promptTokens, tokens),
    },
    encoderFlopsPerPromptToken:
      (count * image.flops + (image.besidePrompt ? imageTokens * imageKeyValueFlops(model) : 0)) / (mean + tokens),
    imageTokens: image.besidePrompt ? imageTokens : 0,
  };
}

/** Bytes of keys and values of an image token over all layers that attend to it. */
const imageKeyValueFlops = (model: LanguageArchitecture): number =>
  2 * (model.layerPattern.cross ?? 0) * model.hiddenSize * attentionWidths(model).keyValue;
