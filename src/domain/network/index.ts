/**
 * The network between users and sites.
 * - `estimateRoundTrip`: wide-area round trip between two places, with its basis and band; never below what light in fibre takes;
 * - `accessNetworkDelay`, ACCESS_NETWORKS: the last mile by kind of access;
 * - `composeLatency`, `boundLatency`: percentiles of a chain of delays;
 * - `serializationMs`: the time that a payload adds;
 * - `networkEgressRate`: what traffic costs its sender; `mobileDataPrice`: what mobile data costs its subscriber.
 */
export { ACCESS_NETWORK_IDS, ACCESS_NETWORKS, type AccessNetwork, accessNetworkDelay } from './access-network.ts';
export { type EgressRate, networkEgressRate } from './egress-cost.ts';
export { fibreFloorMs } from './fibre-floor.ts';
export { boundLatency, composeLatency, type Delay } from './latency-composition.ts';
export { isMetered, mobileDataPrice } from './mobile-data-price.ts';
export { estimateRoundTrip, type RoundTrip } from './round-trip.ts';
export { serializationMs } from './transfer-time.ts';
