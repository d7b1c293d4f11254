/** Options with their full estimate. */
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
    legs: sketch.legs,
  });
  const known = new Set(sketch.checks.filter(({ ok }) => !ok).map(({ id }) => id));
  // what the device cannot do at all has been said already
  const all = [...sketch.checks, ...checks.filter(({ id, ok }) => ok || !known.has(id))];
  return {
    ...keyOf(sketch),
    id: idOf(scenario, sketch),
    share: 1,
    served,
    legs: sketch.legs,
    latency,
    speed: sketch.capability.speed,
    checks: all,
    feasible: served !== null && all.every(({ ok }) => ok),
    leadTimeDays: sketch.leadTimeDays,
    complete: true,
  };
}

/** Where only what needs no full estimate is known. */
export const unfinished = (scenario: Scenario, sketch: Sketch): PlacementOption => ({
  ...keyOf(sketch),
  id: idOf(scenario, sketch),
  share: 1,
  served: null,
  legs: sketch.legs,
  latency: null,
  speed: sketch.capability.speed,
  checks: sketch.checks,
  feasible: false,
  leadTimeDays: sketch.leadTimeDays,
  complete: false,
});

/** Shares of a divided load that are looked at; those below the least share are left out. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** So many of a stage's cheapest options are divided. */
const MOST_DIVIDED = 12;
const LEAST_SHARE = 0.1;
/** What a place lacks for the whole it may have for a part. */
const CAPACITY: ReadonlySet<CheckId> = new Set(['stock', 'site_power', 'rack_space', 'budget', 'carbon', 'latency']);

export function dividedOf(
  scenario: Scenario,
  index: number,
  { feasible, rejected }: Pick<StageOptions, 'feasible' | 'rejected'>,
): PlacementOption[] {
  const split = scenario.stages[index]?.component.split;
  // copies for availability are whole
  if (split?.kind !== 'by_load' || scenario.stages[index]?.component.availability !== undefined) return [];
  const shares = SHARES.filter((share) => share >= (split.leastShare ?? LEAST_SHARE) - 1e-9);
  const short = rejected.filter(
    ({ complete, checks }) => complete && checks.every(({ ok, id }) => ok || CAPACITY.has(id)),
  );
  return [...feasible.slice(0, MOST_DIVIDED), ...short.slice(0, MOST_DIVIDED)].flatMap((option) =>
    shares.map((share) => withShare(scenario, option, share)).filter((it) => it !== null),
  );
}

/** The same option with another part of the load; null where it does not carry it. */
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
