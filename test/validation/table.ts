/** What every validator prints: errors of predictions against measurements, by group. */

/** One prediction held against its measurement. */
export interface Comparison {
  readonly id: string;
  readonly group: string;
  readonly predicted: number;
  readonly measured: number;
  /** 80 % band of measured / predicted, where the model gives one; held against the held-out prediction if there is one. */
  readonly band: { readonly p10: number; readonly p90: number } | null;
  /** Prediction by constants that never saw this case's group; null where nothing is fitted. */
  readonly heldOut: number | null;
  /** What was measured together, lengths and concurrency apart: cases of one system are not independent. The case itself where absent. */
  readonly system?: string;
}

export interface GroupRow {
  readonly group: string;
  readonly cases: number;
  readonly medianAbsoluteErrorPercent: number;
  readonly biasPercent: number;
  readonly p90Percent: number;
  readonly within20Percent: number;
  readonly heldOutMedianPercent: number | null;
  readonly heldOutWithin15Percent: number | null;
  readonly heldOutWithin20Percent: number | null;
  readonly coveragePercent: number | null;
  /** Independent systems behind the coverage, in which each counts once. */
  readonly systems: number;
  /** Median of p90 over p10 of the bands; null where there are none. */
  readonly bandWidth: number | null;
}

export interface ValidationTable {
  readonly title: string;
  readonly rows: readonly GroupRow[];
  /** The cases behind the rows, each once, where they are worth a picture. */
  readonly points?: readonly Comparison[];
  /** Cases the model does not answer, by reason: never dropped silently. */
  readonly uncovered: Readonly<Record<string, number>>;
}

export interface Validator {
  readonly name: string;
  run(): ValidationTable[];
}

/** Linear interpolation between order statistics of a sorted array (Hyndman and Fan 1996, type 7). */
export function quantile(ordered: readonly number[], probability: number): number {
  const position = (ordered.length - 1) * probability;
  const lower = Math.floor(position);
  const low = ordered[lower] as number;
  const high = ordered[Math.min(lower + 1, ordered.length - 1)] as number;
  return low + (high - low) * (position - lower);
}

/**
 * The same of values that count by their weights: each stands in the middle of its own share of the whole (Hazen 1914).
 * Values need not be in order.
 */
export function weightedQuantile(
  values: readonly { readonly value: number; readonly weight: number }[],
  probability: number,
): number {
  const ordered = values.toSorted((a, b) => a.value - b.value);
  const whole = ordered.reduce((sum, { weight }) => sum + weight, 0);
  let before = 0;
  let last: { position: number; value: number } | null = null;
  for (const { value, weight } of ordered) {
    const position = (before + weight / 2) / whole;
    if (position >= probability) {
      if (last === null) return value;
      return last.value + ((value - last.value) * (probability - last.position)) / (position - last.position);
    }
    last = { position, value };
    before += weight;
  }
  return last?.value ?? Number.NaN;
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);

/** Errors are predicted / measured - 1. */
export function groupRow(group: string, comparisons: readonly Comparison[]): GroupRow {
  const errors = comparisons.map((entry) => entry.predicted / entry.measured - 1);
  const absolute = sorted(errors.map(Math.abs));
  const held = comparisons.flatMap((entry) =>
    entry.heldOut === null ? [] : [Math.abs(entry.heldOut / entry.measured - 1)],
  );
  const banded = comparisons.flatMap((entry) =>
    entry.band
      ? [
          {
            system: entry.system ?? entry.id,
            ratio: entry.measured / (entry.heldOut ?? entry.predicted),
            band: entry.band,
          },
        ]
      : [],
  );
  const coverage = systemCoverage(banded);
  const percent = (count: number, of: number) => (100 * count) / of;
  const heldOutWithin = (limit: number) =>
    held.length > 0 ? percent(held.filter((error) => error <= limit).length, held.length) : null;
  return {
    group,
    cases: comparisons.length,
    medianAbsoluteErrorPercent: 100 * quantile(absolute, 0.5),
    biasPercent: 100 * quantile(sorted(errors), 0.5),
    p90Percent: 100 * quantile(absolute, 0.9),
    within20Percent: percent(absolute.filter((error) => error <= 0.2).length, absolute.length),
    heldOutMedianPercent: held.length > 0 ? 100 * quantile(sorted(held), 0.5) : null,
    heldOutWithin15Percent: heldOutWithin(0.15),
    heldOutWithin20Percent: heldOutWithin(0.2),
    coveragePercent: banded.length > 0 ? 100 * coverage.share : null,
    systems: coverage.systems,
    bandWidth: banded.length > 0 ? quantile(sorted(banded.map(({ band }) => band.p90 / band.p10)), 0.5) : null,
  };
}

