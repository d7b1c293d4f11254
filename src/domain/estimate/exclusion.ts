/** What was left out and why: a reason, and the devices or options that share it. */
import type { Exclusion } from './answer.ts';

export type Reason = Omit<Exclusion, 'examples' | 'count'>;

const MOST_EXAMPLES = 5;

export const exclusionOf = (ids: readonly string[], reason: Reason): Exclusion => ({
  ...reason,
  examples: ids.slice(0, MOST_EXAMPLES),
  count: ids.length,
});

/** Those of one constraint together, as they come; the first speaks for the others. */
export function groupedExclusions(excluded: Iterable<readonly [id: string, reason: Reason]>): Exclusion[] {
  const groups = new Map<string, { readonly reason: Reason; readonly ids: string[] }>();
  for (const [id, reason] of excluded) {
    const group = groups.get(reason.constraint);
    if (group === undefined) groups.set(reason.constraint, { reason, ids: [id] });
    else group.ids.push(id);
  }
  return [...groups.values()].map(({ reason, ids }) => exclusionOf(ids, reason));
}

export const mostFrequentFirst = (a: Exclusion, b: Exclusion): number =>
  b.count - a.count || (a.constraint < b.constraint ? -1 : 1);

/** The exclusions, and with them what was not looked at closer, since it costs or takes more than what was named. */
export const withOutdone = (
  exclusions: readonly Exclusion[],
  outdone: readonly { readonly id: string }[],
  detail: string,
): readonly Exclusion[] =>
  outdone.length === 0
    ? exclusions
    : [
        ...exclusions,
        exclusionOf(
          outdone.map(({ id }) => id),
          { constraint: 'cost', detail, required: null, actual: null, unit: null },
        ),
      ];
