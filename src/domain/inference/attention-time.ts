/**
 * Time of attention in a step of one rank. Decoding reads the KV cache at a share of bandwidth that grows with its size,
 * prompts are causal FLOPs, windows cap what sliding layers see, linear layers keep a state of constant size, and an indexer
 * selects what sparse attention reads. Sources: kernel tables of aiconfigurator (arXiv 2601.06288); DeepSeek V3.2 for sparse attention.
 */
import type { ServingConfiguration } from './configuration.ts';
import type { GemmEfficiency, InferenceConstants, LlamaCppEfficiency } from './efficiency.ts';
import { kvCacheBytes } from './formats.ts';
import { LINEAR_STATE_WIDTH } from './memory.ts';

interface Kernels {
  /** FLOP/s of 16-bit arithmetic. */
  readonly peak: number;
  readonly efficiency: GemmEfficiency;
  /** Multiplies what kernels cost whatever their size. */
  readonly era: number;
  /** Null under the serving engines. */
  readonly llamaCpp: LlamaCppEfficiency | null;
}

export class AttentionTime {
  private readonly constants: InferenceConstants;
  private readonly llamaCpp: LlamaCppEfficiency | null;
  private readonly layers: number;
  private readonly fullLayers: number;
  private readonly slidingLayers: number;
  private readonly slidingWindow: number;
  private readonly linearLayers: number;
  private readonly kvBytesPerTokenLayer: number;
  private readonly linearStateBytes: number;
  private readonly decodeFlopsPerToken: number;
  private readonly prefillFlopsPerToken: number;
  private readonly bandwidth: number;
  private readonly peak: number;
  /** Sparse attention: the selection, and the indexer's fixed time, per token it reads and per pair it scores. */
  private readonly topTokens: number = Number.POSITIVE_INFINITY;
  private readonly indexSeconds: number = 0;
  private readonly indexSecondsPerToken: number = 0;
  private readonly indexSecondsPerPair: number = 0;
  /** Attention kernels reach no larger share of the peak than matrix products do. */
  private readonly prefillMfu: number;
  private readonly floor: number;
  /** Rows each sequence puts through: the token and its drafts. */
  private readonly rowsPerSequence: number;

  constructor(
    configuration: ServingConfiguration,
    constants: InferenceConstants,
    { peak, efficiency, era, llamaCpp }: Kernels,
  ) {
    const { model, device, tensorParallel: tensor } = configuration;
    const { attention, layers, layerPattern } = model;
    const kvBytes = kvCacheBytes(configuration.kvCacheFormat);
    this.constants = constants;
    this.llamaCpp = llamaCpp;
    this.layers = layers;
    this.fullLayers = layerPattern.full;
    this.slidingLayers = layerPattern.sliding;
    this.slidingWindow = layerPattern.slidingWindow;
    this.linearLayers = layerPattern.linear;
    this.bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
    this.peak = peak;
    this.prefillMfu = Math.min(constants.attention.prefillMfu, efficiency.mfu.bf16);
    this.floor = layers * constants.attention.floorSeconds * era;
    this.rowsPerSequence = 1 + (configuration.speculative?.draftTokens ?? 0);
    if (attention.type === 'mla') {
      const { heads, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim, sparse } = attention;
      this.kvBytesPerTokenLayer = (kvLoraRank + ropeHeadDim) * kvBytes;
      this.decodeFlopsPerToken = 2 * (heads / tensor) * (2 * kvLoraRank + ropeHeadDim);
      this.prefillFlopsPerToken = 2 * (heads / tensor) * (nopeHeadDim + ropeHeadDim + valueHeadDim);
      this.linearStateBytes = 0;
      if (sparse) {
        // the indexer is the same on every rank
        const { indexHeads, indexHeadDim } = sparse;
        this.topTokens = sparse.topTokens;
        this.indexSeconds = layers * INDEX_KERNELS * constants.attention.floorSeconds * era;
        this.indexSecondsPerToken =
          (layers * (indexHeadDim + INDEX_SCALE_BYTES)) / (this.bandwidth * constants.attention.bandwidthShare);
        this.indexSecondsPerPair = (2 * layers * indexHeads * indexHeadDim) / (peak * this.prefillMfu);
      }
    } else {
      const { heads, kvHeads, headDim } = attention;
      this.kvBytesPerTokenLayer = 2 * Math.max(kvHeads / tensor, 1) * headDim * kvBytes;
      this.decodeFlopsPerToken = (4 * heads * headDim) / tensor;
      this.prefillFlopsPerToken = (4 * heads * headDim) / tensor;
      this.linearStateBytes = (heads / tensor) * headDim * LINEAR_STATE_WIDTH * 2;
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
    let attention = this.indexSeconds;
    if (decodeSequences > 0) {
      attention += decodeSequences * contextTokens * (this.indexSecondsPerToken + this.indexSecondsPerPair);
      attention += this.decode(decodeSequences, contextTokens);
    }
    if (prefillTokens > 0) {
      const own = prefillTokens / prompts;
      const total = cachedTokens + own;
      const mfu = (this.prefillMfu * total) / (total + this.constants.attention.prefillHalfTokens);
      const pairs = prefillTokens * this.attendedTokens(cachedTokens + own / 2);
      const linear = this.linearLayers * prefillTokens * LINEAR_STATE_WIDTH;
      attention += prefillTokens * (cachedTokens + own / 2) * this.indexSecondsPerPair;
      attention += ((pairs + linear) * this.prefillFlopsPerToken) / (this.peak * mfu);
      attention += this.floor;
    }
    return attention;
  }

  /** Sum over layers of the tokens attended to at this context (windows capped). */
  private attendedTokens(contextTokens: number): number {
    return (
      this.fullLayers * Math.min(contextTokens, this.topTokens) +
      this.slidingLayers * Math.min(contextTokens, this.slidingWindow)
    );
  }

  private decode(sequences: number, contextTokens: number): number {
    const { bandwidthShare, halfBytes } = this.constants.attention;
    const attended = this.attendedTokens(contextTokens) * sequences;
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

const DECODE_ATTENTION_MFU = 0.5;
/**
 * Kernels of the indexer beside its matrix products, in DeepSeek's reference code of V3.2: rotary position and Hadamard
 * rotation of queries and keys, their quantization, the cache writes, scores, selection and translation of the pages.
 */
const INDEX_KERNELS = 12;
/** One 32-bit scale beside each 8-bit key. */
const INDEX_SCALE_BYTES = 4;
