/** Prices that their source states for the first time: there is no earlier one to hold them against, so what the thing usually costs is. */
import { knownOffers } from './check.ts';
import { countOf, type SyncRun } from './run.ts';
import { said } from './said.ts';
import { keepRows } from './staging.ts';
import { PARTS, SUBJECT, usualPrices } from './usual-prices.ts';

interface FirstPrices {
  /** Rows of `usual`. */
  readonly known: number;
  /** Offers that nothing is known to compare with. */
  readonly incomparable: number;
}

/** Fills `priced_offer`, what offers with such prices are compared by, and `usual`, what that costs. */
export const findFirstPrices = async (run: SyncRun): Promise<FirstPrices> => {
  const { client } = run;
  const columns = `${SUBJECT} as subject, ${PARTS} as parts`;
  // Of what the list adds and what it names without a price so far, the offers were looked up already.
  const priced = `select distinct c.offer_id from change c where c.old_amount is null and c.price_key is not null and c.offer_id is not null
    and not exists (select from mentioned_offer m where m.offer_id = c.offer_id)`;
  await keepRows(
    run,
    'priced_offer',
    `select offer_id, ${columns} from new_offer
     union all select offer_id, ${columns} from mentioned_offer where state = 'stated'
     ${run.known === 0 ? '' : `union all select id, ${columns} from (${knownOffers(priced)}) k where state = 'stated'`}`,
  );
  const { rows } = await client.query<{ subject: string }>('select distinct subject from priced_offer where parts > 0');
  const usual = await usualPrices(run, rows.map(({ subject }) => subject).toSorted());
  const known = await keepRows(
    run,
    'usual',
    `select * from jsonb_to_recordset($1) u (subject text, unit text, currency text, low numeric, high numeric, lowest numeric, cheapest numeric, dearest numeric,
       known integer, "of" text, one text)`,
    [JSON.stringify(usual)],
  );
  const incomparable = await countOf(
    client,
    'select count(*) from priced_offer o where o.parts = 0 or not exists (select from usual u where u.subject = o.subject)',
  );
  return { known, incomparable };
};

/** Rows for `mark` in gates.ts. */
export const outOfRange = ({ isPrivate }: SyncRun): string => {
  const low = isPrivate ? 'u.lowest' : `case j.category when 'spot' then u.lowest else u.low end`;
  return `
  select j.change_id, 'It comes to ' || ${said('j.hourly / o.parts')} || ' ' || u.currency || case u.unit when 'hour' then ' an hour' else '' end || ' for ' || u.one
    || '. Of the ' || u.known || ' known prices of ' || u.of || ' nearly all lie between ' || ${said('u.cheapest')} || ' and ' || ${said('u.dearest')}
    || '; a first price passes from ' || ${said(low)} || ' to ' || ${said('u.high')} || '.'
  from judged j join priced_offer o using (offer_id)
  join usual u on u.subject = o.subject and u.unit = j.unit and u.currency = j.currency
  where j.old_amount is null and o.parts > 0 and (j.hourly < ${low} * o.parts or j.hourly > u.high * o.parts)`;
};
