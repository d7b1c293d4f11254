/** How the device came to be chosen, the next best, and what was left out. */
import type { Device } from '../../devices/device.ts';
import { withOutdone } from '../../estimate/exclusion.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import type { SelectionReport } from '../estimate-result.ts';
import { exclusions } from '../explain.ts';
import type { InferenceRequest } from '../request.ts';
import type { DeploymentOption, DeviceComparison } from './device-choice.ts';

/** With what its hardware costs in a month, USD; infinite where it has no power figure to be owned by. */
export type BilledOption = DeploymentOption & { readonly usdPerMonth: number };

export function selectionReport(
  request: InferenceRequest,
  named: Device | null,
  { rejections, dearer }: Pick<DeviceComparison, 'rejections' | 'dearer'>,
  options: readonly BilledOption[],
): SelectionReport {
  if (named !== null) {
    return {
      rule: 'The device was named; its cheapest configuration and price that hold the objectives were taken, prices confirmed of late before stale ones.',
      alternatives: [],
      excluded: [],
    };
  }
  const place = placeInWords(request);
  return {
    rule: `No device was named: the cheapest that fits with headroom and holds the objectives, of all that are offered ${place}.`,
    alternatives: options.slice(1).flatMap(({ device, candidate, devices, quote, usdPerMonth }) =>
      Number.isFinite(usdPerMonth)
        ? [
            {
              deviceId: device.id,
              deviceName: device.name,
              devices,
              weightFormat: candidate.configuration.weightFormat,
              usdPerMonth,
              regionId: quote.option?.offer.regionId ?? null,
              priceId: quote.option?.price.id ?? null,
            },
          ]
        : [],
    ),
    excluded: withOutdone(
      exclusions(rejections, place),
      dearer,
      'They cost more than those named, or even the lower bound on their cost does.',
    ),
  };
}
