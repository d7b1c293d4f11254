/**
 * Memory of a processor: what is plugged into its host decides, so the catalog has no figure for the device itself.
 * It is the memory of the offered instance per socket, else that of a catalog system of it, else a default.
 */

import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { type Assumption, type AssumptionLog, sourcedDefault } from '../../economics/assumption.ts';
import type { HardwarePricing } from '../../estimate/hardware-pricing.ts';
import { GIB } from '../../units.ts';

export const HOST_MEMORY_GIB = sourcedDefault({
  id: 'serving.host_memory_gib_per_socket',
  field: '/serving/hostMemoryGibPerSocket',
  value: 256,
  unit: 'GiB per socket',
  range: null,
  kind: 'assumed',
  source: 'eight channels with one 32 GB module each, the smallest common filling of a server socket',
  reason: 'A processor has no memory of its own, and no offered machine with it says how much it holds.',
});

export interface HostMemory {
  readonly device: Device;
  /** What was taken for granted; null where the caller said it or the device has memory of its own. */
  readonly assumption: Assumption | null;
}

/** The device with the memory its host gives it; every other device as it is. */
export function withHostMemory(
  snapshot: CatalogSnapshot,
  device: Device,
  pricing: HardwarePricing,
  givenGib: number | undefined,
): HostMemory {
  if (device.class !== 'cpu' || device.memoryBytes !== null) return { device, assumption: null };
  if (givenGib !== undefined) return { device: { ...device, memoryBytes: givenGib * GIB }, assumption: null };
  const found = offeredMemory(device, pricing) ?? systemMemory(snapshot, device);
  const gib = found === null ? HOST_MEMORY_GIB.value : found.bytes / GIB;
  const { id, field, unit, range } = HOST_MEMORY_GIB;
  return {
    device: { ...device, memoryBytes: gib * GIB },
    assumption: {
      id,
      field,
      value: gib,
      unit,
      range,
      source: found?.source ?? HOST_MEMORY_GIB.source,
      reason: found === null ? HOST_MEMORY_GIB.reason : 'A processor has the memory of its host.',
    },
  };
}

export function noteHostMemory({ assumption }: HostMemory, log: AssumptionLog): void {
  if (assumption !== null) log.add(assumption);
}

interface Found {
  readonly bytes: number;
  readonly source: string;
}

function offeredMemory(device: Device, pricing: HardwarePricing): Found | null {
  const offer = pricing.quote(device, 1, 1)?.option?.offer;
  if (!offer?.memoryBytes || offer.deviceCount < 1) return null;
  return { bytes: offer.memoryBytes / offer.deviceCount, source: `the offered instance ${offer.id}, per socket` };
}

function systemMemory(snapshot: CatalogSnapshot, device: Device): Found | null {
  for (const { id, hostMemoryBytes, deviceCount } of snapshot.systemsOfDevice(device.id)) {
    if (hostMemoryBytes)
      return { bytes: hostMemoryBytes / Math.max(deviceCount, 1), source: `the system ${id}, per socket` };
  }
  return null;
}
