/** One staged list becomes one revision, or none, or the report of what it would become. */
import type pg from 'pg';
import { isPriceBookSource } from '../price-books/source.ts';
import { inNewRevision, REVISION_CHANNEL } from '../queries/revisions.ts';
import type { ComingRows } from '../queries/snapshot-parts.ts';
import type { CatalogView } from '../snapshot.ts';
import { checkRows } from './check.ts';
import { noteClasses } from './classes.ts';
import { comingRows } from './coming-rows.ts';
import { compareRows, keepWhatWaits } from './compare.ts';
import { confirmPrices } from './confirm.ts';
import { interrupted, SyncFailure } from './failure.ts';
import { judgeChanges } from './gates.ts';
import { mergeChanges } from './merge.ts';
import { notesOf } from './notes.ts';
import { finishOperation } from './operations.ts';
import { quarantineMarked, tellRefusals } from './quarantine.ts';

import type { SyncCounts, SyncRecord } from './records.ts';
import { countOf, rowsOf, type SyncRun } from './run.ts';
import { checkTag, scopeTag } from './scope-tag.ts';
import { type Session, SOURCE_LOCK } from './session.ts';
import { keptTable, stagingTable } from './staging.ts';

/** Sentences kept of one list; a list with more mistakes than this is wrong as a whole, and its notes say that some are left out. */
const MOST_REJECTIONS = 100_000;

/** New price lists rank between operators (100) and the seed (10000), the earliest first. */
const FIRST_PRECEDENCE = 1000;
const LAST_PRECEDENCE = 8999;

/** Waits for the source to be free; the sender of a short list should not wait longer than it takes to send again. */
const BUSY_AFTER = '60s';

interface Source {
  readonly source_key: number;
  readonly kind: string;
}

interface WorkOptions {
  readonly tell: (step: string, progress: number) => Promise<void>;
  /** What a first list will have stated once its revision is there. */
  readonly onComing: (rows: ComingRows) => void;
  /** Up to this many rows each is looked up by index. */
  readonly lookedUpRows: number;
}

interface WorkedOff {
  readonly run: SyncRun;
  /** The last one of the source, this sync's included. */
  readonly revision: number;
}

/**
 * Works off `record`, whose list is staged. Holds the lock of the source from the comparison to the commit; what was read for the comparison
 * can be changed by nobody else meanwhile, because all who write for a price list take that lock.
 * @throws SyncFailure
 */
