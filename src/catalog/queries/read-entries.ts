/** Reads what every source of the public catalog said of its entries. Rows are append-only, so no transaction is needed for an exact reading. */
import { type Kysely, sql } from 'kysely';
import type pg from 'pg';
import { type CopiedRow, copiedRows, onConnection } from '../../db/copied-rows.ts';
import type { EntryKind } from '../entry.ts';
import { type EntryTables, NewerEntries } from '../entry-table.ts';
import type { EntryStatement } from '../resolve-entries.ts';
import { inSlices, Slices } from '../slices.ts';
import type { Database, EntryState } from '../tables.ts';
import { Repeated } from './repeated.ts';

/** What was stated after one revision up to another, the newest of each source alone. Parameters are not allowed in COPY; both are numbers. */
export const entriesStated = (since: number, revision: number): string => `
  select distinct on (e.kind, e.id, e.source_key) e.kind, s.id, s.precedence, e.state, e.id, e.revision, e.body
  from catalog_entry e join catalog_source s using (source_key)
  where e.revision > ${since} and e.revision <= ${revision} and s.kind <> 'price_book'
  order by e.kind, e.id, e.source_key, e.revision desc`;

/**
 * The tables with what is stated anew.
 * @param statements a query for it, with the columns of `entriesStated` and those on one entry together.
 */
export const readEntries = async (pool: pg.Pool, tables: EntryTables, statements: string): Promise<EntryTables> => {
  const newer = new NewerEntries(tables);
  const statementOf = statementReader();
  let ofEntry: EntryStatement[] = [];
  const take = (): void => {
    const [first, ...others] = ofEntry;
    if (first !== undefined) newer.add([first, ...others]);
  };
  await onConnection(pool, async (client) => {
    const slices = new Slices();
    for await (const rows of copiedRows(client, statements)) {
      for (const row of rows) {
        const statement = statementOf(row);
        if (statement.id !== ofEntry[0]?.id || statement.kind !== ofEntry[0].kind) {
          take();
          ofEntry = [];
        }
        ofEntry.push(statement);
      }
      if (slices.isOver) await slices.rest();
    }
  });
  take();
  return inSlices(newer.tables());
};

const statementReader = (): ((row: CopiedRow) => EntryStatement) => {
  const shared = sharedTexts();
  const source = new Repeated((row) => ({
    kind: row.text(0) as EntryKind,
    sourceId: row.text(1),
    precedence: row.int16(2),
    state: row.text(3) as EntryState,
  }));
  return (row) => {
    const body = row.isNull(6) ? null : (row.json(6) as Record<string, unknown>);
    const said = source.of(row, 0, 3);
    if (said.kind === 'offer' && body !== null) shared(body);
    return { ...said, id: row.text(4), revision: row.int32(5), body };
  };
};

/** Thousands of offers name the same regions, SKUs and devices; each text is kept once. */
const sharedTexts = (): ((body: Record<string, unknown>) => void) => {
  const texts = new Map<string, string>();
  /** Of the offer before, which is mostly of the same provider, region and device. */
  let before: Record<string, unknown> = {};
  return (body) => {
    for (const name in body) {
      const value = body[name];
      if (typeof value !== 'string') continue;
      if (value === before[name]) body[name] = before[name];
      else {
        const known = texts.get(value);
        if (known === undefined) texts.set(value, value);
        else body[name] = known;
      }
    }
    before = body;
  };
};

/** What was said up to a revision of all entries that have changed since, up to another. */
export const readBeforeChanges = async (db: Kysely<Database>, revision: number, newest: number) => {
  const changed = sql`select distinct kind, id from catalog_entry where revision > ${revision} and revision <= ${newest}`;
  const { rows: changedSince } = await sql<Pick<EntryStatement, 'kind' | 'id'>>`${changed}`.execute(db);
  const { rows: statements } = await sql<EntryStatement>`
    select distinct on (e.kind, e.id, e.source_key) e.kind, e.id, s.id as "sourceId", s.precedence, e.revision, e.state, e.body
    from (${changed}) c join catalog_entry e using (kind, id) join catalog_source s using (source_key)
    where e.revision <= ${revision}
    order by e.kind, e.id, e.source_key, e.revision desc`.execute(db);
  return { changedSince, statements };
};

/** The newest statement of each source about one entry. */
export const readEntryStatements = async (
  db: Kysely<Database>,
  kind: EntryKind,
  id: string,
): Promise<readonly EntryStatement[]> => {
  const { rows } = await sql<EntryStatement>`
    select distinct on (e.source_key) e.kind, e.id, s.id as "sourceId", s.precedence, e.revision, e.state, e.body
    from catalog_entry e join catalog_source s using (source_key)
    where e.kind = ${kind} and e.id = ${id}
    order by e.source_key, e.revision desc`.execute(db);
  return rows;
};
