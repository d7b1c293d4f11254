/** All entries of one kind at one revision. A later one shares what did not change, so that a refresh costs what did. */
import { byId, ENTRY_KINDS, type EntryKind, type EntryTypes } from './entry.ts';
import { type EntryOrigin, type EntryStatement, resolveEntry } from './resolve-entries.ts';

export interface EntryTable<T extends { readonly id: string }> {
  /** In the order of their ids. */
  readonly list: readonly T[];
  readonly byId: ReadonlyMap<string, T>;
  /** Also of entries that are gone. */
  readonly origins: ReadonlyMap<string, EntryOrigin>;
}

export type EntryTables = { readonly [K in EntryKind]: EntryTable<EntryTypes[K]> };

const EMPTY = { list: [], byId: new Map(), origins: new Map() } satisfies EntryTable<{ readonly id: string }>;

export const NO_ENTRIES = Object.fromEntries(ENTRY_KINDS.map((kind) => [kind, EMPTY])) as unknown as EntryTables;

/** @param statements newer than those that the table was made of, at most one per id and source, all of one kind. */
const updated = <T extends { readonly id: string }>(
  table: EntryTable<T>,
  statements: readonly EntryStatement[],
): EntryTable<T> => {
  const origins = new Map(table.origins);
  const entries = new Map(table.byId);
  let isOtherOrder = false;
  for (const [id, newer] of Map.groupBy(statements, (statement) => statement.id)) {
    const kept = (origins.get(id)?.statements ?? []).filter(
      (statement) => !newer.some(({ sourceId }) => sourceId === statement.sourceId),
    );
    const { entry, origin } = resolveEntry([...kept, ...newer], origins.get(id)?.revision ?? 0);
    origins.set(id, origin);
    const before = entries.has(id);
    if (entry === undefined) entries.delete(id);
    else entries.set(id, entry as unknown as T);
    isOtherOrder ||= before !== (entry !== undefined);
  }
  const list = isOtherOrder
    ? [...entries.values()].sort(byId)
    : table.list.map((entry) => entries.get(entry.id) ?? entry);
  return { list, byId: entries, origins };
};

/** @param statements newer than those that the tables were made of, at most one per kind, id and source, in any order. */
export const withStatements = (tables: EntryTables, statements: readonly EntryStatement[]): EntryTables => {
  if (statements.length === 0) return tables;
  const changed = [...Map.groupBy(statements, ({ kind }) => kind)].map(([kind, ofKind]) => [
    kind,
    updated(tables[kind] as EntryTable<{ readonly id: string }>, ofKind),
  ]);
  return { ...tables, ...Object.fromEntries(changed) };
};
