/** Language models: choose device, cluster and layout, then time, price and explain the run. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { AssumptionLog, estimated, exactly, type Quantity } from '../../economics/assumption.ts';
import { CHECKPOINTS_KEPT, DATASET_BYTES_PER_TOKEN } from '../../economics/storage-cost.ts';
import type { BindingConstraintReport } from '../../estimate/answer.ts';
import { withTerms } from '../../estimate/bought-terms.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { type Interruptible, uninterrupted } from '../../estimate/interruptible.ts';
import { namedDevice } from '../../estimate/named-device.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import { replicaDevices } from '../../inference/step/configuration.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { applyFactor, invertFactor } from '../../uncertainty/band.ts';
import { uncertainValue } from '../../uncertainty/uncertain-value.ts';
import { GB, TB } from '../../units.ts';
import { budgetReport } from '../budget-report.ts';
import { checkRequest } from '../check-request.ts';
import { clusterReport } from '../cluster-report.ts';
import type { FeasibleTraining, RolloutReport, TrainingEstimate, TrainingWorkloadReport } from '../estimate-result.ts';
import { narrowingReport } from '../narrowing.ts';
import type { TrainingRequest } from '../request.ts';
import type { StepSplit } from '../results.ts';
import { rolloutOf } from '../rollout/rollout.ts';
import { poweredRun, type RunPlan } from '../run/plan.ts';
import { datasetBytesGiven, runCosts } from '../run/run-costs.ts';
import { runSite } from '../run/run-hardware.ts';
import { trainableParameters, trainingFlops } from '../step/flops.ts';
import { trainingStorage } from '../step/storage.ts';
import { trainingSummary } from '../summary.ts';
import { trainingUncertainty } from '../uncertainty.ts';
import {
  comparingTrainingDevices,
  isTrainingChoice,
  planningOnDevice,
  type TrainingChoice,
  type TrainingComparison,
  type TrainingQuestion,
} from './device-choice.ts';
import { infeasibleTraining } from './infeasible.ts';
import { networkAssumption } from './network-assumption.ts';
import { workloadOf } from './request-workload.ts';
import { findingRunConstraint } from './run-constraint.ts';
import { trainingSelection } from './selection-report.ts';

/**
 * Interruptible between any two cluster sizes that are tried.
 * @param tokens seen, all epochs together
 */
