/**
 * Time of one engine step: roofline per kernel with measured efficiencies, summed over the layers.
 *
 *   gemm      ((bytes / (BW mbu))^p + (2 m k n / (peak mfu))^p)^(1/p) + launch
 *   attention decode reads the KV cache at a share of bandwidth that grows with its size; prefill is causal FLOPs
 *   experts   the distinct experts a batch touches, E (1 - (1 - K/E)^n), stream through memory
 *   link      two all-reduces per layer (ring bytes 2 (t-1)/t) or dispatch and combine with attention data parallelism
 *   engine    a constant per step and a cost per running sequence (scheduling, sampling, detokenising)
 *
 * Sources: roofline, Williams et al. 2009; the smooth p-norm and the terms are those of the serving literature (GenZ
 * arXiv 2406.01698, aiconfigurator arXiv 2601.06288, BLIS); constants in ../calibration/inference-constants.json.
 */
import type { Device } from '../devices/device.ts';
import { coresOf } from '../devices/processor-cores.ts';
import type { LanguageArchitecture } from '../models/architecture.ts';
import { storedParameters } from '../models/parameters.ts';
import { type AdapterWork, adapterWork, distinctAdapters } from './adapters.ts';
import type { ServingConfiguration } from './configuration.ts';
import {
  type GemmEfficiency,
  gemmEfficiency,
  groupLinkBytesPerSecond,
  hostLinkBytesPerSecond,
  INFERENCE_CONSTANTS,
  type InferenceConstants,
  kernelClass,
  type LlamaCppEfficiency,
  llamaCppClass,
  measuredLevel,
} from './efficiency.ts';
import { busiestRank, type ExpertCoefficients, expertCoefficients } from './expert-layer.ts';
import {
  bytesPerHeadWeight,
  bytesPerUnitHeadWeight,
  bytesPerUnitWeight,
  bytesPerWeight,
  computePeak,
  enginePeak,
  halfPeakFlops,
  kvCacheBytes,
} from './formats.ts';
import { LINEAR_STATE_WIDTH, offloadedBytes, weightBytesPerDevice } from './memory.ts';
import type { StepTime, StepWork } from './results.ts';
import { eraFactor } from './software-era.ts';

interface AdapterCoefficients extends AdapterWork {
  readonly secondsPerAdapter: number;
  readonly secondsPerRow: number;
  readonly launchSeconds: number;
}

interface Gemm {
  /** Times per step, over all layers. */
  readonly count: number;
  readonly weightSeconds: number;
  /** Widening the weights before their first row. */
  readonly unpackSeconds: number;
  /** Activation traffic and arithmetic per row. */
  readonly rowMemorySeconds: number;
  readonly rowComputeSeconds: number;
}

/**
 * A configuration compiled to coefficients, so that one step costs about a microsecond and allocates nothing.
 * Arguments of `run` are per attention rank and pipeline stage; the terms of the last run stand in the fields.
 */
export class StepModel {
  computeSeconds = 0;
  memorySeconds = 0;
  attentionSeconds = 0;
  communicationSeconds = 0;
  launchSeconds = 0;
  headSeconds = 0;
  engineSeconds = 0;

  readonly constants: InferenceConstants;
  private readonly exponent: number;
  private readonly llamaCpp: LlamaCppEfficiency | null;
  private readonly gemms: readonly Gemm[];
  private readonly head: Gemm;
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
  private readonly halfPeak: number;
  /** Sparse attention: the selection, and the indexer's fixed time, per token it reads and per pair it scores. */
  private readonly topTokens: number = Number.POSITIVE_INFINITY;
  private readonly indexSeconds: number = 0;
  private readonly indexSecondsPerToken: number = 0;
  private readonly indexSecondsPerPair: number = 0;
  /** Attention kernels reach no larger share of the peak than matrix products do. */
  private readonly prefillMfu: number;
  private readonly launchFixed: number;
  private readonly promptLaunch: number;
  private readonly attentionFloor: number;
  private readonly elementSecondsPerToken: number;
  private readonly allReduceFixed: number;
  private readonly allReducePerToken: number;
  private readonly pipelineSeconds: number;
  private readonly stepOverhead: number;
  private readonly sequenceOverhead: number;
  private readonly experts: ExpertCoefficients | null;
  /** Rows each sequence puts through the matrices: the token and its drafts. */
  private readonly rowsPerSequence: number;
  private readonly draftShare: number;
  private readonly encoderSecondsPerToken: number;
  private readonly adapters: AdapterCoefficients | null;
  /** Weights that cross from the host in every step. */
  private readonly offloadSeconds: number;

