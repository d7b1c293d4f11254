/**
 * Speed of models that work by the sample, from measured anchors: an additive model in logarithms,
 *
 *   ln(time per sample) = device + model,
 *
 * where a model without a measurement counts by its FLOPs (depthwise convolutions cost more than their FLOPs say;
 * traffic that no batch shares counts as the FLOPs that would fit in its time), and a device without one by its peak
 * and the mean of its kernel class (of neural processors and CPUs in that format) and compiler. Two-way effects after
 * Tukey (1977), shrunk towards those defaults; exponents chosen by leaving out each device and each (device, model)
 * pair of the anchors.
 */
import type { KernelClass } from '../step/efficiency.ts';
import { type DeviceKind, deviceKind, EXPONENTS, type Exponents } from './exponents.ts';

/** Models whose kernels behave alike: anchors of one cohort say nothing about another. */
export const SAMPLE_COHORTS = ['vision', 'encoder', 'speech', 'transducer', 'diffusion', 'recommendation'] as const;
export type SampleCohort = (typeof SAMPLE_COHORTS)[number];

/** What a device is asked to do, and how fast it could. */
interface SampleWork {
  /** Dense peak of the device in this format, OP/s. */
  readonly peakOpsPerSecond: number;
  /** What one sample alone runs on; the same where absent. */
  readonly aloneOpsPerSecond?: number;
  readonly flopsPerSample: number;
  /** Of the input, for networks that read images. */
  readonly inputPixels?: number;
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

const SWEEPS = 30;

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

/** Times of one network on one device at another size, over those at a measured one: at full load, and of one sample alone. */
export interface Growth {
  readonly throughput: number;
  readonly latency: number;
}

class Effects {
  private readonly device: ReadonlyMap<string, number>;
  private readonly network: ReadonlyMap<string, number>;
  private readonly model: ReadonlyMap<string, number>;
  private readonly kernel: ReadonlyMap<string, number>;
  /** Of makers of neural processors, each with a compiler of its own, and of models under it. */
  private readonly maker: ReadonlyMap<string, number>;
  private readonly compiled: ReadonlyMap<string, number>;
  private readonly exponents: Readonly<Record<DeviceKind, Exponents>>;
  private readonly alone: boolean;
  /** Mean logarithm of watts per OP/s: what a device without published power is taken for. */
  private readonly wattsPerOp: number;

  /** @param alone one sample at a time, not full batches */
  constructor(cells: readonly Cell[], exponents: Readonly<Record<DeviceKind, Exponents>>, alone: boolean) {
    this.exponents = exponents;
    this.alone = alone;
    const powered = cells.flatMap(({ subject: { tdpWatts, peakOpsPerSecond } }) =>
      tdpWatts === undefined ? [] : [Math.log(tdpWatts / peakOpsPerSecond)],
    );
    this.wattsPerOp = powered.reduce((sum, value) => sum + value / powered.length, 0);
    const rest = Float64Array.from(cells, ({ subject, log }) => log - this.defaultLog(subject));
    const groups = cells.map(({ subject }) => groupsOf(subject));
    const factor = (name: keyof Groups, shrinkage: number) =>
      new Factor(
        groups.map((names) => names[name]),
        shrinkage,
      );
    const { deviceShrinkage, modelShrinkage } = exponents.gpu;
    const kernel = factor('kernel', 0);
    const maker = factor('maker', deviceShrinkage);
    const device = factor('device', deviceShrinkage);
    const network = factor('network', modelShrinkage);
    const model = factor('model', modelShrinkage);
    const compiled = factor('compiled', modelShrinkage);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      for (const each of [kernel, maker, device, network, model, compiled]) each.refit(rest);
    }
    this.kernel = kernel.effects();
    this.maker = maker.effects();
    this.device = device.effects();
    this.network = network.effects();
    this.model = model.effects();
    this.compiled = compiled.effects();
  }

  /** Of a model on this kind of device, beside what it is on all; null where it was not measured on any of the kind. */
  modelEffect(subject: SampleSubject): number | null {
    return (subject.model === null ? undefined : this.model.get(groupsOf(subject).model)) ?? null;
  }

  /** @param borrowed what the other metric says of a model that this one was not measured for */
  predict(subject: SampleSubject, borrowed: number | null): SampleSpeed | null {
    const groups = groupsOf(subject);
    const own = this.kernel.get(groups.kernel) ?? this.classMean((other) => other === subject.kernelClass);
    const kind = deviceKind(subject.kernelClass);
    const kernel = own ?? this.classMean((other) => deviceKind(other) === kind);
    const device = this.device.get(groups.device) ?? this.otherFormat(subject.deviceId);
    if (kernel === null) return null;
    const model = this.modelEffect(subject);
    const compiled = effectOf(this.maker, groups.maker) + effectOf(this.compiled, groups.compiled);
    const anywhere = effectOf(this.network, groups.network);
    return {
      seconds: Math.exp(
        this.defaultLog(subject) + kernel + (device ?? 0) + (model ?? borrowed ?? 0) + anywhere + compiled,
      ),
      knowsDevice: device !== undefined,
      knowsModel: model !== null,
      knowsClass: own !== null,
    };
  }

  /** Seconds over those of other work on the same device. */
  growth(from: SampleSubject, to: SampleSubject): number {
    return Math.exp(this.defaultLog(to) - this.defaultLog(from));
  }