export function* estimatingLanguageTraining(
  snapshot: CatalogSnapshot,
  given: TrainingRequest,
  model: NamedModel<LanguageArchitecture>,
  tokens: number,
  at: string,
): Interruptible<TrainingEstimate> {
  checkRequest(given, model.architecture);
  const log = new AssumptionLog();
  const request = withTerms(snapshot, given, at, log);
  const device = namedDevice(snapshot, request);
  const pricing = hardwarePricing(snapshot, request.location ?? {}, request.purchase ?? {}, at, request.site);
  const question: TrainingQuestion = { request, model: model.architecture, tokens, pricing };
  const comparison =
    device === null ? yield* comparingTrainingDevices(snapshot, question) : yield* onlyDevice(device, question);
  const [chosen] = comparison.choices;
  if (chosen === undefined) {
    const shown = device ?? comparison.rejections[0]?.device ?? (snapshot.devices[0] as Device);
    const workload = workloadOf(request, model.architecture, tokens, shown, log);
    const report = workloadReport(model, request, tokens, { workload });
    return yield* infeasibleTraining({ ...question, asked: given, snapshot, at }, report, device, comparison, log);
  }

  // planned again with the log that the answer lists
  const choice = (yield* planningOnDevice(chosen.device, question, log)) as TrainingChoice;
  const { plan, quote } = choice;
  const { workload, cluster, best, run } = plan;
  const { known } = plan;
  const stageTokens = plan.stages.reduce((sum, stage) => sum + stage.tokens, 0);
  const allTokens = tokens + stageTokens;
  const { hoursFactors } = plan;
  const nodes = Math.ceil(cluster.devices / cluster.devicesPerNode);
  const clustered = nodes > 1;
  if (clustered && request.cluster?.fabric === undefined) {
    log.add(networkAssumption(cluster, quote.option?.provider?.kind === 'marketplace'));
  }
  const deviceHoursPaid = estimated(
    quote.devicesPaid * run.wallClockHours,
    'device-hours',
    `${quote.devicesPaid} devices x ${run.wallClockHours.toFixed(1)} h of wall-clock`,
    hoursFactors,
  );
  const deviceHours = estimated(run.deviceHours, 'device-hours', 'the run', hoursFactors);
  const days = estimated(run.wallClockDays, 'days', 'length of the run', hoursFactors);
  const owned = pricing.mode === 'owned' ? (request.purchase?.owned ?? {}) : null;
  const powered = poweredRun(request, pricing, quote, plan);
  const site = runSite({ ...powered, deviceHours }, log);
  const storage = trainingStorage(workload, cluster, best.step, best.memory, plan.goodput.checkpointIntervalSeconds);
  const datasetBytes = datasetBytesOf(request, allTokens, log);
  // experiments take the same machines, whole ones, and no spares
  const experimentHours = run.experimentDeviceHours * Math.max(1, quote.devicesPaid / plan.devicesHeld);
  const costs = runCosts(
    {
      request,
      device: choice.device,
      pricing,
      quote,
      deviceHoursPaid,
      experimentDeviceHours: estimated(experimentHours, 'device-hours', 'the run x experimentsMultiple', [
        ...hoursFactors,
        ...plan.experiments.factors,
      ]),
      days,
      datasetBytes,
      checkpointBytes: exactly(storage.checkpointBytes, 'bytes', 'weights and optimizer states'),
      tokensToClean: workload.method === 'pretraining' ? exactly(allTokens, 'tokens') : null,
      labelKind: 'text',
      clustered,
      site,
    },
    log,
  );
  const flops = trainingFlops(model.architecture, workload.sequenceLength, workload.method, best.layout.recompute);
  const stepFactor = trainingUncertainty(workload, cluster, known, 'step_time');
  // all figures of a step are those to expect, so that they agree with one another
  const slower = stepFactor.p50;

  const feasible: Omit<FeasibleTraining, 'summary' | 'bindingConstraint' | 'narrowing'> = {
    status: 'feasible',
    workload: workloadReport(model, request, tokens, plan),
    cluster: clusterReport(cluster, quote.option, owned !== null),
    selection: trainingSelection(request, device, comparison, plan),
    layout: best.layout,
    layoutAlternatives: plan.search.runnersUp.map(({ layout, slowdown, whyNotBest }) => ({
      layout,
      slowdown,
      whyNotBest,
    })),
    flops: {
      totalFlops: flops.modelFlopsPerToken * tokens + plan.stages.reduce((sum, stage) => sum + stage.flops, 0),
      modelFlopsPerToken: flops.modelFlopsPerToken,
      hardwareFlopsPerToken: flops.hardwareFlopsPerToken,
      attentionShare: flops.attentionFlopsPerToken / flops.modelFlopsPerToken,
    },
    step: {
      seconds: applyFactor(best.step.seconds, stepFactor),
      tokensPerSecondPerDevice: applyFactor(best.step.tokensPerSecondPerDevice, invertFactor(stepFactor)),
      mfu: best.step.mfu / slower,
      mfuParametersOnly: best.step.mfuParametersOnly / slower,
      hfu: best.step.hfu / slower,
      microBatches: best.step.microBatches,
      split: slowed(best.step.split, slower),
    },
    memory: {
      capacityBytes: best.memory.capacityBytes,
      usableBytes: best.memory.usableBytes,
      totalBytes: applyFactor(best.memory.totalBytes, trainingUncertainty(workload, cluster, known, 'memory')),
      weightsBytes: best.memory.weightsBytes,
      gradientsBytes: best.memory.gradientsBytes,
      optimizerBytes: best.memory.optimizerBytes,
      activationBytes: best.memory.activationBytes,
      logitsBytes: best.memory.logitsBytes,
      communicationBytes: best.memory.communicationBytes,
      overheadBytes: best.memory.overheadBytes,
      headroomBytes: best.memory.headroomBytes,
      fit: plan.fit,
      hostMemoryBytesPerNode: storage.hostMemoryBytesPerNode,
    },
    rollout: rolloutReport(plan, slower),
    run: {
      wallClockDays: uncertainValue(run.wallClockDays, hoursFactors),
      deviceHours: uncertainValue(deviceHoursPaid.value, hoursFactors),
      cleanHours: run.cleanHours,
      steps: run.steps,
      goodput: run.goodput,
      stageFactor: run.stageFactor,
      batchRampFactor: run.batchRampFactor,
      stages: plan.stages.map((stage) => ({
        tokens: stage.tokens,
        sequenceLength: stage.workload.sequenceLength,
        globalBatchTokens: stage.workload.globalBatchSequences * stage.workload.sequenceLength,
        cleanHours: stage.cleanHours,
        tokensPerSecondPerDevice: stage.best.step.tokensPerSecondPerDevice / slower,
        mfu: stage.best.step.mfu / slower,
        layout: stage.best.layout,
      })),
      expectedInterruptions: run.expectedInterruptions,
      checkpointIntervalMinutes: plan.goodput.checkpointIntervalSeconds / 60,
      checkpointGigabytes: storage.checkpointBytes / GB,
      experimentDeviceHours: experimentHours,
    },
    storage: {
      datasetTerabytes: datasetBytes.value / TB,
      checkpointTerabytes: (storage.checkpointBytes * (request.data?.checkpointsKept ?? CHECKPOINTS_KEPT.value)) / TB,
      dataLoadingGbPerSecond: storage.dataLoadingBytesPerSecond / GB,
      checkpointWriteGbPerSecond: storage.checkpointBytesPerSecondNeeded / GB,
    },
    cost: costs.cost,
    energy: site?.energyReport ?? null,
    racks: site?.rackReport ?? null,
    budget: budgetReport(request, costs.cost, deviceHoursPaid.value),
    assumptions: log.list(),
    prices: costs.prices,
  };
  let constraint: BindingConstraintReport | null = null;
  function* findConstraint() {
    constraint ??= yield* findingRunConstraint(choice, question);
    return constraint;
  }
  const estimate: FeasibleTraining = {
    ...feasible,
    summary: trainingSummary(feasible),
    // this plans other runs and samples bands, which a comparison of clusters does not need
    get bindingConstraint() {
      return uninterrupted(findConstraint());
    },
    get narrowing() {
      return narrowingReport({
        hoursFactors,
        cost: feasible.cost,
        assumptions: feasible.assumptions,
        owned: owned !== null,
        plan,
      });
    },
  };
  constraints.set(estimate, findConstraint);
  return estimate;
}