export const workOff = async (
  { client, db, lockSource }: Session,
  record: SyncRecord,
  view: CatalogView,
  { tell, onComing, lookedUpRows }: WorkOptions,
): Promise<WorkedOff> => {
  await tell('waiting', 0.3);
  await lockSource(record.sourceId, BUSY_AFTER);
  const source = await sourceOf(client, record);
  const before = source === undefined ? 0 : await lastRevision(client, source.source_key);
  await checkTag(client, record, { key: source?.source_key ?? 0, revision: before });
  const list: SyncRun = {
    client,
    stage: stagingTable(record.id),
    rowCount: record.rowCount ?? 0,
    lookedUpRows,
    unpriced: 0,
    known: 0,
    inOrder: false,
    sourceKey: source?.source_key ?? null,
    sourceId: record.sourceId,
    hasSpoken: before > 0,
    seenRevision: await countOf(client, 'select coalesce(max(revision), 0) as count from catalog_revision'),
    isPrivate: isPriceBookSource(record.sourceId),
    mode: record.mode,
    scope: record.scope,
    effectiveAt: record.effectiveAt.toISOString(),
    view,
  };
  await tell('checking', 0.35);
  const run = await checkRows(list);
  await tell('comparing', 0.6);
  await compareRows(run);
  await tell('judging', 0.7);
  const incomparable = await judgeChanges(run);
  await keepWhatWaits(run);
  await tell('writing', 0.8);
  const tally = await countAll(run);
  const { counts } = tally;
  const sentences = await countOf(client, 'select count(*) from rejection');
  const notes = await notesOf(run, db, record, { incomparable, untold: Math.max(0, sentences - MOST_REJECTIONS) });

  const conclude = async (revision: number | null): Promise<void> => {
    await keepRejections(client, record.id);
    if (counts.quarantined > 0) await tellRefusals(run);
    if (record.dryRun || counts.quarantined > 0) await keepDifferences(client, record);
    if (!record.dryRun) await quarantineMarked(run, counts.quarantined, record);
    await client.query(
      'update price_sync set counts = $2, notes = $3, revision = $4, etag = $5 where price_sync_id = $1',
      [
        record.id,
        JSON.stringify(counts),
        JSON.stringify(notes),
        revision,
        scopeTag(record.sourceId, revision ?? before),
      ],
    );
    // Ended by somebody who took its owner for gone, and told its sender that nothing was changed.
    if (!(await finishOperation(client, record.id, 'succeeded'))) throw interrupted();
    if (record.dryRun) return;
    await noteClasses(run, tally);
    await client.query(
      `insert into audit_event (actor, action, subject, revision, body_sha256, request_id, tenant)
       values ($1, 'price_sync', $2, $3, $4, $5, $6)`,
      [record.actor, `source/${record.sourceId}`, revision, record.bodySha256, record.requestId, record.tenant],
    );
    await confirmPrices(run, revision ?? before, counts);
    // A list that changes nothing makes no revision, but other instances have to hear of its confirmations.
    if (revision === null) await client.query('select pg_notify($1, $2)', [REVISION_CHANNEL, String(before)]);
  };

  let revision: number | undefined;
  if (!record.dryRun) {
    const change = {
      sourceId: record.sourceId,
      actor: record.actor,
      reason: `${run.isPrivate ? 'Private price list' : 'Price list'}, ${record.mode}`,
      contentSha256: record.bodySha256 ?? Buffer.alloc(32),
    };
    revision = await inNewRevision(db, change, async (open) => {
      const added = await mergeChanges(run, open, (lastKey) => {
        if (!run.isPrivate) onComing(comingRows(run, open, tally.addedOffers, lastKey));
      });
      // The answer is written with the change, so that whoever asks after a crash finds both or neither.
      if (added > 0) await conclude(open.revision);
      return added;
    });
  }
  if (revision === undefined) {
    await client.query('begin');
    await conclude(null);
    await client.query('commit');
  }
  return { run, revision: revision ?? before };
};

/**
 * The source, made where there is none; a dry run makes none, and that of a price book came with the book. Also notes that it was
 * tried.
 */
const sourceOf = async (client: pg.ClientBase, { sourceId, dryRun }: SyncRecord): Promise<Source | undefined> => {
  const isPrivate = isPriceBookSource(sourceId);
  if (!dryRun && !isPrivate) {
    // Two new sources at once may want the same place.
    await client.query('select pg_advisory_lock($1, 0)', [SOURCE_LOCK]);
    await client.query(
      `insert into catalog_source (id, kind, precedence)
       select $1, 'price_list', coalesce(max(precedence) + 10, ${FIRST_PRECEDENCE})
       from catalog_source where precedence between ${FIRST_PRECEDENCE} and ${LAST_PRECEDENCE}
       on conflict (id) do nothing`,
      [sourceId],
    );
    await client.query('select pg_advisory_unlock($1, 0)', [SOURCE_LOCK]);
  }
  if (!dryRun) {
    await client.query('update catalog_source set last_attempt_at = clock_timestamp() where id = $1', [sourceId]);
  }
  const { rows } = await client.query<Source>('select source_key, kind from catalog_source where id = $1', [sourceId]);
  const [source] = rows;
  const kinds = isPrivate ? ['price_book'] : ['price_list', 'feed'];
  if (source !== undefined && !kinds.includes(source.kind)) {
    throw new SyncFailure(
      'source_not_syncable',
      `'${sourceId}' is not a price list; give the list a source of its own.`,
    );
  }
  return source;
};

const lastRevision = async (client: pg.ClientBase, sourceKey: number): Promise<number> => {
  const { rows } = await client.query<{ last: number | null }>(
    'select max(revision) as last from catalog_revision where source_key = $1',
    [sourceKey],
  );
  return rows[0]?.last ?? 0;
};

interface Tally {
  readonly counts: SyncCounts;
  /** SQL for the offers that come with it. */
  readonly addedOffers: string;
  /** Categories in which a row of the list changes a price. */
  readonly changedClasses: readonly string[];
  /** Whether prices end because the list leaves them out; the categories of these are not in `changedClasses`. */
  readonly closings: boolean;
}

