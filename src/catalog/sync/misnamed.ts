/**
 * Prices that a full list leaves out, but which one of its rows may have meant: a row of which only the provider, the place or the SKU is not
 * known, and reads like that of the price. Other rows with unknown names end nothing and keep nothing: lists name much that the catalog lacks.
 */
import { isMistypedAs } from '../nearest.ts';
import { place, provider, sku } from './elsewhere.ts';
import type { SyncRun } from './run.ts';

/** Beyond this many candidates the list is too strange for its endings to be believed. */
const MOST_CANDIDATES = 100_000;

interface Candidate {
  readonly change_id: string;
  readonly row_number: string;
  readonly name: string;
  readonly known: string;
  readonly unknown: string;
}

interface Misnamed {
  /** Of the change that ends the price. */
  readonly change_id: string;
  readonly detail: string;
}

const KIND = 'category, term_months, payment, tier_from, unit, currency';
/** What both have to say alike, and what one of them may have wrong. */
const PARTS = [
  ['provider, place', 'sku'],
  ['provider, sku', 'place'],
  ['place, sku', 'provider'],
] as const;

/** To be called where the list has rows with unknown names and leaves prices out. */
export const misnamedPrices = async ({ client }: SyncRun): Promise<readonly Misnamed[]> => {
  const parts = (from: string): string => `${provider(from)} as provider, ${place(from)} as place, ${sku(from)} as sku`;
  const { rows } = await client.query<Candidate>(
    `with unknown_row as materialized (
       select min(c.row_number) as row_number, c.offer_id, ${parts('c')}, c.category, c.term_months::integer, c.payment, c.tier_from, c.unit, c.currency
       from checked c
       where c.rejected and c.price_key is null and c.offer_id is not null
         and exists (select from rejection r where r.row_number = c.row_number and r.rule in ('unknown', 'out_of_scope'))
       group by c.offer_id, ${KIND.split(', ')
         .map((name) => `c.${name}`)
         .join(', ')}),
     ending as materialized (
       select c.change_id, ${parts('i')}, i.category, i.term_months::integer, i.payment, i.tier_from, i.unit, c.currency
       from change c join price_identity i using (price_key) where c.row_number is null)
     ${PARTS.map(
       ([same, other]) =>
         `select e.change_id, u.row_number, u.offer_id as name, e.${other} as known, u.${other} as unknown
          from ending e join unknown_row u using (${KIND}, ${same})`,
     ).join(' union all ')}
     limit ${MOST_CANDIDATES}`,
  );
  const isStrange = rows.length === MOST_CANDIDATES;
  const meant = rows.filter(({ known, unknown }) => isStrange || isMistypedAs(unknown, known));
  return [...new Map(meant.map((it) => [it.change_id, it])).values()].map(({ change_id, row_number, name }) => ({
    change_id,
    detail: `Row ${row_number} names '${name.slice(0, 200)}', which the catalog does not have, and may have meant it.`,
  }));
};
