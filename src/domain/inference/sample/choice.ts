/** Devices for a model that works by the sample, compared by cost. */
import type { Device } from '../../devices/device.ts';
import type { Exclusion } from '../../estimate/answer.ts';
import { groupedExclusions, mostFrequentFirst, type Reason } from '../../estimate/exclusion.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import { named } from '../../estimate/words.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import type { AskedDevice } from '../asked-device.ts';
import { limitsOn } from '../latency-objectives.ts';
import { withLimit } from '../load/replicas.ts';
import { type OwnSampleMeasurement, withOwnMeasurements } from '../measured/own-samples.ts';
import type { Refusal } from '../step/results.ts';
import type { Load } from '../workload.ts';
import { anchorsOfCohort } from './calibration.ts';
import {
  type SampleRates,
  type SampleReplicaPlan,
  sampleDevicesFor,
  sampleLatencyUnderLoad,
  worstLimit,
} from './load.ts';
import { inMode } from './power-mode.ts';
import { type SampleFormat, type SampleModel, type SampleServing, sampleServing } from './serving.ts';

export interface SampleQuestion {
  readonly model: SampleModel;
  /** Null: the first of the model's formats that the device runs. */
  readonly format: SampleFormat | null;
  readonly load: Load;
  readonly pricing: HardwarePricing;
  /** The caller's own, where there are any. */
  readonly own?: readonly OwnSampleMeasurement[];
  /** The device that the caller named, where it runs in a power mode. */
  readonly asked?: AskedDevice | null;
}

export interface SampleChoice {
  readonly device: Device;
  readonly serving: SampleServing;
  /** The same before the caller's own measurements. */
  readonly beforeOwn: SampleServing;
  readonly plan: SampleReplicaPlan;
  /** Spares included. */
  readonly devices: number;
  readonly quote: HardwareQuote;
  readonly loosened: LoosenedLimit | null;
}

/** A limit of the request, in its units, and the fewer devices that do once it is looser. */
interface LoosenedLimit {
  readonly field: string;
  readonly from: number;
  readonly to: number;
  readonly devices: number;
  readonly quote: HardwareQuote;
}

export type SampleRejection =
  | { readonly device: Device; readonly kind: 'refused'; readonly refusals: readonly Refusal[] }
  | { readonly device: Device; readonly kind: 'objective_missed'; readonly plan: SampleReplicaPlan }
  | { readonly device: Device; readonly kind: 'no_price' };

export interface SampleComparison {
  /** Cheapest first. */
  readonly choices: readonly SampleChoice[];
  readonly rejections: readonly SampleRejection[];
}

export const isSampleChoice = (outcome: SampleChoice | SampleRejection): outcome is SampleChoice => 'quote' in outcome;

export function compareForSamples(devices: readonly Device[], question: SampleQuestion): SampleComparison {
  const choices: SampleChoice[] = [];
  const rejections: SampleRejection[] = [];
  for (const device of devices) {
    const outcome = sampleOnDevice(device, question);
    if (isSampleChoice(outcome)) choices.push(outcome);
    else rejections.push(outcome);
  }
  choices.sort((a, b) => a.quote.usdPerHour - b.quote.usdPerHour || (a.device.id < b.device.id ? -1 : 1));
  return { choices, rejections };
}

/** The fewest of one device that carry the load, or why none do. */
export function sampleOnDevice(device: Device, question: SampleQuestion): SampleChoice | SampleRejection {
  const { load, pricing, model, format } = question;
  const asked = question.asked?.device === device ? question.asked : null;
  const known = sampleServing(model, asked?.full ?? device, format, anchorsOfCohort(model.cohort));
  if (known.status === 'refused') return { device, kind: 'refused', refusals: known.refusals };
  const inItsMode = asked === null || asked.mode === null ? known : inMode(asked.full, known, asked.mode);
  const serving = withOwnMeasurements(device, inItsMode, model, question.own ?? []);
  const rates = expectedRates(serving);
  const plan = sampleDevicesFor(rates, load.arrivals, load.objectives, load.spareReplicas);
  const { devices } = plan;
  if (devices === null) return { device, kind: 'objective_missed', plan };
  const quote = pricing.quote(device, devices, 1);
  if (quote === null) return { device, kind: 'no_price' };
  const loosened = loosenedLimit(rates, plan, question, device);
  return { device, serving, beforeOwn: inItsMode, plan, devices, quote, loosened };
}

