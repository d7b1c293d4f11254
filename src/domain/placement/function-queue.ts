/**
 * Servers for calls of a function: one queue before all of them, each works on one call at a time.
 * Wait by Allen-Cunneen (inference/wait.ts), service times log-normal of the given variation.
 */
import { NO_WAIT, percentiles, queueWait } from '../inference/wait.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { PercentilesMs } from './serve.ts';

export interface FunctionQueue {
  readonly serviceMs: number;
  /** Squared coefficient of variation of the service. */
  readonly serviceCv2: number;
  readonly requestsPerSecond: number;
  readonly maxUtilization: number;
  /** Null: no limit. */
  readonly limitP95Ms: number | null;
}

const MOST_SERVERS = 1_000_000;
const POISSON = 1;

export function responseMs({ serviceMs, serviceCv2, requestsPerSecond }: FunctionQueue, servers: number): PercentilesMs {
  const seconds = serviceMs / MILLISECONDS_PER_SECOND;
  const wait = queueWait(servers, (requestsPerSecond * seconds) / servers, seconds, serviceCv2, POISSON);
  const { p50, p95, p99 } = percentiles(wait, NO_WAIT, { meanSeconds: seconds, varianceSeconds2: serviceCv2 * seconds ** 2 });
  return { p50: p50 * MILLISECONDS_PER_SECOND, p95: p95 * MILLISECONDS_PER_SECOND, p99: p99 * MILLISECONDS_PER_SECOND };
}

/** The fewest servers within utilization and limit; null where a call alone takes too long. */
export function functionServers(queue: FunctionQueue): number | null {
  const busy = (queue.requestsPerSecond * queue.serviceMs) / MILLISECONDS_PER_SECOND;
  const least = Math.max(1, Math.ceil(busy / queue.maxUtilization - 1e-9));
  const { limitP95Ms } = queue;
  if (limitP95Ms === null) return least;
  const keeps = (servers: number) => responseMs(queue, servers).p95 <= limitP95Ms;
  if (keeps(least)) return least;
  let [low, high] = [least, least * 2];
  while (!keeps(high)) {
    if (high > MOST_SERVERS || high > 1000 * least + 1000) return null;
    [low, high] = [high, high * 2];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  return high;
}
