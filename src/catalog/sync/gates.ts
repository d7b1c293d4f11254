/**
 * Which changes do not look right and wait for a person, while the old price stays. Each rule is a mistake that was found in published
 * price lists. Only changes are judged: what a source says unchanged has passed before.
 */
import { escapeLiteral as literal } from 'pg';
import { STALE_AFTER_DAYS } from '../../domain/economics/price-use.ts';
import type { CatalogView } from '../snapshot.ts';
import { hourly, isCompared, place, provider, sku } from './elsewhere.ts';
import { findFirstPrices, outOfRange } from './first-prices.ts';
import { recallPeers } from './memory.ts';
import { misnamedPrices } from './misnamed.ts';
import { priceIdOf } from './row-rules.ts';
import { countOf, LOOK_UP, rowsOf, type SyncRun } from './run.ts';
import { said } from './said.ts';
import { keptTable } from './staging.ts';

/** A price this many times the old one, or the old one this many times it. AWS lowered H100 instances by 44 % in one day. */
const CHANGE_FACTOR = 2.5;
const SPOT_CHANGE_FACTOR = 5;
/** Share by which two sources may differ on one list price. */
const DISAGREEMENT = 0.3;
/** A market does not give the same share of on-demand everywhere; this many pairs, of which this share agree, are a formula. */
const CONSTANT_RATIO_PAIRS = 10;
const CONSTANT_RATIO_SHARE = 0.9;
/** Times the median of the same SKU over regions; real regional multipliers are below 2. */
const REGIONAL_FACTOR = 2;
const REGIONAL_PEERS = 4;
/** Share of a source's prices in the scope that may vanish at once, and the number from which that counts. */
const DISAPPEARANCE_SHARE = 0.2;
const DISAPPEARANCE_COUNT = 10;
/** The same for short lists. */
const DISAPPEARANCE_SHARE_OF_FEW = 0.5;
const DISAPPEARANCE_COUNT_OF_FEW = 4;

/** Statistics target (PostgreSQL samples 300 rows for each unit): small, since the planner only has to tell few rows from many. */
const FEW_STATISTICS = 10;

/** @returns how many offers have a first price that could be compared with nothing. */
export const judgeChanges = async (run: SyncRun): Promise<number> => {
  const { client } = run;
  if ((await rowsOf(client, 'select from change limit 1')) === 0) return 0;
  await gatherJudged(run);
  if (run.hasSpoken) await changedMuch(run);
  const incomparable = await outOfDeviceRange(run);
  await spotAboveOnDemand(run);
  await constantSpotRatio(run);
  // A private price is not meant to be the public one.
  if (!run.isPrivate && run.known > 0) await sourcesDisagree(run);
  await regionalOutlier(run);
  await massDisappearance(run);
  return incomparable;
};

/** `rows` gives change_id and a sentence. */
const mark = async ({ client }: SyncRun, rule: string, rows: string): Promise<void> => {
  const found = await rowsOf(client, `create temp table marked as select * from (${rows}) r (change_id, detail)`);
  if (found > 0) {
    await client.query(
      `update change c set rules = c.rules || '${rule}'::text, detail = concat_ws(' ', c.detail, r.detail)
       from marked r where r.change_id = c.change_id and not '${rule}' = any (c.rules)`,
    );
  }
  await client.query('drop table marked');
};

/**
 * The changes that set a price, with what it is the price of. `hourly` has the upfront part of a commitment in it; `elsewhere` is the same
 * for the same thing in every region.
 */
const gatherJudged = async (run: SyncRun): Promise<void> => {
  const { client, hasSpoken } = run;
  await client.query(
    `create temp view judged as
     select c.change_id, c.price_key, c.currency, c.offer_id, c.category, c.term_months, c.payment, c.tier_from, c.unit, c.amount, c.upfront,
       c.old_amount, c.hourly, c.elsewhere,
       ${hourly('c.old_amount', 'c.old_upfront', 'c.term_months')} as old_hourly
     from change c
     where not c.withdrawn and c.hourly is not null`,
  );
  if (hasSpoken) await client.query('create index on change (price_key)');
  await client.query(
    `set default_statistics_target = ${FEW_STATISTICS}; analyze ${run.inOrder ? keptTable(run, 'checked') : 'change'} (price_key, currency, offer_id, category); reset default_statistics_target`,
  );
};