/** What was left out, grouped by reason, most frequent first. @param place how and where it was asked for, in words */
export function sampleExclusions(rejections: readonly SampleRejection[], place: string): Exclusion[] {
  // what misses the objective by least stands for the rest
  return groupedExclusions(
    [...rejections]
      .sort((a, b) => reachedBy(a) - reachedBy(b))
      .map((rejection) => [rejection.device.id, reasonOf(rejection, place)] as const),
  ).sort(mostFrequentFirst);
}

const reachedBy = (rejection: SampleRejection): number =>
  rejection.kind === 'objective_missed' ? Math.min(missedBy(rejection.plan), Number.MAX_VALUE) : 0;

/** What an idle device takes at the percentile of the limit that it misses, seconds. */
export const missedBy = ({ missed, perDevice }: SampleReplicaPlan): number =>
  perDevice.latencySeconds[missed?.percentile ?? 'p95'];

function reasonOf(rejection: SampleRejection, place: string): Reason {
  const { name } = rejection.device;
  switch (rejection.kind) {
    case 'no_price':
      return {
        constraint: 'not_offered',
        detail: `${name} has no price ${place}.`,
        required: null,
        actual: null,
        unit: null,
      };
    case 'refused': {
      const [refusal] = rejection.refusals;
      return {
        constraint: refusal?.code ?? 'figure_missing',
        detail: named(name, refusal?.message ?? 'no figure supports an estimate.'),
        required: refusal?.required ?? null,
        actual: refusal?.actual ?? null,
        unit: refusal?.unit ?? null,
      };
    }
    case 'objective_missed': {
      const { missed, reasons } = rejection.plan;
      return {
        constraint: missed?.objective ?? 'end_to_end_p95',
        detail: named(name, reasons[0] ?? 'even an idle device misses the latency objective.'),
        required: missed === null ? null : missed.seconds * MILLISECONDS_PER_SECOND,
        actual: missedBy(rejection.plan) * MILLISECONDS_PER_SECOND,
        unit: 'ms',
      };
    }
  }
}

/** Rate and latency at the median of measured over predicted: what the answer reports, and what objectives are held against. */
export function expectedRates(serving: SampleServing): SampleRates {
  const samplesPerSecond = serving.samplesPerSecond * serving.throughputUncertainty.p50;
  const singleStreamSeconds = serving.singleStreamSeconds * serving.latencyUncertainty.p50;
  // a pipeline may be faster than one sample at a time, never slower
  return { samplesPerSecond, singleStreamSeconds: Math.max(singleStreamSeconds, 1 / samplesPerSecond) };
}

/** The least utilization cap, or latency, at which fewer devices do; null where that is out of reach. */
function loosenedLimit(
  rates: SampleRates,
  plan: SampleReplicaPlan,
  { load, pricing }: SampleQuestion,
  device: Device,
): LoosenedLimit | null {
  const devices = plan.devices ?? 0;
  const servingDevices = devices - load.spareReplicas;
  if (servingDevices <= 1) return null;
  const { arrivals, objectives } = load;
  const servedBy = (fewer: number): Pick<LoosenedLimit, 'devices' | 'quote'> | null => {
    const quote = pricing.quote(device, fewer, 1);
    return quote === null ? null : { devices: fewer, quote };
  };
  if (plan.bindingConstraint === 'utilization_cap') {
    const cap = Math.ceil((arrivals.requestsPerSecond / (servingDevices - 1) / rates.samplesPerSecond) * 1e4) / 1e4;
    const fewer = cap > MOST_UTILIZATION ? null : servedBy(devices - 1);
    return fewer === null
      ? null
      : { field: '/objectives/maxUtilization', from: objectives.maxUtilization, to: cap, ...fewer };
  }
  const fewer = { ...arrivals, requestsPerSecond: arrivals.requestsPerSecond / (servingDevices - 1) };
  const limits = limitsOn(objectives.latency, 'end_to_end');
  const binding = worstLimit(limits, sampleLatencyUnderLoad(rates, fewer).latencySeconds);
  if (binding === undefined) return null;
  const from = binding.seconds;
  for (let factor = 1.05; factor <= 4; factor *= 1.05) {
    const to = Math.ceil(from * factor * MILLISECONDS_PER_SECOND);
    const loosened = withLimit(objectives, binding.objective, to / MILLISECONDS_PER_SECOND);
    const wider = sampleDevicesFor(rates, arrivals, loosened, load.spareReplicas);
    if (wider.devices === null || wider.devices >= devices) continue;
    const served = servedBy(wider.devices);
    if (served !== null) {
      return { field: `/objectives/${binding.field}`, from: from * MILLISECONDS_PER_SECOND, to, ...served };
    }
  }
  return null;
}

/** The request allows no more. */
const MOST_UTILIZATION = 0.95;
