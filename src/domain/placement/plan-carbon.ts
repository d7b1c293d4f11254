/** Emissions of a plan: machines once, however many components share them, and what each component adds. */
import type { Assignment, Instance } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import type { PlacementOption } from './options.ts';
import { emissionParts } from './shared-machines.ts';

/** kg CO2e a month, on grids of `gridFactor` times their emissions; null where a power figure is missing. */
export function carbonOfPlan(
  { instance, options, pools }: PlacementInstance,
  { options: chosen, machines }: Assignment,
  gridFactor = 1,
): number | null {
  const used = new Set<number>();
  let total = 0;
  for (const index of chosen) {
    const { served } = options[index] as PlacementOption;
    const parts = served === null ? null : emissionParts(served, gridFactor);
    if (parts === null) return null;
    const pool = instance.options[index]?.pool?.pool;
    total += parts.component + (pool === undefined ? parts.machines : 0);
    if (pool !== undefined) used.add(pool);
  }
  for (const pool of used) {
    const example = pools[pool]?.example.served ?? null;
    const parts = example === null ? null : emissionParts(example, gridFactor);
    if (example === null || parts === null) return null;
    total += (parts.machines / example.devices) * (machines[pool] ?? 0);
  }
  return total;
}

const carbonIndex = ({ resources }: Instance): number => resources.findIndex(({ name }) => name === 'carbon');

/** What each option and each machine of a pool takes of the cap on carbon. */
export function carbonUses({ instance }: PlacementInstance): { readonly options: number[]; readonly pools: number[] } {
  const carbon = carbonIndex(instance);
  const amount = ({ uses }: Instance['pools'][number] | Instance['options'][number]) =>
    uses.reduce((sum, [used, it]) => (used === carbon ? sum + it : sum), 0);
  return { options: instance.options.map(amount), pools: instance.pools.map(amount) };
}

/** Electricity of other emissions; what manufacture emitted stays. */
export function onGrids(placement: PlacementInstance, gridFactor: number): PlacementInstance {
  const { instance, options, pools } = placement;
  const carbon = carbonIndex(instance);
  const withCarbon = (uses: Instance['pools'][number]['uses'], amount: number) =>
    uses.map((use) => (use[0] === carbon ? ([carbon, amount] as const) : use));
  const partsOf = ({ served }: PlacementOption) =>
    (served === null ? null : emissionParts(served, gridFactor)) ?? { machines: 0, component: 0 };
  return {
    ...placement,
    instance: {
      ...instance,
      options: instance.options.map((option, index) => {
        const { machines, component } = partsOf(options[index] as PlacementOption);
        return { ...option, uses: withCarbon(option.uses, option.pool === null ? machines + component : component) };
      }),
      pools: instance.pools.map((pool, index) => {
        const example = pools[index]?.example;
        const perMachine = example === undefined ? 0 : partsOf(example).machines / (example.served?.devices ?? 1);
        return { ...pool, uses: withCarbon(pool.uses, perMachine) };
      }),
    },
  };
}
