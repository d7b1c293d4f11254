/** How device and cluster came to be chosen, the next best, and what was left out. */
import type { Device } from '../../devices/device.ts';
import { withOutdone } from '../../estimate/exclusion.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import type { TrainingSelectionReport } from '../estimate-result.ts';
import type { TrainingRequest } from '../request.ts';
import type { RunPlan } from '../run/plan.ts';
import type { TrainingComparison } from './device-choice.ts';
import { trainingExclusions } from './explain.ts';

export function trainingSelection(
  request: TrainingRequest,
  named: Device | null,
  { choices, rejections, dearer }: TrainingComparison,
  plan: RunPlan,
): TrainingSelectionReport {
  const cluster = `Cluster: ${plan.clusterRule}`;
  if (named !== null) return { rule: `The device was named. ${cluster}`, alternatives: [], excluded: [] };
  const fastest = request.cluster?.objective === 'fastest';
  const ends = fastest
    ? 'ends first (all were timed at one size of cluster, the eight fastest of them at every size)'
    : 'costs least';
  return {
    rule: `No device was named: the one whose run ${ends}, of all accelerators offered ${placeInWords(request)}. ${cluster}`,
    alternatives: choices.slice(1).map(({ device, plan: other, quote, computeUsd }) => ({
      deviceId: device.id,
      deviceName: device.name,
      devices: other.cluster.devices,
      wallClockDays: other.run.wallClockDays,
      computeUsd,
      regionId: quote.option?.offer.regionId ?? null,
      priceId: quote.option?.price.id ?? null,
    })),
    excluded: withOutdone(
      trainingExclusions(rejections, request),
      dearer,
      fastest
        ? 'They take longer than those named, at the same size of cluster or at the best of theirs.'
        : 'They cost more than those named, or even the lower bound on their cost does.',
    ),
  };
}
