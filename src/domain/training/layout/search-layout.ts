/**
 * The fastest layout that fits. Pruned enumeration: cuts that cannot fit are dropped by memory before any time is computed;
 * recomputation and micro-batch are taken in the order of speed and the first that fits ends the line.
 */

import { type Interruptible, uninterrupted } from '../../estimate/interruptible.ts';
import { checkWorkload } from '../check-workload.ts';
import type { LayoutCandidate, LayoutSearchResult, StepTime, TrainingRefusal } from '../results.ts';
import { CALIBRATED, type StepConstants } from '../step/constants.ts';
import { isPreferenceMethod } from '../step/flops.ts';
import { leastDevices, PeakMemory, trainingMemory } from '../step/memory.ts';
import { countableBytes, decidingBytes, MEMORY_FITS, type MemoryFit } from '../step/memory-fit.ts';
import { StepTimer } from '../step/step-time.ts';
import { type Cluster, LAYOUT_DEFAULTS, type TrainingLayout, type TrainingWorkload } from '../workload.ts';
import { checkLayout } from './check-layout.ts';
import { cuts, fastestFitting, modesOf, shapes, sizesOf } from './enumerate-layouts.ts';
import { FastestCuts, type Timed } from './fastest-cuts.ts';
import { rememberedSearch, rememberedSmallest } from './remembered-search.ts';
import { fewestCopies, nearestSharedBatch } from './shared-batch.ts';

export interface LayoutSearchOptions {
  /** Values the caller fixed; the rest is searched. */
  readonly fixed?: Partial<TrainingLayout>;
  readonly runnersUp?: number;
  /** How surely a layout has to fit in memory; where absent, at the 90th percentile of measured peaks. */
  readonly fit?: MemoryFit;
}

const LARGEST_CLUSTER = 65_536;
/** Well below a millisecond of work. */
const CUTS_AT_ONCE = 32;
/** The chosen and the rejected answer stay together. */
const PAIR = 2;

/**
 * Best layout, runners-up with reasons, or why nothing fits and the smallest cluster on which something does.
 * @throws RangeError when devices, batch or sequence is not a positive whole number.
 */
export const searchLayout = (...asked: Parameters<typeof searchingLayout>): LayoutSearchResult =>
  uninterrupted(searchingLayout(...asked));

/** The same, interruptible every few cuts. */
export function* searchingLayout(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions = {},
  constants: StepConstants = CALIBRATED,
): Interruptible<LayoutSearchResult> {
  for (const count of [cluster.devices, workload.globalBatchSequences, workload.sequenceLength]) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`Not a positive whole number: ${count}.`);
  }
  return constants === CALIBRATED
    ? yield* rememberedSearch(workload, cluster, options, () => search(workload, cluster, options, constants))
    : yield* search(workload, cluster, options, constants);
}

/**
 * On a given cluster: the fastest layout that surely fits; if there is none, the fastest that likely fits, then one that is unlikely to,
 * since published runs fill their memory to the last gigabyte.
 */
export const surestLayout = (...asked: Parameters<typeof findingSurestLayout>): LayoutSearchResult =>
  uninterrupted(findingSurestLayout(...asked));

/** The same, interruptible every few cuts. */
export function* findingSurestLayout(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions = {},
): Interruptible<LayoutSearchResult> {
  let result = yield* searchingLayout(workload, cluster, options);
  for (const fit of MEMORY_FITS.slice(1)) {
    if (result.best !== null || result.leastMemory === null) return result;
    result = yield* searchingLayout(workload, cluster, { ...options, fit });
  }
  return result;
}

