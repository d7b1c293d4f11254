/** Turns sketches of options into options with their full estimate. */
import type { CheckId } from './check.ts';
import { idOf, keyOf, type PlacementOption, type StageOptions } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { serveWithin } from './serve-within.ts';
import type { Sketch } from './sketches.ts';

export function finished(scenario: Scenario, sketch: Sketch): PlacementOption {
  const stage = scenario.stages[sketch.stage] as Stage;
  const site = scenario.sites[sketch.site] as PlaceableSite;
  const { served, latency, checks } = serveWithin(scenario, {
    stage,
    work: sketch.work,
    site,
    device: sketch.device,
    purchase: sketch.purchase,
    share: 1,
    speed: sketch.capability.speed,
    modeWatts: sketch.capability.modeWatts,
    legs: sketch.legs,
  });
  const known = new Set(sketch.failed);
  // a check that the sketch failed already is not listed twice
  const all = [...sketch.checks(), ...checks.filter(({ id, ok }) => ok || !known.has(id))];
  return {
    ...keyOf(sketch),
    id: idOf(scenario, sketch),
    share: 1,
    served,
    legs: sketch.legs,
    latency,
    speed: sketch.capability.speed,
    modeWatts: sketch.capability.modeWatts,
    checks: all,
    feasible: served !== null && all.every(({ ok }) => ok),
    leadTimeDays: sketch.leadTimeDays,
    complete: true,
  };
}

/** An option of which only the checks that need no full estimate are known. */
export const unfinished = (scenario: Scenario, sketch: Sketch): PlacementOption => ({
  ...keyOf(sketch),
  id: idOf(scenario, sketch),
  share: 1,
  served: null,
  legs: sketch.legs,
  latency: null,
  speed: sketch.capability.speed,
  modeWatts: sketch.capability.modeWatts,
  get checks() {
    return sketch.checks();
  },
  feasible: false,
  leadTimeDays: sketch.leadTimeDays,
  complete: false,
});

/** Shares that are tried when a load is divided; those below the caller's least share are left out. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** Number of a stage's cheapest options that are tried with a share of the load. */
const MOST_DIVIDED = 12;
const LEAST_SHARE = 0.1;
/** Checks that may fail for the whole load and pass for a part of it. */
const CAPACITY: ReadonlySet<CheckId> = new Set(['stock', 'site_power', 'rack_space', 'budget', 'carbon', 'latency']);

export function dividedOf(
  scenario: Scenario,
  index: number,
  { feasible, rejected }: Pick<StageOptions, 'feasible' | 'rejected'>,
): PlacementOption[] {
  const split = scenario.stages[index]?.component.split;
  // each copy for availability serves the whole load
  if (split?.kind !== 'by_load' || scenario.stages[index]?.component.availability !== undefined) return [];
  const shares = SHARES.filter((share) => share >= (split.leastShare ?? LEAST_SHARE) - 1e-9);
  const short = rejected.filter(
    ({ complete, checks }) => complete && checks.every(({ ok, id }) => ok || CAPACITY.has(id)),
  );
  return [...feasible.slice(0, MOST_DIVIDED), ...short.slice(0, MOST_DIVIDED)].flatMap((option) =>
    shares.map((share) => withShare(scenario, option, share)).filter((it) => it !== null),
  );
}

/** The same option with a share of the load; null where it cannot serve that share. */
function withShare(scenario: Scenario, option: PlacementOption, share: number): PlacementOption | null {
  const stage = scenario.stages[option.stage] as Stage;
  const site = scenario.sites[option.site] as PlaceableSite;
  const { served, latency, checks } = serveWithin(scenario, {
    stage,
    work: option.work,
    site,
    device: option.device,
    purchase: option.purchase,
    share,
    speed: option.speed,
    modeWatts: option.modeWatts,
    legs: option.legs,
  });
  if (served === null || checks.some(({ ok }) => !ok)) return null;
  return {
    ...option,
    id: `${option.id}#${share}`,
    share,
    served,
    latency,
    checks: [...option.checks.filter(({ id }) => !CAPACITY.has(id)), ...checks],
    feasible: true,
  };
}
