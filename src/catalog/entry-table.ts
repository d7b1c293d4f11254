/**
 * All entries of one kind at one revision. A later one shares what did not change, so that a refresh costs what did; and an entry of
 * which one source alone speaks, as of nearly all offers, is kept once, not once as said and once as believed.
 */
import { byId, ENTRY_KINDS, type EntryKind, type EntryTypes } from './entry.ts';
import { type EntryOrigin, type EntryStatement, resolveEntry } from './resolve-entries.ts';
import { atOnce, type Steps } from './slices.ts';

type Entry = { readonly id: string };
type Source = Pick<EntryStatement, 'kind' | 'sourceId' | 'precedence'>;

/** What is believed of an entry and who says it. */
interface EntryRecord {
  /** Undefined when it is gone. */
  readonly entry: Entry | undefined;
  /** That last touched it. */
  readonly revision: number;
  /** Of the one statement whose body the entry is; null where there are more, or none. */
  readonly only: Source | null;
  readonly statements: readonly EntryStatement[];
}

const NO_STATEMENTS: readonly EntryStatement[] = [];

const originOf = ({ entry, revision, only, statements }: EntryRecord): EntryOrigin => {
  if (only === null || entry === undefined) return { revision, statements };
  const { id, ...body } = entry as Entry & Readonly<Record<string, unknown>>;
  return { revision, statements: [{ ...only, id, revision, state: 'stated', body }] };
};

export class EntryTable<T extends Entry> {
  /** In the order of their ids. */
  readonly list: readonly T[];
  readonly #records: ReadonlyMap<string, EntryRecord>;

  constructor(records: ReadonlyMap<string, EntryRecord> = new Map(), list: readonly T[] = []) {
    this.#records = records;
    this.list = list;
  }

  get(id: string): T | undefined {
    return this.#records.get(id)?.entry as T | undefined;
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Also of an entry that is gone. */
  origin(id: string): EntryOrigin | undefined {
    const record = this.#records.get(id);
    return record === undefined ? undefined : originOf(record);
  }

  /** @param statements newer than those that the table was made of, at most one per id and source. */
  *with(statements: readonly EntryStatement[]): Steps<EntryTable<T>> {
    const newerOf = new Map<string, EntryStatement[]>();
    for (const statement of statements) {
      const newer = newerOf.get(statement.id);
      if (newer === undefined) newerOf.set(statement.id, [statement]);
      else newer.push(statement);
      yield;
    }
    const changed = new Map<string, EntryRecord>();
    for (const [id, newer] of newerOf) {
      const before = this.origin(id);
      const kept = (before?.statements ?? []).filter(
        (statement) => !newer.some(({ sourceId }) => sourceId === statement.sourceId),
      );
      changed.set(id, recordOf([...kept, ...newer], before?.revision));
      yield;
    }
    return yield* this.#replacing(changed);
  }

  /** As it was before some entries changed: `statements` are all that there were of `ids`, at most one per id and source. */
  rewound(ids: readonly string[], statements: readonly EntryStatement[]): EntryTable<T> {
    const stated = Map.groupBy(statements, ({ id }) => id);
    const changed = new Map(
      ids.map((id) => {
        const then = stated.get(id);
        return [id, then === undefined ? undefined : recordOf(then)] as const;
      }),
    );
    return atOnce(this.#replacing(changed));
  }

  *#replacing(changed: ReadonlyMap<string, EntryRecord | undefined>): Steps<EntryTable<T>> {
    const records = new Map(this.#records);
    let isOtherOrder = false;
    for (const [id, record] of changed) {
      isOtherOrder ||= (record?.entry !== undefined) !== this.has(id);
      if (record === undefined) records.delete(id);
      else records.set(id, record);
      yield;
    }
    const list: T[] = [];
    if (!isOtherOrder) {
      for (const entry of this.list) {
        list.push(changed.has(entry.id) ? (records.get(entry.id)?.entry as T) : entry);
        yield;
      }
      return new EntryTable(records, list);
    }
    for (const { entry } of records.values()) {
      if (entry !== undefined) list.push(entry as T);
      yield;
    }
    // Known ones come in order before new ones in order, which sorting takes as it finds.
    return new EntryTable(records, list.sort(byId));
  }
}

/** Sources of statements, each kept once. */
const sourcesKnown = new Map<string, Source>();

const sourceOf = ({ kind, sourceId, precedence }: EntryStatement): Source => {
  const key = `${kind} ${precedence} ${sourceId}`;
  const known = sourcesKnown.get(key) ?? { kind, sourceId, precedence };
  sourcesKnown.set(key, known);
  return known;
};

const recordOf = (statements: readonly EntryStatement[], earlier = 0): EntryRecord => {
  const { entry, origin } = resolveEntry(statements, earlier);
  const { revision } = origin;
  const [first, ...others] = origin.statements;
  // Figures of devices are made of claims, so that a device is more than the body of its statement.
  const isBody =
    others.length === 0 && first?.state === 'stated' && first.revision === revision && first.kind !== 'device';
  if (!isBody) return { entry: entry as Entry | undefined, ...origin, only: null };
  return { entry: entry as Entry | undefined, revision, only: sourceOf(first), statements: NO_STATEMENTS };
};

export type EntryTables = { readonly [K in EntryKind]: EntryTable<EntryTypes[K]> };

export const NO_ENTRIES = Object.fromEntries(
  ENTRY_KINDS.map((kind) => [kind, new EntryTable()]),
) as unknown as EntryTables;

/** @param statements newer than those that the tables were made of, at most one per kind, id and source, in any order. */
export function* withStatements(tables: EntryTables, statements: readonly EntryStatement[]): Steps<EntryTables> {
  const changed: Partial<Record<EntryKind, unknown>> = {};
  for (const [kind, ofKind] of Map.groupBy(statements, ({ kind }) => kind)) {
    changed[kind] = yield* tables[kind].with(ofKind);
  }
  return { ...tables, ...(changed as Partial<EntryTables>) };
}

/** The tables as they were when nothing but `statements` had been said of the entries that have changed since. */
export const rewoundTables = (
  tables: EntryTables,
  changedSince: readonly Pick<EntryStatement, 'kind' | 'id'>[],
  statements: readonly EntryStatement[],
): EntryTables => {
  const stated = Map.groupBy(statements, ({ kind }) => kind);
  const rewound = [...Map.groupBy(changedSince, ({ kind }) => kind)].map(([kind, ofKind]) => {
    const ids = ofKind.map(({ id }) => id);
    return [kind, tables[kind].rewound(ids, stated.get(kind) ?? [])];
  });
  return { ...tables, ...Object.fromEntries(rewound) };
};
