/** Configurations worth trying on a device: the published format and the parallelism that fits with room for a batch. */
import type { Device } from '../../devices/device.ts';
import { whyNot } from '../../devices/operator-support.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { GIB } from '../../units.ts';
import { Replica } from '../load/replica.ts';
import {
  SERVING_DEFAULTS,
  type ServingConfiguration,
  type ServingEngine,
  WEIGHT_FORMATS,
  type WeightFormat,
} from '../step/configuration.ts';
import { groupLinkBytesPerSecond, kernelClass } from '../step/efficiency.ts';
import { missingFigures } from '../step/feasibility.ts';
import { bytesPerWeight, defaultKvCacheFormat, runnableWeightFormats } from '../step/formats.ts';
import type { RequestLengths } from '../step/lengths.ts';
import type { CandidateOptions } from '../step/results.ts';
import { sharesHeads } from '../step/tensor-ranks.ts';

/** A batch below this leaves most of the device idle in decode; the next larger group is offered as well. */
const ROOM_FOR_SEQUENCES = 16;
/** vLLM runs 1,024 sequences at most on devices of 70 GiB and more, 256 on smaller ones (its default by usage context). */
const LARGE_DEVICE_BYTES = 70 * GIB;
/** The API server's default on vLLM's CPU backend. */
const CPU_SEQUENCES = 128;

/**
 * vLLM on datacenter accelerators and on processors with bf16 units (its CPU backend runs oneDNN kernels on AMX and
 * AVX-512 bf16), llama.cpp where it is the engine in use: other processors, Apple, boards and phones.
 */
export function defaultEngine(device: Device): ServingEngine {
  const kernel = kernelClass(device);
  if (kernel === 'cpu') return device.densePeakFlops.bf16 ? 'vllm' : 'llama_cpp';
  return kernel === 'apple' || kernel === 'jetson' || kernel === 'edge' ? 'llama_cpp' : 'vllm';
}

export const defaultMaxSequences = (device: Device, engine: ServingEngine): number => {
  if (engine === 'llama_cpp') return 16;
  if (device.class === 'cpu') return CPU_SEQUENCES;
  return (device.memoryBytes ?? 0) >= LARGE_DEVICE_BYTES ? 1024 : 256;
};

/**
 * The format the model is published in; where the device cannot run it, the closest one it runs.
 * Narrower formats change answers and are offered only where nothing else fits or where they are asked for.
 */
export function preferredFormats(model: LanguageArchitecture, device: Device, engine: ServingEngine): WeightFormat[] {
  const runnable = runnableWeightFormats(device, engine);
  const published = (WEIGHT_FORMATS as readonly string[]).includes(model.nativeWeightFormat ?? '')
    ? (model.nativeWeightFormat as WeightFormat)
    : 'bf16';
  const order: WeightFormat[] = [published, 'bf16', 'fp16', 'fp8', 'int8', 'int4'];
  // a model published narrower than 16 bits is not widened as long as a narrow format runs
  const narrow = bytesPerWeight(published, engine) < 2;
  const formats = order.filter((format, index) => order.indexOf(format) === index && runnable.includes(format));
  return narrow && formats[0] !== published
    ? [
        ...formats.filter((format) => bytesPerWeight(format, engine) < 2),
        ...formats.filter((format) => bytesPerWeight(format, engine) >= 2),
      ]
    : formats;
}

/**
 * Candidates in order of preference: smallest tensor parallelism with room for a batch, then the next doubling; with
 * `everyGroup` all others that fit follow.
 * Empty where a figure is missing or nothing up to maxDevices fits; checkConfiguration then says why.
 */
export function candidateConfigurations(
  model: LanguageArchitecture,
  device: Device,
  lengths: RequestLengths,
  base: Partial<ServingConfiguration> = {},
  options: CandidateOptions = { weightFormats: null, maxDevices: null },
): Replica[] {
  if (whyNot(device, 'language') !== null || missingFigures(device).length > 0) return [];
  const engine = base.engine ?? defaultEngine(device);
  const asked = options.weightFormats ?? (base.weightFormat ? [base.weightFormat] : null);
  const formats = asked ?? preferredFormats(model, device, engine);
  const candidates: Replica[] = [];
  for (const weightFormat of formats) {
    const settings: ServingConfiguration = {
      ...SERVING_DEFAULTS,
      kvCacheFormat: defaultKvCacheFormat(device, engine, weightFormat),
      ...base,
      model,
      device,
      engine,
      weightFormat,
      maxSequences: base.maxSequences ?? defaultMaxSequences(device, engine),
    };
    for (const candidate of parallelisms(settings, base, options, lengths)) candidates.push(candidate);
    // without a wish of the caller, the first format that fits is the answer
    if (asked === null && candidates.length > 0) break;
  }
  return candidates;
}

function parallelisms(
  settings: ServingConfiguration,
  base: Partial<ServingConfiguration>,
  { maxDevices, everyGroup }: CandidateOptions,
  lengths: RequestLengths,
): Replica[] {
  const roomy: Replica[] = [];
  const tight: Replica[] = [];
  const least = Math.min(ROOM_FOR_SEQUENCES, settings.maxSequences);
  for (const replica of fittingGroups(settings, base, maxDevices ?? 64, lengths)) {
    (replica.memory.maxConcurrentSequences >= least ? roomy : tight).push(replica);
    if (roomy.length === 2 && everyGroup !== true) break;
  }
  if (everyGroup === true) return [...roomy.slice(0, 2), ...tight, ...roomy.slice(2)];
  return roomy.length > 0 ? roomy : tight.slice(-1);
}

/** Those whose memory holds the model and one request, by their number of devices. */
function* fittingGroups(
  settings: ServingConfiguration,
  base: Partial<ServingConfiguration>,
  most: number,
  lengths: RequestLengths,
): Generator<Replica> {
  for (let devices = 1; devices <= most; devices *= 2) {
    const shape = base.tensorParallel !== undefined ? null : shapeFor(settings, devices);
    if (base.tensorParallel === undefined && shape === null) continue;
    const configuration = shape === null ? settings : { ...settings, ...shape, ...definedParallelism(base) };
    const replica = new Replica(configuration, lengths);
    if (replica.memory.fits) yield replica;
    if (shape === null) return;
  }
}

const definedParallelism = (base: Partial<ServingConfiguration>): Partial<ServingConfiguration> => ({
  ...(base.pipelineParallel === undefined ? {} : { pipelineParallel: base.pipelineParallel }),
  ...(base.expertParallel === undefined ? {} : { expertParallel: base.expertParallel }),
  ...(base.attentionDataParallel === undefined ? {} : { attentionDataParallel: base.attentionDataParallel }),
});

/** Tensor parallel inside the node, pipeline parallel between nodes where there is a network; null where neither reaches. */
function shapeFor(
  settings: ServingConfiguration,
  devices: number,
): Pick<ServingConfiguration, 'tensorParallel' | 'pipelineParallel'> | null {
  const { model, device } = settings;
  const node = Math.max(device.devicesPerNode, 1);
  let tensor = 1;
  while (
    tensor * 2 <= Math.min(devices, Math.max(node, device.linkDomainDevices)) &&
    sharesHeads(model, tensor * 2) &&
    groupLinkBytesPerSecond(device, tensor * 2, null) !== null
  ) {
    tensor *= 2;
  }
  const stages = devices / tensor;
  if (stages > 1 && (settings.networkBytesPerSecondPerDevice === null || stages > model.layers)) return null;
  return { tensorParallel: tensor, pipelineParallel: stages };
}
