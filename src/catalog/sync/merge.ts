/** Writes the changes that passed, as versions of one revision. Everything here runs in the transaction of that revision. */
import type pg from 'pg';
import type { OpenRevision } from '../queries/revisions.ts';
import { withKeysLast } from './keys-last.ts';
import { isRemembered } from './memory.ts';
import { isShort, LOOK_UP, rowsOf, type SyncRun } from './run.ts';

const PASSED = 'cardinality(c.rules) = 0';

/**
 * @param onAllNew called before the prices of a first list are added, where no source had any of them before, with the key after which theirs come.
 * @returns how many versions were added.
 */
export const mergeChanges = async (
  run: SyncRun,
  open: OpenRevision,
  onAllNew: (lastKey: number) => void,
): Promise<number> => {
  const { client } = run;
  await client.query(`set local work_mem = '256MB'; set local enable_nestloop = ${isShort(run) ? 'on' : 'off'}`);
  const write = async (): Promise<number> => {
    const known = run.known + (await findBrought(run, open));
    const keys = await keysOfPrices(client);
    if (run.inOrder && known === 0) onAllNew(keys.last);
    const offers = await addOffers(run, open);
    await addIdentities(run, open, keys);
    await addProvenance(run);
    const amounts = await addAmounts(run, open, known);
    const voided = await takeBack(run, open);
    await reopenSlow(run, open);
    return offers + amounts + voided;
  };
  return run.inOrder ? withKeysLast(client, run.rowCount, write) : write();
};

/** In the order of their ids, as everything here: an index that grows in its own order grows many times faster. */
const addOffers = ({ client }: SyncRun, { revision, sourceKey }: OpenRevision): Promise<number> =>
  rowsOf(
    client,
    `insert into catalog_entry (kind, id, source_key, revision, state, body)
     select 'offer', offer_id, ${sourceKey}, ${revision}, 'stated', body from added_offer order by offer_id`,
  );

/** @returns how many rows are on prices that another source brought meanwhile. */
const findBrought = async ({ client, seenRevision }: SyncRun, { revision }: OpenRevision): Promise<number> =>
  revision > seenRevision + 1
    ? rowsOf(
        client,
        `update change c set price_key = i.price_key from price_identity i
         where c.price_key is null and i.id = c.price_id and i.revision > ${seenRevision}`,
      )
    : 0;

interface KeysOfPrices {
  readonly sequence: string;
  readonly last: number;
}

/** Nobody else adds prices now: all who do hold the lock of the revision. */
const keysOfPrices = async (client: pg.ClientBase): Promise<KeysOfPrices> => {
  const { rows } = await client.query<{ sequence: string; last: number }>(
    `select pg_get_serial_sequence('price_identity', 'price_key') as sequence, coalesce(max(price_key), 0) as last from price_identity`,
  );
  const [keys] = rows;
  if (keys === undefined) throw new Error('An aggregate has a row.');
  return keys;
};

/**
 * Makes `new_price` of the rows on prices that no source had before, in the order of their ids. Their keys are assigned here, so that
 * later steps need not look them up; `is_first` marks one row of those that name the same price.
 */
const addIdentities = async (
  run: SyncRun,
  { revision }: OpenRevision,
  { sequence, last }: KeysOfPrices,
): Promise<void> => {
  const { client, inOrder, rowCount } = run;
  const told = `c.row_number, c.price_id, c.offer_id, c.category, c.term_months, c.payment, c.tier_from, c.unit, c.currency, c.valid_from,
    c.withdrawn, c.amount, c.upfront, c.observed_at, c.flags, c.citation, c.is_fast`;
  const from = `from change c where ${PASSED} and c.price_key is null`;
  await client.query(
    inOrder
      ? // Each place counts one price; those of prices that are known or wait leave gaps.
        `create temp view new_price as select (${last} + c.place)::integer as price_key, true as is_first, ${told}, c.elsewhere, c.hourly
           ${isRemembered(run) ? ', c.first_print, c.second_print' : ''} ${from}`
      : `create temp table new_price as
         select (${last} + dense_rank() over (order by c.price_id))::integer as price_key,
           row_number() over (partition by c.price_id order by c.row_number) = 1 as is_first, ${told} ${from}`,
  );
  const added = await rowsOf(
    client,
    `insert into price_identity (price_key, id, offer_id, category, term_months, payment, tier_from, unit, revision)
     overriding system value
     select price_key, price_id, offer_id, category, term_months, payment, tier_from, unit, ${revision} from new_price where is_first`,
  );
  if (added > 0) await client.query('select setval($1, $2)', [sequence, last + (inOrder ? rowCount : added)]);
};