/** Mean over systems of the share of their cases inside the band. */
function systemCoverage(
  cases: readonly { readonly system: string; readonly ratio: number; readonly band: { p10: number; p90: number } }[],
): { readonly share: number; readonly systems: number } {
  const systems = [...Map.groupBy(cases, ({ system }) => system).values()];
  const shares = systems.map(
    (own) => own.filter(({ ratio, band }) => ratio >= band.p10 && ratio <= band.p90).length / own.length,
  );
  return {
    share: shares.reduce((sum, share) => sum + share, 0) / Math.max(systems.length, 1),
    systems: systems.length,
  };
}

/** Groups of fewer cases say too little of a band. */
const TESTED_CASES = 20;
const NOMINAL_COVERAGE = 0.8;
/** Both tails together. */
const SIGNIFICANCE = 0.01;

/** Null where a group's coverage is what an 80 % band gives by chance, 99 times in 100; else the interval that it missed. */
export function coverageMiss(row: GroupRow): { readonly low: number; readonly high: number } | null {
  if (row.coveragePercent === null || row.cases < TESTED_CASES) return null;
  const { low, high } = binomialInterval(row.systems, NOMINAL_COVERAGE, SIGNIFICANCE);
  const covered = (row.coveragePercent / 100) * row.systems;
  return covered < low || covered > high ? { low: (100 * low) / row.systems, high: (100 * high) / row.systems } : null;
}

/** The fewest and the most successes of n that each tail leaves more than half of the significance to. */
export function binomialInterval(n: number, probability: number, significance: number): { low: number; high: number } {
  // in logarithms: (1 - p)^n is below the smallest number for n in the hundreds
  const logOdds = Math.log(probability / (1 - probability));
  let logTerm = n * Math.log(1 - probability);
  const terms = [Math.exp(logTerm)];
  for (let successes = 1; successes <= n; successes++) {
    logTerm += logOdds + Math.log((n - successes + 1) / successes);
    terms.push(Math.exp(logTerm));
  }
  let low = 0;
  for (let tail = terms[0] as number; tail <= significance / 2; tail += terms[low] as number) low++;
  let high = n;
  for (let tail = terms[n] as number; tail <= significance / 2; tail += terms[high] as number) high--;
  return { low, high };
}

/** Rows by group, in alphabetic order. */
export function groupRows(comparisons: readonly Comparison[]): GroupRow[] {
  const groups = Map.groupBy(comparisons, (entry) => entry.group);
  return [...groups.keys()].sort().map((group) => groupRow(group, groups.get(group) ?? []));
}

/** The comparisons under one name, and each refused case as one that was missed altogether. */
export const countingRefusals = (
  group: string,
  comparisons: readonly Comparison[],
  refused: Readonly<Record<string, number>>,
): Comparison[] => {
  const heldOut = comparisons.some((entry) => entry.heldOut !== null) ? 0 : null;
  const missed = Object.entries(refused).flatMap(([reason, count]) =>
    Array.from({ length: count }, (_each, index) => `${reason} ${index + 1}`),
  );
  return [
    ...comparisons.map((entry) => ({ ...entry, group })),
    ...missed.map((id) => ({ id, group, predicted: 0, measured: 1, heldOut, band: null })),
  ];
};

export const TABLE_HEADER = [
  'group',
  'n',
  'median |e|',
  'bias',
  'p90',
  '<=20 %',
  'held-out median',
  'held-out <=15 %',
  'held-out <=20 %',
  '80 % band covers',
  'systems',
  'band p90/p10',
] as const;

