/** Chains of calls whose times add up: those of the request, and the two steps of a hard case in an easy/hard split. */
import type { InstancePath } from './instance.ts';
import { accessOf, type NetworkLeg, networkAt } from './network-leg.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import type { Served } from './serve.ts';

function isFirstOfPath({ paths, request, stages }: Scenario, stage: number): boolean {
  if (isFirstOfTwo(stages[stage] as Stage)) return true;
  const component = request.components[(stages[stage] as Stage).index]?.id;
  return paths.some(({ components }) => components[0] === component);
}

/** What an option adds to a chain of calls, ms at p95: its service time and, where it comes first, the way from the users. */
export const onPathMs = (scenario: Scenario, { stage, legs }: PlacementOption, { serviceMs }: Served): number =>
  serviceMs.p95 + (isFirstOfPath(scenario, stage) ? networkAt(legs[0] as NetworkLeg, 'p95') : 0);

/** A hard case waits for the small model, the way to the large model, and the large model. */
const isFirstOfTwo = ({ part, component }: Stage): boolean => part === 'small' && component.latency !== undefined;

export function stagePaths(scenario: Scenario): InstancePath[] {
  const { paths, stages, request, groups } = scenario;
  if (paths.length === 0 && !stages.some(isFirstOfTwo)) return [];
  const roundTripMs = tripsBetween(scenario);
  const ofSplits = stages.flatMap((small, first) =>
    isFirstOfTwo(small)
      ? [...stages.entries()]
          .filter(([, { part, index }]) => part === 'hard' && index === small.index)
          .map(
            ([second]): InstancePath => ({
              stages: [first, second],
              budgetMs: small.component.latency?.milliseconds ?? 0,
              field: `/components/${small.index}/latency/milliseconds`,
              roundTripMs,
            }),
          )
      : [],
  );
  const asked = paths.flatMap((path, index) => {
    const chains = groups.map((group) =>
      path.components.map((id) => {
        const component = request.components.findIndex((it) => it.id === id);
        return stages.findIndex((stage) => stage.index === component && stage.groups.some((it) => it.id === group.id));
      }),
    );
    const distinct = [...new Map(chains.map((chain) => [chain.join(), chain])).values()];
    return distinct.map((chain) => ({
      stages: chain,
      budgetMs: path.milliseconds,
      field: `/paths/${index}/milliseconds`,
      roundTripMs,
    }));
  });
  return [...asked, ...ofSplits];
}

/**
 * Network time between sites, ms at p95, worked out when it is asked for. A site at the users reaches the others over the users'
 * access network, unless the other site is there too.
 */
function tripsBetween({ sites, groups, roundTrip, roundTripFactor }: Scenario): InstancePath['roundTripMs'] {
  const lines = sites.map(({ userSide }) => groups.filter(({ id }) => userSide.has(id)));
  const accessMs = (from: number, to: number): number =>
    (lines[from] ?? [])
      .filter((group) => lines[to]?.includes(group) !== true)
      .reduce((slowest, { accessNetwork }) => Math.max(slowest, accessOf(accessNetwork).p95Ms), 0);
  const known = new Map<number, number>();
  return (from, to) => {
    if (from === to) return 0;
    const key = from * sites.length + to;
    const [a, b] = [sites[from] as PlaceableSite, sites[to] as PlaceableSite];
    const ms =
      known.get(key) ??
      roundTrip(networkPlace(a), networkPlace(b)).p95Ms * roundTripFactor + accessMs(from, to) + accessMs(to, from);
    known.set(key, ms);
    return ms;
  };
}

const networkPlace = ({ point, country, id, region }: PlaceableSite) => ({
  ...point,
  country,
  city: id,
  ...(region !== null && { regionId: region.id }),
});
