/**
 * Time of attention in a step of one rank. Decoding reads the KV cache at a share of bandwidth that grows with its size,
 * prompts are causal FLOPs, windows cap what sliding layers see, linear layers keep a state of constant size, and an indexer
 * selects what sparse attention reads. Sources: kernel tables of aiconfigurator (arXiv 2601.06288); DeepSeek V3.2 for sparse attention;
 * Mamba-2 (arXiv 2405.21060) §6 for the arithmetic of state-space layers over prompts.
 */
import type { StateSpace } from '../../models/architecture.ts';
import {
  type AttendedContext,
  attendedContext,
  attendedEntries,
  indexedEntriesPerToken,
} from '../../models/attended-context.ts';
import { mixingLayers } from '../../models/layers.ts';
import { stateSpaceWidths } from '../../models/parameters.ts';
import { cacheEntryBytes, indexKeyBytes, LINEAR_STATE_WIDTH, layerStateTraffic } from './cache-entry.ts';
import type { ServingConfiguration } from './configuration.ts';
import { type GemmEfficiency, type InferenceConstants, kernelClass, type LlamaCppEfficiency } from './efficiency.ts';

interface Kernels {
  /** FLOP/s of 16-bit arithmetic. */
  readonly peak: number;
  readonly efficiency: GemmEfficiency;
  /** Multiplies the fixed cost of a kernel (by engine and software era). */
  readonly era: number;
  /** Null under the serving engines. */
  readonly llamaCpp: LlamaCppEfficiency | null;
}

export class AttentionTime {
  private readonly constants: InferenceConstants;
  private readonly llamaCpp: LlamaCppEfficiency | null;
  private readonly layers: number;
  private readonly context: AttendedContext;
  private readonly linearLayers: number;
  private readonly kvBytesPerTokenLayer: number;
  private readonly linearStateBytes: number;
  private readonly decodeFlopsPerToken: number;
  private readonly prefillFlopsPerToken: number;
  private readonly linearFlopsPerToken: number;
  private readonly bandwidth: number;
  /** Bytes of a layer's cache at which its kernel reaches half its share of bandwidth. */
  private readonly halfBytes: number;
  private readonly peak: number;
  /** Fixed seconds for merging tokens into entries. */
  private readonly mergingSeconds: number = 0;
  /** Sparse attention: the indexer's fixed time, per token it reads and per pair it scores. */
  private readonly indexSeconds: number = 0;
  private readonly indexSecondsPerToken: number = 0;
  private readonly indexSecondsPerPair: number = 0;
  /** Attention kernels reach no larger share of the peak than matrix products do. */
  private readonly prefillMfu: number;
  private readonly floor: number;
  /** Rows that a sequence has in a decode step: its token and the drafted ones. */
  private readonly rowsPerSequence: number;

