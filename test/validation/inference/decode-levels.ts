/**
 * What a device reaches against its class, and a model family on a class: crossed random effects on the logarithm of
 * measured / predicted, fitted by turns. Each level is the mean of its residuals drawn to 1 by how far levels differ
 * against how far single pairs of model and device do (Efron and Morris, 1973).
 */
import {
  type DecodeConstants,
  decodeClass,
  deviceLevelKey,
  familyLevelKey,
  type InferenceConstants,
  type MeasuredLevel,
} from '../../../src/domain/inference/step/efficiency.ts';
import { quantile } from '../table.ts';
import type { DecodeCase, PrefillCase } from './cases.ts';
import { predictDecode, predictPrefill } from './predictions.ts';

export type Levels = Pick<DecodeConstants, 'deviceLevels' | 'familyLevels'>;

export const NO_LEVELS: Levels = { deviceLevels: {}, familyLevels: {} };

/** How devices read prompts: one figure per model and device, from constants without levels of that. */
export function prefillGroups(cases: readonly PrefillCase[], constants: InferenceConstants): Group[] {
  const plain = { ...constants, prefillLevels: {} };
  const rows = new Map<string, Omit<Group, 'deviation'> & { logs: number[] }>();
  for (const entry of cases) {
    const { device, engine, model } = entry.configuration;
    const known = rows.get(entry.group) ?? {
      group: entry.group,
      device: deviceLevelKey(device, engine),
      family: familyLevelKey(model.family, device, engine),
      kind: decodeClass(device, engine),
      logs: [],
    };
    // a rate: faster than predicted is above 1
    known.logs.push(Math.log(predictPrefill(entry, plain) / entry.seconds));
    rows.set(entry.group, known);
  }
  return [...rows.values()].map(({ logs, ...group }) => ({ ...group, deviation: robustMean(logs).value }));
}

/** Levels by device alone: the time of a prompt is arithmetic, which no family changes. */
export const prefillLevelsOf = (
  groups: readonly Group[],
  keep: (group: Group) => boolean = () => true,
): DecodeConstants['prefillLevels'] =>
  written(shrunkMeans(groups.filter(keep), 'device', ({ deviation }) => deviation));

/** One model on one device. */
interface Group {
  readonly group: string;
  readonly device: string;
  readonly family: string;
  readonly kind: string;
  /** Mean logarithm of measured / predicted at level 1. */
  readonly deviation: number;
}

/** One figure per model and device, from constants without levels. */
export function decodeGroups(cases: readonly DecodeCase[], constants: InferenceConstants): Group[] {
  const plain = { ...constants, ...NO_LEVELS };
  const rows = new Map<string, Omit<Group, 'deviation'> & { logs: number[] }>();
  for (const entry of cases) {
    if (!entry.fitted) continue;
    const { device, engine, model } = entry.configuration;
    const deviation = Math.log(entry.tokensPerSecond / predictDecode(entry, plain));
    const kind = decodeClass(device, engine);
    const key = `${kind} ${entry.group}`;
    const known = rows.get(key) ?? {
      group: entry.group,
      device: deviceLevelKey(device, engine),
      family: familyLevelKey(model.family, device, engine),
      kind,
      logs: [],
    };
    known.logs.push(deviation);
    rows.set(key, known);
  }
  return [...rows.values()].map(({ logs, ...group }) => ({ ...group, deviation: robustMean(logs).value }));
}

const TURNS = 6;

/** Levels by device and by family from the pairs that are kept. */
export function levelsOf(groups: readonly Group[], keep: (group: Group) => boolean = () => true): Levels {
  const kept = groups.filter(keep);
  let ofDevice: Levelled = new Map();
  let ofFamily: Levelled = new Map();
  for (let turn = 0; turn < TURNS; turn++) {
    ofDevice = shrunkMeans(kept, 'device', ({ deviation, family }) => deviation - (ofFamily.get(family)?.log ?? 0));
    ofFamily = shrunkMeans(kept, 'family', ({ deviation, device }) => deviation - (ofDevice.get(device)?.log ?? 0));
  }
  return { deviceLevels: written(ofDevice), familyLevels: written(ofFamily) };
}

type Levelled = ReadonlyMap<string, { readonly log: number; readonly measured: number }>;

const written = (levels: Levelled): Record<string, MeasuredLevel> =>
  Object.fromEntries(
    [...levels]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { log, measured }]) => [key, { level: Number(Math.exp(log).toPrecision(4)), measured }]),
  );

function shrunkMeans(groups: readonly Group[], by: 'device' | 'family', residual: (group: Group) => number): Levelled {
  const levels = new Map<string, { log: number; measured: number }>();
  for (const kind of new Set(groups.map((entry) => entry.kind))) {
    const members = Object.entries(
      Object.groupBy(
        groups.filter((entry) => entry.kind === kind),
        (entry) => entry[by],
      ),
    ).map(([key, entries]) => ({ key, values: (entries ?? []).map(residual) }));
    const weight = shrinkage(members.map(({ values }) => values));
    for (const { key, values } of members) {
      const { value, weight: own } = robustMean(values);
      levels.set(key, { log: (value * own) / (own + weight), measured: values.length });
    }
  }
  return levels;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Logarithms further than this from the rest count for less: one wrong row must not carry its device away. */
const HUBER = 0.12;
const REWEIGHTINGS = 20;

/** Huber's estimate of location from the median on, and how many values it stands for. */
function robustMean(values: readonly number[]): { readonly value: number; readonly weight: number } {
  const sorted = values.toSorted((a, b) => a - b);
  let value = quantile(sorted, 0.5);
  let weight = values.length;
  for (let turn = 0; turn < REWEIGHTINGS; turn++) {
    const weights = sorted.map((entry) => Math.min(1, HUBER / Math.max(Math.abs(entry - value), 1e-9)));
    weight = weights.reduce((sum, own) => sum + own, 0);
    value = sorted.reduce((sum, entry, index) => sum + entry * (weights[index] as number), 0) / weight;
  }
  return { value, weight };
}

/** Where a class has few members, its variances are drawn to these: 8 % within a member, 10 % between members. */
const PRIOR_WITHIN = 0.08 ** 2;
const PRIOR_BETWEEN = 0.1 ** 2;
const PRIOR_COUNT = 4;

/** Variance within members over variance of their levels (analysis of variance, unbalanced): pairs that weigh as much as the class. */
function shrinkage(members: readonly (readonly number[])[]): number {
  const freedom = members.reduce((sum, values) => sum + values.length - 1, 0);
  const scatter = members.reduce((sum, values) => {
    const { value: centre } = robustMean(values);
    return sum + values.reduce((total, value) => total + Math.min(Math.abs(value - centre), 2 * HUBER) ** 2, 0);
  }, 0);
  const within = (scatter + PRIOR_COUNT * PRIOR_WITHIN) / (freedom + PRIOR_COUNT);
  // about level 1, which the class constants stand for
  const spread = mean(members.map((values) => robustMean(values).value ** 2));
  const between = Math.max(spread - within * mean(members.map((values) => 1 / values.length)), 0);
  return within / ((between * members.length + PRIOR_COUNT * PRIOR_BETWEEN) / (members.length + PRIOR_COUNT));
}
