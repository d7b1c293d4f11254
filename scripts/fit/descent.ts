/** Coordinate descent in log space over named constants, deterministic, with priors: what the fits share. */

/** Errors beyond this count linearly: single wrong rows do not pull the fit. */
const HUBER = 0.12;
const FIRST_STEP = 1.2;
const LAST_STEP = 1.01;
export const FOLDS = 10;

export interface Parameter {
  readonly path: readonly string[];
  /** Spread of the prior in log space. */
  readonly spread: number;
  readonly maximum: number;
}

/** What is minimized, and what it comes to with one constant changed. */
interface Objective<T> {
  /** @param changed null for the start */
  trial(fitted: T, changed: Parameter | null): { readonly value: number; readonly keep: () => void };
}

/** An objective that is worked out as a whole at every trial. */
export const wholly = <T>(value: (fitted: T) => number): Objective<T> => ({
  trial: (fitted) => ({ value: value(fitted), keep: () => undefined }),
});

export const parameter = (path: string, spread: number, maximum = Number.POSITIVE_INFINITY): Parameter => ({
  path: path.split('.'),
  spread,
  maximum,
});

function get(root: unknown, path: readonly string[]): number {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  const value = node[path.at(-1) as string];
  if (typeof value !== 'number') throw new Error(`No constant at ${path.join('.')}.`);
  return value;
}

function set(root: unknown, path: readonly string[], value: number): void {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  node[path.at(-1) as string] = value;
}

export const robustLoss = (ratio: number): number => {
  const error = Math.log(ratio) / HUBER;
  return Number.isFinite(error) ? Math.sqrt(1 + error * error) - 1 : 30;
};

/** Groups weigh by the square root of their size, so that a long sweep of one model does not outvote the rest. */
export class GroupLoss {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(group: string, value: number): void {
    const entry = this.sums.get(group) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count++;
    this.sums.set(group, entry);
  }

  total(): number {
    let total = 0;
    for (const { sum, count } of this.sums.values()) total += sum / Math.sqrt(count);
    return total;
  }
}

/** What one case adds to an objective, and the group it belongs to. */
export interface Term<T> {
  readonly group: string;
  readonly loss: (fitted: T) => number;
}

/** GroupLoss over terms plus what the constants cost, of which only the terms that a constant speaks to are worked out anew. */
export class TermObjective<T> implements Objective<T> {
  private readonly terms: readonly Term<T>[];
  private readonly cost: (fitted: T) => number;
  private readonly affected: ReadonlyMap<Parameter, readonly number[]>;
  private losses: Float64Array;

  constructor(
    terms: readonly Term<T>[],
    affected: ReadonlyMap<Parameter, readonly number[]>,
    start: T,
    cost: (fitted: T) => number,
  ) {
    this.terms = terms;
    this.affected = affected;
    this.cost = cost;
    this.losses = Float64Array.from(terms, ({ loss }) => loss(start));
  }

  trial(fitted: T, changed: Parameter | null): { readonly value: number; readonly keep: () => void } {
    const losses = this.losses.slice();
    for (const index of changed === null ? [] : (this.affected.get(changed) ?? [])) {
      losses[index] = (this.terms[index] as Term<T>).loss(fitted);
    }
    const groups = new GroupLoss();
    this.terms.forEach(({ group }, index) => {
      groups.add(group, losses[index] as number);
    });
    return {
      value: groups.total() + this.cost(fitted),
      keep: () => {
        this.losses = losses;
      },
    };
  }
}

/** How far the constants stand from their priors, in spreads. */
export const priorLoss = (parameters: readonly Parameter[], fitted: unknown, priors: unknown): number =>
  parameters.reduce(
    (total, { path, spread }) => total + 0.5 * (Math.log(get(fitted, path) / get(priors, path)) / spread) ** 2,
    0,
  );

export function descend<T>(start: T, parameters: readonly Parameter[], objective: Objective<T>, label: string): T {
  const fitted = structuredClone(start);
  let best = objective.trial(fitted, null).value;
  let step = FIRST_STEP;
  while (step > LAST_STEP) {
    let improved = false;
    for (const parameter of parameters) {
      const { path, maximum } = parameter;
      const value = get(fitted, path);
      for (const factor of [step, 1 / step]) {
        const changed = Number((value * factor).toPrecision(5));
        if (changed > maximum) continue;
        set(fitted, path, changed);
        const result = objective.trial(fitted, parameter);
        if (result.value < best - 1e-6) {
          best = result.value;
          result.keep();
          improved = true;
          break;
        }
        set(fitted, path, value);
      }
    }
    if (!improved) step = 1 + (step - 1) / 2;
  }
  console.log(`${label}: objective ${best.toFixed(3)}`);
  return fitted;
}

/** Groups go to folds in turn, largest first, so that folds are alike in size. */
export function foldsOf(groups: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const ordered = [...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ordered.map(([group], index) => [group, index % FOLDS]));
}