const changedMuch = (run: SyncRun): Promise<void> =>
  mark(
    run,
    'changed_much',
    `select change_id, 'It goes from ' || ${said('old_hourly')} || ' to ' || ${said('hourly')} || ', ' ||
       case when hourly > old_hourly then round(hourly / old_hourly, 1) || ' times as much.' else round(old_hourly / hourly, 1) || ' times less.' end
     from (select *, case category when 'spot' then ${SPOT_CHANGE_FACTOR} else ${CHANGE_FACTOR} end as factor from judged) j
     where old_hourly > 0 and hourly > 0 and (hourly > old_hourly * factor or hourly < old_hourly / factor)`,
  );

const outOfDeviceRange = async (run: SyncRun): Promise<number> => {
  const { known, incomparable } = await findFirstPrices(run);
  if (known === 0) return incomparable;
  await run.client.query('set enable_nestloop = off');
  await mark(run, 'out_of_device_range', outOfRange(run));
  await run.client.query('reset enable_nestloop');
  return incomparable;
};

/** On-demand price of the same offer: in this list, or as the source says it, or as the strongest other source does. */
const onDemandOf = (sourceKey: number | null): string => `
  left join (
    select j.offer_id, j.currency, min(j.hourly) as amount from judged j where j.category = 'on_demand' and j.tier_from = 0
    group by j.offer_id, j.currency) listed on listed.offer_id = j.offer_id and listed.currency = j.currency
  left join lateral (
    select a.amount from price_identity i join price_amount a using (price_key) join catalog_source o using (source_key)
    where listed.amount is null and i.id = j.offer_id || '/on_demand'
      and a.is_open and a.currency = j.currency and a.amount is not null
      and (o.kind <> 'price_book' or a.source_key = ${sourceKey ?? 0})
    order by a.source_key = ${sourceKey ?? 0} desc, o.precedence limit 1) known on true
  cross join lateral (select coalesce(listed.amount, known.amount) as on_demand) o`;

const spotAboveOnDemand = async (run: SyncRun): Promise<void> => {
  await run.client.query(
    `create temp table spot_pair as select j.change_id, ${provider('j')} as provider, ${place('j')} as place, j.hourly, o.on_demand
     from judged j ${onDemandOf(run.sourceKey)} where j.category = 'spot' and o.on_demand > 0`,
  );
  await mark(
    run,
    'spot_above_on_demand',
    `select change_id, 'Spot at ' || ${said('hourly')} || ' is above on-demand at ' || ${said('on_demand')} || '.'
     from spot_pair where hourly > on_demand`,
  );
  if (!run.hasSpoken) return;
  await mark(
    run,
    'spot_above_on_demand',
    `select j.change_id, 'On-demand at ' || ${said('j.hourly')} || ' is below spot at ' || ${said('a.amount')} || '.'
     from judged j
     cross join lateral (select i.price_key from price_identity i where i.id = j.offer_id || '/spot' ${LOOK_UP}) i
     cross join lateral (select a.amount from price_amount a where a.price_key = i.price_key and a.is_open
       and a.source_key = ${run.sourceKey ?? 0} and a.currency = j.currency ${LOOK_UP}) a
     where j.category = 'on_demand' and j.tier_from = 0 and a.amount > j.hourly
       and not exists (select from change c where c.price_key = i.price_key and c.currency = j.currency)`,
  );
};

const constantSpotRatio = (run: SyncRun): Promise<void> =>
  mark(
    run,
    'constant_spot_ratio',
    `select p.change_id, 'Spot is exactly ' || round(r.ratio * 100, 2) || ' % of on-demand for ' || r.same || ' of ' || r.pairs
       || ' offers in ' || p.provider || '/' || p.place || ': a formula, not a market.'
     from spot_pair p join (
       select provider, place, (array_agg(ratio order by same desc, ratio))[1] as ratio, sum(same) as pairs, max(same) as same
       from (select provider, place, round(hourly / on_demand, 4) as ratio, count(*) as same from spot_pair group by 1, 2, 3) s
       group by provider, place having sum(same) >= ${CONSTANT_RATIO_PAIRS} and max(same) >= ${CONSTANT_RATIO_SHARE} * sum(same)
     ) r using (provider, place)
     where round(p.hourly / p.on_demand, 4) = r.ratio`,
  );