  constructor(asked: ServingConfiguration, constants: InferenceConstants = INFERENCE_CONSTANTS) {
    const level = measuredLevel(asked.model.family, asked.device, asked.engine, constants);
    const configuration = level === 1 ? asked : { ...asked, device: atLevel(asked.device, level) };
    const { model, device, engine, weightFormat } = configuration;
    const tensor = configuration.tensorParallel;
    const layers = model.layers;
    const hidden = model.hiddenSize;
    this.constants = constants;
    this.exponent = constants.rooflineExponent;
    this.layers = layers;
    this.bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
    this.halfPeak = halfPeakFlops(device) ?? computePeak(device, 'bf16')?.flops ?? Number.NaN;

    const efficiency = gemmEfficiency(asked.device, engine, constants);
    const era = eraFactor(configuration, constants);
    this.prefillMfu = Math.min(constants.attention.prefillMfu, efficiency.mfu.bf16);
    const llamaCpp = engine === 'llama_cpp' ? constants.llamaCpp[llamaCppClass(asked.device)] : null;
    this.llamaCpp = llamaCpp;
    const slowed = (format: ServingConfiguration['weightFormat']) =>
      llamaCpp && asked.floatActivations && bytesPerWeight(format, engine) < 1 ? llamaCpp.floatActivationFactor : 1;
    const kernel = kernelClass(asked.device);
    const unit = engine === 'llama_cpp' && kernel === 'edge';
    const bytesOf = (format: ServingConfiguration['weightFormat']) =>
      unit ? bytesPerUnitWeight(format) : bytesPerWeight(format, engine);
    const headBytes = unit ? bytesPerUnitHeadWeight(weightFormat) : bytesPerHeadWeight(weightFormat, engine);
    const bandwidth = this.bandwidth;
    const unpackSecondsOf = (format: ServingConfiguration['weightFormat']): number => {
      if (!llamaCpp) return 0;
      const width = bytesPerWeight(format, engine);
      const { half, eight, four } = llamaCpp.unpackOperations;
      return (width >= 2 ? half : width >= 1 ? eight : four) / (level * this.halfPeak);
    };
    const gemm = (count: number, inner: number, outer: number, format: ServingConfiguration['weightFormat']): Gemm => {
      const { weightRate, computeRate } = gemmRates(configuration, efficiency, format);
      const activationBytes = inner * (bytesPerWeight(format, engine) >= 2 ? 2 : 1) + outer * 2;
      return {
        count,
        weightSeconds: (slowed(format) * inner * outer * bytesOf(format)) / weightRate,
        unpackSeconds: unpackSecondsOf(format) * inner * outer,
        rowMemorySeconds: activationBytes / weightRate,
        rowComputeSeconds: (2 * inner * outer) / computeRate,
      };
    };

    // MXFP4 checkpoints quantize the experts alone; llama.cpp's files keep the rest at 8.5 bits
    const besideExperts = llamaCpp ? 'int8' : 'bf16';
    const attentionFormat = weightFormat === 'mxfp4' ? besideExperts : weightFormat;
    const kvBytes = kvCacheBytes(configuration.kvCacheFormat);
    const gemms: Gemm[] = [];
    const attention = model.attention;
    if (attention.type === 'mla') {
      const { heads, kvLoraRank, nopeHeadDim, ropeHeadDim, valueHeadDim } = attention;
      const query = attention.queryLoraRank || hidden;
      gemms.push(
        gemm(layers, hidden, query + kvLoraRank + ropeHeadDim, attentionFormat),
        gemm(layers, query, (heads * (nopeHeadDim + ropeHeadDim)) / tensor, attentionFormat),
        gemm(layers, kvLoraRank, (heads * (nopeHeadDim + valueHeadDim)) / tensor, 'bf16'),
        gemm(layers, (heads * valueHeadDim) / tensor, hidden, attentionFormat),
      );
      this.kvBytesPerTokenLayer = (kvLoraRank + ropeHeadDim) * kvBytes;
      this.decodeFlopsPerToken = 2 * (heads / tensor) * (2 * kvLoraRank + ropeHeadDim);
      this.prefillFlopsPerToken = 2 * (heads / tensor) * (nopeHeadDim + ropeHeadDim + valueHeadDim);
      this.linearStateBytes = 0;
      const sparse = attention.sparse;
      if (sparse) {
        // the indexer is the same on every rank
        const { indexHeads, indexHeadDim } = sparse;
        gemms.push(
          gemm(layers, query, indexHeads * indexHeadDim, attentionFormat),
          gemm(layers, hidden, indexHeadDim + indexHeads, 'bf16'),
        );
        this.topTokens = sparse.topTokens;
        this.indexSeconds = layers * INDEX_KERNELS * constants.attention.floorSeconds * era;
        this.indexSecondsPerToken =
          (layers * (indexHeadDim + INDEX_SCALE_BYTES)) / (bandwidth * constants.attention.bandwidthShare);
        this.indexSecondsPerPair = (2 * layers * indexHeads * indexHeadDim) / (this.halfPeak * this.prefillMfu);
      }
    } else {
      const { heads, kvHeads, headDim } = attention;
      gemms.push(
        gemm(layers, hidden, ((heads + 2 * kvHeads) * headDim) / tensor, attentionFormat),
        gemm(layers, (heads * headDim) / tensor, hidden, attentionFormat),
      );
      this.kvBytesPerTokenLayer = 2 * Math.max(kvHeads / tensor, 1) * headDim * kvBytes;
      this.decodeFlopsPerToken = (4 * heads * headDim) / tensor;
      this.prefillFlopsPerToken = (4 * heads * headDim) / tensor;
      this.linearStateBytes = (heads / tensor) * headDim * LINEAR_STATE_WIDTH * 2;
    }
    const pattern = model.layerPattern;
    this.fullLayers = pattern.full;
    this.slidingLayers = pattern.sliding;
    this.slidingWindow = pattern.slidingWindow;
    this.linearLayers = pattern.linear;

    const ffnFormat = attentionFormat;
    const upWidth = (model.gatedFfn ? 2 : 1) * model.ffnHiddenSize;
    const mixture = model.mixtureOfExperts;
    const denseLayers = mixture ? mixture.denseLayers : layers;
    if (denseLayers > 0) {
      gemms.push(
        gemm(denseLayers, hidden, upWidth / tensor, ffnFormat),
        gemm(denseLayers, model.ffnHiddenSize / tensor, hidden, ffnFormat),
      );
    }
    if (mixture && mixture.sharedExperts > 0) {
      const width = mixture.sharedExperts * mixture.sharedExpertHiddenSize;
      gemms.push(
        gemm(layers - denseLayers, hidden, (2 * width) / tensor, ffnFormat),
        gemm(layers - denseLayers, width / tensor, hidden, ffnFormat),
      );
    }
    const unnamed = (mixture ? 0 : unnamedParameters(model)) / tensor;
    if (unnamed > 0) gemms.push(gemm(pattern.linear, hidden, unnamed / (pattern.linear * hidden), ffnFormat));
    this.gemms = gemms;
    const head = gemm(1, hidden, model.vocabularySize / tensor, 'bf16');
    this.head = {
      ...head,
      weightSeconds: (head.weightSeconds * headBytes) / 2,
      unpackSeconds: unpackSecondsOf(weightFormat) * hidden * (model.vocabularySize / tensor),
    };
    this.experts = mixture
      ? expertCoefficients(configuration, constants, efficiency, layers - denseLayers, unpackSecondsOf(weightFormat))
      : null;

    let launches = 0;
    for (const entry of gemms) launches += entry.count;
    this.launchFixed = llamaCpp
      ? (layers * (llamaCpp.layerSeconds + (coresOf(asked.device) ?? 0) * llamaCpp.threadSeconds) +
          pattern.linear * llamaCpp.linearLayerSeconds) /
        level
      : era * (launches * constants.gemmLaunchSeconds + layers * constants.layerSeconds) +
        (kernel === 'jetson'
          ? layers * constants.boardLayerSeconds + (layers - denseLayers) * constants.boardExpertSeconds
          : 0);
    this.promptLaunch = layers * constants.engine[engine].promptLayerSeconds;
    this.attentionFloor = layers * constants.attention.floorSeconds * era;
    this.elementSecondsPerToken =
      (layers * constants.elementwise.passes * hidden * 2) / (bandwidth * constants.elementwise.bandwidthShare);

    const tensorLink =
      groupLinkBytesPerSecond(device, tensor, configuration.networkBytesPerSecondPerDevice) ?? Number.NaN;
    this.allReduceFixed =
      tensor > 1
        ? 2 *
          layers *
          constants.allReduce.latencySeconds *
          era *
          (1 + constants.allReduce.latencyPerDoubling * Math.log2(tensor))
        : 0;
    this.allReducePerToken =
      tensor > 1
        ? (2 * layers * 2 * ((tensor - 1) / tensor) * hidden * 2) / (tensorLink * constants.allReduce.linkShare)
        : 0;
    const stages = configuration.pipelineParallel;
    this.pipelineSeconds = (stages - 1) * (llamaCpp?.hopSeconds ?? PIPELINE_HOP_SECONDS);
    const overhead = constants.engine[engine];
    this.stepOverhead = overhead.stepSeconds * era;
    const speculative = configuration.speculative;
    // sampling, scheduling and detokenising come with every token written, drafted or not
    this.sequenceOverhead = overhead.sequenceSeconds * (1 + (speculative?.acceptedTokens ?? 0));
    this.rowsPerSequence = 1 + (speculative?.draftTokens ?? 0);
    this.draftShare = speculative?.draftCostFraction ?? 0;
    // the encoder is cut over the tensor-parallel group as the model is
    this.encoderSecondsPerToken =
      configuration.encoderFlopsPerPromptToken / (tensor * this.halfPeak * efficiency.mfu.bf16);
    const kept = offloadedBytes(configuration, weightBytesPerDevice(configuration));
    this.offloadSeconds = kept / hostLinkBytesPerSecond(device);
    const work = adapterWork(configuration);
    this.adapters = work && {
      ...work,
      secondsPerAdapter: work.bytes / (bandwidth * efficiency.mbu.half),
      secondsPerRow: (2 * work.elements) / (this.halfPeak * efficiency.mfu.bf16),
      launchSeconds: work.launches * constants.gemmLaunchSeconds,
    };
  }

