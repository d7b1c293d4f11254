/**
 * Which changes do not look right and wait for a person, while the old price stays. Each rule is a mistake that was found in published
 * price lists. Only changes are judged: what a source says unchanged has passed before.
 */
import { priceIdOf, READ_ROW } from './row-rules.ts';
import { countOf, LOOK_UP, rowsOf, type SyncRun } from './run.ts';

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

/** Hours of a month, for what a commitment costs by the hour. */
const HOURS_PER_MONTH = 730;

export const judgeChanges = async (run: SyncRun): Promise<void> => {
  const { client } = run;
  if ((await countOf(client, 'select count(*) from change')) === 0) return;
  await gatherJudged(run);
  await changedMuch(run);
  await spotAboveOnDemand(run);
  await constantSpotRatio(run);
  // A private price is not meant to be the public one.
  if (!run.isPrivate) await sourcesDisagree(run);
  await regionalOutlier(run);
  await massDisappearance(run);
};

const mark = async ({ client }: SyncRun, rule: string, rows: string): Promise<void> => {
  await client.query(
    `update change c set rules = c.rules || '${rule}'::text, detail = concat_ws(' ', c.detail, r.detail)
     from (${rows}) r (change_id, detail) where r.change_id = c.change_id and not '${rule}' = any (c.rules)`,
  );
};

/** Amounts for sentences: no more digits than were given. */
const said = (amount: string): string => `trim_scale(round(${amount}, 9))`;

