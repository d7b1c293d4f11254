/** What a first list adds, to be read into memory while it is merged: it lies in tables that anybody can ask. */
import type { OpenRevision } from '../queries/revisions.ts';
import type { ComingRows } from '../queries/snapshot-parts.ts';
import type { SyncRun } from './run.ts';
import { keptTable } from './staging.ts';

/**
 * @param offers SQL for those that it adds.
 * @param lastKey after which the keys of its prices come.
 */
export const comingRows = (
  run: SyncRun,
  { revision, sourceKey }: Pick<OpenRevision, 'revision' | 'sourceKey'>,
  offers: string,
  lastKey: number,
): ComingRows => ({
  revision,
  entries: `
    select 'offer', s.id, s.precedence, 'stated', o.offer_id, ${revision}, o.body
    from (${offers}) o cross join catalog_source s where s.source_key = ${sourceKey} order by o.offer_id`,
  identities: `
    select (${lastKey} + c.place)::integer, c.price_id, c.offer_id, c.category, c.term_months::smallint, c.payment, c.tier_from::text, c.unit
    from ${keptTable(run, 'checked')} c where cardinality(c.rules) = 0`,
});
