/**
 * Measured encoders, speech, image generation and ranking, and the anchors that the product ships, built from them.
 * Lengths are ours, not in the logs: MLPerf BERT runs drop the padding (rates exceed the peak at 384 tokens), so SQuAD
 * counts as 177 tokens; LibriSpeech as 23 s a sample for Whisper, 7.2 s for RNN-T; a DLRM query as 270 pairs.
 * A Server limit is that of the benchmark's rules: BERT 130 ms, DLRM 30 and 60 ms, RNN-T 1 s, images 20 s.
 * Formats differ from the log where its rate is out of reach of the named one: BERT 99.9 on Hopper as fp8, BERT and RNN-T
 * on the RTX 4090 as int8 and fp16, DLRM v2 99.9 on NVIDIA as fp16 (half the rate of the 99 entry).
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { readDevices } from '../../../src/catalog/seed/hardware.ts';
import { readModels } from '../../../src/catalog/seed/models.ts';
import { publicationReader } from '../../../src/catalog/seed/publications.ts';
import type { Device } from '../../../src/domain/devices/device.ts';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import type { InferenceRequest } from '../../../src/domain/inference/request.ts';
import {
  AnchorModel,
  SAMPLE_COHORTS,
  type SampleAnchor,
  type SampleCohort,
} from '../../../src/domain/inference/sample/anchors.ts';
import { anchorsOfCohort } from '../../../src/domain/inference/sample/calibration.ts';
import { sampleLatencyUnderLoad } from '../../../src/domain/inference/sample/load.ts';
import { servedSample } from '../../../src/domain/inference/sample/model.ts';
import {
  type SampleFormat,
  type SampleModel,
  samplePeak,
  sampleServing,
  sampleWork,
} from '../../../src/domain/inference/sample/serving.ts';
import { kernelClass } from '../../../src/domain/inference/step/efficiency.ts';
import type { Model } from '../../../src/domain/models/architecture.ts';
import { type ServerCase, visionServerCases } from '../inference/vision-cases.ts';

const directory = new URL('../cases/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, directory), 'utf8');

interface SampleCase extends Omit<SampleAnchor, 'samplesPerSecond' | 'singleStreamSeconds'> {
  readonly caseId: string;
  readonly cohort: SampleCohort;
  readonly saturatesAlone: boolean;
  readonly metric: 'throughput' | 'latency';
  /** Samples/s of one device, or seconds. */
  readonly value: number;
  /** MLPerf round; 0 for others. */
  readonly round: number;
}

function requestOf(row: Row): InferenceRequest {
  const given = (name: string) => (row[name] ? Number(row[name]) : undefined);
  const side = given('imageSide');
  const optional = {
    promptTokens: given('tokens') && { mean: given('tokens') },
    outputTokens: given('textTokens') && { mean: given('textTokens') },
    audioSecondsPerRequest: given('audioSeconds'),
    imageSize: side && { width: side, height: side },
    denoisingSteps: given('steps'),
    candidatesPerRequest: given('pairs'),
  };
  const entries = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { requestsPerDay: 1, ...Object.fromEntries(entries) } as InferenceRequest;
}

type Row = Readonly<Record<string, string>>;

const rowsOf = (file: string): Row[] => parse(read(file), { columns: true });

/** What a row is of: a device of the catalog, and a model at the work that its row states. */
function subjectReader() {
  const provenance = publicationReader();
  const models = new Map(readModels(provenance).map((entry) => [entry.id, entry]));
  const devices = new Map(readDevices(provenance).map((entry) => [entry.id, entry]));
  return (row: Row): { device: Device; entry: Model; model: SampleModel; format: SampleFormat } => {
    const device = devices.get(row.deviceId as string);
    const entry = models.get(row.model as string);
    if (!device || !entry) throw new Error(`sample row ${row.id}: no ${row.deviceId} or ${row.model} in the catalog`);
    const { architecture } = entry;
    if (!('attributes' in architecture)) throw new Error(`sample row ${row.id}: ${row.model} has no samples`);
    const { model } = servedSample({ ...entry, architecture }, requestOf(row), new AssumptionLog());
    return { device, entry, model, format: row.format as SampleFormat };
  };
}

export function serverCases(): ServerCase[] {
  const subjectOf = subjectReader();
  const others = rowsOf('samples-server.csv').map((row) => {
    const { device, model, format } = subjectOf(row);
    const [limitSeconds, samplesPerSecond] = [Number(row.limitSeconds), Number(row.value)];
    return { id: row.id as string, device, model, format, limitSeconds, samplesPerSecond };
  });
  return [...others, ...visionServerCases()];
}

const POISSON = 1;
const HALVINGS = 40;

/** By the device's Offline rate and the queue of the product; null where nothing is known of the device. */
export function predictServer({ device, model, format, limitSeconds }: ServerCase): number | null {
  const serving = sampleServing(model, device, format, anchorsOfCohort(model.cohort));
  if (serving.status === 'refused') return null;
  let kept = 0;
  let missed = serving.samplesPerSecond;
  for (let halving = 0; halving < HALVINGS; halving++) {
    const requestsPerSecond = (kept + missed) / 2;
    const { latencySeconds } = sampleLatencyUnderLoad(serving, { requestsPerSecond, arrivalCv2: POISSON });
    if (latencySeconds.p99 <= limitSeconds) kept = requestsPerSecond;
    else missed = requestsPerSecond;
  }
  return kept;
}

