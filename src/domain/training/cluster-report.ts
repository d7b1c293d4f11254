/** The machines of a run as its answer shows them. */
import type { PriceOption } from '../economics/price-selection.ts';
import { placeOf } from '../estimate/place.ts';
import { GB } from '../units.ts';
import type { ClusterReport } from './estimate-result.ts';
import type { Cluster } from './workload.ts';

/** @param option what the machines are rented by; null where they are owned */
export const clusterReport = (cluster: Cluster, option: PriceOption | null, isOwned: boolean): ClusterReport => ({
  deviceId: cluster.device.id,
  deviceName: cluster.device.name,
  devices: cluster.devices,
  nodes: Math.ceil(cluster.devices / cluster.devicesPerNode),
  fabric: cluster.fabric,
  networkGbPerSecondPerDevice: cluster.networkBytesPerSecondPerDevice / GB,
  ownership: isOwned ? 'owned' : 'rented',
  ...placeOf(option),
  sku: option?.offer.sku ?? null,
});
