/** The last mile: round trip from a device to the first hop of its network, by kind of access. */
import type { Confidence } from '../catalog/provenance.ts';
import accessNetworks from './access-networks.json' with { type: 'json' };

export interface AccessNetwork {
  /** For example "lte". */
  readonly id: string;
  readonly name: string;
  readonly p50Ms: number;
  /** Over all lines and all times: what a user group sees. */
  readonly p95Ms: number;
  /** Over time on the median line: what one known good line sees. */
  readonly lineP95Ms: number;
  /** Where the measured round trip ends. */
  readonly measuredTo: string;
  /** Median; null where no figure was found. */
  readonly uplinkMbps: number | null;
  readonly downlinkMbps: number | null;
  readonly throughputSource: string | null;
  readonly confidence: Confidence;
  readonly source: string;
  readonly sourceDate: string;
  readonly notes: string | null;
}

export const ACCESS_NETWORKS: readonly AccessNetwork[] = accessNetworks as readonly AccessNetwork[];

export const ACCESS_NETWORK_IDS: readonly string[] = ACCESS_NETWORKS.map(({ id }) => id);

/** Undefined where `id` is none of ACCESS_NETWORK_IDS. */
export const accessNetworkDelay = (id: string): AccessNetwork | undefined =>
  ACCESS_NETWORKS.find((network) => network.id === id);
