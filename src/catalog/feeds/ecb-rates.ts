/**
 * The euro foreign exchange reference rates of the European Central Bank (eurofxref.csv, eurofxref-hist.csv and their XML twins), as
 * exchangeRates of a price book. They are units of a currency for one euro, of TARGET working days around 14:15 CET; everything here is
 * computed in US dollars, so other currencies become rates to the dollar: the quotient of two rates of the same day.
 * Format: https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/html/index.en.html
 */
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { crossRate } from '../../domain/money.ts';
import { FeedFormatError } from './feed.ts';

/** An exchange rate as the body of a price book has it; it holds until the next one begins. */
interface PublishedRate {
  readonly base: string;
  readonly quote: string;
  readonly rate: string;
  readonly source: string;
  /** ISO date. */
  readonly validFrom: string;
}

interface EcbOptions {
  /** Currencies wanted besides the euro; all of the file where empty. */
  readonly currencies?: readonly string[];
  /** ISO date of the first day wanted; where absent, only the newest day. */
  readonly since?: string;
}

/** Units for one euro by currency. */
interface Day {
  readonly date: string;
  readonly perEuro: ReadonlyMap<string, string>;
}

const COMPUTED_IN = 'USD';
const RATE = /^\d+(\.\d+)?$/;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** @throws FeedFormatError where the text is neither form of the file. */
export const ecbRates = (text: string, { currencies = [], since }: EcbOptions = {}): readonly PublishedRate[] => {
  const days = (text.trimStart().startsWith('<') ? daysOfXml(text) : daysOfCsv(text)).toSorted((a, b) =>
    a.date < b.date ? -1 : 1,
  );
  if (days.length === 0) throw new FeedFormatError('The file has no day with rates; it is not eurofxref.');
  const wanted = since === undefined ? days.slice(-1) : days.filter(({ date }) => date >= since);
  const missing = currencies.find((code) => code !== 'EUR' && !wanted.some(({ perEuro }) => perEuro.has(code)));
  if (missing !== undefined) {
    throw new FeedFormatError(`The European Central Bank publishes no rate of ${missing} in this file.`);
  }
  return wanted.flatMap((day) => ratesOf(day, currencies));
};

const ratesOf = ({ date, perEuro }: Day, currencies: readonly string[]): PublishedRate[] => {
  const dollars = perEuro.get(COMPUTED_IN);
  if (dollars === undefined) throw new FeedFormatError(`The file has no rate of the US dollar on ${date}.`);
  const source = `European Central Bank, euro foreign exchange reference rates of ${date}`;
  const others = [...perEuro].filter(
    ([code]) => code !== COMPUTED_IN && (currencies.length === 0 || currencies.includes(code)),
  );
  return [
    { base: 'EUR', quote: COMPUTED_IN, rate: dollars, source, validFrom: date },
    ...others.map(([code, units]) => ({
      base: COMPUTED_IN,
      quote: code,
      rate: crossRate(units, dollars),
      source: `${source}: ${units} ${code} and ${dollars} USD for one euro`,
      validFrom: date,
    })),
  ];
};

/** "27 November 2026" in the file of one day, "2026-11-27" in that of many. */
const isoDateOf = (cell: string): string => {
  if (/^\d{4}-\d{2}-\d{2}$/.test(cell)) return cell;
  const [, day = '', month = '', year = ''] = /^(\d{1,2}) ([A-Z][a-z]+) (\d{4})$/.exec(cell) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  if (number === 0) throw new FeedFormatError(`'${cell.slice(0, 40)}' is no date of eurofxref.`);
  return `${year}-${String(number).padStart(2, '0')}-${day.padStart(2, '0')}`;
};

const daysOfCsv = (text: string): readonly Day[] => {
  let lines: readonly (readonly string[])[];
  try {
    lines = parse(text, { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true });
  } catch (error) {
    if (error instanceof CsvError) throw new FeedFormatError(`The file is not CSV: ${error.message}.`);
    throw error;
  }
  const [header = [], ...rows] = lines;
  if (header[0] !== 'Date' || !header.includes(COMPUTED_IN)) {
    throw new FeedFormatError('The first line does not begin with Date and currencies; the file is not eurofxref.');
  }
  return rows.map(([date = '', ...cells]) => ({
    date: isoDateOf(date),
    // Currencies that are no longer published have N/A.
    perEuro: new Map(
      cells.flatMap((cell, index): [string, string][] => {
        const code = header[index + 1] ?? '';
        return RATE.test(cell) && Number(cell) > 0 && /^[A-Z]{3}$/.test(code) ? [[code, cell]] : [];
      }),
    ),
  }));
};

const CUBE = /<Cube\s+(?:time=['"]([^'"]*)['"]|currency=['"]([A-Z]{3})['"]\s+rate=['"]([^'"]*)['"])/g;

const daysOfXml = (text: string): readonly Day[] => {
  const days: { date: string; perEuro: Map<string, string> }[] = [];
  for (const [, date, code, rate = ''] of text.matchAll(CUBE)) {
    if (date !== undefined) days.push({ date: isoDateOf(date), perEuro: new Map() });
    else if (code !== undefined && RATE.test(rate) && Number(rate) > 0) days.at(-1)?.perEuro.set(code, rate);
  }
  return days;
};
