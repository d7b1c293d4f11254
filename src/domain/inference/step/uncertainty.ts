/** The band of each language-serving metric. */

import type { Device } from '../../devices/device.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { invertFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import type { ServingConfiguration, ServingEngine } from './configuration.ts';
import { kernelClass, llamaCppClass, measuredDeviceLevel, measuredPrefillLevel, PYTHON_ENGINES } from './efficiency.ts';
import { residualFactor } from './residuals.ts';

export type InferenceMetric = 'ttft' | 'tpot' | 'throughput' | 'memory' | 'decode_edge';

/** Kernel classes that serving measurements exist for. */
const MEASURED_KERNELS = ['hopper', 'blackwell', 'ampere', 'ada', 'blackwell_workstation'];

const WHAT: Readonly<Record<InferenceMetric, string>> = {
  ttft: 'Time to first token',
  tpot: 'Time per output token',
  throughput: 'Throughput at saturation',
  memory: 'KV cache capacity',
  decode_edge: 'Tokens per second of one stream',
};

const factors = new Map<string, UncertainFactor>();

/** Whether another model was measured on the device, or none. */
export const MEASURED_DEVICE = 'measured_device';
export const NEW_DEVICE = 'new_device';

/** Of decoding on single devices, down to the class; schedulers in Python vary more on a board than compiled ones. */
export const decodeResidualPath = (device: Device, engine: ServingEngine): string[] =>
  engine === 'llama_cpp'
    ? ['decode_edge', 'llama_cpp', llamaCppClass(device)]
    : ['decode_edge', 'server', kernelClass(device), PYTHON_ENGINES.has(engine) ? 'python' : 'compiled'];

/** Residual group for the seconds of reading prompts on single devices, down to the class of device. */
export const prefillResidualPath = (device: Device): string[] => ['prefill_edge', 'llama_cpp', llamaCppClass(device)];

/** The residual group of a configuration, from the metric down to the engine. */
export function residualPath(configuration: ServingConfiguration, metric: InferenceMetric): string[] {
  if (metric === 'memory') return ['memory'];
  const { device, engine, model } = configuration;
  const llamaCpp = engine === 'llama_cpp';
  if (llamaCpp && metric === 'ttft') {
    const known = measuredPrefillLevel(device, engine) !== null;
    return [...prefillResidualPath(device), known ? MEASURED_DEVICE : NEW_DEVICE];
  }
  if (metric === 'decode_edge' || llamaCpp) {
    const known = measuredDeviceLevel(device, engine) !== null;
    return [...decodeResidualPath(device, engine), known ? MEASURED_DEVICE : NEW_DEVICE];
  }
  const modelClass = model.mixtureOfExperts ? (model.attention.type === 'gqa' ? 'moe' : 'moe_mla') : 'dense';
  return [metric, modelClass, kernelClass(device), engine];
}

/**
 * Quantiles of measured / predicted: times for ttft and tpot, rates for throughput and decode_edge, bytes for memory.
 * Time per token of a llama.cpp configuration gets the inverted band of its decode rate, time to first token that of reading prompts.
 */
export function uncertainty(configuration: ServingConfiguration, metric: InferenceMetric): UncertainFactor {
  const path = residualPath(configuration, metric);
  const inverted = path[0] === 'decode_edge' && (metric === 'tpot' || metric === 'ttft');
  const known = path[0] === 'memory' || isMeasured(configuration, path[0] as string);
  const key = `${inverted ? 'inverse/' : ''}${known ? '' : 'unseen/'}${path.join('/')}`;
  let factor = factors.get(key);
  if (!factor) {
    const rate = residualFactor(path, known, WHAT[metric]);
    // one object per group: items that share it move together in totals
    factor = inverted ? invertFactor(rate) : rate;
    factors.set(key, factor);
  }
  return factor;
}

/** The kind of attention or layer that no measured server had, in words; null where there are measurements. */
export function unmeasuredKind({ attention, layerPattern, stateSpace }: LanguageArchitecture): string | null {
  if (attention.type === 'compressed') return 'attention over merged tokens';
  if (stateSpace) return 'state-space layers';
  if (layerPattern.cross !== undefined) return 'layers that attend to images alone';
  return attention.type === 'gqa' && attention.sparse ? 'attention to selected blocks' : null;
}

function isMeasured({ model, device, engine }: ServingConfiguration, metric: string): boolean {
  if (unmeasuredKind(model) !== null) return false;
  const kernel = kernelClass(device);
  if (metric === 'prefill_edge') return kernel !== 'jetson' && kernel !== 'cpu';
  if (metric !== 'decode_edge') return MEASURED_KERNELS.includes(kernel);
  // decoding was measured on every class that llama.cpp and its like run on
  return engine === 'llama_cpp' || kernel === 'jetson' || MEASURED_KERNELS.includes(kernel);
}
