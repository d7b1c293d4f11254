/**
 * Judges the staged rows and finds what each means: `checked` has one row for each staged one, `rejection` a sentence for each thing that
 * is wrong, `new_offer` the offers that the list adds.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { escapeLiteral as literal } from 'pg';
import { resolveSku } from '../resolve-sku.ts';
import type { CatalogView } from '../snapshot.ts';
import { elsewhereKey, hourly, isCompared } from './elsewhere.ts';
import { isRemembered, printsOf, siftedAnew, siftRows } from './memory.ts';
import { anyRuleBroken, PRICE_ID, READ_ROW, rowRules } from './row-rules.ts';
import { countOf, isFirst, isShort, LOOK_UP, rowsOf, type SyncRun } from './run.ts';
import { keepRows } from './staging.ts';

/** Finding near names costs milliseconds each. */
const MOST_SUGGESTIONS = 50;

/** @returns the run of the rows that were looked at. */
export const checkRows = async (list: SyncRun): Promise<SyncRun> => {
  let run = await siftRows(list);
  await readRows(run);
  for (let anew = await siftedAnew(run); anew !== undefined; anew = await siftedAnew(run)) {
    run = anew;
    await run.client.query('drop table checked');
    await readRows(run);
  }
  const { rows } = await run.client.query<Record<'rejected' | 'unpriced' | 'again' | 'known', string>>(
    `select count(*) filter (where rejected) as rejected, count(*) filter (where unpriced) as unpriced, count(*) filter (where is_again) as again,
       count(price_key) as known from checked`,
  );
  const [counted] = rows;
  const unpriced = Number(counted?.unpriced);
  const again = Number(counted?.again);
  await explainRejected(run, Number(counted?.rejected));
  await findOffers(run);
  if (unpriced > 0) await rejectUnpriced(run);
  await rejectDuplicates(run, again);
  const isSound = isFirst(run) && again === 0 && (await countOf(run.client, 'select count(*) from rejection')) === 0;
  return { ...run, unpriced, known: Number(counted?.known), inOrder: isSound };
};

/**
 * Cost figures at which the planner shares the work of reading a long list with a second process. Each has hash tables of its own: shared ones
 * need more shared memory than containers have.
 */
const IN_PARALLEL =
  'set max_parallel_workers_per_gather = 1; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set enable_parallel_hash = off';

/**
 * The one pass over everything: what a row says, whether it is sound, which price it means, and what that costs so far. `citation` tells apart
 * where amounts are said to come from. Rows of a first list are put in the order of their ids; `place` counts them, `is_again` marks those
 * that name the same price as the one before.
 */
const readRows = async (run: SyncRun): Promise<void> => {
  const { client, stage, sourceKey, scope } = run;
  const open = `select o.price_key, o.currency, o.valid_from, o.state = 'withdrawn' as withdrawn, o.amount, o.upfront
    from price_amount o where o.is_open and o.source_key = ${sourceKey ?? 0}`;
  const identity = isShort(run)
    ? `lateral (select price_key from price_identity i where i.id = s.price_id ${LOOK_UP}) i on true`
    : 'price_identity i on i.id = s.price_id';
  const ofPrice = 'o.price_key = i.price_key and o.currency = s.currency';
  const openOnes = run.memory === undefined ? `(${open}${run.hasSpoken ? '' : ' and false'})` : 'unsaid';
  const openRow =
    isShort(run) && run.memory === undefined
      ? `lateral (${open} and ${ofPrice} ${LOOK_UP}) o on true`
      : `${openOnes} o on ${ofPrice}`;
  const isOrdered = isFirst(run);
  // A security barrier keeps what was read from being read anew at each place that uses it, and is not in the way of parallel work.
  await client.query(
    `create temp view read_row with (security_barrier) as select s.*, ${READ_ROW} from ${stage} s;
     create temp view judged_row with (security_barrier) as
     select s.row_number, s.category, s.unit, s.currency, s.flags, s.kind is not null as describes, read_offer_id as offer_id,
       read_term_months as term_months, read_payment as payment, read_tier_from as tier_from, read_valid_from as valid_from,
       read_observed_at as observed_at, read_amount as amount, read_upfront as upfront, ${PRICE_ID} as price_id,
       read_state = 'withdrawn' as withdrawn, read_amount is null and read_state = 'in_force' as unpriced,
       hash_record_extended(row(s.source, s.source_date, s.confidence, s.licence, s.notes), 0) as citation,
       ${anyRuleBroken(scope)} as rejected${isRemembered(run) ? `, ${printsOf(scope)}` : ''}
     from read_row s`,
  );
  await client.query(
    `set work_mem = '256MB'; set enable_nestloop = ${isShort(run) ? 'on' : 'off'}${isOrdered ? `; ${IN_PARALLEL}` : ''}`,
  );
  // A row is read up to the last column that is asked for: what all steps look at stands first.
  await keepRows(
    run,
    'checked',
    `select row_number, citation, ${isRemembered(run) ? 'first_print, second_print,' : ''}
       ${isOrdered ? `row_number() over () as place, coalesce(lag(price_id) over () = price_id, false)` : 'null::bigint as place, false'} as is_again,
       rejected, describes, withdrawn, unpriced, price_key is null or unpriced as needs_offer, term_months, price_key,
       ${isOrdered ? `'{}'::text[] as rules, null::text as detail,` : ''} category, tier_from, currency, hourly, elsewhere, offer_id, case when price_key is null then price_id end as price_id, payment, unit,
       amount, upfront, valid_from, observed_at, flags, old_amount, old_upfront, old_valid_from, old_withdrawn
     from (
       select s.*, i.price_key, case when ${isCompared('s')} then ${elsewhereKey('s')} end as elsewhere,
         ${hourly('s.amount', 's.upfront', 's.term_months')} as hourly,
         o.amount as old_amount, o.upfront as old_upfront, o.valid_from as old_valid_from, o.withdrawn as old_withdrawn
       from judged_row s left join ${identity} left join ${openRow}
       ${isOrdered ? 'order by s.price_id' : ''}
     ) s`,
  );
  await client.query('reset enable_nestloop; drop view judged_row, read_row');
};