  private defaultLog(subject: SampleSubject): number {
    const { flops, pixelFlops, depthwise, peak, power, traffic, launchSeconds } =
      this.exponents[deviceKind(subject.kernelClass)];
    const peakOpsPerSecond = (this.alone ? subject.aloneOpsPerSecond : undefined) ?? subject.peakOpsPerSecond;
    const {
      flopsPerSample,
      inputPixels = 0,
      bytesPerSample = 0,
      bandwidthBytesPerSecond = Number.POSITIVE_INFINITY,
    } = subject;
    const { tdpWatts = peakOpsPerSecond * Math.exp(this.wattsPerOp) } = subject;
    const launch = isOneCore(subject) ? 0 : launchSeconds;
    const seconds = launch + (traffic * bytesPerSample) / bandwidthBytesPerSecond;
    return (
      flops * Math.log(flopsPerSample + pixelFlops * inputPixels + seconds * peakOpsPerSecond) +
      (subject.depthwise ? depthwise : 0) -
      peak * Math.log(peakOpsPerSecond) -
      power * Math.log(tdpWatts)
    );
  }

  /** A class nobody measured counts as the mean of those like it. */
  private classMean(isLike: (kernelClass: string) => boolean): number | null {
    let sum = 0;
    let count = 0;
    for (const [other, effect] of this.kernel) {
      if (!isLike(other.split('/')[0] as string)) continue;
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
    const { groups, values, weights } = this;
    const changes = new Float64Array(values.length);
    for (let cell = 0; cell < groups.length; cell++) {
      const group = groups[cell] as number;
      if (group >= 0) changes[group] = (changes[group] as number) + (rest[cell] as number) + (values[group] as number);
    }
    for (let group = 0; group < values.length; group++) {
      const old = values[group] as number;
      values[group] = (changes[group] as number) / (weights[group] as number);
      changes[group] = (values[group] as number) - old;
    }
    for (let cell = 0; cell < groups.length; cell++) {
      const group = groups[cell] as number;
      if (group >= 0) rest[cell] = (rest[cell] as number) - (changes[group] as number);
    }
  }

  effects(): Map<string, number> {
    return new Map(this.names.map((name, group) => [name, this.values[group] as number]));
  }
}

/** Keys of the groups that a subject falls into: made once, since leaving anchors out fits the same ones again and again. */
interface Groups {
  readonly kernel: string;
  readonly maker: string | null;
  readonly device: string;
  /** On any kind of device, and on this kind. */
  readonly network: string | null;
  readonly model: string;
  readonly compiled: string | null;
}

const known = new WeakMap<SampleSubject, Groups>();

function groupsOf(subject: SampleSubject): Groups {
  const before = known.get(subject);
  if (before !== undefined) return before;
  const maker = makerKey(subject);
  const groups = {
    kernel: classKey(subject),
    maker,
    device: `${subject.deviceId}/${subject.format}`,
    network: subject.model,
    model: `${deviceKind(subject.kernelClass)}/${subject.model}`,
    compiled: maker === null || subject.model === null ? null : `${maker}/${subject.model}`,
  };
  known.set(subject, groups);
  return groups;
}
/** Ids of single processor cores end so. */
const isOneCore = ({ deviceId, kernelClass }: SampleSubject): boolean =>
  kernelClass === 'cpu' && deviceId.endsWith('-core');
/** What counts as one class: graphics processors whatever the format, others by format, single cores apart. */
const classKey = (subject: SampleSubject): string =>
  deviceKind(subject.kernelClass) === 'gpu'
    ? subject.kernelClass
    : `${subject.kernelClass}/${subject.format}${isOneCore(subject) ? '/core' : ''}`;
const makerKey = ({ deviceId, kernelClass }: SampleSubject): string | null =>
  deviceKind(kernelClass) === 'npu' ? `${kernelClass}/${compilerOf(deviceId)}` : null;
/**
 * Device ids begin with the maker. Rockchip has two toolkits (RKNN-Toolkit for RK1808, RV1109 and RV1126, RKNN-Toolkit2
 * after); Qualcomm's Adreno graphics, Cloud AI cards, phones with laptops, and modules with cars differ in what they
 * reach of the rates they are sold by.
 */
function compilerOf(deviceId: string): string {
  const maker = deviceId.slice(0, deviceId.indexOf('-'));
  if (maker === 'rockchip') return /rk1808|rv1109|rv1126$/.test(deviceId) ? 'rknn-toolkit' : 'rknn-toolkit2';
  if (maker === 'qualcomm') return `qualcomm-${/adreno|cloud|snapdragon/.exec(deviceId)?.[0] ?? 'module'}`;
  return maker;
}
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
      false,
    );
    this.latency = new Effects(
      cells((anchor) => anchor.singleStreamSeconds),
      latency,
      true,
    );
  }

  /** Seconds per sample at full load; null where the device class has no anchor. */
  throughputOf(subject: SampleSubject): SampleSpeed | null {
    return this.throughput.predict(subject, this.latency.modelEffect(subject));
  }

  /** Seconds of one sample alone. */
  latencyOf(subject: SampleSubject): SampleSpeed | null {
    return this.latency.predict(subject, this.throughput.modelEffect(subject));
  }

  growth(from: SampleSubject, to: SampleSubject): Growth {
    return { throughput: this.throughput.growth(from, to), latency: this.latency.growth(from, to) };
  }
}
