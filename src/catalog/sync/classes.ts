/** Notes of which classes of prices a list spoke, and in which it changed something. Leaves the former in `spoken`. */
import { escapeLiteral as literal } from 'pg';
import { CATEGORIES } from './row-rules.ts';
import { countOf, type SyncRun } from './run.ts';

const PASSED = 'cardinality(c.rules) = 0';

export const noteClasses = async (run: SyncRun): Promise<void> => {
  const { client, sourceId, mode, scope, memory } = run;
  // Almost all changes carry their class; the others are looked up.
  const others = await countOf(client, `select count(*) from change c where c.category is null and ${PASSED}`);
  const changed = [
    `select c.category from change c where c.category is not null and ${PASSED}`,
    ...(others === 0
      ? []
      : [
          `select k.category from change c join checked k using (row_number) where c.category is null and ${PASSED}`,
          `select i.category from change c join price_identity i using (price_key) where c.row_number is null and ${PASSED}`,
        ]),
  ];
  await client.query(
    `create temp table spoken on commit drop as
     select category, min(observed_at collate "C") as observed_at from ${(memory?.list ?? run).stage}
     where category in (${CATEGORIES.map(literal).join(', ')}) group by category`,
  );
  await client.query(
    `insert into catalog_source_class as known (source_key, category, last_success_at, last_change_at)
     select s.source_key, n.category, now(), case when c.category is not null then now() end
     from catalog_source s
     cross join (select category from spoken
       union select unnest($2::text[]) union select distinct category from (${changed.join(' union all ')}) c) n
     left join (select distinct category from (${changed.join(' union all ')}) c) c on c.category = n.category
     where s.id = $1
     on conflict (source_key, category) do update set last_success_at = excluded.last_success_at,
       last_change_at = coalesce(excluded.last_change_at, known.last_change_at)`,
    [sourceId, mode === 'full' ? scope.categories : []],
  );
};
