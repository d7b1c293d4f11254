/** Arithmetic and traffic of one sample, multiply and add counted apart. */
import type { EncoderArchitecture, RecommendationArchitecture, SpeechArchitecture } from './sample-architecture.ts';

/**
 * A transformer encoder over one sequence: 2 FLOP per weight and token in four attention and two feed-forward matrices,
 * and the two products of attention (arXiv 2104.04473, section 3; no causal mask).
 */
export const encoderFlops = (shape: EncoderShape, tokens: number): number =>
  2 * tokens * encoderWeights(shape) + shape.layers * 4 * tokens ** 2 * shape.hiddenSize;

type EncoderShape = Pick<EncoderArchitecture, 'layers' | 'hiddenSize' | 'ffnHiddenSize'>;

/** Weights that every pass reads; embeddings are looked up. */
export const encoderWeights = ({ layers, hiddenSize, ffnHiddenSize }: EncoderShape): number =>
  layers * (4 * hiddenSize ** 2 + 2 * hiddenSize * ffnHiddenSize);

const FFN_FACTOR = 4;
const MEL_BANDS = 80;

/** The encoder over one window (arXiv 2212.04356): two convolutions over mel frames, then layers of four times the width. */
export function speechEncoderFlops({ encoderLayers, hiddenSize, audioContext }: SpeechArchitecture): number {
  const stem = 2 * 3 * hiddenSize * (2 * audioContext * MEL_BANDS + audioContext * hiddenSize);
  const shape = { layers: encoderLayers, hiddenSize, ffnHiddenSize: FFN_FACTOR * hiddenSize };
  return stem + encoderFlops(shape, audioContext);
}

/** Keys and values of the audio once per window; then per text token self-attention, cross-attention, feed-forward, head. */
export function speechDecoderFlops(
  { decoderLayers, hiddenSize, audioContext, vocabularySize }: SpeechArchitecture,
  windows: number,
  textTokens: number,
): number {
  const audioKeysAndValues = decoderLayers * 4 * audioContext * hiddenSize ** 2;
  const matrices = (4 + 2 + 2 * FFN_FACTOR) * hiddenSize ** 2;
  const perToken = decoderLayers * (2 * matrices + 4 * audioContext * hiddenSize) + 2 * hiddenSize * vocabularySize;
  return windows * audioKeysAndValues + textTokens * perToken;
}

/** Values read per text token that no batch shares: the keys and values of the audio, in every decoder layer. */
export const crossAttentionValues = ({ decoderLayers, hiddenSize, audioContext }: SpeechArchitecture): number =>
  decoderLayers * 2 * audioContext * hiddenSize;

/** Weights of the decoder that every step reads once. */
export const speechDecoderWeights = ({ decoderLayers, hiddenSize, vocabularySize }: SpeechArchitecture): number =>
  decoderLayers * (8 + 2 * FFN_FACTOR) * hiddenSize ** 2 + vocabularySize * hiddenSize;

const perceptron = (widths: readonly number[]): number =>
  widths.slice(1).reduce((flops, wide, index) => flops + 2 * (widths[index] as number) * wide, 0);

/** One user-item pair of DLRM (arXiv 1906.00091) or of its low-rank cross network (arXiv 2008.13535). */
export function recommendationFlops(model: RecommendationArchitecture): number {
  const features = model.embeddingTables + 1;
  const bottom = perceptron([model.denseFeatures, ...model.bottomMlp]);
  const concatenated = features * model.embeddingDim;
  if (model.crossLayers > 0) {
    const cross = model.crossLayers * 4 * concatenated * model.crossRank;
    return bottom + cross + perceptron([concatenated, ...model.topMlp]);
  }
  const pairs = (features * (features - 1)) / 2;
  const interaction = 2 * pairs * model.embeddingDim;
  return bottom + interaction + perceptron([pairs + model.embeddingDim, ...model.topMlp]);
}
