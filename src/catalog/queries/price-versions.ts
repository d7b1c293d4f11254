/** Adds price identities and versions of dated amounts. What a source says again unchanged makes no version. */
import { sql } from 'kysely';
import type { PriceAmount, PriceIdentity } from '../../domain/catalog/offers.ts';
import type { AmountState } from '../tables.ts';
import type { OpenRevision } from './revisions.ts';

export interface AmountVersion {
  readonly validFrom: string;
  readonly state: AmountState;
  readonly amount: Omit<PriceAmount, 'validFrom' | 'validTo' | 'sourceId'>;
}

export const addPriceIdentities = async (
  { transaction, revision }: OpenRevision,
  identities: readonly PriceIdentity[],
): Promise<void> => {
  await sql`
    insert into price_identity (id, offer_id, category, term_months, payment, tier_from, unit, revision)
    select n.id, n."offerId", n.category, n."termMonths", n.payment, n."tierFrom", n.unit, ${revision}
    from jsonb_to_recordset(${JSON.stringify(identities)}::jsonb) as n (id text, "offerId" text, category text,
      "termMonths" smallint, payment text, "tierFrom" numeric, unit text)
    on conflict (id) do nothing`.execute(transaction);
};

const flatten = ({ validFrom, state, amount }: AmountVersion) => ({ ...amount, validFrom, state });

/** @returns how many versions were added. */
export const addAmountVersions = async (
  { transaction, revision, sourceKey }: OpenRevision,
  versions: readonly AmountVersion[],
): Promise<number> => {
  const rows = sql`jsonb_to_recordset(${JSON.stringify(versions.map(flatten))}::jsonb) as n ("priceId" text, amount numeric,
    upfront numeric, currency text, "validFrom" timestamptz, state text, "observedAt" timestamptz, flags jsonb,
    source text, "sourceDate" text, confidence text, licence text, notes text)`;
  await sql`
    insert into price_provenance (source, source_date, confidence, licence, notes)
    select distinct source, "sourceDate", confidence, licence, notes from ${rows}
    on conflict (digest) do nothing`.execute(transaction);
  const { numAffectedRows } = await sql`
    insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at,
      provenance_key, flags, is_open)
    select i.price_key, ${sourceKey}, n.currency, n."validFrom", ${revision}, n.state, n.amount, n.upfront, n."observedAt",
      p.provenance_key, array(select jsonb_array_elements_text(n.flags)),
      -- The mark of a price that is new to this source is set at once, which is most of a first delivery.
      n.state <> 'void'
        and n."validFrom" = max(n."validFrom") filter (where n.state <> 'void') over (partition by n."priceId", n.currency)
        and not exists (select from price_amount a where a.source_key = ${sourceKey} and a.price_key = i.price_key
          and a.currency = n.currency)
    from ${rows}
    join price_identity i on i.id = n."priceId"
    join price_provenance p
      on p.digest = price_provenance_digest(n.source, n."sourceDate", n.confidence, n.licence, n.notes)
    left join lateral (
      select a.* from price_amount a
      where a.price_key = i.price_key and a.source_key = ${sourceKey} and a.currency = n.currency
        and a.valid_from = n."validFrom"
      order by a.revision desc limit 1) c on true
    where c.price_key is null
      or (c.state, c.amount, c.upfront, c.observed_at, c.provenance_key, c.flags) is distinct from
        (n.state, n.amount, n.upfront, n."observedAt", p.provenance_key, array(select jsonb_array_elements_text(n.flags)))`.execute(
    transaction,
  );
  const added = Number(numAffectedRows ?? 0);
  if (added > 0) await reopen({ transaction, revision, sourceKey });
  return added;
};

/** A full delivery of a source: dated amounts that it gave before and leaves out now are taken back. */
export const voidAmountsLeftOut = async (
  open: OpenRevision,
  kept: readonly { readonly priceId: string; readonly currency: string; readonly validFrom: string }[],
): Promise<number> => voidAmounts(open, kept, undefined);

/** The source takes back all that it ever said of one price, so that weaker sources show through. */
export const voidAmountsOfPrice = async (open: OpenRevision, priceId: string): Promise<number> =>
  voidAmounts(open, [], priceId);

const voidAmounts = async (
  open: OpenRevision,
  kept: readonly { readonly priceId: string; readonly currency: string; readonly validFrom: string }[],
  onlyPriceId: string | undefined,
): Promise<number> => {
  const { transaction, revision, sourceKey } = open;
  const keys = kept.map(({ priceId, currency, validFrom }) => ({ priceId, currency, validFrom }));
  const { numAffectedRows } = await sql`
    insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at,
      provenance_key, flags, is_open)
    select c.price_key, c.source_key, c.currency, c.valid_from, ${revision}, 'void', null, 0, c.observed_at,
      c.provenance_key, c.flags, false
    from (select distinct on (price_key, currency, valid_from) * from price_amount where source_key = ${sourceKey}
      order by price_key, currency, valid_from, revision desc) c
    join price_identity i on i.price_key = c.price_key
    left join jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as k ("priceId" text, currency text,
      "validFrom" timestamptz) on k."priceId" = i.id and k.currency = c.currency and k."validFrom" = c.valid_from
    where c.state <> 'void' and k."priceId" is null
      and (${onlyPriceId ?? null}::text is null or i.id = ${onlyPriceId ?? null})`.execute(transaction);
  const added = Number(numAffectedRows ?? 0);
  if (added > 0) await reopen(open);
  return added;
};

/** Moves the mark of the open row, for the prices that this revision touched, to the statement with the latest date. */
const reopen = async ({ transaction, revision, sourceKey }: OpenRevision): Promise<void> => {
  // An array of places lets the planner fetch the rows by their place whatever its statistics say.
  await sql`
    update price_amount set is_open = not is_open where ctid = any (array(
      select place from (
        select ctid as place, is_open, coalesce(speaks and valid_from = max(valid_from) filter (where speaks)
          over (partition by price_key, currency), false) as is_last
        from (
          select p.ctid, p.*, p.state <> 'void' and p.revision = max(p.revision)
            over (partition by p.price_key, p.currency, p.valid_from) as speaks
          from price_amount p
          where p.source_key = ${sourceKey} and (p.price_key, p.currency) in (
            select price_key, currency from price_amount where revision = ${revision} and source_key = ${sourceKey})) said
      ) marked
      where is_last <> is_open))`.execute(transaction);
};
