/**
 * Seconds one rank spends on one micro-batch in one layer, by term. Method: layer-wise roofline as in calculon
 * (Isaev et al., SC 2023) with fixed losses per GEMM; communication volumes of sequence parallelism from
 * Korthikanti et al. (arXiv 2205.05198) §4.2, of expert dispatch with one copy per node from DeepEP.
 */
import type { LanguageArchitecture, MixtureOfExperts } from '../../models/architecture.ts';
import { attentionForwardFlopsPerToken } from '../../models/flops.ts';
import { attentionWidths, componentParameters, latentUpProjections } from '../../models/parameters.ts';
import {
  type Cluster,
  isFineGrained,
  type SoftwareStack,
  type TrainingLayout,
  type TrainingWorkload,
} from '../workload.ts';
import { splitsSequence } from './activations.ts';
import { attentionShapeEfficiency } from './attention-shape.ts';
import { FUSED_ATTENTION_YEAR, type StepConstants } from './constants.ts';
import { furtherForwards, isAdapterMethod } from './flops.ts';
import { type GemmRates, gemmSeconds, type MatrixUnits, matrixUnitsOf } from './gemm-time.ts';
import { achievableMatmulFlops, type Generation, generationOf } from './generation.ts';
import { type LayerMatrix, layerMatrices } from './layer-matrices.ts';
import { collectiveBytesPerSecond, type LinkRates } from './links.ts';

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

/**
 * Norms, dropouts and residuals outside the tensor-parallel blocks, forward: 22 bytes per token and unit are read and written;
 * splitting them over 8 devices saves 0.5 of 7.7 ms of a layer of 6,144 units and 8,192 tokens (0.45 to 0.55 with rounding: 17 to
 * 20 bytes). The backward pass gains nothing: it gathers the sequence once more (arXiv 2205.05198 table 4, 22 B: 11.9 to 11.8 ms).
 */
const REPLICATED_ELEMENT_BYTES = 20;

export interface Rates {
  readonly generation: Generation;
  /** Null: products without waves. */
  readonly matrixUnits: MatrixUnits | null;
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
  const rateOf = (precision: TrainingWorkload['precision']) => achievableMatmulFlops(device, precision, constants);
  const matmulFlops = rateOf(workload.precision);
  const halfMatmulFlops = rateOf('bf16') ?? rateOf('fp16');
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  if (matmulFlops === null || halfMatmulFlops === null || bandwidth === null) {
    throw new RangeError(`${device.name} does not state its ${workload.precision} peak or its memory bandwidth.`);
  }
  const generation = generationOf(device);
  // DualPipe hides communication behind computation at the price of the multiprocessors that run it
  const multiprocessors = layout.schedule === 'dual_pipe' ? DUAL_PIPE_MULTIPROCESSORS : 1;
  return {
    generation,
    matrixUnits: matrixUnitsOf(generation),
    matmulFlops,
    halfMatmulFlops,
    gemmEfficiency: constants.gemmEfficiency[generation] * multiprocessors,
    eightBitEfficiency: constants.eightBitEfficiency[generation],
    attentionFlops: multiprocessors * halfMatmulFlops * attentionEfficiency(generation, workload.software, constants),
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

/**
 * By kernel generation: FlashAttention and its Triton port in the stacks of 2023, FlashAttention-2 (arXiv 2307.08691) after;
 * FSDP stacks took to kernels made for Hopper in 2026, Megatron to those of cuDNN at once.
 */
function attentionEfficiency(
  generation: Generation,
  { framework, year }: SoftwareStack,
  constants: StepConstants,
): number {
  const own = constants.attentionEfficiency[generation];
  const second = generation === 'hopper' && framework === 'fsdp' && year < 2026 ? constants.flash2OnHopper : own;
  return year === FUSED_ATTENTION_YEAR ? second * constants.flash1Share : second;
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
  const further = furtherForwards(workload.method);
  const trained = !isAdapterMethod(workload.method);
  const lowPrecision = rates.matmulFlops > rates.halfMatmulFlops * 1.01;
  const gemmFlops = rates.matmulFlops * rates.gemmEfficiency * (lowPrecision ? rates.eightBitEfficiency : 1);
  const gemmRates: GemmRates = {
    flops: gemmFlops,
    bytesPerSecond: rates.memoryBytesPerSecond,
    units: rates.matrixUnits,
    fillDepth: constants.gemmFillDepth,
    waveLoss: constants.waveLoss,
  };
  const products = new LayerProducts(gemmRates, constants, rates.memoryBytesPerSecond, trained);
  const matrices = layerMatrices(model);
  for (const matrix of matrices.attention) products.add(matrix, tokens, tp);

  const elementBytes =
    software.framework === 'megatron' || software.framework === 'xla'
      ? constants.elementBytesFused
      : constants.elementBytesEager;
  let traffic = elementBytes * h;
  let width = model.ffnHiddenSize;
  if (experts && model.mixtureOfExperts !== null) {
    const moe = model.mixtureOfExperts;
    for (const matrix of matrices.shared) products.add(matrix, tokens, tp);
    products.addExperts(model, moe, layout, tokens);
    width = moe.expertHiddenSize * moe.activeExperts + moe.sharedExpertHiddenSize * moe.sharedExperts;
    // tokens are copied to their experts and back: read and write, bf16, both ways
    traffic += 8 * moe.activeExperts * h;
  } else {
    for (const matrix of matrices.ffn) products.add(matrix, tokens, tp);
  }
  traffic += 6 * width;
  const causal = software.year >= FUSED_ATTENTION_YEAR;
  if (!causal) traffic += constants.unfusedScoreBytes * model.attention.heads * workload.sequenceLength;
  if (lowPrecision) traffic += constants.quantizationBytes * (2 * h + width);
  const elementWise = (traffic * tokens) / tp / rates.memoryBytesPerSecond;
  // what lies between the tensor-parallel blocks is done by every rank where the sequence is not split there
  const replicated = splitsSequence(software, layout.recompute)
    ? 0
    : (REPLICATED_ELEMENT_BYTES * h * (1 - 1 / tp) * tokens) / rates.memoryBytesPerSecond;

  const attentionForward =
    ((attentionForwardFlopsPerToken(model, workload.sequenceLength, causal) / model.layers) * tokens) /
    tp /
    (rates.attentionFlops * attentionShapeEfficiency(model, rates.generation, software));
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
          (overlaps ? constants.tensorExposed : 1) +
        4 * constants.collectiveSeconds
      : 0;
  const contextParallel = contextSeconds(workload, layout, rates, tokens) * constants.contextExposed;
  const expertParallel = experts ? expertSeconds(workload, layout, rates, constants, tokens) : 0;

  const forward =
    products.forward + dequantization + elementWise + replicated + attentionForward + tensorParallel + contextParallel;
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
    gemm: products.forward * (1 + further) + products.backward + dequantization * 2,
    attention: attentionForward * (1 + ATTENTION_BACKWARD + further),
    elementWise: elementWise * (3 + further) + replicated * (1 + further),
    recompute: layout.recompute === 'full' ? forward + expertParallel : selective,
    tensorParallel: tensorParallel * (2 + further),
    contextParallel: contextParallel * (3 + further),
    expertParallel: expertParallel * (2 + further),
  };
  // kernels cannot start faster than the host launches them
  const busy = seconds.gemm + seconds.attention + seconds.elementWise + seconds.recompute;
  const floor = software.framework === 'other' ? constants.eagerAdapterLayerSeconds : constants.fusedLayerSeconds;
  const launches = floor * (layout.recompute === 'full' ? 1 : 0.75);
  if (busy < launches) seconds.elementWise += launches - busy;
  return seconds;
}

/** Sums the products of a layer, forward and backward, as its matrices come. */
class LayerProducts {
  forward = 0;
  backward = 0;
  readonly #rates: GemmRates;
  readonly #constants: StepConstants;
  readonly #bytesPerSecond: number;
  readonly #trained: boolean;

