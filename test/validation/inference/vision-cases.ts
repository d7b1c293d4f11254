/** Measured vision rates and latencies, and the anchors that the product ships, built from them. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { readDevices } from '../../../src/catalog/seed/hardware.ts';
import { publicationReader } from '../../../src/catalog/seed/publications.ts';
import type { Device } from '../../../src/domain/devices/device.ts';
import { gpuInt8Share, type PowerMode } from '../../../src/domain/devices/power-modes.ts';
import { AnchorModel, type SampleAnchor } from '../../../src/domain/inference/sample/anchors.ts';
import { deviceKind } from '../../../src/domain/inference/sample/exponents.ts';
import { togetherSeconds } from '../../../src/domain/inference/sample/load.ts';
import { inMode } from '../../../src/domain/inference/sample/power-mode.ts';
import { type SampleFormat, type SampleModel, sampleServing } from '../../../src/domain/inference/sample/serving.ts';
import { visionAnchors, visionModel } from '../../../src/domain/inference/sample/vision-serving.ts';

const directory = new URL('../cases/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, directory), 'utf8');

export interface VisionCase {
  readonly id: string;
  readonly source: string;
  readonly deviceId: string;
  readonly kernelClass: string;
  readonly peakOpsPerSecond: number;
  /** Of what one image alone runs on, where that is less. */
  readonly aloneOpsPerSecond?: number;
  /** Board power as the catalog has it. */
  readonly tdpWatts?: number;
  readonly model: string;
  readonly flopsPerSample: number;
  readonly inputPixels: number;
  readonly parametersTotal: number;
  readonly depthwise: boolean;
  readonly format: string;
  /** query: 99th percentile of a query of several samples (MLPerf MultiStream). */
  readonly metric: 'throughput' | 'latency' | 'query';
  /** Of a query; 1 elsewhere. */
  readonly samples: number;
  /** Samples/s of one device, or seconds. */
  readonly value: number;
  /** MLPerf round; 0 for others. */
  readonly round: number;
}

const devices = new Map(readDevices(publicationReader()).map((device) => [device.id, device]));

/** Absent where no power is published: the model then takes the mean watts per OP/s. */
const powerOf = (deviceId: string): { tdpWatts?: number } => {
  const tdpWatts = devices.get(deviceId)?.tdpWatts ?? null;
  return tdpWatts === null ? {} : { tdpWatts };
};

const aloneOf = (id: string, peakOpsPerSecond: number): { aloneOpsPerSecond?: number } => {
  const share = gpuInt8Share({ id });
  return share < 1 ? { aloneOpsPerSecond: Number((peakOpsPerSecond * share).toPrecision(6)) } : {};
};

export const visionCases = (): VisionCase[] =>
  (parse(read('inference-vision.csv'), { columns: true }) as Record<string, string>[]).map((row) => ({
    id: row.id as string,
    source: row.source as string,
    deviceId: row.deviceId as string,
    kernelClass: row.kernelClass as string,
    peakOpsPerSecond: Number(row.peakOpsPerSecond),
    ...aloneOf(row.deviceId as string, Number(row.peakOpsPerSecond)),
    ...powerOf(row.deviceId as string),
    model: row.model as string,
    flopsPerSample: Number(row.flopsPerSample),
    inputPixels: Number(row.inputPixels),
    parametersTotal: Number(row.parametersTotal),
    depthwise: row.depthwise === '1',
    format: row.format as string,
    metric: row.metric as VisionCase['metric'],
    samples: Number(row.samples || 1),
    value: Number(row.value),
    round: Number(row.round),
  }));

/** MLPerf Server: the rate of one device whose 99th percentile of latency keeps a limit, under Poisson arrivals. */
export interface ServerCase {
  readonly id: string;
  readonly device: Device;
  readonly model: SampleModel;
  readonly format: SampleFormat;
  readonly limitSeconds: number;
  readonly samplesPerSecond: number;
}

