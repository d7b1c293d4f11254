/** A caller's measurements of a model that works by the sample, each set against what is known of that device. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { catalogDevice } from '../../estimate/resolve-device.ts';
import { invertFactor } from '../../uncertainty/band.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import type { CalibrationPoint, InferenceRequest } from '../request.ts';
import { anchorsOfCohort } from '../sample/calibration.ts';
import {
  SAMPLE_FORMATS,
  type SampleFormat,
  type SampleModel,
  type SampleServing,
  sampleServing,
} from '../sample/serving.ts';
import { movedToOwn, type OwnRatio } from './own-level.ts';

/** Measured over predicted: rates for throughput, times for latency. */
export interface OwnSampleMeasurement {
  readonly deviceId: string;
  readonly format: SampleFormat;
  readonly throughput: number | null;
  readonly latency: number | null;
}

/** Repeated runs of one machine: results of one system by several MLPerf submitters lie this close (our own figure). */
const REPEAT_SIGMA = 0.05;
/** Another number format on the same device is akin, not the same. */
const AKIN = 2;
const LARGEST_RATIO = 20;

/** @throws RequestFaultError at the point that cannot be set against what is known. */
export function ownSampleMeasurements(
  snapshot: CatalogSnapshot,
  { calibration, device }: InferenceRequest,
  named: Device | null,
  model: SampleModel,
  format: SampleFormat | null,
): OwnSampleMeasurement[] {
  return (calibration?.points ?? []).map((point, index) => {
    const pointer = `/calibration/points/${index}`;
    refuseTokens(point, pointer);
    if (point.samplesPerSecond === undefined && point.singleStreamMs === undefined) {
      refuse(pointer, 'required', 'Give samplesPerSecond, singleStreamMs or both.');
    }
    const measured =
      point.device === undefined || point.device === device
        ? named
        : catalogDevice(snapshot, point.device, `${pointer}/device`);
    if (measured === null) return refuse(`${pointer}/device`, 'required', 'Name the device that it was measured on.');
    const asked = SAMPLE_FORMATS.find((candidate) => candidate === point.weightFormat) ?? format;
    const serving = sampleServing(model, measured, asked, anchorsOfCohort(model.cohort));
    if (serving.status === 'refused') {
      const [first] = serving.refusals;
      return refuse(
        pointer,
        'contradiction',
        first?.message ??
          'The model cannot be estimated on this device, so its measurement cannot be used; check model and device.',
      );
    }
    const checked = (field: keyof CalibrationPoint, value: number | undefined, expected: number): number | null => {
      if (value === undefined) return null;
      const ratio = value / expected;
      if (ratio > 1 / LARGEST_RATIO && ratio < LARGEST_RATIO) return ratio;
      const message = `About ${expected.toPrecision(3)} is expected here; check the unit, and that it is of one device.`;
      return refuse(`${pointer}/${field}`, 'maximum', message);
    };
    return {
      deviceId: measured.id,
      format: serving.format,
      throughput: checked('samplesPerSecond', point.samplesPerSecond, serving.samplesPerSecond),
      latency: checked('singleStreamMs', point.singleStreamMs, serving.singleStreamSeconds * MILLISECONDS_PER_SECOND),
    };
  });
}

const TOKEN_FIELDS = [
  'engine',
  'tensorParallel',
  'pipelineParallel',
  'promptTokens',
  'outputTokens',
  'concurrency',
  'requestsPerSecond',
  'ttftMs',
  'timePerOutputTokenMs',
  'outputTokensPerSecond',
] as const;

function refuseTokens(point: CalibrationPoint, pointer: string): void {
  const field = TOKEN_FIELDS.find((name) => point[name] !== undefined);
  if (field === undefined) return;
  const message = 'This model works by the sample; measure it by samplesPerSecond and singleStreamMs.';
  refuse(`${pointer}/${field}`, 'contradiction', message);
}

/** The serving with its bands moved to the caller's own measurements on that device. */
export function withOwnMeasurements(
  device: Device,
  serving: SampleServing,
  model: SampleModel,
  measurements: readonly OwnSampleMeasurement[],
): SampleServing {
  const ratiosOf = (metric: 'throughput' | 'latency'): OwnRatio[] =>
    measurements.flatMap((own) =>
      own.deviceId === device.id && own[metric] !== null
        ? [{ ratio: own[metric], inflation: own.format === serving.format ? 1 : AKIN }]
        : [],
    );
  const rates = ratiosOf('throughput');
  const times = ratiosOf('latency');
  if (rates.length === 0 && times.length === 0) return serving;
  const rate = movedToOwn(serving.throughputUncertainty, rates, REPEAT_SIGMA, 'Samples per second');
  // one sample alone keeps such a device busy: both say the same
  const latency = model.saturatesAlone
    ? invertFactor(rate)
    : movedToOwn(serving.latencyUncertainty, times, REPEAT_SIGMA, 'Latency of one sample alone');
  const togetherUncertainty = movedToOwn(serving.togetherUncertainty, times, REPEAT_SIGMA, 'Several samples together');
  return { ...serving, throughputUncertainty: rate, latencyUncertainty: latency, togetherUncertainty };
}
