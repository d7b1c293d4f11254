/** How the device came to be chosen, the next best, and what was left out. */
import type { Device } from '../../devices/device.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import { HOURS_PER_MONTH } from '../../units.ts';
import type { SelectionReport } from '../estimate-result.ts';
import { exclusions } from '../explain.ts';
import type { InferenceRequest } from '../request.ts';
import type { DeviceComparison } from './device-choice.ts';

const MOST_EXAMPLES = 5;

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
  const excluded = exclusions(rejections, place);
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
    excluded:
      dearer.length === 0
        ? excluded
        : [
            ...excluded,
            {
              constraint: 'cost',
              detail: 'They cost more than those named, or even the lower bound on their cost does.',
              required: null,
              actual: null,
              unit: null,
              examples: dearer.slice(0, MOST_EXAMPLES).map(({ id }) => id),
              count: dearer.length,
            },
          ],
  };
}
