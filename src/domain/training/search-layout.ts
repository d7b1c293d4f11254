/**
 * The fastest layout that fits. Pruned enumeration: cuts that cannot fit are dropped by memory before any time is computed;
 * recomputation and micro-batch are taken in the order of speed and the first that fits ends the line.
 */
import { checkLayout, checkWorkload } from './check-layout.ts';
import { CALIBRATED, type StepConstants } from './constants.ts';
import { cuts, fastestFitting, shapes } from './enumerate-layouts.ts';
import { isPreferenceMethod } from './flops.ts';
import { MEMORY_UTILIZATION, peakMemoryBytes, trainingMemory } from './memory.ts';
import type { LayoutCandidate, LayoutSearchResult, StepTime, TrainingRefusal } from './results.ts';
import { stepTime } from './step-time.ts';
import { type Cluster, LAYOUT_DEFAULTS, type TrainingLayout, type TrainingWorkload } from './workload.ts';

export interface LayoutSearchOptions {
  /** Values the caller fixed; the rest is searched. */
  readonly fixed?: Partial<TrainingLayout>;
  readonly runnersUp?: number;
  /** Share of device memory a layout may use. */
  readonly memoryUtilization?: number;
}

interface Timed {
  readonly layout: TrainingLayout;
  readonly step: StepTime;
}

const LARGEST_CLUSTER = 65_536;

/**
 * Best layout, runners-up with reasons, or why nothing fits and the smallest cluster on which something does.
 * @throws RangeError when devices, batch or sequence is not a positive whole number.
 */
export function searchLayout(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions = {},
  constants: StepConstants = CALIBRATED,
): LayoutSearchResult {
  for (const count of [cluster.devices, workload.globalBatchSequences, workload.sequenceLength]) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`Not a positive whole number: ${count}.`);
  }
  const impossible = checkWorkload(workload, cluster);
  if (impossible.length > 0) return infeasible(impossible, 0, 0, null, null);

  const search = enumerate(workload, cluster, options, constants);
  if (search.timed.length === 0) {
    const least =
      search.least === null
        ? null
        : { layout: search.least, memory: trainingMemory(workload, cluster, search.least, utilizationOf(options)) };
    const smallest = smallestFittingDevices(workload, cluster, options);
    const contradictions = least === null ? contradictionsOf(workload, cluster, options.fixed ?? {}) : [];
    return infeasible(
      contradictions.length > 0 ? contradictions : [whyNothingFits(workload, cluster, least, smallest)],
      search.evaluated,
      search.rejected,
      smallest,
      least,
    );
  }
  const ranked = search.timed.sort((a, b) => a.step.seconds - b.step.seconds);
  const best = ranked[0] as Timed;
  const distinct = distinctCuts(ranked).slice(1, 1 + (options.runnersUp ?? 4));
  const candidate = ({ layout, step }: Timed): LayoutCandidate => ({
    layout,
    step,
    memory: trainingMemory(workload, cluster, layout, utilizationOf(options)),
    whyNotBest: layout === best.layout ? '' : whyNotBest(step, best.step),
    slowdown: step.seconds / best.step.seconds,
  });
  return {
    status: 'ok',
    best: candidate(best),
    runnersUp: distinct.map(candidate),
    candidatesEvaluated: search.evaluated,
    rejectedForMemory: search.rejected,
    refusals: [],
    smallestFittingDevices: null,
    leastMemory: null,
  };
}

/** Where no cut exists at all, the values the caller fixed say why: the layout they make, with the rest at its least. */
function contradictionsOf(
  workload: TrainingWorkload,
  cluster: Cluster,
  fixed: Partial<TrainingLayout>,
): TrainingRefusal[] {
  const pair = isPreferenceMethod(workload.method) ? { microBatchSequences: 2 } : {};
  const least = { ...LAYOUT_DEFAULTS, ...pair, ...fixed };
  const ranks = least.tensorParallel * least.pipelineParallel * least.contextParallel;
  const dataParallel = fixed.dataParallel ?? Math.max(1, Math.floor(cluster.devices / ranks));
  return checkLayout(workload, cluster, { ...least, dataParallel });
}

const utilizationOf = (options: LayoutSearchOptions): number => options.memoryUtilization ?? MEMORY_UTILIZATION;

interface Enumeration {
  timed: Timed[];
  least: TrainingLayout | null;
  leastBytes: number;
  evaluated: number;
  rejected: number;
}

function enumerate(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  constants: StepConstants,
): Enumeration {
  const usable = (cluster.device.memoryBytes ?? 0) * utilizationOf(options);
  const found: Enumeration = {
    timed: [],
    least: null,
    leastBytes: Number.POSITIVE_INFINITY,
    evaluated: 0,
    rejected: 0,
  };
  const anyFixed = Object.keys(options.fixed ?? {}).length > 0;
  const fits = (layout: TrainingLayout): boolean => {
    // the enumeration divides by itself; what the caller fixed may not
    if (anyFixed && checkLayout(workload, cluster, layout).length > 0) return false;
    found.evaluated++;
    const bytes = peakMemoryBytes(workload, cluster, layout);
    if (bytes < found.leastBytes) {
      found.leastBytes = bytes;
      found.least = layout;
    }
    if (bytes <= usable) return true;
    found.rejected++;
    return false;
  };
  for (const cut of cuts(workload, cluster, options.fixed ?? {})) {
    for (const shape of shapes(workload, cut, options.fixed ?? {})) {
      for (const layout of fastestFitting(workload, shape, options.fixed ?? {}, fits)) {
        found.timed.push({ layout, step: stepTime(workload, cluster, layout, constants) });
      }
    }
  }
  return found;
}

