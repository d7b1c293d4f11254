/**
 * Fits the constants of the training step-time model: coordinate descent in log space, deterministic, every constant drawn
 * towards its prior (scripts/fit/training-priors.json). Writes src/domain/calibration/training-*.json and, for validation, the
 * constants fitted without each source family.
 */
import { readFileSync } from 'node:fs';
import { runClass } from '../../src/domain/training/run/whole-run.ts';
import type { StepConstants } from '../../src/domain/training/step/constants.ts';
import { GENERATIONS, generationOf } from '../../src/domain/training/step/generation.ts';
import { stepTime } from '../../src/domain/training/step/step-time.ts';
import { hoursCases, type StepCase, stepCases } from '../../test/validation/training/cases.ts';
import { predictHours, resolveLayout } from '../../test/validation/training/predictions.ts';
import { writeJson } from './json-file.ts';
import { residualGroups, spreadOf } from './training-residuals.ts';

interface Prior {
  readonly prior: number;
  /** Spread of the prior in log space. */
  readonly spread: number;
  readonly maximum?: number;
}

const priors = JSON.parse(readFileSync(new URL('training-priors.json', import.meta.url), 'utf8')) as Record<
  string,
  Prior
>;
const constantsFile = new URL('../../src/domain/calibration/training-constants.json', import.meta.url);
const heldOutFile = new URL('../../test/validation/training/held-out.json', import.meta.url);
const stagesFile = new URL('../../src/domain/calibration/training-stages.json', import.meta.url);
const residualsFile = new URL('../../src/domain/calibration/training-residuals.json', import.meta.url);

/** Families whose stated layout is partial; their layouts are resolved once by the search with the priors. */
const FITTED_WITHOUT_LAYOUT = new Set(['tpurec', 'maxtext', 'dgxc', 'megatron', 'nemotron4']);
/** Errors beyond this count linearly: single odd rows do not pull the fit. */
const HUBER = 0.12;
const FIRST_STEP = 1.3;
const LAST_STEP = 1.01;
const SWEEPS_PER_STEP = 12;

type Values = Record<string, number>;

function constantsFrom(values: Values): StepConstants {
  const at = (path: string) => values[path] as number;
  const perGeneration = (name: string, unmeasured?: number): StepConstants['gemmEfficiency'] => {
    const fitted = GENERATIONS.flatMap((generation) => values[`${name}.${generation}`] ?? []);
    // generations that nobody measured: geometric mean of the measured ones
    const mean = Math.exp(fitted.reduce((sum, value) => sum + Math.log(value), 0) / fitted.length);
    return Object.fromEntries(
      GENERATIONS.map((generation) => [generation, values[`${name}.${generation}`] ?? unmeasured ?? mean]),
    ) as StepConstants['gemmEfficiency'];
  };
  const scalars = Object.keys(priors).filter((path) => !path.includes('.'));
  return {
    ...Object.fromEntries(scalars.map((path) => [path, at(path)])),
    gemmEfficiency: perGeneration('gemmEfficiency'),
    attentionEfficiency: perGeneration('attentionEfficiency'),
    eightBitEfficiency: perGeneration('eightBitEfficiency', 1),
  } as StepConstants;
}

interface FitRow {
  readonly entry: StepCase;
  readonly weight: number;
}

/** A family counts with the square root of its rows: many rows of one publisher are not independent. */
function weighted(cases: readonly StepCase[]): FitRow[] {
  const groups = Map.groupBy(cases, (entry) => familyKind(entry));
  return cases.map((entry) => ({ entry, weight: 1 / Math.sqrt(groups.get(familyKind(entry))?.length ?? 1) }));
}

const familyKind = (entry: StepCase): string =>
  `${entry.family}/${entry.workload.model.mixtureOfExperts === null ? 'dense' : 'moe'}/${entry.workload.method === 'pretraining'}`;

function loss(rows: readonly FitRow[], values: Values): number {
  const constants = constantsFrom(values);
  let total = 0;
  for (const { entry, weight } of rows) {
    const predicted = stepTime(entry.workload, entry.cluster, entry.layout, constants).tokensPerSecondPerDevice;
    const error = Math.abs(Math.log(predicted / entry.tokensPerSecondPerDevice));
    total += weight * (error <= HUBER ? error ** 2 / (2 * HUBER) : error - HUBER / 2);
  }
  for (const [path, { prior, spread }] of Object.entries(priors)) {
    total += PRIOR_WEIGHT * (Math.log((values[path] as number) / prior) / spread) ** 2;
  }
  return total;
}
const PRIOR_WEIGHT = 0.05;