/** A list has few different ones, so each is looked up once; `cited` tells their keys by what the rows carry. */
const addProvenance = async ({ client, stage, sourceId }: SyncRun): Promise<void> => {
  await client.query(
    `create temp table quoted on commit drop as
     select q.citation, coalesce(s.source, '${sourceId}') as source, s.source_date, coalesce(s.confidence, 'vendor') as confidence, s.licence, s.notes
     from (select citation, min(row_number) as row_number from tally where not waits and row_number is not null group by citation) q
     join ${stage} s using (row_number)`,
  );
  await client.query(
    `insert into price_provenance (source, source_date, confidence, licence, notes)
     select distinct source, source_date, confidence, licence, notes from quoted on conflict (digest) do nothing`,
  );
  await client.query(
    `create temp table cited as select c.citation, p.provenance_key from quoted c join price_provenance p
       on p.digest = price_provenance_digest(c.source, c.source_date, c.confidence, c.licence, c.notes)`,
  );
};

const addAmounts = async (run: SyncRun, { revision, sourceKey }: OpenRevision, known: number): Promise<number> => {
  const { client, effectiveAt } = run;
  const open = `a.is_open and a.source_key = ${sourceKey} and a.price_key = c.price_key and a.currency = c.currency`;
  if (run.hasSpoken) {
    await client.query(
      isShort(run)
        ? `update price_amount set is_open = false where ctid = any (array(
             select o.ctid from change c cross join lateral (select a.ctid from price_amount a where ${open} ${LOOK_UP}) o
             where ${PASSED} and c.is_fast))`
        : `update price_amount a set is_open = false from change c where ${PASSED} and c.is_fast and ${open}`,
    );
  }
  const added = (from: string): Promise<number> =>
    rowsOf(
      client,
      `insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at, provenance_key,
         flags, is_open)
       select c.price_key, ${sourceKey}, c.currency, c.valid_from, ${revision}, case when c.withdrawn then 'withdrawn' else 'in_force' end,
         c.amount, c.upfront, coalesce(c.observed_at, '${effectiveAt}'), ${from}`,
    );
  const flags = `coalesce(string_to_array(c.flags, ' '), '{}'), c.is_fast`;
  const isAllNew = run.inOrder && known === 0;
  const ofKnown = isAllNew
    ? 0
    : await added(
        `coalesce(c.provenance_key, q.provenance_key), ${flags} from change c left join cited q using (citation)
         where ${PASSED} and c.price_key is not null order by 1`,
      );
  // They are in the order of their keys already.
  return ofKnown + (await added(`q.provenance_key, ${flags} from new_price c join cited q using (citation)`));
};

const takeBack = ({ client }: SyncRun, { revision, sourceKey }: OpenRevision): Promise<number> =>
  rowsOf(
    client,
    `insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at, provenance_key,
       flags, is_open)
     select distinct on (a.price_key, a.currency, a.valid_from) a.price_key, a.source_key, a.currency, a.valid_from, ${revision}, 'void', null, 0,
       a.observed_at, a.provenance_key, a.flags, false
     from taken_back t join price_amount a using (price_key, currency, valid_from)
     where a.source_key = ${sourceKey}
     order by a.price_key, a.currency, a.valid_from, a.revision desc`,
  );

/** Moves the mark of the open row, of the slow prices, to the latest statement that is not taken back. */
const reopenSlow = async ({ client }: SyncRun, { sourceKey }: OpenRevision): Promise<void> => {
  const slow = await rowsOf(
    client,
    `create temp table reopened on commit drop as
     select distinct coalesce(k.price_key, i.price_key) as price_key, k.currency
     from (select price_key, price_id, currency from slow union select price_key, null, currency from taken_back) k
     left join price_identity i on i.id = k.price_id`,
  );
  if (slow === 0) return;
  await client.query(`update price_amount set is_open = not is_open where ctid = any (array(
    select place from (
      select ctid as place, is_open, coalesce(speaks and valid_from = max(valid_from) filter (where speaks)
        over (partition by price_key, currency), false) as is_last
      from (
        select p.ctid, p.*, p.state <> 'void' and p.revision = max(p.revision)
          over (partition by p.price_key, p.currency, p.valid_from) as speaks
        from price_amount p join reopened using (price_key, currency) where p.source_key = ${sourceKey}) said
    ) marked
    where is_last <> is_open))`);
};
