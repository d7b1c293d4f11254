/**
 * Filling tables that are nearly empty: their keys are taken away before and put back after, since an index is built over all rows at once for a
 * fraction of what it costs to grow it row by row. All in the transaction of the rows, so that whatever breaks finds the keys in place.
 *
 * Nobody can read these tables until it ends, and whoever tries holds a connection meanwhile. So only the first list of all is written so, before
 * which there is nothing to look up in them: no history, no other list, no price book.
 */
import type pg from 'pg';

const FILLED = ['catalog_entry', 'price_identity', 'price_amount'];

/** What a new price takes in these tables, offers included; where they are no larger than what comes, building their keys anew is cheap. */
const BYTES_OF_PRICE = 400;

/** Who reads these tables meanwhile is not waited for longer; nor does anybody wait behind us. */
const LOCKED_WITHIN = '100ms';

interface Key {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/**
 * Runs `write`, which adds `prices` prices in the transaction of `client`.
 * @returns what `write` returns.
 */
export const withKeysLast = async <Result>(
  client: pg.ClientBase,
  prices: number,
  write: () => Promise<Result>,
): Promise<Result> => {
  const keys = await takeKeys(client, prices);
  const result = await write();
  if (keys.length > 0) {
    await client.query(
      `set local maintenance_work_mem = '256MB'; ${keys
        .map(({ table, name, definition }) => `alter table ${table} add constraint ${name} ${definition}`)
        .join('; ')}`,
    );
  }
  return result;
};

/** None where the tables hold more than what comes or another list, where they are not ours to alter, or somebody reads them. */
const takeKeys = async (client: pg.ClientBase, prices: number): Promise<readonly Key[]> => {
  const { rows } = await client.query<Key & { bytes: string }>(
    `select c.conrelid::regclass::text as table, quote_ident(c.conname) as name, pg_get_constraintdef(c.oid) as definition,
       (select sum(pg_table_size(t::regclass)) from unnest($1::text[]) t) as bytes
     from pg_constraint c
     where c.contype in ('p', 'u') and c.conrelid = any ($1::regclass[])
       and not exists (select from pg_constraint f where f.contype = 'f' and f.conindid = c.conindid)
       and not exists (select from catalog_source where kind not in ('seed', 'operator') and last_change_at is not null)
       and not exists (select from pg_class t where t.oid = any ($1::regclass[])
         and not (pg_has_role(t.relowner, 'usage') and has_schema_privilege(t.relnamespace, 'create')))`,
    [FILLED],
  );
  if (Number(rows[0]?.bytes ?? 0) > prices * BYTES_OF_PRICE) return [];
  await client.query(`savepoint keys; set local lock_timeout = '${LOCKED_WITHIN}'`);
  try {
    await client.query(`lock table ${FILLED.join(', ')} in access exclusive mode`);
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    await client.query('rollback to keys');
    return [];
  }
  await client.query(
    `set local lock_timeout to default; ${rows.map(({ table, name }) => `alter table ${table} drop constraint ${name}`).join('; ')}`,
  );
  return rows;
};
