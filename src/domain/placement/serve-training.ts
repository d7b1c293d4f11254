/**
 * What a training job costs at a place and how long a run takes. The training estimate itself is asked, for the smallest
 * cluster that ends a run within its deadline; the month is as many runs. Owned hardware waits between runs and is paid for
 * all the same: its share of work is what the runs take of the month.
 */
import type { DraftItem } from '../economics/line-item.ts';
import type { Exclusion } from '../estimate/answer.ts';
import { RequestFaultError } from '../estimate/request-fault.ts';
import { price, sum, toNumber } from '../money.ts';
import { estimateTraining } from '../training/estimate.ts';
import type { FeasibleTraining, TrainingEstimate } from '../training/estimate-result.ts';
import type { TrainingRequest } from '../training/request.ts';
import { DAYS_PER_MONTH, HOURS_PER_DAY, HOURS_PER_MONTH, SECONDS_PER_DAY } from '../units.ts';
import type { TrainingJob } from './request.ts';
import type { Scenario } from './scenario.ts';
import { facilityKilowatts, fieldOf, type NotServed, notServed, type Served, type ServeQuestion } from './serve.ts';
import { hours } from './words.ts';

const MILLISECONDS_PER_DAY = SECONDS_PER_DAY * 1000;
const PERCENT = 100;
/** Below it the estimate takes none. */
const LEAST_UTILIZATION_PERCENT = 0.01;

/** Hours within which a run must end: as asked, else before the next begins. */
export const deadlineHoursOf = ({ deadlineHours }: TrainingJob, runsPerDay: number): number =>
  deadlineHours ?? HOURS_PER_DAY / runsPerDay;

export function serveTraining(scenario: Scenario, question: ServeQuestion, job: TrainingJob): Served | NotServed {
  const { stage, site, speed, purchase } = question;
  if (site.units > 1) return notServed('compute', 'A training run is not divided over separate things.');
  const runsPerDay = stage.requestsPerDay * question.share;
  const ask = (utilizationPercent: number | null): TrainingEstimate | NotServed =>
    asked(scenario, question, trainingRequestOf(question, job, runsPerDay, utilizationPercent));
  let estimate = ask(null);
  if (estimate.status === 'feasible' && purchase.category === 'owned')
    estimate = ask(Math.min(PERCENT, Math.max(LEAST_UTILIZATION_PERCENT, busyShare(estimate, runsPerDay) * PERCENT)));
  if (estimate.status === 'not_served') return estimate;
  if (estimate.status === 'infeasible') {
    const late = unhurried(scenario, question, job, runsPerDay);
    return { status: 'not_served', reasons: late === null ? estimate.reasons : [late] };
  }
  const runsPerMonth = runsPerDay * DAYS_PER_MONTH;
  const { cluster, run, energy, memory, racks, workload } = estimate;
  const items = repeated(
    estimate.cost.lineItems.filter(({ category }) => category !== 'people'),
    runsPerMonth,
    stage.id,
  );
  const total = sum(
    items.map(({ amount }) => amount),
    'USD',
  );
  const field = fieldOf(question, cluster.devices);
  const slower = MILLISECONDS_PER_DAY / speed;
  return {
    status: 'served',
    devices: cluster.devices,
    units: 1,
    weightFormat: workload.precision,
    items,
    total,
    usdPerMonth: toNumber(total),
    fieldItems: field.items,
    fieldUsdPerMonth: field.usdPerMonth,
    carbonKilograms:
      energy === null ? null : runsPerMonth * (energy.carbonKilograms.p50 + energy.embodiedCarbonKilograms.p50),
    embodiedCarbonKilograms: energy === null ? 0 : runsPerMonth * energy.embodiedCarbonKilograms.p50,
    // only runs share its machines, one after the other
    idleShare: 0,
    pue: energy?.pue ?? null,
    facilityKilowatts: facilityKilowatts(scenario, question, cluster.devices, energy?.pue ?? 1),
    rack: racks,
    serviceMs: {
      p50: run.wallClockDays.p50 * slower,
      p95: tailOf(run.wallClockDays, DEVIATIONS.p95) * slower,
      p99: tailOf(run.wallClockDays, DEVIATIONS.p99) * slower,
    },
    requestsPerSecond: runsPerDay / SECONDS_PER_DAY,
    busyDevices: cluster.devices * busyShare(estimate, runsPerDay),
    steps: null,
    maxUtilization: 1,
    memory:
      memory === null
        ? null
        : {
            weightsBytes: memory.weightsBytes,
            requiredBytes: memory.totalBytes.p50,
            usableBytes: memory.usableBytes,
          },
    prices: estimate.prices,
    assumptions: [...estimate.assumptions, ...field.assumptions],
    estimateRequest: null,
    trainingRequest: trainingRequestOf(
      question,
      job,
      runsPerDay,
      purchase.category === 'owned'
        ? Math.min(PERCENT, Math.max(LEAST_UTILIZATION_PERCENT, busyShare(estimate, runsPerDay) * PERCENT))
        : null,
    ),
    ttftMs: null,
  };
}

/** Standard normal deviates of percentiles. */
const DEVIATIONS = { p90: 1.2816, p95: 1.6449, p99: 2.3263 } as const;

