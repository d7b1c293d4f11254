/**
 * What a full list says again is confirmed by it: the price is as old as the list, not as its last change. Told once for each class of
 * prices, so that a list of a million unchanged prices writes a handful of rows.
 */

import type { SyncCounts } from './records.ts';
import { timeOf } from './row-rules.ts';
import type { SyncRun } from './run.ts';

/** A list with more prices than this that were named otherwise is too doubtful to confirm the rest. */
const MOST_HELD_BACK = 10_000;

/** "conf" in ASCII. */
const CONFIRMATION_LOCK = 1_668_247_142;

/**
 * By then every instance has heard of it. Answers for the moments between are the same before and after.
 */
const HEARD_WITHIN = '5 seconds';

/**
 * To be called at the end of the transaction. `spoken` has the classes that the list names with the earliest date on which a row of
 * each was read (classes.ts). Another confirmation of the same day adds nothing, since ages count in days.
 * @param revision the last one of the source.
 */
export const confirmPrices = async (
  run: SyncRun,
  revision: number,
  { quarantined, rejected }: Pick<SyncCounts, 'quarantined' | 'rejected'>,
): Promise<void> => {
  const { client, sourceId, scope, effectiveAt, mode } = run;
  if (mode !== 'full') return;
  // Numbers follow commits, so that whoever read up to one has missed none.
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
