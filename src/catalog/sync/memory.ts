/**
 * What each source's list said the last time, and which rows of a new one say just the same. A million rows of which few changed are then
 * compared by one join of 16-byte prints, and only the others are read, checked and looked up.
 *
 * The memory of a source is a mirror of its open rows, each with the print of the row that a list had for it, where it had one. It is true as of a
 * revision; prices about which the source said anything since are left aside. So nobody who writes prices has to know of it, and
 * losing it (its tables are unlogged) costs time and nothing else.
 */
import { createHash } from 'node:crypto';
import { CANONICAL_COLUMNS } from './canonical-row.ts';
import { anyRuleBroken, dateRuleBroken, OBSERVED_AT, PRICE_ID, READ_ROW, type SyncScope } from './row-rules.ts';
import { countOf, isShort, LOOK_UP, rowsOf, type SyncRun } from './run.ts';

const memoryTable = (sourceKey: number): string => `price_sync_memory.source_${sourceKey}`;

/** Columns that differ in every night's list although a row repeats itself; they make no version. */
const DATES: readonly string[] = ['observed_at', 'source_date'];

const CELLS = CANONICAL_COLUMNS.flatMap(({ stagingName }) =>
  DATES.includes(stagingName) ? [] : [`s.${stagingName}`],
).join(', ');

/**
 * Two halves of the print of a staged row `s`, which its dates are not part of. A row was found sound within a scope, and read and judged as this version does, so that of another
 * scope or version it has other prints.
 */
const printsIn = ({ providers, regions, categories }: SyncScope): readonly [string, string] => {
  const scope = { providers: providers.toSorted(), regions: regions.toSorted(), categories: categories.toSorted() };
  const digest = createHash('sha256')
    .update(JSON.stringify([CELLS, READ_ROW, PRICE_ID, anyRuleBroken(scope)]))
    .digest();
  const half = (offset: number): string =>
    `hash_record_extended(row(${CELLS}), '${digest.readBigInt64LE(offset)}'::bigint)`;
  return [half(0), half(8)];
};

/** Columns for the print of the staged row `s`. */
export const printsOf = (scope: SyncScope): string => {
  const [first, second] = printsIn(scope);
  return `${first} as first_print, ${second} as second_print`;
};

/** Whether what the list says is kept for the next comparison, which pays for long lists. */
export const isRemembered = (run: SyncRun): boolean => run.sourceKey !== null && !isShort(run.memory?.list ?? run);

interface Reach {
  readonly revision: number;
  readonly row_count: string;
}

/** Undefined where nothing is remembered, or only from a later time than this list speaks of. */
const reachOf = async ({ client, sourceKey, effectiveAt }: SyncRun): Promise<Reach | undefined> => {
  const { rows } = await client.query<Reach>(
    'select revision, row_count from price_sync_memory.reach where source_key = $1 and effective_at <= $2',
    [sourceKey ?? 0, effectiveAt],
  );
  return rows[0];
};

/**
 * Sets aside the rows that repeat what the source said the last time. `suspect` gets the others, `unsaid` the open rows of the source for which
 * no row was set aside.
 * @returns the run with the suspects alone, or as it was where nothing is remembered.
 */
export const siftRows = async (run: SyncRun): Promise<SyncRun> => {
  if (isShort(run) || run.sourceKey === null) return run;
  const reach = await reachOf(run);
  if (reach === undefined) return run;
  if (await isMisdated(run)) return run;
  await run.client.query(
    'create temp table doubtful (price_key integer, currency text, primary key (price_key, currency))',
  );
  await doubtWhatChanged(run, reach.revision);
  return sift(run, Number(reach.row_count));
};

/** A date that breaks a rule has its row rejected, also one that says what it said before. Lists have few dates. */
const isMisdated = async ({ client, stage }: SyncRun): Promise<boolean> =>
  (await rowsOf(
    client,
    `select from (select distinct ${DATES.join(', ')} from ${stage}) s
     cross join lateral (select ${OBSERVED_AT}) p where ${dateRuleBroken} limit 1`,
  )) > 0;

