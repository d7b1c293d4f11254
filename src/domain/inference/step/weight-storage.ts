/** Bytes that a weight takes in a configuration's file: of the layers, of a mixture's experts, of what stands beside them, of the head. */
import type { ServingConfiguration, WeightFormat } from './configuration.ts';
import { kernelClass } from './efficiency.ts';
import {
  bytesPerHeadWeight,
  bytesPerUnitHeadWeight,
  bytesPerUnitWeight,
  bytesPerWeight,
  formatBesideExperts,
} from './formats.ts';

const BITS_PER_BYTE = 8;

/** Neural units of boards and phones. */
const runsOnUnit = ({ device, engine }: ServingConfiguration): boolean =>
  engine === 'llama_cpp' && kernelClass(device) === 'edge';

/** The format of everything but the experts. MXFP4 checkpoints of mixtures quantize these alone, those of dense models every layer (AMD Quark). */
export function layerFormat({ model, engine, weightFormat, weightStorage }: ServingConfiguration): WeightFormat {
  if (weightStorage !== null && weightStorage.besideExperts !== null) return weightStorage.besideExperts;
  const expertsAlone = weightFormat === 'mxfp4' && (model.mixtureOfExperts !== null || engine === 'llama_cpp');
  return expertsAlone ? formatBesideExperts(model, engine) : weightFormat;
}

/** Of a weight of a layer in this format. */
export function layerWeightBytes(configuration: ServingConfiguration, format: WeightFormat): number {
  const bits = configuration.weightStorage?.layerBits ?? null;
  if (bits !== null && format === configuration.weightFormat) return bits / BITS_PER_BYTE;
  return runsOnUnit(configuration) ? bytesPerUnitWeight(format) : bytesPerWeight(format, configuration.engine);
}

/** Of a weight of the output projection. */
export function headWeightBytes(configuration: ServingConfiguration): number {
  const { device, engine, weightFormat, weightStorage } = configuration;
  const bits = weightStorage?.headBits ?? null;
  if (bits !== null) return bits / BITS_PER_BYTE;
  return runsOnUnit(configuration)
    ? bytesPerUnitHeadWeight(weightFormat, device)
    : bytesPerHeadWeight(weightFormat, engine);
}
