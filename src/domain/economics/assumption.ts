/**
 * Defaults and how they are told. Every default that an answer rests on is an assumption with a source, a range and the
 * request field that overrides it. What the caller states himself is no assumption and carries no band.
 */
import { type BandKind, rangeFactor, type UncertainFactor } from '../uncertainty/band.ts';

export interface SourcedDefault {
  /** Stable, dotted: "energy.pue". */
  readonly id: string;
  /** JSON pointer of the request field that overrides it: "/site/pue". Empty where no field does. */
  readonly field: string;
  readonly value: number;
  readonly unit: string;
  /** 80 % range around the value; null where the value is exact or zero. */
  readonly range: { readonly low: number; readonly high: number } | null;
  readonly kind: BandKind;
  readonly source: string;
  readonly reason: string;
}

export interface Assumption {
  readonly id: string;
  readonly field: string;
  readonly value: number | string | boolean | null;
  readonly unit: string | null;
  readonly range: { readonly low: number; readonly high: number } | null;
  readonly source: string;
  readonly reason: string;
}

/** A number on its way into a formula: what it is, who says so, how sure it is. */
export interface Quantity {
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  readonly factors: readonly UncertainFactor[];
  readonly assumptionId: string | null;
}

const CALLER = 'the request';

/** A figure that the caller gave or that follows from the request without doubt. */
export const exactly = (value: number, unit: string, source: string = CALLER): Quantity => ({
  value,
  unit,
  source,
  factors: [],
  assumptionId: null,
});

/** A computed figure with the factors it inherits. */
export const estimated = (
  value: number,
  unit: string,
  source: string,
  factors: readonly UncertainFactor[],
): Quantity => ({ value, unit, source, factors, assumptionId: null });

/** Declares a default once, at module level: its factor is shared by every item that uses it, so they move together. */
export const sourcedDefault = (entry: SourcedDefault): Readonly<SourcedDefault> => Object.freeze({ ...entry });

const factorsOfDefaults = new WeakMap<SourcedDefault, readonly UncertainFactor[]>();

function factorsOf(entry: SourcedDefault): readonly UncertainFactor[] {
  const known = factorsOfDefaults.get(entry);
  if (known !== undefined) return known;
  const { range, value } = entry;
  const factors =
    range === null || value <= 0 || range.low <= 0
      ? []
      : [rangeFactor(entry.id, entry.kind, range.low / value, range.high / value, `${entry.reason} (${entry.source})`)];
  factorsOfDefaults.set(entry, factors);
  return factors;
}

/** A formula's term made of one resolved figure, for example 1 - residual: the range of a default goes through it too. */
export function transformed(
  quantity: Quantity,
  entry: SourcedDefault,
  unit: string,
  transform: (value: number) => number,
): Quantity {
  const value = transform(quantity.value);
  const { range } = entry;
  if (quantity.factors.length === 0 || range === null || !(value > 0)) return { ...quantity, value, unit, factors: [] };
  const ends = [transform(range.low) / value, transform(range.high) / value];
  const low = Math.max(Math.min(...ends), SMALLEST_FACTOR);
  const factor = rangeFactor(entry.id, entry.kind, low, Math.max(...ends), `${entry.reason} (${entry.source})`);
  return { ...quantity, value, unit, factors: [factor] };
}

/** A term that its range takes to nothing has no logarithm; this stands for "next to nothing". */
const SMALLEST_FACTOR = 0.05;

/** Collects the assumptions of one answer. One per estimate; `list()` gives them in order of first use. */
export class AssumptionLog {
  readonly #entries = new Map<string, Assumption>();

  /** The caller's value when there is one, else the default, which is then listed. */
  resolve(given: number | null | undefined, entry: SourcedDefault, field: string = entry.field): Quantity {
    if (given !== null && given !== undefined) return exactly(given, entry.unit);
    this.add({
      id: entry.id,
      field,
      value: entry.value,
      unit: entry.unit,
      range: entry.range,
      source: entry.source,
      reason: entry.reason,
    });
    return {
      value: entry.value,
      unit: entry.unit,
      source: entry.source,
      factors: factorsOf(entry),
      assumptionId: entry.id,
    };
  }

  /** For defaults that are not numbers, or that depend on the catalog (a tariff, a PUE). The first of an id stays. */
  add(assumption: Assumption): void {
    if (!this.#entries.has(assumption.id)) this.#entries.set(assumption.id, assumption);
  }

  list(): readonly Assumption[] {
    return [...this.#entries.values()];
  }
}