/** Sifts again without the prices in `doubtful`. */
const sift = async (run: SyncRun, remembered: number): Promise<SyncRun> => {
  const { client, stage, scope } = run;
  const memory = memoryTable(run.sourceKey ?? 0);
  const [first, second] = printsIn(scope);
  const doubts = await countOf(client, 'select count(*) from doubtful');
  const known =
    doubts === 0
      ? `select ctid as memory_place, price_key, currency, first_print, second_print from ${memory}`
      : `select m.ctid as memory_place, m.price_key, m.currency, case when d.price_key is null then m.first_print end as first_print, m.second_print
         from ${memory} m left join doubtful d using (price_key, currency)`;
  await client.query(
    `set work_mem = '256MB';
     create temp table sifted as
     select s.place, k.memory_place
     from (select s.ctid as place, ${first} as first_print, ${second} as second_print from ${stage} s) s
     full join (${known}) k on k.first_print = s.first_print
     where s.place is null or k.memory_place is null or s.second_print <> k.second_print`,
  );
  const places = (name: string): string => `array(select ${name} from sifted where ${name} is not null)`;
  await client.query(
    `create temp table suspect as select * from ${stage} where ctid = any (${places('place')});
     create temp table unsaid as
     select m.price_key, m.currency, m.valid_from, m.withdrawn, m.amount, m.upfront, m.provenance_key
     from ${memory} m where m.ctid = any (${places('memory_place')})`,
  );
  if (doubts > 0) {
    await client.query(
      'delete from unsaid u using doubtful d where d.price_key = u.price_key and d.currency = u.currency',
    );
    await client.query(
      `insert into unsaid
       select o.price_key, o.currency, o.valid_from, o.state = 'withdrawn', o.amount, o.upfront, o.provenance_key
       from doubtful d join price_amount o using (price_key, currency) where o.is_open and o.source_key = ${run.sourceKey}`,
    );
  }
  const suspects = await countOf(client, 'select count(*) from suspect');
  const repeated = run.rowCount - suspects;
  const unmatched = await countOf(client, 'select count(distinct memory_place) from sifted');
  if (repeated > remembered - unmatched) {
    // Some row is there twice.
    const twice = await rowsOf(
      client,
      `insert into doubtful select m.price_key, m.currency
       from (select ${first} as first_print, ${second} as second_print from ${stage} s) s
       join ${memory} m using (first_print, second_print)
       group by 1, 2 having count(*) > 1 on conflict do nothing`,
    );
    if (twice > 0) return siftAgain(run, remembered);
  }
  await client.query('analyze suspect; analyze unsaid');
  return { ...run, stage: 'suspect', rowCount: suspects, memory: { repeated, remembered, list: run } };
};

const siftAgain = async (run: SyncRun, remembered: number): Promise<SyncRun> => {
  await run.client.query('drop table sifted, suspect, unsaid');
  return sift(run, remembered);
};

/** Prices that the source spoke of since in another way, and those that wait in quarantine, which a row as before would settle. */
const doubtWhatChanged = async ({ client, sourceKey, sourceId }: SyncRun, revision: number): Promise<void> => {
  const since = await countOf(client, 'select count(*) from catalog_revision where source_key = $1 and revision > $2', [
    sourceKey,
    revision,
  ]);
  if (since > 0) {
    await client.query(
      `insert into doubtful select distinct price_key, currency from price_amount where revision > $1 and source_key = $2`,
      [revision, sourceKey],
    );
  }
  await client.query(
    `insert into doubtful select distinct i.price_key, q.currency from price_quarantine q join price_identity i on i.id = q.price_id
     where q.state = 'waiting' and q.source_id = $1 on conflict do nothing`,
    [sourceId],
  );
};

/**
 * A list that names a price in a row set aside and in another one must have both looked at.
 * @returns the run sifted anew, where that is so.
 */
export const siftedAnew = async (run: SyncRun): Promise<SyncRun | undefined> => {
  const { client, memory } = run;
  if (memory === undefined) return undefined;
  const named = await rowsOf(
    client,
    `insert into doubtful
     select distinct c.price_key, c.currency from checked c join ${memoryTable(run.sourceKey ?? 0)} m using (price_key, currency)
     where c.old_valid_from is null on conflict do nothing`,
  );
  return named === 0 ? undefined : siftAgain(memory.list, memory.remembered);
};

/** Adds to `peer` what the source says of the same in other regions, as far as rows of its list say it and it does not change. */
export const recallPeers = async ({ client, sourceKey }: SyncRun): Promise<void> => {
  await client.query('set enable_nestloop = off');
  await client.query(
    `insert into peer
     select null, m.elsewhere, m.hourly
     from (select distinct elsewhere from peer) w join ${memoryTable(sourceKey ?? 0)} m using (elsewhere)
     where not exists (select from change c where c.price_key = m.price_key and c.currency = m.currency)
       and not exists (select from doubtful d where d.price_key = m.price_key and d.currency = m.currency)`,
  );
  await client.query('reset enable_nestloop');
};

/** Absent where nothing was merged. */
const hasMadePrices = async ({ client }: SyncRun): Promise<boolean> =>
  (await countOf(client, `select count(*) from pg_class where oid = to_regclass('pg_temp.new_price')`)) > 0;

/** Valid rows of the list that name their price once, each with its fingerprint. Prices that this list added are in the table `new_price`. */
const printed = async (run: SyncRun): Promise<string> => {
  const { client, effectiveAt } = run;
  const made = await hasMadePrices(run);
  const slow = await countOf(client, 'select count(*) from slow');
  return `
    select coalesce(c.price_key${made ? ', n.price_key' : ''}) as price_key, c.currency, c.amount, c.upfront,
      coalesce(c.valid_from, '${effectiveAt}') as valid_from, c.first_print, c.second_print, c.elsewhere, c.hourly
    from checked c
    ${made ? `left join new_price n on c.price_key is null and n.row_number = c.row_number` : ''}
    where not c.rejected and not c.withdrawn and c.amount is not null
      ${
        slow > 0
          ? `and not exists (select from slow k where k.currency = c.currency and k.price_key = c.price_key)
      and not exists (select from slow k where k.currency = c.currency and k.price_id = c.price_id)`
          : ''
      }`;
};

