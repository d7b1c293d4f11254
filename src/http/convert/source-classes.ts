/** How fresh each class of prices of a source is, from what its lists did and what its prices say of themselves. */
import type { Observation } from '../../catalog/price-columns.ts';
import type { SourceFreshness } from '../../catalog/queries/revisions.ts';
import { ageDays, STALE_AFTER_DAYS } from '../../domain/economics/price-use.ts';

/** @param at ISO time by which ages count. */
export const sourceToApi = (source: SourceFreshness, observations: readonly Observation[], at: string) => {
  const observed = new Map(
    observations
      .filter(({ sourceId }) => sourceId === source.id)
      .map(({ category, observedAtMs }) => [category, new Date(observedAtMs).toISOString()]),
  );
  const delivered = new Map(source.classes.map((one) => [one.category, one]));
  const categories = [...new Set([...observed.keys(), ...delivered.keys()])].sort();
  return {
    ...source,
    classes: categories.map((category) => {
      const { lastSuccessAt = null, lastChangeAt = null } = delivered.get(category) ?? {};
      const lastObservedAt = observed.get(category) ?? null;
      // As its prices are: a list that is sent today with what was read a year ago is no fresher than that.
      const age = ageDays(lastObservedAt ?? lastSuccessAt ?? at, at);
      const staleAfterDays = STALE_AFTER_DAYS[category];
      return {
        category,
        lastSuccessAt,
        lastChangeAt,
        lastObservedAt,
        ageDays: age,
        staleAfterDays,
        stale: age > staleAfterDays,
      };
    }),
  };
};
