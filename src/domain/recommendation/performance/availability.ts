/**
 * Spare replicas for an availability target: replicas fail on their own and are replaced after some hours, so that the number
 * that runs is binomial (k-out-of-n redundancy, Barlow and Proschan 1975); the peak is carried while at least the serving ones run.
 */
import type { Device } from '../../devices/device.ts';
import { type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import { GOODPUT_DEFAULTS } from '../../training/run/goodput.ts';
import { HOURS_PER_DAY, SECONDS_PER_HOUR } from '../../units.ts';

const REPLACEMENT_HOURS = sourcedDefault({
  id: 'availability.replacement_hours',
  field: '/constraints/availabilityPercent',
  value: 4,
  unit: 'h',
  range: { low: 0.5, high: 24 },
  kind: 'assumed',
  source: 'judgement: minutes where capacity is at hand, a day where a part has to be changed',
  reason: 'How long a failed replica is missing.',
});

const FAILURES_PER_NODE_DAY = sourcedDefault({
  id: 'availability.failures_per_node_day',
  field: '/constraints/availabilityPercent',
  value: GOODPUT_DEFAULTS.failuresPerNodeDay.value,
  unit: 'failures per machine and day',
  range: { low: GOODPUT_DEFAULTS.failuresPerNodeDay.range[0], high: GOODPUT_DEFAULTS.failuresPerNodeDay.range[1] },
  kind: 'sourced',
  source: GOODPUT_DEFAULTS.failuresPerNodeDay.source,
  reason: 'How often a machine fails; measured in training, serving is taken to fail as often.',
});

/** More than this many spares are no answer to an availability target. */
const MOST_SPARES = 1000;

/** Lists what the spares rest on. */
export function noteReliability(log: AssumptionLog): void {
  log.resolve(undefined, REPLACEMENT_HOURS);
  log.resolve(undefined, FAILURES_PER_NODE_DAY);
}

/** Share of time that one replica, rented steadily or owned, is down; it is while any of its machines is. */
export const steadyDownShare = (device: Device, devicesPerReplica: number): number =>
  replicaDownShare((FAILURES_PER_NODE_DAY.value * REPLACEMENT_HOURS.value) / HOURS_PER_DAY, device, devicesPerReplica);

/** The same on spot capacity, which is taken away on top. */
export function spotDownShare(device: Device, devicesPerReplica: number): number {
  const { spotInterruptionsPerNodeDay, reacquireSeconds } = GOODPUT_DEFAULTS;
  const failures = FAILURES_PER_NODE_DAY.value * REPLACEMENT_HOURS.value;
  const interruptions = (spotInterruptionsPerNodeDay.value * reacquireSeconds.value) / SECONDS_PER_HOUR;
  return replicaDownShare((failures + interruptions) / HOURS_PER_DAY, device, devicesPerReplica);
}

const replicaDownShare = (nodeDownShare: number, device: Device, devicesPerReplica: number): number =>
  1 - (1 - Math.min(nodeDownShare, 1)) ** Math.ceil(devicesPerReplica / Math.max(device.devicesPerNode, 1));

/** Share of time that at least `serving` of `serving + spares` replicas run. */
export function carriedShare(serving: number, spares: number, downShare: number): number {
  const all = serving + spares;
  if (downShare <= 0) return 1;
  // P(failed <= spares), term by term; in logarithms, because fleets are large
  let share = 0;
  let logTerm = all * Math.log1p(-downShare);
  for (let failed = 0; failed <= spares; failed++) {
    share += Math.exp(logTerm);
    logTerm += Math.log((all - failed) / (failed + 1)) + Math.log(downShare) - Math.log1p(-downShare);
  }
  return Math.min(share, 1);
}

/** The fewest spares that reach the target; null where none does. */
export function sparesFor(serving: number, target: number, downShare: number): number | null {
  for (let spares = 0; spares <= MOST_SPARES; spares++) {
    if (carriedShare(serving, spares, downShare) >= target) return spares;
  }
  return null;
}
