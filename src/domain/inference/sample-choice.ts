/** Devices for a model that works by the sample, compared by cost. */
import type { Device } from '../devices/device.ts';
import type { Exclusion, RelaxationAdvice } from '../estimate/answer.ts';
import type { HardwarePricing, HardwareQuote } from '../estimate/hardware-pricing.ts';
import { anchorsOfCohort } from './sample-calibration.ts';
import { type SampleRates, type SampleReplicaPlan, sampleDevicesFor } from './sample-load.ts';
import { type SampleFormat, type SampleModel, type SampleServing, sampleServing } from './sample-serving.ts';
import type { Load } from './workload.ts';

export interface SampleQuestion {
  readonly model: SampleModel;
  /** Null: the first of the model's formats that the device runs. */
  readonly format: SampleFormat | null;
  readonly load: Load;
  readonly pricing: HardwarePricing;
}

export interface SampleChoice {
  readonly device: Device;
  readonly serving: SampleServing;
  readonly plan: SampleReplicaPlan;
  /** Spares included. */
  readonly devices: number;
  readonly quote: HardwareQuote;
  readonly relaxation: RelaxationAdvice | null;
}

const MOST_EXAMPLES = 5;

/** Cheapest first; what was left out grouped by reason. */
export function compareForSamples(
  devices: readonly Device[],
  question: SampleQuestion,
): { readonly choices: readonly SampleChoice[]; readonly exclusions: readonly Exclusion[] } {
  const choices: SampleChoice[] = [];
  const groups = new Map<string, Exclusion>();
  const anchors = anchorsOfCohort(question.model.cohort);
  const exclude = (device: Device, exclusion: Omit<Exclusion, 'examples' | 'count'>): void => {
    const group = groups.get(exclusion.constraint) ?? { ...exclusion, examples: [], count: 0 };
    const examples = group.examples.length < MOST_EXAMPLES ? [...group.examples, device.id] : group.examples;
    groups.set(exclusion.constraint, { ...group, examples, count: group.count + 1 });
  };
  for (const device of devices) {
    const { load, pricing, model, format } = question;
    if (pricing.quote(device, 1, 1) === null) {
      // with every device in question, those without a price here are no news
      if (devices.length === 1) exclude(device, notOffered(device));
      continue;
    }
    const serving = sampleServing(model, device, format, anchors);
    if (serving.status === 'refused') {
      const [refusal] = serving.refusals;
      exclude(device, {
        constraint: refusal?.code ?? 'figure_missing',
        detail: `${device.name}: ${refusal?.message ?? 'no figure supports an estimate.'}`,
        required: refusal?.required ?? null,
        actual: refusal?.actual ?? null,
        unit: refusal?.unit ?? null,
      });
      continue;
    }
    const objectives = {
      latencyP95Seconds: load.objectives.endToEndP95Seconds,
      maxUtilization: load.objectives.maxUtilization,
    };
    const rates = expectedRates(serving);
    const plan = sampleDevicesFor(rates, load.arrivals, objectives, load.spareReplicas);
    if (plan.devices === null) {
      exclude(device, {
        constraint: 'end_to_end_p95',
        detail: `${device.name}: ${plan.reasons[0] ?? 'even an idle device misses the latency objective.'}`,
        required: objectives.latencyP95Seconds,
        actual: plan.perDevice.latencySeconds.p95,
        unit: 's',
      });
      continue;
    }
    const quote = pricing.quote(device, plan.devices, 1);
    if (quote === null) exclude(device, notOffered(device));
    else
      choices.push({
        device,
        serving,
        plan,
        devices: plan.devices,
        quote,
        relaxation: relaxation(rates, plan, load),
      });
  }
  choices.sort((a, b) => a.quote.usdPerHour - b.quote.usdPerHour || (a.device.id < b.device.id ? -1 : 1));
  return { choices, exclusions: [...groups.values()].sort((a, b) => b.count - a.count) };
}

/** Rate and latency at the median of measured over predicted: what the answer reports, and what objectives are held against. */
export function expectedRates(serving: SampleServing): SampleRates {
  const samplesPerSecond = serving.samplesPerSecond * serving.throughputUncertainty.p50;
  const singleStreamSeconds = serving.singleStreamSeconds * serving.latencyUncertainty.p50;
  // a pipeline may be faster than one sample at a time, never slower
  return { samplesPerSecond, singleStreamSeconds: Math.max(singleStreamSeconds, 1 / samplesPerSecond) };
}

const notOffered = (device: Device): Omit<Exclusion, 'examples' | 'count'> => ({
  constraint: 'not_offered',
  detail: `${device.name} has no price at this place and on these terms.`,
  required: null,
  actual: null,
  unit: null,
});

/** The least utilization cap, or latency, at which one device fewer does; null where that is out of reach. */
function relaxation(serving: SampleRates, plan: SampleReplicaPlan, load: Load): RelaxationAdvice | null {
  const servingDevices = (plan.devices ?? 0) - load.spareReplicas;
  if (servingDevices <= 1) return null;
  const { arrivals, objectives } = load;
  if (plan.bindingConstraint === 'utilization_cap') {
    const cap = Math.ceil((arrivals.requestsPerSecond / (servingDevices - 1) / serving.samplesPerSecond) * 1e4) / 1e4;
    if (cap > MOST_UTILIZATION) return null;
    return {
      field: '/objectives/maxUtilization',
      from: objectives.maxUtilization,
      to: cap,
      effect: 'saves one device',
    };
  }
  const from = objectives.endToEndP95Seconds;
  if (from === null) return null;
  for (let factor = 1.05; factor <= 4; factor *= 1.05) {
    const latencyP95Seconds = from * factor;
    const { maxUtilization } = objectives;
    const wider = sampleDevicesFor(serving, arrivals, { latencyP95Seconds, maxUtilization }, load.spareReplicas);
    if (wider.devices !== null && wider.devices < (plan.devices ?? 0)) {
      return {
        field: '/objectives/endToEndMsP95',
        from: from * 1000,
        to: Math.ceil(latencyP95Seconds * 1000),
        effect: `saves ${(plan.devices ?? 0) - wider.devices} device(s)`,
      };
    }
  }
  return null;
}

/** The request allows no more. */
const MOST_UTILIZATION = 0.95;