/** Beyond the 90th percentile the band is extended as a log-normal, since the time of a run is a product of factors. */
const tailOf = ({ p50, p90 }: { readonly p50: number; readonly p90: number }, deviation: number): number =>
  p50 * (p90 / p50) ** (deviation / DEVIATIONS.p90);

/** What a run takes there without a deadline, as the reason why it cannot keep the one given; null where that is not what it lacks. */
function unhurried(
  scenario: Scenario,
  question: ServeQuestion,
  job: TrainingJob,
  runsPerDay: number,
): Exclusion | null {
  const required = deadlineHoursOf(job, runsPerDay);
  const request = trainingRequestOf(question, job, runsPerDay, null);
  const estimate = asked(scenario, question, { ...request, deadlineDays: LONG_DAYS });
  if (estimate.status !== 'feasible') return null;
  const actual = (estimate.run.wallClockDays.p50 * HOURS_PER_DAY) / question.speed;
  if (actual <= required) return null;
  const { deviceName, devices } = estimate.cluster;
  return {
    constraint: 'deadline',
    detail: `No cluster of ${deviceName} to be had there ends a run within ${hours(required)}; ${devices} of them take ${hours(actual)}.`,
    required,
    actual,
    unit: 'h',
    examples: [question.device.device.id],
    count: 1,
  };
}
const LONG_DAYS = 3650;

/** Share of the month that the cluster works. */
const busyShare = ({ run }: FeasibleTraining, runsPerDay: number): number =>
  Math.min(1, (run.wallClockDays.p50 * HOURS_PER_DAY * runsPerDay * DAYS_PER_MONTH) / HOURS_PER_MONTH);

function trainingRequestOf(
  { stage, work, site, device, purchase, speed }: ServeQuestion,
  { deadlineHours: _deadline, ...data }: TrainingJob,
  runsPerDay: number,
  utilizationPercent: number | null,
): TrainingRequest {
  const { model, customLanguageModel, customVisionModel } = work.work;
  const { description } = site;
  const facts = {
    ...(description.pue !== undefined && { pue: description.pue }),
    ...(description.rackKilowatts !== undefined && { rackKilowatts: description.rackKilowatts }),
    ...(description.gridGramsCo2ePerKwh !== undefined && { gridGramsCo2ePerKwh: description.gridGramsCo2ePerKwh }),
  };
  const owned = {
    ...purchase.owned,
    ...(description.electricityUsdPerKwh !== undefined && { electricityUsdPerKwh: description.electricityUsdPerKwh }),
    ...(utilizationPercent !== null && { utilizationPercent }),
  };
  return {
    ...(model !== undefined && { model }),
    ...(customLanguageModel !== undefined && { customLanguageModel }),
    ...(customVisionModel !== undefined && { customVisionModel }),
    ...data,
    ...(device.custom === null ? { device: device.device.id } : { customDevice: device.custom }),
    deadlineDays: (deadlineHoursOf(stage.component.training ?? {}, runsPerDay) * speed) / HOURS_PER_DAY,
    location: site.region === null ? { country: site.country } : { region: site.region.id },
    purchase: purchase.category === 'owned' ? { ...purchase, owned } : purchase,
    // the machines of the runs alone: people and experiments are of no place
    run: { experimentsMultiple: 0 },
    people: { engineers: 0, preparationMonths: 0 },
    // what a run learned is kept until the next has learned more
    data: { checkpointsKept: 1, storageMonths: 1 / (runsPerDay * DAYS_PER_MONTH) },
    ...(Object.keys(facts).length > 0 && { site: facts }),
  };
}

function asked(scenario: Scenario, { work }: ServeQuestion, request: TrainingRequest): TrainingEstimate | NotServed {
  const key = JSON.stringify(request);
  const known = scenario.trainings.get(key);
  if (known !== undefined) return known;
  try {
    const estimate = estimateTraining(scenario.snapshot, request, scenario.at);
    scenario.trainings.set(key, estimate);
    return estimate;
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    const [missing] = error.faults.filter(({ rule }) => rule === 'figure_missing');
    if (missing !== undefined) return notServed('figure_missing', missing.detail);
    throw new RequestFaultError(
      error.faults.map((fault) => ({ ...fault, pointer: `${work.pointer}${fieldOfComponent(fault.pointer)}` })),
    );
  }
}

/** Where a field of the training estimate stands in a component. */
const fieldOfComponent = (pointer: string): string =>
  /^\/(model|customLanguageModel|customVisionModel)\b/.test(pointer)
    ? pointer
    : pointer === '/deadlineDays'
      ? '/training/deadlineHours'
      : `/training${pointer}`;

/** The bill of a run as many times as there are runs a month. */
const repeated = (items: readonly DraftItem[], runs: number, stage: string): DraftItem[] =>
  items.map((item) => ({
    ...item,
    id: `${stage}:${item.id}`,
    label: `${item.label}, ${Number(runs.toPrecision(3))} runs`,
    amount: price(runs, item.amount.amount, item.amount.currency),
    formula: `(${item.formula}) x runsPerMonth`,
    inputs: [
      ...item.inputs,
      { name: 'runsPerMonth', value: runs, unit: 'runs', source: 'requestsPerDay x 365 / 12', assumptionId: null },
    ],
    components: item.components.map(({ amount, factors }) => ({ amount: amount * runs, factors })),
  }));
