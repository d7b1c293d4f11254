/** Price books from the wire to what is kept, with everything that a schema cannot say checked, and back. */
import type { Static } from '@sinclair/typebox';
import { isCurrency } from '../../catalog/currencies.ts';
import type { EntryKind } from '../../catalog/entry.ts';
import { paymentFault } from '../../catalog/payment-parts.ts';
import type { PriceBookBody } from '../../catalog/price-books/body.ts';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { Contract, Discount, PriceSelector } from '../../domain/economics/price-book.ts';
import type { FieldError } from '../problems/problem-error.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { unknownCurrency } from '../routes/catalog/currency.ts';
import { momentOf } from '../routes/catalog/reading.ts';
import type { PriceBookInputSchema, PriceBookSchema } from '../schemas/price-books/book.ts';

type Input = Static<typeof PriceBookInputSchema>;
type Given<Name extends keyof Input> = NonNullable<Input[Name]>[number];

/** Collects all that is wrong, so that one answer tells everything. */
class Faults {
  readonly unknown: FieldError[] = [];
  readonly currencies: FieldError[] = [];
  readonly others: FieldError[] = [];

  say(pointer: string, rule: string, detail: string): void {
    this.others.push({ pointer, rule, detail });
  }

  /** @throws ProblemError when there is anything. */
  raise(): void {
    const errors = [...this.others, ...this.unknown, ...this.currencies];
    const [first] = errors;
    if (first === undefined) return;
    if (this.others.length > 0)
      throw new ProblemError('invalid-request', `The body was refused. ${first.detail}`, { errors });
    throw new ProblemError(this.unknown.length > 0 ? 'unknown-catalog-id' : 'unknown-currency', first.detail, {
      errors,
    });
  }
}

/** @throws ProblemError with a pointer and a sentence for each thing that is wrong. */
export const priceBookOf = (input: Input, view: CatalogView): PriceBookBody => {
  const faults = new Faults();
  const reader = new Reader(faults, view);
  const body: PriceBookBody = {
    name: input.name,
    discounts: (input.discounts ?? []).map((it, index) => reader.discount(it, `#/discounts/${index}`)),
    contracts: (input.contracts ?? []).map((it, index) => reader.contract(it, `#/contracts/${index}`)),
    exchangeRates: (input.exchangeRates ?? []).map((it, index) => reader.exchangeRate(it, `#/exchangeRates/${index}`)),
    purchases: (input.purchases ?? []).map((it, index) => reader.purchase(it, `#/purchases/${index}`)),
  };
  for (const name of ['discounts', 'contracts', 'purchases'] as const) reader.distinct(body[name], `#/${name}`);
  const pairs = body.exchangeRates.map((it) => ({ id: `${it.base}/${it.quote} from ${it.validFrom}` }));
  reader.distinct(pairs, '#/exchangeRates');
  for (const name of ['discounts', 'contracts', 'purchases'] as const) {
    for (const [index, rule] of body[name].entries())
      sayUnconvertible(faults, body, rule, `#/${name}/${index}/currency`);
  }
  faults.raise();
  return body;
};

/** Everything is computed in US dollars: a rule in another currency that the book cannot convert would never count, and nobody would be told. */
const sayUnconvertible = (
  faults: Faults,
  { exchangeRates }: PriceBookBody,
  { currency, validFrom, validTo }: Pick<Contract, 'validFrom' | 'validTo'> & { readonly currency?: string | null },
  at: string,
): void => {
  if (currency == null || currency === 'USD' || !isCurrency(currency)) return;
  const converts = exchangeRates.some(
    (rate) =>
      [rate.base, rate.quote].includes(currency) &&
      [rate.base, rate.quote].includes('USD') &&
      (validTo === null || rate.validFrom < validTo) &&
      (rate.validTo === null || validFrom < rate.validTo),
  );
  if (converts) return;
  faults.say(
    at,
    'no_exchange_rate',
    `It is in ${currency}, and the book has no rate between ${currency} and USD that holds while it does; add one to exchangeRates.`,
  );
};

const REFERENCES = { providers: 'provider', regions: 'region', devices: 'device', offers: 'offer' } as const;