/** A source can contradict another only if it saw the price, or confirmed prices of its category, since this moment. */
const seenSince = (effectiveAt: string): string => {
  const limits = Object.entries(STALE_AFTER_DAYS).map(([category, days]) => `when '${category}' then ${days}`);
  return `'${effectiveAt}'::timestamptz - make_interval(days => case j.category ${limits.join(' ')} end)`;
};

/** A price that moves towards another source need not wait, nor one that leaves a figure that nobody has seen for long: prices do change. */
const sourcesDisagree = (run: SyncRun): Promise<void> =>
  mark(
    run,
    'sources_disagree',
    `select change_id, 'The source ' || source_id || ' says ' || ${said('other')} || ', as of ' || to_char(observed_at, 'YYYY-MM-DD') || ', where this list says ' || ${said('amount')} || '.'
     from (
       select distinct on (j.change_id) j.change_id, s.id as source_id, a.observed_at, a.amount as other, a.upfront as other_upfront, j.amount, j.upfront,
         j.old_amount
       from judged j
       join price_amount a on a.price_key = j.price_key and a.currency = j.currency
       join catalog_source s using (source_key)
       where j.category in ('on_demand', 'committed', 'token') and a.is_open and a.source_key <> ${run.sourceKey ?? 0}
         and s.kind <> 'price_book' and a.valid_from <= '${run.effectiveAt}'
         and (a.observed_at >= ${seenSince(run.effectiveAt)} or exists (select from price_confirmation p
           where p.source_key = a.source_key and p.category = j.category and p.observed_at >= ${seenSince(run.effectiveAt)}))
       order by j.change_id, s.precedence) strongest
     where other > 0 and other_upfront = upfront and abs(amount - other) > ${DISAGREEMENT} * greatest(other, amount)
       and (old_amount is null or abs(amount - other) > abs(old_amount - other))`,
  );

/** With fewer candidates than this, looking each up is cheaper than reading all that the source says. */
const LOOKED_UP_CANDIDATES = 100_000;

/** The changed prices (`change_id`), and what the source says of the same in other regions. */
const gatherPeers = async (run: SyncRun): Promise<void> => {
  await run.client.query(
    `create temp table peer as
     select j.change_id, j.elsewhere, j.hourly from judged j where ${isCompared('j')}`,
  );
  if (!run.hasSpoken) return;
  await (run.memory === undefined ? findPeers(run) : recallPeers(run));
};

/** Where a provider may sell something, as ids of offers begin: regions, zones that have prices of their own, and everywhere. */
const placesOf = ({ regions, providers, offers }: CatalogView): readonly string[] => {
  const zones = offers.flatMap(({ providerId, zone }) => (zone === null ? [] : [`${providerId}/${zone}`]));
  return [...new Set([...regions.map(({ id }) => id), ...providers.map(({ id }) => `${id}/global`), ...zones])];
};

const findPeers = async ({ client, view, sourceKey }: SyncRun): Promise<void> => {
  await client.query(
    `create temp table wanted as
     select distinct on (elsewhere) * from (
       select j.elsewhere, ${provider('j')} as provider, ${sku('j')} as sku, j.category, j.term_months, j.payment,
         j.tier_from, j.unit, j.currency
       from judged j where ${isCompared('j')}) w;
     analyze wanted`,
  );
  const wanted = await countOf(client, 'select count(*) from wanted');
  const places = placesOf(view);
  const isFew = wanted * (places.length / Math.max(1, view.providers.length)) < LOOKED_UP_CANDIDATES;
  const priced = `null::bigint, w.elsewhere, ${hourly('a.amount', 'a.upfront', 'w.term_months')}`;
  const open = `a.is_open and a.source_key = ${sourceKey} and a.price_key = i.price_key and a.currency = w.currency and a.amount is not null`;
  const unchanged = `not exists (select from change c where c.price_key = i.price_key and c.currency = w.currency)`;
  if (isFew) {
    await client.query(
      `insert into peer
       select ${priced}
       from wanted w join unnest($1::text[]) as p (id) on starts_with(p.id, w.provider || '/')
       cross join lateral (select i.price_key from price_identity i where i.id = ${priceIdOf(`p.id || '/' || w.sku`, 'w')} ${LOOK_UP}) i
       cross join lateral (select a.amount, a.upfront from price_amount a where ${open} ${LOOK_UP}) a
       where ${unchanged}`,
      [places],
    );
    return;
  }
  await client.query('set enable_nestloop = off');
  await client.query(
    `insert into peer
     select ${priced}
     from (select j.*, ${provider('j')} as provider, ${sku('j')} as sku from price_identity j where ${isCompared('j')}) i
     join wanted w using (provider, sku, category, term_months, payment, tier_from, unit)
     join price_amount a on ${open}
     where ${unchanged}`,
  );
  await client.query('reset enable_nestloop');
};

