/** Servers for calls of a function: one queue before all of them, each works on one call at a time (domain/queueing). */
import { fewestServers, queue } from '../queueing/index.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { PercentilesMs } from './serve.ts';

interface FunctionQueue {
  readonly serviceMs: number;
  /** Squared coefficient of variation of the service. */
  readonly serviceCv2: number;
  readonly requestsPerSecond: number;
  readonly maxUtilization: number;
  /** Null: no limit. */
  readonly limitP95Ms: number | null;
}

const UNBOUNDED: PercentilesMs = {
  p50: Number.POSITIVE_INFINITY,
  p95: Number.POSITIVE_INFINITY,
  p99: Number.POSITIVE_INFINITY,
};

const loadOf = ({ serviceMs, serviceCv2, requestsPerSecond }: FunctionQueue) => ({
  arrivalsPerSecond: requestsPerSecond,
  serviceSeconds: serviceMs / MILLISECONDS_PER_SECOND,
  serviceCv2,
});

/** Wait and service; infinite where the servers cannot keep up. */
export function responseMs(load: FunctionQueue, servers: number): PercentilesMs {
  const times = queue({ ...loadOf(load), servers });
  if (times === null) return UNBOUNDED;
  const { p50, p95, p99 } = times.responseSeconds;
  return { p50: p50 * MILLISECONDS_PER_SECOND, p95: p95 * MILLISECONDS_PER_SECOND, p99: p99 * MILLISECONDS_PER_SECOND };
}

/** The fewest servers within utilization and limit; null where a call alone takes too long. */
export function functionServers(load: FunctionQueue): number | null {
  const busy = (load.requestsPerSecond * load.serviceMs) / MILLISECONDS_PER_SECOND;
  const byRate = Math.max(1, Math.ceil(busy / load.maxUtilization - 1e-9));
  if (load.limitP95Ms === null) return byRate;
  const plan = fewestServers(loadOf(load), { share: 0.95, responseSeconds: load.limitP95Ms / MILLISECONDS_PER_SECOND });
  return plan === null ? null : Math.max(byRate, plan.servers);
}