/** The changes that set a price, with what it is the price of. `hourly` has the upfront part of a commitment in it. */
const gatherJudged = async ({ client, stage }: SyncRun): Promise<void> => {
  const hourly = (amount: string, upfront: string, term: string): string =>
    `${amount} + case when ${term} > 0 then ${upfront} / (${term} * ${HOURS_PER_MONTH}) else 0 end`;
  await client.query(
    `create temp table judged as
     select c.change_id, c.price_key, c.currency, j.*, split_part(j.offer_id, '/', 1) as provider, split_part(j.offer_id, '/', 2) as place,
       substr(j.offer_id, length(split_part(j.offer_id, '/', 1)) + length(split_part(j.offer_id, '/', 2)) + 3) as sku,
       ${hourly('c.amount', 'c.upfront', 'j.term_months')} as hourly,
       ${hourly('c.old_amount', 'c.old_upfront', 'j.term_months')} as old_hourly
     from change c join ${stage} s using (row_number) cross join lateral (select ${READ_ROW}) p
     cross join lateral (select p.offer_id, s.category, p.term_months, p.payment, p.tier_from, s.unit) j
     where not c.withdrawn and c.amount is not null;
     create index on judged (offer_id) where category = 'on_demand';
     create index on change (price_key);
     analyze judged; analyze change`,
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

/** On-demand price of the same offer: in this list, or as the source says it, or as the strongest other source does. */
const onDemandOf = (sourceKey: number | null): string => `
  left join lateral (
    select j.hourly as amount from judged j where j.offer_id = spot.offer_id and j.category = 'on_demand' and j.tier_from = 0
      and j.currency = spot.currency limit 1) listed on true
  left join lateral (
    select a.amount from price_identity i join price_amount a using (price_key) join catalog_source o using (source_key)
    where listed.amount is null and i.id = spot.offer_id || '/on_demand'
      and a.is_open and a.currency = spot.currency and a.amount is not null
      and (o.kind <> 'price_book' or a.source_key = ${sourceKey ?? 0})
    order by a.source_key = ${sourceKey ?? 0} desc, o.precedence limit 1) known on true
  cross join lateral (select coalesce(listed.amount, known.amount) as on_demand) o`;

const spotAboveOnDemand = async (run: SyncRun): Promise<void> => {
  await run.client.query(
    `create temp table spot_pair as select spot.change_id, spot.provider, spot.place, spot.hourly, o.on_demand
     from judged spot ${onDemandOf(run.sourceKey)} where spot.category = 'spot' and o.on_demand > 0`,
  );
  await mark(
    run,
    'spot_above_on_demand',
    `select change_id, 'Spot at ' || ${said('hourly')} || ' is above on-demand at ' || ${said('on_demand')} || '.'
     from spot_pair where hourly > on_demand`,
  );
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
       select provider, place, mode() within group (order by round(hourly / on_demand, 4)) as ratio, count(*) as pairs,
         max(same) as same
       from (select *, count(*) over (partition by provider, place, round(hourly / on_demand, 4)) as same from spot_pair) s
       group by provider, place having count(*) >= ${CONSTANT_RATIO_PAIRS} and max(same) >= ${CONSTANT_RATIO_SHARE} * count(*)
     ) r using (provider, place)
     where round(p.hourly / p.on_demand, 4) = r.ratio`,
  );

/** Moving towards what another source says is no reason to wait. */
const sourcesDisagree = (run: SyncRun): Promise<void> =>
  mark(
    run,
    'sources_disagree',
    `select j.change_id, 'The source ' || o.id || ' says ' || ${said('a.amount')} || ' where this list says ' || ${said('j.amount')} || '.'
     from (select j.*, c.amount, c.upfront, c.old_amount from judged j join change c using (change_id)) j
     cross join lateral (
       select a.*, s.id from price_amount a join catalog_source s using (source_key)
       where a.price_key = j.price_key and a.is_open and a.currency = j.currency and a.source_key <> ${run.sourceKey ?? 0}
         and s.kind <> 'price_book' and a.valid_from <= '${run.effectiveAt}'
       order by s.precedence limit 1) a
     join catalog_source o using (source_key)
     where j.category in ('on_demand', 'committed', 'token') and a.amount > 0 and a.upfront = j.upfront
       and abs(j.amount - a.amount) > ${DISAGREEMENT} * greatest(a.amount, j.amount)
       and (j.old_amount is null or abs(j.amount - a.amount) > abs(j.old_amount - a.amount))`,
  );

const SAME_ELSEWHERE = 'provider, sku, category, term_months, payment, tier_from, unit, currency';

/** With fewer candidates than this, looking each up is cheaper than reading all that the source says. */
const LOOKED_UP_CANDIDATES = 100_000;

/** The changed prices, and what the source says of the same in other regions. */
const gatherPeers = async ({ client, sourceKey, view }: SyncRun): Promise<void> => {
  await client.query(
    `create temp table peer as select ${SAME_ELSEWHERE}, hourly from judged where category in ('on_demand', 'committed');
     create temp table wanted as select distinct ${SAME_ELSEWHERE} from peer;
     analyze wanted`,
  );
  if (sourceKey === null) return;
  const wanted = await countOf(client, 'select count(*) from wanted');
  const isFew = wanted * (view.regions.length / Math.max(1, view.providers.length)) < LOOKED_UP_CANDIDATES;
  const same = `i.category = w.category and i.term_months = w.term_months and i.payment = w.payment and i.tier_from = w.tier_from and i.unit = w.unit`;
  const priced = `w.*, a.amount + case when w.term_months > 0 then a.upfront / (w.term_months * ${HOURS_PER_MONTH}) else 0 end`;
  const open = `a.is_open and a.source_key = ${sourceKey} and a.price_key = i.price_key and a.currency = w.currency and a.amount is not null`;
  const unchanged = `not exists (select from change c where c.price_key = i.price_key and c.currency = w.currency)`;
  if (isFew) {
    await client.query(
      `insert into peer
       select ${priced}
       from wanted w join unnest($1::text[]) as r (id) on starts_with(r.id, w.provider || '/')
       cross join lateral (select i.price_key from price_identity i where i.id = ${priceIdOf(`r.id || '/' || w.sku`, 'w')} ${LOOK_UP}) i
       cross join lateral (select a.amount, a.upfront from price_amount a where ${open} ${LOOK_UP}) a
       where ${unchanged}`,
      [view.regions.map(({ id }) => id)],
    );
    return;
  }
  await client.query('set enable_nestloop = off');
  await client.query(
    `insert into peer
     select ${priced}
     from (select *, split_part(offer_id, '/', 1) as provider, substr(offer_id, length(split_part(offer_id, '/', 1))
       + length(split_part(offer_id, '/', 2)) + 3) as sku from price_identity where category in ('on_demand', 'committed')) i
     join wanted w on i.provider = w.provider and i.sku = w.sku and ${same}
     join price_amount a on ${open}
     where ${unchanged}`,
  );
  await client.query('reset enable_nestloop');
};

const regionalOutlier = async (run: SyncRun): Promise<void> => {
  const { client } = run;
  await gatherPeers(run);
  await client.query(
    `create temp table median as
     select ${SAME_ELSEWHERE}, percentile_cont(0.5) within group (order by hourly::float8)::numeric as usual from peer
     group by ${SAME_ELSEWHERE} having count(*) >= ${REGIONAL_PEERS};
     analyze median`,
  );
  await mark(
    run,
    'regional_outlier',
    `select j.change_id, 'It costs ' || ${said('j.hourly')} || ', and the same in other regions ' || ${said('m.usual')} || '.'
     from judged j join median m using (${SAME_ELSEWHERE})
     where m.usual > 0 and (j.hourly > m.usual * ${REGIONAL_FACTOR} or j.hourly * ${REGIONAL_FACTOR} < m.usual)`,
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
  const reasons = [
    ...(leftOut >= DISAPPEARANCE_COUNT && share > DISAPPEARANCE_SHARE
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
  if (reasons.length > 0) {
    await rowsOf(
      client,
      'delete from taken_back t using slow k where k.price_key = t.price_key and k.currency = t.currency and not k.is_named',
    );
  }
};
