/**
 * Speed of models that work by the sample, from measured anchors: an additive model in logarithms,
 *
 *   ln(time per sample) = device + model,
 *
 * where a model without a measurement counts by its FLOPs (depthwise convolutions cost more than their FLOPs say;
 * traffic that no batch shares counts as the FLOPs that would fit in its time), and a device without one by its peak
 * and the median of its kernel class. Two-way effects after Tukey (1977), shrunk towards those defaults; exponents
 * chosen by leaving out each (device, model) pair of the anchors.
 */
import type { KernelClass } from './efficiency.ts';

/** Models whose kernels behave alike: anchors of one cohort say nothing about another. */
export const SAMPLE_COHORTS = ['vision', 'encoder', 'speech', 'transducer', 'diffusion', 'recommendation'] as const;
export type SampleCohort = (typeof SAMPLE_COHORTS)[number];

/** What a device is asked to do, and how fast it could. */
export interface SampleWork {
  /** Dense peak of the device in this format, OP/s. */
  readonly peakOpsPerSecond: number;
  readonly flopsPerSample: number;
  /** Read for each sample alone; 0 or absent where only FLOPs count. */
  readonly bytesPerSample?: number;
  readonly bandwidthBytesPerSecond?: number;
  /** Board power; absent where it is not published. */
  readonly tdpWatts?: number;
}

export interface SampleAnchor extends SampleWork {
  /** "device/model/format". */
  readonly id: string;
  readonly deviceId: string;
  readonly kernelClass: string;
  readonly model: string;
  readonly parametersTotal: number;
  readonly depthwise: boolean;
  readonly format: string;
  /** Offline rate of one device; null where only latency was measured. */
  readonly samplesPerSecond: number | null;
  /** One sample at a time. */
  readonly singleStreamSeconds: number | null;
  readonly source: string;
  /** Taken from a summary: the result itself was not read. */
  readonly secondHand?: true;
}

export interface SampleSubject extends SampleWork {
  readonly deviceId: string;
  readonly kernelClass: KernelClass | string;
  readonly format: string;
  /** Name of a measured model, or null for one that no anchor has. */
  readonly model: string | null;
  readonly depthwise: boolean;
}

interface Exponents {
  readonly flops: number;
  /** Added to the logarithm of a depthwise model. */
  readonly depthwise: number;
  readonly peak: number;
  /** Of board power: cards with few watts per FLOP do not hold the clock of their peak. */
  readonly power: number;
  /** Seconds of traffic at full bandwidth, over seconds of arithmetic at full peak, that cost as much. */
  readonly traffic: number;
  /** Of one pass, at the device's full speed: what small models on large devices wait for. */
  readonly launchSeconds: number;
  /** Measurements at which a device or a model weighs as much as its default. */
  readonly deviceShrinkage: number;
  readonly modelShrinkage: number;
}

interface CohortExponents {
  readonly throughput: Exponents;
  readonly latency: Exponents;
}

/** By leaving out each device and each pair of device and model: flat within 2 points of median error around these. */
const VISION: CohortExponents = {
  throughput: {
    flops: 0.9,
    depthwise: 1.4,
    peak: 0.8,
    power: 0.2,
    traffic: 0,
    launchSeconds: 0,
    deviceShrinkage: 0.3,
    modelShrinkage: 0.3,
  },
  latency: {
    flops: 1,
    depthwise: 0.4,
    peak: 1,
    power: 0,
    traffic: 0,
    launchSeconds: 1e-4,
    deviceShrinkage: 0.5,
    modelShrinkage: 1,
  },
};
/**
 * One or two models were measured per cohort, so exponents of size are those of vision, 1 where work is a count of
 * steps; the rate's exponents of peak and power are shared by all cohorts, vision included.
 */
const SHARED: CohortExponents = {
  throughput: { ...VISION.throughput, flops: 1, traffic: 1, deviceShrinkage: 1 },
  latency: { ...VISION.latency, peak: 0.6, launchSeconds: 0 },
};
/** Of a transformer's size on the latency of one sequence: small ones are launches. */
const SEQUENCE_LATENCY_FLOPS = 0.7;
const EXPONENTS: Readonly<Record<SampleCohort, CohortExponents>> = {
  vision: VISION,
  encoder: {
    throughput: { ...SHARED.throughput, flops: VISION.throughput.flops, traffic: 0 },
    latency: { ...SHARED.latency, flops: SEQUENCE_LATENCY_FLOPS },
  },
  // alone, a recurrent model waits for its weights at every frame
  transducer: {
    throughput: { ...SHARED.throughput, traffic: 0 },
    latency: { ...SHARED.latency, peak: 0.7, traffic: 1 },
  },
  speech: SHARED,
  // watts per FLOP of one vendor's accelerators say little about another's
  diffusion: { ...SHARED, throughput: { ...SHARED.throughput, power: 0 } },
  recommendation: SHARED,
};

