/**
 * Machines that several components share: what each waits for the others. One queue of all their calls before the
 * machines (domain/queueing) with the variation of the mixture; a component's own time and its wait are taken as independent.
 */
import { composeLatency } from '../network/index.ts';
import { queue } from '../queueing/index.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { PercentilesMs } from './serve.ts';

interface Sharer {
  readonly requestsPerSecond: number;
  /** Machines kept busy, a fraction. */
  readonly busyServers: number;
  /** Alone on its machines. */
  readonly alone: PercentilesMs;
}

/** Of calls of one component among themselves. */
const OWN_VARIABILITY = 0.25;
const UNBOUNDED = { p50: Number.POSITIVE_INFINITY, p95: Number.POSITIVE_INFINITY, p99: Number.POSITIVE_INFINITY };

/** One response per sharer; infinite where the machines are not enough. */
export function sharedResponse(sharers: readonly Sharer[], machines: number): PercentilesMs[] {
  const rate = sharers.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  const busy = sharers.reduce((sum, { busyServers }) => sum + busyServers, 0);
  if (machines < 1 || busy >= machines) return sharers.map(() => UNBOUNDED);
  if (rate <= 0) return sharers.map(({ alone }) => alone);
  const mean = busy / rate;
  const second = sharers.reduce((sum, { requestsPerSecond, busyServers }) => {
    const own = requestsPerSecond > 0 ? busyServers / requestsPerSecond : 0;
    return sum + (requestsPerSecond / rate) * own ** 2 * (1 + OWN_VARIABILITY);
  }, 0);
  const variability = Math.max(second / mean ** 2 - 1, 0);
  const times = queue({ servers: machines, arrivalsPerSecond: rate, serviceSeconds: mean, serviceCv2: variability });
  if (times === null) return sharers.map(() => UNBOUNDED);
  const wait = times.waitSeconds;
  return sharers.map(({ alone }) => {
    const added = (own: number, waited: number) =>
      composeLatency([
        { p50Ms: alone.p50, p95Ms: own },
        { p50Ms: wait.p50 * MILLISECONDS_PER_SECOND, p95Ms: waited * MILLISECONDS_PER_SECOND },
      ]).p95Ms;
    return {
      p50: alone.p50 + wait.p50 * MILLISECONDS_PER_SECOND,
      p95: added(alone.p95, wait.p95),
      p99: added(alone.p99, wait.p99),
    };
  });
}
