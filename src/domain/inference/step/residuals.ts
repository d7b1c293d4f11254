/**
 * How far measurements lay from predictions, by group: the basis of every band of the performance model.
 * Groups and quantiles are in ../calibration/{inference,decode,sample}-residuals.json, written by `npm run fit`: spread from
 * predictions by constants that never saw the measured group, median from the shipped constants.
 */
import decodeResiduals from '../../calibration/decode-residuals.json' with { type: 'json' };
import residuals from '../../calibration/inference-residuals.json' with { type: 'json' };
import sampleResiduals from '../../calibration/sample-residuals.json' with { type: 'json' };
import type { UncertainFactor } from '../../uncertainty/band.ts';

export interface ResidualGroup {
  readonly cases: number;
  /** Independent systems among them, each of which counts once; the cases where absent. */
  readonly systems?: number;
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly medianAbsoluteErrorPercent: number;
}

const groups: Readonly<Record<string, ResidualGroup>> = {
  ...residuals.groups,
  ...decodeResiduals.groups,
  ...sampleResiduals.groups,
};

/** Cases at which a group weighs as much as its parent, and systems where cases are known to err together. */
const SHRINKAGE_CASES = 15;
const SHRINKAGE_SYSTEMS = 4;

/** Where no system of the kind was measured: the spread that unseen vendors showed, times the parent's band. */
const UNSEEN_WIDENING = 1.3;

/**
 * Quantiles of measured / predicted of the nearest measured group, drawn towards its parents by their numbers.
 * @param path from the metric down, for example ["tpot", "dense", "hopper", "vllm"]
 * @param measuredKind false where nothing of this device kind was measured: the band is widened and called assumed
 */
export function residualFactor(path: readonly string[], measuredKind: boolean, what: string): UncertainFactor {
  let factor: { p10: number; p50: number; p90: number } | null = null;
  let id = path[0] as string;
  let nearest: ResidualGroup | null = null;
  for (let depth = 1; depth <= path.length; depth++) {
    const key = path.slice(0, depth).join('/');
    const group = groups[key];
    if (!group) break;
    id = key;
    nearest = group;
    factor = factor === null ? { p10: group.p10, p50: group.p50, p90: group.p90 } : shrink(group, factor);
  }
  if (factor === null || nearest === null) throw new RangeError(`No residuals for ${path[0]}: run npm run fit.`);
  const widening = measuredKind ? 1 : UNSEEN_WIDENING;
  return {
    p10: factor.p10 / widening,
    p50: factor.p50,
    p90: factor.p90 * widening,
    basis: {
      id: `inference/${id}`,
      kind: measuredKind ? 'residuals' : 'assumed',
      cases: nearest.cases,
      medianAbsoluteErrorPercent: nearest.medianAbsoluteErrorPercent,
      description: measuredKind
        ? `${what}: measured / predicted over ${nearest.cases} measured configurations (${id.replaceAll('/', ', ')}).`
        : `${what}: no system of this kind was measured; the residuals of ${id.replaceAll('/', ', ')}, widened by ${Math.round((UNSEEN_WIDENING - 1) * 100)} %.`,
    },
  };
}

/** Geometric mean of a group's quantiles and its parent's, weighted by the group's cases. */
function shrink(group: ResidualGroup, parent: { p10: number; p50: number; p90: number }) {
  const { cases, systems } = group;
  const weight = systems === undefined ? cases / (cases + SHRINKAGE_CASES) : systems / (systems + SHRINKAGE_SYSTEMS);
  const mix = (own: number, other: number) => Math.exp(weight * Math.log(own) + (1 - weight) * Math.log(other));
  return { p10: mix(group.p10, parent.p10), p50: mix(group.p50, parent.p50), p90: mix(group.p90, parent.p90) };
}
