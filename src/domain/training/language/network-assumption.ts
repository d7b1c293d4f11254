/** The scale-out network that a cluster is planned with where the request names none. */
import type { Assumption } from '../../economics/assumption.ts';
import { significant } from '../../estimate/words.ts';
import { GB } from '../../units.ts';
import type { Cluster } from '../workload.ts';

/** @param ofMarketplace the machines are of many owners, who say nothing of what joins them */
export const networkAssumption = (
  { fabric, networkBytesPerSecondPerDevice }: Cluster,
  ofMarketplace: boolean,
): Assumption => ({
  id: 'cluster.fabric',
  field: '/cluster/fabric',
  value: fabric,
  unit: null,
  range: null,
  source: ofMarketplace
    ? 'judgement: the network of the server that the device usually comes in; hosts of a marketplace do not state theirs, and machines of different hosts are joined by the Internet'
    : 'the network of the server that the device usually comes in',
  reason: ofMarketplace
    ? `No network was named: ${significant(networkBytesPerSecondPerDevice / GB)} GB/s per device is assumed between machines, which single cards of a marketplace seldom have; a run on more than one of them may take many times as long`
    : `No network was named: ${significant(networkBytesPerSecondPerDevice / GB)} GB/s per device is assumed between machines`,
});