/** How the constraint of an estimate is found for which nobody has asked yet. */
const constraints = new WeakMap<TrainingEstimate, () => Interruptible<BindingConstraintReport>>();

/** Finds what limits the run before that is asked for, interruptible between any two changes that are tried. */
export function* findingConstraint(estimate: TrainingEstimate): Interruptible<void> {
  const find = constraints.get(estimate);
  if (find !== undefined) yield* find();
}

const slowed = (split: StepSplit, factor: number): StepSplit =>
  Object.fromEntries(Object.entries(split).map(([part, seconds]) => [part, seconds * factor])) as unknown as StepSplit;

function rolloutReport({ workload, cluster, best }: RunPlan, slower: number): RolloutReport | null {
  const rollout = workload.rollout === undefined ? null : rolloutOf(workload, workload.rollout, cluster);
  if (rollout === null) return null;
  return {
    replicas: rollout.replicas,
    devicesPerReplica: replicaDevices(rollout.configuration),
    weightFormat: rollout.configuration.weightFormat,
    answersPerStep: workload.globalBatchSequences,
    concurrentAnswersPerReplica: rollout.concurrentSequences,
    seconds: rollout.seconds * slower,
    tailSeconds: rollout.tailSeconds * slower,
    shareOfStep: best.step.split.rollout / best.step.seconds,
    outputTokensPerSecondPerDevice: rollout.outputTokensPerSecondPerDevice / slower,
  };
}

function* onlyDevice(device: Device, question: TrainingQuestion): Interruptible<TrainingComparison> {
  const outcome = yield* planningOnDevice(device, question, new AssumptionLog());
  return isTrainingChoice(outcome)
    ? { choices: [outcome], rejections: [], dearer: [], unpriced: [] }
    : { choices: [], rejections: [outcome], dearer: [], unpriced: [] };
}

function datasetBytesOf(request: TrainingRequest, tokens: number, log: AssumptionLog): Quantity {
  const given = request.data?.datasetTerabytes;
  if (given !== undefined) return datasetBytesGiven(given);
  const perToken = log.resolve(undefined, DATASET_BYTES_PER_TOKEN);
  return estimated(tokens * perToken.value, 'bytes', `tokens x ${perToken.value} bytes`, perToken.factors);
}

const workloadReport = (
  model: NamedModel<LanguageArchitecture>,
  request: TrainingRequest,
  tokens: number,
  { workload }: Pick<RunPlan, 'workload'>,
): TrainingWorkloadReport => ({
  modelId: model.id,
  modelName: model.name,
  method: request.method ?? 'pretraining',
  precision: workload.precision,
  tokens,
  images: null,
  audioHours: null,
  sequenceLength: workload.sequenceLength,
  globalBatchTokens: workload.globalBatchSequences * workload.sequenceLength,
  trainableParameters: trainableParameters(model.architecture, workload),
});