class Reader {
  readonly #faults: Faults;
  readonly #view: CatalogView;

  constructor(faults: Faults, view: CatalogView) {
    this.#faults = faults;
    this.#view = view;
  }

  discount(given: Given<'discounts'>, at: string): Discount {
    const { id, percent, amountOff, currency } = given;
    if ((percent === undefined) === (amountOff === undefined)) {
      this.#faults.say(`${at}/percent`, 'one_of', 'A discount has either percent or amountOff.');
    }
    if (percent !== undefined && !(Number(percent) > 0 && Number(percent) <= 100)) {
      this.#faults.say(`${at}/percent`, 'range', 'A percentage off is above 0 and at most 100.');
    }
    if (amountOff !== undefined && currency === undefined) {
      this.#faults.say(`${at}/currency`, 'required', 'amountOff needs its currency.');
    }
    if (percent !== undefined && currency !== undefined) {
      this.#faults.say(`${at}/currency`, 'contradiction', 'A percentage has no currency; leave it out.');
    }
    const common = {
      id,
      selector: this.#selector(given.selector ?? {}, `${at}/selector`),
      onPrivateList: given.onPrivateList ?? false,
      ...this.#dates(given, at),
    };
    if (amountOff === undefined) return { ...common, percent: percent ?? '0' };
    return {
      ...common,
      amountOff,
      currency: this.#currency(currency ?? 'USD', `${at}/currency`),
      per: given.per ?? 'device',
    };
  }