export function rowCells(row: GroupRow): string[] {
  const percent = (value: number | null, digits = 0) => (value === null ? '-' : `${value.toFixed(digits)} %`);
  return [
    row.group,
    String(row.cases),
    percent(row.medianAbsoluteErrorPercent, 1),
    percent(row.biasPercent, 1),
    percent(row.p90Percent, 1),
    percent(row.within20Percent),
    percent(row.heldOutMedianPercent, 1),
    percent(row.heldOutWithin15Percent),
    percent(row.heldOutWithin20Percent),
    percent(row.coveragePercent),
    row.coveragePercent === null ? '-' : `${row.systems}${coverageMiss(row) === null ? '' : ' !'}`,
    row.bandWidth === null ? '-' : row.bandWidth.toFixed(2),
  ];
}

export function formatTable(table: ValidationTable): string {
  const header = TABLE_HEADER;
  const lines = table.rows.map(rowCells);
  const widths = header.map((name, column) =>
    Math.max(name.length, ...lines.map((line) => (line[column] as string).length)),
  );
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number),
      )
      .join('  ');
  const uncovered = Object.entries(table.uncovered).map(([reason, count]) => `  not answered: ${count} (${reason})`);
  return [table.title, format(header), ...lines.map(format), ...uncovered].join('\n');
}

/** Limits by "title / group": the highest median absolute errors, the lowest shares within 15 and 20 %, the fewest cases. */
type Thresholds = Readonly<
  Record<
    string,
    {
      readonly medianAbsoluteErrorPercent?: number;
      readonly p90Percent?: number;
      readonly within20Percent?: number;
      readonly heldOutMedianPercent?: number;
      readonly heldOutWithin15Percent?: number;
      readonly cases?: number;
      /** The band is known to cover too many or too few of this group. */
      readonly coverageOutside?: boolean;
    }
  >
>;

/** One sentence per limit that the tables miss; a table or group that has vanished is a miss. */
export function thresholdMisses(tables: readonly ValidationTable[], thresholds: Thresholds): string[] {
  const rows = new Map(tables.flatMap(({ title, rows }) => rows.map((row) => [`${title} / ${row.group}`, row])));
  const uncovered = [...rows].flatMap(([key, row]) => {
    const miss = thresholds[key]?.coverageOutside ? null : coverageMiss(row);
    return miss === null
      ? []
      : [
          `${key}: the 80 % band covers ${row.coveragePercent?.toFixed(0)} % of ${row.systems} systems, expected ${miss.low.toFixed(0)} to ${miss.high.toFixed(0)} %`,
        ];
  });
  return uncovered.concat(
    Object.entries(thresholds).flatMap(([key, limit]) => {
      const row = rows.get(key);
      if (!row) return [`${key}: no such group any more`];
      const misses: string[] = [];
      if (limit.cases !== undefined && row.cases < limit.cases) {
        misses.push(`${key}: ${row.cases} cases, ${limit.cases} expected`);
      }
      if (
        limit.medianAbsoluteErrorPercent !== undefined &&
        row.medianAbsoluteErrorPercent > limit.medianAbsoluteErrorPercent
      ) {
        misses.push(
          `${key}: median error ${row.medianAbsoluteErrorPercent.toFixed(1)} %, at most ${limit.medianAbsoluteErrorPercent} %`,
        );
      }
      if (limit.p90Percent !== undefined && row.p90Percent > limit.p90Percent) {
        misses.push(
          `${key}: error ${row.p90Percent.toFixed(1)} % at the 90th percentile, at most ${limit.p90Percent} %`,
        );
      }
      if (limit.within20Percent !== undefined && row.within20Percent < limit.within20Percent) {
        misses.push(`${key}: ${row.within20Percent.toFixed(0)} % within 20 %, at least ${limit.within20Percent} %`);
      }
      if (limit.heldOutMedianPercent !== undefined && (row.heldOutMedianPercent ?? 0) > limit.heldOutMedianPercent) {
        misses.push(
          `${key}: held-out median error ${row.heldOutMedianPercent?.toFixed(1)} %, at most ${limit.heldOutMedianPercent} %`,
        );
      }
      if (
        limit.heldOutWithin15Percent !== undefined &&
        (row.heldOutWithin15Percent ?? 0) < limit.heldOutWithin15Percent
      ) {
        misses.push(
          `${key}: ${row.heldOutWithin15Percent?.toFixed(0)} % within 15 % held out, at least ${limit.heldOutWithin15Percent} %`,
        );
      }
      return misses;
    }),
  );
}
