/** Vision models: 3 x forward FLOPs per image at the efficiency measured for this class of device. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog, estimated, exactly, sourcedDefault } from '../economics/assumption.ts';
import { EXPERIMENTS_FINE_TUNING } from '../economics/people-cost.ts';
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import { namedDevice } from '../estimate/named-device.ts';
import { placeInWords } from '../estimate/place-words.ts';
import { refuse } from '../estimate/request-fault.ts';
import type { NamedModel } from '../estimate/resolve-model.ts';
import { siteReport } from '../estimate/site-report.ts';
import type { VisionArchitecture } from '../models/architecture.ts';
import { uncertainValue } from '../uncertainty/uncertain-value.ts';
import { GB, HOURS_PER_DAY, SECONDS_PER_HOUR } from '../units.ts';
import { budgetReport } from './budget-report.ts';
import { checkBudget } from './check-request.ts';
import type { FeasibleTraining, TrainingEstimate, TrainingWorkloadReport } from './estimate-result.ts';
import { defaultPrecision } from './index.ts';
import type { TrainingRequest } from './request.ts';
import { datasetBytesGiven, runCosts } from './run-costs.ts';
import { goodputOf } from './run-goodput.ts';
import { trainingSummary } from './summary.ts';
import { compareForVisionTraining } from './vision-device-choice.ts';

const BYTES_PER_IMAGE = sourcedDefault({
  id: 'storage.dataset_bytes_per_image',
  field: '/data/datasetTerabytes',
  value: 110e3,
  unit: 'bytes per image seen once',
  range: { low: 50e3, high: 500e3 },
  kind: 'sourced',
  source:
    'ImageNet-1k: about 144 GB for 1.28 M training images (image-net.org); detection data sets have larger images',
  reason: 'No size of the data set was given; images of many epochs are stored once.',
});

const STAGE_FACTOR = sourcedDefault({
  id: 'run.stage_factor.vision',
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
const SECONDS_PER_MINUTE = 60;

/** Images seen in about this many epochs, when nothing says how often each is seen. */
const EPOCHS = 90;

