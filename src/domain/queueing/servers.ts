/** How many servers a limit on the response time needs. */
import { type QueueLoad, type QueueTimes, queue, responseSecondsAt } from './queue.ts';

export interface QueueLimit {
  /** Share of the requests that must be answered in time, above 0 and below 1: 0.95. */
  readonly share: number;
  readonly responseSeconds: number;
}

export interface ServerPlan {
  readonly servers: number;
  readonly times: QueueTimes;
}

const MOST_SERVERS = 1_000_000;

/** The fewest servers sharing one queue; null where the service alone takes longer than the limit. */
export const fewestServers = (load: Omit<QueueLoad, 'servers'>, limit: QueueLimit): ServerPlan | null =>
  fewest((servers) => ({ ...load, servers }), limit);

/**
 * The fewest servers each with a queue of its own, arrivals dealt out at random (device fleets); null where the service
 * alone takes longer than the limit. Dealing out thins the burstiness of arrivals to 1 + (Ca^2 - 1) / servers.
 */
export const fewestSeparateServers = (load: Omit<QueueLoad, 'servers'>, limit: QueueLimit): ServerPlan | null =>
  fewest(
    (servers) => ({
      ...load,
      servers: 1,
      arrivalsPerSecond: load.arrivalsPerSecond / servers,
      arrivalCv2: 1 + ((load.arrivalCv2 ?? 1) - 1) / servers,
    }),
    limit,
  );

function fewest(at: (servers: number) => QueueLoad, limit: QueueLimit): ServerPlan | null {
  const keeps = (servers: number) => {
    const reached = responseSecondsAt(at(servers), limit.share);
    return reached !== null && reached <= limit.responseSeconds;
  };
  let high = 1;
  while (!keeps(high)) {
    high *= 2;
    if (high > MOST_SERVERS) return null;
  }
  let low = high >> 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (keeps(middle)) high = middle;
    else low = middle;
  }
  const times = queue(at(high));
  return times === null ? null : { servers: high, times };
}
