/**
 * Finds every way to place a stage, and keeps the result of every check. Options at given sites are always estimated in full. Options
 * at open sites are estimated in the order of a lower bound on their price until enough are found; more follow if the plan needs them.
 */
import { distanceOf } from './check.ts';
import type { DeviceCapability } from './checks.ts';
import { dividedOf, finished, unfinished } from './finished-options.ts';
import { type PlacementOption, type StageOptions, usdOf } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Sketch, type StageSketches, sketchesOf } from './sketches.ts';

/** Options at open sites that enter the program for each stage; the cheapest of each country is added to them. */
const MOST_OPEN_OPTIONS = 24;
/** Up to so many options of a stage, each is estimated in full. */
const FEW_OPTIONS = 160;

/** The options found so far in one scenario, by stage. */
export interface Looked {
  readonly sketches: readonly StageSketches[];
  readonly finished: Map<Sketch, PlacementOption>;
}

/** @param breathe called now and then to let other work on the thread go on */
export async function lookedAt(scenario: Scenario, breathe: () => Promise<void>): Promise<Looked> {
  const capabilities = new Map<string, Omit<DeviceCapability, 'heat'>>();
  const sketches: StageSketches[] = [];
  for (const stage of scenario.stages.keys()) sketches.push(await sketchesOf(scenario, stage, capabilities, breathe));
  return { sketches, finished: new Map() };
}

/**
 * @param reach for each stage: options up to this price, USD a month, are estimated in any case
 * @param told called with the share of the stages that is done
 */
export async function optionsOfStages(
  scenario: Scenario,
  looked: Looked,
  reach: readonly number[],
  breathe: () => Promise<void>,
  told: (share: number) => Promise<void>,
): Promise<StageOptions[]> {
  const result: StageOptions[] = [];
  for (const stage of scenario.stages.keys()) {
    const options = await optionsOfStage(scenario, stage, looked, reach[stage] ?? 0, breathe);
    result.push({ ...options, divided: dividedOf(scenario, stage, options) });
    await told(result.length / scenario.stages.length);
  }
  return result;
}

type WholeOptions = Omit<StageOptions, 'divided'>;

async function optionsOfStage(
  scenario: Scenario,
  index: number,
  looked: Looked,
  reach: number,
  breathe: () => Promise<void>,
): Promise<WholeOptions> {
  const stage = scenario.stages[index] as Stage;
  const { passing, failing, estimated } = looked.sketches[index] as StageSketches;
  const finish = async (sketch: Sketch): Promise<PlacementOption> => {
    const known = looked.finished.get(sketch);
    if (known !== undefined) return known;
    const option = finished(scenario, sketch);
    looked.finished.set(sketch, option);
    await breathe();
    return option;
  };
  const isFew = passing.length + failing.length <= FEW_OPTIONS;
  const options: PlacementOption[] = [];
  const cheapest: number[] = [];
  const countries = new Set<string>();
  let left = 0;
  let leastLeft: number | null = null;
  for (const sketch of passing) {
    const { country, pointer } = scenario.sites[sketch.site] as PlaceableSite;
    const dearest = cheapest[MOST_OPEN_OPTIONS - 1];
    const enough = !isFew && dearest !== undefined && sketch.least > Math.max(dearest, reach);
    const home = stage.subjectCountries.includes(country);
    if (enough && pointer === null && countries.has(country) && !home) {
      left += 1;
      leastLeft = Math.min(leastLeft ?? Number.POSITIVE_INFINITY, sketch.least);
      continue;
    }
    const option = await finish(sketch);
    options.push(option);
    if (!option.feasible) continue;
    countries.add(country);
    cheapest.push(usdOf(option));
    cheapest.sort((a, b) => a - b).splice(MOST_OPEN_OPTIONS);
  }
  const distances = new Map<PlacementOption, number>();
  for (const sketch of failing) {
    const isFinished = isFew || estimated.has(sketch);
    const option = isFinished ? await finish(sketch) : unfinished(scenario, sketch);
    options.push(option);
    if (!isFinished) distances.set(option, sketch.distance);
  }
  return sorted(options, distances, { count: left, leastUsdPerMonth: leastLeft });
}

/** Of an option without figures: it comes after those with. */
const MOST_USD = Number.MAX_VALUE;

/** @param distances from passing, where they are known */
const sorted = (
  options: readonly PlacementOption[],
  distances: ReadonlyMap<PlacementOption, number>,
  dearer: StageOptions['dearer'],
): WholeOptions => ({
  feasible: options.filter(({ feasible }) => feasible).sort((a, b) => usdOf(a) - usdOf(b) || (a.id < b.id ? -1 : 1)),
  rejected: options
    .filter(({ feasible }) => !feasible)
    .map((option) => ({
      option,
      distance: distances.get(option) ?? distanceOf(option.checks),
      usd: option.served === null ? MOST_USD : usdOf(option),
    }))
    .sort((a, b) => a.distance - b.distance || a.usd - b.usd || (a.option.id < b.option.id ? -1 : 1))
    .map(({ option }) => option),
  dearer,
});
