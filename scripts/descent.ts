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

/** How far the constants stand from their priors, in spreads. */
export const priorLoss = (parameters: readonly Parameter[], fitted: unknown, priors: unknown): number =>
  parameters.reduce(
    (total, { path, spread }) => total + 0.5 * (Math.log(get(fitted, path) / get(priors, path)) / spread) ** 2,
    0,
  );

export function descend<T>(
  start: T,
  parameters: readonly Parameter[],
  objective: (fitted: T) => number,
  label: string,
): T {
  const fitted = structuredClone(start);
  let best = objective(fitted);
  let step = FIRST_STEP;
  while (step > LAST_STEP) {
    let improved = false;
    for (const { path, maximum } of parameters) {
      const value = get(fitted, path);
      for (const factor of [step, 1 / step]) {
        const trial = Number((value * factor).toPrecision(5));
        if (trial > maximum) continue;
        set(fitted, path, trial);
        const result = objective(fitted);
        if (result < best - 1e-6) {
          best = result;
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
