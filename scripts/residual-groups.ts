/** Residual groups from measured / predicted: the basis of bands. */
import type { ResidualGroup } from '../src/domain/inference/residuals.ts';
import { quantile } from '../test/validation/table.ts';

/** A group needs this many cases for quantiles of its own; smaller ones speak through their parent. */
const SMALLEST_GROUP = 5;

/** Measured over predicted: by the shipped constants, and by constants that never saw the group. */
interface Ratios {
  readonly shipped: number[];
  readonly heldOut: number[];
}

/** Ratios along paths from the metric down, so that small groups can lean on large ones. */
export class ResidualCollector {
  private readonly ratios = new Map<string, Ratios>();

  /** @param shallowest length of the shortest path that the ratio belongs to */
  add(path: readonly string[], shipped: number, heldOut: number, shallowest = 1): void {
    if (!(shipped > 0 && heldOut > 0)) return;
    for (let depth = shallowest; depth <= path.length; depth++) {
      const key = path.slice(0, depth).join('/');
      const entry = this.ratios.get(key) ?? { shipped: [], heldOut: [] };
      entry.shipped.push(shipped);
      entry.heldOut.push(heldOut);
      this.ratios.set(key, entry);
    }
  }

  /** Median by the shipped constants, spread by the wider of the held-out and the shipped ones. */
  groups(): Record<string, ResidualGroup> {
    const groups: Record<string, ResidualGroup> = {};
    for (const [key, { shipped, heldOut }] of [...this.ratios].sort()) {
      if (shipped.length < SMALLEST_GROUP) continue;
      const sortedHeld = heldOut.toSorted((a, b) => a - b);
      const sortedShipped = shipped.toSorted((a, b) => a - b);
      const errors = heldOut.map((ratio) => Math.abs(1 / ratio - 1)).toSorted((a, b) => a - b);
      groups[key] = {
        cases: shipped.length,
        p10: round(Math.min(quantile(sortedHeld, 0.1), quantile(sortedShipped, 0.1))),
        p50: round(quantile(sortedShipped, 0.5)),
        p90: round(Math.max(quantile(sortedHeld, 0.9), quantile(sortedShipped, 0.9))),
        medianAbsoluteErrorPercent: round(100 * quantile(errors, 0.5)),
      };
    }
    return groups;
  }
}

const round = (value: number) => Number(value.toPrecision(4));
