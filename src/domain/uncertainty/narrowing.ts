/**
 * Ranks what a caller could state by how much it would narrow a band: for each possible statement the factors that it would settle are
 * removed and the band is worked out again.
 */
import type { Band, UncertainFactor } from './band.ts';
import { sumBand, type UncertainItem } from './propagation.ts';

/** Something that the caller could state, and what would remain of each factor then. */
export interface OpenInput {
  /** JSON pointer of the request field. */
  readonly field: string;
  readonly assumptionId: string | null;
  /** What is assumed while it is not stated, in a sentence. */
  readonly reason: string;
  /** What remains of a factor; null where the statement does not concern it, empty where it would be settled altogether. */
  remainder(factor: UncertainFactor): readonly UncertainFactor[] | null;
}

export interface Narrowing extends Omit<OpenInput, 'remainder'> {
  /** By how many percent the distance from p10 to p90 would shrink if nothing else changed. */
  readonly narrowsByPercent: number;
  /** The band that would remain. */
  readonly p90OverP10: number;
}

/** Statements of less use than this are not worth the reader's time. */
const LEAST_PERCENT = 1;
/** Only this many statements, those that move the sum most at first order, have their bands sampled. */
const SAMPLED = 3;

/**
 * The statements that would narrow the band of the sum, most first.
 * @param now the band of the sum as it is
 */
export function narrowings(items: readonly UncertainItem[], now: Band, inputs: readonly OpenInput[]): Narrowing[] {
  const factors = [...new Set(items.flatMap((item) => item.factors))];
  const candidates = inputs
    .map((input) => ({ input, remainders: remaindersOf(factors, input) }))
    .map((candidate) => ({ ...candidate, settled: settledSpread(items, candidate.remainders) }))
    .filter(({ settled }) => settled > 0)
    .sort((a, b) => b.settled - a.settled || (a.input.field < b.input.field ? -1 : 1))
    .slice(0, SAMPLED);
  return candidates
    .map(({ input, remainders }) => {
      const then = sumBand(items.map((item) => settledItem(item, remainders)));
      return {
        field: input.field,
        assumptionId: input.assumptionId,
        reason: input.reason,
        narrowsByPercent: 100 * (1 - (then.p90 - then.p10) / (now.p90 - now.p10)),
        p90OverP10: then.p90 / then.p10,
      };
    })
    .filter(({ narrowsByPercent }) => narrowsByPercent >= LEAST_PERCENT)
    .sort((a, b) => b.narrowsByPercent - a.narrowsByPercent || (a.field < b.field ? -1 : 1));
}

type Remainders = ReadonlyMap<UncertainFactor, readonly UncertainFactor[]>;

function remaindersOf(factors: readonly UncertainFactor[], input: OpenInput): Remainders {
  const remainders = new Map<UncertainFactor, readonly UncertainFactor[]>();
  for (const factor of factors) {
    const remainder = input.remainder(factor);
    if (remainder !== null) remainders.set(factor, remainder);
  }
  return remainders;
}

/** What is settled stays at its median. */
function settledItem(item: UncertainItem, remainders: Remainders): UncertainItem {
  const { amount, factors } = item;
  const settled = factors.filter((factor) => remainders.has(factor));
  if (settled.length === 0) return item;
  return {
    amount: settled.reduce((product, { p50 }) => product * p50, amount),
    factors: factors.flatMap((factor) => remainders.get(factor) ?? [factor]),
  };
}

/** How far the sum moves at first order: amount x settled spread of the logarithm, over all items. */
function settledSpread(items: readonly UncertainItem[], remainders: Remainders): number {
  if (remainders.size === 0) return 0;
  let settled = 0;
  for (const { amount, factors } of items) {
    for (const factor of factors) {
      const remainder = remainders.get(factor);
      if (remainder !== undefined)
        settled += Math.abs(amount) * (spread(factor) - Math.hypot(...remainder.map(spread)));
    }
  }
  return settled;
}

const spread = ({ p10, p90 }: UncertainFactor): number => Math.abs(Math.log(p90 / p10));
