/**
 * All entries of one kind at one revision. A later one shares what did not change, so that a refresh costs what did; and an entry of
 * which one source alone speaks, as of nearly all offers, is kept once, not once as said and once as believed.
 */
import { atOnce, type Steps } from '../domain/steps.ts';
import { byId, ENTRY_KINDS, type EntryKind, type EntryTypes } from './entry.ts';
import { type EntryOrigin, type EntryStatement, resolveEntry } from './resolve-entries.ts';
import { sorting } from './sorting.ts';

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
  readonly #records: ReadonlyMap<string, EntryRecord | undefined>;

  constructor(records: ReadonlyMap<string, EntryRecord | undefined> = new Map(), list: readonly T[] = []) {
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

  /** What an entry is after newer statements on it, at most one per source. */
  after(id: string, newer: readonly EntryStatement[]): EntryRecord {
    const before = this.origin(id);
    if (before === undefined) return recordOf(newer);
    const kept = before.statements.filter(
      (statement) => !newer.some(({ sourceId }) => sourceId === statement.sourceId),
    );
    return recordOf([...kept, ...newer], before.revision);
  }

  /** @param changed entries as they are now, undefined where they were never heard of; the new table keeps it. */
  *with(changed: Map<string, EntryRecord | undefined>): Steps<EntryTable<T>> {
    let isOtherOrder = false;
    for (const [id, record] of changed) {
      isOtherOrder ||= (record?.entry !== undefined) !== this.has(id);
      yield;
    }
    for (const [id, record] of this.#records) {
      if (!changed.has(id)) changed.set(id, record);
      yield;
    }
    const list: T[] = [];
    if (!isOtherOrder) {
      for (const { id } of this.list) {
        list.push(changed.get(id)?.entry as T);
        yield;
      }
      return new EntryTable(changed, list);
    }
    for (const record of changed.values()) {
      if (record?.entry !== undefined) list.push(record.entry as T);
      yield;
    }
    return new EntryTable(changed, yield* sorting(list, byId));
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

/** Figures of devices are made of claims, so that a device is more than the body of its statement. */
const isBody = ({ kind, state, body }: EntryStatement): boolean =>
  state === 'stated' && body !== null && kind !== 'device';

const recordOf = (statements: readonly EntryStatement[], earlier = 0): EntryRecord => {
  // Of nearly all entries one source alone speaks.
  const [alone, another] = statements;
  if (alone !== undefined && another === undefined && alone.revision >= earlier && isBody(alone)) {
    const entry = { id: alone.id, ...alone.body };
    return { entry, revision: alone.revision, only: sourceOf(alone), statements: NO_STATEMENTS };
  }
  const { entry, origin } = resolveEntry(statements, earlier);
  const { revision } = origin;
  const [first, ...others] = origin.statements;
  const isOfOne = others.length === 0 && first?.revision === revision && isBody(first);
  if (!isOfOne) return { entry: entry as Entry | undefined, ...origin, only: null };
  return { entry: entry as Entry | undefined, revision, only: sourceOf(first), statements: NO_STATEMENTS };
};

export type EntryTables = { readonly [K in EntryKind]: EntryTable<EntryTypes[K]> };

export const NO_ENTRIES = Object.fromEntries(
  ENTRY_KINDS.map((kind) => [kind, new EntryTable()]),
) as unknown as EntryTables;

/** Takes in statements newer than those that some tables were made of. */
export class NewerEntries {
  readonly #tables: EntryTables;
  readonly #changed = new Map<EntryKind, Map<string, EntryRecord | undefined>>();

  constructor(tables: EntryTables) {
    this.#tables = tables;
  }

  /** All newer statements on one entry, at most one per source. */
  add([first, ...others]: readonly [EntryStatement, ...EntryStatement[]]): void {
    const { kind, id } = first;
    let ofKind = this.#changed.get(kind);
    if (ofKind === undefined) {
      ofKind = new Map();
      this.#changed.set(kind, ofKind);
    }
    ofKind.set(id, this.#tables[kind].after(id, [first, ...others]));
  }

  *tables(): Steps<EntryTables> {
    const tables: Partial<Record<EntryKind, unknown>> = {};
    for (const [kind, changed] of this.#changed) tables[kind] = yield* this.#tables[kind].with(changed);
    return { ...this.#tables, ...(tables as Partial<EntryTables>) };
  }
}

/** @param statements newer than those that the tables were made of, at most one per kind, id and source, in any order. */
export const withStatements = (tables: EntryTables, statements: readonly EntryStatement[]): EntryTables => {
  const newer = new NewerEntries(tables);
  for (const ofKind of Map.groupBy(statements, ({ kind }) => kind).values()) {
    for (const ofEntry of Map.groupBy(ofKind, ({ id }) => id).values()) {
      newer.add(ofEntry as [EntryStatement, ...EntryStatement[]]);
    }
  }
  return atOnce(newer.tables());
};

/** The tables as they were when nothing but `statements` had been said of the entries that have changed since. */
export function* rewoundTables(
  tables: EntryTables,
  changedSince: readonly Pick<EntryStatement, 'kind' | 'id'>[],
  statements: readonly EntryStatement[],
): Steps<EntryTables> {
  const rewound: Partial<Record<EntryKind, unknown>> = {};
  const statedOfKind = Map.groupBy(statements, ({ kind }) => kind);
  for (const [kind, ofKind] of Map.groupBy(changedSince, ({ kind }) => kind)) {
    const stated = Map.groupBy(statedOfKind.get(kind) ?? [], ({ id }) => id);
    const then = new Map<string, EntryRecord | undefined>();
    for (const { id } of ofKind) {
      const ofEntry = stated.get(id);
      then.set(id, ofEntry === undefined ? undefined : recordOf(ofEntry));
      yield;
    }
    rewound[kind] = yield* tables[kind].with(then);
  }
  return { ...tables, ...(rewound as Partial<EntryTables>) };
}
