/**
 * How the gain of an option depends on the batch. Weight-only formats read fewer bytes and compute no faster; drafted
 * tokens use arithmetic that stands idle. Both gains vanish once a batch keeps the arithmetic busy.
 */

import { closedLoop } from '../load/operating-point.ts';
import type { ServingConfiguration, WeightFormat } from '../step/configuration.ts';
import { runnableWeightFormats } from '../step/formats.ts';
import type { RequestLengths } from '../step/lengths.ts';

export interface BatchGain {
  /** Requests in flight in one replica. */
  readonly batch: number;
  /** Output tokens per second over those without the option; null where the device does not run it. */
  readonly fp8: number | null;
  readonly int8: number | null;
  readonly int4: number | null;
  readonly speculativeDecoding: number;
}

const BATCHES = [1, 4, 16, 64, 256, 1024];

const rate = (configuration: ServingConfiguration, batch: number, lengths: RequestLengths): number =>
  closedLoop(configuration, batch, lengths).outputTokensPerSecond;

/**
 * @param plain as published, without drafts
 * @param most sequences that memory holds at once: larger batches do not exist
 */
export function batchGains(
  plain: ServingConfiguration,
  most: number,
  lengths: RequestLengths,
  speculative: NonNullable<ServingConfiguration['speculative']>,
): BatchGain[] {
  const formats = runnableWeightFormats(plain.device, plain.engine);
  return BATCHES.filter((batch) => batch <= Math.max(most, 1)).map((batch) => {
    const without = rate(plain, batch, lengths);
    const gain = (weightFormat: WeightFormat): number | null =>
      formats.includes(weightFormat) ? rate({ ...plain, weightFormat }, batch, lengths) / without : null;
    return {
      batch,
      fp8: gain('fp8'),
      int8: gain('int8'),
      int4: gain('int4'),
      speculativeDecoding: rate({ ...plain, speculative }, batch, lengths) / without,
    };
  });
}
