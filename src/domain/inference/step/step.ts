/**
 * Time of one engine step: roofline per kernel with measured efficiencies, summed over the layers.
 *
 *   gemm      ((bytes / (BW mbu))^p + (2 m k n / (peak mfu))^p)^(1/p) + launch
 *   attention decode reads the KV cache at a share of bandwidth that grows with its size; prefill is causal FLOPs
 *   experts   the distinct experts a batch touches, E (1 - (1 - K/E)^n), stream through memory
 *   link      two all-reduces per layer (ring bytes 2 (t-1)/t) or dispatch and combine with attention data parallelism
 *   engine    a constant per step and a cost per running sequence (scheduling, sampling, detokenising), beside the device's
 *             work where the engine overlaps them
 *   stages    of a full pipeline wait for the one with the head: (layers / stages + head + engine) x stages
 *
 * Sources: roofline, Williams et al. 2009; the smooth p-norm and the terms are those of the serving literature (GenZ
 * arXiv 2406.01698, aiconfigurator arXiv 2601.06288, BLIS); constants in ../calibration/inference-constants.json.
 */
import type { Device } from '../../devices/device.ts';
import { coresOf } from '../../devices/processor-cores.ts';
import { feedForwardLayers, wholeLayers, withoutCrossLayers } from '../../models/layers.ts';
import { type AdapterWork, adapterWork, distinctAdapters } from './adapters.ts';
import { AttentionTime } from './attention-time.ts';
import type { ServingConfiguration } from './configuration.ts';
import {
  gemmEfficiency,
  groupLinkBytesPerSecond,
  hasArmHost,
  hostLinkBytesPerSecond,
  INFERENCE_CONSTANTS,
  type InferenceConstants,
  kernelClass,
  llamaCppClass,
  measuredLevel,
  PYTHON_ENGINES,
} from './efficiency.ts';
import { furtherElementBytes, streamKernels } from './element-traffic.ts';
import { busiestRank, type ExpertCoefficients, expertCoefficients } from './expert-layer.ts';
import { computePeak, languageHalfPeakFlops } from './formats.ts';
import { type Gemm, matrixProducts } from './matrix-products.ts';
import { offloadedBytes, weightBytesPerDevice } from './memory.ts';
import type { StepTime, StepWork } from './results.ts';
import { smoothMaximum } from './roofline.ts';
import { eraFactor, hostCodeFactor, overlapsHost } from './software-era.ts';

interface AdapterCoefficients extends AdapterWork {
  readonly secondsPerAdapter: number;
  readonly secondsPerRow: number;
  readonly launchSeconds: number;
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
  private readonly products: readonly Gemm[];
  private readonly head: Gemm;
  private readonly attention: AttentionTime;
  private readonly halfPeak: number;
  private readonly launchFixed: number;
  private readonly promptLaunch: number;
  private readonly elementSecondsPerToken: number;
  private readonly allReduceFixed: number;
  private readonly allReducePerToken: number;
  private readonly pipelineSeconds: number;
  private readonly followers: number;
  private readonly overlapsHost: boolean;
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

