/** A model that works by the sample on a board whose clocks a power mode limits. */
import type { Device } from '../../devices/device.ts';
import { int8Share, type PowerMode } from '../../devices/power-modes.ts';
import type { UncertainFactor } from '../../uncertainty/band.ts';
import type { SampleServing } from './serving.ts';

/** Extra width for what clocks do not tell (voltage, host cores, the split over units): of 20 power-capped MLPerf runs on three boards 15 lie inside the band without it, all 20 with it. */
const MODE_WIDENING = 1.1;

/**
 * The rate falls with what is left of arithmetic (GPU and accelerators) or of bandwidth, whichever is less; one sample
 * alone runs on the GPU.
 */
export function inMode(full: Device, serving: SampleServing, mode: PowerMode): SampleServing {
  const rate = Math.min(int8Share(full, mode), mode.memory);
  const alone = Math.min(mode.gpu, mode.memory);
  if (rate === 1 && alone === 1) return serving;
  const singleStreamSeconds = serving.singleStreamSeconds / alone;
  return {
    ...serving,
    samplesPerSecond: Math.max(serving.samplesPerSecond * rate, 1 / singleStreamSeconds),
    singleStreamSeconds,
    basis: serving.basis === 'class' ? 'class' : 'scaled',
    latencyBasis: serving.latencyBasis === 'measured' ? 'scaled' : serving.latencyBasis,
    throughputUncertainty: widened(serving.throughputUncertainty, mode),
    latencyUncertainty: widened(serving.latencyUncertainty, mode),
    togetherUncertainty: widened(serving.togetherUncertainty, mode),
  };
}

const widened = ({ p10, p50, p90, basis }: UncertainFactor, { watts }: PowerMode): UncertainFactor => ({
  p10: p10 / MODE_WIDENING,
  p50,
  p90: p90 * MODE_WIDENING,
  basis: {
    ...basis,
    id: `${basis.id}/${watts}w`,
    kind: 'assumed',
    description: `${basis.description} Scaled to the clocks of the ${watts} W mode and widened by ${Math.round((MODE_WIDENING - 1) * 100)} %.`,
  },
});
