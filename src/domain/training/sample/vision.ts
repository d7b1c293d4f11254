/** Training of vision models: forward and backward FLOPs at the efficiency measured for the device class. */
import vision from '../../calibration/training-vision.json' with { type: 'json' };
import type { VisionArchitecture } from '../../models/architecture.ts';
import { rangeFactor, type UncertainFactor } from '../../uncertainty/band.ts';
import { GIB } from '../../units.ts';
import { refusal } from '../refusal.ts';
import type { SampleTraining, SampleTrainingRefusal, TrainingRefusal } from '../results.ts';
import { type Generation, generationOf, halfPrecisionPeak, peakFlopsOf } from '../step/generation.ts';
import { SAMPLE_MEMORY_SHARE } from '../step/memory-fit.ts';
import type { Cluster, TrainingPrecision } from '../workload.ts';

interface ClassEfficiency {
  /** Share of the half-precision peak on MLPerf ResNet-50 to the target, evaluation included, up to 64 devices. */
  readonly efficiency: number;
  readonly cases: number;
  readonly low: number;
  readonly high: number;
}

const CLASSES: Partial<Record<Generation, ClassEfficiency>> = vision.classes;
/** Loss per doubling of devices at the fixed batch of the benchmark. */
const SCALING_LOSS = vision.lossPerDoubling;
/** Bytes kept per forward FLOP: ResNet-50 in half precision keeps about 90 MB per image of 8.2 GFLOP. */
const ACTIVATION_BYTES_PER_FLOP = 0.011;
/** At the most. */
const IMAGES_PER_DEVICE = 64;
/** Weights, gradients, SGD or Adam states in mixed precision. */
const STATE_BYTES_PER_PARAMETER = 18;
const RUNTIME_BYTES = 2 * GIB;
/** How other networks spread around ResNet-50 at the same FLOPs. */
const NETWORK_SPREAD: readonly [number, number] = [0.65, 1.7];
/**
 * The smaller a detector, the fewer FLOP/s it reaches in training: mosaics of pictures, the assignment of boxes and large maps of few
 * channels take as long in all sizes. Ultralytics states 1, 2, 4, 6 and 8 days on one V100 for 300 epochs of COCO with YOLOv5n,
 * s, m, l and x (4.5 to 205.7 GFLOP a picture; README of ultralytics/yolov5 v7.0): 5.5, 10.2, 15.0, 22.4 and 31.8 TFLOP/s, which
 * are within 12 % of 31.8 x (FLOP / 205.7 G)^0.45. The largest is as fast as ResNet-50 is on that part within a tenth.
 */
const DETECTOR_FLOPS = 205.7e9;
const DETECTOR_EXPONENT = 0.45;

const factors = new Map<Generation, UncertainFactor>();

/** Seconds and device-hours for that many images seen (all epochs together); a class that nobody measured is refused. */
export function visionTraining(
  model: VisionArchitecture,
  cluster: Cluster,
  images: number,
  precision: TrainingPrecision,
): SampleTraining | SampleTrainingRefusal {
  const generation = generationOf(cluster.device);
  const measured = CLASSES[generation];
  const peak = halfPrecisionPeak(cluster.device);
  const refusals = refusalsOf(cluster, images, precision, measured === undefined);
  if (refusals.length > 0 || measured === undefined || peak === null) return { status: 'refused', refusals };
  const flopsPerSample = 3 * model.flopsPerSample;
  const efficiency =
    measured.efficiency * ofDetector(model) * (1 - SCALING_LOSS) ** Math.max(0, Math.log2(cluster.devices / 8));
  const samplesPerSecondPerDevice = (peak.flops * efficiency) / flopsPerSample;
  const secondsTotal = images / samplesPerSecondPerDevice / cluster.devices;
  const usableBytes = (cluster.device.memoryBytes ?? 0) * SAMPLE_MEMORY_SHARE;
  const stateBytes = RUNTIME_BYTES + model.parametersTotal * STATE_BYTES_PER_PARAMETER;
  const bytesPerImage = model.flopsPerSample * ACTIVATION_BYTES_PER_FLOP;
  // large pictures train in smaller batches
  const imagesPerDevice = Math.min(
    IMAGES_PER_DEVICE,
    Math.max(1, Math.floor((usableBytes - stateBytes) / bytesPerImage)),
  );
  const memoryBytes = stateBytes + imagesPerDevice * bytesPerImage;
  return {
    status: 'ok',
    samplesPerSecondPerDevice,
    secondsTotal,
    flopsPerSample,
    efficiency,
    memoryBytes,
    fits: memoryBytes <= usableBytes,
    uncertainty: factorOf(generation, measured),
  };
}

/** Efficiency at which a model trains, as a share of ResNet-50's. */
const ofDetector = ({ kind, flopsPerSample }: VisionArchitecture): number =>
  kind === 'vision_detection' ? Math.min(1, flopsPerSample / DETECTOR_FLOPS) ** DETECTOR_EXPONENT : 1;

function refusalsOf(
  cluster: Cluster,
  images: number,
  precision: TrainingPrecision,
  unmeasured: boolean,
): TrainingRefusal[] {
  const refusals: TrainingRefusal[] = [];
  const { name } = cluster.device;
  if (!(images > 0 && Number.isFinite(images))) {
    refusals.push(refusal('invalid_number', 'images', `Images must be positive, not ${images}.`, { actual: images }));
  }
  if (unmeasured) {
    const classes = Object.keys(CLASSES).join(', ');
    refusals.push(
      refusal(
        'model_kind',
        'device',
        `No vision training was measured on the class of ${name}; measured classes: ${classes}.`,
      ),
    );
  }
  if (precision !== 'bf16' && precision !== 'fp16') {
    const message = 'Vision training is measured in bf16 and fp16 only.';
    refusals.push(refusal('method_precision', 'precision', message));
  } else if (peakFlopsOf(cluster.device, precision) === null) {
    refusals.push(refusal('precision_unknown', 'precision', `${name} states no dense ${precision} peak.`));
  }
  return refusals;
}

function factorOf(generation: Generation, measured: ClassEfficiency): UncertainFactor {
  const known = factors.get(generation);
  if (known !== undefined) return known;
  const [low, high] = NETWORK_SPREAD;
  const factor = rangeFactor(
    `training/vision/${generation}`,
    'assumed',
    Math.min(low, measured.efficiency / measured.high),
    Math.max(high, measured.efficiency / measured.low),
    `MLPerf ResNet-50 on ${measured.cases} systems of the class, widened for other networks`,
  );
  factors.set(generation, factor);
  return factor;
}