  constructor(given: ServingConfiguration, constants: InferenceConstants = INFERENCE_CONSTANTS) {
    const running = given.imageTokens > 0 ? given.model : withoutCrossLayers(given.model);
    const asked = running === given.model ? given : { ...given, model: running };
    const level = measuredLevel(asked.model.family, asked.device, asked.engine, constants);
    const configuration = level === 1 ? asked : { ...asked, device: atLevel(asked.device, level) };
    const { model, device, engine } = configuration;
    const tensor = configuration.tensorParallel;
    const layers = wholeLayers(model);
    const hidden = model.hiddenSize;
    this.constants = constants;
    this.halfPeak = languageHalfPeakFlops(device) ?? computePeak(device, 'bf16')?.flops ?? Number.NaN;

    const efficiency = gemmEfficiency(asked.device, engine, constants);
    const era = eraFactor(configuration, constants);
    const llamaCpp = engine === 'llama_cpp' ? constants.llamaCpp[llamaCppClass(asked.device)] : null;
    this.exponent = llamaCpp ? LLAMA_CPP_EXPONENT : constants.rooflineExponent;
    const kernel = kernelClass(asked.device);
    const bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
    const { layers: products, head, unpackSeconds } = matrixProducts(configuration, efficiency, level, llamaCpp);
    this.products = products;
    this.head = head;
    this.attention = new AttentionTime(configuration, constants, { peak: this.halfPeak, efficiency, era, llamaCpp });
    const mixture = model.mixtureOfExperts;
    const expertLayers = feedForwardLayers(model).expert;
    this.experts = mixture
      ? expertCoefficients(configuration, constants, efficiency, expertLayers, unpackSeconds)
      : null;

    let launches = 0;
    for (const product of products) launches += product.count;
    this.launchFixed = llamaCpp
      ? (layers * (llamaCpp.layerSeconds + (coresOf(asked.device) ?? 0) * llamaCpp.threadSeconds) +
          model.layerPattern.linear * llamaCpp.linearLayerSeconds) /
        level
      : era *
          (launches * constants.gemmLaunchSeconds +
            layers * constants.layerSeconds +
            streamKernels(model) * constants.attention.floorSeconds) +
        (kernel === 'jetson'
          ? layers * constants.boardLayerSeconds +
            expertLayers * constants.boardExpertSeconds[PYTHON_ENGINES.has(engine) ? 'python' : 'compiled']
          : 0);
    const host = hasArmHost(asked.device) ? constants.armHostFactor : 1;
    this.promptLaunch = layers * constants.engine[engine].promptLayerSeconds * host;
    this.elementSecondsPerToken =
      (layers * constants.elementwise.passes * hidden * 2 + furtherElementBytes(model)) /
      (bandwidth * constants.elementwise.bandwidthShare);

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
    // llama.cpp's stages take turns at one batch; the others each work on one of their own, at the pace of the slowest
    this.followers = llamaCpp ? 0 : stages - 1;
    const overhead = constants.engine[engine];
    const board = kernel === 'jetson' && PYTHON_ENGINES.has(engine) ? constants.boardStepSeconds : 0;
    this.stepOverhead = overhead.stepSeconds * era * host + board;
    const speculative = configuration.speculative;
    // sampling, scheduling and detokenising come with every token written, drafted or not
    this.sequenceOverhead =
      overhead.sequenceSeconds *
      hostCodeFactor(configuration, constants) *
      host *
      (1 + (speculative?.acceptedTokens ?? 0));
    this.overlapsHost = overlapsHost(configuration);
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
    const exponent = this.exponent;
    let compute = 0;
    let memory = this.offloadSeconds;
    for (const gemm of this.products) {
      const memorySeconds = gemm.weightSeconds + rows * gemm.rowMemorySeconds;
      const computeSeconds = gemm.unpackSeconds + rows * gemm.rowComputeSeconds;
      const seconds = smoothMaximum(memorySeconds, computeSeconds, exponent) * gemm.count;
      if (computeSeconds > memorySeconds) compute += seconds;
      else memory += seconds;
    }

    const attention = this.attention.seconds(prefillTokens, cachedTokens, decodeSequences, contextTokens, prompts);
    compute += prefillTokens * this.encoderSecondsPerToken;

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
      const dispatch = experts.layers * (experts.dispatchFixed + rows * experts.dispatchPerToken);
      const rest = compute + memory + attention + launch + communication;
      communication += experts.overlapsDispatch ? smoothMaximum(rest, dispatch, OVERLAP_EXPONENT) - rest : dispatch;
    }

    // the last stage has the head and every stage the engine's work on each batch: full pipelines wait for them at each
    const pace = 1 + this.followers * Math.min(Math.max(decodeSequences - 1, 0), 1);
    const headRows = decodeSequences * this.rowsPerSequence + (prefillTokens > 0 ? prompts : 0);
    const head =
      smoothMaximum(
        this.head.weightSeconds + headRows * this.head.rowMemorySeconds,
        this.head.unpackSeconds + headRows * this.head.rowComputeSeconds,
        exponent,
      ) * pace;
    const host = (this.stepOverhead + decodeSequences * this.sequenceOverhead) * pace;
    const device = compute + memory + attention + communication + launch + head;
    const engine = this.overlapsHost ? smoothMaximum(device, host, OVERLAP_EXPONENT) - device : host;
    // drafting costs a share of what decodes in the step
    const draft = 1 + this.draftShare * (rows > 0 ? (rows - prefillTokens) / rows : 0);
    this.computeSeconds = compute * draft;
    this.memorySeconds = memory * draft;
    this.attentionSeconds = attention * draft;
    this.communicationSeconds = communication * draft;
    this.launchSeconds = launch * draft;
    this.headSeconds = head * draft;
    this.engineSeconds = engine * draft;
    return (device + engine) * draft;
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

/** Between memory and arithmetic in the kernels of llama.cpp and its like, which are not those of the serving engines. */
const LLAMA_CPP_EXPONENT = 1.3333;
/** Sending activations to the next pipeline stage (aiconfigurator: point to point 10 us). */
const PIPELINE_HOP_SECONDS = 10e-6;
/**
 * Exponent for two kinds of work that overlap (host and device; network between nodes and the rest). Both times vary from step to step, so
 * that the mean of the longer one exceeds the longer of the means where these are close.
 */
const OVERLAP_EXPONENT = 2;

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
