/**
 * Requests served one at a time: `queue` says how long they wait and take, `fewestServers` and `fewestSeparateServers` how
 * many machines a limit needs. Engines that serve many requests together have their own model in domain/inference.
 */
export { erlangC } from './erlang.ts';
export { type Percentiles, type QueueLoad, type QueueTimes, queue, responseSecondsAt } from './queue.ts';
export { fewestSeparateServers, fewestServers, type QueueLimit, type ServerPlan } from './servers.ts';
