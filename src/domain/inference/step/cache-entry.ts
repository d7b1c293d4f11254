/** Bytes of what a sequence keeps on one device: cache entries of attention, index keys, and states of constant size. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { stateSpaceWidths } from '../../models/parameters.ts';
import type { ServingConfiguration } from './configuration.ts';
import { kvCacheBytes } from './formats.ts';

/** State of one linear-attention head, columns per head dimension (Gated DeltaNet, Mamba-2: 128). */
export const LINEAR_STATE_WIDTH = 128;
/**
 * Bytes per element: states are kept in 32 bits (mamba_ssm_cache_dtype of Nemotron-3; mamba_ssm_dtype of Qwen3.5, which vLLM follows; SGLang,
 * llama.cpp and the kernels of Kimi Delta Attention know no other), the last inputs of a state-space model's convolution in 16.
 */
const STATE_BYTES = 4;
const CONVOLUTION_BYTES = 2;
/** Added to the 8-bit part of an entry: one scale per 64 elements, padded (fp8_ds_mla of vLLM: 448 + 128 + 8 bytes). */
const ENTRY_SCALE_BYTES = 8;
/** One 32-bit scale beside each 8-bit key of an indexer. */
const INDEX_SCALE_BYTES = 4;

type Cached = Pick<ServingConfiguration, 'model' | 'tensorParallel' | 'kvCacheFormat'>;

/** Bytes of one cache entry of one layer: the keys and values of a token, its latent, or a vector into which several tokens are merged. */
export function cacheEntryBytes({ model: { attention }, tensorParallel, kvCacheFormat }: Cached): number {
  const bytes = kvCacheBytes(kvCacheFormat);
  switch (attention.type) {
    case 'gqa':
      return 2 * Math.max(attention.kvHeads / tensorParallel, 1) * attention.headDim * bytes;
    case 'mla':
      return (attention.kvLoraRank + attention.ropeHeadDim) * bytes;
    case 'compressed': {
      const { headDim, ropeHeadDim } = attention;
      return bytes === 1 ? headDim + ropeHeadDim + ENTRY_SCALE_BYTES : headDim * bytes;
    }
  }
}

/** Elements of an entry. In the narrowest cache each takes a byte. */
export function cacheEntryElements({ attention }: LanguageArchitecture): number {
  switch (attention.type) {
    case 'gqa':
      return 2 * attention.kvHeads * attention.headDim;
    case 'mla':
      return attention.kvLoraRank + attention.ropeHeadDim;
    case 'compressed':
      return attention.headDim;
  }
}

/** Bytes of one index key, which every rank holds whole; 0 without an indexer. With latent attention it has 8 bits whatever the cache format. */
export function indexKeyBytes({ model: { attention }, kvCacheFormat }: Cached): number {
  const bytes = kvCacheBytes(kvCacheFormat);
  switch (attention.type) {
    case 'gqa':
      return (attention.sparse?.indexHeadDim ?? 0) * bytes;
    case 'mla':
      return attention.sparse ? attention.sparse.indexHeadDim + INDEX_SCALE_BYTES : 0;
    case 'compressed': {
      const { indexHeadDim } = attention.light.index;
      return bytes === 1 ? indexHeadDim + INDEX_SCALE_BYTES : indexHeadDim * bytes;
    }
  }
}

/** What one sequence keeps in one layer with constant state. */
export function layerStateBytes(cached: Cached): number {
  const { model, tensorParallel } = cached;
  const { attention, stateSpace } = model;
  if (stateSpace) {
    const { inner } = stateSpaceWidths(stateSpace);
    const convolved = inner + 2 * stateSpace.groups * stateSpace.stateSize;
    const remembered = (stateSpace.convolutionTokens - 1) * convolved * CONVOLUTION_BYTES;
    return (inner * stateSpace.stateSize * STATE_BYTES + remembered) / tensorParallel;
  }
  const headDim = headWidth(attention);
  // the state of a head that is narrower than the usual width is a square (RWKV-7)
  return (attention.heads / tensorParallel) * headDim * Math.min(LINEAR_STATE_WIDTH, headDim) * STATE_BYTES;
}

/** What a step reads of it, and writes again. The constants of layers with linear attention were fitted with 16 bits for each element. */
export function layerStateTraffic(cached: Cached): number {
  const { model, tensorParallel } = cached;
  if (model.stateSpace) return layerStateBytes(cached);
  return (
    (model.attention.heads / tensorParallel) * headWidth(model.attention) * LINEAR_STATE_WIDTH * FITTED_STATE_BYTES
  );
}

const FITTED_STATE_BYTES = 2;

const headWidth = (attention: LanguageArchitecture['attention']): number =>
  attention.type === 'mla' ? attention.valueHeadDim : attention.headDim;
