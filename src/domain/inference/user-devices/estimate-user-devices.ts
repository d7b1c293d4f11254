/** The whole answer for a model on the devices of its users: one device with its share of the requests, and nothing on the bill. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { isPhone } from '../../devices/phone.ts';
import { AssumptionLog, exactly, type Quantity } from '../../economics/assumption.ts';
import { lineItem } from '../../economics/line-item.ts';
import type { RelaxationAdvice } from '../../estimate/answer.ts';
import { namedDevice } from '../../estimate/named-device.ts';
import { refuse } from '../../estimate/request-fault.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import { milliseconds, significant, thousands } from '../../estimate/words.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { invertFactor, type UncertainValue } from '../../uncertainty/band.ts';
import { uncertainValue } from '../../uncertainty/uncertain-value.ts';
import { GB, GIB, MILLISECONDS_PER_SECOND, SECONDS_PER_DAY, SECONDS_PER_HOUR } from '../../units.ts';
import type { FeasibleInference, InfeasibleInference, InferenceEstimate, OnDeviceReport } from '../estimate-result.ts';
import { estimateLanguage } from '../language/estimate-language.ts';
import { unitCosts } from '../monthly-costs.ts';
import type { InferenceRequest } from '../request.ts';
import {
  type AppMemory,
  appMemory,
  batteryOf,
  devicesOf,
  refuseWithUserDevices,
  type UserDevices,
  wattsOf,
} from './user-devices.ts';

/** The weight format that most apps ship: 16-bit weights of useful models do not fit on phones. */
const SHIPPED_FORMAT = 'int4';

/**
 * @param advises whether changes are looked for where it does not fit; a change that is tried out looks for no further one
 * @throws RequestFaultError for fields that make no sense on devices of users, and for more requests than a device can answer.
 */
export function estimateOnUserDevices(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  model: NamedModel<LanguageArchitecture>,
  at: string,
  advises = true,
): InferenceEstimate {
  refuseWithUserDevices(request);
  const asked = request.userDevices ?? {};
  const free = { usdPerDeviceHour: '0' } as const;
  const device = namedDevice(snapshot, { ...request, purchase: free });
  if (device === null) throw new Error('A device was named.');
  const log = new AssumptionLog();
  const count = devicesOf(request, log);
  const memory = appMemory(device, asked, log);
  const requestsPerDevice = request.requestsPerDay / count;
  const inner = estimateLanguage(
    snapshot,
    {
      ...request,
      requestsPerDay: requestsPerDevice,
      purchase: free,
      objectives: { maxUtilization: MOST_BUSY, ...request.objectives, spareReplicas: 0 },
      serving: {
        weightFormat: SHIPPED_FORMAT,
        maxSequences: 1,
        ...request.serving,
        // the memory is already reduced to what the app may take, and the runtime uses all of that
        memoryUtilization: request.serving?.memoryUtilization ?? 1,
      },
    },
    model,
    at,
  );
  if (request.serving?.weightFormat === undefined) {
    log.add({
      id: 'serving.weightFormat',
      field: '/serving/weightFormat',
      value: SHIPPED_FORMAT,
      unit: null,
      range: null,
      source: 'what the runtimes of phones and laptops ship: Genie w4a16, LiteRT and MLX 4 bits, llama.cpp Q4_K_M',
      reason: 'Four bits fit and stream fastest; they may cost accuracy.',
    });
  }
  const assumptions = () => [...log.list(), ...inner.assumptions.filter(({ id }) => !/^(scaling|energy)\./.test(id))];
  const workload = {
    ...inner.workload,
    requestsPerDay: request.requestsPerDay,
    peakRequestsPerSecond: inner.workload.peakRequestsPerSecond * count,
  };
  if (inner.status === 'infeasible') {
    const summary = memory === null ? inner.summary : `${inner.summary} ${memoryInWords(device, memory)}`;
    const relaxation =
      memory === null || !advises ? null : moreMemory(snapshot, request, model, at, device, inner, memory);
    return { ...inner, summary, workload, relaxation, assumptions: assumptions() };
  }
  if (inner.deployment.devices > 1) refuseOverload(inner, request, count);
  const report = onDevice(inner, device, asked, memory, count, requestsPerDevice, log);
  return answerOf(inner, workload, report, count, request, assumptions());
}

