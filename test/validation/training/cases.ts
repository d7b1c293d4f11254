/** Published training measurements, as the training model's own inputs. */
import { readFileSync } from 'node:fs';
import type { Device } from '../../../src/domain/devices/device.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import {
  type Cluster,
  clusterOf,
  LAYOUT_DEFAULTS,
  type LoraTargets,
  type TrainingLayout,
  type TrainingMethod,
  type TrainingPrecision,
  type TrainingWorkload,
} from '../../../src/domain/training/index.ts';

const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../cases/training-${name}.json`, import.meta.url), 'utf8')) as T;

interface DeviceFigures
  extends Pick<
    Device,
    | 'id'
    | 'name'
    | 'vendor'
    | 'class'
    | 'densePeakFlops'
    | 'memoryBytes'
    | 'memoryBandwidthBytesPerSecond'
    | 'tdpWatts'
    | 'linkBytesPerSecond'
    | 'linkDomainDevices'
    | 'devicesPerNode'
    | 'linkTopology'
  > {
  readonly networkBytesPerSecondPerDevice: number;
}

interface Row {
  readonly id: string;
  readonly family: string;
  readonly model: string;
  readonly device: string;
  readonly devices: number;
  readonly sequenceLength: number;
  readonly globalBatchSequences: number;
  readonly precision: TrainingPrecision;
  readonly method: TrainingMethod;
  readonly loraRank: number;
  readonly loraTargets?: LoraTargets;
  readonly framework: TrainingWorkload['software']['framework'];
  readonly year: number;
  readonly layout: Partial<TrainingLayout>;
  /** Where the source names another network than the device usually has. */
  readonly networkBytesPerSecondPerDevice?: number;
}

const figures = read<Record<string, DeviceFigures>>('devices');
const models = read<Record<string, LanguageArchitecture>>('models');

export const modelOf = (name: string): LanguageArchitecture => {
  const model = models[name];
  if (model === undefined) throw new Error(`No architecture for ${name}.`);
  return model;
};

const devices = new Map<string, Device>();
export function deviceOf(key: string): Device {
  const known = devices.get(key);
  if (known !== undefined) return known;
  const device = figures[key];
  if (device === undefined) throw new Error(`No figures for ${key}.`);
  const { networkBytesPerSecondPerDevice: _, ...stated } = device;
  const whole: Device = {
    ...stated,
    releaseYear: null,
    aliases: [],
    formFactor: '',
    idleWatts: null,
    provisionedWatts: null,
    pcieGeneration: 4,
    notes: null,
    claims: [],
  };
  devices.set(key, whole);
  return whole;
}

export const clusterFor = (key: string, count: number, networkBytesPerSecondPerDevice?: number): Cluster =>
  clusterOf(deviceOf(key), count, {
    networkBytesPerSecondPerDevice:
      networkBytesPerSecondPerDevice ?? (figures[key] as DeviceFigures).networkBytesPerSecondPerDevice,
  });

export interface PlacedCase {
  readonly id: string;
  /** The publisher of the measurement: what is left out together. */
  readonly family: string;
  readonly workload: TrainingWorkload;
  readonly cluster: Cluster;
  readonly layout: TrainingLayout;
  readonly fixed: Partial<TrainingLayout>;
}

function placed(row: Row): PlacedCase {
  const workload: TrainingWorkload = {
    model: modelOf(row.model),
    method: row.method,
    loraRank: row.loraRank,
    ...(row.loraTargets === undefined ? {} : { loraTargets: row.loraTargets }),
    sequenceLength: row.sequenceLength,
    globalBatchSequences: row.globalBatchSequences,
    precision: row.precision,
    optimizer: 'adamw',
    software: { framework: row.framework, year: row.year },
  };
  return {
    id: row.id,
    family: row.family,
    workload,
    cluster: clusterFor(row.device, row.devices, row.networkBytesPerSecondPerDevice),
    layout: { ...LAYOUT_DEFAULTS, ...row.layout },
    fixed: row.layout,
  };
}

export interface StepCase extends PlacedCase {
  /** Whether the source states the whole layout; else the search completes what it states. */
  readonly layoutGiven: boolean;
  readonly tokensPerSecondPerDevice: number;
}

export const stepCases = (): StepCase[] =>
  read<(Row & { layoutGiven: boolean; tokensPerSecondPerDevice: number })[]>('steps').map((row) => ({
    ...placed(row),
    layoutGiven: row.layoutGiven,
    tokensPerSecondPerDevice: row.tokensPerSecondPerDevice,
  }));

/** Whole device as the driver shows it, what the framework reserved, or what it allocated. */
type MemoryBasis = 'device' | 'reserved' | 'allocated';

export interface MemoryCase extends PlacedCase {
  readonly peakBytes: number;
  readonly basis: MemoryBasis;
}

export const memoryCases = (): MemoryCase[] =>
  read<(Row & { peakBytes: number; basis: MemoryBasis })[]>('memory').map((row) => ({
    ...placed(row),
    peakBytes: row.peakBytes,
    basis: row.basis,
  }));

interface FlopsCase {
  readonly id: string;
  readonly model: LanguageArchitecture;
  readonly modelName: string;
  readonly sequenceLength: number;
  readonly flopsPerToken: number;
}

export const flopsCases = (): FlopsCase[] =>
  read<{ id: string; model: string; sequenceLength: number; flopsPerToken: number }[]>('flops').map((row) => ({
    id: row.id,
    model: modelOf(row.model),
    modelName: row.model,
    sequenceLength: row.sequenceLength,
    flopsPerToken: row.flopsPerToken,
  }));

export interface HoursCase {
  readonly id: string;
  readonly family: string;
  /** The family of step measurements of the same runs, where there is one. */
  readonly stepFamily?: string;
  readonly model: LanguageArchitecture;
  readonly device: string;
  readonly tokens: number;
  readonly deviceHours: number;
  readonly devices: number | null;
  readonly sequenceLength: number | null;
  readonly batchTokens: number | null;
  readonly precision: TrainingPrecision;
  readonly framework: TrainingWorkload['software']['framework'];
  readonly year: number;
  readonly layout: Partial<TrainingLayout> | null;
  readonly networkBytesPerSecondPerDevice?: number;
  /** A measured or paper, B card or vendor table, C quoted by another document. */
  readonly tier: string;
}

export const hoursCases = (): HoursCase[] =>
  read<(Omit<HoursCase, 'model'> & { model: string })[]>('hours').map((row) => ({
    ...row,
    model: modelOf(row.model),
  }));

export interface VisionCase {
  readonly id: string;
  readonly generation: string;
  readonly hardware: string;
  readonly halfPeakFlops: number;
  readonly devices: number;
  readonly deviceHours: number;
}

export const visionCases = (): VisionCase[] => read<VisionCase[]>('vision');

export const uncoveredCases = (): Record<'steps' | 'memory', Record<string, number>> => read('uncovered');