export const visionServerCases = (): ServerCase[] =>
  (parse(read('vision-server.csv'), { columns: true }) as Record<string, string>[]).map((row) => {
    const device = devices.get(row.deviceId as string);
    if (!device) throw new Error(`vision row ${row.id}: no ${row.deviceId} in the catalog`);
    const model = visionModel({
      kind: 'vision_classification',
      family: row.depthwise === '1' ? 'mobilenet' : 'other',
      parametersTotal: Number(row.parametersTotal),
      flopsPerSample: Number(row.flopsPerSample),
      // what activations take in memory decides nothing here
      inputHeight: 1,
      inputWidth: 1,
    });
    const [limitSeconds, samplesPerSecond] = [Number(row.limitSeconds), Number(row.value)];
    return { id: row.id as string, device, model, format: row.format as SampleFormat, limitSeconds, samplesPerSecond };
  });

const anchorId = (entry: VisionCase): string => `${entry.deviceId}/${entry.model}/${entry.format}`;

/** The newest round wins, then the faster result: what the software of the day reaches. */
function better(a: VisionCase, b: VisionCase | undefined): boolean {
  if (b === undefined || a.round !== b.round) return b === undefined || a.round > b.round;
  return a.metric === 'throughput' ? a.value > b.value : a.value < b.value;
}

/** One anchor per device, model and format, from the best case of each metric. */
export function anchorsOf(cases: readonly VisionCase[]): SampleAnchor[] {
  const sources = JSON.parse(read('inference-vision-sources.json')) as Record<string, string>;
  const best = new Map<string, { throughput?: VisionCase; latency?: VisionCase }>();
  for (const entry of cases) {
    if (entry.metric === 'query') continue;
    const cell = best.get(anchorId(entry)) ?? {};
    if (better(entry, cell[entry.metric])) cell[entry.metric] = entry;
    best.set(anchorId(entry), cell);
  }
  return [...best]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { throughput, latency }]) => {
      const any = (throughput ?? latency) as VisionCase;
      const names = new Set(
        [throughput, latency].flatMap((entry) => (entry ? [sources[entry.source] ?? entry.source] : [])),
      );
      return {
        id,
        deviceId: any.deviceId,
        kernelClass: any.kernelClass,
        peakOpsPerSecond: any.peakOpsPerSecond,
        ...(any.aloneOpsPerSecond !== undefined && { aloneOpsPerSecond: any.aloneOpsPerSecond }),
        ...(any.tdpWatts !== undefined && { tdpWatts: any.tdpWatts }),
        model: any.model,
        flopsPerSample: any.flopsPerSample,
        inputPixels: any.inputPixels,
        parametersTotal: any.parametersTotal,
        depthwise: any.depthwise,
        format: any.format,
        samplesPerSecond: throughput?.value ?? null,
        singleStreamSeconds: latency?.value ?? null,
        source: [...names].join('; '),
      };
    });
}

/** A network at clocks other than those that the device is sold with: the shares that its source states of each. */
interface VisionClockCase {
  readonly id: string;
  readonly device: Device;
  readonly model: SampleModel;
  readonly format: SampleFormat;
  readonly metric: VisionCase['metric'];
  readonly samples: number;
  readonly value: number;
  readonly mode: PowerMode;
}

/**
 * Clocks: of MLPerf's capped boards in NVIDIA's configurations beside the results (soc_gpu_freq, soc_dla_freq, soc_emc_freq);
 * of AGX Xavier's cores those of the power mode that the submission is named after; of Raspberry Pi those of its name.
 */
export function visionClockCases(): VisionClockCase[] {
  const networks = new Map(visionCases().map((entry) => [entry.model, entry]));
  return (parse(read('vision-clocks.csv'), { columns: true }) as Record<string, string>[]).map((row) => {
    const device = devices.get(row.deviceId as string);
    const network = networks.get(row.model as string);
    if (!device || !network) throw new Error(`vision row ${row.id}: no ${row.deviceId} or ${row.model}`);
    const gpu = Number(row.processorShare);
    const model = visionModel({
      kind: 'vision_classification',
      family: network.depthwise ? 'mobilenet' : 'other',
      parametersTotal: network.parametersTotal,
      flopsPerSample: network.flopsPerSample,
      inputHeight: network.inputPixels,
      inputWidth: 1,
    });
    return {
      id: row.id as string,
      device,
      model,
      format: row.format as SampleFormat,
      metric: row.metric as VisionCase['metric'],
      samples: Number(row.samples || 1),
      value: Number(row.value),
      mode: {
        watts: device.tdpWatts ?? 0,
        gpu,
        accelerators: row.acceleratorShare === '' ? gpu : Number(row.acceleratorShare),
        memory: Number(row.memoryShare),
      },
    };
  });
}

