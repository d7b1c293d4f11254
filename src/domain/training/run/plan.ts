/** One run on one device: cluster, layout, goodput and hours, as the request fixes them or the rules choose. */

import type { Device } from '../../devices/device.ts';
import { AssumptionLog, exactly, type Quantity, sourcedDefault } from '../../economics/assumption.ts';
import { EXPERIMENTS_FINE_TUNING, EXPERIMENTS_PRETRAINING } from '../../economics/people-cost.ts';
import { steppingShare } from '../../energy/index.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import type { Interruptible } from '../../estimate/interruptible.ts';
import { uncertainty } from '../../inference/step/uncertainty.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { UncertainFactor } from '../../uncertainty/band.ts';
import { SECONDS_PER_HOUR } from '../../units.ts';
import { clusterOf } from '../cluster.ts';
import { DEFAULT_DEADLINE_DAYS } from '../defaults.ts';
import { computingShare } from '../language/explain.ts';
import { note, workloadOf } from '../language/request-workload.ts';
import { findingSurestLayout } from '../layout/search-layout.ts';
import type { TrainingRequest } from '../request.ts';
import type { Goodput, LayoutCandidate, LayoutSearchResult, WholeRun } from '../results.ts';
import { rolloutOf } from '../rollout/rollout.ts';
import { leastSure, type MemoryFit } from '../step/memory-fit.ts';
import { checkpointBytes } from '../step/storage.ts';
import { trainingUncertainty } from '../uncertainty.ts';
import type { Cluster, TrainingLayout, TrainingWorkload } from '../workload.ts';
import { expectedOver } from './expected-hours.ts';
import { GOODPUT_DEFAULTS } from './goodput.ts';
import { goodputOf } from './run-goodput.ts';
import { runHardwareUsd } from './run-hardware.ts';
import { type Budget, type SizedRun, sizeRun } from './run-size.ts';
import { isPlannedStage, type PlannedStage, planStages } from './run-stages.ts';
import { runClass, stageFactor, wholeRun } from './whole-run.ts';

/** Rented clusters of this many nodes and more keep spares; on smaller ones a node is replaced when it fails. */
const SPARES_FROM_NODES = 64;

export interface RunPlan {
  readonly workload: TrainingWorkload;
  readonly cluster: Cluster;
  readonly search: LayoutSearchResult;
  readonly best: LayoutCandidate;
  /** How surely the main stage and those after it fit in memory. */
  readonly fit: MemoryFit;
  readonly goodput: Goodput;
  readonly run: WholeRun;
  readonly stage: Quantity;
  /** After the main one, in order. */
  readonly stages: readonly PlannedStage[];
  readonly experiments: Quantity;
  /** What the caller fixed, which decides the residuals that the bands come from. */
  readonly known: { readonly layoutGiven: boolean; readonly stackGiven: boolean };
  /** Spread of the hours; their median correction is in `run` already. */
  readonly hoursFactors: readonly UncertainFactor[];
  /** Devices held, spares included. */
  readonly devicesHeld: number;
  /** How the size of the cluster came about. */
  readonly clusterRule: string;
  readonly clusterGiven: boolean;
}

interface UnfitPlan {
  readonly workload: TrainingWorkload;
  readonly cluster: Cluster;
  readonly search: LayoutSearchResult;
}

/** @param tokens of the whole run, positive */
export function* planRun(
  request: TrainingRequest,
  model: LanguageArchitecture,
  tokens: number,
  device: Device,
  pricing: HardwarePricing,
  log: AssumptionLog,
): Interruptible<RunPlan | UnfitPlan> {
  const workload = workloadOf(request, model, tokens, device, log);
  const given = request.cluster?.devices;
  const owned = pricing.mode === 'owned';
  const { cluster, search, rule } =
    given === undefined
      ? yield* chosenSize(request, workload, tokens, device, pricing, log)
      : yield* givenSize(request, workload, device, given);
  if (search.best === null) return { workload, cluster, search };
  for (const stage of planStages(request, workload, cluster, fixedLayout(request))) {
    if (!isPlannedStage(stage)) return { workload: stage.workload, cluster, search: stage.search };
  }
  const timed = timedRun(request, workload, tokens, cluster, search.best, owned, log);
  return {
    workload,
    cluster,
    search,
    best: search.best,
    fit: leastSure([search.best, ...timed.stages.map(({ best }) => best)].map(({ memory }) => memory.fit)),
    ...timed,
    clusterRule: rule,
    clusterGiven: given !== undefined,
  };
}

