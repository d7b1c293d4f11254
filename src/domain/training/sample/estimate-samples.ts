/** Work counted in samples: 3 x forward FLOPs at the efficiency measured for the kind of model and the class of device. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { AssumptionLog, estimated, exactly, type Quantity, sourcedDefault } from '../../economics/assumption.ts';
import { withTerms } from '../../estimate/bought-terms.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { namedDevice } from '../../estimate/named-device.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { uncertainValue } from '../../uncertainty/uncertain-value.ts';
import { GB, HOURS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE } from '../../units.ts';
import { budgetReport } from '../budget-report.ts';
import { checkBudget } from '../check-request.ts';
import { clusterReport } from '../cluster-report.ts';
import { DEFAULT_DEADLINE_DAYS, defaultPrecision } from '../defaults.ts';
import type { FeasibleTraining, TrainingEstimate, TrainingWorkloadReport } from '../estimate-result.ts';
import { narrowingReport } from '../narrowing.ts';
import type { TrainingRequest } from '../request.ts';
import { expectedOver } from '../run/expected-hours.ts';
import { datasetBytesGiven, runCosts } from '../run/run-costs.ts';
import { goodputOf } from '../run/run-goodput.ts';
import { runSite } from '../run/run-hardware.ts';
import { trainingSummary } from '../summary.ts';
import { infeasibleSamples, type SampleQuestion } from './infeasible-samples.ts';
import { sampleConstraint } from './sample-constraint.ts';
import { compareForSampleTraining, type Overhead, sampleExclusions } from './sample-device-choice.ts';
import { type SampleTask, unitInWords } from './sample-task.ts';

const STAGE_FACTOR = sourcedDefault({
  id: 'run.stage_factor.samples',
  field: '/run/stageFactor',
  value: 1.05,
  unit: 'all-in / clean hours',
  range: { low: 1, high: 1.2 },
  kind: 'assumed',
  source: 'judgement: one stage, start-up and evaluation, as for fine-tuning',
  reason: 'Time around the clean steps.',
});

/** fp32 weights and momentum, and a half-precision copy. */
const CHECKPOINT_BYTES_PER_PARAMETER = 10;

export function estimateSampleTraining(
  snapshot: CatalogSnapshot,
  given: TrainingRequest,
  task: SampleTask,
  at: string,
): TrainingEstimate {
  refuseOtherFields(given, task);
  checkBudget(given);
  const log = new AssumptionLog();
  const request = withTerms(snapshot, given, at, log);
  const device = namedDevice(snapshot, request);
  const pricing = hardwarePricing(snapshot, request.location ?? {}, request.purchase ?? {}, at, request.site);
  const devices = request.cluster?.devices;
  const comparison = compareForSampleTraining(
    device === null ? snapshot.devices : [device],
    task,
    request,
    pricing,
    overheadOf(request, task),
  );
  const question: SampleQuestion = {
    snapshot,
    request,
    asked: given,
    task,
    at,
    pricing,
    overhead: overheadOf(request, task),
  };
  const { choices } = comparison;
  const exclusions = sampleExclusions(comparison.rejections);
  const [choice] = choices;
  const workload = (precision: string): TrainingWorkloadReport => ({
    modelId: task.modelId,
    modelName: task.modelName,
    method: request.method ?? 'pretraining',
    precision,
    tokens: task.unit === 'tokens' ? task.amount : null,
    images: task.unit === 'images' ? task.amount : null,
    audioHours: task.unit === 'audioHours' ? task.amount : null,
    sequenceLength: task.sequenceLength,
    globalBatchTokens: null,
    trainableParameters: task.trainedParameters,
  });
  if (choice === undefined) {
    return infeasibleSamples(question, workload(request.precision ?? 'bf16'), device, comparison);
  }
  const { training, cluster, quote } = choice;
  const fastest = request.cluster?.objective === 'fastest';
  const clusterRule =
    devices === undefined
      ? `Cluster: ${fastest ? 'the fastest that the budget, if any, pays for' : `the smallest that finishes within ${request.deadlineDays ?? DEFAULT_DEADLINE_DAYS.value} days`}, doubling from one node.`
      : 'Cluster: the request gives its size.';
  const precision = request.precision ?? defaultPrecision(choice.device).value;
  const nodes = Math.ceil(cluster.devices / cluster.devicesPerNode);
  const checkpointBytes = task.trainedParameters * CHECKPOINT_BYTES_PER_PARAMETER;
  const progress = goodputOf(request, checkpointBytes, nodes, log);
  const stageFactor = log.resolve(request.run?.stageFactor, STAGE_FACTOR);
  const { median, factors } = expectedOver([training.uncertainty, ...stageFactor.factors]);
  const cleanHours = (training.secondsTotal / SECONDS_PER_HOUR) * median;
  const hours = choice.wallClockHours;
  const experiments = log.resolve(request.run?.experimentsMultiple, task.experiments);
  const deviceHoursPaid = estimated(
    quote.devicesPaid * hours,
    'device-hours',
    `${quote.devicesPaid} devices x ${hours.toFixed(2)} h`,
    factors,
  );
  const owned = pricing.mode === 'owned' ? (request.purchase?.owned ?? {}) : null;
  const site = runSite(
    {
      request,
      pricing,
      quote,
      device: choice.device,
      devicesHeld: cluster.devices,
      deviceHours: estimated(cluster.devices * hours, 'device-hours', 'the run', factors),
      utilization: 1,
      clustered: nodes > 1,
    },
    log,
  );
  const datasetBytes = datasetBytesOf(request, task, log);
  const experimentHours = deviceHoursPaid.value * experiments.value;
  const costs = runCosts(
    {
      request,
      device: choice.device,
      pricing,
      quote,
      deviceHoursPaid,
      experimentDeviceHours: estimated(experimentHours, 'device-hours', 'the run x experimentsMultiple', [
        ...factors,
        ...experiments.factors,
      ]),
      days: estimated(hours / HOURS_PER_DAY, 'days', 'length of the run', factors),
      datasetBytes,
      checkpointBytes: exactly(checkpointBytes, 'bytes', 'weights, gradients and momentum'),
      tokensToClean: null,
      labelKind: task.unit === 'images' ? 'image' : 'text',
      clustered: nodes > 1,
      site,
    },
    log,
  );
  const feasible: Omit<FeasibleTraining, 'summary' | 'narrowing'> = {
    status: 'feasible',
    workload: workload(precision),
    cluster: clusterReport(cluster, quote.option, owned !== null),
    selection: {
      rule:
        device === null
          ? `No device was named: the one whose run ${fastest ? 'ends first' : 'costs least'}, of all accelerators offered ${placeInWords(request)}. ${clusterRule}`
          : `The device was named. ${clusterRule}`,
      alternatives: choices.slice(1, 3).map((other) => ({
        deviceId: other.device.id,
        deviceName: other.device.name,
        devices: other.cluster.devices,
        wallClockDays: other.wallClockHours / HOURS_PER_DAY,
        computeUsd: other.computeUsd,
        regionId: other.quote.option?.offer.regionId ?? null,
        priceId: other.quote.option?.price.id ?? null,
      })),
      excluded: exclusions,
    },
    layout: null,
    layoutAlternatives: [],
    flops: {
      totalFlops: training.flopsPerSample * task.amount,
      modelFlopsPerToken: training.flopsPerSample,
      hardwareFlopsPerToken: training.flopsPerSample,
      attentionShare: 0,
    },
    step: null,
    memory: null,
    rollout: null,
    run: {
      wallClockDays: uncertainValue(hours / HOURS_PER_DAY, factors),
      deviceHours: uncertainValue(deviceHoursPaid.value, factors),
      cleanHours,
      steps: null,
      goodput: progress.goodput,
      stageFactor: stageFactor.value,
      batchRampFactor: 1,
      stages: [],
      expectedInterruptions: (progress.failuresPerDay * hours) / HOURS_PER_DAY,
      checkpointIntervalMinutes: progress.checkpointIntervalSeconds / SECONDS_PER_MINUTE,
      checkpointGigabytes: checkpointBytes / GB,
      experimentDeviceHours: experimentHours,
    },
    storage: null,
    cost: costs.cost,
    budget: budgetReport(request, costs.cost, deviceHoursPaid.value),
    energy: site?.energyReport ?? null,
    racks: site?.rackReport ?? null,
    bindingConstraint: sampleConstraint(choice, question),
    assumptions: log.list(),
    prices: costs.prices,
  };
  return {
    ...feasible,
    summary: trainingSummary(feasible),
    get narrowing() {
      return narrowingReport({
        hoursFactors: factors,
        cost: feasible.cost,
        assumptions: feasible.assumptions,
        owned: owned !== null,
        plan: null,
      });
    },
  };
}

