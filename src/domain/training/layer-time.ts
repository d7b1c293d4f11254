/**
 * Seconds one rank spends on one micro-batch in one layer, by term. Method: layer-wise roofline as in calculon
 * (Isaev et al., SC 2023) with fixed losses per GEMM; communication volumes of sequence parallelism from
 * Korthikanti et al. (arXiv 2205.05198) §4.2, of expert dispatch with one copy per node from DeepEP.
 */
import { attentionForwardFlopsPerToken } from '../models/flops.ts';
import { attentionWidths, componentParameters, latentUpProjections } from '../models/parameters.ts';
import { FUSED_ATTENTION_YEAR, type StepConstants } from './constants.ts';
import { forwardsPerToken, isPreferenceMethod } from './flops.ts';
import { achievableMatmulFlops, generationOf } from './generation.ts';
import { collectiveBytesPerSecond, type LinkRates } from './links.ts';
import { type Cluster, isFineGrained, type TrainingLayout, type TrainingWorkload } from './workload.ts';

/** Exposed seconds, forward and backward together; recompute is the forward repeated. */
export interface LayerSeconds {
  gemm: number;
  attention: number;
  elementWise: number;
  recompute: number;
  tensorParallel: number;
  contextParallel: number;
  expertParallel: number;
}

/** Backward over forward of fused attention: five products for two, and the recomputed scores (FlashAttention-2 §3). */
const ATTENTION_BACKWARD = 2.4;
const BYTES_PER_ELEMENT = 2;
/** DeepSeek-V3 (arXiv 2412.19437) §3.2.2: 20 of 132 streaming multiprocessors communicate. */
const DUAL_PIPE_MULTIPROCESSORS = 112 / 132;
/** Share of the forward element-wise traffic that norms and activation functions make. */
const SELECTIVE_ELEMENT_SHARE = 0.4;

export interface Rates {
  readonly matmulFlops: number;
  readonly halfMatmulFlops: number;
  readonly gemmEfficiency: number;
  readonly eightBitEfficiency: number;
  readonly attentionFlops: number;
  readonly memoryBytesPerSecond: number;
  readonly links: LinkRates;
}

/** @throws RangeError when the device lacks the precision or its memory bandwidth; checkLayout names it before. */
export function ratesOf(
  workload: TrainingWorkload,
  cluster: Cluster,
  layout: TrainingLayout,
  constants: StepConstants,
): Rates {
  const { device } = cluster;
  const matmulFlops = achievableMatmulFlops(device, workload.precision);
  const halfMatmulFlops = achievableMatmulFlops(device, 'bf16') ?? achievableMatmulFlops(device, 'fp16');
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  if (matmulFlops === null || halfMatmulFlops === null || bandwidth === null) {
    throw new RangeError(`${device.name} does not state its ${workload.precision} peak or its memory bandwidth.`);
  }
  const generation = generationOf(device);
  const flash2 = generation === 'hopper' && workload.software.framework === 'fsdp' && workload.software.year < 2026;
  // DualPipe hides communication behind computation at the price of the multiprocessors that run it
  const multiprocessors = layout.schedule === 'dual_pipe' ? DUAL_PIPE_MULTIPROCESSORS : 1;
  return {
    matmulFlops,
    halfMatmulFlops,
    gemmEfficiency: constants.gemmEfficiency[generation] * multiprocessors,
    eightBitEfficiency: constants.eightBitEfficiency[generation],
    attentionFlops:
      multiprocessors *
      halfMatmulFlops *
      (flash2 ? constants.flash2OnHopper : constants.attentionEfficiency[generation]),
    memoryBytesPerSecond: bandwidth * constants.memoryEfficiency,
    links: {
      link: cluster.linkBytesPerSecond * constants.linkEfficiency,
      network: cluster.networkBytesPerSecondPerDevice * constants.networkEfficiency,
      domain: Math.min(cluster.linkDomainDevices, cluster.devices),
      tensorParallel: layout.tensorParallel,
      contextParallel: layout.contextParallel,
    },
  };
}

