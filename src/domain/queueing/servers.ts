/** How many servers a limit on the response time needs. */
import { type QueueLoad, type QueueTimes, queue, responseSecondsAt } from './queue.ts';

interface QueueLimit {
  /** Share of the requests that must be answered in time, above 0 and below 1: 0.95. */
  readonly share: number;
  readonly responseSeconds: number;
}

interface ServerPlan {
  readonly servers: number;
  readonly times: QueueTimes;
}

const MOST_SERVERS = 1_000_000;

/** The fewest servers sharing one queue; null where the service alone takes longer than the limit. */
export function fewestServers(load: Omit<QueueLoad, 'servers'>, limit: QueueLimit): ServerPlan | null {
  const keeps = (servers: number) => {
    const reached = responseSecondsAt({ ...load, servers }, limit.share);
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
  const times = queue({ ...load, servers: high });
  return times === null ? null : { servers: high, times };
}
