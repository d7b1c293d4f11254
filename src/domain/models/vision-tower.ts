/**
 * Image encoders in front of language models: tokens that an image becomes, and the arithmetic of encoding it.
 *
 *   tokens  = patches / merge^2                       patches = (side / patch)^2 per tile, or of the image as it is
 *   FLOP    = patches x layers x (8 h^2 + 4 h f) + 4 patches_of_tile^2 h layers per tile
 *
 * (two per multiply-add; four projections and two matrices of the feed-forward layer; bidirectional attention, Dosovitskiy
 * et al. 2021). Shapes: published configurations of Qwen3-VL (transformers, Qwen3VLVisionConfig; 4B: depth 24, width 1024),
 * Qwen2.5-VL (transformers, Qwen2_5_VLVisionConfig: depth 32, width 1280, gated feed-forward layer of 3420), Qwen3.5 and 3.6
 * (config.json of 27B: depth 27, width 1152), Gemma 3 (config.json: SigLIP at 896 x 896, 256 tokens an image), Llama 4
 * (config.json: tiles of 336, pixel shuffle 0.5), and Mistral 3 (config.json: Pixtral, depth 24, width 1024, gated 4096).
 */
import type { LanguageArchitecture } from './architecture.ts';

interface VisionTower {
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ffnHiddenSize: number;
  readonly patchPixels: number;
  /** Patches along each side that become one token. */
  readonly mergedPatches: number;
  /** Pixels along each side of what is encoded at once; null: the image at its own size. */
  readonly tilePixels: number | null;
  /** 1: the image is scaled to one tile. */
  readonly mostTiles: number;
  /** Tokens of each tile besides its patches. */
  readonly classTokens?: number;
  /** Whether cross-attention layers read the image, which then is not part of the prompt. */
  readonly besidePrompt?: true;
}

const QWEN3_VL: VisionTower = {
  layers: 27,
  hiddenSize: 1152,
  ffnHiddenSize: 4304,
  patchPixels: 16,
  mergedPatches: 2,
  tilePixels: null,
  mostTiles: 1,
};
const QWEN3_VL_SMALL: VisionTower = { ...QWEN3_VL, layers: 24, hiddenSize: 1024, ffnHiddenSize: 4096 };
/** Text models up to this width come with the small tower. */
const QWEN3_VL_SMALL_WIDTH = 2560;
/** A gated feed-forward network has three matrices instead of two, which counts as 1.5 times the width. */
const GATED = 1.5;
const QWEN2_5_VL: VisionTower = {
  layers: 32,
  hiddenSize: 1280,
  ffnHiddenSize: GATED * 3420,
  patchPixels: 14,
  mergedPatches: 2,
  tilePixels: null,
  mostTiles: 1,
};
/** Smaller Qwen3.5 models read images too; their encoders are not described here. */
const QWEN3_5_DESCRIBED_WIDTH = 2560;
const PIXTRAL: VisionTower = {
  layers: 24,
  hiddenSize: 1024,
  ffnHiddenSize: GATED * 4096,
  patchPixels: 14,
  mergedPatches: 2,
  tilePixels: null,
  mostTiles: 1,
};
const GEMMA_3: VisionTower = {
  layers: 27,
  hiddenSize: 1152,
  ffnHiddenSize: 4304,
  patchPixels: 14,
  mergedPatches: 4,
  tilePixels: 896,
  mostTiles: 1,
};
/** The smallest Gemma 3 reads text alone. */
const GEMMA_3_TEXT_WIDTH = 1152;
const LLAMA_4: VisionTower = {
  layers: 34,
  hiddenSize: 1408,
  ffnHiddenSize: 5632,
  patchPixels: 14,
  mergedPatches: 2,
  tilePixels: 336,
  mostTiles: 16,
};

/** Llama 3.2 Vision: tiles of 560, 32 layers and 8 over all tiles (pytorch/torchtune, llama3_2_vision_11b and _90b). */
const LLAMA_3_2_VISION: VisionTower = {
  layers: 40,
  hiddenSize: 1280,
  ffnHiddenSize: 5120,
  patchPixels: 14,
  mergedPatches: 1,
  tilePixels: 560,
  mostTiles: 4,
  classTokens: 1,
  besidePrompt: true,
};

/** Null for models that read no images, or whose image encoder is not described here. */
export function visionTowerOf({ family, hiddenSize }: LanguageArchitecture): VisionTower | null {
  switch (family) {
    case 'qwen3_vl':
      return hiddenSize <= QWEN3_VL_SMALL_WIDTH ? QWEN3_VL_SMALL : QWEN3_VL;
    case 'qwen3_vl_moe':
      return QWEN3_VL;
    case 'qwen2_5_vl':
      return QWEN2_5_VL;
    case 'qwen3_5':
      return hiddenSize > QWEN3_5_DESCRIBED_WIDTH ? QWEN3_VL : null;
    case 'mistral3':
    case 'ministral3':
      return PIXTRAL;
    case 'gemma3':
      return hiddenSize > GEMMA_3_TEXT_WIDTH ? GEMMA_3 : null;
    case 'llama4':
      return LLAMA_4;
    case 'mllama':
      return LLAMA_3_2_VISION;
    default:
      return null;
  }
}

interface EncodedImage {
  /** Tokens in the prompt of the language model, or read by cross-attention layers. */
  readonly tokens: number;
  readonly besidePrompt: boolean;
  readonly flops: number;
}

/** @param width @param height pixels */
export function encodedImage(tower: VisionTower, width: number, height: number): EncodedImage {
  const { tilePixels, mostTiles, patchPixels, mergedPatches, classTokens = 0, besidePrompt = false } = tower;
  const step = patchPixels * mergedPatches;
  if (tilePixels === null) {
    const tokens = Math.max(Math.round(width / step), 1) * Math.max(Math.round(height / step), 1);
    return { tokens, besidePrompt, flops: flopsOf(tower, tokens * mergedPatches ** 2) };
  }
  const wanted = Math.ceil(width / tilePixels) * Math.ceil(height / tilePixels);
  const cut = Math.min(wanted, mostTiles);
  // an image cut into tiles is also seen whole, where it joins the prompt
  const tiles = cut > 1 && !besidePrompt ? cut + 1 : cut;
  const patches = Math.floor(tilePixels / patchPixels) ** 2;
  const tokens = tiles * (patches / mergedPatches ** 2 + classTokens);
  return { tokens, besidePrompt, flops: tiles * flopsOf(tower, patches) };
}

const flopsOf = ({ layers, hiddenSize, ffnHiddenSize }: VisionTower, patches: number): number =>
  layers * (patches * (8 * hiddenSize ** 2 + 4 * hiddenSize * ffnHiddenSize) + 4 * patches ** 2 * hiddenSize);