/** A device with one user may be busy for most of the peak hour. */
const MOST_BUSY = 0.95;

/** Sizes of memory that phones and computers are sold with, GiB. */
const SOLD_GIB = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512];
/** Larger phones are not sold. */
const MOST_PHONE_GIB = 24;
/** The most that a system has been seen to leave one app. */
const MOST_APP_PERCENT = 75;

/** The smallest share of the memory, or size of it, that the model fits into; asked again with it. */
function moreMemory(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  model: NamedModel<LanguageArchitecture>,
  at: string,
  device: Device,
  { reasons }: InfeasibleInference,
  { appBytes, deviceBytes }: AppMemory,
): RelaxationAdvice | null {
  const needed = reasons.find(({ constraint }) => constraint === 'memory')?.required ?? null;
  if (needed === null) return null;
  const percent = (100 * appBytes) / deviceBytes;
  const share = Math.ceil((100 * needed) / deviceBytes);
  const sizes = SOLD_GIB.filter((gib) => !isPhone(device) || gib <= MOST_PHONE_GIB);
  const size = sizes.find((gib) => (gib * GIB * percent) / 100 >= needed);
  const changes = [
    ...(share <= MOST_APP_PERCENT
      ? [{ name: 'appMemoryPercent', from: percent, to: share, effect: SHARE_EFFECT } as const]
      : []),
    ...(size === undefined
      ? []
      : [{ name: 'memoryGib', from: deviceBytes / GIB, to: size, effect: SIZE_EFFECT } as const]),
  ];
  for (const { name, from, to, effect } of changes) {
    const changed = { ...request, userDevices: { ...request.userDevices, [name]: to } };
    if (estimateOnUserDevices(snapshot, changed, model, at, false).status !== 'feasible') continue;
    return { field: `/userDevices/${name}`, from, to, effect };
  }
  return null;
}

const SHARE_EFFECT =
  'The model fits where the system lets the app take so much: on an iPhone, with the increased-memory-limit entitlement.';
const SIZE_EFFECT = 'The model fits on devices with so much memory.';

const memoryInWords = ({ name }: Device, { appBytes, deviceBytes }: AppMemory): string =>
  `An app may take ${significant(appBytes / GIB)} of the ${significant(deviceBytes / GIB)} GiB of ${name}.`;

function refuseOverload({ performance }: FeasibleInference, { requestsPerDay }: InferenceRequest, count: number): void {
  if (performance.kind !== 'language') return;
  const perDevice = performance.saturationRequestsPerSecondPerReplica.p50 * SECONDS_PER_DAY;
  refuse(
    '/userDevices/count',
    'minimum',
    `${thousands(count)} devices would have to answer ${thousands(Math.ceil(requestsPerDay / count))} requests a day each; one answers ${thousands(Math.floor(perDevice))} at most, working all day. Count at least ${thousands(Math.ceil((4 * requestsPerDay) / perDevice))}.`,
  );
}

function onDevice(
  { performance, memory: used }: FeasibleInference,
  device: Device,
  asked: UserDevices,
  memory: AppMemory | null,
  count: number,
  requestsPerDay: number,
  log: AssumptionLog,
): OnDeviceReport {
  if (performance.kind !== 'language' || used === null) throw new Error('A language model has language figures.');
  const token = performance.timePerOutputTokenMs.p50;
  const answer = performance.endToEndMs.p50;
  const seconds: UncertainValue = {
    p10: answer.p10 / MILLISECONDS_PER_SECOND,
    p50: answer.p50 / MILLISECONDS_PER_SECOND,
    p90: answer.p90 / MILLISECONDS_PER_SECOND,
    basis: answer.basis,
  };
  const watts = wattsOf(device, asked, log);
  const joules = watts === null ? null : times(seconds, watts);
  const battery = joules === null ? null : batteryOf(device, asked, log);
  const percent =
    watts === null || battery === null
      ? null
      : times(seconds, watts, {
          ...battery,
          value: 100 / (battery.value * SECONDS_PER_HOUR),
          factors: battery.factors.map(invertFactor),
        });
  return {
    devices: count,
    requestsPerDevicePerDay: requestsPerDay,
    memoryOfDeviceBytes: memory?.deviceBytes ?? used.capacityBytes,
    memoryForAppBytes: used.capacityBytes,
    memoryNeededBytes: used.capacityBytes - used.headroomBytes,
    outputTokensPerSecond: {
      p10: MILLISECONDS_PER_SECOND / token.p90,
      p50: MILLISECONDS_PER_SECOND / token.p50,
      p90: MILLISECONDS_PER_SECOND / token.p10,
      basis: token.basis,
    },
    answerSeconds: seconds,
    energyPerAnswerJoules: joules,
    batteryPercentPerAnswer: percent,
    batteryPercentPerDay: percent === null ? null : scaled(percent, requestsPerDay),
    downloadGigabytes: used.weightsBytes / GB,
    heat: isPhone(device) ? PHONES_THROTTLE : null,
  };
}