const explainRejected = async ({ client, stage, scope }: SyncRun, rejected: number): Promise<void> => {
  await client.query(
    'create temp table rejection (row_number bigint, ordinal smallint, field text, rule text, detail text)',
  );
  if (rejected === 0) return;
  const rules = rowRules(scope).map(
    ({ field, rule, broken, detail }, ordinal) =>
      `(${ordinal}, '${field}', '${rule}', coalesce(${broken}, false), ${detail})`,
  );
  await client.query(
    `insert into rejection
     select s.row_number, r.ordinal, r.field, r.rule, r.detail
     from checked c join ${stage} s using (row_number) cross join lateral (select ${READ_ROW}) p
     cross join lateral (values ${rules.join(',\n')}) r (ordinal, field, rule, broken, detail)
     where c.rejected and r.broken`,
  );
};

/** Rejects rows of `checked` for one reason more; `rows` is a query giving row_number and detail. */
const reject = async (
  { client }: SyncRun,
  field: string,
  rule: string,
  rows: string,
  values: readonly unknown[] = [],
) => {
  const added = await rowsOf(
    client,
    `insert into rejection select r.row_number, 100, '${field}', '${rule}', r.detail from (${rows}) r (row_number, detail)`,
    values,
  );
  if (added === 0) return;
  await client.query(
    `update checked c set rejected = true from rejection r where r.row_number = c.row_number and not c.rejected`,
  );
};

const believed = (field: string): string =>
  `(array_agg(body ->> '${field}' order by precedence) filter (where body ? '${field}'))[1]`;

/** What the catalog believes of offers, as far as a price list needs it: the strongest source that says anything decides. */
export const knownOffers = (ids: string): string => `
  select id, (array_agg(state order by precedence))[1] as state, ${believed('mode')} as mode, ${believed('deviceId')} as device_id,
    ${believed('deviceCount')} as device_count, ${believed('vcpus')} as vcpus, ${believed('modelId')} as model_id, ${believed('kind')} as kind
  from (
    select distinct on (e.id, e.source_key) e.id, s.precedence, e.state, e.body
    from catalog_entry e join catalog_source s using (source_key)
    where e.kind = 'offer' and e.id in (${ids})
    order by e.id, e.source_key, e.revision desc
  ) newest
  where state <> 'void' group by id`;

