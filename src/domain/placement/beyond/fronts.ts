/** Cost against carbon by epsilon-constraint, and against latency by asking for less of it. */
import { type SolvedPlan, solveLimits, solvePlan } from '../plan.ts';
import { carbonUses } from '../plan-carbon.ts';
import { type PlacementTools, type Prepared, solvedOf } from '../prepare.ts';
import type { PlacementRequest } from '../request.ts';
import { knownOf } from '../scenario.ts';
import { INTERACTIVE, isLanguage } from '../stages.ts';
import { wholePlan } from '../whole-plan.ts';
import type { Front, FrontPoint } from './answers.ts';
import { inOrder } from './in-order.ts';
import {
  carbonOf,
  choicesOf,
  restricted,
  slowestOf,
  type Tick,
  usd,
  withAllOptions,
  withCapacity,
} from './question-again.ts';

const point = (
  prepared: Prepared,
  plan: SolvedPlan,
  cost: number,
): Omit<FrontPoint, 'slope'> & { readonly cost: number } => ({
  cost,
  usdPerMonth: usd(cost),
  carbonKilogramsPerMonth: carbonOf(prepared, plan),
  p95Ms: slowestOf(prepared, plan),
  choices: choicesOf(prepared, plan),
  gap: plan.proof.gap,
});

type RawPoint = ReturnType<typeof point>;

/** Cheapest first, dominated points left out, slopes from point to point. */
function front(
  against: Front['against'],
  slopeUnit: string,
  raw: readonly RawPoint[],
  measure: (it: RawPoint) => number,
): Front {
  const sorted = [...raw].sort((a, b) => a.cost - b.cost || measure(a) - measure(b));
  const kept: RawPoint[] = [];
  for (const candidate of sorted) {
    const last = kept.at(-1);
    if (last === undefined || measure(candidate) < measure(last) * (1 - 1e-6)) kept.push(candidate);
  }
  return {
    against,
    slopeUnit,
    points: kept.map(({ cost, ...rest }, index) => {
      const before = kept[index - 1];
      return {
        ...rest,
        slope:
          before === undefined ? null : (cost - before.cost) / (measure(before) - measure(kept[index] as RawPoint)),
      };
    }),
  };
}

const FRONT_POINTS = 5;

/** Epsilon-constraint: least cost under caps between the emissions of the cheapest plan and the least there are. */
export async function carbonFront(prepared: Prepared, tools: PlacementTools, tick: Tick): Promise<Front> {
  const { solve } = tools;
  await tick();
  const { scenario } = prepared;
  const all = await withAllOptions(prepared, tools);
  // an option of unknown emissions is on no front
  const placement = restricted(all.placement, (index) => all.placement.options[index]?.served?.carbonKilograms != null);
  const limits = solveLimits(scenario.request.limits);
  const { plan: cheapest } = await solvePlan(scenario, placement, solve, limits);
  if (cheapest === null) return front('carbon', UNIT_OF_CARBON, [], (it) => it.carbonKilogramsPerMonth ?? 0);
  const points: RawPoint[] = [point({ ...all, placement }, cheapest, cheapest.proof.objective ?? 0)];
  await tick();
  const least = await solvePlan(scenario, placement, solve, limits, {
    objective: carbonUses(placement),
  });
  if (least.plan === null) return front('carbon', UNIT_OF_CARBON, points, (it) => it.carbonKilogramsPerMonth ?? 0);
  const low = carbonOf({ ...all, placement }, least.plan) ?? 0;
  const high = carbonOf({ ...all, placement }, cheapest) ?? low;
  const steps = Array.from({ length: FRONT_POINTS }, (_, step) => step + 1);
  const capped = await inOrder(steps, async (step): Promise<RawPoint | null> => {
    await tick();
    const cap = high - ((high - low) * step) / FRONT_POINTS;
    const under = withCapacity(placement, 'carbon', cap * (1 + 1e-9));
    const { plan: found, proof } = await solvePlan(scenario, under, solve, limits);
    return found === null ? null : point({ ...all, placement: under }, found, proof.objective ?? 0);
  });
  points.push(...capped.filter((it) => it !== null));
  return front('carbon', UNIT_OF_CARBON, points, (it) => it.carbonKilogramsPerMonth ?? 0);
}

const UNIT_OF_CARBON = 'USD per kg CO2e';
const TIGHTER = [0.8, 0.6, 0.45, 0.3];

/** Latency enters through the options: each point is the question asked again with tighter budgets. */
export async function latencyFront(
  prepared: Prepared,
  plan: SolvedPlan,
  tools: PlacementTools,
  tick: Tick,
): Promise<Front> {
  const { scenario } = prepared;
  const points: RawPoint[] = [point(prepared, plan, plan.proof.objective ?? 0)];
  const slowest = slowestOf(prepared, plan);
  if (slowest === 0) return front('latency', 'USD per ms', points, (it) => it.p95Ms);
  for (const factor of TIGHTER) {
    await tick();
    const milliseconds = slowest * factor;
    const request: PlacementRequest = {
      ...scenario.request,
      components: scenario.request.components.map((component, index) =>
        component.training !== undefined
          ? component
          : {
              ...component,
              // a budget of time would stand in for the reading pace
              ...(component.latency === undefined &&
                component.objectives === undefined &&
                isLanguage(scenario.snapshot, component, `/components/${index}`) && { objectives: INTERACTIVE }),
              latency: {
                ...component.latency,
                // a limit on fewer answers than 95 in 100 becomes one on as many; one on more stays
                percentile: component.latency?.percentile === 'p99' ? 'p99' : 'p95',
                milliseconds: Math.min(milliseconds, component.latency?.milliseconds ?? Number.POSITIVE_INFINITY),
              },
            },
      ),
    };
    const { snapshot, at } = scenario;
    const known = knownOf(scenario);
    const found = await wholePlan({ snapshot, request, at, known, solve: solvedOf }, tools);
    if (found.plan === null) break;
    points.push(point(found.prepared, found.plan, found.plan.proof.objective ?? 0));
  }
  return front('latency', 'USD per ms', points, (it) => it.p95Ms);
}
