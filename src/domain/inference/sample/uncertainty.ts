/** How sure the figures of models that work by the sample are: by the evidence behind them. */
import type { UncertainFactor } from '../../uncertainty/band.ts';
import { residualFactor } from '../step/residuals.ts';
import type { SampleCohort } from './anchors.ts';
import { deviceKind } from './exponents.ts';
import type { SampleBasis } from './serving.ts';

/** Our own range for a latency that nothing of its kind was measured for. */
const ASSUMED_LATENCY = { p10: 0.6, p50: 1, p90: 2.5 };

const factors = new Map<string, UncertainFactor>();

const METRIC_NAMES = {
  throughput: 'Samples per second',
  latency: 'Latency of one sample alone',
  query: '99th percentile of several samples together',
} as const;

export type SampleMetric = keyof typeof METRIC_NAMES;

/**
 * Quantiles of measured / predicted: rates for throughput, times for latency. One object per group.
 * @param measuredModel whether the model itself was measured on this kind of device
 * @param measuredSize false where it was measured at another size or length
 */
export function sampleFactor(
  cohort: SampleCohort,
  metric: SampleMetric,
  basis: SampleBasis,
  kernel: string,
  measuredClass: boolean,
  measuredModel = true,
  measuredSize = true,
): UncertainFactor {
  const newSize = !measuredSize && cohort !== 'vision' && basis !== 'formula';
  const key = `${cohort}/${metric}/${basis}/${kernel}/${measuredClass}/${newSize ? 'new_size' : measuredModel}`;
  let factor = factors.get(key);
  if (!factor) {
    factor = newSize
      ? ofNewSize(sampleFactor(cohort, metric, basis, kernel, measuredClass), `${METRIC_NAMES[metric]} (${basis})`)
      : factorOfGroup(cohort, metric, basis, kernel, measuredClass, measuredModel);
    factors.set(key, factor);
  }
  return factor;
}

function factorOfGroup(
  cohort: SampleCohort,
  metric: SampleMetric,
  basis: SampleBasis,
  kernel: string,
  measuredClass: boolean,
  measuredModel: boolean,
): UncertainFactor {
  const what = `${METRIC_NAMES[metric]} (${basis})`;
  if (basis === 'formula') {
    return {
      ...ASSUMED_LATENCY,
      basis: {
        id: `inference/sample_latency_formula/${cohort}`,
        kind: 'assumed',
        cases: null,
        medianAbsoluteErrorPercent: null,
        description: `${what}: from launches, weight streaming and arithmetic; no latency of this kind of model was measured, so the range is our own.`,
      },
    };
  }
  if (basis === 'reported') {
    const factor = sampleFactor(cohort, metric, 'measured', kernel, measuredClass);
    return widenedFactor(
      factor,
      SECOND_HAND_WIDENING,
      'reported',
      `${what}: a result taken from a summary, not read itself`,
    );
  }
  const known = measuredModel || basis === 'measured';
  if (cohort === 'vision') {
    return residualFactor(
      [`vision_${metric}_${basis}${known ? '' : '_new_model'}`, deviceKind(kernel)],
      measuredClass,
      known ? what : `${what}, of a network that was not measured on this kind of device`,
    );
  }
  const factor = residualFactor([`sample_${metric}_${basis}`, cohort, kernel], measuredClass, what);
  return known ? factor : ofNewSize(factor, what);
}

const ofNewSize = (factor: UncertainFactor, what: string): UncertainFactor =>
  widenedFactor(factor, NEW_SIZE_WIDENING, 'new_size', `${what}: no model of this size and length was measured`);

/** Our own: one or two models were measured of each kind but vision, so nothing says how well their FLOPs speak for others. */
const NEW_SIZE_WIDENING = 1.4;

/** A figure out of a summary may be of another format or setting than the summary says: our own wider range. */
const SECOND_HAND_WIDENING = 1.15;

const widenedFactor = (
  { p10, p50, p90, basis }: UncertainFactor,
  widening: number,
  id: string,
  what: string,
): UncertainFactor => ({
  p10: p10 / widening,
  p50,
  p90: p90 * widening,
  basis: {
    ...basis,
    id: `${basis.id}/${id}`,
    kind: 'assumed',
    description: `${what}; the residuals of measured ones, widened by ${Math.round((widening - 1) * 100)} %.`,
  },
});