/** @param images seen, all epochs together */
export function estimateVisionTraining(
  snapshot: CatalogSnapshot,
  request: TrainingRequest,
  model: NamedModel<VisionArchitecture>,
  images: number,
  at: string,
): TrainingEstimate {
  refuseLanguageFields(request);
  checkBudget(request);
  const log = new AssumptionLog();
  const device = namedDevice(snapshot, request);
  const pricing = hardwarePricing(snapshot, request.location ?? {}, request.purchase ?? {}, at);
  const devices = request.cluster?.devices;
  const { choices, exclusions } = compareForVisionTraining(
    device === null ? snapshot.devices : [device],
    model.architecture,
    images,
    request,
    pricing,
  );
  const [choice] = choices;
  const workload = (precision: string): TrainingWorkloadReport => ({
    modelId: model.id,
    modelName: model.name,
    method: request.method ?? 'pretraining',
    precision,
    tokens: null,
    images,
    sequenceLength: null,
    globalBatchTokens: null,
    trainableParameters: model.architecture.parametersTotal,
  });
  if (choice === undefined) {
    const place = placeInWords(request);
    return {
      status: 'infeasible',
      summary: `${device === null ? `No device offered ${place} trains` : `${device.name} does not train`} ${model.name} as asked${exclusions[0] === undefined ? '.' : `. ${exclusions[0].detail}`}`,
      workload: workload(request.precision ?? 'bf16'),
      reasons: exclusions,
      elsewhere: [],
      relaxation: null,
      assumptions: log.list(),
      prices: [],
    };
  }
  const { training, cluster, quote } = choice;
  const precision = request.precision ?? defaultPrecision(choice.device).value;
  const nodes = Math.ceil(cluster.devices / cluster.devicesPerNode);
  const checkpointBytes = model.architecture.parametersTotal * CHECKPOINT_BYTES_PER_PARAMETER;
  const progress = goodputOf(request, checkpointBytes, nodes, log);
  const stageFactor = log.resolve(request.run?.stageFactor, STAGE_FACTOR);
  const cleanHours = training.secondsTotal / SECONDS_PER_HOUR;
  const factors = [training.uncertainty, ...stageFactor.factors];
  const hours = (cleanHours * stageFactor.value) / progress.goodput;
  const experiments = log.resolve(request.run?.experimentsMultiple, EXPERIMENTS_FINE_TUNING);
  const deviceHoursPaid = estimated(
    quote.devicesPaid * hours,
    'device-hours',
    `${quote.devicesPaid} devices x ${hours.toFixed(2)} h`,
    factors,
  );
  const place = {
    providerId: quote.option?.offer.providerId ?? request.location?.provider ?? null,
    regionId: quote.option?.offer.regionId ?? request.location?.region ?? null,
    country: quote.option?.region?.country ?? request.location?.country ?? null,
  };
  const owned = pricing.mode === 'owned' ? (request.purchase?.owned ?? {}) : null;
  const site = siteReport(
    snapshot,
    {
      ...place,
      device: choice.device,
      devices: cluster.devices,
      activity: 'training',
      utilization: 1,
      deviceHours: estimated(cluster.devices * hours, 'device-hours', 'the run', factors),
      clustered: nodes > 1,
      owned,
      facts: request.site,
    },
    log,
  );
  const perImage = log.resolve(undefined, BYTES_PER_IMAGE);
  const datasetBytes =
    request.data?.datasetTerabytes !== undefined
      ? datasetBytesGiven(request.data.datasetTerabytes)
      : estimated(
          (images / EPOCHS) * perImage.value,
          'bytes',
          `images / ${EPOCHS} epochs x bytes per image`,
          perImage.factors,
        );
  const costs = runCosts(
    {
      snapshot,
      request,
      device: choice.device,
      pricing,
      quote,
      deviceHoursPaid,
      experimentDeviceHours: estimated(
        cluster.devices * hours * experiments.value,
        'device-hours',
        'the run x experimentsMultiple',
        [...factors, ...experiments.factors],
      ),
      days: estimated(hours / HOURS_PER_DAY, 'days', 'length of the run', factors),
      datasetBytes,
      checkpointBytes: exactly(checkpointBytes, 'bytes', 'weights, gradients and momentum'),
      tokensToClean: null,
      labelKind: 'image',
      clustered: nodes > 1,
      site,
      country: place.country,
      at,
    },
    log,
  );
  const feasible: Omit<FeasibleTraining, 'summary'> = {
    status: 'feasible',
    workload: workload(precision),
    cluster: {
      deviceId: choice.device.id,
      deviceName: choice.device.name,
      devices: cluster.devices,
      nodes,
      fabric: cluster.fabric,
      networkGbPerSecondPerDevice: cluster.networkBytesPerSecondPerDevice / GB,
      ownership: owned === null ? 'rented' : 'owned',
      providerId: quote.option?.offer.providerId ?? null,
      regionId: quote.option?.offer.regionId ?? null,
      country: quote.option?.region?.country ?? null,
      sku: quote.option?.offer.sku ?? null,
    },
    selection: {
      rule:
        device === null
          ? `No device was named: the one whose run costs least, of all accelerators offered ${placeInWords(request)}, on one node.`
          : `The device was named${devices === undefined ? '; one node of it was taken' : ''}.`,
      alternatives: choices.slice(1, 3).map((other) => ({
        deviceId: other.device.id,
        deviceName: other.device.name,
        devices: other.cluster.devices,
        wallClockDays: other.training.secondsTotal / SECONDS_PER_HOUR / HOURS_PER_DAY,
        computeUsd: other.computeUsd,
        regionId: other.quote.option?.offer.regionId ?? null,
        priceId: other.quote.option?.price.id ?? null,
      })),
      excluded: exclusions,
    },
    layout: null,
    layoutAlternatives: [],
    flops: {
      totalFlops: training.flopsPerSample * images,
      modelFlopsPerToken: training.flopsPerSample,
      hardwareFlopsPerToken: training.flopsPerSample,
      attentionShare: 0,
    },
    step: null,
    memory: null,
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
      experimentDeviceHours: cluster.devices * hours * experiments.value,
    },
    storage: null,
    cost: costs.cost,
    budget: budgetReport(request, costs.cost, deviceHoursPaid.value),
    energy: site?.energyReport ?? null,
    racks: site?.rackReport ?? null,
    bindingConstraint: {
      constraint: 'compute',
      explanation: 'Convolution and matrix arithmetic at the efficiency measured for this class of device.',
      relaxation: null,
    },
    narrowing: null,
    assumptions: log.list(),
    prices: costs.prices,
  };
  return { ...feasible, summary: trainingSummary(feasible) };
}

/** @throws RequestFaultError for fields that only language models have. */
function refuseLanguageFields(request: TrainingRequest): void {
  for (const field of ['sequenceLength', 'globalBatchTokens', 'loraRank', 'optimizer', 'stages', 'layout'] as const) {
    if (request[field] !== undefined)
      refuse(`/${field}`, 'contradiction', 'This goes with language models; leave it out for a vision model.');
  }
  if (request.cluster?.objective !== undefined) {
    refuse('/cluster/objective', 'contradiction', 'A vision model trains on one node or on the devices given.');
  }
  if (request.method !== undefined && request.method !== 'pretraining' && request.method !== 'full_fine_tuning') {
    refuse('/method', 'choice', `A vision model is pretrained or fine-tuned in full here, not by ${request.method}.`);
  }
}