  /**
   * Seconds of one step of one attention rank.
   * @param prefillTokens new prompt tokens, on top of cachedTokens already in the cache
   * @param decodeSequences sequences that each produce one token
   * @param contextTokens their mean context
   * @param expertTokens tokens over all attention ranks that meet in the expert layers
   * @param prompts prompts of one length that share prefillTokens
   */
  run(
    prefillTokens: number,
    cachedTokens: number,
    decodeSequences: number,
    contextTokens: number,
    expertTokens: number,
    prompts = 1,
  ): number {
    const rows = prefillTokens + decodeSequences * this.rowsPerSequence;
    const constants = this.constants;
    const exponent = this.exponent;
    let compute = 0;
    let memory = this.offloadSeconds;
    for (const gemm of this.gemms) {
      const memorySeconds = gemm.weightSeconds + rows * gemm.rowMemorySeconds;
      const computeSeconds = gemm.unpackSeconds + rows * gemm.rowComputeSeconds;
      const seconds = smoothMaximum(memorySeconds, computeSeconds, exponent) * gemm.count;
      if (computeSeconds > memorySeconds) compute += seconds;
      else memory += seconds;
    }

    let attention = this.indexSeconds;
    if (decodeSequences > 0) {
      attention += decodeSequences * contextTokens * (this.indexSecondsPerToken + this.indexSecondsPerPair);
      attention += this.decodeAttention(decodeSequences, contextTokens);
    }
    if (prefillTokens > 0) {
      compute += prefillTokens * this.encoderSecondsPerToken;
      const own = prefillTokens / prompts;
      const total = cachedTokens + own;
      const mfu = (this.prefillMfu * total) / (total + constants.attention.prefillHalfTokens);
      const pairs = prefillTokens * this.attendedTokens(cachedTokens + own / 2);
      const linear = this.linearLayers * prefillTokens * LINEAR_STATE_WIDTH;
      attention += prefillTokens * (cachedTokens + own / 2) * this.indexSecondsPerPair;
      attention += ((pairs + linear) * this.prefillFlopsPerToken) / (this.halfPeak * mfu);
      attention += this.attentionFloor;
    }

    let launch = this.launchFixed + rows * this.elementSecondsPerToken + (prefillTokens > 0 ? this.promptLaunch : 0);
    let communication = this.allReduceFixed + rows * this.allReducePerToken + this.pipelineSeconds;

    const adapters = this.adapters;
    if (adapters) {
      const read = distinctAdapters(adapters, decodeSequences + (prefillTokens > 0 ? prompts : 0));
      memory += read * adapters.secondsPerAdapter;
      compute += rows * adapters.secondsPerRow;
      launch += adapters.launchSeconds;
    }

    const experts = this.experts;
    if (experts) {
      // drafted tokens are routed too
      const tokens = expertTokens * (rows / Math.max(prefillTokens + decodeSequences, 1e-9));
      const touched = touchedExperts(experts, tokens);
      const tokensPerExpert = (tokens * experts.active) / touched;
      let memorySeconds = touched * experts.secondsPerExpert + tokens * experts.memorySecondsPerToken;
      let computeSeconds =
        touched * experts.unpackSecondsPerExpert +
        tokens * experts.computeSecondsPerToken * (1 + experts.halfTokens / tokensPerExpert);
      if (experts.perRank > 0) {
        const busiest = busiestRank(experts, touched, tokens * experts.active);
        memorySeconds *= busiest.touched;
        computeSeconds *= busiest.tokens;
      }
      const seconds = smoothMaximum(memorySeconds, computeSeconds, exponent) * experts.layers * experts.factor;
      if (computeSeconds > memorySeconds) compute += seconds;
      else memory += seconds;
      launch += experts.layers * experts.launchSeconds;
      communication += experts.layers * (experts.dispatchFixed + rows * experts.dispatchPerToken);
    }

    const headRows = decodeSequences * this.rowsPerSequence + (prefillTokens > 0 ? prompts : 0);
    const head = smoothMaximum(
      this.head.weightSeconds + headRows * this.head.rowMemorySeconds,
      this.head.unpackSeconds + headRows * this.head.rowComputeSeconds,
      exponent,
    );
    const engine = this.stepOverhead + decodeSequences * this.sequenceOverhead;
    // drafting costs a share of what decodes in the step
    const draft = 1 + this.draftShare * (rows > 0 ? (rows - prefillTokens) / rows : 0);
    this.computeSeconds = compute * draft;
    this.memorySeconds = memory * draft;
    this.attentionSeconds = attention * draft;
    this.communicationSeconds = communication * draft;
    this.launchSeconds = launch * draft;
    this.headSeconds = head * draft;
    this.engineSeconds = engine * draft;
    return (compute + memory + attention + communication + launch + head + engine) * draft;
  }