/**
 * SQL for the new offers of which a price is taken; where every row is sound and passes, that is all of them. Of a first list anybody can
 * ask it.
 */
const addedOffers = (run: SyncRun, areAllTaken: boolean): string => {
  const changes = run.inOrder ? keptTable(run, 'checked') : 'change';
  return `select n.offer_id, n.body from ${keptTable(run, 'new_offer')} n ${
    areAllTaken
      ? ''
      : `where n.offer_id in (select c.offer_id from ${changes} c where cardinality(c.rules) = 0 and c.price_key is null)`
  }`;
};

/** Leaves in the table `tally` what there is of changes, with the first row and the earliest date of observation of each kind. */
const countAll = async (run: SyncRun): Promise<Tally> => {
  const { client, memory } = run;
  const list = memory?.list ?? run;
  await client.query(
    `create temp table tally as
     select kind, cardinality(rules) > 0 as waits, category, citation, count(row_number) as named, count(*) as count, min(row_number) as row_number,
       min(observed_at) as observed_at
     from change group by 1, 2, 3, 4`,
  );
  const { rows: changes } = await client.query<{
    kind: string;
    waits: boolean;
    category: string | null;
    named: string;
    count: string;
  }>('select kind, waits, category, sum(named) as named, sum(count) as count from tally group by 1, 2, 3');
  const rejected = await countOf(client, 'select count(distinct row_number) from rejection');
  const sum = (numbers: readonly string[]): number => numbers.reduce((total, one) => total + Number(one), 0);
  const passing = changes.filter(({ waits }) => !waits);
  const passed = (kind: string): number => sum(passing.filter((row) => row.kind === kind).map(({ count }) => count));
  const quarantined = sum(changes.filter(({ waits }) => waits).map(({ count }) => count));
  const added = addedOffers(run, rejected + quarantined + run.unpriced === 0);
  await client.query(`create temp view added_offer as ${added}`);
  const counts: SyncCounts = {
    rows: list.rowCount,
    inserted: passed('inserted'),
    changed: passed('changed'),
    closed: passed('closed'),
    // Rows that the list leaves as they are, those set aside among them.
    unchanged: list.rowCount - rejected - sum(changes.map(({ named }) => named)),
    rejected,
    quarantined,
    takenBack: await countOf(client, 'select count(*) from taken_back'),
    offersAdded: await countOf(client, 'select count(*) from added_offer'),
  };
  return {
    counts,
    addedOffers: added,
    changedClasses: [...new Set(passing.flatMap(({ category }) => category ?? []))],
    closings: passing.some(({ category }) => category === null),
  };
};

const keepRejections = (client: pg.ClientBase, id: string): Promise<number> =>
  rowsOf(
    client,
    `insert into price_sync_rejection (price_sync_id, row_number, ordinal, field, rule, detail)
     select $1, r.row_number, row_number() over (partition by r.row_number order by r.ordinal), field, rule, detail from rejection r
     order by r.row_number, r.ordinal limit ${MOST_REJECTIONS}`,
    [id],
  );

/** Keeps the changes that wait and, for a dry run, those that it would make; the changes of a real run are read from its revision. */
const keepDifferences = (client: pg.ClientBase, { id, dryRun }: SyncRecord): Promise<number> =>
  rowsOf(
    client,
    `insert into price_sync_difference (price_sync_id, ordinal, change, price_id, currency, valid_from, old_amount, old_upfront, amount, upfront,
       row_number, rules, detail)
     select $1, row_number() over (order by d.row_number nulls last, price_id, d.valid_from), d.kind, price_id, d.currency, d.valid_from,
       d.old_amount, d.old_upfront, d.amount, case when d.withdrawn then null else d.upfront end, d.row_number, d.rules, d.detail
     from (
       select c.row_number, c.kind, coalesce(c.price_id, i.id) as price_id, c.currency, c.valid_from, c.old_amount, c.old_upfront, c.amount,
         c.upfront, c.withdrawn, c.rules, c.detail
       from change c left join price_identity i on i.price_key = c.price_key where $2 or cardinality(c.rules) > 0
       union all
       select null, 'taken_back', i.id, t.currency, t.valid_from, t.amount, t.upfront, null, null, true, '{}', null
       from taken_back t join price_identity i using (price_key) where $2
     ) d`,
    [id, dryRun],
  );
