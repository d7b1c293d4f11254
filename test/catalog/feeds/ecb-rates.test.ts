/** The forms that the European Central Bank publishes its reference rates in, a few lines of each; figures of 28 June 2024 and made-up ones. */
import { expect, it } from 'vitest';
import { ecbRates } from '../../../src/catalog/feeds/ecb-rates.ts';
import { FeedFormatError } from '../../../src/catalog/feeds/feed.ts';
import { rateAt } from '../../../src/domain/economics/exchange-rate.ts';

const ONE_DAY = 'Date, USD, JPY, GBP, \n28 June 2024, 1.0705, 171.94, 0.84638, \n';
const MANY_DAYS =
  'Date,USD,JPY,GBP,CYP,\n2024-06-28,1.0705,171.94,0.84638,N/A,\n2024-06-27,1.0696,171.89,0.84648,N/A,\n2007-12-31,1.4721,164.93,0.73335,0.585274,\n';
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time='2024-06-28'><Cube currency='USD' rate='1.0705'/><Cube currency='JPY' rate='171.94'/><Cube currency='GBP' rate='0.84638'/></Cube></Cube></gesmes:Envelope>`;

it('every form says the same of a day', () => {
  const rates = ecbRates(ONE_DAY);
  expect(rates.map(({ base, quote, rate, validFrom }) => [base, quote, rate, validFrom])).toEqual([
    ['EUR', 'USD', '1.0705', '2024-06-28'],
    ['USD', 'JPY', '160.61653433', '2024-06-28'],
    ['USD', 'GBP', '0.790639887903', '2024-06-28'],
  ]);
  expect(rates[2]?.source).toContain('0.84638 GBP and 1.0705 USD for one euro');
  expect(ecbRates(MANY_DAYS)).toEqual(rates);
  expect(ecbRates(XML)).toEqual(rates);
});

it('of many days those wanted, of many currencies those wanted', () => {
  const rates = ecbRates(MANY_DAYS, { since: '2024-06-27', currencies: ['GBP'] });
  expect(rates.map(({ quote, validFrom }) => `${quote} ${validFrom}`)).toEqual([
    'USD 2024-06-27',
    'GBP 2024-06-27',
    'USD 2024-06-28',
    'GBP 2024-06-28',
  ]);
  const dated = rates.map((rate) => ({ ...rate, validFrom: `${rate.validFrom}T00:00:00.000Z`, validTo: null }));
  // The dollar in pounds, over the weekend the rate of Friday.
  expect(Number(rateAt(dated, 'GBP', 'USD', '2024-06-30T12:00:00.000Z')?.rate)).toBeCloseTo(1.0705 / 0.84638, 8);
});

it.each([
  ['another CSV', 'provider,region\naws,us-east-1\n', /not eurofxref/],
  ['another XML', '<html></html>', /no day with rates/],
  ['a date in other words', 'Date,USD\n28.06.2024,1.07\n', /is no date of eurofxref/],
  ['a broken quote', 'Date,USD\n"2024,1.07\n', /is not CSV/],
])('%s is refused', (_name, text, sentence) => {
  expect(() => ecbRates(text)).toThrow(FeedFormatError);
  expect(() => ecbRates(text)).toThrow(sentence);
});

it('a currency that the bank does not publish is told', () => {
  expect(() => ecbRates(ONE_DAY, { currencies: ['AED'] })).toThrow('publishes no rate of AED');
});