  /** Sum over layers of the tokens attended to at this context (windows capped). */
  private attendedTokens(contextTokens: number): number {
    return (
      this.fullLayers * Math.min(contextTokens, this.topTokens) +
      this.slidingLayers * Math.min(contextTokens, this.slidingWindow)
    );
  }

  private decodeAttention(sequences: number, contextTokens: number): number {
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
      (attended * this.rowsPerSequence * this.decodeFlopsPerToken) / (this.halfPeak * DECODE_ATTENTION_MFU);
    const state = (this.linearLayers * sequences * this.linearStateBytes * 2) / (this.bandwidth * bandwidthShare);
    return Math.max(memorySeconds, computeSeconds) + state + this.attentionFloor;
  }
}

/**
 * Distinct experts that a batch asks for. Experts differ in popularity: with gamma-distributed rates of shape a the
 * requests for one are negative binomial, so E (1 - (1 + n K / (E a))^-a) are asked for at all.
 */
function touchedExperts({ count, active, popularityShape }: ExpertCoefficients, tokens: number): number {
  const touched = count * (1 - (1 + (tokens * active) / (count * popularityShape)) ** -popularityShape);
  return Math.max(touched, Math.min(active, count * tokens));
}

/** A device that reaches more or less of its bandwidth than its class does. */
const atLevel = (device: Device, level: number): Device => ({
  ...device,
  memoryBandwidthBytesPerSecond:
    device.memoryBandwidthBytesPerSecond === null ? null : device.memoryBandwidthBytesPerSecond * level,
});

