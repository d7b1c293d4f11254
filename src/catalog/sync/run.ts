/** What the steps of one sync share. */
import type pg from 'pg';
import type { CatalogView } from '../snapshot.ts';
import type { SyncScope } from './row-rules.ts';

export type SyncMode = 'full' | 'delta';

export interface SyncRun {
  readonly client: pg.ClientBase;
  /** The staged rows to be looked at, and how many: the list, or what memory.ts did not set aside. */
  readonly stage: string;
  readonly rowCount: number;
  /** Up to this many rows each is looked up by index. */
  readonly lookedUpRows: number;
  /** How many of these rows give no amount. */
  readonly unpriced: number;
  /** How many of these rows are on prices that some source has. */
  readonly known: number;
  /** The source says something for the first time, each row is sound and on a price of its own, and `checked` has them in the order of their ids. */
  readonly inOrder: boolean;
  /** Where rows were set aside: how many of them, how many are remembered of the source, and the whole list. */
  readonly memory?: { readonly repeated: number; readonly remembered: number; readonly list: SyncRun };
  /** Null in a dry run of a source that does not exist yet: it has said nothing. */
  readonly sourceKey: number | null;
  readonly sourceId: string;
  /** Whether the source has said anything before. */
  readonly hasSpoken: boolean;
  /** The newest revision, of whatever source, when the work began. */
  readonly seenRevision: number;
  /** The list is the private one of a price book. */
  readonly isPrivate: boolean;
  readonly mode: SyncMode;
  readonly scope: SyncScope;
  /** ISO time from which undated rows hold. */
  readonly effectiveAt: string;
  /** For names that the catalog knows, and the nearest ones to those it does not. */
  readonly view: CatalogView;
}

/**
 * Each row of a short list is looked up by index; for a long one whole tables are joined. The planner cannot choose, because it knows
 * nothing of tables just filled; LOOK_UP keeps a subquery one look-up for each row.
 */
export const isShort = ({ rowCount, lookedUpRows }: Pick<SyncRun, 'rowCount' | 'lookedUpRows'>): boolean =>
  rowCount <= lookedUpRows;
export const LOOK_UP = 'offset 0';

/** A long list of a source that said nothing before: most of its prices are new. */
export const isFirst = (run: Pick<SyncRun, 'rowCount' | 'lookedUpRows' | 'hasSpoken'>): boolean =>
  !run.hasSpoken && !isShort(run);

/** How many rows a statement touched. */
export const rowsOf = async (client: pg.ClientBase, text: string, values: readonly unknown[] = []): Promise<number> =>
  (await client.query(text, [...values])).rowCount ?? 0;

export const countOf = async (
  client: pg.ClientBase,
  text: string,
  values: readonly unknown[] = [],
): Promise<number> => {
  const { rows } = await client.query<{ count: string }>(text, [...values]);
  return Number(rows[0]?.count ?? 0);
};
