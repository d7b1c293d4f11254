/** A device by catalog id, or from the caller's own figures. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { COMPUTE_FORMATS, type ComputeFormat, type Device, type DeviceClaim } from '../devices/device.ts';
import { GB, GIB, TERA } from '../units.ts';
import { refuse } from './request-fault.ts';
import type { CustomDevice } from './selectors.ts';

/** @throws RequestFaultError when the catalog does not know the id. */
export const catalogDevice = (snapshot: CatalogSnapshot, id: string, pointer: string): Device =>
  snapshot.device(id) ??
  refuse(
    pointer,
    'unknown_id',
    `The catalog has no device "${id}"; give its figures as customDevice, or use a catalog id.`,
    {
      kind: 'device',
      id,
    },
  );

/**
 * The five public numbers (peaks, memory, bandwidth, power, link) as a device like any other, so that every formula
 * holds for it. Peaks of formats that were not given follow no rule: such formats cannot be used.
 */
export function customDevice(custom: CustomDevice): Device {
  const claim = (
    metric: DeviceClaim['metric'],
    unit: DeviceClaim['unit'],
    value: number,
    format: ComputeFormat | null = null,
  ) =>
    ({
      metric,
      format,
      sparsity: 'dense',
      value,
      unit,
      sourceRank: 1,
      source: 'the request',
      sourceDate: null,
      confidence: 'vendor',
      licence: null,
      notes: null,
    }) satisfies DeviceClaim;
  const peaks = Object.fromEntries(
    COMPUTE_FORMATS.flatMap((format) => {
      const tflops = custom.densePeakTflops[format];
      return tflops === undefined ? [] : [[format, tflops * TERA]];
    }),
  ) as Partial<Record<ComputeFormat, number>>;
  const devicesPerNode = custom.devicesPerNode ?? 8;
  const linkTopology = custom.linkTopology ?? (custom.linkGbPerSecond === undefined ? 'pcie' : 'nvlink_switch');
  return {
    id: 'custom',
    name: custom.name,
    aliases: [],
    vendor: 'custom',
    class: custom.class ?? 'datacenter_gpu',
    releaseYear: null,
    formFactor: 'custom',
    densePeakFlops: peaks,
    memoryBytes: custom.memoryGib * GIB,
    memoryBandwidthBytesPerSecond: custom.memoryBandwidthGbPerSecond * GB,
    tdpWatts: custom.tdpWatts,
    idleWatts: custom.idleWatts ?? null,
    provisionedWatts: null,
    linkTopology,
    linkBytesPerSecond: custom.linkGbPerSecond === undefined ? null : custom.linkGbPerSecond * GB,
    linkDomainDevices: custom.linkGbPerSecond === undefined ? 1 : devicesPerNode,
    pcieGeneration: null,
    devicesPerNode,
    notes: null,
    claims: [
      claim('memory', 'bytes', custom.memoryGib * GIB),
      claim('memory_bandwidth', 'bytes_per_second', custom.memoryBandwidthGbPerSecond * GB),
      claim('tdp', 'watts', custom.tdpWatts),
      ...Object.entries(peaks).map(([format, value]) =>
        claim('peak_flops', 'flop_per_second', value as number, format as ComputeFormat),
      ),
    ],
  };
}
