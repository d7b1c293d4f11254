/** Residual groups from measured / predicted: the basis of bands. */
import type { ResidualGroup } from '../../src/domain/inference/step/residuals.ts';
import { quantile, weightedQuantile } from '../../test/validation/table.ts';

/** A group needs this many cases for quantiles of its own; smaller ones speak through their parent. */
const SMALLEST_GROUP = 5;

/** Measured over predicted: by the shipped constants, and by constants that never saw the group. */
interface Ratio {
  /** What was measured together; null where every case stands for itself. */
  readonly system: string | null;
  readonly shipped: number;
  readonly heldOut: number;
}

/** Ratios along paths from the metric down, so that small groups can lean on large ones. */
export class ResidualCollector {
  private readonly ratios = new Map<string, Ratio[]>();

  /**
   * @param shallowest length of the shortest path that the ratio belongs to
   * @param system cases of one system err together, so that it counts once however many there are
   */
  add(path: readonly string[], shipped: number, heldOut: number, shallowest = 1, system: string | null = null): void {
    if (!(shipped > 0 && heldOut > 0)) return;
    for (let depth = shallowest; depth <= path.length; depth++) {
      const key = path.slice(0, depth).join('/');
      const known = this.ratios.get(key) ?? [];
      known.push({ system, shipped, heldOut });
      this.ratios.set(key, known);
    }
  }

  /** Median by the shipped constants, spread by the wider of the held-out and the shipped ones. */
  groups(): Record<string, ResidualGroup> {
    const groups: Record<string, ResidualGroup> = {};
    for (const [key, ratios] of [...this.ratios].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (ratios.length < SMALLEST_GROUP) continue;
      const sizes = new Map<string, number>();
      for (const { system } of ratios) if (system !== null) sizes.set(system, (sizes.get(system) ?? 0) + 1);
      const quantileOf = (value: (ratio: Ratio) => number, probability: number): number =>
        sizes.size === 0
          ? quantile(
              ratios.map(value).sort((a, b) => a - b),
              probability,
            )
          : weightedQuantile(
              ratios.map((ratio) => ({ value: value(ratio), weight: 1 / (sizes.get(ratio.system ?? '') ?? 1) })),
              probability,
            );
      const shipped = (ratio: Ratio) => ratio.shipped;
      const heldOut = (ratio: Ratio) => ratio.heldOut;
      groups[key] = {
        cases: ratios.length,
        ...(sizes.size > 0 && { systems: sizes.size }),
        p10: round(Math.min(quantileOf(heldOut, 0.1), quantileOf(shipped, 0.1))),
        p50: round(quantileOf(shipped, 0.5)),
        p90: round(Math.max(quantileOf(heldOut, 0.9), quantileOf(shipped, 0.9))),
        medianAbsoluteErrorPercent: round(100 * quantileOf((ratio) => Math.abs(1 / ratio.heldOut - 1), 0.5)),
      };
    }
    return groups;
  }
}

/** Of ratios that were never fitted: anchors leave their own case out. */
export function residualGroup(ratios: readonly number[]): ResidualGroup {
  const sorted = ratios.toSorted((a, b) => a - b);
  const errors = ratios.map((ratio) => Math.abs(1 / ratio - 1)).toSorted((a, b) => a - b);
  return {
    cases: ratios.length,
    p10: round(quantile(sorted, 0.1)),
    p50: round(quantile(sorted, 0.5)),
    p90: round(quantile(sorted, 0.9)),
    medianAbsoluteErrorPercent: round(100 * quantile(errors, 0.5)),
  };
}

const round = (value: number) => Number(value.toPrecision(4));
