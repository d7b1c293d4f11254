/**
 * Which layouts the search tries: cuts that divide heads, batch and devices, schedules and sharding of a cut, and per
 * micro-batch the lightest recomputation that fits.
 */
import { isPreferenceMethod } from '../step/flops.ts';
import {
  type Cluster,
  isFineGrained,
  LAYOUT_DEFAULTS,
  type Recompute,
  type TrainingLayout,
  type TrainingWorkload,
} from '../workload.ts';
import { PIPELINE_DEGREES } from './shared-batch.ts';

interface Cut {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly contextParallel: number;
  readonly dataParallel: number;
  readonly expertParallel: number;
}

const MICRO_BATCHES = [1, 2, 4, 8, 16];
/** Short sequences are taken together up to this many tokens. */
const MICRO_BATCH_TOKENS = 8192;
const PARTIAL_RECOMPUTES: readonly Recompute[] = ['none', 'selective'];
const RECOMPUTES: readonly Recompute[] = [...PARTIAL_RECOMPUTES, 'full'];
/** A rank keeps at least this part of a sequence (recipes of NVIDIA Megatron-Bridge cut 8,192 in two; Llama 3 131,072 in 16). */
const TOKENS_PER_CONTEXT_RANK = 4096;
/** Tensor parallelism beyond this leaves matrices too narrow (no published recipe goes further). */
const LARGEST_TENSOR_PARALLEL = 16;
const FEW_LAYERS = 4;

function microBatches(sequenceLength: number): number[] {
  const sizes = [...MICRO_BATCHES];
  for (let size = 32; size * sequenceLength <= MICRO_BATCH_TOKENS; size *= 2) sizes.push(size);
  return sizes;
}

/** Micro-batches that divide what a rank gets of the batch; pairs of answers stay together. */
export function sizesOf(
  { globalBatchSequences, sequenceLength, method }: TrainingWorkload,
  dataParallel: number,
  fixed: Partial<TrainingLayout>,
): readonly number[] {
  const perRank = globalBatchSequences / dataParallel;
  if (fixed.microBatchSequences !== undefined) {
    return perRank % fixed.microBatchSequences === 0 ? [fixed.microBatchSequences] : [];
  }
  const inPairs = isPreferenceMethod(method);
  return microBatches(sequenceLength).filter((size) => perRank % size === 0 && (!inPairs || size % 2 === 0));
}

/** Lightest first. */
export function modesOf(shape: TrainingLayout, fixed: Partial<TrainingLayout>): readonly Recompute[] {
  if (fixed.recompute !== undefined) return [fixed.recompute];
  // a micro-batch recomputed as a whole leaves nothing to hide the dispatch of another behind (Megatron Core refuses both)
  return shape.schedule === 'dual_pipe' ? PARTIAL_RECOMPUTES : RECOMPUTES;
}

/**
 * Per micro-batch size the lightest recomputation that fits.
 * @param fits is asked about one object that changes from question to question: most layouts do not fit, and none of those is made
 */
export function* fastestFitting(
  workload: TrainingWorkload,
  shape: TrainingLayout,
  sizes: readonly number[],
  fixed: Partial<TrainingLayout>,
  fits: (layout: TrainingLayout) => boolean,
): Generator<TrainingLayout> {
  const modes = modesOf(shape, fixed);
  const tried: { -readonly [Field in keyof TrainingLayout]: TrainingLayout[Field] } = { ...shape };
  for (const microBatchSequences of sizes) {
    // where not even recomputing everything fits, nothing lighter does: a stage of a few layers apart, whose one live
    // layer weighs as much as what is kept
    tried.microBatchSequences = microBatchSequences;
    tried.recompute = 'full';
    const hopeless = modes.length > 1 && workload.model.layers >= FEW_LAYERS * shape.pipelineParallel && !fits(tried);
    let fitted = false;
    for (const recompute of hopeless ? [] : modes) {
      tried.recompute = recompute;
      if (!fits(tried)) continue;
      fitted = true;
      yield { ...tried };
      break;
    }
    // a larger micro-batch needs more memory still
    if (!fitted) return;
  }
}