  contract(given: Given<'contracts'>, at: string): PriceBookBody['contracts'][number] {
    const { id, category, amount, source } = given;
    const selector = this.#selector(given.selector, `${at}/selector`);
    if (Object.keys(selector).length === 0) {
      this.#faults.say(
        `${at}/selector`,
        'required',
        'Say which offers the contract is about: name providers, regions, devices or offers.',
      );
    }
    const termMonths = given.termMonths ?? 0;
    if ((category === 'committed') !== termMonths > 0) {
      const detail =
        category === 'committed'
          ? 'A commitment needs termMonths, 12 for one year.'
          : 'Only a commitment has a term: leave termMonths out.';
      this.#faults.say(`${at}/termMonths`, 'contradiction', detail);
    }
    if (category !== 'committed' && Number(given.upfront ?? 0) > 0) {
      this.#faults.say(
        `${at}/upfront`,
        'contradiction',
        'Only a commitment is paid upfront: leave upfront out, and write what is paid in amount.',
      );
    }
    const payment = given.payment ?? 'none';
    if (category !== 'committed' && payment !== 'none') {
      this.#faults.say(`${at}/payment`, 'contradiction', 'Only a commitment has a payment option: leave payment out.');
    }
    const upfront = given.upfront ?? '0';
    const fault = category === 'committed' ? paymentFault(payment, upfront) : undefined;
    if (fault !== undefined) this.#faults.say(`${at}/upfront`, 'contradiction', fault);
    const unit = given.unit ?? (category === 'purchase' ? 'each' : 'hour');
    const fits =
      category === 'token' ? unit.startsWith('million_') : unit === (category === 'purchase' ? 'each' : 'hour');
    if (!fits)
      this.#faults.say(`${at}/unit`, 'contradiction', `A price of the category ${category} is not by ${unit}.`);
    return {
      id,
      selector,
      category,
      termMonths,
      payment,
      unit,
      amount,
      upfront,
      currency: this.#currency(given.currency, `${at}/currency`),
      // Tokens have no devices to be counted.
      per: category === 'token' ? 'offer' : (given.per ?? 'device'),
      source,
      ...this.#dates(given, at),
    };
  }

  exchangeRate(given: Given<'exchangeRates'>, at: string): PriceBookBody['exchangeRates'][number] {
    if (!(Number(given.rate) > 0)) this.#faults.say(`${at}/rate`, 'range', 'A rate is above 0.');
    if (given.base === given.quote)
      this.#faults.say(`${at}/quote`, 'contradiction', 'A rate is between two currencies.');
    return {
      base: this.#currency(given.base, `${at}/base`),
      quote: this.#currency(given.quote, `${at}/quote`),
      rate: given.rate,
      source: given.source,
      ...this.#dates(given, at),
    };
  }

  purchase(given: Given<'purchases'>, at: string): PriceBookBody['purchases'][number] {
    this.#refer('device', given.deviceId, `${at}/deviceId`);
    const tiers = [{ fromUnits: 0, unitPrice: given.unitPrice }, ...(given.tiers ?? [])];
    for (const [index, tier] of tiers.entries()) {
      if (index > 0 && tier.fromUnits <= (tiers[index - 1]?.fromUnits ?? 0)) {
        this.#faults.say(
          `${at}/tiers/${index - 1}/fromUnits`,
          'order',
          'Tiers stand in the order of fromUnits, each above the one before.',
        );
      }
    }
    return {
      id: given.id,
      deviceId: given.deviceId,
      supplier: given.supplier,
      devicesPerUnit: given.devicesPerUnit ?? 1,
      includesServer: given.includesServer ?? false,
      tiers,
      currency: this.#currency(given.currency, `${at}/currency`),
      leadTimeDays: given.leadTimeDays ?? null,
      warrantyMonths: given.warrantyMonths ?? null,
      usefulLifeYears: given.usefulLifeYears ?? null,
      residualPercent: given.residualPercent ?? null,
      source: given.source,
      ...this.#dates(given, at),
    };
  }

  distinct(items: readonly { readonly id: string }[], at: string): void {
    const seen = new Set<string>();
    for (const [index, { id }] of items.entries()) {
      if (seen.has(id)) this.#faults.say(`${at}/${index}`, 'duplicate', `'${id}' stands there twice.`);
      seen.add(id);
    }
  }

  /** Parts that narrow nothing are left out. */
  #selector(given: PriceSelector, at: string): PriceSelector {
    const kept: Record<string, readonly string[]> = {};
    for (const [name, ids] of Object.entries(given) as [keyof PriceSelector, readonly string[] | undefined][]) {
      if (ids === undefined || ids.length === 0) continue;
      if (name !== 'categories') {
        for (const [index, id] of ids.entries()) this.#refer(REFERENCES[name], id, `${at}/${name}/${index}`);
      }
      kept[name] = ids;
    }
    return kept;
  }

  #refer(kind: EntryKind, id: string, pointer: string): void {
    if (this.#view.entry(kind, id) !== undefined) return;
    const near = this.#view.nearest(kind, id)[0];
    const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
    this.#faults.unknown.push({ pointer, rule: 'unknown_id', detail: `The catalog has no ${kind} '${id}'.${hint}` });
  }

  #currency(code: string, pointer: string): string {
    if (!isCurrency(code)) {
      const { rule, detail } = unknownCurrency(code);
      this.#faults.currencies.push({ pointer, rule, detail });
    }
    return code;
  }

  #dates(given: { readonly validFrom: string; readonly validTo?: string | null }, at: string) {
    const read = (text: string, field: string): string => {
      const moment = momentOf(text);
      if (moment === undefined) {
        this.#faults.say(
          `${at}/${field}`,
          'format',
          `'${text}' is not a time; write it like 2026-06-01T00:00:00Z or 2026-06-01.`,
        );
      }
      return moment ?? '';
    };
    const validFrom = read(given.validFrom, 'validFrom');
    const validTo = given.validTo == null ? null : read(given.validTo, 'validTo');
    if (validTo !== null && validFrom !== '' && validTo !== '' && validTo <= validFrom) {
      this.#faults.say(`${at}/validTo`, 'order', 'It ends before it begins; validTo is after validFrom.');
    }
    return { validFrom, validTo };
  }
}

/** Written to be sent back: the first tier is the unit price. */
export const priceBookToApi = (body: PriceBookBody) =>
  ({
    ...body,
    purchases: body.purchases.map(({ tiers: [first, ...tiers], ...purchase }) => ({
      ...purchase,
      unitPrice: first?.unitPrice ?? '0',
      tiers,
    })),
  }) as Pick<Static<typeof PriceBookSchema>, 'name' | 'discounts' | 'contracts' | 'exchangeRates' | 'purchases'>;
