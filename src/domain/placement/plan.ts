/** Solves an instance and holds the answer to exact queueing: machines that components share get their true waits. */
import type { SolveLimits, SolveProgram } from '../optimization/integer-program.ts';
import type { Assignment } from './instance.ts';
import type { PlacementInstance } from './instance-of.ts';
import { totalLatency } from './network-leg.ts';
import type { PlacementOption } from './options.ts';
import type { ProgramChoices } from './program.ts';
import type { Limits } from './request.ts';
import type { Scenario } from './scenario.ts';
import type { PercentilesMs } from './serve.ts';
import { sharedResponse } from './shared-queue.ts';
import { type SolvedInstance, type SolverWork, solveInstance, totalWork, USUAL_ITERATIONS } from './solve-instance.ts';

export type Proof = Omit<SolvedInstance, 'assignment' | 'work'> & SolverWork;

export interface SolvedPlan {
  readonly assignment: Assignment;
  readonly proof: Proof;
  /** Times of the services as they are with what shares their machines; by option. */
  readonly serviceMs: ReadonlyMap<number, PercentilesMs>;
  readonly choices: ProgramChoices;
}

type SolveOutcome =
  | { readonly plan: SolvedPlan; readonly proof: Proof }
  | { readonly plan: null; readonly proof: Proof };

const DEFAULT_NODES = 50_000;
const DEFAULT_GAP_PERCENT = 0.1;
const WALL_CLOCK_MS = 25_000;

export const solveLimits = ({ nodes, simplexIterations, gapPercent }: Limits = {}): SolveLimits => ({
  maximumNodes: nodes ?? DEFAULT_NODES,
  maximumSimplexIterations: simplexIterations ?? USUAL_ITERATIONS,
  relativeGap: (gapPercent ?? DEFAULT_GAP_PERCENT) / 100,
  maximumWallClockMs: WALL_CLOCK_MS,
});

/** Each repair adds a machine or forbids a combination, so it ends; in practice after one or two. */
const MOST_REPAIRS = 12;

export async function solvePlan(
  scenario: Scenario,
  placement: PlacementInstance,
  solve: SolveProgram,
  limits: SolveLimits,
  choices: ProgramChoices = {},
): Promise<SolveOutcome> {
  const leastMachines = [...(choices.leastMachines ?? [])];
  const cuts = [...(choices.cuts ?? [])];
  let rounds = 0;
  let total: SolverWork = { nodes: 0, simplexIterations: 0, deterministic: true, solves: 0 };
  for (;;) {
    const asked = { ...choices, leastMachines: [...leastMachines], cuts: [...cuts] };
    const { assignment, work, ...found } = await solveInstance(placement.instance, asked, solve, limits);
    total = totalWork(total, work);
    rounds += 1;
    const proof: Proof = { ...found, ...total };
    if (assignment === null) return { plan: null, proof };
    const { repairs, serviceMs } = checkShared(scenario, placement, assignment);
    if (repairs.length === 0) return { plan: { assignment, proof, serviceMs, choices: asked }, proof };
    if (rounds > MOST_REPAIRS) return { plan: null, proof: { ...proof, status: 'limit' } };
    for (const { pool, options } of repairs) {
      const machines = assignment.machines[pool] ?? 0;
      const most = placement.instance.pools[pool]?.most ?? 0;
      // one machine more where there may be one, for exactly this combination; else not together
      if (machines < most) leastMachines.push({ pool, options, machines: machines + 1 });
      else cuts.push(options);
    }
  }
}

interface Repair {
  readonly pool: number;
  readonly options: readonly number[];
}

/** Exact waits on machines that several components share; what misses its budget there. */
function checkShared(
  scenario: Scenario,
  { instance, options }: PlacementInstance,
  assignment: Assignment,
): { readonly repairs: readonly Repair[]; readonly serviceMs: ReadonlyMap<number, PercentilesMs> } {
  const repairs: Repair[] = [];
  const serviceMs = new Map<number, PercentilesMs>();
  for (const pool of instance.pools.keys()) {
    const users = assignment.options.filter((option) => instance.options[option]?.pool?.pool === pool);
    const machines = assignment.machines[pool] ?? 0;
    if (users.length < 2) continue;
    const served = users.map((user) => (options[user] as PlacementOption).served);
    const responses = sharedResponse(
      served.map((it) => ({
        requestsPerSecond: it?.requestsPerSecond ?? 0,
        busyServers: it?.busyDevices ?? 0,
        alone: it?.serviceMs ?? { p50: 0, p95: 0, p99: 0 },
        steps: it?.steps ?? null,
      })),
      machines,
    );
    const late = users.some((user, index) => {
      const option = options[user] as PlacementOption;
      const response = responses[index] as PercentilesMs;
      serviceMs.set(user, response);
      const budget = scenario.stages[option.stage]?.component.latency;
      const leg = option.legs[0];
      if (budget === undefined || leg === undefined) return !Number.isFinite(response.p95);
      return totalLatency(leg, response)[budget.percentile ?? 'p95'] > budget.milliseconds;
    });
    if (late) repairs.push({ pool, options: users });
  }
  return { repairs, serviceMs };
}