function* givenSize(
  request: TrainingRequest,
  workload: TrainingWorkload,
  device: Device,
  devices: number,
): Interruptible<SizedRun> {
  const fabric = request.cluster?.fabric;
  const cluster = clusterOf(device, devices, fabric === undefined ? {} : { fabric });
  const search = yield* findingSurestLayout(workload, cluster, { fixed: fixedLayout(request), runnersUp: 3 });
  return { cluster, search, rule: 'the request gives its size.' };
}

function* chosenSize(
  request: TrainingRequest,
  workload: TrainingWorkload,
  tokens: number,
  device: Device,
  pricing: HardwarePricing,
  log: AssumptionLog,
): Interruptible<SizedRun> {
  const objective = request.cluster?.objective ?? 'smallest';
  if (objective === 'smallest') {
    note(
      log,
      request.deadlineDays,
      'run.deadline_days',
      '/deadlineDays',
      DEFAULT_DEADLINE_DAYS.value,
      'days',
      DEFAULT_DEADLINE_DAYS.source,
      'Chooses the size of the cluster.',
    );
  }
  return yield* sizeRun({
    workload,
    tokens,
    device,
    fabric: request.cluster?.fabric,
    fixed: fixedLayout(request),
    objective,
    deadlineDays: request.deadlineDays ?? null,
    budget: budgetOf(request),
    time: (cluster, best) => {
      const timed = timedRun(request, workload, tokens, cluster, best, pricing.mode === 'owned', new AssumptionLog());
      const quote = quoteFor(pricing, cluster, timed.devicesHeld);
      const fits = timed.stages.length === (request.stages?.length ?? 0);
      return {
        // a stage that does not fit asks for a larger cluster
        days: fits ? timed.run.wallClockDays : Number.POSITIVE_INFINITY,
        paid: quote === null ? null : paidFor(request, pricing, quote, { ...timed, cluster, best }),
      };
    },
  });
}

export const budgetOf = (request: TrainingRequest): Budget => ({
  usd: request.budgetUsd === undefined ? null : Number(request.budgetUsd),
  deviceHours: request.budgetDeviceHours ?? null,
});

type TimedPlan = Pick<RunPlan, 'cluster' | 'best' | 'goodput' | 'run' | 'devicesHeld'>;

/** Device-hours paid for, and the hardware of the run in USD. */
export const paidFor = (
  request: TrainingRequest,
  pricing: HardwarePricing,
  quote: HardwareQuote,
  plan: TimedPlan,
): { readonly deviceHours: number; readonly usd: number } => ({
  deviceHours: quote.devicesPaid * plan.run.wallClockHours,
  usd: runHardwareUsd(poweredRun(request, pricing, quote, plan), plan.run.wallClockHours),
});

/** What decides the power of the run. */
export const poweredRun = (
  request: TrainingRequest,
  pricing: HardwarePricing,
  quote: HardwareQuote,
  { cluster, best, goodput, run, devicesHeld }: TimedPlan,
) => ({
  request,
  pricing,
  quote,
  device: cluster.device,
  devicesHeld,
  deviceHours: exactly(run.deviceHours, 'device-hours'),
  utilization: goodput.effectiveTrainingTimeRatio * steppingShare(run.wallClockHours * SECONDS_PER_HOUR),
  computingShare: computingShare(best.step.split),
  clustered: cluster.devices > cluster.devicesPerNode,
});

