/** The way of a request from its users to a site and back, and what it adds to the time of the service. */
import {
  type AccessNetwork,
  accessNetworkDelay,
  boundLatency,
  composeLatency,
  type Delay,
  type RoundTrip,
  serializationMs,
} from '../network/index.ts';
import { KB } from '../units.ts';
import type { Percentile } from './request.ts';
import type { Group, PlaceableSite, Scenario, Stage } from './scenario.ts';
import type { PercentilesMs } from './serve.ts';
import { milliseconds as show } from './words.ts';

export interface NetworkLeg {
  readonly group: Group;
  /** Local where the site stands on the users' side. */
  readonly local: boolean;
  readonly access: Delay | null;
  readonly roundTrip: RoundTrip | null;
  /** What the payloads take on the way up and down. */
  readonly transferMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly explanation: string;
}

/** Networks within a site that a group may name; others reach a site of its own by wire. */
export const LOCAL_NETWORKS: readonly string[] = ['ethernet-lan', 'wifi-lan', 'private-5g'];

export const accessOf = (id: string): AccessNetwork => {
  const network = accessNetworkDelay(id);
  if (network === undefined) throw new Error(`No access network ${id}.`);
  return network;
};

/** Of less nobody need hear. */
const TOLD_TRANSFER_MS = 1;

/** One leg per user group of the stage, the slowest first. */
export function networkLegs(trips: RoundTrips, stage: Stage, site: PlaceableSite): readonly NetworkLeg[] {
  return stage.groups
    .map((group) => legOf(trips, stage, site, group))
    .sort((a, b) => b.p95Ms - a.p95Ms || a.group.index - b.group.index);
}

type RoundTrips = Pick<Scenario, 'roundTrip' | 'roundTripFactor'>;

function legOf(
  { roundTrip: between, roundTripFactor }: RoundTrips,
  { requestKilobytes, responseKilobytes }: Stage,
  site: PlaceableSite,
  group: Group,
): NetworkLeg {
  const local = site.userSide.has(group.id);
  if (local && site.kind === 'device_fleet')
    return {
      group,
      local,
      access: null,
      roundTrip: null,
      transferMs: 0,
      p50Ms: 0,
      p95Ms: 0,
      explanation: 'on the device itself',
    };
  const network = accessOf(
    local && !LOCAL_NETWORKS.includes(group.accessNetwork) ? 'ethernet-lan' : group.accessNetwork,
  );
  const transferMs =
    (network.uplinkMbps === null ? 0 : serializationMs(requestKilobytes * KB, network.uplinkMbps)) +
    (network.downlinkMbps === null ? 0 : serializationMs(responseKilobytes * KB, network.downlinkMbps));
  const access = { p50Ms: network.p50Ms, p95Ms: network.p95Ms };
  const known = local
    ? null
    : between(
        { ...group.point, country: group.country, city: `the users of ${group.id}` },
        {
          ...site.point,
          country: site.country,
          city: site.id,
          ...(site.region !== null && { regionId: site.region.id }),
        },
      );
  const roundTrip =
    known === null || roundTripFactor === 1
      ? known
      : { ...known, p50Ms: known.p50Ms * roundTripFactor, p95Ms: known.p95Ms * roundTripFactor };
  const { p50Ms, p95Ms } = composeLatency([access, ...(roundTrip === null ? [] : [roundTrip])]);
  return {
    group,
    local,
    access,
    roundTrip,
    transferMs,
    p50Ms: p50Ms + transferMs,
    p95Ms: p95Ms + transferMs,
    explanation: `${
      roundTrip === null
        ? `${network.name.toLowerCase()} within the site`
        : `${network.name} ${show(network.p50Ms)} (p95 ${show(network.p95Ms)}), then ${roundTrip.explanation.charAt(0).toLowerCase()}${roundTrip.explanation.slice(1)}`
    }${transferMs < TOLD_TRANSFER_MS ? '' : `; the data itself takes ${show(transferMs)} on its line`}`,
  };
}

export interface TotalLatency extends PercentilesMs {
  /** p95 if all parts are slow together: below the budget it holds for certain. */
  readonly boundP95: number;
}

/** A tail at p99 lies this much farther from the median than one at p95 (normal delays). */
const P99_OVER_P95 = 2.326 / 1.645;

/** Network and service together, over the slowest leg. */
export function totalLatency(leg: NetworkLeg, service: PercentilesMs): TotalLatency {
  const parts = [...(leg.access === null ? [] : [leg.access]), ...(leg.roundTrip === null ? [] : [leg.roundTrip])];
  const own = { p50Ms: service.p50, p95Ms: service.p95 };
  const { p50Ms, p95Ms } = composeLatency([...parts, own]);
  const tails = [
    ...parts.map((part) => ({ p50Ms: part.p50Ms, p95Ms: part.p50Ms + P99_OVER_P95 * (part.p95Ms - part.p50Ms) })),
    { p50Ms: service.p50, p95Ms: service.p99 },
  ];
  return {
    p50: p50Ms + leg.transferMs,
    p95: p95Ms + leg.transferMs,
    p99: composeLatency(tails).p95Ms + leg.transferMs,
    boundP95: boundLatency([...parts, own]) + leg.transferMs,
  };
}

/** What the network takes at a percentile, without any service. */
export const networkAt = (leg: NetworkLeg, percentile: Percentile): number =>
  totalLatency(leg, { p50: 0, p95: 0, p99: 0 })[percentile];
