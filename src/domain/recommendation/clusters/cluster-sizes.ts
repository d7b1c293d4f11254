/** Cluster sizes to try: doublings of one node or, for anything but pretraining, of one device. */
import type { Device } from '../../devices/device.ts';
import type { TrainingRequest } from '../../training/request.ts';

/** Ascending, none above `most`. */
export function sizesWithin(device: Device, { method }: Pick<TrainingRequest, 'method'>, most: number): number[] {
  const node = Math.max(device.devicesPerNode, 1);
  const sizes: number[] = [];
  if (method !== undefined && method !== 'pretraining') {
    for (let devices = 1; devices < Math.min(node, most + 1); devices *= 2) sizes.push(devices);
  }
  for (let devices = node; devices <= most; devices *= 2) sizes.push(devices);
  return sizes;
}