/** A cluster of several nodes needs whole ones, so that its devices share the link they were planned with. */
export function quoteFor(pricing: HardwarePricing, cluster: Cluster, devicesHeld: number): HardwareQuote | null {
  const { device, devices, devicesPerNode } = cluster;
  const clustered = devices > devicesPerNode && device.linkTopology !== 'ici';
  return pricing.quote(device, devicesHeld, Math.min(devices, devicesPerNode), clustered);
}

function timedRun(
  request: TrainingRequest,
  workload: TrainingWorkload,
  tokens: number,
  cluster: Cluster,
  best: LayoutCandidate,
  owned: boolean,
  log: AssumptionLog,
): Pick<RunPlan, 'goodput' | 'run' | 'stage' | 'stages' | 'experiments' | 'known' | 'hoursFactors' | 'devicesHeld'> {
  const nodes = Math.ceil(cluster.devices / cluster.devicesPerNode);
  const progress = goodputOf(request, checkpointBytes(workload), nodes, log);
  const stage = stageOf(request, workload, tokens, log);
  const experiments = log.resolve(
    request.run?.experimentsMultiple,
    workload.method === 'pretraining' ? EXPERIMENTS_PRETRAINING : EXPERIMENTS_FINE_TUNING,
  );
  const spares = log.resolve(request.run?.sparePercent, owned || nodes < SPARES_FROM_NODES ? NO_SPARES : SPARES);
  const stages = planStages(request, workload, cluster, fixedLayout(request)).filter(isPlannedStage);
  const run = wholeRun({
    tokens,
    step: best.step,
    devices: cluster.devices,
    devicesPerNode: cluster.devicesPerNode,
    goodput: progress,
    stageFactor: stage.value,
    furtherStages: {
      cleanHours: sumOf(stages, ({ cleanHours }) => cleanHours),
      steps: sumOf(stages, (one) => one.steps),
    },
    batchRampFactor: request.run?.batchRampFactor ?? 1,
    spareShare: spares.value / 100,
    experimentsMultiple: experiments.value,
  });
  const known = knownOf(request);
  const expected = expectedOver([
    ...hoursFactors(workload, cluster, known, stage),
    ...rolloutFactors(workload, cluster, best),
  ]);
  return {
    goodput: progress,
    run: scaled(run, expected.median),
    stage,
    stages: stages.map((one) => ({ ...one, cleanHours: one.cleanHours * expected.median })),
    experiments,
    known,
    hoursFactors: expected.factors,
    devicesHeld: Math.round(run.deviceHoursWithSpares / run.wallClockHours),
  };
}

/** One detail of the layout says little about the rest: the cut has to be named. */
const knownOf = ({ layout, stack }: TrainingRequest): RunPlan['known'] => ({
  layoutGiven: layout?.tensorParallel !== undefined && layout.pipelineParallel !== undefined,
  stackGiven: stack?.framework !== undefined && stack.year !== undefined,
});

/** Hours of the main stage over its clean ones before any interruption: the stage factor and the median of what is uncertain. */
export function expectedOverClean(
  request: TrainingRequest,
  workload: TrainingWorkload,
  cluster: Cluster,
  tokens: number,
): number {
  const stage = stageOf(request, workload, tokens, new AssumptionLog());
  return stage.value * expectedOver(hoursFactors(workload, cluster, knownOf(request), stage)).median;
}

/**
 * With the stage factor given, only the step is uncertain. Else the spread of all-in over predicted clean hours in the class
 * of runs, which holds the error of the step of dense models as well; steps of experts vary beyond it.
 */
function hoursFactors(
  workload: TrainingWorkload,
  cluster: Cluster,
  known: RunPlan['known'],
  stage: Quantity,
): readonly UncertainFactor[] {
  const step = trainingUncertainty(workload, cluster, known, 'step_time');
  if (stage.factors.length === 0 || stage.assumptionId === STAGES_GIVEN.id) return [step];
  const ofRuns = workload.method === 'pretraining' && workload.model.mixtureOfExperts === null;
  return ofRuns ? stage.factors : [...stage.factors, step];
}

