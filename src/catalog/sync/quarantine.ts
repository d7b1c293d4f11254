/** Rows that wait for a person. Approved, a row becomes a statement of its source, in a revision of its own; refused, it is remembered. */
import { sql } from 'kysely';
import type pg from 'pg';
import { type Author, contentSha256 } from '../../access/audit.ts';
import type { PriceIdentity } from '../../domain/catalog/offers.ts';
import type { Provenance } from '../../domain/catalog/provenance.ts';
import { addEntryVersions } from '../queries/entry-versions.ts';
import { addAmountVersions, addPriceIdentities } from '../queries/price-versions.ts';
import { inNewRevision, type OpenRevision } from '../queries/revisions.ts';
import { inScope } from './compare.ts';
import { READ_ROW } from './row-rules.ts';
import { countOf, rowsOf, type SyncRun } from './run.ts';
import { openSession, type Session } from './session.ts';

type QuarantineState = 'waiting' | 'approved' | 'refused' | 'superseded';

interface QuarantinedRow {
  readonly identity: PriceIdentity;
  readonly provenance: Provenance;
  readonly observedAt: string;
  readonly flags: readonly string[];
  /** Of an offer that the row adds. */
  readonly offer: Readonly<Record<string, unknown>> | null;
}

export interface QuarantineItem {
  readonly id: string;
  readonly priceSyncId: string | null;
  readonly sourceId: string;
  readonly rowNumber: number | null;
  readonly priceId: string;
  readonly currency: string;
  readonly validFrom: Date;
  readonly row: QuarantinedRow;
  readonly oldAmount: string | null;
  readonly amount: string | null;
  readonly upfront: string;
  readonly amountState: 'in_force' | 'withdrawn';
  readonly rules: readonly string[];
  readonly detail: string;
  readonly state: QuarantineState;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decisionReason: string | null;
  readonly revision: number | null;
  readonly createdAt: Date;
}

const COLUMNS = `quarantine_id::text as id, price_sync_id as "priceSyncId", source_id as "sourceId", row_number::float8 as "rowNumber",
  price_id as "priceId", currency, valid_from as "validFrom", row, old_amount as "oldAmount", amount, upfront, amount_state as "amountState",
  rules, detail, state, decided_by as "decidedBy", decided_at as "decidedAt", decision_reason as "decisionReason", revision,
  created_at as "createdAt"`;

/** Tells of what is marked when and why the same was refused before, since it does not wait again. */
export const tellRefusals = async ({ client, sourceId }: SyncRun): Promise<void> => {
  await client.query(
    `update change c set detail = concat_ws(' ', c.detail, r.told)
     from (select distinct on (c.change_id) c.change_id,
         'It was refused on ' || to_char(q.decided_at, 'YYYY-MM-DD') || ' by ' || q.decided_by || ': ' || q.decision_reason as told
       from price_quarantine q
       left join price_identity i on i.id = q.price_id
       join change c on (c.price_id = q.price_id or c.price_key = i.price_key) and c.currency = q.currency
       where q.source_id = $1 and q.state = 'refused' and cardinality(c.rules) > 0
         and q.amount_state = case when c.withdrawn then 'withdrawn' else 'in_force' end
         and (q.amount, q.upfront) is not distinct from (c.amount, c.upfront)
       order by c.change_id, q.decided_at desc) r
     where r.change_id = c.change_id`,
    [sourceId],
  );
};

/** Whether what the list does not name is no longer said: not where it is a part, has rows that may have meant it, or looks broken. */
const saysAll = async ({ client, mode, memory }: SyncRun): Promise<boolean> => {
  if (mode === 'delta') return false;
  const { rows } = await client.query<{ says_all: boolean }>(
    `select not exists (select from rejection) and not exists (select from change where row_number is null and cardinality(rules) > 0)
       and ($1 or exists (select from checked where not rejected)) as says_all`,
    [(memory?.repeated ?? 0) > 0],
  );
  return rows[0]?.says_all === true;
};

