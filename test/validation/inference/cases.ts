/** Measured serving cases, as the project keeps them. Sources: cases/inference-sources.json. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { readDevices } from '../../../src/catalog/seed/hardware.ts';
import { readModels } from '../../../src/catalog/seed/models.ts';
import { publicationReader } from '../../../src/catalog/seed/publications.ts';
import type { Device } from '../../../src/domain/devices/device.ts';
import { defaultMaxSequences } from '../../../src/domain/inference/language/candidates.ts';
import {
  type KvCacheFormat,
  SERVING_DEFAULTS,
  type ServingConfiguration,
  type ServingEngine,
  type WeightFormat,
  type WeightStorage,
} from '../../../src/domain/inference/step/configuration.ts';
import { HOST_MEMORY_GIB } from '../../../src/domain/inference/step/host-memory.ts';
import { COMPILED_ENGINES, eraOfVersion, SOFTWARE_ERAS } from '../../../src/domain/inference/step/software-era.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';
import { benchmarkConfiguration } from './benchmark-settings.ts';

const directory = new URL('../cases/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, directory), 'utf8');

const provenance = publicationReader();
const models = new Map(readModels(provenance).map((entry) => [entry.id, entry.architecture]));
const devices = new Map(readDevices(provenance).map((entry): [string, Device] => [entry.id, entry]));

const rows = (file: string): Record<string, string>[] => parse(read(file), { columns: true });

/** Model family and device: the unit that is left out together. */
interface CaseBase {
  readonly id: string;
  readonly group: string;
  /** What was measured together: cases that differ in lengths and concurrency alone err together. */
  readonly system: string;
  readonly configuration: ServingConfiguration;
}

export interface ClosedLoopCase extends CaseBase {
  readonly concurrency: number;
  /** Every request has the same lengths; the public sweeps draw them from 0.8 to 1.0 of nominal. */
  readonly fixedLengths: boolean;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly ttftSeconds: number;
  readonly tpotSeconds: number;
}

export interface ThroughputCase extends CaseBase {
  readonly kind: 'static' | 'max' | 'prefill';
  readonly batch: number | null;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Output tokens/s of the group, or seconds of a prefill. */
  readonly value: number;
  readonly version: string;
}

export interface DecodeCase extends CaseBase {
  readonly batch: number;
  /** Tokens attended to; neural units run graphs compiled for a context and attend to all of it. */
  readonly contextTokens: number;
  /**
   * Lengths of the requests where the figure is the output tokens of whole requests over their time, prompts included (vllm bench
   * serve, "output token throughput", at a fixed concurrency); null where it is the rate of decoding alone.
   */
  readonly requests: { readonly promptTokens: number; readonly outputTokens: number } | null;
  readonly tokensPerSecond: number;
  /** False where the row is of something else than the device: held back by its host (a card on a single-board computer, eight threads of a virtual machine) or run on the graphics of the phone: compared, never fitted. */
  readonly fitted: boolean;
}

export interface PrefillCase extends CaseBase {
  readonly promptTokens: number;
  readonly seconds: number;
}

/** MLPerf Offline: a whole machine, however its submitter split it. */
export interface OfflineCase extends CaseBase {
  readonly devices: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly tokensPerSecond: number;
}

/** Systems of vendors whose constants are priors: one figure of a closed loop. */
export interface OtherVendorCase extends CaseBase {
  readonly concurrency: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly metric: 'throughput' | 'tpot';
  /** Output tokens/s of the group, or seconds. */
  readonly value: number;
}

interface MemoryCase {
  readonly id: string;
  readonly configuration: ServingConfiguration;
  readonly weightsBytes: number;
  readonly kvCacheBytes: number;
}

function model(id: string): LanguageArchitecture {
  const found = models.get(id);
  if (found?.kind !== 'language') throw new Error(`No language model ${id}.`);
  return found;
}

function device(id: string): Device {
  const found = devices.get(id);
  if (!found) throw new Error(`No device ${id}.`);
  if (found.class !== 'cpu' || found.memoryBytes !== null) return found;
  return { ...found, memoryBytes: HOST_MEMORY_GIB.value * 2 ** 30 };
}

