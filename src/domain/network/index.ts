/**
 * The network between users and sites.
 * - `estimateRoundTrip`: wide-area round trip of two places, with its basis and band, never below the fibre floor;
 * - `accessNetworkDelay`, ACCESS_NETWORKS: the last mile by kind of access;
 * - `composeLatency`, `boundLatency`: percentiles of a chain of delays;
 * - `serializationMs`, `slowStartMs`: what a payload adds;
 * - `networkEgressCost`: what traffic costs its sender.
 */
export { ACCESS_NETWORK_IDS, ACCESS_NETWORKS, type AccessNetwork, accessNetworkDelay } from './access-network.ts';
export { type EgressBasis, type EgressCost, type EgressEnd, networkEgressCost } from './egress-cost.ts';
export { fibreFloorMs } from './fibre-floor.ts';
export { boundLatency, composeLatency, type Delay } from './latency-composition.ts';
export { isMetered, type MobileDataPrice, mobileDataPrice } from './mobile-data-price.ts';
export type { NetworkPlace } from './place.ts';
export { estimateRoundTrip, type RoundTrip, type RoundTripBasis } from './round-trip.ts';
export { serializationMs, slowStartMs } from './transfer-time.ts';
