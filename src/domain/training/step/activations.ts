/**
 * Activation bytes of one layer and one micro-batch on one rank. Sums of the widths that autograd keeps in bf16, as in
 * Korthikanti et al. (arXiv 2205.05198) §4, with fused attention (no score matrix) from 2023: 34 s b h for a plain
 * transformer, their figure.
 */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { attentionWidths } from '../../models/parameters.ts';
import {
  isFineGrained,
  type Recompute,
  type SoftwareStack,
  type TrainingLayout,
  type TrainingWorkload,
} from '../workload.ts';
import { FUSED_ATTENTION_YEAR } from './constants.ts';
import { isAdapterMethod } from './flops.ts';

/**
 * Bytes of one layer and micro-batch kept from forward to backward, for many layouts of one workload: a token's share
 * depends on three of the layout's values only, and is worked out once for each of their combinations.
 */
export class KeptActivations {
  readonly #workload: TrainingWorkload;
  readonly #perToken = new Map<number, number>();

  constructor(workload: TrainingWorkload) {
    this.#workload = workload;
  }

  /** @param recompute of the layout, or another to ask what if */
  bytes(layout: TrainingLayout, experts: boolean, recompute: Recompute): number {
    const tokens = (layout.microBatchSequences * this.#workload.sequenceLength) / layout.contextParallel;
    return tokens * this.#bytesPerToken(layout.tensorParallel, experts, recompute);
  }

  #bytesPerToken(tensorParallel: number, experts: boolean, recompute: Recompute): number {
    const key = (tensorParallel * RECOMPUTES.length + RECOMPUTES.indexOf(recompute)) * 2 + (experts ? 1 : 0);
    const known = this.#perToken.get(key);
    if (known !== undefined) return known;
    const bytes = activationBytesPerToken(this.#workload, tensorParallel, experts, recompute);
    this.#perToken.set(key, bytes);
    return bytes;
  }
}

const RECOMPUTES: readonly Recompute[] = ['none', 'selective', 'full'];

function activationBytesPerToken(
  workload: TrainingWorkload,
  tp: number,
  experts: boolean,
  recompute: Recompute,
): number {
  const { model } = workload;
  const h = model.hiddenSize;
  const sequenceParallel = splitsSequence(workload.software, recompute) ? tp : 1;
  if (recompute === 'full') return (2 * h) / sequenceParallel;

  if (recompute === 'selective' && isFineGrained(workload.software)) {
    return fineGrainedBytesPerToken(workload, tp, experts);
  }
  if (recompute === 'selective' && isOperatorSelective(workload.software)) {
    return operatorSelectiveBytesPerToken(workload, tp, experts);
  }
  const { query, keyValue, output } = attentionWidths(model);
  const attention = 2 * (query + keyValue + output);
  const moe = experts ? model.mixtureOfExperts : null;
  const frozen = isAdapterMethod(workload.method);
  // outputs of each matrix and of the activation; frozen matrices do not need their input for a gradient of their own
  const tensors = (model.gatedFfn ? 3 : 2) - (frozen && !model.gatedFfn ? 1 : 0);
  let ffn = 2 * tensors * model.ffnHiddenSize;
  if (moe !== null) {
    const width = moe.expertHiddenSize * moe.activeExperts + moe.sharedExpertHiddenSize * moe.sharedExperts;
    // permuted inputs and outputs of every active expert
    ffn = 2 * tensors * width + 4 * h * moe.activeExperts;
  }
  const fused = workload.software.year >= FUSED_ATTENTION_YEAR;
  // two norms, two block inputs, two residuals; with dropout masks in older stacks
  let between = (fused ? (frozen ? 6 : 8) : 10) * h;
  // eager stacks keep rotated queries and keys and the fp32 copies of RMSNorm; gated models are the ones that have both
  const eager = workload.software.framework === 'fsdp' || workload.software.framework === 'other';
  if (eager && model.gatedFfn && recompute === 'none') between += 12 * h;
  // Megatron gathers the inputs of both blocks again in the backward pass (arXiv 2205.05198 §4.2.2); eager stacks keep them whole
  const gatheredInputs = eager && recompute === 'none' ? 4 * h * (1 - 1 / tp) : 0;
  const adapterInputs = recompute === 'none' ? adapterBytesPerToken(workload, experts) : 0;
  const scores = !fused && recompute === 'none' ? 5 * model.attention.heads * workload.sequenceLength : 0;
  if (recompute === 'selective' && fused) {
    // norms and the activation function are computed again
    const activation = 2 * activeWidth(workload, experts);
    return (attention + ffn - activation) / tp + (between - 4 * h) / sequenceParallel;
  }
  return (attention + ffn + scores + adapterInputs) / tp + between / sequenceParallel + gatheredInputs;
}

/** Sequence parallelism came with selective recomputation (arXiv 2205.05198, 2022) and is in all stacks with fused attention. */
export const splitsSequence = ({ year }: SoftwareStack, recompute: Recompute): boolean =>
  year >= FUSED_ATTENTION_YEAR || recompute === 'selective';

/** From torchtitan on (2024). */
const OPERATOR_SELECTIVE_YEAR = 2024;
const isOperatorSelective = ({ framework, year }: SoftwareStack): boolean =>
  framework === 'fsdp' && year >= OPERATOR_SELECTIVE_YEAR;

/**
 * Selective recomputation by operator, as torchtitan does it (distributed/activation_checkpoint.py): the block's input, the output
 * of attention and that of every other product are kept: queries, values, one of gate and up, and of a gated block the last.
 */
function operatorSelectiveBytesPerToken(workload: TrainingWorkload, tp: number, experts: boolean): number {
  const { model } = workload;
  const h = model.hiddenSize;
  const { query, keyValue, output } = attentionWidths(model);
  const moe = experts ? model.mixtureOfExperts : null;
  const width =
    moe === null ? model.ffnHiddenSize : activeWidth(workload, true) + moe.sharedExpertHiddenSize * moe.sharedExperts;
  const expertInputs = moe === null ? 0 : 2 * h * moe.activeExperts;
  const cut = 2 * (query + keyValue / 2 + output + width) + expertInputs;
  return (cut + 2 * h + (model.gatedFfn ? 2 * h : 0)) / tp;
}

/** An input that went through dropout and its mask. */
const DROPPED_OUT_BYTES = 3;
/** bitsandbytes keeps the input of a quantized matrix (autograd/_functions.py, MatMul4Bit), adapters beside it one in fp32. */
const QUANTIZED_INPUT_BYTES = 4;

/** What adapters keep beside a frozen model: their inputs after dropout, and with QLoRA those of the quantized matrices. */
function adapterBytesPerToken(workload: TrainingWorkload, experts: boolean): number {
  if (!isAdapterMethod(workload.method)) return 0;
  const { model } = workload;
  const h = model.hiddenSize;
  const width = activeWidth(workload, experts);
  const beyondQueries = attentionWidths(model).output + (model.gatedFfn ? 2 : 1) * h + width;
  const adapted = workload.loraTargets === 'query_value' ? 0 : beyondQueries;
  const quantized = workload.method === 'qlora' ? 2 * h + width : 0;
  return DROPPED_OUT_BYTES * adapted + QUANTIZED_INPUT_BYTES * quantized;
}

/**
 * What fine-grained selective recomputation keeps: block inputs, the latents of MLA in place of what is projected up from
 * them, inputs of the activation function, inputs of the experts. Expert outputs are weighted before their last matrix and
 * need not be kept; in fp8 training expert and activation inputs are kept in fp8 (DeepSeek-V3, arXiv 2412.19437 §3.3.3).
 */
function fineGrainedBytesPerToken(workload: TrainingWorkload, tp: number, experts: boolean): number {
  const { model, precision } = workload;
  const h = model.hiddenSize;
  const { query, keyValue, output } = attentionWidths(model);
  const a = model.attention;
  const projected = a.type === 'mla' ? latentWidth(a) : query + keyValue;
  const moe = experts ? model.mixtureOfExperts : null;
  const narrow = precision === 'fp8' || precision === 'mxfp8' || precision === 'nvfp4' ? 1 : 2;
  const matrices = model.gatedFfn ? 2 : 1;
  const width =
    moe === null
      ? model.ffnHiddenSize
      : moe.expertHiddenSize * moe.activeExperts + moe.sharedExpertHiddenSize * moe.sharedExperts;
  const expertInputs = moe === null ? 0 : narrow * h * moe.activeExperts;
  return (2 * (projected + output) + narrow * matrices * width + expertInputs + 4 * h) / tp;
}

const latentWidth = (a: Extract<LanguageArchitecture['attention'], { type: 'mla' }>): number =>
  a.queryLoraRank + a.kvLoraRank + a.ropeHeadDim;

function activeWidth(workload: TrainingWorkload, experts: boolean): number {
  const moe = experts ? workload.model.mixtureOfExperts : null;
  return moe === null ? workload.model.ffnHiddenSize : moe.expertHiddenSize * moe.activeExperts;
}

/**
 * Bytes per vocabulary entry and token at the peak of the loss.
 * parallel: logits in bf16, their fp32 copy and the gradient (arXiv 2205.05198 §4.3). fused: the gradient is written over the
 * logits, both in half precision (flash-attention's and Transformer Engine's cross-entropy). eager: as parallel, and the freed
 * fp32 block of the forward pass, too large for the allocator to use for anything else. Tuning: under autocast the loss copies the
 * logits once more; from 2024 eager model code has logits in half precision, then logits, log-probabilities and gradient in fp32
 * (transformers 4.37, LlamaForCausalLM.forward); fp16 engines keep everything in half precision.
 */
const LOGITS_BYTES = { parallel: 10, fused: 4, eager: 14, autocast: 12, upcast: 14, half: 8 } as const;
const UPCAST_YEAR = 2024;
/** Transformer Engine's cross-entropy in Megatron Core 0.12 and the recipes of Megatron-Bridge. */
const MEGATRON_FUSED_LOSS_YEAR = 2025;

function logitsBytesPerEntry({ method, precision, software: { framework, year } }: TrainingWorkload): number {
  if (framework === 'megatron') return year >= MEGATRON_FUSED_LOSS_YEAR ? LOGITS_BYTES.fused : LOGITS_BYTES.parallel;
  if (method === 'pretraining') {
    if (framework !== 'fsdp') return LOGITS_BYTES.parallel;
    // llm-foundry and its like come with flash-attention's loss, torchtitan and its like with that of PyTorch
    return year <= FUSED_ATTENTION_YEAR ? LOGITS_BYTES.fused : LOGITS_BYTES.eager;
  }
  if (precision === 'fp16') return LOGITS_BYTES.half;
  return framework === 'other' && year >= UPCAST_YEAR ? LOGITS_BYTES.upcast : LOGITS_BYTES.autocast;
}

export function logitsBytes(workload: TrainingWorkload, layout: TrainingLayout): number {
  const tokens = (layout.microBatchSequences * workload.sequenceLength) / layout.contextParallel;
  return (tokens * logitsBytesPerEntry(workload) * workload.model.vocabularySize) / layout.tensorParallel;
}

/** Micro-batches in flight on a pipeline rank, in units of the rank's whole stack of layers. */
export function microBatchesInFlight(layout: TrainingLayout, rank: number, microBatches: number): number {
  const pp = layout.pipelineParallel;
  if (pp === 1) return 1;
  // one more than the pipeline on every rank (arXiv 2412.19437 table 2)
  if (layout.schedule === 'dual_pipe') return Math.min(microBatches, pp + 1);
  const v = layout.virtualStages;
  if (v === 1) return Math.min(microBatches, pp - rank);
  // warm-up chunks of the interleaved schedule (Megatron-LM schedules.py)
  const chunks = Math.min((pp - rank - 1) * 2 + (v - 1) * pp + 1, microBatches * v);
  return chunks / v;
}