function configuration(row: Record<string, string>, engine: ServingEngine): ServingConfiguration {
  return {
    ...SERVING_DEFAULTS,
    model: model(row.model as string),
    device: device(row.device as string),
    engine,
    softwareEra: softwareEra(engine, row),
    weightFormat: row.format as WeightFormat,
    kvCacheFormat: (row.kv as KvCacheFormat | undefined) ?? 'bf16',
    tensorParallel: Number(row.tp),
    pipelineParallel: Number(row.pp ?? 1),
    attentionDataParallel: Number(row.adp ?? 1),
    expertParallel: Number(row.ep ?? 1),
    // the limits the engines ran with: TensorRT-LLM's tables up to 2,048, the others their own default
    maxSequences: engine === 'tensorrt_llm' ? 2048 : defaultMaxSequences(device(row.device as string), engine),
  };
}

/** A model on one device with the engine's defaults. */
export const servingCase = (row: {
  readonly model: string;
  readonly device: string;
  readonly engine: ServingEngine;
  readonly format: WeightFormat;
}): ServingConfiguration => configuration({ ...row, tp: '1' }, row.engine);

/**
 * What errs together: one model on one device, engine, format and parallelism in one source. Versions of an engine are not
 * told apart: they run on the same constants, and many sweeps do not state theirs.
 */
const systemOf = ({ model, device, engine, format, tp, pp, adp, ep, source }: Record<string, string>): string =>
  [model, device, engine, format, tp, pp, adp, ep, source].join(' ');

const groupOf = (row: Record<string, string>) => `${row.model} @ ${row.device}`;

/** The sweeps start the engine with a limit of as many sequences as they keep in flight. */
const admitting = (named: ServingConfiguration, concurrency: number): ServingConfiguration => ({
  ...named,
  maxSequences: Math.max(named.maxSequences, concurrency),
});

export const closedLoopCases = (): ClosedLoopCase[] =>
  rows('inference-closed-loop.csv').map((row) => ({
    id: row.id as string,
    group: groupOf(row),
    system: systemOf(row),
    configuration: admitting(configuration(row, row.engine as ServingEngine), Number(row.concurrency)),
    concurrency: Number(row.concurrency),
    fixedLengths: row.lab === 'gap',
    promptTokens: Number(row.isl),
    outputTokens: Number(row.osl),
    ttftSeconds: Number(row.ttftMs) / 1e3,
    tpotSeconds: Number(row.tpotMs) / 1e3,
  }));

/** TensorRT-LLM 0.19, the first release measured under the PyTorch runtime. */
const PYTORCH_RUNTIME = '2025-05-09';

/** The era of the engine: by its version, by the date of the run or the image where the version is not a number. */
function softwareEra(engine: ServingEngine, { version = '', date = '' }: Record<string, string>): string | null {
  const byVersion = eraOfVersion(engine, version);
  if (byVersion) return byVersion.id;
  if (engine === 'tensorrt_llm' && date !== '' && date < PYTORCH_RUNTIME) return COMPILED_ENGINES;
  return date !== '' && date < '2026' ? (SOFTWARE_ERAS[engine].at(-2)?.id ?? null) : null;
}

/** Version of the engine by case. */
export const closedLoopVersions = (): ReadonlyMap<string, string> =>
  new Map(rows('inference-closed-loop.csv').map((row) => [row.id as string, row.version as string]));

/** The tables of v1.0 name the devices of a mixture; their recipe splits attention by sequences and the experts over all of them. */
function asTabulated(named: ServingConfiguration, version: string): ServingConfiguration {
  const devices = named.tensorParallel;
  if (version !== 'v1.0' || !named.model.mixtureOfExperts || devices === 1) return named;
  return { ...named, tensorParallel: 1, attentionDataParallel: devices, expertParallel: devices };
}

export const throughputCases = (): ThroughputCase[] =>
  rows('inference-tensorrt-llm.csv').map((row) => {
    const { model = '', version = '' } = row;
    const kind = row.kind as ThroughputCase['kind'];
    const lengths = { promptTokens: Number(row.isl), outputTokens: Number(row.osl || 1) };
    const tabulated = asTabulated(configuration(row, 'tensorrt_llm'), version);
    return {
      id: row.id as string,
      group: groupOf(row),
      system: systemOf(row),
      configuration:
        kind === 'max'
          ? benchmarkConfiguration(tabulated, { version, model, ...lengths })
          : // engines of static batches are built for that batch
            { ...tabulated, maxSequences: Number(row.batch || 1) },
      kind,
      batch: row.batch ? Number(row.batch) : null,
      ...lengths,
      value: kind === 'prefill' ? Number(row.value) / 1e3 : Number(row.value),
      version,
    };
  });