  constructor(rates: GemmRates, constants: StepConstants, bytesPerSecond: number, trained: boolean) {
    this.#rates = rates;
    this.#constants = constants;
    this.#bytesPerSecond = bytesPerSecond;
    this.#trained = trained;
  }

  add({ inputs, outputs, cut }: LayerMatrix, tokens: number, tp: number): void {
    const into = cut === 'inputs' ? inputs / tp : inputs;
    const out = cut === 'outputs' ? outputs / tp : outputs;
    // what is not cut is computed for the tokens of the rank's share of the sequence
    this.#add(cut === 'none' ? tokens / tp : tokens, into, out, 1, 1);
  }

  /** Grouped products of the experts on the rank; each gets an equal share of the tokens. */
  addExperts(model: LanguageArchitecture, moe: MixtureOfExperts, layout: TrainingLayout, tokens: number): void {
    const { groupedGemmHalfWidth, expertLayerSeconds, gemmFixedSeconds } = this.#constants;
    const spread = layout.expertParallel > 1;
    const experts = moe.experts / layout.expertParallel;
    // experts spread over ranks are whole and get the tokens of the rank; else tensor parallelism cuts them
    const width = spread ? moe.expertHiddenSize : moe.expertHiddenSize / layout.tensorParallel;
    const rows = (tokens * moe.activeExperts) / experts / (spread ? layout.tensorParallel : 1);
    const slower = 1 + groupedGemmHalfWidth / moe.expertHiddenSize;
    this.#add(rows, model.hiddenSize, (model.gatedFfn ? 2 : 1) * width, experts, slower);
    this.#add(rows, width, model.hiddenSize, experts, slower);
    const overhead = expertLayerSeconds + (experts * gemmFixedSeconds) / 2;
    this.forward += overhead;
    this.backward += overhead;
  }

  #add(rows: number, inputs: number, outputs: number, copies: number, slower: number): void {
    const { gemmFixedSeconds, gradientAccumulationBytes } = this.#constants;
    const product = (m: number, n: number, k: number) =>
      slower * gemmSeconds(m, n, k, this.#rates, copies) + gemmFixedSeconds;
    this.forward += product(rows, outputs, inputs);
    this.backward += product(rows, inputs, outputs);
    if (!this.#trained) return;
    // sums of weight gradients are read and written once a micro-batch
    this.backward +=
      product(inputs, outputs, rows) + (gradientAccumulationBytes * copies * inputs * outputs) / this.#bytesPerSecond;
  }
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

export const secondsOfLayers = (layer: LayerSeconds): number =>
  layer.gemm +
  layer.attention +
  layer.elementWise +
  layer.recompute +
  layer.tensorParallel +
  layer.contextParallel +
  layer.expertParallel;

export const NO_SECONDS: LayerSeconds = {
  gemm: 0,
  attention: 0,
  elementWise: 0,
  recompute: 0,
  tensorParallel: 0,
  contextParallel: 0,
  expertParallel: 0,
};

export function addLayers(sum: LayerSeconds, one: LayerSeconds | null, count: number): void {
  if (one === null || count === 0) return;
  sum.gemm += count * one.gemm;
  sum.attention += count * one.attention;
  sum.elementWise += count * one.elementWise;
  sum.recompute += count * one.recompute;
  sum.tensorParallel += count * one.tensorParallel;
  sum.contextParallel += count * one.contextParallel;
  sum.expertParallel += count * one.expertParallel;
}