/** Gates and state projections of linear-attention layers: what the total has beyond the widths that are named. */
const unnamedParameters = (model: LanguageArchitecture): number =>
  model.layerPattern.linear > 0 ? Math.max(model.parametersTotal - storedParameters(model), 0) : 0;

/**
 * Kernels of the indexer beside its matrix products, in DeepSeek's reference code of V3.2: rotary position and Hadamard
 * rotation of queries and keys, their quantization, the cache writes, scores, selection and translation of the pages.
 */
const INDEX_KERNELS = 12;
/** One 32-bit scale beside each 8-bit key. */
const INDEX_SCALE_BYTES = 4;

/** Sending activations to the next pipeline stage (aiconfigurator: point to point 10 us). */
const PIPELINE_HOP_SECONDS = 10e-6;
const DECODE_ATTENTION_MFU = 0.5;

function gemmRates(
  configuration: ServingConfiguration,
  efficiency: GemmEfficiency,
  format: ServingConfiguration['weightFormat'],
) {
  const bandwidth = configuration.device.memoryBandwidthBytesPerSecond ?? Number.NaN;
  const peak = enginePeak(configuration.device, format, configuration.engine);
  const bytes = bytesPerWeight(format, configuration.engine);
  const mbu = bytes >= 2 ? efficiency.mbu.half : bytes >= 1 ? efficiency.mbu.eight : efficiency.mbu.four;
  const mfu = !peak
    ? Number.NaN
    : peak.format === 'fp8'
      ? efficiency.mfu.fp8
      : peak.format === 'int8'
        ? efficiency.mfu.int8
        : peak.format === 'fp4'
          ? efficiency.mfu.fp4
          : efficiency.mfu.bf16;
  return { weightRate: bandwidth * mbu, computeRate: (peak?.flops ?? Number.NaN) * mfu };
}

