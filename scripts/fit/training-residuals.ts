/**
 * Bands of the training model: quantiles of measured over predicted times, hours and bytes. Steps and hours are predicted
 * with constants fitted without the source family of the case, memory by the formulas as they stand. A family counts with
 * the square root of its rows; groups with few cases or one family are drawn towards the wider group.
 */
import { generationOf } from '../../src/domain/training/step/generation.ts';
import { groupIds, type TrainingMetric } from '../../src/domain/training/uncertainty.ts';
import type { TrainingWorkload } from '../../src/domain/training/workload.ts';
import { hoursCases, memoryCases, stepCases } from '../../test/validation/training/cases.ts';
import { predictHours, predictPeakBytes, predictRate } from '../../test/validation/training/predictions.ts';
import type { HeldOut } from './training.ts';

interface Residual {
  readonly ratio: number;
  readonly family: string;
}
interface Spread {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
}
interface Group extends Spread {
  readonly cases: number;
  readonly medianAbsoluteErrorPercent: number;
}

/** Fewer cases than this do not make a group. */
const SMALLEST_GROUP = 4;
/** Weight of the wider group, in cases; a single family counts less. */
const SHRINKAGE = 6;
const SHRINKAGE_ONE_FAMILY = 20;

/** Weighted quantiles of ratios. */
export function spreadOf(residuals: readonly Residual[]): Spread {
  const perFamily = Map.groupBy(residuals, ({ family }) => family);
  const weighted = residuals
    .map(({ ratio, family }) => ({ ratio, weight: 1 / Math.sqrt(perFamily.get(family)?.length ?? 1) }))
    .sort((a, b) => a.ratio - b.ratio);
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  const at = (probability: number): number => {
    let passed = 0;
    for (let i = 0; i < weighted.length; i++) {
      const { ratio, weight } = weighted[i] as (typeof weighted)[number];
      const middle = passed + weight / 2;
      if (middle >= probability * total) {
        const before = weighted[i - 1];
        if (before === undefined) return ratio;
        const middleBefore = passed - before.weight / 2;
        return before.ratio + ((ratio - before.ratio) * (probability * total - middleBefore)) / (middle - middleBefore);
      }
      passed += weight;
    }
    return (weighted.at(-1) as (typeof weighted)[number]).ratio;
  };
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}

/** Whole runs with a published layout are few: their band is drawn towards that of the step. */
const WIDER: Readonly<Record<string, string>> = { 'device_hours/layout_given/all': 'step_time/layout_given/all' };

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] as number;
};

const round = (value: number): number => Number(value.toPrecision(4));

/** Every group that has cases, the wider ones first so that the nearer can be drawn towards them. */
export function residualGroups(held: Readonly<Record<string, HeldOut>>): Record<string, Group> {
  const rows = new Map<string, { residuals: Residual[]; parents: string[] }>();
  const note = (ids: readonly string[], residual: Residual) => {
    ids.forEach((id, index) => {
      const entry = rows.get(id) ?? { residuals: [], parents: ids.slice(index + 1) };
      entry.residuals.push(residual);
      rows.set(id, entry);
    });
  };
  collect(held, note);
  const groups: Record<string, Group> = {};
  const depth = (id: string) => (rows.get(id) as { parents: string[] }).parents.length;
  const order = (id: string) => depth(id) + (WIDER[id] === undefined ? 0 : 0.5);
  for (const id of [...rows.keys()].sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))) {
    const { residuals, parents } = rows.get(id) as { residuals: Residual[]; parents: string[] };
    if (residuals.length < SMALLEST_GROUP && parents.length > 0) continue;
    const wider = WIDER[id];
    const parent = parents.map((name) => groups[name]).find((group) => group !== undefined);
    groups[id] = shrunk(residuals, parent ?? (wider === undefined ? undefined : groups[wider]));
  }
  return Object.fromEntries(
    Object.keys(groups)
      .sort()
      .map((id) => [id, groups[id] as Group]),
  );
}

function shrunk(residuals: readonly Residual[], parent: Group | undefined): Group {
  const own = spreadOf(residuals);
  const families = new Set(residuals.map(({ family }) => family)).size;
  const pull = families > 1 ? SHRINKAGE : SHRINKAGE_ONE_FAMILY;
  const share = parent === undefined ? 1 : residuals.length / (residuals.length + pull);
  const blend = (mine: number, wider: number) =>
    round(Math.exp(share * Math.log(mine) + (1 - share) * Math.log(wider)));
  const errors = residuals.map(({ ratio }) => Math.abs(1 / ratio - 1) * 100);
  return {
    p10: blend(own.p10, parent?.p10 ?? own.p10),
    p50: blend(own.p50, parent?.p50 ?? own.p50),
    p90: blend(own.p90, parent?.p90 ?? own.p90),
    cases: residuals.length,
    medianAbsoluteErrorPercent: round(median(errors)),
  };
}

type Note = (ids: readonly string[], residual: Residual) => void;

function collect(held: Readonly<Record<string, HeldOut>>, note: Note): void {
  for (const entry of stepCases()) {
    const constants = (held[entry.family] as HeldOut).constants;
    const generation = generationOf(entry.cluster.device);
    for (const layoutGiven of [true, false]) {
      if (layoutGiven && !entry.layoutGiven) continue;
      if (!layoutGiven && entry.workload.method !== 'pretraining') continue;
      const rate = predictRate(entry, layoutGiven, constants);
      if (rate === null) continue;
      const ids = groupIds(entry.workload, generation, { layoutGiven, stackGiven: true }, 'step_time');
      note(ids, { ratio: rate / entry.tokensPerSecondPerDevice, family: entry.family });
    }
  }
  for (const entry of hoursCases()) {
    const { constants } = held[entry.stepFamily ?? entry.family] as HeldOut;
    const { stages } = held[entry.family] as HeldOut;
    for (const layoutGiven of [true, false]) {
      if (layoutGiven && entry.layout === null) continue;
      const { hours, cluster, workload } = predictHours(entry, layoutGiven, constants, undefined, stages);
      const ids = hoursGroupIds(workload, generationOf(cluster.device), layoutGiven, 'device_hours');
      note(ids, { ratio: entry.deviceHours / hours, family: entry.family });
    }
  }
  for (const entry of memoryCases()) {
    const ids = groupIds(
      entry.workload,
      generationOf(entry.cluster.device),
      { layoutGiven: true, stackGiven: true },
      'memory',
    );
    note(ids, { ratio: entry.peakBytes / predictPeakBytes(entry), family: entry.family });
  }
}

const hoursGroupIds = (
  workload: TrainingWorkload,
  generation: ReturnType<typeof generationOf>,
  layoutGiven: boolean,
  metric: TrainingMetric,
): string[] => groupIds(workload, generation, { layoutGiven, stackGiven: layoutGiven }, metric);
