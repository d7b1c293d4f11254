/** Clusters: fabrics and the network a device is usually built into. */
import type { Device } from '../devices/device.ts';
import { BITS_PER_BYTE } from '../units.ts';
import { generationOf } from './step/generation.ts';
import type { Cluster, Fabric } from './workload.ts';

interface FabricFacts {
  /** Per device port, one direction; null where the device's own link spans the cluster (ici) or nothing does (none). */
  readonly bytesPerSecondPerDevice: number | null;
  /** Share of the line rate that large collectives reach, relative to InfiniBand. */
  readonly efficiency: number;
  readonly latencySeconds: number;
  readonly source: string;
}

const gigabits = (value: number): number => (value * 1e9) / BITS_PER_BYTE;
const PORTS = 'Line rate of the port standard (IEEE 802.3, InfiniBand roadmap)';
const LOSSY = `${PORTS}; RoCE and tuned Ethernet reach InfiniBand's rate (Llama 3, arXiv 2407.21783 §3.3.1), untuned ones about 0.85 of it (assumed)`;

const FABRICS: Record<Fabric, FabricFacts> = {
  infiniband_200g: { bytesPerSecondPerDevice: gigabits(200), efficiency: 1, latencySeconds: 5e-6, source: PORTS },
  infiniband_400g: { bytesPerSecondPerDevice: gigabits(400), efficiency: 1, latencySeconds: 5e-6, source: PORTS },
  infiniband_800g: { bytesPerSecondPerDevice: gigabits(800), efficiency: 1, latencySeconds: 5e-6, source: PORTS },
  roce_400g: { bytesPerSecondPerDevice: gigabits(400), efficiency: 1, latencySeconds: 8e-6, source: LOSSY },
  ethernet_100g: { bytesPerSecondPerDevice: gigabits(100), efficiency: 0.85, latencySeconds: 1e-5, source: LOSSY },
  ethernet_400g: { bytesPerSecondPerDevice: gigabits(400), efficiency: 0.85, latencySeconds: 1e-5, source: LOSSY },
  ethernet_800g: { bytesPerSecondPerDevice: gigabits(800), efficiency: 0.85, latencySeconds: 1e-5, source: LOSSY },
  ethernet_1600g: { bytesPerSecondPerDevice: gigabits(1600), efficiency: 0.85, latencySeconds: 1e-5, source: LOSSY },
  ici: { bytesPerSecondPerDevice: null, efficiency: 1, latencySeconds: 2e-6, source: 'The device link spans the pod' },
  none: { bytesPerSecondPerDevice: 0, efficiency: 1, latencySeconds: 0, source: 'One node, no scale-out network' },
};

/** The scale-out network a device is usually built with; 400 Gb/s per device from Hopper on (DGX H100), 200 before (DGX A100). */
export function usualFabric(device: Device): Fabric {
  if (device.linkTopology === 'ici') return 'ici';
  switch (generationOf(device)) {
    case 'hopper':
    case 'blackwell':
    case 'cdna':
      return /300/.test(device.name) && generationOf(device) === 'blackwell' ? 'infiniband_800g' : 'infiniband_400g';
    case 'ampere':
      return 'infiniband_200g';
    case 'workstation':
    case 'volta':
      return 'ethernet_100g';
    default:
      return 'ethernet_400g';
  }
}

/** PCIe 4 x16, one direction: what devices without a link of their own share (bytes/s after protocol). */
const PCIE_BYTES_PER_SECOND: Record<number, number> = { 3: 13e9, 4: 26e9, 5: 52e9, 6: 104e9 };

/**
 * Machines of PCIe cards have one port for all of them, not one for each: g4dn.metal 8 x T4, g5.48xlarge 8 x A10G and
 * g2-standard-96 8 x L4 share 100 Gb/s (instance pages of AWS and Google Cloud).
 */
const sharesPort = (device: Device): boolean => device.class === 'inference_gpu' || device.linkTopology === 'pcie';

/** A cluster of the device; overrides win. A link that the device does not state is PCIe. */
export function clusterOf(
  device: Device,
  devices: number,
  overrides: Partial<Omit<Cluster, 'device' | 'devices'>> = {},
): Cluster {
  const devicesPerNode = overrides.devicesPerNode ?? Math.max(1, device.devicesPerNode);
  const fabric =
    overrides.fabric ?? (devices <= devicesPerNode && device.linkTopology !== 'ici' ? 'none' : usualFabric(device));
  const facts = FABRICS[fabric];
  const pcie = PCIE_BYTES_PER_SECOND[device.pcieGeneration ?? 4] ?? 26e9;
  const linkBytesPerSecond = overrides.linkBytesPerSecond ?? device.linkBytesPerSecond ?? pcie;
  const linkDomainDevices =
    overrides.linkDomainDevices ??
    (device.linkBytesPerSecond === null ? devicesPerNode : Math.max(1, device.linkDomainDevices));
  // inside one machine, devices beyond the fast link still reach each other over PCIe
  const withinNode = fabric === 'none' && devices <= devicesPerNode && devices > linkDomainDevices ? pcie : null;
  const sharers = overrides.fabric === undefined && sharesPort(device) ? devicesPerNode : 1;
  const network =
    overrides.networkBytesPerSecondPerDevice ??
    withinNode ??
    (facts.bytesPerSecondPerDevice === null
      ? linkBytesPerSecond
      : (facts.bytesPerSecondPerDevice * facts.efficiency) / sharers);
  return {
    device,
    devices,
    devicesPerNode,
    linkDomainDevices: fabric === 'ici' ? Math.max(linkDomainDevices, devices) : linkDomainDevices,
    linkBytesPerSecond,
    networkBytesPerSecondPerDevice: network,
    fabric,
  };
}
