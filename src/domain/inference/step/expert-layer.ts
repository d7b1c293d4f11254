/** Expert layers of a mixture compiled to coefficients: weights that a batch touches, arithmetic, dispatch. */
import { inverseStandardNormal } from '../../uncertainty/normal.ts';
import type { ServingConfiguration } from './configuration.ts';
import {
  type GemmEfficiency,
  groupLinkBytesPerSecond,
  type InferenceConstants,
  kernelClass,
  linkedGroups,
} from './efficiency.ts';
import { bytesPerWeight, computePeak, enginePeak } from './formats.ts';
import { eraFactor } from './software-era.ts';
import { layerWeightBytes } from './weight-storage.ts';

export interface ExpertCoefficients {
  readonly layers: number;
  readonly count: number;
  /** Experts of each rank where they are spread over ranks; 0 where each is cut over all of them. */
  readonly perRank: number;
  /** Expected largest of as many standard normal values as there are ranks. */
  readonly rankSpread: number;
  readonly active: number;
  readonly popularityShape: number;
  readonly secondsPerExpert: number;
  readonly memorySecondsPerToken: number;
  readonly computeSecondsPerToken: number;
  /** Seconds to widen the weights of an expert that gets any tokens. */
  readonly unpackSecondsPerExpert: number;
  /** Tokens per touched expert at which the matrix units reach half their rate: grouped products work in tiles of up to 128 rows. */
  readonly halfTokens: number;
  readonly launchSeconds: number;
  readonly dispatchFixed: number;
  readonly dispatchPerToken: number;
  /** Whether dispatch overlaps with other work. */
  readonly overlapsDispatch: boolean;
  /** Of the model family and the engine. */
  readonly factor: number;
}

/** Bytes moved per row and element: 8-bit rows written and read, 16-bit results written and read. */
const GATHER_BYTES = 6;
/** Gate and up written and read in 16 bits, their product written and read in 8. */
const HIDDEN_BYTES = 10;

/** Expected largest of n standard normal values (Blom 1958). */
function largestOfNormals(n: number): number {
  let value = largest.get(n);
  if (value === undefined) {
    value = inverseStandardNormal((n - 0.375) / (n + 0.25));
    largest.set(n, value);
  }
  return value;
}
const largest = new Map<number, number>();

/**
 * The busiest rank over the mean one where experts are spread over ranks. Of its E/R experts a share p is touched, which
 * varies as a binomial; their tokens vary as the negative binomial of unlike popularity (mean m, variance m + m^2 / a).
 */
export function busiestRank(
  { perRank, rankSpread, count, popularityShape }: ExpertCoefficients,
  touched: number,
  assignments: number,
): { readonly touched: number; readonly tokens: number } {
  const share = touched / count;
  const perExpert = assignments / count;
  return {
    touched: Math.min(1 + rankSpread * Math.sqrt((1 - share) / (share * perRank)), 1 / share),
    tokens: 1 + rankSpread * Math.sqrt((1 / perExpert + 1 / popularityShape) / perRank),
  };
}

/**
 * Copies of a token that leave its node: one for each other node that has one of its experts; there the links within the node pass it on.
 * On several nodes engines split a batch in two halves and send one while they compute the other (DeepSeek-V3, arXiv 2412.19437 §3.2.2
 * and §3.4; SGLang's two-batch overlap).
 */
const nodesReached = (nodes: number, active: number): number => (nodes - 1) * (1 - (1 - 1 / nodes) ** active);

