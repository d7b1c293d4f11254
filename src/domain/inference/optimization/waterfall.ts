/** Which options to take under a floor of quality, and what each adds in the best order. */
import type { Optimization, OptionContext } from './option.ts';
import { type Laboratory, plainTrial, type Trial, type TrialMetrics } from './trial.ts';

export interface WaterfallStep {
  readonly optionId: string;
  readonly usdPerMonth: number;
  /** Of the cost of the step before. */
  readonly costFactor: number;
  readonly savingPercentSoFar: number;
  readonly qualityPercentSoFar: number;
}

export interface Waterfall {
  readonly steps: readonly WaterfallStep[];
  readonly usdPerMonth: number;
  readonly savingPercent: number;
  readonly qualityPercent: number;
  readonly metrics: TrialMetrics;
}

/** A step that saves less is noise of whole devices. */
const LEAST_GAIN = 0.995;

/**
 * Options that touch the answers are tried in every combination that keeps the floor; those that do not are kept where
 * they lower the cost of the combination. Steps are ordered by what each saves next.
 */
export function bestWaterfall(
  laboratory: Laboratory,
  context: OptionContext,
  candidates: readonly Optimization[],
  base: TrialMetrics,
  floorPercent: number,
): Waterfall {
  const harmless = candidates.filter(({ quality }) => quality.typical === 100);
  const touching = candidates.filter(({ quality }) => quality.typical < 100);
  let best: { options: readonly Optimization[]; usd: number } = { options: [], usd: base.usdPerMonth };
  const seed = pickHarmless(laboratory, context, [], harmless, base.usdPerMonth);
  for (const combination of combinations(touching, floorPercent)) {
    const usd = costOf(laboratory, context, [...combination, ...seed]);
    // an option that touches the answers has to be worth it
    if (usd === null || usd >= best.usd * LEAST_GAIN) continue;
    best = { options: [...combination, ...seed], usd };
  }
  const chosen = best.options.filter(({ quality }) => quality.typical < 100);
  const rest = pickHarmless(laboratory, context, chosen, harmless, base.usdPerMonth);
  const refined = costOf(laboratory, context, [...chosen, ...rest]);
  const options = refined !== null && refined <= best.usd ? [...chosen, ...rest] : best.options;
  return ordered(laboratory, context, options, base);
}

/** Greedy forward selection: the one that lowers the cost most, until none does. */
function pickHarmless(
  laboratory: Laboratory,
  context: OptionContext,
  chosen: readonly Optimization[],
  harmless: readonly Optimization[],
  baseUsd: number,
): readonly Optimization[] {
  const picked: Optimization[] = [];
  let usd = costOf(laboratory, context, chosen) ?? baseUsd;
  for (;;) {
    let next: { option: Optimization; usd: number } | null = null;
    for (const option of harmless) {
      if (picked.some(({ group }) => group === option.group)) continue;
      const cost = costOf(laboratory, context, [...chosen, ...picked, option]);
      if (cost !== null && cost < usd * LEAST_GAIN && (next === null || cost < next.usd)) next = { option, usd: cost };
    }
    if (next === null) return picked;
    picked.push(next.option);
    usd = next.usd;
  }
}

/** At most one of each group, together above the floor; the empty one first. */
function combinations(options: readonly Optimization[], floorPercent: number): Optimization[][] {
  let found: Optimization[][] = [[]];
  const groups = Map.groupBy(options, ({ group }) => group);
  for (const members of groups.values()) {
    found = found.flatMap((sofar) => [
      sofar,
      ...members.map((member) => [...sofar, member]).filter((together) => qualityOf(together) >= floorPercent),
    ]);
  }
  return found;
}

/** Of a cost; hardware that costs nothing saves nothing. */
export const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);

export const qualityOf = (options: readonly Optimization[]): number =>
  options.reduce((kept, { quality }) => (kept * quality.typical) / 100, 100);

export const trialWith = (context: OptionContext, options: readonly Optimization[]): Trial =>
  options.reduce((trial, option) => option.apply(trial, context), plainTrial(context.request));

function costOf(laboratory: Laboratory, context: OptionContext, options: readonly Optimization[]): number | null {
  const outcome = laboratory.run(trialWith(context, options));
  return outcome.status === 'done' ? outcome.metrics.usdPerMonth : null;
}

function ordered(
  laboratory: Laboratory,
  context: OptionContext,
  options: readonly Optimization[],
  base: TrialMetrics,
): Waterfall {
  const steps: WaterfallStep[] = [];
  const taken: Optimization[] = [];
  let usd = base.usdPerMonth;
  while (taken.length < options.length) {
    let next: { option: Optimization; usd: number } | null = null;
    for (const option of options) {
      if (taken.includes(option)) continue;
      const cost = costOf(laboratory, context, [...taken, option]);
      if (cost !== null && (next === null || cost < next.usd)) next = { option, usd: cost };
    }
    // what works only together with a later one has no place of its own in the order
    if (next === null) break;
    taken.push(next.option);
    steps.push({
      optionId: next.option.id,
      usdPerMonth: next.usd,
      costFactor: share(next.usd, usd),
      savingPercentSoFar: 100 * (1 - share(next.usd, base.usdPerMonth)),
      qualityPercentSoFar: qualityOf(taken),
    });
    usd = next.usd;
  }
  const outcome = laboratory.run(trialWith(context, taken));
  return {
    steps,
    usdPerMonth: usd,
    savingPercent: 100 * (1 - share(usd, base.usdPerMonth)),
    qualityPercent: qualityOf(taken),
    metrics: outcome.status === 'done' ? outcome.metrics : base,
  };
}