const PHONES_THROTTLE =
  'Figures are of a cool phone. Asked without pause it slows down: an iPhone 16 Pro fell from 40 to 23 tokens/s within eight answers, a Galaxy S24 Ultra stopped its graphics unit after five (arXiv 2603.23640); the neural unit of a Galaxy S25 Ultra held its rate for ten minutes.';

/** A figure with a band times one or two that have ranges. */
const times = ({ p10, p50, p90, basis }: UncertainValue, ...quantities: readonly Quantity[]): UncertainValue =>
  uncertainValue(
    quantities.reduce((product, { value }) => product * value, p50),
    [{ p10: p10 / p50, p50: 1, p90: p90 / p50, basis }, ...quantities.flatMap(({ factors }) => factors)],
  );

const scaled = ({ p10, p50, p90, basis }: UncertainValue, by: number): UncertainValue => ({
  p10: p10 * by,
  p50: p50 * by,
  p90: p90 * by,
  basis,
});

function answerOf(
  inner: FeasibleInference,
  workload: FeasibleInference['workload'],
  onDevice: OnDeviceReport,
  count: number,
  { requestsPerDay }: InferenceRequest,
  assumptions: FeasibleInference['assumptions'],
): FeasibleInference {
  const free = lineItem({
    id: 'user_devices',
    label: 'Devices of the users, who buy and charge them',
    category: 'compute',
    formula: 'devices x price to the operator',
    quantity: count,
    unitAmount: '0',
    currency: 'USD',
    inputs: {
      devices: exactly(count, 'devices'),
      priceToTheOperator: exactly(0, 'USD per device', 'the devices belong to their users'),
    },
  });
  const costs = unitCosts([free], requestsPerDay, null);
  const nothing = costs.costPerRequest;
  return {
    ...inner,
    ...costs,
    costPerMillionTokens: nothing,
    costPerMillionOutputTokens: nothing,
    summary: summaryOf(inner, onDevice),
    workload,
    deployment: { ...inner.deployment, servingReplicas: count, devices: count, devicesPaid: 0, ownership: 'users' },
    selection: { ...inner.selection, rule: 'The device of the users was named; its best configuration was taken.' },
    energyPerMonth: null,
    racks: null,
    coldStart: null,
    onDevice,
    assumptions,
    prices: [],
  };
}

function summaryOf({ workload, deployment, performance }: FeasibleInference, report: OnDeviceReport): string {
  if (performance.kind !== 'language') throw new Error('A language model has language figures.');
  const { outputTokensPerSecond: rate, answerSeconds, batteryPercentPerAnswer: battery } = report;
  const power =
    battery === null
      ? ''
      : ` An answer takes ${significant(battery.p50)} % of the battery (${significant(battery.p10)} to ${significant(battery.p90)}).`;
  return (
    `${workload.modelName} in ${deployment.weightFormat} on the users' own ${deployment.deviceName}: ${significant(rate.p50)} tokens/s (${significant(rate.p10)} to ${significant(rate.p90)}), ` +
    `first token after ${milliseconds(performance.ttftMs.p50.p50)}, ${significant(answerSeconds.p50)} s an answer. ` +
    `It needs ${significant(report.memoryNeededBytes / GIB)} of the ${significant(report.memoryForAppBytes / GIB)} GiB that an app may take.${power} ` +
    'The devices cost their operator nothing.'
  );
}
