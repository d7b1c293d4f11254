/**
 * Whether a run fits in memory, and how sure that is. The predicted bytes, scaled by quantiles of measured over predicted peaks, are
 * compared with the memory of the device, so that nine in ten of the layouts that are said to fit do fit.
 */
import type { Device } from '../../devices/device.ts';
import type { UncertainFactor } from '../../uncertainty/band.ts';
import { memoryUncertainty } from '../uncertainty.ts';
import type { TrainingWorkload } from '../workload.ts';

/** fits: also at the 90th percentile; likely: at the median; unlikely: at the 10th percentile only. */
export const MEMORY_FITS = ['fits', 'likely', 'unlikely'] as const;
export type MemoryFit = (typeof MEMORY_FITS)[number];

const QUANTILE: Readonly<Record<MemoryFit, keyof Pick<UncertainFactor, 'p10' | 'p50' | 'p90'>>> = {
  fits: 'p90',
  likely: 'p50',
  unlikely: 'p10',
};

/** The driver keeps up to a hundredth for itself: an H100 shows 81,559 of its 81,920 MiB, an A100 81,251 (nvidia-smi). */
const DEVICE_SHARE = 0.99;

/** For work counted in samples no peaks were measured: the share of memory that its states may fill; the rest is for activations (assumed). */
export const SAMPLE_MEMORY_SHARE = 0.94;

export const usableBytes = ({ memoryBytes }: Device): number => (memoryBytes ?? 0) * DEVICE_SHARE;

/** The most bytes that may be predicted for the layout to fit as surely as this. */
export const countableBytes = (workload: TrainingWorkload, device: Device, fit: MemoryFit): number =>
  usableBytes(device) / memoryUncertainty(workload)[QUANTILE[fit]];

/** Null where it does not fit even at the 10th percentile. */
export const memoryFit = (workload: TrainingWorkload, device: Device, countedBytes: number): MemoryFit | null =>
  MEMORY_FITS.find((fit) => countedBytes <= countableBytes(workload, device, fit)) ?? null;

/** The least sure of several fits. */
export const leastSure = (fits: readonly (MemoryFit | null)[]): MemoryFit =>
  fits.reduce<MemoryFit>(
    (least, fit) => (fit !== null && MEMORY_FITS.indexOf(fit) > MEMORY_FITS.indexOf(least) ? fit : least),
    'fits',
  );

/** Bytes at the quantile that decides. */
export const decidingBytes = (workload: TrainingWorkload, countedBytes: number, fit: MemoryFit): number =>
  countedBytes * memoryUncertainty(workload)[QUANTILE[fit]];
