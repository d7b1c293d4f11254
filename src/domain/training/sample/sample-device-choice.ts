/** Devices and cluster sizes for training counted in samples, compared by cost or by time. */
import type { Device } from '../../devices/device.ts';
import { inferenceOnlyInWords, isInferenceOnly } from '../../devices/inference-only.ts';
import { exactly } from '../../economics/assumption.ts';
import type { Exclusion } from '../../estimate/answer.ts';
import { groupedExclusions, type Reason } from '../../estimate/exclusion.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import { HOURS_PER_DAY, SECONDS_PER_HOUR } from '../../units.ts';
import { clusterOf } from '../cluster.ts';
import { DEFAULT_DEADLINE_DAYS, defaultPrecision } from '../defaults.ts';
import type { TrainingRequest } from '../request.ts';
import type { SampleTraining } from '../results.ts';
import { budgetOf } from '../run/plan.ts';
import { runHardwareUsd } from '../run/run-hardware.ts';
import { hasBudget, LEAST_SPEEDUP, withinBudget } from '../run/run-size.ts';
import type { Cluster } from '../workload.ts';
import type { SampleTask } from './sample-task.ts';

export interface SampleTrainingChoice {
  readonly device: Device;
  readonly cluster: Cluster;
  readonly training: SampleTraining;
  readonly quote: HardwareQuote;
  readonly wallClockHours: number;
  readonly computeUsd: number;
}

export interface SampleComparison {
  readonly choices: readonly SampleTrainingChoice[];
  readonly rejections: readonly SampleRejection[];
  /** Without any price at the place and on the terms asked for. */
  readonly unpriced: readonly Device[];
}

interface SampleRejection {
  readonly device: Device;
  readonly exclusion: Reason;
  /** What it takes on the size that comes nearest; null where it cannot be trained. */
  readonly nearest: { readonly days: number; readonly usd: number; readonly deviceHours: number } | null;
}

/** Wall-clock to expect over clean hours: stages, failures, evaluation, and how far runs were from the prediction. */
export type Overhead = (cluster: Cluster, training: SampleTraining) => number;

const LARGEST_CLUSTER_DEVICES = 4096;

/**
 * Cheapest first, or the fastest where that is the objective. Where the request gives no size, the smallest of one node and
 * its doublings that keeps the deadline, or the fastest that the budget pays for.
 */
export function compareForSampleTraining(
  devices: readonly Device[],
  task: SampleTask,
  request: TrainingRequest,
  pricing: HardwarePricing,
  overhead: Overhead,
): SampleComparison {
  const choices: SampleTrainingChoice[] = [];
  const rejections: SampleRejection[] = [];
  const unpriced: Device[] = [];
  const named = devices.length === 1;
  for (const device of devices) {
    if (!named && (device.class === 'edge' || device.class === 'cpu' || isInferenceOnly(device))) continue;
    if (pricing.quote(device, 1, 1) === null) {
      unpriced.push(device);
      continue;
    }
    const outcome = onDevice(device, task, request, pricing, overhead);
    if ('quote' in outcome) choices.push(outcome);
    else rejections.push(outcome);
  }
  const fastest = request.cluster?.objective === 'fastest';
  const rank = ({ wallClockHours, computeUsd }: SampleTrainingChoice) => (fastest ? wallClockHours : computeUsd);
  choices.sort((a, b) => rank(a) - rank(b) || (a.device.id < b.device.id ? -1 : 1));
  return { choices, rejections, unpriced };
}

type Timed = Omit<SampleTrainingChoice, 'device'>;

