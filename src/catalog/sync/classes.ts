/** Records which categories of prices a list names and in which it changes something. Leaves the former in the table `spoken`. */
import { escapeLiteral as literal } from 'pg';
import { CATEGORIES } from './row-rules.ts';
import type { SyncRun } from './run.ts';

const PASSED = 'cardinality(c.rules) = 0';

export const noteClasses = async (
  run: SyncRun,
  { changedClasses, closings }: { readonly changedClasses: readonly string[]; readonly closings: boolean },
): Promise<void> => {
  const { client, sourceId, mode, scope, memory, inOrder } = run;
  // A price that the list leaves out has no row, so that its category has to be looked up.
  const closed = `select i.category from change c join price_identity i using (price_key) where c.row_number is null and ${PASSED}`;
  await client.query(
    `create temp table spoken on commit drop as ${
      inOrder
        ? // Each row is in the tally.
          `select category, to_char(min(observed_at), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as observed_at from tally group by category`
        : `select category, min(observed_at collate "C") as observed_at from ${(memory?.list ?? run).stage}
           where category in (${CATEGORIES.map(literal).join(', ')}) group by category`
    }`,
  );
  await client.query(
    `with changed_class as materialized (select unnest($3::text[]) as category ${closings ? `union ${closed}` : ''})
     insert into catalog_source_class as known (source_key, category, last_success_at, last_change_at)
     select s.source_key, n.category, now(), case when c.category is not null then now() end
     from catalog_source s
     cross join (select category from spoken
       union select unnest($2::text[]) union select category from changed_class) n
     left join changed_class c on c.category = n.category
     where s.id = $1
     on conflict (source_key, category) do update set last_success_at = excluded.last_success_at,
       last_change_at = coalesce(excluded.last_change_at, known.last_change_at)`,
    [sourceId, mode === 'full' ? scope.categories : [], changedClasses],
  );
};