  constructor(
    configuration: ServingConfiguration,
    constants: InferenceConstants,
    { peak, efficiency, era, llamaCpp }: Kernels,
  ) {
    const { model, device, tensorParallel: tensor } = configuration;
    const { attention, layerPattern, stateSpace } = model;
    const layers = mixingLayers(model);
    this.constants = constants;
    this.llamaCpp = llamaCpp;
    this.layers = layers;
    this.context = attendedContext(model, configuration.imageTokens);
    this.linearLayers = layerPattern.linear;
    this.bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
    this.halfBytes =
      constants.attention.halfBytes *
      (kernelClass(device) === 'jetson' ? Math.min(this.bandwidth / STACKED_BYTES_PER_SECOND, 1) : 1);
    this.peak = peak;
    this.prefillMfu = Math.min(constants.attention.prefillMfu, efficiency.mfu.bf16);
    this.floor = layers * constants.attention.floorSeconds * era;
    this.rowsPerSequence = 1 + (configuration.speculative?.draftTokens ?? 0);
    this.kvBytesPerTokenLayer = cacheEntryBytes(configuration);
    this.linearStateBytes = layerStateTraffic(configuration);
    if (attention.type === 'mla') {
      const { heads, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
      this.decodeFlopsPerToken = 2 * (heads / tensor) * (2 * kvLoraRank + ropeHeadDim);
      this.prefillFlopsPerToken = 2 * (heads / tensor) * (nopeHeadDim + ropeHeadDim + valueHeadDim);
    } else {
      const { heads, headDim } = attention;
      this.decodeFlopsPerToken = (4 * heads * headDim) / tensor;
      this.prefillFlopsPerToken = (4 * heads * headDim) / tensor;
    }
    this.linearFlopsPerToken = stateSpace
      ? stateSpaceFlopsPerToken(stateSpace) / tensor
      : LINEAR_STATE_WIDTH * this.prefillFlopsPerToken;
    if (attention.type === 'compressed') {
      const merging = attention.light.layers + attention.heavy.layers;
      this.mergingSeconds = merging * MERGING_KERNELS * constants.attention.floorSeconds * era;
    }
    const { index, selectiveLayers } = this.context;
    if (index) {
      // the indexer is the same on every rank
      const scored = indexedEntriesPerToken(this.context);
      this.indexSeconds =
        selectiveLayers *
        (attention.type === 'gqa' ? BLOCK_INDEX_KERNELS : INDEX_KERNELS) *
        constants.attention.floorSeconds *
        era;
      this.indexSecondsPerToken =
        (scored * indexKeyBytes(configuration)) / (this.bandwidth * constants.attention.bandwidthShare);
      this.indexSecondsPerPair = (2 * scored * index.indexHeads * index.indexHeadDim) / (peak * this.prefillMfu);
    }
  }

  /** Seconds over all layers; arguments are those of a step. */
  seconds(
    prefillTokens: number,
    cachedTokens: number,
    decodeSequences: number,
    contextTokens: number,
    prompts: number,
  ): number {
    let attention = this.indexSeconds + this.mergingSeconds;
    if (decodeSequences > 0) {
      attention += decodeSequences * contextTokens * (this.indexSecondsPerToken + this.indexSecondsPerPair);
      attention += this.decode(decodeSequences, contextTokens);
    }
    if (prefillTokens > 0) {
      const own = prefillTokens / prompts;
      const total = cachedTokens + own;
      const mfu = (this.prefillMfu * total) / (total + this.constants.attention.prefillHalfTokens);
      const pairs = prefillTokens * attendedEntries(this.context, cachedTokens + own / 2);
      const linear = this.linearLayers * prefillTokens * this.linearFlopsPerToken;
      attention += prefillTokens * (cachedTokens + own / 2) * this.indexSecondsPerPair;
      attention += (pairs * this.prefillFlopsPerToken + linear) / (this.peak * mfu);
      attention += this.floor;
    }
    return attention;
  }

  private decode(sequences: number, contextTokens: number): number {
    const { bandwidthShare } = this.constants.attention;
    const halfBytes = this.halfBytes;
    const attended = attendedEntries(this.context, contextTokens) * sequences;
    if (this.llamaCpp !== null) {
      const state = this.linearLayers * sequences * this.linearStateBytes * 2;
      return (attended * this.kvBytesPerTokenLayer + state) / (this.bandwidth * this.llamaCpp.kvShare);
    }
    const bytesPerLayer = (attended * this.kvBytesPerTokenLayer) / this.layers;
    const share = Math.max((bandwidthShare * bytesPerLayer) / (bytesPerLayer + halfBytes), 0.02);
    const memorySeconds = (attended * this.kvBytesPerTokenLayer) / (this.bandwidth * share);
    const computeSeconds =
      (attended * this.rowsPerSequence * this.decodeFlopsPerToken) / (this.peak * DECODE_ATTENTION_MFU);
    const state = (this.linearLayers * sequences * this.linearStateBytes * 2) / (this.bandwidth * bandwidthShare);
    return Math.max(memorySeconds, computeSeconds) + state + this.floor;
  }
}

/** Tokens that a state-space kernel works on at once (chunk_size of the published configurations). */
const STATE_SPACE_CHUNK_TOKENS = 128;

/** FLOPs per token and layer: writing and reading the state, and the pairs of tokens within a chunk. */
function stateSpaceFlopsPerToken(shape: StateSpace): number {
  const { inner } = stateSpaceWidths(shape);
  const withinChunk = (STATE_SPACE_CHUNK_TOKENS / 2) * 2 * (shape.groups * shape.stateSize + inner);
  return 4 * inner * shape.stateSize + withinChunk;
}

const DECODE_ATTENTION_MFU = 0.5;
/** What the half-way bytes were fitted on (H100, H200): they are a latency times the bandwidth, and boards have a tenth of it. */
const STACKED_BYTES_PER_SECOND = 3.35e12;
/**
 * Kernels that the indexer launches besides its matrix products, in DeepSeek's reference code of V3.2: rotary position and Hadamard
 * rotation of queries and keys, their quantization, the cache writes, scores, selection and translation of the pages.
 */
const INDEX_KERNELS = 12;
/**
 * The same for an indexer that shares the matrix product of the ordinary queries and keys (MiniMax-M3 in vLLM): position, cache write,
 * best score of each block, selection.
 */
const BLOCK_INDEX_KERNELS = 4;
/**
 * Kernels of a layer that merges tokens, besides its matrix products and attention: the merging itself, position and norm of queries and
 * of what the cache takes in, the position undone and the output quantized. aiconfigurator's tables of DeepSeek-V4's heavy layers (B200
 * and H100, eight ranks, one sequence): 50 us under vLLM and SGLang, 56 under TensorRT-LLM; of its light ones 77 to 218.
 */
const MERGING_KERNELS = 5;