function onDevice(
  device: Device,
  task: SampleTask,
  request: TrainingRequest,
  pricing: HardwarePricing,
  overhead: Overhead,
): SampleTrainingChoice | SampleRejection {
  const deadlineHours = (request.deadlineDays ?? DEFAULT_DEADLINE_DAYS.value) * HOURS_PER_DAY;
  const fastest = request.cluster?.objective === 'fastest';
  const budget = budgetOf(request);
  const timed = (devices: number): Timed | SampleRejection => {
    const fabric = request.cluster?.fabric;
    const cluster = clusterOf(device, devices, fabric === undefined ? {} : { fabric });
    return timeOn(cluster, task, request, pricing, overhead);
  };
  const affords = ({ quote, wallClockHours, computeUsd }: Timed) =>
    withinBudget(budget, { usd: computeUsd, deviceHours: quote.devicesPaid * wallClockHours });
  let best: Timed | null = null;
  let refused: SampleRejection | null = null;
  for (const size of sizes(device, request)) {
    const outcome = timed(size);
    if (!('quote' in outcome)) {
      refused ??= outcome;
      if (best !== null) break;
      continue;
    }
    if (best !== null && (!affords(outcome) || outcome.wallClockHours * LEAST_SPEEDUP > best.wallClockHours)) break;
    best = outcome;
    if (fastest ? outcome.wallClockHours <= 1 : outcome.wallClockHours <= deadlineHours) break;
  }
  if (best === null) return refused as SampleRejection;
  const { cluster, quote, wallClockHours, computeUsd } = best;
  const deviceHours = quote.devicesPaid * wallClockHours;
  const nearest = { days: wallClockHours / HOURS_PER_DAY, usd: computeUsd, deviceHours };
  if (request.deadlineDays !== undefined && nearest.days > request.deadlineDays) {
    const detail = `${device.name}: ${cluster.devices} devices take ${nearest.days.toPrecision(3)} days.`;
    const figures = { required: request.deadlineDays, actual: nearest.days, unit: 'days' };
    return { device, nearest, exclusion: { constraint: 'deadline', detail, ...figures } };
  }
  if (hasBudget(budget) && !affords(best)) {
    const byMoney = request.budgetUsd !== undefined && computeUsd > Number(request.budgetUsd);
    const detail = `${device.name}: the hardware of the run takes more than the budget.`;
    const figures = byMoney
      ? { required: Number(request.budgetUsd), actual: computeUsd, unit: 'USD' }
      : { required: request.budgetDeviceHours ?? null, actual: deviceHours, unit: 'device-hours' };
    return { device, nearest, exclusion: { constraint: 'budget', detail, ...figures } };
  }
  return { device, ...best };
}

function sizes(device: Device, { cluster }: TrainingRequest): number[] {
  if (cluster?.devices !== undefined) return [cluster.devices];
  const all: number[] = [];
  for (let size = Math.max(1, device.devicesPerNode); size <= LARGEST_CLUSTER_DEVICES; size *= 2) all.push(size);
  return all;
}

function timeOn(
  cluster: Cluster,
  task: SampleTask,
  request: TrainingRequest,
  pricing: HardwarePricing,
  overhead: Overhead,
): Timed | SampleRejection {
  const { device, devices, devicesPerNode } = cluster;
  const rejected = (exclusion: SampleRejection['exclusion']): SampleRejection => ({ device, exclusion, nearest: null });
  const none = { required: null, actual: null, unit: null };
  if (isInferenceOnly(device)) {
    return rejected({ constraint: 'inference_only', detail: inferenceOnlyInWords(device), ...none });
  }
  const quote = pricing.quote(device, devices, Math.min(devices, devicesPerNode));
  if (quote === null) {
    const detail = `${device.name} has no price for ${devices} devices at this place and on these terms.`;
    return rejected({ constraint: 'not_offered', detail, ...none });
  }
  const training = task.train(cluster, request.precision ?? defaultPrecision(device).value);
  if (training.status === 'refused') {
    const [refusal] = training.refusals;
    return rejected({
      constraint: refusal?.code ?? 'figure_missing',
      detail: `${device.name}: ${refusal?.message ?? 'no figure supports an estimate.'}`,
      required: refusal?.required ?? null,
      actual: refusal?.actual ?? null,
      unit: refusal?.unit ?? null,
    });
  }
  if (!training.fits) {
    return rejected({
      constraint: 'memory',
      detail: `${device.name}: the model with its training states does not fit in device memory.`,
      required: training.memoryBytes,
      actual: device.memoryBytes,
      unit: 'bytes',
    });
  }
  const wallClockHours = (training.secondsTotal / SECONDS_PER_HOUR) * overhead(cluster, training);
  const powered = {
    request,
    pricing,
    quote,
    device,
    devicesHeld: devices,
    deviceHours: exactly(devices * wallClockHours, 'device-hours'),
    utilization: 1,
    clustered: devices > devicesPerNode,
  };
  return { cluster, training, quote, wallClockHours, computeUsd: runHardwareUsd(powered, wallClockHours) };
}

/** What was left out, by reason, the most frequent first. */
export const sampleExclusions = (rejections: readonly SampleRejection[]): Exclusion[] =>
  groupedExclusions(rejections.map(({ device, exclusion }) => [device.id, exclusion] as const)).sort(
    (a, b) => b.count - a.count,
  );
