/**
 * How much of the wall-clock trains: failures, checkpoints, spot interruptions.
 * Optimal checkpoint interval: Young (1974), Daly (2006): sqrt(2 w M) - w. Effective training time ratio as in Kokolis et al.,
 * "Revisiting Reliability in Large-Scale Machine Learning Research Clusters" (arXiv 2410.21680).
 */
import { SECONDS_PER_DAY } from '../../units.ts';
import type { ChosenDefault, Goodput } from '../results.ts';

export interface GoodputInput {
  readonly nodes: number;
  readonly failuresPerNodeDay: number;
  readonly checkpointBytes: number;
  /** Aggregate write rate of the checkpoint storage. */
  readonly storageBytesPerSecond: number;
  /** Snapshot to host memory and upload beside the training. */
  readonly asynchronousCheckpoints: boolean;
  /** Detect, reschedule, load. */
  readonly recoverySeconds: number;
  /** 0 unless spot. */
  readonly spotInterruptionsPerNodeDay: number;
  /** Wait for replacement capacity after a spot interruption. */
  readonly reacquireSeconds: number;
  readonly slowNodeShare: number;
  readonly evaluationShare: number;
}

interface RangedDefault extends ChosenDefault<number> {
  /** 10th and 90th percentile as far as sources tell. */
  readonly range: readonly [number, number];
}

/** Sourced reliability inputs. */
export const GOODPUT_DEFAULTS = {
  failuresPerNodeDay: {
    value: 3.8e-3,
    range: [2.3e-3, 6.5e-3],
    rule: 'unplanned interruptions per node of 8 devices and day, Llama 3 405B; range Meta RSC-2 to RSC-1',
    source:
      'Llama 3 (arXiv 2407.21783) table 5: 419 in 54 days on 2,048 nodes; arXiv 2410.21680: 2.34 and 6.5 per 1,000',
  },
  storageBytesPerSecondPerNode: {
    value: 1e9,
    rule: '1 GB/s per node',
    source: 'Llama 3 (arXiv 2407.21783) §3.3.1: 2 TB/s sustained for about 2,000 nodes',
  },
  recoverySeconds: {
    value: 600,
    range: [240, 1800],
    rule: '10 minutes to detect, reschedule and load',
    source:
      'MegaScale (arXiv 2402.15627): under 10 min to detect, under 15 to catch up; Olmo Hybrid on 512 B200: median under 4 min',
  },
  spotInterruptionsPerNodeDay: {
    value: 0.25,
    range: [0.05, 1],
    rule: 'one interruption per node in four days',
    source:
      'assumed: no open measured table for accelerators; providers publish monthly interruption classes of 5 to 20 % and more',
  },
  reacquireSeconds: {
    value: 900,
    range: [120, 7200],
    rule: '15 minutes until replacement capacity',
    source: 'assumed: no open measured table',
  },
  slowNodeShare: {
    value: 0.02,
    range: [0.01, 0.03],
    rule: '2 % lost to slow nodes',
    source:
      'MegaScale (arXiv 2402.15627) §5: stragglers of up to 10 % on 0.5 % of machines hold back the whole job; assumed mean',
  },
  evaluationShare: {
    value: 0.01,
    range: [0.005, 0.02],
    rule: '1 % of the time evaluates',
    source: 'assumed from published training logs',
  },
  spareShare: {
    value: 0.03,
    rule: '3 % spare nodes',
    source: 'the spares with which the formula reproduces the over 90 % effective time of Llama 3 (arXiv 2407.21783)',
  },
} as const satisfies Record<string, ChosenDefault<number> | RangedDefault>;

/** Blocking seconds of an asynchronous checkpoint: the copy to host memory at PCIe speed, and coordination. */
const ASYNCHRONOUS_CHECKPOINT_SECONDS = 10;
/** Two-minute notices let a spot job write a last checkpoint, so that only a share of the interval is lost. */
const SPOT_LOST_SHARE = 0.5;

/**
 * Optimal interval, ratio and shares of wall-clock. All inputs at least 0, nodes at least 1.
 * @throws RangeError on a negative or absurd input.
 */
export function goodput(input: GoodputInput): Goodput {
  if (!(input.nodes >= 1)) throw new RangeError(`At least one node is needed, not ${input.nodes}.`);
  for (const [name, value] of Object.entries(input)) {
    if (typeof value === 'number' && !(value >= 0 && Number.isFinite(value))) throw new RangeError(`${name}: ${value}`);
  }
  for (const share of [input.slowNodeShare, input.evaluationShare]) {
    if (share >= 1) throw new RangeError(`A share of ${share} leaves no time to train.`);
  }
  const hardwarePerDay = input.failuresPerNodeDay * input.nodes;
  const spotPerDay = input.spotInterruptionsPerNodeDay * input.nodes;
  const interruptionsPerDay = hardwarePerDay + spotPerDay;
  const writing = input.storageBytesPerSecond > 0 ? input.checkpointBytes / input.storageBytesPerSecond : 0;
  const checkpointSeconds = input.asynchronousCheckpoints
    ? Math.min(ASYNCHRONOUS_CHECKPOINT_SECONDS, writing)
    : writing;
  const between = interruptionsPerDay > 0 ? SECONDS_PER_DAY / interruptionsPerDay : Number.POSITIVE_INFINITY;
  const optimum = Number.isFinite(between)
    ? Math.sqrt(2 * checkpointSeconds * between) - checkpointSeconds
    : SECONDS_PER_DAY;
  // with rare failures a checkpoint a day is kept anyway; an upload must end before the next one starts
  const interval = Math.max(
    Math.min(SECONDS_PER_DAY, Math.max(optimum, 60)),
    input.asynchronousCheckpoints ? writing : 0,
  );

  const perSecond = 1 / between;
  const lostPerInterruption =
    interruptionsPerDay > 0
      ? (interval / 2) * ((hardwarePerDay + SPOT_LOST_SHARE * spotPerDay) / interruptionsPerDay)
      : 0;
  const reacquirePerInterruption =
    interruptionsPerDay > 0 ? input.reacquireSeconds * (spotPerDay / interruptionsPerDay) : 0;
  // productive seconds P of wall-clock W: W = P (1 + w/t) + (W r)(lost + recovery + reacquire), with r per wall-clock second
  const overhead = checkpointSeconds / interval;
  const perInterruption = lostPerInterruption + input.recoverySeconds + reacquirePerInterruption;
  const uninterrupted = 1 / (1 + perSecond * perInterruption);
  const effectiveTrainingTimeRatio = uninterrupted / (1 + overhead);
  const share = (seconds: number) => uninterrupted * perSecond * seconds;
  return {
    failuresPerDay: interruptionsPerDay,
    meanTimeBetweenInterruptionsSeconds: between,
    checkpointSeconds,
    checkpointIntervalSeconds: interval,
    effectiveTrainingTimeRatio,
    goodput: effectiveTrainingTimeRatio * (1 - input.slowNodeShare) * (1 - input.evaluationShare),
    shares: {
      checkpointing: effectiveTrainingTimeRatio * overhead,
      lostWork: share(lostPerInterruption),
      recovery: share(input.recoverySeconds),
      reacquisition: share(reacquirePerInterruption),
      slowNodes: effectiveTrainingTimeRatio * input.slowNodeShare,
      evaluation: effectiveTrainingTimeRatio * (1 - input.slowNodeShare) * input.evaluationShare,
    },
  };
}