/** The fastest of each tensor x pipeline x context x expert x sharding cut. */
function distinctCuts(ranked: readonly Timed[]): Timed[] {
  const seen = new Set<string>();
  return ranked.filter(({ layout }) => {
    const key = `${layout.tensorParallel}/${layout.pipelineParallel}/${layout.contextParallel}/${layout.expertParallel}/${layout.sharding}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const TERM_NAMES: Record<string, string> = {
  gemm: 'matrix multiplications run less efficiently',
  attention: 'attention takes longer',
  elementWise: 'element-wise work is spread over fewer devices',
  logits: 'the output layer is spread over fewer devices',
  recompute: 'more is recomputed in the backward pass to fit in memory',
  tensorParallel: 'tensor parallelism exchanges more',
  contextParallel: 'context parallelism exchanges more',
  expertParallel: 'expert dispatch takes longer',
  pipelineTransfer: 'stages pass more activations',
  dataParallel: 'gradients and weights take longer to exchange',
  bubble: 'the pipeline idles longer',
  optimizer: 'the optimizer step is sharded less',
  jitter: 'waiting for the slowest device takes longer',
};

function whyNotBest(step: StepTime, best: StepTime): string {
  let term = '';
  let excess = 0;
  for (const [name, seconds] of Object.entries(step.split)) {
    const difference = seconds - best.split[name as keyof StepTime['split']];
    if (difference > excess) {
      excess = difference;
      term = name;
    }
  }
  const slower = ((step.seconds / best.seconds - 1) * 100).toFixed(1);
  return `${slower} % slower: ${TERM_NAMES[term] ?? 'the same within rounding'} (+${excess.toPrecision(3)} s of a ${best.seconds.toPrecision(3)} s step).`;
}

/** Doubling whole nodes until some layout fits; the batch grows with the cluster so that it never is the reason. */
function smallestFittingDevices(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
): number | null {
  const fixed = { ...options.fixed };
  delete fixed.dataParallel;
  const usable = (cluster.device.memoryBytes ?? 0) * utilizationOf(options);
  const networkBytesPerSecondPerDevice = Math.max(cluster.networkBytesPerSecondPerDevice, 1);
  for (let devices = 1; devices <= LARGEST_CLUSTER; devices *= 2) {
    const larger = { ...cluster, devices, networkBytesPerSecondPerDevice };
    const batch = Math.max(devices, Math.ceil(workload.globalBatchSequences / devices) * devices);
    const enlarged = { ...workload, globalBatchSequences: batch };
    for (const cut of cuts(enlarged, larger, fixed)) {
      for (const shape of shapes(enlarged, cut, fixed)) {
        const layout: TrainingLayout = { ...shape, microBatchSequences: 1, recompute: fixed.recompute ?? 'full' };
        if (peakMemoryBytes(enlarged, larger, layout) <= usable) return devices;
      }
    }
  }
  return null;
}

function whyNothingFits(
  workload: TrainingWorkload,
  cluster: Cluster,
  least: LayoutSearchResult['leastMemory'],
  smallest: number | null,
): TrainingRefusal {
  if (least === null) {
    return {
      code: 'batch_does_not_divide',
      field: 'workload.globalBatchSequences',
      message: `No cut of ${cluster.devices} devices divides the global batch of ${workload.globalBatchSequences} sequences and the model's heads and layers.`,
      required: null,
      actual: workload.globalBatchSequences,
      margin: null,
      unit: 'sequences',
      nearestFeasible: Math.max(1, Math.ceil(workload.globalBatchSequences / cluster.devices)) * cluster.devices,
    };
  }
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  return {
    code: 'memory',
    field: 'cluster.devices',
    message: `The leanest layout needs ${gigabytes(least.memory.totalBytes)} GB per device; ${cluster.device.name} offers ${gigabytes(least.memory.usableBytes)} GB.${smallest === null ? '' : ` ${smallest} devices are enough.`}`,
    required: least.memory.totalBytes,
    actual: least.memory.usableBytes,
    margin: least.memory.headroomBytes,
    unit: 'bytes',
    nearestFeasible: smallest,
  };
}

const infeasible = (
  refusals: readonly TrainingRefusal[],
  evaluated: number,
  rejected: number,
  smallest: number | null,
  least: LayoutSearchResult['leastMemory'],
): LayoutSearchResult => ({
  status: 'infeasible',
  best: null,
  runnersUp: [],
  candidatesEvaluated: evaluated,
  rejectedForMemory: rejected,
  refusals,
  smallestFittingDevices: smallest,
  leastMemory: least,
});