/** Open rows `o`, each with the print of the row that says it. */
const mirrored = (openRows: string, prints: string): string => `
  select o.price_key, o.currency, o.valid_from, o.state = 'withdrawn' as withdrawn, o.amount, o.upfront, o.provenance_key,
    p.first_print, p.second_print, p.elsewhere, p.hourly
  from ${openRows} o
  left join ${prints} p on p.price_key = o.price_key and p.currency = o.currency and o.state = 'in_force'
    and p.amount = o.amount and p.upfront = o.upfront and o.valid_from <= p.valid_from`;

/**
 * Until the indexes over revisions know of pages just written, whoever looks for the newest rows reads all of these pages; PostgreSQL would tell
 * them within minutes. Only their owner can.
 */
const SUMMARIZE = `
  select brin_summarize_new_values(c.oid) from pg_class c join pg_am a on a.oid = c.relam
  where a.amname = 'brin' and c.relname in ('catalog_entry_revision', 'price_amount_revision') and pg_has_role(c.relowner, 'usage')`;

/** Keeps what a list said, for the next one; in the session that worked it off, before the source is free for others. */
export const rememberRows = async (run: SyncRun, revision: number): Promise<void> => {
  const { client, memory, effectiveAt } = run;
  if (run.sourceKey === null || !isRemembered(run)) return;
  const table = memoryTable(run.sourceKey);
  await client.query(`begin; set local work_mem = '256MB'; set local enable_nestloop = off`);
  try {
    const added = memory === undefined ? await rememberAll(run, table) : await rememberChanges(run, table);
    await client.query(
      `insert into price_sync_memory.reach as known values ($1, $2, $3, $4) on conflict (source_key)
       do update set revision = excluded.revision, effective_at = greatest(known.effective_at, excluded.effective_at), row_count = excluded.row_count`,
      [run.sourceKey, revision, effectiveAt, (memory?.remembered ?? 0) + added],
    );
    await client.query('commit');
    await client.query(SUMMARIZE);
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection itself may be what failed
    throw error;
  }
};

const rememberAll = async (run: SyncRun, table: string): Promise<number> => {
  await run.client.query(`drop table if exists ${table}`);
  if (await isAllNew(run)) return rememberNew(run, table);
  const openRows = `(select * from price_amount where is_open and source_key = ${run.sourceKey})`;
  return rowsOf(run.client, `create unlogged table ${table} as ${mirrored(openRows, `(${await printed(run)})`)}`);
};

/** Whether the source is new and names only prices that no source had before. */
const isAllNew = async (run: SyncRun): Promise<boolean> =>
  run.inOrder &&
  (await hasMadePrices(run)) &&
  (await rowsOf(run.client, 'select from change where cardinality(rules) = 0 and price_key is not null limit 1')) === 0;

/** The same as `mirrored`, taken from the rows that were just written. */
const rememberNew = ({ client }: SyncRun, table: string): Promise<number> => {
  const told = (column: string): string =>
    `case when not n.withdrawn and n.amount is not null then n.${column} end as ${column}`;
  return rowsOf(
    client,
    `create unlogged table ${table} as
     select n.price_key, n.currency, n.valid_from, n.withdrawn, n.amount, n.upfront, q.provenance_key,
       ${['first_print', 'second_print', 'elsewhere', 'hourly'].map(told).join(', ')}
     from new_price n join cited q using (citation)`,
  );
};

/**
 * Prices that the list did not name and nothing was said of keep what is remembered of them.
 * @returns by how many rows the memory grew.
 */
const rememberChanges = async (run: SyncRun, table: string): Promise<number> => {
  const { client } = run;
  await client.query(
    `create temp table touched on commit drop as
     select c.price_key, c.currency from checked c where c.price_key is not null and c.currency is not null
     union select price_key, currency from doubtful
     union select c.price_key, c.currency from change c where c.price_key is not null
     ${(await hasMadePrices(run)) ? 'union select price_key, currency from new_price' : ''}
     union select price_key, currency from taken_back;
     create temp table printed on commit drop as ${await printed(run)};
     analyze touched; analyze printed (price_key)`,
  );
  const left = await rowsOf(
    client,
    `delete from ${table} m using touched t where t.price_key = m.price_key and t.currency = m.currency`,
  );
  const isFew = (await countOf(client, 'select count(*) from touched')) <= run.lookedUpRows;
  const open = `a.is_open and a.source_key = ${run.sourceKey} and a.price_key = t.price_key and a.currency = t.currency`;
  const come = await rowsOf(
    client,
    `insert into ${table} ${mirrored(
      isFew
        ? `(select a.* from touched t cross join lateral (select * from price_amount a where ${open} ${LOOK_UP}) a)`
        : `(select a.* from touched t join price_amount a on ${open})`,
      'printed',
    )}`,
  );
  return come - left;
};