const findOffers = async (run: SyncRun): Promise<void> => {
  const { client, stage, view } = run;
  // A row that describes the offer speaks for all of it.
  await keepRows(
    run,
    'mentioned_offer',
    `with named_offer as materialized (
       select offer_id, coalesce(min(row_number) filter (where describes), min(row_number)) as row_number
       from checked where needs_offer and not rejected and offer_id is not null group by offer_id)
     select m.offer_id, m.row_number, k.state, k.mode, k.device_id, k.device_count, k.vcpus, k.model_id, k.kind
     from named_offer m left join (${knownOffers('select offer_id from named_offer')}) k on k.id = m.offer_id`,
  );
  const names = (items: readonly { readonly id: string }[]): readonly string[] => items.map(({ id }) => id);
  const among = (items: readonly { readonly id: string }[]): string =>
    `(array[${names(items).map(literal).join(', ')}]::text[])`;
  const added = await keepRows(
    run,
    'new_offer',
    `select n.offer_id, n.row_number, s.device_id, s.device_count, s.vcpus, s.model_id, s.kind, to_jsonb(o) as body,
       coalesce(s.offer_id, s.sku) as unknown_name, case
         when s.offer_id is not null then 'offerId'
         when ${run.isPrivate} then 'private'
         when s.provider <> all ${among(view.providers)} then 'provider'
         when s.kind is null then 'sku'
         when n.offer_id !~ '^[A-Za-z0-9][A-Za-z0-9._:+@/() -]*$' or n.offer_id ~ '/ | /| $|/[@+-][^/]*[(]' then 'characters'
         when read_region_code is not null and s.provider || '/' || read_region_code <> all ${among(view.regions)} then 'region'
         when s.device_id <> all ${among(view.devices)} then 'deviceId'
         when s.model_id <> all ${among(view.models)} then 'modelId'
         when s.device_id is not null and s.device_count is null then 'deviceCount'
       end as unknown_field
     from mentioned_offer n join ${stage} s using (row_number) cross join lateral (select ${READ_ROW}) p cross join lateral (${OFFER_SAID}) o
     where n.state is distinct from 'stated'`,
  );
  if (added === 0) return rejectContradictedDevice(run);
  const unknown = await countOf(client, 'select count(*) from new_offer where unknown_field is not null');
  if (unknown > 0) {
    await rejectUnknown(run);
    await client.query('delete from new_offer where unknown_field is not null');
  }
  await rejectContradictedDevice(run);
};

/** What the staged row `s` says of the offer that it adds: a row made into an object, which is faster than an object built of pairs. */
const OFFER_SAID = `select s.provider as "providerId", s.provider || '/' || read_region_code as "regionId", s.zone, s.sku, s.kind,
  s.device_id as "deviceId", s.model_id as "modelId", coalesce(s.device_count, '0')::numeric as "deviceCount", s.vcpus::numeric,
  s.memory_bytes::numeric as "memoryBytes", coalesce(s.mode, 'open') as mode, s.lead_time_days::numeric as "leadTimeDays"`;

const rejectContradictedDevice = async (run: SyncRun): Promise<void> => {
  const known = await countOf(
    run.client,
    `select count(*) from mentioned_offer where state = 'stated' and device_id is not null`,
  );
  if (known === 0) return;
  await reject(
    run,
    'deviceId',
    'contradicts_catalog',
    `select c.row_number, 'The catalog has ' || m.device_id || ' in this offer, not ' || left(s.device_id, 80)
       || '; correct the offer or the row.'
     from mentioned_offer m join checked c on c.offer_id = m.offer_id join ${run.stage} s on s.row_number = c.row_number
     where m.state = 'stated' and c.needs_offer and not c.rejected and s.device_id <> m.device_id`,
  );
};

interface UnknownName {
  readonly offer_id: string;
  readonly unknown_field: string;
  readonly provider: string | null;
  readonly region: string | null;
  readonly sku: string | null;
  readonly device_id: string | null;
  readonly model_id: string | null;
}