/** Null for dense models. `layers` is the number of layers with experts, `unpackSeconds` what widening one weight takes. */
export function expertCoefficients(
  configuration: ServingConfiguration,
  constants: InferenceConstants,
  efficiency: GemmEfficiency,
  layers: number,
  unpackSeconds: number,
): ExpertCoefficients | null {
  const { model, device, engine, weightFormat } = configuration;
  const mixture = model.mixtureOfExperts;
  if (!mixture) return null;
  const ranks = configuration.tensorParallel * configuration.attentionDataParallel;
  const bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
  const peak = enginePeak(device, weightFormat, engine)?.flops ?? Number.NaN;
  const weightBytes = layerWeightBytes(configuration, weightFormat);
  const width = mixture.latentSize ?? model.hiddenSize;
  const parameters = (model.gatedFfn ? 3 : 2) * width * mixture.expertHiddenSize;
  const llamaCpp = engine === 'llama_cpp';
  const board = !llamaCpp && kernelClass(device) === 'jetson';
  const bytes = bytesPerWeight(weightFormat, engine);
  const mbu = bytes >= 2 ? efficiency.mbu.half : bytes >= 1 ? efficiency.mbu.eight : efficiency.mbu.four;
  const share = llamaCpp ? efficiency.mbu.four : Math.min(mbu * constants.experts.relativeBandwidth, 1);
  const memoryRate = bandwidth * share;
  // kernel classes differ in what their matrix units reach; Hopper is the class the expert constants were fitted on
  const relative = efficiency.mfu.bf16 / constants.gemm.hopper.mfu.bf16;
  const computeRate = peak * (llamaCpp ? efficiency.mfu.bf16 : Math.min(constants.experts.mfu * relative, 1));
  // weight-only formats are widened on any device, 4-bit floats where there are no units for them
  const widens = bytesPerWeight(weightFormat, engine) < 1 && computePeak(device, weightFormat)?.format !== 'fp4';
  const quantization = constants.experts.quantizationSeconds;
  const quantizes = weightFormat === 'fp8' || weightFormat === 'int8';
  const spread = Math.max(configuration.expertParallel, 1);
  // gathering and quantizing the rows, writing and summing up the results, and the hidden rows between the two products
  const activationBytes = GATHER_BYTES * width + (HIDDEN_BYTES * mixture.expertHiddenSize * spread) / ranks;
  const widening = widens ? constants.expertWideningFactor[engine] : 1;
  const era = eraFactor(configuration, constants);
  const attentionRanks = configuration.attentionDataParallel;
  const link = groupLinkBytesPerSecond(device, ranks, configuration.networkBytesPerSecondPerDevice) ?? Number.NaN;
  const nodes = linkedGroups(device, ranks);
  const copies = nodes > 1 ? nodesReached(nodes, mixture.activeExperts) : mixture.activeExperts * (1 - 1 / ranks);
  return {
    layers,
    count: mixture.experts,
    perRank: spread > 1 ? mixture.experts / spread : 0,
    rankSpread: spread > 1 ? largestOfNormals(spread) : 0,
    popularityShape: constants.experts.popularityShape,
    active: mixture.activeExperts,
    secondsPerExpert: (parameters * weightBytes) / ranks / memoryRate,
    memorySecondsPerToken: (mixture.activeExperts * activationBytes) / spread / memoryRate,
    unpackSecondsPerExpert: (parameters * unpackSeconds) / ranks,
    computeSecondsPerToken: (2 * mixture.activeExperts * parameters) / ranks / computeRate,
    // llama.cpp's matrix-vector kernels do not ramp, and its cost per layer covers its expert kernels
    halfTokens: llamaCpp ? 0 : board ? constants.boardHalfTokens : constants.experts.halfTokensPerExpert,
    launchSeconds: llamaCpp
      ? 0
      : (constants.experts.launchSeconds +
          (quantizes ? (quantization[kernelClass(device)] ?? quantization.other ?? 0) : 0)) *
        era,
    dispatchFixed: attentionRanks > 1 ? constants.experts.dispatchSeconds * era : 0,
    dispatchPerToken: attentionRanks > 1 ? (copies * width * 3) / (link * constants.experts.dispatchLinkShare) : 0,
    overlapsDispatch: attentionRanks > 1 && nodes > 1,
    // families differ in how far fused expert kernels carry, on boards by their level; llama.cpp multiplies vector by vector
    factor:
      llamaCpp || board
        ? 1
        : (constants.expertFamilyFactor[model.family] ?? constants.expertFamilyFactor.other ?? 1) *
          constants.expertEngineFactor[engine] *
          widening,
  };
}