const regionalOutlier = async (run: SyncRun): Promise<void> => {
  await gatherPeers(run);
  // Where the dearest is not twice the cheapest, nothing is twice the median.
  await run.client.query(
    `create temp table median as
     select elsewhere, percentile_cont(0.5) within group (order by hourly::float8)::numeric as usual
     from peer join (
       select elsewhere from peer group by elsewhere
       having count(*) >= ${REGIONAL_PEERS} and max(hourly) > ${REGIONAL_FACTOR} * min(hourly)) spread using (elsewhere)
     group by elsewhere`,
  );
  await mark(
    run,
    'regional_outlier',
    `select p.change_id, 'It costs ' || ${said('p.hourly')} || ', and the same in other regions ' || ${said('m.usual')} || '.'
     from peer p join median m using (elsewhere)
     where p.change_id is not null and m.usual > 0
       and (p.hourly > m.usual * ${REGIONAL_FACTOR} or p.hourly * ${REGIONAL_FACTOR} < m.usual)`,
  );
};

/** What the list leaves out ends, unless the list itself looks broken. */
const massDisappearance = async (run: SyncRun): Promise<void> => {
  const { client, mode, memory } = run;
  if (mode === 'delta') return;
  const leftOut = await countOf(client, 'select count(*) from left_out where not withdrawn');
  if (leftOut === 0) return;
  const named =
    (memory?.repeated ?? 0) +
    (await countOf(
      client,
      'select count(*) from (select distinct price_key, currency from checked where old_withdrawn = false) n',
    ));
  const unreadable = await countOf(
    client,
    `select count(*) from checked c where c.rejected and c.price_key is null
       and not exists (select from rejection r where r.row_number = c.row_number and r.rule in ('unknown', 'duplicate', 'out_of_scope'))`,
  );
  const share = leftOut / (leftOut + named);
  // A list without a sound row is more likely sent by mistake, or with the wrong scope, than meant.
  const isEmpty =
    (memory?.repeated ?? 0) + (await rowsOf(client, 'select from checked where not rejected limit 1')) === 0;
  const reasons = [
    ...((leftOut >= DISAPPEARANCE_COUNT && share > DISAPPEARANCE_SHARE) ||
    (leftOut >= DISAPPEARANCE_COUNT_OF_FEW && share > DISAPPEARANCE_SHARE_OF_FEW) ||
    isEmpty
      ? [
          [
            'mass_disappearance',
            `The list leaves out ${leftOut} of the ${leftOut + named} prices of its scope.`,
          ] as const,
        ]
      : []),
    ...(unreadable > 0
      ? [['unreadable_rows', `${unreadable} rows of the list could not be read and may have meant it.`] as const]
      : []),
  ];
  for (const [rule, detail] of reasons) {
    await mark(run, rule, `select change_id, '${detail}' from change where row_number is null`);
  }
  if (reasons.length === 0) await keepMisnamed(run);
  if (reasons.length > 0) {
    await rowsOf(
      client,
      'delete from taken_back t using slow k where k.price_key = t.price_key and k.currency = t.currency and not k.is_named',
    );
  }
};

/** A mistyped name in a row ends nothing. */
const keepMisnamed = async (run: SyncRun): Promise<void> => {
  const isAnyUnknown = await rowsOf(
    run.client,
    `select from rejection where rule in ('unknown', 'out_of_scope') limit 1`,
  );
  const misnamed = isAnyUnknown === 0 ? [] : await misnamedPrices(run);
  if (misnamed.length === 0) return;
  const rows = literal(JSON.stringify(misnamed));
  await mark(
    run,
    'unreadable_rows',
    `select * from jsonb_to_recordset(${rows}::jsonb) as r (change_id bigint, detail text)`,
  );
};
