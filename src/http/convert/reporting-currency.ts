/**
 * Converts an answer to the currency that the caller asked for. Everything is computed in US dollars; the finished amounts are
 * multiplied by one dated rate. The products are exact decimals, so that line items still sum to their totals.
 */
import type { Static } from '@sinclair/typebox';
import { rateAt } from '../../domain/economics/exchange-rate.ts';
import type { PriceBook } from '../../domain/economics/price-book.ts';
import { convertUnitAmount } from '../../domain/money.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { checkCurrency } from '../routes/catalog/currency.ts';
import { momentOf } from '../routes/catalog/reading.ts';
import {
  type ReportingRequestSchema,
  type ReportingSchema,
  reportedAmountNames,
} from '../schemas/reporting-currency.ts';

type Reporting = Static<typeof ReportingSchema>;

const COMPUTED_IN = 'USD';

const refuse = (pointer: string, rule: string, detail: string): never => {
  throw new ProblemError('contradictory-request', detail, { errors: [{ pointer, rule, detail }] });
};

/**
 * The rate that holds at `pricingAt`; undefined where the answer stays in dollars.
 * @throws ProblemError where there is none, or the one given cannot be used.
 */
export function reportingAt(
  asked: Static<typeof ReportingRequestSchema> | undefined,
  book: PriceBook | undefined,
  pricingAt: string,
): Reporting | undefined {
  if (asked === undefined) return undefined;
  const { currency, exchangeRate } = asked;
  checkCurrency(asked, 'currency', '#/reporting/currency');
  if (exchangeRate !== undefined) {
    const { unitsPerUsd, source } = exchangeRate;
    if (currency === COMPUTED_IN)
      refuse('#/reporting/exchangeRate', 'contradiction', 'Everything is in US dollars already; leave the rate out.');
    if (!(Number(unitsPerUsd) > 0))
      refuse('#/reporting/exchangeRate/unitsPerUsd', 'range', 'An exchange rate must be above 0.');
    const validFrom = momentOf(exchangeRate.validFrom);
    if (validFrom === undefined)
      return refuse(
        '#/reporting/exchangeRate/validFrom',
        'format',
        `'${exchangeRate.validFrom}' is not a time; write it like 2026-06-01 or 2026-06-01T00:00:00Z.`,
      );
    if (validFrom > pricingAt)
      refuse(
        '#/reporting/exchangeRate/validFrom',
        'order',
        `The rate holds from ${validFrom} on, after the time of the prices, ${pricingAt}; give one that holds then.`,
      );
    return { currency, unitsPerUsd, validFrom, source, takenFrom: 'request' };
  }
  if (currency === COMPUTED_IN) return undefined;
  const found = rateAt(book?.exchangeRates ?? [], COMPUTED_IN, currency, pricingAt);
  if (found?.of == null) {
    const where = book === undefined ? 'No price book is named' : `The price book '${book.id}' has none that holds`;
    return refuse(
      '#/reporting/currency',
      'no_exchange_rate',
      `No rate of exchange from USD to ${currency} at ${pricingAt}. ${where}; give reporting.exchangeRate, or add one to exchangeRates of the price book.`,
    );
  }
  const { validFrom, source } = found.of;
  return { currency, unitsPerUsd: found.rate, validFrom, source, takenFrom: 'price_book' };
}

/** Fields that repeat the request, quote a price or pin a replay: never converted. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['request', 'estimateRequest', 'question', 'replay', 'prices']);

let names: ReadonlySet<string> | undefined;

/** The answer, converted to the currency that its `replay` names. */
export function inReportingCurrency<Answer extends { readonly replay: { readonly reporting?: Reporting } }>(
  answer: Answer,
): Answer {
  const { reporting } = answer.replay;
  if (reporting === undefined) return answer;
  names ??= reportedAmountNames();
  return converted(answer, reporting, names) as Answer;
}

type Fields = Readonly<Record<string, unknown>>;

function converted(value: unknown, reporting: Reporting, reported: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(item, reporting, reported));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Fields;
  if (isMoney(fields)) return inCurrency(fields, reporting);
  const told = Object.entries(fields).map(([name, field]): [string, unknown] => {
    if (AS_THEY_ARE.has(name)) return [name, field];
    if (typeof field === 'string') {
      return [name, reported.has(name) ? convertUnitAmount(field, reporting.unitsPerUsd) : field];
    }
    return [name, converted(field, reporting, reported)];
  });
  return withWorking(Object.fromEntries(told), reporting);
}

const isMoney = (fields: Fields): boolean =>
  fields.currency === COMPUTED_IN && typeof fields.amount === 'string' && !('priceId' in fields);

const AMOUNTS: ReadonlySet<string> = new Set(['amount', 'p10', 'p50', 'p90']);

const inCurrency = (fields: Fields, { currency, unitsPerUsd }: Reporting): Fields => ({
  ...fields,
  ...Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => AMOUNTS.has(name))
      .map(([name, amount]) => [name, convertUnitAmount(amount as string, unitsPerUsd)]),
  ),
  currency,
});

/** Adds the exchange rate to the inputs of a line item, which list everything that its amount is made of. */
function withWorking(fields: Fields, { currency, unitsPerUsd, source }: Reporting): Fields {
  const { formula, inputs, cost } = fields;
  if (typeof formula !== 'string' || cost === undefined) return fields;
  const rate = { name: 'exchangeRate', value: Number(unitsPerUsd), unit: `${currency} per USD`, source };
  return {
    ...fields,
    formula: `(${formula}) x exchangeRate`,
    ...(Array.isArray(inputs) && { inputs: [...inputs, { ...rate, assumptionId: null }] }),
  };
}
