/** One requirement held against one option: what was asked, what there is, by how much, and what would have to change. */

export type CheckId =
  | 'policy'
  | 'law'
  | 'export_control'
  | 'price'
  | 'hardware'
  | 'memory'
  | 'accuracy'
  | 'service_time'
  | 'round_trip'
  | 'latency'
  | 'line'
  | 'offline'
  | 'spot'
  | 'thermal'
  | 'device_power'
  | 'site_power'
  | 'rack_power'
  | 'cooling'
  | 'rack_space'
  | 'stock'
  | 'lead_time'
  | 'deadline'
  | 'budget'
  | 'carbon';

/** A change of the request after which the check passes. */
export interface Change {
  /** JSON pointer into the request. */
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly effect: string;
}

export interface Check {
  readonly id: CheckId;
  readonly ok: boolean;
  /** Regime or policy behind it; null for physics and money. */
  readonly rule: string | null;
  readonly detail: string;
  readonly required: number | null;
  readonly actual: number | null;
  readonly unit: string | null;
  /** In the unit; negative where missed. */
  readonly margin: number | null;
  /** 0 where met; else how far off, relative to what is required; 1 where there is no measure, a million where no change of the request helps either. */
  readonly shortfall: number;
  readonly change: Change | null;
}

interface Amounts {
  readonly detail: string;
  readonly required: number;
  readonly actual: number;
  readonly unit: string;
  readonly change?: Change | null;
}

/** Nothing in the request can be changed to pass. */
const FAR = 1e6;

/** How far from passing, in parts of what is required. */
export const shortfallOf = (margin: number, required: number, change: Change | null): number =>
  change === null ? FAR : Math.min(FAR, Math.abs(margin) / Math.max(Math.abs(required), 1e-9));

/** Rounding errors of sums are no failure. */
const TOLERANCE = 1e-9;

const measured = (id: CheckId, margin: number, { detail, required, actual, unit, change }: Amounts): Check => {
  const ok = margin >= -TOLERANCE * Math.max(1, Math.abs(required));
  return {
    id,
    ok,
    rule: null,
    detail,
    required,
    actual,
    unit,
    margin,
    shortfall: ok ? 0 : shortfallOf(margin, required, change ?? null),
    change: ok ? null : (change ?? null),
  };
};

/** What there is may be as much as required. */
export const atMost = (id: CheckId, amounts: Amounts): Check =>
  measured(id, amounts.required - amounts.actual, amounts);
/** What there is must be as much as required. */
export const atLeast = (id: CheckId, amounts: Amounts): Check =>
  measured(id, amounts.actual - amounts.required, amounts);

export const decided = (
  id: CheckId,
  ok: boolean,
  detail: string,
  change: Change | null = null,
  rule: string | null = null,
): Check => ({
  id,
  ok,
  rule,
  detail,
  required: null,
  actual: null,
  unit: null,
  margin: null,
  shortfall: ok ? 0 : change === null ? FAR : 1,
  change: ok ? null : change,
});

/** Closest to passing first: few failures before many, small before large. */
export const failuresOf = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ ok }) => !ok).sort((a, b) => a.shortfall - b.shortfall || (a.id < b.id ? -1 : 1));

/** Sorts options by closeness: each failure counts, a large one more, but ten times as far is not ten times as hopeless. */
export const distanceOf = (checks: readonly Check[]): number =>
  checks.reduce((sum, { ok, shortfall }) => sum + (ok ? 0 : 1 + Math.log1p(shortfall)), 0);

/** Rounded up so that the value passes when it is applied. */
export const roundedUp = (value: number, digits = 4): number => {
  if (!Number.isFinite(value) || value === 0) return value;
  const scale = 10 ** (digits - 1 - Math.floor(Math.log10(Math.abs(value))));
  return Math.ceil(value * scale * (1 - 1e-12)) / scale;
};