/** Time of one layer for one micro-batch on one rank; experts: the layer has routed experts. */
export function layerSeconds(
  workload: TrainingWorkload,
  layout: TrainingLayout,
  rates: Rates,
  constants: StepConstants,
  experts: boolean,
): LayerSeconds {
  const { model, software } = workload;
  const c = componentParameters(model);
  const tp = layout.tensorParallel;
  const h = model.hiddenSize;
  const tokens = (layout.microBatchSequences * workload.sequenceLength) / layout.contextParallel;
  const passes = forwardsPerToken(workload.method);
  // the reference of DPO: one more forward
  const reference = isPreferenceMethod(workload.method) ? 1 : 0;
  const lowPrecision = rates.matmulFlops > rates.halfMatmulFlops * 1.01;
  const gemmFlops = rates.matmulFlops * rates.gemmEfficiency * (lowPrecision ? rates.eightBitEfficiency : 1);
  const gemm = (parameters: number, groups: number) =>
    (2 * tokens * parameters) / tp / gemmFlops + groups * constants.gemmFixedSeconds;

  let forwardGemm = gemm(c.attentionPerLayer, 2);
  const elementBytes =
    software.framework === 'megatron' || software.framework === 'xla'
      ? constants.elementBytesFused
      : constants.elementBytesEager;
  let traffic = elementBytes * h;
  let width = model.ffnHiddenSize;
  if (experts && model.mixtureOfExperts !== null) {
    const moe = model.mixtureOfExperts;
    const localExperts = moe.experts / layout.expertParallel;
    const routed = (2 * tokens * c.expert * moe.activeExperts) / tp / gemmFlops;
    forwardGemm +=
      (1 + constants.groupedGemmHalfWidth / moe.expertHiddenSize) * routed +
      (localExperts * constants.gemmFixedSeconds) / 2 +
      constants.expertLayerSeconds +
      gemm(c.routerPerLayer + c.sharedExpertsPerLayer, moe.sharedExperts > 0 ? 2 : 1);
    width = moe.expertHiddenSize * moe.activeExperts + moe.sharedExpertHiddenSize * moe.sharedExperts;
    // tokens are copied to their experts and back: read and write, bf16, both ways
    traffic += 8 * moe.activeExperts * h;
  } else {
    forwardGemm += gemm(c.denseFfnPerLayer, 2);
  }
  traffic += 6 * width;
  const causal = software.year >= FUSED_ATTENTION_YEAR;
  if (!causal) traffic += constants.unfusedScoreBytes * model.attention.heads * workload.sequenceLength;
  if (lowPrecision) traffic += constants.quantizationBytes * (2 * h + width);
  const elementWise = (traffic * tokens) / tp / rates.memoryBytesPerSecond;

  const attentionForward =
    ((attentionForwardFlopsPerToken(model, workload.sequenceLength, causal) / model.layers) * tokens) /
    tp /
    rates.attentionFlops;
  const dequantization =
    workload.method === 'qlora'
      ? (constants.dequantizationBytes * (c.attentionPerLayer + c.denseFfnPerLayer)) / tp / rates.memoryBytesPerSecond
      : 0;

  const overlaps = causal && (software.framework === 'megatron' || software.framework === 'xla');
  // all-gather and reduce-scatter around attention and FFN, per direction
  const tensorParallel =
    tp > 1
      ? ((4 * (tp - 1)) / tp) *
        ((tokens * h * BYTES_PER_ELEMENT) / collectiveBytesPerSecond(rates.links, tp, 1)) *
        (overlaps ? constants.tensorExposed : 1)
      : 0;
  const contextParallel = contextSeconds(workload, layout, rates, tokens) * constants.contextExposed;
  const expertParallel = experts ? expertSeconds(workload, layout, rates, constants, tokens) : 0;

  const forward = forwardGemm + dequantization + elementWise + attentionForward + tensorParallel + contextParallel;
  // before fused attention selective recomputation repeats the scores; since then the norms and the activation function,
  // and lately what MLA projects up from its latents
  const upProjections = isFineGrained(software) ? (2 * tokens * latentUpProjections(model)) / tp / gemmFlops : 0;
  const selective =
    layout.recompute !== 'selective'
      ? 0
      : causal
        ? SELECTIVE_ELEMENT_SHARE * elementWise + upProjections
        : attentionForward;
  const seconds = {
    gemm: forwardGemm * passes + dequantization * 2,
    attention: attentionForward * (1 + ATTENTION_BACKWARD + reference),
    elementWise: elementWise * (3 + reference),
    recompute: layout.recompute === 'full' ? forward + expertParallel - tensorParallel / 2 : selective,
    tensorParallel: tensorParallel * (2 + reference),
    contextParallel: contextParallel * (3 + reference),
    expertParallel: expertParallel * (2 + reference),
  };
  // kernels cannot start faster than the host launches them
  const busy = seconds.gemm + seconds.attention + seconds.elementWise + seconds.recompute;
  const floor = software.framework === 'other' ? constants.eagerAdapterLayerSeconds : constants.fusedLayerSeconds;
  const launches = floor * (layout.recompute === 'full' ? 1 : 0.75);
  if (busy < launches) seconds.elementWise += launches - busy;
  return seconds;
}

/** Keys and values of the other ranks pass by once per direction (ring attention, arXiv 2310.01889). */
function contextSeconds(workload: TrainingWorkload, layout: TrainingLayout, rates: Rates, tokens: number): number {
  const cp = layout.contextParallel;
  if (cp === 1) return 0;
  const bytes =
    (attentionWidths(workload.model).keyValue * BYTES_PER_ELEMENT * tokens * (cp - 1)) / layout.tensorParallel;
  return bytes / collectiveBytesPerSecond(rates.links, cp, layout.tensorParallel);
}

/**
 * Dispatch and combine of one direction. Across domains a token is sent once to each domain that holds one of its experts:
 * with d domains and k experts (d-1)(1-(1-1/d)^k) copies leave; the rest moves over the fast link.
 */
function expertSeconds(
  workload: TrainingWorkload,
  layout: TrainingLayout,
  rates: Rates,
  constants: StepConstants,
  tokens: number,
): number {
  const moe = workload.model.mixtureOfExperts;
  const ep = layout.expertParallel;
  if (moe === null || ep === 1) return 0;
  const { links } = rates;
  const ranksPerDomain = Math.max(1, Math.min(ep, links.domain));
  const domains = Math.ceil(ep / ranksPerDomain);
  const tokenBytes = (workload.model.hiddenSize * BYTES_PER_ELEMENT * tokens * 2) / layout.tensorParallel;
  const inside = (tokenBytes * moe.activeExperts * (1 - 1 / ep)) / (links.link > 0 ? links.link : links.network);
  const copies = (domains - 1) * (1 - (1 - 1 / domains) ** moe.activeExperts);
  const across = domains > 1 ? (tokenBytes * copies) / links.network : 0;
  return layout.schedule === 'dual_pipe' ? 0 : Math.max(inside, across) * constants.expertExposed;
}