/** A full list that no longer has a price takes back what it said of it, also what nobody has decided on. */
const supersedeLeftOut = async ({ client, sourceId, scope }: SyncRun): Promise<void> => {
  await client.query(
    `update price_quarantine set state = 'superseded' where quarantine_id in (
       select q.quarantine_id
       from price_quarantine q cross join lateral (
         select q.row #>> '{identity,offerId}' as offer_id, q.row #>> '{identity,category}' as category) i
       where q.source_id = $1 and q.state = 'waiting' and q.amount_state = 'in_force' and ${inScope(scope)}
         and not exists (select from checked k left join price_identity p on p.price_key = k.price_key
           where coalesce(k.price_id, p.id) = q.price_id and k.currency = q.currency))`,
    [sourceId],
  );
};

/**
 * Puts what was marked into quarantine. What waits or was refused with the same amount is not put there twice; what waits although
 * the source now says otherwise, or in a full list nothing any more, is superseded.
 */
export const quarantineMarked = async (
  run: SyncRun,
  marked: number,
  sync: { readonly id: string; readonly tenant: string },
): Promise<void> => {
  const { client, stage, sourceId, effectiveAt } = run;
  const waiting = await countOf(
    client,
    `select count(*) from price_quarantine where source_id = $1 and state = 'waiting'`,
    [sourceId],
  );
  if (marked + waiting === 0) return;
  await client.query(
    `create temp table waiting_row as
     select coalesce(c.price_id, i.id) as price_id, c.currency, c.valid_from, c.row_number, c.old_amount, c.amount, c.upfront,
       case when c.withdrawn then 'withdrawn' else 'in_force' end as amount_state, c.rules, c.detail,
       jsonb_build_object(
         'identity', jsonb_build_object('id', coalesce(c.price_id, i.id), 'offerId', coalesce(read_offer_id, i.offer_id),
           'category', coalesce(s.category, i.category), 'termMonths', coalesce(read_term_months, i.term_months),
           'payment', case when s.row_number is null then i.payment else read_payment end,
           'tierFrom', coalesce(read_tier_from, i.tier_from), 'unit', coalesce(s.unit, i.unit)),
         'provenance', jsonb_build_object('source', coalesce(s.source, '${sourceId}'), 'sourceDate', s.source_date,
           'confidence', coalesce(s.confidence, 'vendor'), 'licence', s.licence, 'notes', s.notes),
         'observedAt', coalesce(read_observed_at, '${effectiveAt}'), 'flags', to_jsonb(coalesce(string_to_array(s.flags, ' '), '{}')),
         'offer', n.body) as row
     from change c
     left join price_identity i on i.price_key = c.price_key
     left join ${stage} s on s.row_number = c.row_number left join lateral (select ${READ_ROW}) p on true
     left join new_offer n on n.offer_id = read_offer_id
     where cardinality(c.rules) > 0`,
  );
  const same = `q.source_id = $1 and q.price_id = w.price_id and q.currency = w.currency and q.amount_state = w.amount_state
    and (q.amount, q.upfront) is not distinct from (w.amount, w.upfront)`;
  await client.query(
    `update price_quarantine q set state = 'superseded'
     where q.source_id = $1 and q.state = 'waiting'
       and exists (select from checked k left join price_identity i on i.price_key = k.price_key
         where not k.rejected and coalesce(k.price_id, i.id) = q.price_id and k.currency = q.currency)
       and not exists (select from waiting_row w where ${same})`,
    [sourceId],
  );
  if (await saysAll(run)) await supersedeLeftOut(run);
  await rowsOf(
    client,
    `insert into price_quarantine (price_sync_id, source_id, row_number, price_id, currency, valid_from, row, old_amount, amount, upfront,
       amount_state, rules, detail, state, tenant)
     select $2, $1, w.row_number, w.price_id, w.currency, w.valid_from, w.row, w.old_amount, w.amount, w.upfront, w.amount_state, w.rules,
       w.detail, 'waiting', $3
     from waiting_row w
     where not exists (select from price_quarantine q where q.state in ('waiting', 'refused') and ${same})
     order by w.row_number nulls last, w.price_id`,
    [sourceId, sync.id, sync.tenant],
  );
};

