/** Stages after the main one (long context, anneal): each with its own sequence length, batch and layout on the same cluster. */
import { SECONDS_PER_HOUR } from '../../units.ts';
import { searchLayout, surestLayout } from '../layout/search-layout.ts';
import { fewestCopies, nearestSharedBatch } from '../layout/shared-batch.ts';
import type { TrainingRequest } from '../request.ts';
import type { LayoutCandidate, LayoutSearchResult } from '../results.ts';
import { trainingFlops } from '../step/flops.ts';
import type { Cluster, TrainingLayout, TrainingWorkload } from '../workload.ts';
import { wholeSequences } from './whole-sequences.ts';

export interface PlannedStage {
  readonly tokens: number;
  readonly workload: TrainingWorkload;
  readonly best: LayoutCandidate;
  readonly steps: number;
  readonly cleanHours: number;
  readonly flops: number;
}

interface UnfitStage {
  readonly workload: TrainingWorkload;
  readonly search: LayoutSearchResult;
}

export const isPlannedStage = (stage: PlannedStage | UnfitStage): stage is PlannedStage => 'best' in stage;

/**
 * What the caller fixed of the layout holds where the model is concerned; how a longer sequence is cut, and the micro-batch,
 * is searched for each stage.
 */
export function planStages(
  request: TrainingRequest,
  main: TrainingWorkload,
  cluster: Cluster,
  fixed: Partial<TrainingLayout>,
): (PlannedStage | UnfitStage)[] {
  const {
    contextParallel: _context,
    microBatchSequences: _micro,
    recompute: _recompute,
    dataParallel: _data,
    ...kept
  } = fixed;
  return (request.stages ?? []).map(({ tokens, sequenceLength, globalBatchTokens }) => {
    const length = sequenceLength ?? main.sequenceLength;
    const batchTokens = globalBatchTokens ?? main.globalBatchSequences * main.sequenceLength;
    const sequences = Math.min(batchTokens, Math.max(tokens, length)) / length;
    const shared = globalBatchTokens === undefined && sequences >= fewestCopies(cluster.devices);
    const workload = {
      ...main,
      sequenceLength: length,
      // what the caller did not say moves as far as the cluster asks for
      globalBatchSequences: shared
        ? nearestSharedBatch(sequences, cluster.devices)
        : wholeSequences(sequences, cluster.devices),
    };
    const options = { fixed: kept, runnersUp: 0 };
    const search =
      request.cluster?.devices === undefined
        ? searchLayout(workload, cluster, options)
        : surestLayout(workload, cluster, options);
    if (search.best === null) return { workload, search };
    const { best } = search;
    const steps = tokens / best.step.tokensPerStep;
    const { modelFlopsPerToken } = trainingFlops(main.model, length, main.method, best.layout.recompute);
    return {
      tokens,
      workload,
      best,
      steps,
      cleanHours: (steps * best.step.seconds) / SECONDS_PER_HOUR,
      flops: modelFlopsPerToken * tokens,
    };
  });
}
