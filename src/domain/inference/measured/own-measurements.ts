/** A caller's measurements of a language model, each set against what the formula says of the same run. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { catalogDevice } from '../../estimate/resolve-device.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import { candidateConfigurations, defaultEngine } from '../language/candidates.ts';
import { latencyUnderLoad } from '../load/latency.ts';
import { closedLoop } from '../load/operating-point.ts';
import type { Replica } from '../load/replica.ts';
import type { CalibrationPoint, InferenceRequest } from '../request.ts';
import { type ServingConfiguration, WEIGHT_FORMATS } from '../step/configuration.ts';
import { checkConfiguration } from '../step/feasibility.ts';
import { fixedLength, type LengthDistribution, type RequestLengths } from '../step/lengths.ts';

/** Measured over predicted, and the deployment it was measured on. */
export interface OwnMeasurement {
  readonly configuration: ServingConfiguration;
  readonly ttft: number | null;
  readonly tpot: number | null;
  readonly throughput: number | null;
}

interface Times {
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
}

/** Beyond it the units, the model or the device of a point are not what it says. */
const LARGEST_RATIO = 20;

/** @throws RequestFaultError at the point that cannot be set against the formula. */
export function ownMeasurements(
  snapshot: CatalogSnapshot,
  { calibration, device }: InferenceRequest,
  named: Device | null,
  hosted: (bare: Device) => Device,
  model: LanguageArchitecture,
  lengths: RequestLengths,
  base: Partial<ServingConfiguration>,
): OwnMeasurement[] {
  return (calibration?.points ?? []).map((point, index) => {
    const pointer = `/calibration/points/${index}`;
    checkFields(point, pointer);
    const bare =
      point.device === undefined || point.device === device
        ? named
        : catalogDevice(snapshot, point.device, `${pointer}/device`);
    if (bare === null) return refuse(`${pointer}/device`, 'required', 'Name the device that it was measured on.');
    const measured = measuredLengths(point, lengths);
    const replica = measuredOn(point, pointer, hosted(bare), model, measured, base);
    return { configuration: replica.configuration, ...ratiosOf(point, pointer, replica) };
  });
}

function checkFields(point: CalibrationPoint, pointer: string): void {
  if (point.samplesPerSecond !== undefined || point.singleStreamMs !== undefined) {
    const field = point.samplesPerSecond === undefined ? 'singleStreamMs' : 'samplesPerSecond';
    const message = 'A language model is measured in tokens: ttftMs, timePerOutputTokenMs or outputTokensPerSecond.';
    refuse(`${pointer}/${field}`, 'contradiction', message);
  }
  const { concurrency, requestsPerSecond, outputTokensPerSecond } = point;
  if ((concurrency === undefined) === (requestsPerSecond === undefined)) {
    const message =
      'Say how busy a replica was when it was measured: concurrency or requestsPerSecond, one of the two.';
    refuse(`${pointer}/concurrency`, 'required', message);
  }
  if (requestsPerSecond !== undefined && outputTokensPerSecond !== undefined) {
    const message = 'At a given rate of requests the rate of tokens says nothing; give it with concurrency.';
    refuse(`${pointer}/outputTokensPerSecond`, 'contradiction', message);
  }
  if (
    point.ttftMs === undefined &&
    point.timePerOutputTokenMs === undefined &&
    point.outputTokensPerSecond === undefined
  ) {
    refuse(pointer, 'required', 'Give at least one of ttftMs, timePerOutputTokenMs and outputTokensPerSecond.');
  }
}

function measuredLengths(point: CalibrationPoint, { promptTokens, outputTokens }: RequestLengths): RequestLengths {
  const given = (tokens: number | undefined, usual: LengthDistribution): LengthDistribution =>
    tokens === undefined ? usual : fixedLength(tokens);
  return {
    promptTokens: given(point.promptTokens, promptTokens),
    outputTokens: given(point.outputTokens, outputTokens),
  };
}