const SWEEPS = 30;

/** Graphics processors, neural processors and CPUs rank models differently. */
export function deviceKind(kernel: string): 'npu' | 'cpu' | 'gpu' {
  if (kernel === 'edge' || kernel === 'asic') return 'npu';
  return kernel === 'cpu' ? 'cpu' : 'gpu';
}

interface Cell {
  readonly subject: SampleSubject;
  readonly log: number;
}

export interface SampleSpeed {
  /** Seconds per sample. */
  readonly seconds: number;
  /** Whether the device, the model, both or neither has anchors. */
  readonly knowsDevice: boolean;
  readonly knowsModel: boolean;
  /** Whether any device of the kernel class has anchors. */
  readonly knowsClass: boolean;
}

class Effects {
  private readonly device: ReadonlyMap<string, number>;
  private readonly model: ReadonlyMap<string, number>;
  private readonly kernel: ReadonlyMap<string, number>;
  /** Of makers of neural processors, each with a compiler of its own, and of models under it. */
  private readonly maker: ReadonlyMap<string, number>;
  private readonly compiled: ReadonlyMap<string, number>;
  private readonly exponents: Exponents;
  /** Mean logarithm of watts per OP/s: what a device without published power is taken for. */
  private readonly wattsPerOp: number;

  constructor(cells: readonly Cell[], exponents: Exponents) {
    this.exponents = exponents;
    const powered = cells.flatMap(({ subject: { tdpWatts, peakOpsPerSecond } }) =>
      tdpWatts === undefined ? [] : [Math.log(tdpWatts / peakOpsPerSecond)],
    );
    this.wattsPerOp = powered.reduce((sum, value) => sum + value / powered.length, 0);
    const rest = Float64Array.from(cells, ({ subject, log }) => log - this.defaultLog(subject));
    const factor = (keyOf: (subject: SampleSubject) => string | null, shrinkage: number) =>
      new Factor(
        cells.map(({ subject }) => keyOf(subject)),
        shrinkage,
      );
    const kernel = factor((subject) => subject.kernelClass, 0);
    const maker = factor(makerKey, exponents.deviceShrinkage);
    const device = factor(deviceKey, exponents.deviceShrinkage);
    const model = factor(modelKey, exponents.modelShrinkage);
    const compiled = factor(compiledKey, exponents.modelShrinkage);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (const each of [kernel, maker, device, model, compiled]) each.refit(rest);
    }
    this.kernel = kernel.effects();
    this.maker = maker.effects();
    this.device = device.effects();
    this.model = model.effects();
    this.compiled = compiled.effects();
  }

  predict(subject: SampleSubject): SampleSpeed | null {
    const kernel = this.kernel.get(subject.kernelClass) ?? this.kindMean(subject.kernelClass);
    const device = this.device.get(deviceKey(subject)) ?? this.otherFormat(subject.deviceId);
    if (kernel === null) return null;
    const model = subject.model === null ? undefined : this.model.get(modelKey(subject));
    const compiled = effectOf(this.maker, makerKey(subject)) + effectOf(this.compiled, compiledKey(subject));
    return {
      seconds: Math.exp(this.defaultLog(subject) + kernel + (device ?? 0) + (model ?? 0) + compiled),
      knowsDevice: device !== undefined,
      knowsModel: model !== undefined,
      knowsClass: this.kernel.has(subject.kernelClass),
    };
  }

  private defaultLog(subject: SampleSubject): number {
    const { flops, depthwise, peak, power, traffic, launchSeconds } = this.exponents;
    const { peakOpsPerSecond, bytesPerSample = 0, bandwidthBytesPerSecond = Number.POSITIVE_INFINITY } = subject;
    const { tdpWatts = peakOpsPerSecond * Math.exp(this.wattsPerOp) } = subject;
    const seconds = launchSeconds + (traffic * bytesPerSample) / bandwidthBytesPerSecond;
    return (
      flops * Math.log(subject.flopsPerSample + seconds * peakOpsPerSecond) +
      (subject.depthwise ? depthwise : 0) -
      peak * Math.log(peakOpsPerSecond) -
      power * Math.log(tdpWatts)
    );
  }

  /** A class nobody measured counts as the mean of the classes of its kind. */
  private kindMean(kernel: string): number | null {
    let sum = 0;
    let count = 0;
    for (const [other, effect] of this.kernel) {
      if (deviceKind(other) !== deviceKind(kernel)) continue;
      sum += effect;
      count++;
    }
    return count > 0 ? sum / count : null;
  }

  /** A device measured in another format keeps its distance from its class. */
  private otherFormat(deviceId: string): number | undefined {
    for (const [key, effect] of this.device) if (key.startsWith(`${deviceId}/`)) return effect;
    return undefined;
  }
}

