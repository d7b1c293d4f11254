/** Prices as a file: what is in it, that it can be sent back, and that it streams. */
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import type { App } from '../../src/http/application.ts';
import { useFilledApplication } from './filled-application.ts';

const service = useFilledApplication(loadSeed);
let app: App;
const keys = { sender: '', acme: '' };

beforeAll(async () => {
  const { pool } = service();
  app = service().app;
  keys.sender = await createKey(pool, { tenant: 'house', label: 'sender', scopes: ['prices:write'] });
  keys.acme = await createKey(pool, { tenant: 'acme', label: 'buyer', scopes: ['books:write'] });
});

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: 'GET', url, headers });
const csvOf = async (query: string, headers: Record<string, string> = {}): Promise<Record<string, string>[]> => {
  const answer = await get(`/v1/catalog/exports/prices?${query}`, headers);
  expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
  return parse(answer.body, { columns: true });
};

describe('an export', () => {
  it('has every price in force once, in the order of the list, under FOCUS names', async () => {
    const rows = await csvOf('');
    const list = (await get('/v1/catalog/prices?pageSize=200')).json();
    expect(rows).toHaveLength(list.total);
    const first = rows.slice(0, 200);
    expect(first.map((row) => [row.SkuPriceId, row.ListUnitPrice, row.PricingCurrency])).toEqual(
      list.items.map(({ id, amount, currency }: Record<string, string>) => [id, amount ?? '', currency]),
    );
    const p5 = rows.find((row) => row.SkuPriceId === 'aws/us-east-1/p5.48xlarge/on_demand');
    expect(p5).toMatchObject({
      ServiceProviderName: 'aws',
      RegionId: 'us-east-1',
      SkuId: 'p5.48xlarge',
      PricingCategory: 'Standard',
      PricingUnit: 'Hours',
      CommitmentDiscountCategory: '',
      x_DeviceCount: '8',
      x_StaleAfterDays: '180',
    });
    expect(p5?.ContractedUnitPrice).toBe(p5?.ListUnitPrice);
    expect(new Set(rows.map((row) => row.PricingCategory))).toEqual(
      new Set(['Standard', 'Dynamic', 'Committed', 'Other']),
    );
  });

  it('takes filters, a date and a revision, and refuses what the catalog does not know', async () => {
    const rented = await csvOf('provider=aws&category=on_demand&region=aws/us-east-1');
    expect(rented.length).toBeGreaterThan(0);
    for (const row of rented)
      expect([row.ServiceProviderName, row.PricingCategory, row.RegionId]).toEqual(['aws', 'Standard', 'us-east-1']);
    expect((await csvOf('asOf=2000-01-01')).length).toBe(0);
    expect((await get('/v1/catalog/exports/prices?provider=awss')).statusCode).toBe(422);
    expect((await get('/v1/catalog/exports/prices?revision=99')).statusCode).toBe(404);
  });

  it('as NDJSON says the same, by format or by Accept', async () => {
    const query = '/v1/catalog/exports/prices?device=nvidia-h100-sxm5-80gb';
    const [asked, accepted] = [
      await get(`${query}&format=ndjson`),
      await get(query, { accept: 'application/x-ndjson' }),
    ];
    expect(accepted.body).toBe(asked.body);
    expect(asked.headers['content-type']).toContain('application/x-ndjson');
    const objects = asked.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const rows = await csvOf('device=nvidia-h100-sxm5-80gb');
    expect(objects.map((it) => it.SkuPriceId)).toEqual(rows.map((row) => row.SkuPriceId));
    expect(objects[0].x_DeviceCount).toEqual(expect.any(Number));
  });

  it('is not sent twice', async () => {
    const { headers } = await get('/v1/catalog/exports/prices?provider=oci');
    expect(
      (await get('/v1/catalog/exports/prices?provider=oci', { 'if-none-match': String(headers.etag) })).statusCode,
    ).toBe(304);
  });

  it('in the columns of a price list can be sent back and changes nothing', async () => {
    const file = await get('/v1/catalog/exports/prices?columns=list&provider=aws');
    const send = (name: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/catalog/price-syncs?source=sent-back&mode=full',
        headers: { 'content-type': 'text/csv', 'idempotency-key': `sent-back-${name}`, 'x-api-key': keys.sender },
        payload: file.body,
      });
    const first = (await send('1')).json();
    const { rows, rejected, inserted, quarantined } = first.counts;
    expect([rejected, inserted + quarantined], JSON.stringify(first.firstRejections)).toEqual([0, rows]);
    expect((await send('2')).json().counts).toMatchObject({ inserted: 0, changed: 0, closed: 0 });
  });

  it('has all that a source says, though another wins and for later dates, and sent back in full changes nothing', async () => {
    const row = { provider: 'aws', region: 'us-east-1', sku: 'p5.48xlarge', category: 'on_demand', unit: 'hour' };
    const send = (source: string, name: string, list: string) =>
      app.inject({
        method: 'POST',
        url: `/v1/catalog/price-syncs?source=${source}&mode=full`,
        headers: {
          'content-type': 'application/x-ndjson',
          'idempotency-key': `outranked-${name}`,
          'x-api-key': keys.sender,
        },
        payload: list,
      });
    const lines = (...rows: object[]) =>
      rows.map((it) => JSON.stringify({ ...row, currency: 'USD', ...it })).join('\n');
    await send('winning', '1', lines({ amount: '55.04' }));
    const said = [
      { amount: '55.05' },
      { amount: '50', validFrom: '2030-01-01' },
      { region: 'us-west-2', amount: '55.06' },
      { region: 'us-west-2', validFrom: '2030-01-01', state: 'withdrawn' },
    ];
    expect((await send('outranked', '2', lines(...said))).json().counts).toMatchObject({ inserted: 3, closed: 1 });
    const file = await get('/v1/catalog/exports/prices?columns=list&source=outranked&format=ndjson');
    const exported = file.body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(exported).toMatchObject([
      { amount: '55.05' },
      { amount: '50', validFrom: '2030-01-01T00:00:00.000Z' },
      { region: 'us-west-2', amount: '55.06' },
      { region: 'us-west-2', state: 'withdrawn' },
    ]);
    expect((await send('outranked', '3', file.body)).json()).toMatchObject({
      revision: null,
      counts: { rows: 4, unchanged: 4, takenBack: 0 },
    });
  });

  it('runs nothing in a spreadsheet, and sent back changes nothing', async () => {
    const row = { provider: 'aws', region: 'us-east-1', kind: 'instance', deviceId: 'nvidia-l4-24gb', deviceCount: 1 };
    const price = { category: 'on_demand', unit: 'hour', amount: '0.9', currency: 'USD' };
    const send = (name: string, type: string, payload: string) =>
      app.inject({
        method: 'POST',
        url: '/v1/catalog/price-syncs?source=formulas&mode=full',
        headers: { 'content-type': type, 'idempotency-key': `formulas-${name}`, 'x-api-key': keys.sender },
        payload,
      });
    const remarks = { notes: '=HYPERLINK("http://x","y")', licence: "@cmd|'/C calc'!A0", flags: '+SUM(1) -x' };
    const lines = ['@cf/l4', '@SUM(1)'].map((sku) => JSON.stringify({ ...row, sku, ...price, ...remarks }));
    const first = (await send('1', 'application/x-ndjson', lines.join('\n'))).json();
    expect(first.firstRejections).toMatchObject([{ rowNumber: 2, field: 'sku' }]);
    for (const columns of ['focus', 'list'] as const) {
      const file = await get(`/v1/catalog/exports/prices?columns=${columns}&source=formulas`);
      const cells = (parse(file.body) as string[][]).flat();
      expect(cells.filter((cell) => /^[=+@-]/.test(cell))).toEqual(['@cf/l4']);
      expect(cells).toContain(`'${remarks.notes}`);
      if (columns === 'list') {
        expect((await send('2', 'text/csv', file.body)).json().counts).toMatchObject({ rows: 1, unchanged: 1 });
      }
      const exact = await get(`/v1/catalog/exports/prices?columns=${columns}&source=formulas&format=ndjson`);
      expect(Object.values(JSON.parse(exact.body))).toContain(remarks.notes);
    }
  });

  it('with a price book has what the buyer pays, and the layer', async () => {
    await app.inject({
      method: 'PUT',
      url: '/v1/catalog/price-books/edp',
      headers: { 'x-api-key': keys.acme },
      payload: {
        name: 'EDP',
        discounts: [{ id: 'half', percent: '50', selector: { categories: ['on_demand'] }, validFrom: '2020-01-01' }],
      },
    });
    const query = 'provider=aws&priceBook=edp';
    expect((await get(`/v1/catalog/exports/prices?${query}`)).statusCode).toBe(401);
    const rows = await csvOf(query, { 'x-api-key': keys.acme });
    for (const row of rows.filter(({ ListUnitPrice }) => ListUnitPrice !== '')) {
      const share = row.x_Category === 'on_demand' ? 0.5 : 1;
      expect(Number(row.ContractedUnitPrice)).toBeCloseTo(Number(row.ListUnitPrice) * share, 9);
      expect(row.x_PriceLayer).toBe(share === 1 ? 'list' : 'discount');
    }
  });

  it('with a price book has also what only the book makes, in the currency that is asked for', async () => {
    const offer = 'aws/us-east-1/p5.48xlarge';
    const made = await app.inject({
      method: 'PUT',
      url: '/v1/catalog/price-books/agreed',
      headers: { 'x-api-key': keys.acme },
      payload: {
        name: 'Agreed',
        contracts: [
          {
            id: 'five-years',
            selector: { offers: [offer] },
            category: 'committed',
            termMonths: 60,
            payment: 'no_upfront',
            unit: 'hour',
            amount: '20',
            per: 'offer',
            currency: 'USD',
            source: 'Contract 7',
            validFrom: '2020-01-01',
          },
        ],
        exchangeRates: [{ base: 'USD', quote: 'AED', rate: '3.6725', validFrom: '2020-01-01', source: 'Central bank' }],
      },
    });
    expect(made.statusCode, made.body).toBeLessThan(300);
    const headers = { 'x-api-key': keys.acme };
    const query = `offer=${encodeURIComponent(offer)}&priceBook=agreed`;
    const listed = await csvOf(`offer=${encodeURIComponent(offer)}`);
    const rows = await csvOf(query, headers);
    const id = `${offer}/committed-60m-no_upfront`;
    expect(rows.map((row) => row.SkuPriceId)).toEqual([...listed.map((row) => row.SkuPriceId), id]);
    expect(rows.at(-1)).toMatchObject({
      ListUnitPrice: '',
      ContractedUnitPrice: '20',
      BillingCurrency: 'USD',
      x_PriceLayer: 'contract',
      x_PriceRuleId: 'five-years',
      x_Source: 'Contract 7',
      x_Revision: '',
    });
    // Filters hold for them as well.
    expect((await csvOf(`${query}&category=spot`, headers)).map((row) => row.x_Category)).not.toContain('committed');
    const converted = await csvOf(`${query}&billingCurrency=AED`, headers);
    expect(converted.at(-1)).toMatchObject({
      ContractedUnitPrice: '73.45',
      PricingCurrency: 'USD',
      BillingCurrency: 'AED',
      x_ExchangeRate: '3.6725',
      x_ExchangeRateSource: 'Central bank',
    });
    const onDemand = converted.find((row) => row.SkuPriceId === `${offer}/on_demand`);
    expect(onDemand).toMatchObject({ PricingCurrency: 'USD', BillingCurrency: 'AED' });
    // FOCUS: both unit prices are in the currency that is billed.
    expect(onDemand?.ContractedUnitPrice).toBe(onDemand?.ListUnitPrice);
    const listedOnDemand = listed.find((row) => row.SkuPriceId === onDemand?.SkuPriceId);
    expect(onDemand?.PricingCurrencyListUnitPrice).toBe(listedOnDemand?.ListUnitPrice);
    expect(Number(onDemand?.ListUnitPrice)).toBeCloseTo(Number(listedOnDemand?.ListUnitPrice) * 3.6725, 6);
    // What can be sent back as a public list has public prices alone, which are not what the buyer asked for.
    const asList = await get(`/v1/catalog/exports/prices?${query}&columns=list`, headers);
    expect(asList.statusCode).toBe(422);
    expect(asList.json().errors).toMatchObject([{ parameter: 'query columns', rule: 'public_prices_only' }]);
    expect((await get('/v1/catalog/exports/prices?billingCurrency=AED')).statusCode).toBe(422);
  });
});