function* search(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  constants: StepConstants,
): Interruptible<LayoutSearchResult> {
  const impossible = checkWorkload(workload, cluster);
  if (impossible.length > 0) return infeasible(impossible, 0, 0, null, null);

  const timer = new StepTimer(workload, cluster, constants);
  const found = yield* enumerate(workload, cluster, options, timer);
  const [best, ...others] = found.fastest.inOrder;
  if (best === undefined) {
    const least =
      found.least === null ? null : { layout: found.least, memory: trainingMemory(workload, cluster, found.least) };
    const smallest = yield* rememberedSmallest(workload, cluster, options, () =>
      smallestFittingDevices(workload, cluster, options),
    );
    const contradictions = least === null ? contradictionsOf(workload, cluster, options.fixed ?? {}) : [];
    return infeasible(
      contradictions.length > 0 ? contradictions : [whyNothingFits(workload, cluster, least, smallest, fitOf(options))],
      found.evaluated,
      found.rejected,
      smallest,
      least,
    );
  }
  const bestStep = timer.step(best.layout);
  const candidate = ({ layout }: Timed): LayoutCandidate => {
    const step = layout === best.layout ? bestStep : timer.step(layout);
    return {
      layout,
      step,
      memory: trainingMemory(workload, cluster, layout),
      whyNotBest: layout === best.layout ? '' : whyNotBest(step, bestStep),
      slowdown: step.seconds / bestStep.seconds,
    };
  };
  return {
    status: 'ok',
    best: candidate(best),
    runnersUp: others.map(candidate),
    candidatesEvaluated: found.evaluated,
    rejectedForMemory: found.rejected,
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
  const pair = isPreferenceMethod(workload.method) ? { microBatchSequences: PAIR } : {};
  const least = { ...LAYOUT_DEFAULTS, ...pair, ...fixed };
  const ranks = least.tensorParallel * least.pipelineParallel * least.contextParallel;
  const dataParallel = fixed.dataParallel ?? Math.max(1, Math.floor(cluster.devices / ranks));
  const refusals = checkLayout(workload, cluster, { ...least, dataParallel });
  // with the cut open, a batch that some cut has enough sequences for is not too small: it does not divide
  const { tensorParallel, pipelineParallel, contextParallel, dataParallel: copies } = fixed;
  const open = [tensorParallel, pipelineParallel, contextParallel, copies].every((degree) => degree === undefined);
  const enough = open && workload.globalBatchSequences >= fewestCopies(cluster.devices);
  return enough ? refusals.filter(({ code }) => code !== 'batch_below_data_parallel') : refusals;
}

const fitOf = (options: LayoutSearchOptions): MemoryFit => options.fit ?? 'fits';

interface Enumeration {
  readonly fastest: FastestCuts;
  least: TrainingLayout | null;
  leastBytes: number;
  evaluated: number;
  rejected: number;
}

function* enumerate(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
  timer: StepTimer,
): Interruptible<Enumeration> {
  const usable = countableBytes(workload, cluster.device, fitOf(options));
  const found: Enumeration = {
    fastest: new FastestCuts(1 + (options.runnersUp ?? 4)),
    least: null,
    leastBytes: Number.POSITIVE_INFINITY,
    evaluated: 0,
    rejected: 0,
  };
  const memory = new PeakMemory(workload, cluster);
  const anyFixed = Object.keys(options.fixed ?? {}).length > 0;
  const fits = (layout: TrainingLayout): boolean => {
    // the enumeration divides by itself; what the caller fixed may not
    if (anyFixed && checkLayout(workload, cluster, layout).length > 0) return false;
    found.evaluated++;
    const bytes = memory.bytes(layout);
    if (bytes < found.leastBytes) {
      found.leastBytes = bytes;
      // the layout that is tried goes on to change
      found.least = { ...layout };
    }
    if (bytes <= usable) return true;
    found.rejected++;
    return false;
  };
  const fixed = options.fixed ?? {};
  // where not even the least that the arithmetic takes is among the fastest, neither memory nor time is worked out; a smaller
  // micro-batch than one that may be is, since the larger is tried only where the smaller fits
  const worthTrying = (shape: TrainingLayout, sizes: readonly number[]): readonly number[] => {
    const { slowest } = found.fastest;
    if (slowest === null) return sizes;
    const modes = modesOf(shape, fixed);
    return sizes.slice(0, 1 + sizes.findLastIndex((size) => !(timer.leastSeconds(shape, size, modes) > slowest)));
  };
  let order = 0;
  let sinceRest = 0;
  for (const cut of cuts(workload, cluster, fixed)) {
    if (++sinceRest > CUTS_AT_ONCE) {
      yield;
      sinceRest = 0;
    }
    const { tensorParallel, pipelineParallel, contextParallel, expertParallel } = cut;
    const degrees = `${tensorParallel}/${pipelineParallel}/${contextParallel}/${expertParallel}`;
    const sizes = sizesOf(workload, cut.dataParallel, fixed);
    for (const shape of shapes(workload, cluster, cut, fixed)) {
      const key = `${degrees}/${shape.sharding}`;
      for (const layout of fastestFitting(workload, shape, worthTrying(shape, sizes), fixed, fits)) {
        found.fastest.add(key, { layout, seconds: timer.seconds(layout), order: order++ });
      }
    }
  }
  return found;
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
  rollout: 'sampling takes longer',
  reward: 'scoring takes longer',
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
function* smallestFittingDevices(
  workload: TrainingWorkload,
  cluster: Cluster,
  options: LayoutSearchOptions,
): Interruptible<number | null> {
  const fixed = { ...options.fixed };
  delete fixed.dataParallel;
  // only a layout that surely fits is advised
  const usable = countableBytes(workload, cluster.device, 'fits');
  const networkBytesPerSecondPerDevice = Math.max(cluster.networkBytesPerSecondPerDevice, 1);
  const least = leastDevices(workload, cluster.device, fixed.optimizerOffload ?? false);
  for (let devices = 1; devices <= LARGEST_CLUSTER; devices *= 2) {
    if (devices < least) continue;
    yield;
    const larger = { ...cluster, devices, networkBytesPerSecondPerDevice };
    const batch = Math.max(devices, Math.ceil(workload.globalBatchSequences / devices) * devices);
    const enlarged = { ...workload, globalBatchSequences: batch };
    const memory = new PeakMemory(enlarged, larger);
    for (const cut of cuts(enlarged, larger, fixed)) {
      for (const shape of shapes(enlarged, larger, cut, fixed)) {
        const layout: TrainingLayout = { ...shape, microBatchSequences: 1, recompute: fixed.recompute ?? 'full' };
        if (memory.bytes(layout) <= usable) return devices;
      }
    }
  }
  return null;
}

const enoughInWords = (smallest: number, devices: number): string =>
  smallest < devices
    ? ` ${devices} devices do not divide as finely as the model asks for; ${smallest} are enough.`
    : ` ${smallest} devices are enough.`;

function whyNothingFits(
  workload: TrainingWorkload,
  cluster: Cluster,
  least: LayoutSearchResult['leastMemory'],
  smallest: number | null,
  fit: MemoryFit,
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
      nearestFeasible: nearestSharedBatch(
        workload.globalBatchSequences,
        cluster.devices,
        isPreferenceMethod(workload.method) ? PAIR : 1,
      ),
    };
  }
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  const { totalBytes, usableBytes } = least.memory;
  const band = (['unlikely', 'fits'] as const).map((edge) => gigabytes(decidingBytes(workload, totalBytes, edge)));
  const required = decidingBytes(workload, totalBytes, fit);
  return {
    code: 'memory',
    field: 'cluster.devices',
    message: `The leanest layout needs ${gigabytes(totalBytes)} GB per device (${band.join(' to ')}); ${cluster.device.name} offers ${gigabytes(usableBytes)} GB.${smallest === null ? '' : enoughInWords(smallest, cluster.devices)}`,
    required,
    actual: usableBytes,
    margin: usableBytes - required,
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
