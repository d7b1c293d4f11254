/** Expert layers of a mixture compiled to coefficients: weights that a batch touches, arithmetic, dispatch. */
import type { ServingConfiguration } from './configuration.ts';
import { type GemmEfficiency, groupLinkBytesPerSecond, type InferenceConstants, kernelClass } from './efficiency.ts';
import { bytesPerUnitWeight, bytesPerWeight, computePeak } from './formats.ts';

export interface ExpertCoefficients {
  readonly layers: number;
  readonly count: number;
  readonly active: number;
  readonly popularityShape: number;
  readonly secondsPerExpert: number;
  readonly memorySecondsPerToken: number;
  readonly computeSecondsPerToken: number;
  /** Tokens per touched expert at which the matrix units reach half their rate. */
  readonly halfTokens: number;
  readonly launchSeconds: number;
  readonly dispatchFixed: number;
  readonly dispatchPerToken: number;
  /** Of the model family and the engine. */
  readonly factor: number;
}

/** Null for dense models. `layers` is the number of layers with experts. */
export function expertCoefficients(
  configuration: ServingConfiguration,
  constants: InferenceConstants,
  efficiency: GemmEfficiency,
  layers: number,
): ExpertCoefficients | null {
  const { model, device, engine, weightFormat } = configuration;
  const mixture = model.mixtureOfExperts;
  if (!mixture) return null;
  const ranks = configuration.tensorParallel * configuration.attentionDataParallel;
  const bandwidth = device.memoryBandwidthBytesPerSecond ?? Number.NaN;
  const peak = computePeak(device, weightFormat)?.flops ?? Number.NaN;
  const unit = engine === 'llama_cpp' && kernelClass(device) === 'edge';
  const weightBytes = unit ? bytesPerUnitWeight(weightFormat) : bytesPerWeight(weightFormat, engine);
  const parameters = 3 * model.hiddenSize * mixture.expertHiddenSize;
  const llamaCpp = engine === 'llama_cpp';
  const imbalance =
    configuration.expertParallel > 1 ? constants.experts.expertImbalance : constants.experts.tensorImbalance;
  const shares = constants.experts.bandwidthShare;
  const share = llamaCpp ? efficiency.mbu.four : (shares[kernelClass(device)] ?? shares.other ?? Number.NaN);
  const memoryRate = bandwidth * share;
  // kernel classes differ in what their matrix units reach; Hopper is the class the expert constants were fitted on
  const relative = efficiency.mfu.bf16 / constants.gemm.hopper.mfu.bf16;
  const computeRate = peak * (llamaCpp ? efficiency.mfu.bf16 : Math.min(constants.experts.mfu * relative, 1));
  const widens = bytesPerWeight(weightFormat, engine) < 1 && !device.densePeakFlops.fp4;
  const widening = widens ? constants.expertWideningFactor[engine] : 1;
  const attentionRanks = configuration.attentionDataParallel;
  const link = groupLinkBytesPerSecond(device, ranks, configuration.networkBytesPerSecondPerDevice) ?? Number.NaN;
  return {
    layers,
    count: mixture.experts,
    popularityShape: constants.experts.popularityShape,
    active: mixture.activeExperts,
    secondsPerExpert: (parameters * weightBytes * imbalance) / ranks / memoryRate,
    memorySecondsPerToken:
      (mixture.activeExperts * model.hiddenSize * 3) / Math.max(configuration.expertParallel, 1) / memoryRate,
    computeSecondsPerToken: (2 * mixture.activeExperts * parameters * imbalance) / ranks / computeRate,
    // llama.cpp's matrix-vector kernels do not ramp, and its cost per layer covers its expert kernels
    halfTokens: llamaCpp ? 0 : constants.experts.halfTokensPerExpert,
    launchSeconds: llamaCpp ? 0 : constants.experts.launchSeconds * constants.expertLaunchFactor[engine] * widening,
    dispatchFixed: attentionRanks > 1 ? constants.experts.dispatchSeconds : 0,
    dispatchPerToken:
      attentionRanks > 1
        ? (mixture.activeExperts * model.hiddenSize * 3 * (1 - 1 / ranks)) /
          (link * constants.experts.dispatchLinkShare)
        : 0,
    // families differ in how far fused expert kernels carry; llama.cpp multiplies vector by vector
    factor: llamaCpp
      ? 1
      : (constants.expertFamilyFactor[model.family] ?? constants.expertFamilyFactor.other ?? 1) *
        constants.expertEngineFactor[engine] *
        widening,
  };
}
