/** Vision models as models that work by the sample: one image, its FLOPs from the catalog, int8 first. */
import anchorData from '../../calibration/vision-anchors.json' with { type: 'json' };
import type { Device } from '../../devices/device.ts';
import type { VisionArchitecture } from '../../models/architecture.ts';
import type { UncertainFactor } from '../../uncertainty/band.ts';
import { AnchorModel, type SampleAnchor } from './anchors.ts';
import {
  SAMPLE_FORMATS,
  type SampleBasis,
  type SampleFormat,
  type SampleModel,
  type SampleRefusal,
  type SampleServing,
  sampleServing,
} from './serving.ts';
import { sampleFactor } from './uncertainty.ts';

export const visionAnchors = new AnchorModel(anchorData as readonly SampleAnchor[]);

const DEPTHWISE = /mobile|efficientnet|ghost|mnas|shuffle|lite/i;
/** Activations of a convolutional network, copies of its input alive at a time (ResNet-50: 11.1 M values for 0.15 M pixels). */
const ACTIVATIONS_PER_INPUT_VALUE = 75;

export const visionModel = (model: VisionArchitecture): SampleModel => ({
  cohort: 'vision',
  unit: 'image',
  parametersTotal: model.parametersTotal,
  flopsPerSample: model.flopsPerSample,
  inputPixels: model.inputHeight * model.inputWidth,
  valuesPerSample: 0,
  depthwise: DEPTHWISE.test(model.family),
  activationValues: model.inputHeight * model.inputWidth * 3 * ACTIVATIONS_PER_INPUT_VALUE,
  saturatesAlone: false,
  steps: null,
  formats: SAMPLE_FORMATS,
});

/**
 * @param format null picks int8 where the device has int8 units, else the widest-used 16-bit format
 * @param anchors other anchors than the shipped ones, for validation
 */
export const visionServing = (
  model: VisionArchitecture,
  device: Device,
  format: SampleFormat | null,
  anchors: AnchorModel = visionAnchors,
): SampleServing | SampleRefusal => sampleServing(visionModel(model), device, format, anchors);

/** Quantiles of measured / predicted: rates for throughput, times elsewhere. */
export const visionFactor = (
  metric: 'throughput' | 'latency' | 'query',
  basis: Exclude<SampleBasis, 'formula'>,
  kernel: string,
  measuredModel = true,
): UncertainFactor => sampleFactor('vision', metric, basis, kernel, true, measuredModel);