/** What the source says of its files where they are not as usual. */
function weightStorage({ layerBits, headBits, besideExperts }: Record<string, string>): WeightStorage | null {
  if (!layerBits && !headBits && !besideExperts) return null;
  return {
    layerBits: layerBits ? Number(layerBits) : null,
    headBits: headBits ? Number(headBits) : null,
    besideExperts: (besideExperts || null) as WeightFormat | null,
  };
}

/** Processors take the memory they are given: GB/s of the measured machine where its source names it. */
const withMemoryOf = ({ bandwidth }: Record<string, string>, named: ServingConfiguration): ServingConfiguration =>
  bandwidth ? { ...named, device: { ...named.device, memoryBandwidthBytesPerSecond: Number(bandwidth) * 1e9 } } : named;

export const decodeCases = (): DecodeCase[] =>
  rows('inference-decode.csv').map((row) => ({
    id: row.id as string,
    group: groupOf(row),
    system: systemOf(row),
    configuration: {
      ...withMemoryOf(row, configuration(row, row.engine as ServingEngine)),
      floatActivations: row.activations === 'float',
      weightStorage: weightStorage(row),
      prefixCacheHitRate: row.cached ? Number(row.cached) / Number(row.isl) : 0,
    },
    batch: Number(row.batch),
    contextTokens: Number(row.context),
    requests: row.isl ? { promptTokens: Number(row.isl), outputTokens: Number(row.osl) } : null,
    tokensPerSecond: Number(row.tokensPerSecond),
    fitted: !row.host,
  }));

/** Reading prompts alone on an idle device. */
export const prefillCases = (): PrefillCase[] =>
  rows('inference-prefill.csv').map((row) => ({
    id: row.id as string,
    group: groupOf(row),
    system: systemOf(row),
    configuration: {
      ...configuration(row, row.engine as ServingEngine),
      floatActivations: row.activations === 'float',
    },
    promptTokens: Number(row.tokens),
    seconds: Number(row.seconds),
  }));

export const offlineCases = (): OfflineCase[] =>
  rows('inference-mlperf-language.csv').map((row) => ({
    id: row.id as string,
    group: groupOf(row),
    system: systemOf(row),
    configuration: configuration(row, row.engine as ServingEngine),
    devices: Number(row.devices),
    promptTokens: Number(row.isl),
    outputTokens: Number(row.osl),
    tokensPerSecond: Number(row.tokensPerSecond),
  }));

export const otherVendorCases = (): OtherVendorCase[] => closedLoopFigures('inference-other-vendors.csv');

/** What laboratories of no other file published: among them kinds of models that nobody else measured. */
export const otherLaboratoryCases = (): OtherVendorCase[] => closedLoopFigures('inference-other-laboratories.csv');

const closedLoopFigures = (file: string): OtherVendorCase[] =>
  rows(file).map((row) => ({
    id: row.id as string,
    group: groupOf(row),
    system: systemOf(row),
    configuration: configuration(row, row.engine as ServingEngine),
    concurrency: Number(row.concurrency),
    promptTokens: Number(row.isl),
    outputTokens: Number(row.osl),
    metric: row.metric as OtherVendorCase['metric'],
    value: Number(row.value),
  }));

/** Measured rows that have no case here, by reason. */
export const uncoveredCases = (kind: 'closed' | 'decode' | 'mlperf' | 'other' | 'vision'): Record<string, number> =>
  (JSON.parse(read('inference-uncovered.json')) as Record<string, Record<string, number>>)[kind] ?? {};

export const memoryCases = (): MemoryCase[] =>
  rows('inference-memory.csv').map((row) => {
    const base = configuration(row, 'vllm');
    return {
      id: row.id as string,
      configuration: {
        ...base,
        maxSequences: 1024,
        memoryUtilization: Number(row.utilization),
        device: { ...base.device, memoryBytes: Number(row.capacityGib) * 2 ** 30 },
      },
      weightsBytes: Number(row.weights) * 2 ** 30,
      kvCacheBytes: Number(row.kv_cache) * 2 ** 30,
    };
  });