/** Sampling is as sure as serving is, for its share of the step. */
function rolloutFactors(
  workload: TrainingWorkload,
  cluster: Cluster,
  { step }: LayoutCandidate,
): readonly UncertainFactor[] {
  const rollout = workload.rollout === undefined ? null : rolloutOf(workload, workload.rollout, cluster);
  if (rollout === null) return [];
  const serving = uncertainty(rollout.configuration, 'tpot');
  const share = step.split.rollout / step.seconds;
  const part = (ratio: number) => 1 + share * (ratio - 1);
  return [
    {
      p10: part(serving.p10),
      p50: part(serving.p50),
      p90: part(serving.p90),
      basis: {
        ...serving.basis,
        id: `training/rollout/${serving.basis.id}`,
        description: `${serving.basis.description}; for the share of a step in which answers are sampled`,
      },
    },
  ];
}

/** The hours to expect: what the formula gives times the median of what the truth is over it. */
const scaled = (run: WholeRun, median: number): WholeRun => ({
  ...run,
  cleanHours: run.cleanHours * median,
  wallClockHours: run.wallClockHours * median,
  wallClockDays: run.wallClockDays * median,
  deviceHours: run.deviceHours * median,
  deviceHoursWithSpares: run.deviceHoursWithSpares * median,
  expectedInterruptions: run.expectedInterruptions * median,
  experimentDeviceHours: run.experimentDeviceHours * median,
  programmeDeviceHours: run.programmeDeviceHours * median,
});

export const isPlan = (plan: RunPlan | UnfitPlan): plan is RunPlan => 'best' in plan;

function fixedLayout({ layout }: TrainingRequest): Partial<TrainingLayout> {
  const given = Object.entries(layout ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<TrainingLayout>;
}

const SPARES = sourcedDefault({
  id: 'run.spare_percent',
  field: '/run/sparePercent',
  value: GOODPUT_DEFAULTS.spareShare.value * 100,
  unit: '% of nodes',
  range: null,
  kind: 'sourced',
  source: GOODPUT_DEFAULTS.spareShare.source,
  reason: 'Spare nodes held ready on large clusters.',
});
const NO_SPARES = sourcedDefault({
  id: 'run.spare_percent.none',
  field: '/run/sparePercent',
  value: 0,
  unit: '% of nodes',
  range: null,
  kind: 'assumed',
  source: 'judgement',
  reason: 'A small rented cluster replaces a node when it fails; spares of owned hardware are in its cost.',
});

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((total, item) => total + of(item), 0);

/** With the stages said, what remains is evaluation and restarts, as in reports of one stage. */
const STAGES_GIVEN = sourcedDefault({
  id: 'run.stage_factor.stages_given',
  field: '/run/stageFactor',
  value: 1.05,
  unit: 'all-in / clean hours',
  range: { low: 1, high: 1.2 },
  kind: 'assumed',
  source: 'judgement: published runs of one documented stage are met within 20 % with it',
  reason: 'The stages are said; evaluation and restarts remain.',
});

function stageOf(request: TrainingRequest, workload: TrainingWorkload, tokens: number, log: AssumptionLog): Quantity {
  if (request.stages !== undefined) return log.resolve(request.run?.stageFactor, STAGES_GIVEN);

  const run = runClass(workload, tokens);
  const { value, rule, source, factor } = stageFactor(run);
  const entry = sourcedDefault({
    id: `run.stage_factor.${run}`,
    field: '/run/stageFactor',
    value,
    unit: 'all-in / clean hours',
    range: { low: value * factor.p10, high: value * factor.p90 },
    kind: 'sourced',
    source,
    reason: rule,
  });
  return log.resolve(request.run?.stageFactor, entry);
}
