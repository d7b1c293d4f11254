/** What whoever sent a list should know beside what became of its rows. */
import type { Kysely } from 'kysely';
import { rateAt } from '../../domain/economics/exchange-rate.ts';
import { CURRENCY } from '../../domain/money.ts';
import { findPriceBook } from '../price-books/price-books.ts';
import type { Database } from '../tables.ts';
import type { SyncRecord } from './records.ts';
import type { SyncRun } from './run.ts';

export interface SyncNote {
  readonly code: 'other_currency' | 'no_exchange_rate' | 'not_compared' | 'rejections_left_out';
  /** Null where it is not about one. */
  readonly currency: string | null;
  /** How many prices, offers or sentences. */
  readonly count: number;
  readonly detail: string;
}

export const notesOf = async (
  run: SyncRun,
  db: Kysely<Database>,
  { tenant, sourceId }: Pick<SyncRecord, 'tenant' | 'sourceId'>,
  { incomparable, untold }: { readonly incomparable: number; readonly untold: number },
): Promise<readonly SyncNote[]> => [
  ...(await currencyNotes(run, db, { tenant, sourceId })),
  ...(incomparable === 0 ? [] : [notCompared(incomparable)]),
  ...(untold === 0 ? [] : [rejectionsLeftOut(untold)]),
];

const currencyNotes = async (
  run: SyncRun,
  db: Kysely<Database>,
  { tenant, sourceId }: Pick<SyncRecord, 'tenant' | 'sourceId'>,
): Promise<readonly SyncNote[]> => {
  const foreign = await foreignPrices(run);
  const rates = run.isPrivate && foreign.length > 0 ? await ratesOf(db, tenant, sourceId) : [];
  return foreign.flatMap(({ currency, count }): SyncNote[] => {
    const prices = count === 1 ? '1 price is' : `${count} prices are`;
    if (!run.isPrivate) {
      const detail = `${prices} in ${currency}. Estimates are computed in ${CURRENCY} and leave such prices out, unless they name a price book whose exchangeRates have a rate from ${currency} to ${CURRENCY}.`;
      return [{ code: 'other_currency', currency, count, detail }];
    }
    if (rateAt(rates, currency, CURRENCY, run.effectiveAt) !== undefined) return [];
    const detail = `${prices} in ${currency}, and the price book has no rate from ${currency} to ${CURRENCY} now. Estimates that name the book leave such prices out, and the public prices of the same offers with them, until its exchangeRates have one; \`npm run --silent feed -- ecb-rates --currency ${currency} eurofxref.csv\` makes it from the European Central Bank’s file.`;
    return [{ code: 'no_exchange_rate', currency, count, detail }];
  });
};

const notCompared = (incomparable: number): SyncNote => {
  const [offers, them] =
    incomparable === 1
      ? ['1 offer that it prices for the first time is', 'it']
      : [`${incomparable} offers that it prices for the first time are`, 'them'];
  const detail = `${offers} of something that too few prices are known of: the rule out_of_device_range could not judge ${them}.`;
  return { code: 'not_compared', currency: null, count: incomparable, detail };
};

const rejectionsLeftOut = (untold: number): SyncNote => ({
  code: 'rejections_left_out',
  currency: null,
  count: untold,
  detail: `The list has more mistakes than are told: ${untold} sentences are left out at the end. Correct what is told and send a dry run.`,
});

/** Prices that the list states in other currencies, also those that it only repeats. */
const foreignPrices = async ({
  client,
  memory,
  stage,
}: SyncRun): Promise<readonly { readonly currency: string; readonly count: number }[]> => {
  const { rows } = await client.query<{ currency: string; count: number }>(
    `select s.currency, count(*)::int as count from ${memory?.list.stage ?? stage} s
     where s.currency <> '${CURRENCY}' and s.state is distinct from 'withdrawn'
       and not exists (select from rejection r where r.row_number = s.row_number)
     group by s.currency order by s.currency`,
  );
  return rows;
};

const ratesOf = async (db: Kysely<Database>, tenant: string, sourceId: string) => {
  const id = sourceId.slice(sourceId.lastIndexOf(':') + 1);
  return (await findPriceBook(db, { tenant, id }))?.body.exchangeRates ?? [];
};