interface QuarantineFilter {
  readonly tenant: string;
  readonly sourceId?: string | undefined;
  readonly state?: QuarantineState | undefined;
  readonly priceSyncId?: string | undefined;
  /** Items after this id. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export const listQuarantine = async (db: pg.Pool, filter: QuarantineFilter): Promise<readonly QuarantineItem[]> => {
  const { rows } = await db.query<QuarantineItem>(
    `select ${COLUMNS} from price_quarantine
     where tenant = $6 and ($1::text is null or source_id = $1) and ($2::text is null or state = $2) and ($3::uuid is null or price_sync_id = $3)
       and quarantine_id > $4
     order by quarantine_id limit $5`,
    [
      filter.sourceId ?? null,
      filter.state ?? null,
      filter.priceSyncId ?? null,
      filter.after ?? '0',
      filter.limit,
      filter.tenant,
    ],
  );
  return rows;
};

const findQuarantined = async (
  db: Pick<pg.Pool, 'query'>,
  tenant: string,
  id: string,
): Promise<QuarantineItem | undefined> =>
  (
    await db.query<QuarantineItem>(`select ${COLUMNS} from price_quarantine where tenant = $1 and quarantine_id = $2`, [
      tenant,
      id,
    ])
  ).rows[0];

export interface Decision extends Author {
  readonly decision: 'approve' | 'refuse';
  readonly reason: string;
  /** Whose the row must be. */
  readonly tenant: string;
}

/** How long a decision waits for the lock of its source: short, since a person waits and each waiting request holds a connection. */
const DECIDING_WAITS = '2s';

/** Somebody decided otherwise before, or the source has moved on. */
export class DecidedAlreadyError extends Error {
  readonly item: QuarantineItem;
  constructor(item: QuarantineItem) {
    super(`This row is ${item.state} already.`);
    this.name = 'DecidedAlreadyError';
    this.item = item;
  }
}

/**
 * Decides on one row; the same decision again changes nothing.
 * @returns undefined when there is no such row.
 * @throws DecidedAlreadyError, and SyncFailure while a list of the source is worked off
 */
export const decide = async (pool: pg.Pool, id: string, decision: Decision): Promise<QuarantineItem | undefined> => {
  const session = await openSession(pool);
  try {
    const { client } = session;
    const found = await findQuarantined(client as never, decision.tenant, id);
    if (found === undefined) return undefined;
    // One writer per source: a sync of it may be about to supersede this row.
    await session.lockSource(found.sourceId, DECIDING_WAITS);
    const item = (await findQuarantined(client as never, decision.tenant, id)) ?? found;
    const wanted = decision.decision === 'approve' ? 'approved' : 'refused';
    if (item.state === wanted) return item;
    if (item.state !== 'waiting') throw new DecidedAlreadyError(item);
    await settleRows(session, item.sourceId, [item], decision);
    return await findQuarantined(client as never, decision.tenant, id);
  } finally {
    session.end();
  }
};

/** Selects among the rows that wait for a decision on one source; a row has to match every field that is given. */
interface WaitingSelection {
  readonly sourceId: string;
  readonly ids?: readonly string[] | undefined;
  readonly priceSyncId?: string | undefined;
  readonly rule?: string | undefined;
}

/** Rows that one call decides on; the rest are left for the next call. */
export const MOST_DECIDED = 10_000;

interface DecidedRows {
  readonly decided: number;
  /** Null where nothing changed. */
  readonly revision: number | null;
  readonly remaining: number;
}

const NONE_DECIDED: DecidedRows = { decided: 0, revision: null, remaining: 0 };

/**
 * Takes the same decision on all selected rows that wait, in one revision. Calling it again finds none of them waiting.
 * @throws SyncFailure while a list of the source is worked off
 */
