/**
 * A dense decoder of about N parameters, after the Llama 3 family (arXiv 2407.21783 table 3, and the 1B and 3B of Llama 3.2):
 * about 128 of width per layer, gated FFN of 3.5 x width, 8 key-value heads, heads of 128 (64 below a width of 2,048),
 * 128,256 tokens of vocabulary from 1 bn parameters (32,768 below), embeddings tied below 4 bn.
 */
import type { CustomLanguageModel } from '../../estimate/selectors.ts';

export const DECODER_RULE =
  'Dense decoder after the Llama 3 family: about 128 of width per layer, gated FFN of 3.5 x width, 8 key-value heads of 128, vocabulary 128,256 (32,768 below 1 bn parameters), embeddings tied below 4 bn.';

const WIDTH_PER_LAYER = 128;
const FFN_PER_WIDTH = 3.5;
const KEY_VALUE_HEADS = 8;
const LARGE_VOCABULARY_FROM = 1e9;
const UNTIED_FROM = 4e9;
const LARGEST_WIDTH = 65_536;
/** Shapes of nearly the right width per layer are told apart by how well they meet N, this much of it counting as one octave. */
const SIZE_TOLERANCE = 0.1;

interface DecoderShape {
  readonly model: CustomLanguageModel;
  readonly parameters: number;
}

/** Widths that leave heads for tensor parallelism: multiples of 1,024 from 4,096 on, finer below. */
const widthStep = (width: number): number => (width >= 4096 ? 1024 : width >= 1024 ? 256 : 64);

/** @throws RangeError below a million parameters or above what the widths reach. */
export function decoderShape(parameters: number, contextTokens: number): DecoderShape {
  if (!(parameters >= 1e6 && parameters <= 1e14)) {
    throw new RangeError(`No decoder of ${parameters} parameters: between a million and a hundred trillion.`);
  }
  const vocabularySize = parameters >= LARGE_VOCABULARY_FROM ? 128_256 : 32_768;
  const tiedEmbeddings = parameters < UNTIED_FROM;
  let best: {
    readonly width: number;
    readonly layers: number;
    readonly count: number;
    readonly misfit: number;
  } | null = null;
  for (let width = 64; width <= LARGEST_WIDTH; width += widthStep(width)) {
    const embeddings = vocabularySize * width * (tiedEmbeddings ? 1 : 2);
    const perLayer = layerParameters(width);
    const layers = Math.max(1, Math.round((parameters - embeddings) / perLayer));
    const count = embeddings + layers * perLayer;
    const misfit =
      Math.abs(Math.log2(width / layers / WIDTH_PER_LAYER)) + Math.abs(Math.log(count / parameters)) / SIZE_TOLERANCE;
    if (best === null || misfit < best.misfit) best = { width, layers, count, misfit };
  }
  if (best === null) throw new RangeError('No width to try.');
  const { width, layers, count } = best;
  return {
    parameters: count,
    model: {
      name: `${inBillions(count)}B decoder`,
      layers,
      hiddenSize: width,
      ffnHiddenSize: FFN_PER_WIDTH * width,
      vocabularySize,
      attentionHeads: width / headDim(width),
      kvHeads: keyValueHeads(width),
      headDim: headDim(width),
      gatedFfn: true,
      tiedEmbeddings,
      maxContextTokens: contextTokens,
    },
  };
}

const headDim = (width: number): number => (width >= 2048 ? 128 : 64);

/** The largest number up to 8 that divides the heads. */
function keyValueHeads(width: number): number {
  const heads = width / headDim(width);
  let kv = Math.min(KEY_VALUE_HEADS, heads);
  while (heads % kv !== 0) kv--;
  return kv;
}

function layerParameters(width: number): number {
  const keyValue = keyValueHeads(width) * headDim(width);
  return 2 * width * width + 2 * width * keyValue + 3 * FFN_PER_WIDTH * width * width;
}

const inBillions = (count: number): string => String(Number((count / 1e9).toPrecision(3)));
