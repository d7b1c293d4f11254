/** How the device came to be chosen, the next best, and what was left out. */
import type { Device } from '../../devices/device.ts';
import { withOutdone } from '../../estimate/exclusion.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import { HOURS_PER_MONTH } from '../../units.ts';
import type { SelectionReport } from '../estimate-result.ts';
import { exclusions } from '../explain.ts';
import type { InferenceRequest } from '../request.ts';
import type { DeviceComparison } from './device-choice.ts';

export function selectionReport(
  request: InferenceRequest,
  named: Device | null,
  { options, rejections, dearer }: DeviceComparison,
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
    alternatives: options.slice(1).map(({ device, candidate, devices, quote }) => ({
      deviceId: device.id,
      deviceName: device.name,
      devices,
      weightFormat: candidate.configuration.weightFormat,
      usdPerMonth: quote.usdPerHour * HOURS_PER_MONTH,
      regionId: quote.option?.offer.regionId ?? null,
      priceId: quote.option?.price.id ?? null,
    })),
    excluded: withOutdone(
      exclusions(rejections, place),
      dearer,
      'They cost more than those named, or even the lower bound on their cost does.',
    ),
  };
}
