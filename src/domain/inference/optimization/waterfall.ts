/** Which options to take under a floor of quality, and what each adds in the best order. */
import type { Optimization, OptionContext } from './option.ts';
import { type Laboratory, plainTrial, type Trial, type TrialMetrics } from './trial.ts';

interface WaterfallStep {
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

/** Combinations that are followed up with the harmless options that suit them. */
const FOLLOWED_UP = 4;
/** Rounds of exchanging one option; they end where none is left to gain. */
const MOST_EXCHANGES = 6;

/**
 * Options that touch the answers are tried in every combination that keeps the floor, with the harmless ones that pay by
 * themselves; the best few get the harmless ones that pay beside them, and of the best of those single options are added,
 * left out or exchanged as long as that saves, and what saves next to nothing is left out. Steps are ordered by what each saves next.
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
  const costed = (options: readonly Optimization[]): Costed | null => {
    const usd = costOf(laboratory, context, options);
    return usd === null ? null : { options, usd };
  };
  const seed = pickHarmless(laboratory, context, [], harmless, base.usdPerMonth);
  const tried = combinations(touching, floorPercent)
    .flatMap((combination) => costed([...combination, ...seed]) ?? [])
    .sort((a, b) => a.usd - b.usd || a.options.length - b.options.length);
  const followed = tried.slice(0, FOLLOWED_UP).flatMap(({ options, usd }) => {
    const chosen = options.filter(({ quality }) => quality.typical < 100);
    return costed([...chosen, ...pickHarmless(laboratory, context, chosen, harmless, usd)]) ?? [];
  });
  let best = [...followed, ...tried].reduce(cheaper, { options: [], usd: base.usdPerMonth });
  for (let round = 0; round < MOST_EXCHANGES; round++) {
    const exchanged = neighbours(best.options, candidates)
      .filter((options) => qualityOf(options) >= floorPercent)
      .flatMap((options) => costed(options) ?? []);
    const next = exchanged.reduce(cheaper, best);
    if (next === best) break;
    best = next;
  }
  return ordered(laboratory, context, worthwhile(best, costed).options, base);
}

/** Without the options that save next to nothing beside the others, those that touch the answers first. */
function worthwhile(best: Costed, costed: (options: readonly Optimization[]) => Costed | null): Costed {
  for (const option of best.options.toSorted((a, b) => a.quality.typical - b.quality.typical)) {
    const without = costed(best.options.filter((other) => other !== option));
    if (without !== null && without.usd * LEAST_GAIN <= best.usd) return worthwhile(without, costed);
  }
  return best;
}

interface Costed {
  readonly options: readonly Optimization[];
  readonly usd: number;
}

/** A gain that is noise of whole devices is none, and one more option has to be worth it. */
const cheaper = (best: Costed, other: Costed): Costed => (other.usd < best.usd * LEAST_GAIN ? other : best);

/** The sets that differ by one option: left out, added, or exchanged for another of its group. */
function neighbours(options: readonly Optimization[], candidates: readonly Optimization[]): Optimization[][] {
  const without = options.map((one) => options.filter((other) => other !== one));
  const others = candidates
    .filter((candidate) => !options.includes(candidate))
    .map((candidate) => [...options.filter(({ group }) => group !== candidate.group), candidate]);
  return [...without, ...others];
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