/** As an answer for the board in a power mode is made; null where nothing is known of the device. */
export function predictAtClocks({ device, model, format, metric, samples, mode }: VisionClockCase) {
  const full = sampleServing(model, device, format, visionAnchors);
  if (full.status === 'refused') return null;
  const serving = inMode(device, full, mode);
  if (metric === 'throughput') {
    return { predicted: serving.samplesPerSecond, band: serving.throughputUncertainty };
  }
  const band = metric === 'query' ? serving.togetherUncertainty : serving.latencyUncertainty;
  return { predicted: togetherSeconds(serving, samples), band };
}

interface VisionPrediction {
  readonly entry: VisionCase;
  /** From another measurement of the same cell; null where there is none. */
  readonly measured: number | null;
  /** From anchors of the device and of the model, without this cell. */
  readonly scaled: number | null;
  /** Without any anchor of the device. */
  readonly class: number | null;
  /** Without any anchor of the model on this kind of device; and without any of the device either. */
  readonly newModel: number | null;
  readonly newModelAndDevice: number | null;
}

/** Each case predicted without itself, without its cell (the model on the device, in any format) and without its device. */
export function predictVision(cases: readonly VisionCase[]): VisionPrediction[] {
  const anchors = anchorsOf(cases);
  const models = new Map<string, AnchorModel>();
  const without = (key: string, keep: (anchor: SampleAnchor) => boolean): AnchorModel => {
    const model = models.get(key) ?? new AnchorModel(anchors.filter(keep));
    models.set(key, model);
    return model;
  };
  const runs = Map.groupBy(cases, anchorId);
  return cases.map((entry) => {
    const { deviceId, model } = entry;
    const others = (metric: VisionCase['metric']): number | null => {
      let best: VisionCase | undefined;
      for (const candidate of runs.get(anchorId(entry)) ?? [])
        if (candidate !== entry && candidate.metric === metric && better(candidate, best)) best = candidate;
      return best?.value ?? null;
    };
    const cell = without(`cell ${deviceId}/${model}`, (other) => other.deviceId !== deviceId || other.model !== model);
    const device = without(`device ${deviceId}`, (other) => other.deviceId !== deviceId);
    const kind = deviceKind(entry.kernelClass);
    const elsewhere = (other: SampleAnchor) => other.model !== model || deviceKind(other.kernelClass) !== kind;
    const unmeasured = predicted(without(`model ${kind}/${model}`, elsewhere), entry);
    const neither = without(`both ${deviceId}/${model}`, (other) => other.deviceId !== deviceId && elsewhere(other));
    const scaled = predicted(cell, entry);
    return {
      entry,
      measured:
        entry.metric === 'query' ? queryOf(entry, others('latency'), others('throughput')) : others(entry.metric),
      scaled: scaled?.knowsDevice ? scaled.value : null,
      class: predicted(device, entry)?.value ?? null,
      newModel: unmeasured?.knowsDevice ? unmeasured.value : null,
      newModelAndDevice: predicted(neither, entry)?.value ?? null,
    };
  });
}

function predicted(anchors: AnchorModel, entry: VisionCase): { value: number; knowsDevice: boolean } | null {
  const rate = anchors.throughputOf(entry);
  if (entry.metric === 'throughput') return rate && { value: 1 / rate.seconds, knowsDevice: rate.knowsDevice };
  const alone = anchors.latencyOf(entry);
  if (alone === null) return null;
  const { knowsDevice } = alone;
  if (entry.metric === 'latency') return { value: alone.seconds, knowsDevice };
  const value = queryOf(entry, alone.seconds, rate === null ? null : 1 / rate.seconds);
  return value === null ? null : { value, knowsDevice };
}

/** Of several samples at once; null where what is needed was not measured. */
function queryOf({ samples }: VisionCase, singleStreamSeconds: number | null, rate: number | null): number | null {
  if (singleStreamSeconds === null || (samples > 1 && rate === null)) return null;
  const samplesPerSecond = Math.max(rate ?? 0, 1 / singleStreamSeconds);
  return togetherSeconds({ samplesPerSecond, singleStreamSeconds }, samples);
}
