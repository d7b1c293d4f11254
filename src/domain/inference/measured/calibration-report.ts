/** What the caller's own measurements changed. */
import type { UncertainFactor } from '../../uncertainty/band.ts';
import type { CalibrationReport } from '../estimate-result.ts';

/** Metrics that a measurement spoke for; null where none was given. */
export function calibrationReport(
  given: boolean,
  metrics: readonly { readonly metric: string; readonly before: UncertainFactor; readonly after: UncertainFactor }[],
): CalibrationReport | null {
  if (!given) return null;
  return {
    metrics: metrics
      .filter(({ before, after }) => before !== after)
      .map(({ metric, before, after }) => ({
        metric,
        points: after.basis.cases ?? 0,
        before: { p10: before.p10, p50: before.p50, p90: before.p90 },
        after: { p10: after.p10, p50: after.p50, p90: after.p90 },
      })),
  };
}
