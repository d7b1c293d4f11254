/**
 * Requests served one at a time: `queue` says how long they wait and take, `fewestServers` how many machines keep a limit on
 * the response time. Engines that serve many requests together have their own model in domain/inference.
 */
export { erlangC } from './erlang.ts';
export { queue } from './queue.ts';
export { fewestServers } from './servers.ts';
