import type { Static } from '@sinclair/typebox';
import { money } from '../../domain/money.ts';
import type { FeasibleTraining, InfeasibleTraining, TrainingEstimate } from '../../domain/training/estimate-result.ts';
import type { NarrowingReport } from '../../domain/training/narrowing.ts';
import type { StepSplit } from '../../domain/training/results.ts';
import type { Narrowing } from '../../domain/uncertainty/narrowing.ts';
import type { TrainingEstimateRequestSchema } from '../schemas/estimates/training/request.ts';
import type { TrainingEstimateSchema } from '../schemas/estimates/training/response.ts';
import {
  BasisList,
  inWholeBytes,
  round,
  toApiAssumption,
  toApiConstraint,
  toApiCost,
  toApiEnergy,
  toApiFigure,
  toApiRacks,
} from './estimate-answer.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof TrainingEstimateSchema>;
type Request = Static<typeof TrainingEstimateRequestSchema>;

/** `request` is the caller's own with the pins written out. */
export const toApiTrainingEstimate = (estimate: TrainingEstimate, request: Request, replay: Replay): Wire =>
  estimate.status === 'feasible' ? feasible(estimate, request, replay) : infeasible(estimate, request, replay);

function feasible(estimate: FeasibleTraining, request: Request, replay: Replay): Wire {
  const bases = new BasisList();
  const { run, step, memory, storage, flops, cluster } = estimate;
  return {
    status: 'feasible',
    summary: estimate.summary,
    workload: estimate.workload,
    cluster: { ...cluster, networkGbPerSecondPerDevice: round(cluster.networkGbPerSecondPerDevice) },
    selection: {
      rule: estimate.selection.rule,
      alternatives: estimate.selection.alternatives.map((alternative) => ({
        ...alternative,
        wallClockDays: round(alternative.wallClockDays),
        computeUsd: money(alternative.computeUsd, 'USD').amount,
      })),
      excluded: estimate.selection.excluded,
    },
    cost: toApiCost(estimate.cost, bases),
    ...(estimate.budget !== null && {
      budget: {
        ...estimate.budget,
        computeUsd: money(estimate.budget.computeUsd, 'USD').amount,
        wholeBillUsd: money(estimate.budget.wholeBillUsd, 'USD').amount,
      },
    }),
    run: {
      wallClockDays: toApiFigure(run.wallClockDays, bases),
      deviceHours: toApiFigure(run.deviceHours, bases),
      cleanHours: round(run.cleanHours),
      steps: run.steps,
      goodput: round(run.goodput),
      stageFactor: run.stageFactor,
      batchRampFactor: run.batchRampFactor,
      ...(run.stages.length > 0 && {
        stages: run.stages.map((stage) => ({
          ...stage,
          cleanHours: round(stage.cleanHours),
          tokensPerSecondPerDevice: round(stage.tokensPerSecondPerDevice),
          mfu: round(stage.mfu),
        })),
      }),
      expectedInterruptions: round(run.expectedInterruptions),
      checkpointIntervalMinutes: round(run.checkpointIntervalMinutes),
      checkpointGigabytes: round(run.checkpointGigabytes),
      experimentDeviceHours: round(run.experimentDeviceHours),
    },
    flops: {
      totalFlops: round(flops.totalFlops),
      modelFlopsPerToken: round(flops.modelFlopsPerToken),
      hardwareFlopsPerToken: round(flops.hardwareFlopsPerToken),
      attentionShare: round(flops.attentionShare),
    },
    ...(estimate.layout !== null && { layout: estimate.layout }),
    layoutAlternatives: estimate.layoutAlternatives.map((alternative) => ({
      ...alternative,
      slowdown: round(alternative.slowdown),
    })),
    ...(step !== null && {
      step: {
        seconds: toApiFigure(step.seconds, bases),
        tokensPerSecondPerDevice: toApiFigure(step.tokensPerSecondPerDevice, bases),
        mfu: round(step.mfu),
        mfuParametersOnly: round(step.mfuParametersOnly),
        hfu: round(step.hfu),
        microBatches: step.microBatches,
        split: split(step.split),
      },
    }),
    ...(memory !== null && { memory: { ...inWholeBytes(memory), totalBytes: toApiFigure(memory.totalBytes, bases) } }),
    ...(storage !== null && {
      storage: {
        datasetTerabytes: round(storage.datasetTerabytes),
        checkpointTerabytes: round(storage.checkpointTerabytes),
        dataLoadingGbPerSecond: round(storage.dataLoadingGbPerSecond),
        checkpointWriteGbPerSecond: round(storage.checkpointWriteGbPerSecond),
      },
    }),
    ...(estimate.rollout !== null && {
      rollout: {
        ...estimate.rollout,
        concurrentAnswersPerReplica: round(estimate.rollout.concurrentAnswersPerReplica),
        seconds: round(estimate.rollout.seconds),
        tailSeconds: round(estimate.rollout.tailSeconds),
        shareOfStep: round(estimate.rollout.shareOfStep),
        outputTokensPerSecondPerDevice: round(estimate.rollout.outputTokensPerSecondPerDevice),
      },
    }),
    ...(estimate.energy !== null && { energy: toApiEnergy(estimate.energy, bases) }),
    ...(estimate.racks !== null && { racks: toApiRacks(estimate.racks) }),
    bindingConstraint: toApiConstraint(estimate.bindingConstraint),
    narrowing: toApiNarrowing(estimate.narrowing),
    assumptions: estimate.assumptions.map(toApiAssumption),
    prices: estimate.prices,
    bandBases: bases.list(),
    request,
    replay,
  };
}

const infeasible = (estimate: InfeasibleTraining, request: Request, replay: Replay): Wire => ({
  status: 'infeasible',
  summary: estimate.summary,
  workload: estimate.workload,
  reasons: estimate.reasons,
  elsewhere: estimate.elsewhere,
  ...(estimate.relaxation !== null && { relaxation: estimate.relaxation }),
  assumptions: estimate.assumptions.map(toApiAssumption),
  request,
  replay,
});

const split = (seconds: StepSplit) => ({
  gemm: round(seconds.gemm),
  attention: round(seconds.attention),
  elementWise: round(seconds.elementWise),
  logits: round(seconds.logits),
  recompute: round(seconds.recompute),
  tensorParallel: round(seconds.tensorParallel),
  contextParallel: round(seconds.contextParallel),
  expertParallel: round(seconds.expertParallel),
  pipelineTransfer: round(seconds.pipelineTransfer),
  dataParallel: round(seconds.dataParallel),
  bubble: round(seconds.bubble),
  optimizer: round(seconds.optimizer),
  jitter: round(seconds.jitter),
  rollout: round(seconds.rollout),
  reward: round(seconds.reward),
});

const toApiNarrowing = ({ deviceHours, totalCost }: NarrowingReport) => ({
  deviceHours: deviceHours.map(toApiNarrowingInput),
  totalCost: totalCost.map(toApiNarrowingInput),
});

const toApiNarrowingInput = ({ assumptionId, narrowsByPercent, p90OverP10, ...input }: Narrowing) => ({
  ...input,
  ...(assumptionId !== null && { assumptionId }),
  narrowsByPercent: round(narrowsByPercent),
  p90OverP10: round(p90OverP10),
});