export function sampleCases(): SampleCase[] {
  const subjectOf = subjectReader();
  const sources = JSON.parse(read('samples-sources.json')) as Record<string, string>;
  return rowsOf('samples.csv').map((row): SampleCase => {
    const { device, entry, model, format } = subjectOf(row);
    const peak = samplePeak(device, format);
    if (peak === null) throw new Error(`sample row ${row.id}: ${device.id} has no peak in ${format}`);
    const work = [row.tokens, row.audioSeconds, row.imageSide, row.steps, row.pairs].filter(Boolean).join('x');
    const name = `${entry.id.split('/')[1]}@${work}`;
    return {
      ...sampleWork(model, device, format, peak),
      caseId: row.id as string,
      id: `${device.id}/${name}/${format}`,
      cohort: model.cohort,
      saturatesAlone: model.saturatesAlone,
      deviceId: device.id,
      kernelClass: kernelClass(device),
      model: name,
      parametersTotal: model.parametersTotal,
      depthwise: false,
      format,
      source: sources[row.source as string] as string,
      metric: row.metric as SampleCase['metric'],
      value: Number(row.value),
      round: Number(row.round),
    };
  });
}

/** Cases left out, by reason. */
export const uncoveredSamples = (): Record<string, number> =>
  JSON.parse(read('samples-uncovered.json')) as Record<string, number>;

/** The newest round wins, then the faster result: what the software of the day reaches. */
function better(a: SampleCase, b: SampleCase | undefined): boolean {
  if (b === undefined || a.round !== b.round) return b === undefined || a.round > b.round;
  return a.metric === 'throughput' ? a.value > b.value : a.value < b.value;
}

const significant = (value: number): number => Number(value.toPrecision(6));

/** One anchor per device, model and format, from the best case of each metric. */
function anchorsOf(cases: readonly SampleCase[]): SampleAnchor[] {
  const cells = Map.groupBy(cases, ({ id }) => id);
  return [...cells.keys()].sort().map((id) => {
    const cell = cells.get(id) as SampleCase[];
    const best = (metric: SampleCase['metric']) =>
      cell
        .filter((entry) => entry.metric === metric)
        .reduce<SampleCase | undefined>((found, entry) => (better(entry, found) ? entry : found), undefined);
    const latency = best('latency');
    const throughput = best('throughput');
    const { caseId, cohort, saturatesAlone, metric, value, round, source, ...fields } = cell[0] as SampleCase;
    const alone = saturatesAlone && latency ? significant(1 / latency.value) : null;
    const names = new Set([throughput, latency].flatMap((entry) => (entry ? [entry.source] : [])));
    return {
      ...fields,
      flopsPerSample: significant(fields.flopsPerSample),
      samplesPerSecond: throughput?.value ?? alone,
      singleStreamSeconds: latency?.value ?? null,
      source: [...names].join('; '),
      ...([...names].some((name) => name.includes(NOT_READ)) && { secondHand: true as const }),
    };
  });
}

/** How the source says that it is a summary of results. */
const NOT_READ = 'the result files were not read';

export const anchorsByCohort = (cases: readonly SampleCase[]): Partial<Record<SampleCohort, SampleAnchor[]>> =>
  Object.fromEntries(
    SAMPLE_COHORTS.filter((cohort) => cases.some((entry) => entry.cohort === cohort)).map((cohort) => [
      cohort,
      anchorsOf(cases.filter((entry) => entry.cohort === cohort)),
    ]),
  );

export interface SamplePrediction {
  readonly entry: SampleCase;
  /** From another measurement of the same cell; null where there is none. */
  readonly measured: number | null;
  /** From anchors of the device in other work or another format, without this cell. */
  readonly scaled: number | null;
  /** Without any anchor of the device. */
  readonly class: number | null;
  /** Whether another device of the kernel class was measured. */
  readonly classMeasured: boolean;
}

/** Each case predicted without itself, without its cell and without its device. */
export function predictSamples(cases: readonly SampleCase[]): SamplePrediction[] {
  const fitted = new Map<string, AnchorModel>();
  const without = (key: string, cohort: SampleCohort, keep: (entry: SampleCase) => boolean): AnchorModel => {
    const id = `${cohort} ${key}`;
    const model =
      fitted.get(id) ??
      new AnchorModel(anchorsOf(cases.filter((entry) => entry.cohort === cohort && keep(entry))), cohort);
    fitted.set(id, model);
    return model;
  };
  const predictedBy = (model: AnchorModel, entry: SampleCase) => {
    const rate = entry.metric === 'throughput';
    const speed = rate || entry.saturatesAlone ? model.throughputOf(entry) : model.latencyOf(entry);
    return speed && { ...speed, value: rate ? 1 / speed.seconds : speed.seconds };
  };
  return cases.map((entry) => {
    let other: SampleCase | undefined;
    for (const candidate of cases) {
      const sameCell = candidate !== entry && candidate.id === entry.id && candidate.metric === entry.metric;
      if (sameCell && better(candidate, other)) other = candidate;
    }
    const cell = without(entry.id, entry.cohort, (candidate) => candidate.id !== entry.id);
    const device = without(entry.deviceId, entry.cohort, (candidate) => candidate.deviceId !== entry.deviceId);
    const scaled = predictedBy(cell, entry);
    const byClass = predictedBy(device, entry);
    return {
      entry,
      measured: other?.value ?? null,
      scaled: scaled?.knowsDevice ? scaled.value : null,
      class: byClass?.value ?? null,
      classMeasured: byClass?.knowsClass ?? false,
    };
  });
}