function measuredOn(
  point: CalibrationPoint,
  pointer: string,
  device: Device,
  model: LanguageArchitecture,
  lengths: RequestLengths,
  base: Partial<ServingConfiguration>,
): Replica {
  const { tensorParallel, pipelineParallel } = point;
  const weightFormat = WEIGHT_FORMATS.find((format) => format === point.weightFormat);
  if (point.weightFormat !== undefined && weightFormat === undefined) {
    return refuse(
      `${pointer}/weightFormat`,
      'choice',
      `Language models cannot be estimated in the format ${point.weightFormat}; give the format in which the weights were served.`,
    );
  }
  const settings: Partial<ServingConfiguration> = {
    ...base,
    engine: point.engine ?? base.engine ?? defaultEngine(device),
    ...(tensorParallel !== undefined && { tensorParallel }),
    ...(pipelineParallel !== undefined && { pipelineParallel }),
    ...(weightFormat !== undefined && { weightFormat }),
  };
  const [candidate] = candidateConfigurations(model, device, lengths, settings);
  if (candidate !== undefined) {
    const [refusal] = checkConfiguration(candidate.configuration, lengths);
    return refusal === undefined
      ? candidate
      : refuse(pointer, 'contradiction', `This measurement is not possible: ${refusal.message}`);
  }
  const message = `${device.name} does not hold this model in that format and group, so this measurement is not possible; check device, weightFormat and tensorParallel.`;
  return refuse(pointer, 'contradiction', message);
}

function ratiosOf(point: CalibrationPoint, pointer: string, replica: Replica): Omit<OwnMeasurement, 'configuration'> {
  const { memory, lengths } = replica;
  const predicted = predictedTimes(point, pointer, replica);
  const checked = (field: keyof CalibrationPoint, ratio: number): number => {
    if (ratio > 1 / LARGEST_RATIO && ratio < LARGEST_RATIO) return ratio;
    const message = `This is ${ratio > 1 ? ratio.toPrecision(3) : `1 / ${(1 / ratio).toPrecision(3)}`} times what such a deployment is expected to reach; check its unit, and that it is per replica.`;
    return refuse(`${pointer}/${field}`, 'maximum', message);
  };
  const seconds = (milliseconds: number | undefined): number | null =>
    milliseconds === undefined ? null : milliseconds / MILLISECONDS_PER_SECOND;
  const first = seconds(point.ttftMs);
  const next = seconds(point.timePerOutputTokenMs);
  const ttft = first === null ? null : checked('ttftMs', first / predicted.ttftSeconds);
  const tpot = next === null ? null : checked('timePerOutputTokenMs', next / predicted.tpotSeconds);
  if (point.concurrency === undefined) return { ttft, tpot, throughput: tpot === null ? null : 1 / tpot };

  // a closed loop ties the three together: rate = concurrency / (TTFT + (output - 1) TPOT)
  const steps = Math.max(lengths.outputTokens.mean - 1, 0);
  const busy = Math.min(point.concurrency, memory.maxConcurrentSequences);
  const whole = (times: Times): number => times.ttftSeconds + steps * times.tpotSeconds;
  const given = point.outputTokensPerSecond;
  if (given !== undefined) {
    const rate = (busy * Math.max(lengths.outputTokens.mean, 1)) / whole(predicted);
    const throughput = checked('outputTokensPerSecond', given / rate);
    const decode = whole(predicted) / throughput - (first ?? predicted.ttftSeconds);
    const derived = steps > 0 && decode > 0 ? decode / (steps * predicted.tpotSeconds) : null;
    return { ttft, tpot: tpot ?? derived, throughput };
  }
  if (tpot === null) return { ttft, tpot, throughput: null };
  const measured = { ttftSeconds: first ?? predicted.ttftSeconds, tpotSeconds: tpot * predicted.tpotSeconds };
  return { ttft, tpot, throughput: whole(predicted) / whole(measured) };
}

/** Medians of the formula at the load of the point, seconds. */
function predictedTimes(
  { concurrency, requestsPerSecond }: CalibrationPoint,
  pointer: string,
  replica: Replica,
): Times {
  if (concurrency !== undefined) {
    const { configuration, memory, lengths } = replica;
    return closedLoop(configuration, Math.min(concurrency, memory.maxConcurrentSequences), lengths);
  }
  const arrivals = { requestsPerSecond: requestsPerSecond ?? 0, arrivalCv2: 1 };
  const { stable, utilization, ttftSeconds, tpotSeconds } = latencyUnderLoad(replica, arrivals);
  if (stable) return { ttftSeconds: ttftSeconds.p50, tpotSeconds: tpotSeconds.p50 };
  const message = `That is ${(100 * utilization).toFixed(0)} % of what one replica is expected to sustain; give the rate of one replica, or the concurrency.`;
  return refuse(`${pointer}/requestsPerSecond`, 'maximum', message);
}
