/**
 * What the list changes of what its source has said so far. `change` gets a row for each statement to be made, `taken_back` one for each
 * to be taken back, `slow` the prices whose open row cannot be told from the list alone.
 *
 * Almost every price is fast: named once, on a date not before the source's latest one, so that the open row alone decides. The
 * others (several dates, or a date before one already stated) are compared with all that the source said of them.
 */
import { escapeLiteral as literal } from 'pg';
import { isRemembered } from './memory.ts';
import { isInRegions, type SyncScope } from './row-rules.ts';
import { countOf, rowsOf, type SyncRun } from './run.ts';

/** Columns that a change takes from its row beside the price; empty where the price ends because the list leaves it out. */
const TOLD = [
  'offer_id',
  'category',
  'term_months',
  'payment',
  'tier_from',
  'unit',
  'observed_at',
  'flags',
  'citation',
  'elsewhere',
  'hourly',
];
const told = (from: string): string => TOLD.map((name) => `${from}.${name}`).join(', ');

export const compareRows = async (run: SyncRun): Promise<void> => {
  const { client } = run;
  await client.query(
    `create temp table slow (price_key integer, price_id text, currency text, is_named boolean);
     create temp table taken_back (price_key integer, currency text, valid_from timestamptz, amount numeric, upfront numeric);
     create temp table left_out (price_key integer, currency text, valid_from timestamptz, withdrawn boolean, amount numeric,
       upfront numeric, provenance_key integer)`,
  );
  if (run.inOrder) return takeAll(run);
  await client.query(
    `create temp table change (change_id bigint generated always as identity, row_number bigint, price_key integer, price_id text, currency text not null, valid_from timestamptz not null,
       kind text not null, withdrawn boolean not null, amount numeric, upfront numeric not null, old_amount numeric, old_upfront numeric,
       provenance_key integer, is_fast boolean not null, offer_id text, category text, term_months integer, payment text, tier_from numeric,
       unit text, observed_at timestamptz, flags text, citation bigint, elsewhere bigint, hourly numeric, rules text[] not null default '{}', detail text)`,
  );
  await compareFast(run, await findSlow(run));
  if (run.mode === 'full' && run.sourceKey !== null) await findLeftOut(run);
  if ((await countOf(client, 'select count(*) from slow')) > 0) await compareSlow(run);
};

/** Every row is a change: a view of the rows, which are not written down again. */
const takeAll = async (run: SyncRun): Promise<void> => {
  await run.client.query(
    `create temp view change as
     select c.row_number as change_id, c.row_number, c.place, c.price_key, c.price_id, c.currency, coalesce(c.valid_from, ${at(run)}) as valid_from,
       ${kindOf('c.withdrawn', 'false', 'false')} as kind, c.withdrawn, c.amount, case when c.withdrawn then 0 else c.upfront end as upfront,
       null::numeric as old_amount, null::numeric as old_upfront, null::integer as provenance_key, true as is_fast, ${told('c')},
       ${isRemembered(run) ? 'c.first_print, c.second_print,' : ''} c.rules, c.detail
     from checked c`,
  );
};

const at = ({ effectiveAt }: SyncRun): string => `${literal(effectiveAt)}::timestamptz`;

const kindOf = (withdrawn: string, hasOld: string, oldWithdrawn: string): string =>
  `case when ${withdrawn} then 'closed' when ${hasOld} and not ${oldWithdrawn} then 'changed' else 'inserted' end`;

/** @returns how many there are. */
const findSlow = (run: SyncRun): Promise<number> =>
  rowsOf(
    run.client,
    `insert into slow select price_key, price_id, currency, true from multiple ${
      run.hasSpoken
        ? `union select price_key, price_id, currency, true from checked
           where not rejected and old_valid_from > coalesce(valid_from, ${at(run)})`
        : ''
    }`,
  );

const compareFast = async (run: SyncRun, slow: number): Promise<void> => {
  const isFast = `not exists (select from slow k where k.price_key = c.price_key and k.currency = c.currency)
       and not exists (select from slow k where k.price_id = c.price_id and k.currency = c.currency)`;
  await run.client.query(
    `insert into change (row_number, price_key, price_id, currency, valid_from, kind, withdrawn, amount, upfront, old_amount, old_upfront, provenance_key, is_fast, ${TOLD.join(', ')})
     select c.row_number, c.price_key, c.price_id, c.currency, coalesce(c.valid_from, ${at(run)}),
       ${kindOf('c.withdrawn', 'c.old_valid_from is not null', 'c.old_withdrawn')},
       c.withdrawn, c.amount, case when c.withdrawn then 0 else c.upfront end, c.old_amount, c.old_upfront, null, true, ${told('c')}
     from checked c
     where not c.rejected
       and (c.withdrawn is distinct from c.old_withdrawn
         or (not c.withdrawn and (c.amount, c.upfront) is distinct from (c.old_amount, c.old_upfront)))
       ${slow > 0 ? `and ${isFast}` : ''}`,
  );
};

/** SQL that holds for prices in the scope of a sync; `i` is the identity. */
export const inScope = ({ providers, regions, categories }: SyncScope): string => {
  const among = (values: readonly string[]): string => values.map(literal).join(', ');
  const conditions = ['true'];
  if (providers.length > 0) conditions.push(`split_part(i.offer_id, '/', 1) in (${among(providers)})`);
  if (categories.length > 0) conditions.push(`i.category in (${among(categories)})`);
  if (regions.length > 0) conditions.push(isInRegions('i.offer_id', regions));
  return conditions.join(' and ');
};