function overheadOf(request: TrainingRequest, task: SampleTask): Overhead {
  const stage = new AssumptionLog().resolve(request.run?.stageFactor, STAGE_FACTOR);
  const checkpointBytes = task.trainedParameters * CHECKPOINT_BYTES_PER_PARAMETER;
  return ({ devices, devicesPerNode }, { uncertainty }) => {
    const nodes = Math.ceil(devices / devicesPerNode);
    const { median } = expectedOver([uncertainty, ...stage.factors]);
    return (median * stage.value) / goodputOf(request, checkpointBytes, nodes, new AssumptionLog()).goodput;
  };
}

/** @throws RequestFaultError for fields that only decoder language models have. */
function refuseOtherFields(request: TrainingRequest, task: SampleTask): void {
  for (const field of [
    'sequenceLength',
    'globalBatchTokens',
    'loraRank',
    'loraTargets',
    'optimizer',
    'stages',
    'layout',
    'stack',
    'rollout',
  ] as const) {
    if (request[field] === undefined || (field === 'sequenceLength' && task.sequenceLength !== null)) continue;
    refuse(`/${field}`, 'contradiction', `This goes with language models; leave it out for ${task.modelName}.`);
  }
  if (request.cluster?.objective !== undefined && request.cluster.devices !== undefined) {
    refuse(
      '/cluster/objective',
      'contradiction',
      'The objective chooses the number of devices, and devices gives it; drop one of the two.',
    );
  }
  if (request.method !== undefined && request.method !== 'pretraining' && request.method !== 'full_fine_tuning') {
    refuse(
      '/method',
      'choice',
      `${task.modelName} is pretrained or fine-tuned in full here, not by ${request.method}.`,
    );
  }
}

function datasetBytesOf({ data }: TrainingRequest, task: SampleTask, log: AssumptionLog): Quantity {
  if (data?.datasetTerabytes !== undefined) return datasetBytesGiven(data.datasetTerabytes);
  const perUnit = log.resolve(undefined, task.bytesPerUnit);
  const source = `${unitInWords(task.unit)} / ${task.epochs} epochs x ${perUnit.unit}`;
  return estimated((task.amount / task.epochs) * perUnit.value, 'bytes', source, perUnit.factors);
}
