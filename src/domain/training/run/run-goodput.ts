/** Failures, checkpoints, spot interruptions and evaluation of one run, from the request or the sourced defaults. */
import { type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import { GB, SECONDS_PER_MINUTE } from '../../units.ts';
import type { TrainingRequest } from '../request.ts';
import type { Goodput } from '../results.ts';
import { GOODPUT_DEFAULTS, goodput } from './goodput.ts';

const ranged = (
  id: string,
  field: string,
  unit: string,
  entry: { value: number; range?: readonly [number, number]; rule: string; source: string },
  scale = 1,
) =>
  sourcedDefault({
    id,
    field,
    value: entry.value * scale,
    unit,
    range: entry.range === undefined ? null : { low: entry.range[0] * scale, high: entry.range[1] * scale },
    kind: entry.source.startsWith('assumed') ? 'assumed' : 'sourced',
    source: entry.source,
    reason: entry.rule,
  });

const FAILURES = ranged(
  'run.failures_per_node_day',
  '/run/failuresPerNodeDay',
  'per node and day',
  GOODPUT_DEFAULTS.failuresPerNodeDay,
);
const RECOVERY = ranged(
  'run.recovery_minutes',
  '/run/recoveryMinutes',
  'minutes',
  GOODPUT_DEFAULTS.recoverySeconds,
  1 / SECONDS_PER_MINUTE,
);
const EVALUATION = ranged(
  'run.evaluation_share',
  '/run/evaluationShare',
  'of the time',
  GOODPUT_DEFAULTS.evaluationShare,
);
const STORAGE = ranged(
  'run.checkpoint_storage_gb_per_second_per_node',
  '/run/checkpointStorageGbPerSecond',
  'GB/s per node',
  GOODPUT_DEFAULTS.storageBytesPerSecondPerNode,
  1 / GB,
);
const SPOT = ranged(
  'run.spot_interruptions_per_node_day',
  '/run/spotInterruptionsPerNodeDay',
  'per node and day',
  GOODPUT_DEFAULTS.spotInterruptionsPerNodeDay,
);
const REACQUIRE = ranged(
  'run.spot_reacquire_minutes',
  '/run/spotReacquireMinutes',
  'minutes',
  GOODPUT_DEFAULTS.reacquireSeconds,
  1 / SECONDS_PER_MINUTE,
);

/** Failures, checkpoints, spot interruptions and evaluation, as the request says or the sourced defaults. */
export function goodputOf(request: TrainingRequest, bytes: number, nodes: number, log: AssumptionLog): Goodput {
  const run = request.run ?? {};
  const spot = request.purchase?.category === 'spot';
  const storage =
    run.checkpointStorageGbPerSecond === undefined
      ? log.resolve(undefined, STORAGE).value * nodes
      : run.checkpointStorageGbPerSecond;
  return goodput({
    nodes,
    failuresPerNodeDay: log.resolve(run.failuresPerNodeDay, FAILURES).value,
    checkpointBytes: bytes,
    storageBytesPerSecond: storage * GB,
    asynchronousCheckpoints: true,
    recoverySeconds: log.resolve(run.recoveryMinutes, RECOVERY).value * SECONDS_PER_MINUTE,
    spotInterruptionsPerNodeDay: spot ? log.resolve(run.spotInterruptionsPerNodeDay, SPOT).value : 0,
    reacquireSeconds: spot ? log.resolve(run.spotReacquireMinutes, REACQUIRE).value * SECONDS_PER_MINUTE : 0,
    slowNodeShare: nodes > 1 ? GOODPUT_DEFAULTS.slowNodeShare.value : 0,
    evaluationShare: log.resolve(run.evaluationShare, EVALUATION).value,
  });
}
