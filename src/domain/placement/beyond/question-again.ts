/** The question asked again with something changed, and its answer beside the first one. */
import { money } from '../../money.ts';
import { applyChanges } from '../apply-changes.ts';
import type { Instance } from '../instance.ts';
import type { PlacementInstance } from '../instance-of.ts';
import type { SolvedPlan } from '../plan.ts';
import { carbonOfPlan } from '../plan-carbon.ts';
import { furtherPrepared, type PlacementTools, type Prepared, solvedOf } from '../prepare.ts';
import type { PlacementRequest } from '../request.ts';
import { knownOf, type PlaceableSite, type Scenario, type Stage } from '../scenario.ts';
import { type WholePlan, wholePlan } from '../whole-plan.ts';
import type { Choice } from './answers.ts';

/** Said before each question that is asked again; what it throws ends the work. */
export type Tick = () => Promise<void>;

export const usd = (value: number): string => money(value, 'USD').amount;

export const choicesOf = ({ scenario, placement }: Prepared, { assignment }: SolvedPlan): Choice[] =>
  assignment.options.map((index) => {
    const option = placement.options[index];
    return { stage: (scenario.stages[option?.stage ?? 0] as Stage).id, optionId: option?.id ?? '' };
  });

export const carbonOf = ({ placement }: Prepared, { assignment }: SolvedPlan, gridFactor = 1): number | null =>
  carbonOfPlan(placement, assignment, gridFactor);

/** p95 of the slowest that answers; runs of training answer nobody. */
export const slowestOf = ({ scenario, placement }: Prepared, { assignment }: SolvedPlan): number =>
  Math.max(
    0,
    ...assignment.options.map((index) => {
      const option = placement.options[index];
      const isTraining = scenario.stages[option?.stage ?? 0]?.component.training !== undefined;
      return isTraining ? 0 : (option?.latency?.p95 ?? 0);
    }),
  );

export function usedSites({ scenario, placement }: Prepared, { assignment }: SolvedPlan): PlaceableSite[] {
  const used = new Set(assignment.options.map((index) => placement.options[index]?.site ?? 0));
  return [...used].sort((a, b) => a - b).map((index) => scenario.sites[index] as PlaceableSite);
}

/** The cleanest option may be the dearest, so that none is left out for its price. */
export const withAllOptions = async (prepared: Prepared, tools: PlacementTools): Promise<Prepared> =>
  prepared.options.every(({ dearer }) => dearer.count === 0)
    ? prepared
    : furtherPrepared(
        prepared,
        prepared.options.map(() => Number.POSITIVE_INFINITY),
        tools,
      );

export type NearPlan = WholePlan<Awaited<ReturnType<typeof solvedNear>>>;

/** The plan of another question on the same prices, as near to the present one as costs no more. */
export const planNear = (
  { scenario }: Prepared,
  changed: { readonly request?: PlacementRequest; readonly roundTripFactor?: number },
  before: readonly Choice[],
  tools: PlacementTools,
): Promise<NearPlan> => {
  const { snapshot, at } = scenario;
  const request = changed.request ?? scenario.request;
  const known = knownOf(scenario);
  const asked = { ...known, roundTripFactor: changed.roundTripFactor ?? known.roundTripFactor };
  return wholePlan({ snapshot, request, at, known: asked, solve: (again) => solvedNear(again, before, tools) }, tools);
};

/** The question without a site. */
export const without = ({ request, policies }: Scenario, id: string): PlacementRequest =>
  applyChanges(request, [{ field: '/policies/excluded', to: [...(policies.excluded ?? []), id] }]);

export const withCapacity = (placement: PlacementInstance, name: string, capacity: number): PlacementInstance => ({
  ...placement,
  instance: {
    ...placement.instance,
    resources: placement.instance.resources.map((resource) =>
      resource.name === name ? { ...resource, capacity } : resource,
    ),
  },
});

/** With only some of the options. */
export function restricted(placement: PlacementInstance, keep: (index: number) => boolean): PlacementInstance {
  const kept = [...placement.options.keys()].filter(keep);
  const instance: Instance = {
    ...placement.instance,
    options: kept.map((index) => placement.instance.options[index] as Instance['options'][number]),
  };
  return {
    ...placement,
    instance,
    options: kept.map((index) => placement.options[index] as PlacementInstance['options'][number]),
  };
}

/** USD a month by which staying is preferred: of plans of equal cost the one that moves least is told. */
const PREFERENCE = 0.01;

/** The plan of a changed question; of equally dear ones that nearest to the present. */
export async function solvedNear(again: Prepared, before: readonly Choice[], tools: PlacementTools) {
  const stays = new Set(before.map(({ optionId }) => optionId));
  const preferred = again.placement.options.map(({ id }) => stays.has(id));
  const instance: Instance = {
    ...again.placement.instance,
    options: again.placement.instance.options.map((option, index) =>
      preferred[index] === true ? { ...option, cost: option.cost - PREFERENCE } : option,
    ),
  };
  const { plan, proof } = await solvedOf({ ...again, placement: { ...again.placement, instance } }, tools);
  const kept = (plan?.assignment.options ?? []).filter((index) => preferred[index] === true).length;
  return { plan, proof, objective: (plan?.proof.objective ?? 0) + kept * PREFERENCE };
}
