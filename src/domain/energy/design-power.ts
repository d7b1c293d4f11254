/**
 * What a device is designed to draw, for its energy alone. Makers of chips that they only rent out do not say it: where others
 * estimate it, or where what the maker says of its next or last chip gives it, that is taken, with a range.
 */
import type { Device } from '../devices/device.ts';

export interface DesignPower {
  readonly watts: number;
  /** Of the same; equal to it where the maker says it. */
  readonly low: number;
  readonly high: number;
  /** Whose estimate it is, in a sentence; null where the maker says it. */
  readonly estimate: string | null;
}

/**
 * Estimates of one undisclosed chip differ by about as much: TPU v5e 140 W (catalog) and 175 W, TPU v4 192 W measured at most and
 * 210 W estimated, v3 450 W and 350 W (gitnux.org and zipdo.co, statistics of TPUs, read 2026-11-28).
 */
const ESTIMATE_SPREAD = 1.3;

type Undisclosed = Omit<DesignPower, 'estimate'> & { readonly estimate: string };

const UNDISCLOSED: Readonly<Record<string, Undisclosed>> = {
  'google-tpu-v6e': {
    watts: 390,
    low: 300,
    high: 510,
    estimate:
      'Google does not say it. "Over 67 % more energy-efficient than TPU v5e" (Google, 14 May 2024) gives 391 W from the 140 W estimated of that chip; "twice the performance per watt of Trillium" for Ironwood (Google, 9 April 2025) gives 390 W from the 980 W estimated of that one',
  },
  'google-tpu-v5p': {
    watts: 325,
    low: 250,
    high: 450,
    estimate:
      'Google does not say it. Taken at the peak rate per watt of its neighbours, TPU v4 (275 TFLOP/s, at most 192 W measured: Jouppi et al., ISCA 2023) and TPU v5e (197 TFLOP/s, 140 W estimated): 1.41 to 1.43 TFLOP/s per watt',
  },
  'aws-trainium1': {
    watts: 250,
    low: 150,
    high: 285,
    estimate:
      'AWS does not say it. Trainium2, of 500 W, is "up to four times faster" with "up to twice the energy efficiency" (AWS re:Invent, by nand-research.com, December 2024): half of its power, 285 W by peak rates',
  },
  'aws-inferentia2': {
    watts: 200,
    low: 90,
    high: 285,
    estimate:
      'AWS does not say it. Its cores, peak and memory are those of Trainium1, of which it is the version for inference (AWS Neuron documentation); guesses of others go down to 90 W',
  },
  'aws-trainium3': {
    watts: 1000,
    low: 700,
    high: 1150,
    estimate:
      'AWS does not say it. Its vice president of infrastructure: "when a chip goes above 1,000 watts, that\'s when they require liquid cooling", as this one would (datacenterdynamics.com, 2024)',
  },
};

/** Null where nobody says it and nothing gives it. */
export function designPower(device: Device): DesignPower | null {
  const { tdpWatts: watts } = device;
  if (watts === null) return UNDISCLOSED[device.id] ?? null;
  const claims = device.claims.filter(({ metric, value }) => metric === 'tdp' && value === watts);
  const estimated = claims.length > 0 && claims.every(({ confidence }) => confidence === 'estimated');
  if (!estimated) return { watts, low: watts, high: watts, estimate: null };
  const notes = claims.find((claim) => claim.notes !== null)?.notes;
  return {
    watts,
    low: watts / ESTIMATE_SPREAD,
    high: watts * ESTIMATE_SPREAD,
    estimate: notes ?? 'An estimate of others',
  };
}