/** One way to group the cells, and the effect of each group. */
class Factor {
  private readonly names: readonly string[];
  /** Group of each cell; -1 where it has none. */
  private readonly groups: Int32Array;
  private readonly weights: Float64Array;
  private readonly values: Float64Array;

  constructor(keys: readonly (string | null)[], shrinkage: number) {
    this.names = [...new Set(keys.filter((key) => key !== null))];
    const index = new Map(this.names.map((name, position) => [name, position]));
    this.groups = Int32Array.from(keys, (key) => (key === null ? -1 : (index.get(key) as number)));
    this.values = new Float64Array(this.names.length);
    this.weights = new Float64Array(this.names.length).fill(shrinkage);
    for (const group of this.groups) if (group >= 0) this.weights[group] = (this.weights[group] as number) + 1;
  }

  /** @param rest logarithms less every effect, this one too: updated in place */
  refit(rest: Float64Array): void {
    const sums = new Float64Array(this.values.length);
    this.groups.forEach((group, cell) => {
      if (group < 0) return;
      sums[group] = (sums[group] as number) + (rest[cell] as number) + (this.values[group] as number);
    });
    const changes = sums.map((sum, group) => sum / (this.weights[group] as number) - (this.values[group] as number));
    this.groups.forEach((group, cell) => {
      if (group >= 0) rest[cell] = (rest[cell] as number) - (changes[group] as number);
    });
    changes.forEach((change, group) => {
      this.values[group] = (this.values[group] as number) + change;
    });
  }

  effects(): Map<string, number> {
    return new Map(this.names.map((name, group) => [name, this.values[group] as number]));
  }
}

const deviceKey = (subject: SampleSubject): string => `${subject.deviceId}/${subject.format}`;
const modelKey = (subject: SampleSubject): string => `${deviceKind(subject.kernelClass)}/${subject.model}`;
/** Device ids begin with the maker. */
const makerKey = ({ deviceId, kernelClass }: SampleSubject): string | null =>
  deviceKind(kernelClass) === 'npu' ? `${kernelClass}/${deviceId.slice(0, deviceId.indexOf('-'))}` : null;
const compiledKey = (subject: SampleSubject): string | null => {
  const maker = makerKey(subject);
  return maker === null || subject.model === null ? null : `${maker}/${subject.model}`;
};

const effectOf = (effects: ReadonlyMap<string, number>, key: string | null): number =>
  key === null ? 0 : (effects.get(key) ?? 0);

export class AnchorModel {
  readonly anchors: readonly SampleAnchor[];
  private readonly throughput: Effects;
  private readonly latency: Effects;

  constructor(anchors: readonly SampleAnchor[], cohort: SampleCohort = 'vision') {
    this.anchors = anchors;
    const { throughput, latency } = EXPONENTS[cohort];
    const cells = (value: (anchor: SampleAnchor) => number | null): Cell[] =>
      anchors.flatMap((anchor) => {
        const seconds = value(anchor);
        return seconds === null ? [] : [{ subject: anchor, log: Math.log(seconds) }];
      });
    this.throughput = new Effects(
      cells((anchor) => (anchor.samplesPerSecond === null ? null : 1 / anchor.samplesPerSecond)),
      throughput,
    );
    this.latency = new Effects(
      cells((anchor) => anchor.singleStreamSeconds),
      latency,
    );
  }

  /** Seconds per sample at full load; null where the device class has no anchor. */
  throughputOf(subject: SampleSubject): SampleSpeed | null {
    return this.throughput.predict(subject);
  }

  /** Seconds of one sample alone. */
  latencyOf(subject: SampleSubject): SampleSpeed | null {
    return this.latency.predict(subject);
  }
}
