/**
 * What one price costs in one currency when, given everything every source ever said of it up to a revision. Each source's
 * statements form steps in time (a statement holds until the source's next one); a stored precedence picks the winner at each
 * moment. Currencies do not displace one another: a price quoted in dollars and in dirhams has two lines of time.
 */
import type { AmountState } from './tables.ts';

/** From validFromMs (milliseconds since 1970) on, as believed from `revision` on. The lowest precedence wins. */
export interface Step {
  readonly precedence: number;
  readonly revision: number;
  readonly state: AmountState;
  readonly validFromMs: number;
}

/** A stretch of time with one winning statement; toMs is Infinity while it is open. */
export interface PriceSegment<S extends Step> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly statement: S;
}

/** One source: newest statement per date, taken-back ones left out, oldest date first. */
const stepsOf = <S extends Step>(statements: readonly S[]): readonly S[] => {
  const newest = new Map<number, S>();
  for (const statement of statements) {
    const known = newest.get(statement.validFromMs);
    if (known === undefined || known.revision < statement.revision) newest.set(statement.validFromMs, statement);
  }
  return [...newest.values()].filter(({ state }) => state !== 'void').sort((a, b) => a.validFromMs - b.validFromMs);
};

/** The strongest source that says anything at that moment decides, also when it says that the price is gone. */
const winnerAt = <S extends Step>(strongestFirst: readonly (readonly S[])[], atMs: number): S | undefined => {
  for (const steps of strongestFirst) {
    const spoken = steps.findLast((step) => step.validFromMs <= atMs);
    if (spoken !== undefined) return spoken.state === 'in_force' ? spoken : undefined;
  }
  return undefined;
};

/** The winning stretches, oldest first, without overlap; gaps are times without a price. */
export const priceTimeline = <S extends Step>(statements: readonly S[]): readonly PriceSegment<S>[] => {
  const [only] = statements;
  if (statements.length === 1 && only?.state === 'in_force') {
    return [{ fromMs: only.validFromMs, toMs: Number.POSITIVE_INFINITY, statement: only }];
  }
  const strongestFirst = [...Map.groupBy(statements, ({ precedence }) => precedence)]
    .sort(([a], [b]) => a - b)
    .map(([, ofSource]) => stepsOf(ofSource));
  const moments = [...new Set(strongestFirst.flat().map((step) => step.validFromMs))].sort((a, b) => a - b);
  const segments: PriceSegment<S>[] = [];
  for (const [index, fromMs] of moments.entries()) {
    const statement = winnerAt(strongestFirst, fromMs);
    if (statement === undefined) continue;
    const toMs = moments[index + 1] ?? Number.POSITIVE_INFINITY;
    const last = segments.at(-1);
    if (last?.statement === statement && last.toMs === fromMs) segments.splice(-1, 1, { ...last, toMs });
    else segments.push({ fromMs, toMs, statement });
  }
  return segments;
};