const rejectUnknown = async (run: SyncRun): Promise<void> => {
  const { client, stage, view } = run;
  const { rows } = await client.query<UnknownName>(
    `select n.offer_id, n.unknown_field, s.provider, s.region, s.sku, s.device_id, s.model_id
     from new_offer n join ${stage} s using (row_number) where n.unknown_field is not null
     order by n.row_number limit ${MOST_SUGGESTIONS}`,
  );
  const hints: { offer: string; hint: string }[] = [];
  for (const row of rows) {
    const [near] = nearestTo(view, row);
    if (near !== undefined) hints.push({ offer: row.offer_id, hint: ` Did you mean '${near}'?` });
    await nextTurn();
  }
  await client.query(
    `insert into rejection
     select c.row_number, 100, case when n.unknown_field in ('characters', 'private') then 'sku' else n.unknown_field end, 'unknown',
       case n.unknown_field
         when 'offerId' then 'The catalog has no offer ''' || left(n.unknown_name, 200) || '''.'
         when 'provider' then 'The catalog has no provider ''' || left(s.provider, 80) || '''; an operator adds it first.'
         when 'private' then 'The catalog has no offer ''' || left(n.offer_id, 200) || '''; a private list prices offers that everybody sees.'
         when 'sku' then 'The catalog has no offer ''' || left(n.offer_id, 200) || '''; give kind (and deviceId, deviceCount) to add it.'
         when 'characters' then 'An id cannot hold what stands in ''' || left(n.offer_id, 200) || '''.'
         when 'region' then 'The catalog has no region ''' || left(s.region, 80) || ''' of ' || s.provider || '; an operator adds it first.'
         when 'deviceId' then 'The catalog has no device ''' || left(s.device_id, 80) || '''.'
         when 'modelId' then 'The catalog has no model ''' || left(s.model_id, 80) || '''.'
         else 'A new offer with a device needs deviceCount.'
       end || coalesce(h.hint, '')
       || case when c.row_number <> n.row_number and n.unknown_field in ('deviceId', 'modelId', 'deviceCount')
            then ' Row ' || n.row_number || ' describes this offer.' else '' end
     from new_offer n join checked c on c.needs_offer and c.offer_id = n.offer_id join ${stage} s on s.row_number = n.row_number
     left join jsonb_to_recordset($1) h (offer text, hint text) on h.offer = n.offer_id
     where n.unknown_field is not null and not c.rejected`,
    [JSON.stringify(hints)],
  );
  await client.query(
    `update checked c set rejected = true from new_offer n
     where c.needs_offer and n.offer_id = c.offer_id and n.unknown_field is not null`,
  );
};

const nearestTo = (view: CatalogView, row: UnknownName): readonly string[] => {
  switch (row.unknown_field) {
    case 'offerId':
      return view.nearest('offer', row.offer_id);
    case 'deviceId':
      return view.nearest('device', row.device_id ?? '');
    case 'modelId':
      return view.nearest('model', row.model_id ?? '');
    case 'region':
      return view.nearest('region', `${row.provider}/${row.region}`);
    default: {
      const match = resolveSku(view, {
        providerId: row.provider ?? '',
        sku: row.sku ?? '',
        ...(row.region !== null && { region: row.region }),
      });
      return match.status === 'unknown' ? match.nearest : [];
    }
  }
};

/** No amount is a statement only of what is not sold by this unit. */
const rejectUnpriced = async (run: SyncRun): Promise<void> => {
  await reject(
    run,
    'amount',
    'required',
    `select c.row_number, 'amount is missing. Only a withdrawn row has none, or one of an offer that has no price by this unit (mode capacity_block_only, reservation_only or preview).'
     from checked c join ${run.stage} s using (row_number) left join mentioned_offer m on m.offer_id = c.offer_id
     where c.unpriced and not c.rejected
       and coalesce(case when m.state = 'stated' then m.mode else s.mode end, 'open') in ('open', 'retired')`,
  );
};

/** `multiple`: prices that the list names more than once, on different dates or by mistake. */
const rejectDuplicates = async (run: SyncRun, again: number): Promise<void> => {
  const { client, effectiveAt } = run;
  // Grouping by a hash is faster than by names. Two names may share a hash, so it only tells whether a closer look is needed.
  const alike = isFirst(run)
    ? again
    : await countOf(
        client,
        `select count(*) from (select from checked where not rejected
           group by hash_record_extended(row(price_key, price_id, currency), 0) having count(*) > 1) c`,
      );
  await client.query(
    `create temp table multiple as select price_key, price_id, currency from checked where not rejected and ${alike > 0}
     group by price_key, price_id, currency having count(*) > 1`,
  );
  if ((await countOf(client, 'select count(*) from multiple')) === 0) return;
  await client.query(
    `create temp table contender as
     select row_number, first_row, bool_and((amount, upfront, withdrawn) is not distinct from
         (first_amount, first_upfront, first_withdrawn)) over (partition by first_row) as agree
     from (
       select c.*, first_value(c.row_number) over same as first_row, first_value(c.amount) over same as first_amount,
         first_value(c.upfront) over same as first_upfront, first_value(c.withdrawn) over same as first_withdrawn
       from checked c
       join multiple m on (m.price_key, m.price_id) is not distinct from (c.price_key, c.price_id) and m.currency = c.currency
       where not c.rejected
       window same as (partition by c.price_key, c.price_id, c.currency, coalesce(c.valid_from, '${effectiveAt}') order by c.row_number)
     ) c`,
  );
  await reject(
    run,
    'row',
    'duplicate',
    `select row_number, case when agree then 'Row ' || first_row || ' says the same already.'
       else 'Several rows from row ' || first_row || ' on name this price with different amounts; none of them is taken.' end
     from contender where not agree or row_number <> first_row`,
  );
};
