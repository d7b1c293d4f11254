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

/** Steps between a size and twice as much. */
const STEPS = 8;

/**
 * Sizes above half of `doubled` and below it, none above `most`: eighths in whole nodes (in devices below a node), and `most`
 * itself. Ascending. None of chips on an interconnect of their own, which are sold in slices of doubling size (Google Cloud, "TPU v6e",
 * "TPU v5e": topologies of 1, 4, 8 ... 256 chips).
 */
export function sizesBetween(
  device: Device,
  { method }: Pick<TrainingRequest, 'method'>,
  doubled: number,
  most: number,
): number[] {
  if (device.linkTopology === 'ici') return [];
  const node = Math.max(device.devicesPerNode, 1);
  const withinNode = method !== undefined && method !== 'pretraining' && doubled <= node;
  const unit = withinNode ? 1 : node;
  const half = doubled / 2;
  const steps = Array.from({ length: STEPS - 1 }, (_, step) => half + (half * (step + 1)) / STEPS);
  if (most < doubled) steps.push(most);
  const whole = steps.map((size) => Math.floor(size / unit) * unit).filter((size) => size > half && size <= most);
  return [...new Set(whole)].sort((a, b) => a - b);
}