/** (a^p + b^p)^(1/p); p to infinity is the maximum. */
function smoothMaximum(a: number, b: number, exponent: number): number {
  const high = Math.max(a, b);
  const low = Math.min(a, b);
  if (low <= 0) return high;
  return high * (1 + (low / high) ** exponent) ** (1 / exponent);
}

let compiled: { readonly configuration: ServingConfiguration; readonly model: StepModel } | null = null;

/** The compiled model of a configuration; the last one asked for is kept. */
export function stepModel(configuration: ServingConfiguration): StepModel {
  if (compiled?.configuration !== configuration) {
    compiled = { configuration, model: new StepModel(configuration) };
  }
  return compiled.model;
}

/**
 * Seconds of one engine step of a replica and what they are made of. Attention data parallelism splits the sequences
 * over ranks that step together; pipeline stages work on one share of the batch each, so a token needs the whole
 * depth at that share.
 */
export function stepTime(configuration: ServingConfiguration, work: StepWork): StepTime {
  const model = stepModel(configuration);
  const ranks = configuration.attentionDataParallel;
  const groups = ranks * configuration.pipelineParallel;
  const tokens = (work.prefillTokens + work.decodeSequences) / configuration.pipelineParallel;
  const seconds = model.run(
    work.prefillTokens / groups,
    work.cachedTokens,
    work.decodeSequences / groups,
    work.meanContextTokens,
    tokens,
  );
  return {
    seconds,
    computeSeconds: model.computeSeconds,
    memorySeconds: model.memorySeconds,
    attentionSeconds: model.attentionSeconds,
    communicationSeconds: model.communicationSeconds,
    launchSeconds: model.launchSeconds,
    headSeconds: model.headSeconds,
    engineSeconds: model.engineSeconds,
  };
}
