/** Which accelerators cannot be bought one by one. */
import type { Device, LinkTopology } from './device.ts';

/** Links that run over a baseboard or backplane, to which all devices of a node are soldered or socketed. */
const BASEBOARD_LINKS: readonly LinkTopology[] = [
  'nvlink_switch',
  'nvlink_direct',
  'infinity_fabric',
  'neuronlink',
  'ici',
];
const CARD = /pcie/i;
const MODULE = /oam/i;

/** SXM, OAM and the like come as whole baseboards (HGX with eight); cards, sockets and boards come singly. */
export const soldByTheNode = ({ devicesPerNode, formFactor, linkTopology }: Device): boolean =>
  devicesPerNode > 1 && !CARD.test(formFactor) && (BASEBOARD_LINKS.includes(linkTopology) || MODULE.test(formFactor));