/** Schedules and sharding of one cut. */
export function* shapes(
  workload: TrainingWorkload,
  cluster: Cluster,
  cut: Cut,
  fixed: Partial<TrainingLayout>,
): Generator<TrainingLayout> {
  const layersPerStage = workload.model.layers / cut.pipelineParallel;
  const virtual =
    fixed.virtualStages !== undefined
      ? [fixed.virtualStages]
      : cut.pipelineParallel === 1 || (fixed.schedule !== undefined && fixed.schedule !== 'interleaved')
        ? [1]
        : chunksPerRank(layersPerStage);
  const shardings =
    fixed.sharding !== undefined
      ? [fixed.sharding]
      : cut.pipelineParallel === 1 && cut.dataParallel > 1
        ? (['zero1', 'zero3'] as const)
        : (['zero1'] as const);
  for (const sharding of shardings) {
    for (const virtualStages of virtual) {
      const schedule = fixed.schedule ?? (virtualStages > 1 ? 'interleaved' : '1f1b');
      const shape = {
        tensorParallel: cut.tensorParallel,
        pipelineParallel: cut.pipelineParallel,
        contextParallel: cut.contextParallel,
        dataParallel: cut.dataParallel,
        expertParallel: cut.expertParallel,
        virtualStages,
        microBatchSequences: LAYOUT_DEFAULTS.microBatchSequences,
        sharding,
        shardingGroup: fixed.shardingGroup ?? 0,
        recompute: LAYOUT_DEFAULTS.recompute,
        schedule,
        optimizerOffload: fixed.optimizerOffload ?? false,
      };
      yield shape;
      const open = fixed.schedule === undefined && virtualStages === 1;
      if (open && hidesDispatch(workload, cluster, cut)) yield { ...shape, schedule: 'dual_pipe' };
    }
  }
}

const chunksPerRank = (layersPerStage: number): number[] =>
  [1, 2, 4, Math.max(1, Math.floor(layersPerStage))].filter(
    (chunks, index, all) => chunks <= layersPerStage && all.indexOf(chunks) === index,
  );

/** Whether a pipeline can hide expert dispatch behind the computation of another micro-batch, and the stack does it. */
const hidesDispatch = ({ software }: TrainingWorkload, { device }: Cluster, cut: Cut): boolean =>
  cut.pipelineParallel > 1 && cut.expertParallel > 1 && isFineGrained(software) && device.linkTopology !== 'ici';

export function* cuts(workload: TrainingWorkload, cluster: Cluster, fixed: Partial<TrainingLayout>): Generator<Cut> {
  const { model } = workload;
  const { devices } = cluster;
  const tensor = fixed.tensorParallel ?? null;
  const domain = Math.min(cluster.linkDomainDevices, devices, LARGEST_TENSOR_PARALLEL);
  const tensors = tensor === null ? powersOfTwo(domain).filter((tp) => model.attention.heads % tp === 0) : [tensor];
  const pipelines =
    fixed.pipelineParallel === undefined ? pipelineDegrees(model.layers + model.mtpLayers) : [fixed.pipelineParallel];
  const contexts =
    fixed.contextParallel === undefined
      ? powersOfTwo(Math.min(32, Math.max(1, workload.sequenceLength / TOKENS_PER_CONTEXT_RANK))).filter(
          (cp) => cp === 1 || workload.sequenceLength % (2 * cp) === 0,
        )
      : [fixed.contextParallel];
  const experts = model.mixtureOfExperts?.experts ?? 1;
  for (const tensorParallel of tensors) {
    for (const contextParallel of contexts) {
      for (const pipelineParallel of pipelines) {
        const perReplica = tensorParallel * contextParallel * pipelineParallel;
        if (devices % perReplica !== 0) continue;
        const dataParallel = devices / perReplica;
        if (fixed.dataParallel !== undefined && fixed.dataParallel !== dataParallel) continue;
        if (workload.globalBatchSequences % dataParallel !== 0) continue;
        const ranks = tensorParallel * contextParallel * dataParallel;
        for (const expertParallel of expertDegrees(experts, ranks, fixed)) {
          yield { tensorParallel, pipelineParallel, contextParallel, dataParallel, expertParallel };
        }
      }
    }
  }
}

function expertDegrees(experts: number, ranks: number, fixed: Partial<TrainingLayout>): number[] {
  if (fixed.expertParallel !== undefined) return [fixed.expertParallel];
  return powersOfTwo(Math.min(64, experts)).filter((ep) => experts % ep === 0 && ranks % ep === 0);
}

const pipelineDegrees = (layers: number): number[] => PIPELINE_DEGREES.filter((pp) => pp <= layers);

const powersOfTwo = (limit: number): number[] => {
  const powers: number[] = [];
  for (let power = 1; power <= limit; power *= 2) powers.push(power);
  return powers;
};