/** What a row names, also a bad one, is not left out: nothing ends because of a mistake in a row. */
const findLeftOut = async (run: SyncRun): Promise<void> => {
  const { client, sourceKey } = run;
  await client.query('set enable_nestloop = off');
  const openRows =
    run.memory === undefined
      ? `(select price_key, currency, valid_from, state = 'withdrawn' as withdrawn, amount, upfront, provenance_key
          from price_amount where is_open and source_key = ${sourceKey})`
      : 'unsaid';
  await client.query(
    `insert into left_out
     select o.price_key, o.currency, o.valid_from, o.withdrawn, o.amount, o.upfront, o.provenance_key
     from ${openRows} o
     where not exists (select from checked c where c.price_key = o.price_key and c.currency = o.currency)
       and not exists (select from checked c where c.price_key = o.price_key and c.rejected)`,
  );
  await client.query('reset enable_nestloop');
  await client.query(
    `delete from left_out l using price_identity i where i.price_key = l.price_key and not (${inScope(run.scope)})`,
  );
  await client.query(
    `insert into change (row_number, price_key, price_id, currency, valid_from, kind, withdrawn, amount, upfront, old_amount, old_upfront, provenance_key, is_fast)
     select null, price_key, null, currency, ${at(run)}, 'closed', true, null, 0, amount, upfront, provenance_key, true
     from left_out where not withdrawn and valid_from <= ${at(run)}`,
  );
  await client.query(
    `insert into slow select price_key, null, currency, false from left_out where valid_from > ${at(run)}`,
  );
};

const compareSlow = async (run: SyncRun): Promise<void> => {
  const { client, sourceKey, mode } = run;
  await client.query(
    `create temp table stated as
     select * from (
       select distinct on (a.price_key, a.currency, a.valid_from) a.price_key, a.currency, a.valid_from, a.state, a.amount, a.upfront, a.provenance_key
       from price_amount a join slow k using (price_key, currency)
       where a.source_key = ${sourceKey ?? 0}
       order by a.price_key, a.currency, a.valid_from, a.revision desc
     ) newest where state <> 'void';
     create index on stated (price_key, currency, valid_from);
     create temp table listed as
     select c.row_number, c.price_key, c.price_id, c.currency, coalesce(c.valid_from, ${at(run)}) as valid_from, c.withdrawn, c.amount, c.upfront, ${told('c')},
       min(coalesce(c.valid_from, ${at(run)})) over same as first_date
     from checked c
     where not c.rejected and exists (select from slow k where (k.price_key, k.price_id) is not distinct from (c.price_key, c.price_id)
       and k.currency = c.currency)
     window same as (partition by c.price_key, c.price_id, c.currency);
     analyze stated; analyze listed`,
  );
  await client.query(
    `insert into change (row_number, price_key, price_id, currency, valid_from, kind, withdrawn, amount, upfront, old_amount, old_upfront, provenance_key, is_fast, ${TOLD.join(', ')})
     select l.row_number, l.price_key, l.price_id, l.currency, l.valid_from,
       ${kindOf('l.withdrawn', 'e.valid_from is not null', `e.state = 'withdrawn'`)},
       l.withdrawn, l.amount, case when l.withdrawn then 0 else l.upfront end, e.amount, e.upfront, null, false, ${told('l')}
     from listed l
     left join lateral (
       select s.* from stated s where s.price_key = l.price_key and s.currency = l.currency and s.valid_from <= l.valid_from
       order by s.valid_from desc limit 1) e on true
     where e.valid_from is null
       -- A later one of several dates must be stated by itself: what stands before it may be about to change.
       or (l.valid_from > l.first_date and e.valid_from <> l.valid_from)
       or l.withdrawn <> (e.state = 'withdrawn')
       or (not l.withdrawn and (l.amount, l.upfront) is distinct from (e.amount, e.upfront))`,
  );
  if (mode === 'delta') return;
  // A full list is all that the source knows from the first date it names on.
  await client.query(
    `insert into taken_back
     select s.price_key, s.currency, s.valid_from, s.amount, s.upfront
     from stated s
     join (select distinct price_key, currency, first_date from listed where price_key is not null
       union all select price_key, currency, ${at(run)} from slow where not is_named) f using (price_key, currency)
     where s.valid_from > f.first_date
       and not exists (select from listed l where l.price_key = s.price_key and l.currency = s.currency and l.valid_from = s.valid_from)
       and not exists (select from checked c where c.rejected and c.price_key = s.price_key)`,
  );
  await client.query(
    `insert into change (row_number, price_key, price_id, currency, valid_from, kind, withdrawn, amount, upfront, old_amount, old_upfront, provenance_key, is_fast)
     select null, k.price_key, null, k.currency, ${at(run)}, 'closed', true, null, 0, e.amount, e.upfront, e.provenance_key, false
     from slow k cross join lateral (
       select s.* from stated s where s.price_key = k.price_key and s.currency = k.currency and s.valid_from <= ${at(run)}
       order by s.valid_from desc limit 1) e
     where not k.is_named and e.state = 'in_force'`,
  );
};

/** Drops what would be taken back of prices whose new statements wait in quarantine. */
export const keepWhatWaits = ({ client }: SyncRun): Promise<number> =>
  rowsOf(
    client,
    `delete from taken_back t using change c
     where c.price_key = t.price_key and c.currency = t.currency and cardinality(c.rules) > 0`,
  );