export const decideAll = async (
  pool: pg.Pool,
  { sourceId, ids, priceSyncId, rule }: WaitingSelection,
  decision: Decision,
): Promise<DecidedRows> => {
  const session = await openSession(pool);
  try {
    const { client } = session;
    const meant = `from price_quarantine where tenant = $1 and source_id = $2 and state = 'waiting' and ($3::bigint[] is null or quarantine_id = any ($3))
       and ($4::uuid is null or price_sync_id = $4) and ($5::text is null or $5 = any (rules))`;
    const values = [decision.tenant, sourceId, ids ?? null, priceSyncId ?? null, rule ?? null];
    // Whose rows do not wait here neither holds up the source nor hears that somebody writes it: it may be another tenant's.
    if ((await countOf(client, `select count(*) ${meant}`, values)) === 0) return NONE_DECIDED;
    await session.lockSource(sourceId, DECIDING_WAITS);
    const { rows } = await client.query<QuarantineItem>(
      `select ${COLUMNS} ${meant} order by quarantine_id limit ${MOST_DECIDED}`,
      values,
    );
    const revision = rows.length === 0 ? null : await settleRows(session, sourceId, rows, decision);
    return { decided: rows.length, revision, remaining: await countOf(client, `select count(*) ${meant}`, values) };
  } finally {
    session.end();
  }
};

/** @returns the revision; null where the decision changes no price. */
const settleRows = async (
  { client, db }: Session,
  sourceId: string,
  items: readonly QuarantineItem[],
  { decision, reason, tenant, ...author }: Decision,
): Promise<number | null> => {
  const { actor, requestId, bodySha256 } = author;
  const state = decision === 'approve' ? 'approved' : 'refused';
  const settle = async (revision: number | null): Promise<void> => {
    await client.query(
      `update price_quarantine set state = $2, decided_by = $3, decided_at = clock_timestamp(), decision_reason = $4, revision = $5
       where quarantine_id = any ($1::bigint[])`,
      [items.map(({ id }) => id), state, actor, reason, revision],
    );
    await client.query(
      `insert into audit_event (actor, action, subject, revision, body_sha256, request_id, tenant)
       select $1, $2, 'price/' || price_id, $3, $4, $5, $6 from unnest($7::text[]) with ordinality as i (price_id, place) order by place`,
      [actor, `quarantine_${state}`, revision, bodySha256, requestId, tenant, items.map(({ priceId }) => priceId)],
    );
  };
  if (decision === 'approve') {
    const done = `Approved from quarantine: ${reason}`;
    const change = { sourceId, actor, reason: done, contentSha256: contentSha256(author, done) };
    const revision = await inNewRevision(db, change, async (open) => {
      const added = await addApproved(open, items);
      if (added > 0) await settle(open.revision);
      return added;
    });
    if (revision !== undefined) return revision;
  }
  await client.query('begin');
  await settle(null);
  await client.query('commit');
  return null;
};

/** One revision can hold one statement of a price and start date: of two rows that wait for the same, the later one is taken. */
const lastSaid = (items: readonly QuarantineItem[]): readonly QuarantineItem[] => [
  ...new Map(items.map((item) => [`${item.priceId}|${item.currency}|${item.validFrom.toISOString()}`, item])).values(),
];

const addApproved = async (open: OpenRevision, items: readonly QuarantineItem[]): Promise<number> => {
  const offers = new Map(
    items.flatMap(({ row }) => (row.offer === null ? [] : [[row.identity.offerId, row.offer] as const])),
  );
  const known = await open.transaction
    .selectFrom('catalog_entry')
    .select('id')
    .where('kind', '=', 'offer')
    .where(sql<boolean>`id = any(${[...offers.keys()]}::text[])`)
    .where('state', '=', 'stated')
    .execute();
  for (const { id } of known) offers.delete(id);
  const entries = [...offers].map(([id, body]) => ({ kind: 'offer' as const, id, state: 'stated' as const, body }));
  const added = entries.length === 0 ? 0 : await addEntryVersions(open, entries);
  await addPriceIdentities(open, [...new Map(items.map(({ row }) => [row.identity.id, row.identity])).values()]);
  const amounts = lastSaid(items).map(({ row, amount, upfront, amountState, currency, validFrom }) => ({
    validFrom: validFrom.toISOString(),
    state: amountState,
    amount: {
      ...row.provenance,
      priceId: row.identity.id,
      amount,
      upfront,
      currency,
      observedAt: row.observedAt,
      flags: row.flags,
    },
  }));
  return added + (await addAmountVersions(open, amounts));
};