export function fitted(cases: readonly StepCase[]): Values {
  const rows = weighted(cases);
  const values: Values = Object.fromEntries(Object.entries(priors).map(([path, { prior }]) => [path, prior]));
  let best = loss(rows, values);
  for (let step = FIRST_STEP; step >= LAST_STEP; step = 1 + (step - 1) / 1.8) {
    for (let sweep = 0; sweep < SWEEPS_PER_STEP; sweep++) {
      let moved = false;
      for (const [path, { maximum }] of Object.entries(priors)) {
        const from = values[path] as number;
        for (const factor of [step, 1 / step]) {
          values[path] = Math.min(from * factor, maximum ?? Number.POSITIVE_INFINITY);
          const candidate = loss(rows, values);
          if (candidate < best - 1e-9) {
            best = candidate;
            moved = true;
            break;
          }
          values[path] = from;
        }
      }
      if (!moved) break;
    }
  }
  return values;
}

const rounded = (value: number): number => Number(value.toPrecision(4));
const roundedAll = (constants: StepConstants): StepConstants =>
  JSON.parse(JSON.stringify(constants, (_, value) => (typeof value === 'number' ? rounded(value) : value)));

/** Rows the constants are fitted on, each with a whole layout. */
function fitCases(): StepCase[] {
  const start = constantsFrom(Object.fromEntries(Object.entries(priors).map(([path, { prior }]) => [path, prior])));
  return stepCases().flatMap((entry) => {
    if (entry.layoutGiven) return [entry];
    if (!FITTED_WITHOUT_LAYOUT.has(entry.family)) return [];
    const layout = resolveLayout(entry, start);
    return layout === null ? [] : [{ ...entry, layout }];
  });
}

/** Whole-run factors: median published over clean hours by class of run, without a family where one is named. */
function fitStages(constants: StepConstants, left: string | null): Record<string, Record<string, unknown>> {
  const ratios = hoursCases()
    .filter((entry) => entry.family !== left)
    .map((entry) => {
      const { hours, workload } = predictHours(entry, false, constants, 1);
      return { run: runClass(workload, entry.tokens), family: entry.family, ratio: entry.deviceHours / hours };
    });
  return Object.fromEntries(
    [...Map.groupBy(ratios, ({ run }) => run)].map(([run, rows]) => {
      const spread = spreadOf(rows.map(({ ratio, family }) => ({ ratio, family })));
      const value = Math.max(1, spread.p50);
      return [
        run,
        {
          value: rounded(value),
          low: rounded(Math.max(1, spread.p10)),
          high: rounded(Math.max(spread.p90, value)),
          cases: rows.length,
        },
      ];
    }),
  );
}

export interface HeldOut {
  readonly constants: StepConstants;
  readonly stages: Readonly<Record<string, { readonly value: number }>>;
}

export function fitTraining(): void {
  const cases = fitCases();
  const values = fitted(cases);
  const constants = roundedAll(constantsFrom(values));
  writeJson(stagesFile, { classes: fitStages(constants, null) });
  const families = new Set([...stepCases(), ...hoursCases()].map((entry) => entry.family));
  const held: Record<string, HeldOut> = {};
  const ranges = new Map(Object.entries(values).map(([path, value]) => [path, { low: value, high: value }]));
  for (const family of [...families].sort()) {
    const others = cases.filter((entry) => entry.family !== family);
    const without = others.length === cases.length ? values : fitted(others);
    for (const [path, range] of ranges) {
      range.low = Math.min(range.low, without[path] as number);
      range.high = Math.max(range.high, without[path] as number);
    }
    const left = roundedAll(constantsFrom(without));
    held[family] = { constants: left, stages: fitStages(left, family) as HeldOut['stages'] };
  }
  writeJson(constantsFile, { constants, support: supportOf(cases), spread: spreads(ranges) });
  writeJson(heldOutFile, held);
  writeJson(residualsFile, { groups: residualGroups(held) });
}

/** Cases and source families behind each generation; one that is absent has the shrunk prior alone. */
const supportOf = (cases: readonly StepCase[]) =>
  Object.fromEntries(
    [...Map.groupBy(cases, (entry) => generationOf(entry.cluster.device))].map(([generation, rows]) => [
      generation,
      { cases: rows.length, sources: new Set(rows.map((entry) => entry.family)).size },
    ]),
  );

/** Where each constant started, and between what it moves when one source family is left out. */
const spreads = (ranges: ReadonlyMap<string, { low: number; high: number }>) =>
  Object.fromEntries(
    [...ranges].map(([path, { low, high }]) => [
      path,
      { prior: (priors[path] as Prior).prior, low: rounded(low), high: rounded(high) },
    ]),
  );
