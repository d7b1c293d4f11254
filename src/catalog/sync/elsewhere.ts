/** The same thing in other regions: what a price is compared with, as SQL. */
import { HOURS_PER_MONTH } from '../../domain/units.ts';

/** What one hour costs, the upfront part of a commitment in it. */
export const hourly = (amount: string, upfront: string, termMonths: string): string =>
  `case when ${termMonths} > 0 and ${upfront} > 0 then ${amount} + ${upfront} / (${termMonths} * ${HOURS_PER_MONTH}) else ${amount} end`;

/** Parts of an offer's id, "<provider>/<place>/<sku>", which is the column `offer_id` of `from`. */
export const provider = (from: string): string => `split_part(${from}.offer_id, '/', 1)`;
export const place = (from: string): string => `split_part(${from}.offer_id, '/', 2)`;
export const sku = (from: string): string =>
  `substr(${from}.offer_id, length(${provider(from)}) + length(${place(from)}) + 3)`;

/** Spot prices differ freely from region to region, and what is bought once has none. */
export const isCompared = (from: string): string => `${from}.category in ('on_demand', 'committed')`;

/** One number for all prices of the same thing: groups of numbers are found many times faster than groups of eight columns. */
export const elsewhereKey = (from: string): string =>
  `hash_record_extended(row(${provider(from)}, ${sku(from)}, ${from}.category, ${from}.term_months::integer, ${from}.payment,
    trim_scale(${from}.tier_from), ${from}.unit, ${from}.currency), 0)`;
