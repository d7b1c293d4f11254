/**
 * A full list confirms the prices that it repeats: their age counts from the list, not from their last change. One row is written for
 * each category, so that a list of a million unchanged prices writes a handful of rows.
 */

import type { SyncCounts } from './records.ts';
import { timeOf } from './row-rules.ts';
import type { SyncRun } from './run.ts';

/** A list with more quarantined or rejected rows than this is too doubtful to confirm the rest. */
const MOST_HELD_BACK = 10_000;

/** "conf" in ASCII. */
const CONFIRMATION_LOCK = 1_668_247_142;

/** A confirmation counts only from this long after it was made, when every instance has heard of it: no answer changes afterwards. */
const HEARD_WITHIN = '5 seconds';

/**
 * To be called at the end of the transaction. The table `spoken` holds the categories that the list names, each with the earliest
 * date on which one of its rows was read (classes.ts). A second confirmation on the same day writes nothing, since ages count in days.
 * @param revision newest revision of the source.
 */
export const confirmPrices = async (
  run: SyncRun,
  revision: number,
  { quarantined, rejected }: Pick<SyncCounts, 'quarantined' | 'rejected'>,
): Promise<void> => {
  const { client, sourceId, scope, effectiveAt, mode } = run;
  if (mode !== 'full') return;
  // Under this lock numbers follow the order of commits, so that a reader who has one number has missed none before it.
  await client.query('select pg_advisory_xact_lock($1, 0)', [CONFIRMATION_LOCK]);
  await client.query(
    `insert into price_confirmation (source_key, category, revision, providers, regions, observed_at, counts_from, held_back)
     select c.source_key, c.category, $2, $3, $4, c.observed_at, clock_timestamp() + interval '${HEARD_WITHIN}', h.held_back
     from (select o.source_key, s.category, case when s.observed_at is null then $5
         else least($5, ${timeOf('observed_at')}) end as observed_at
       from spoken s join catalog_source o on o.id = $1) c
     cross join (select coalesce(array_agg(price_key order by price_key), '{}') as held_back from (
       select price_key from change where ${quarantined > 0} and cardinality(rules) > 0 and price_key is not null
       union select price_key from checked where ${rejected > 0} and rejected and price_key is not null) n) h
     where c.observed_at is not null and cardinality(h.held_back) <= ${MOST_HELD_BACK}
       and not exists (select from price_confirmation p where (p.source_key, p.category, p.revision, p.providers, p.regions, p.held_back)
         = (c.source_key, c.category, $2, $3, $4, h.held_back)
         and (p.observed_at at time zone 'UTC')::date >= (c.observed_at at time zone 'UTC')::date)`,
    [sourceId, revision, [...scope.providers].sort(), [...scope.regions].sort(), effectiveAt],
  );
};
