/** Price books over HTTP: an estimate with one, what it says of its prices, replay, private lists, and that tenants never see each other's. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import type { CatalogHolder } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import type { App } from '../../src/http/application.ts';
import { exampleBook } from '../../src/http/schemas/price-books/book.ts';
import { csv, row } from '../catalog/sync/syncing.ts';
import { problemOf } from './application.ts';
import { useFilledApplication } from './filled-application.ts';

const service = useFilledApplication(loadSeed);
let app: App;
let catalog: CatalogHolder;
const keys = { acme: '', globex: '', reader: '' };

beforeAll(async () => {
  const { pool } = service();
  ({ app, catalog } = service());
  const scopes = ['books:write', 'prices:write', 'audit:read'];
  keys.acme = await createKey(pool, { tenant: 'acme', label: 'buyer', scopes });
  keys.globex = await createKey(pool, { tenant: 'globex', label: 'buyer', scopes });
  keys.reader = await createKey(pool, { tenant: 'acme', label: 'analyst', scopes: ['books:read'] });
});

const headersOf = (key: string | undefined) => (key === undefined ? {} : { 'x-api-key': key });
const get = (url: string, key?: string) => app.inject({ method: 'GET', url, headers: headersOf(key) });
const put = (id: string, payload: object, key = keys.acme, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'PUT',
    url: `/v1/catalog/price-books/${id}`,
    headers: { 'x-api-key': key, ...headers },
    payload,
  });
const estimate = (payload: object, key?: string) =>
  app.inject({ method: 'POST', url: '/v1/estimates/inference', headers: headersOf(key), payload });

const question = {
  model: 'meta-llama/Llama-3.1-70B',
  requestsPerDay: 1_000_000,
  device: 'nvidia-h100-sxm5-80gb',
  location: { region: 'aws/us-east-1' },
};
const from = { validFrom: '2026-01-01' };

describe('a price book', () => {
  it('has the rate that answers in another currency are told at, either way round, by the day', async () => {
    const rate = { base: 'USD', quote: 'AED', rate: '3.6725', source: 'Treasury', validFrom: '2026-01-01' };
    const euro = { base: 'EUR', quote: 'USD', rate: '1.25', source: 'Treasury', validFrom: '2026-11-01' };
    await put('treasury', { name: 'Treasury', exchangeRates: [rate, euro] });
    const ask = (currency: string, pricingAt?: string) =>
      estimate({ ...question, priceBook: { id: 'treasury' }, pricingAt, reporting: { currency } }, keys.acme);
    const totalOf = async (currency: string) => (await ask(currency)).json().costPerMonth.total.amount;
    const dollars = Number(await totalOf('USD'));
    expect(Number(await totalOf('AED'))).toBeCloseTo(dollars * 3.6725, 4);
    expect(Number(await totalOf('EUR'))).toBeCloseTo(dollars * 0.8, 4);
    expect((await ask('EUR')).json().replay.reporting).toEqual({
      currency: 'EUR',
      unitsPerUsd: '0.8',
      validFrom: '2026-11-01T00:00:00.000Z',
      source: 'Treasury',
      takenFrom: 'price_book',
    });
    const before = await ask('EUR', '2026-10-01T00:00:00Z');
    expect(before.statusCode).toBe(422);
    expect(problemOf(before).detail).toMatch(/No rate of exchange from USD to EUR .* 'treasury' has none that holds/);
  });

  it('is made, read, changed and retired; each version stays', async () => {
    const made = await put('deal', exampleBook);
    expect(made.statusCode).toBe(201);
    const first = made.json();
    expect(first).toMatchObject({ id: 'deal', changedBy: 'acme/buyer', privateListRevision: null });
    expect((await put('deal', exampleBook)).json()).toEqual(first);
    // What was read can be sent back.
    const {
      id: _id,
      revision: _revision,
      committedAt: _at,
      changedBy: _by,
      privateListRevision: _list,
      ...body
    } = first;
    expect((await put('deal', body)).json()).toEqual(first);
    const stale = await put('deal', { name: 'Second' }, keys.acme, { 'if-match': '"deal.1"' });
    expect(stale.statusCode).toBe(412);
    const second = await put('deal', { name: 'Second' }, keys.acme, { 'if-match': String(made.headers.etag) });
    expect(second.json()).toMatchObject({ name: 'Second', discounts: [] });
    expect((await get(`/v1/catalog/price-books/deal?revision=${first.revision}`, keys.reader)).json()).toEqual(first);
    const retired = await app.inject({
      method: 'DELETE',
      url: '/v1/catalog/price-books/deal',
      headers: headersOf(keys.acme),
    });
    expect(retired.statusCode).toBe(204);
    expect((await get('/v1/catalog/price-books/deal', keys.acme)).statusCode).toBe(404);
    expect((await get(`/v1/catalog/price-books/deal?revision=${first.revision}`, keys.acme)).json()).toEqual(first);
    const changes = (await get('/v1/catalog/price-books/deal/changes', keys.acme)).json().items;
    expect(changes.map(({ reason }: { reason: string }) => reason)).toEqual([
      'Price book retired',
      'Price book written',
      'Price book written',
    ]);
    const audit = (await get('/v1/audit-events?subject=price-book%2Fdeal', keys.acme)).json().items;
    expect(audit.map(({ action }: { action: string }) => action)).toEqual([
      'price_book_retired',
      'price_book_written',
      'price_book_written',
    ]);
  });

  it('says what a decimal is where a discount is none', async () => {
    const refused = await put('signed', {
      name: 'S',
      discounts: [{ id: 'd', percent: '-5', validFrom: '2026-01-01' }],
    });
    expect(problemOf(refused).detail).toContain('no decimal number from 0 on, for example "12.5"');
  });

  it('refuses a rule in a currency that it has no rate for', async () => {
    const rate = { base: 'AED', quote: 'USD', rate: '0.27', source: 'Treasury', validFrom: '2026-06-01' };
    const contract = {
      id: 'gulf',
      selector: { providers: ['aws'] },
      category: 'on_demand',
      amount: '7',
      currency: 'AED',
      source: 'Contract 8',
      validFrom: '2026-01-01',
    };
    const book = (rates: readonly object[], over: object = {}) =>
      put('converted', { name: 'C', contracts: [{ ...contract, ...over }], exchangeRates: rates });
    for (const refused of [
      await book([]),
      await book([{ ...rate, quote: 'EUR' }]),
      await book([rate], { validTo: '2026-06-01' }),
      await book([{ ...rate, validFrom: '2025-01-01', validTo: '2026-01-01' }]),
    ]) {
      expect(refused.statusCode).toBe(400);
      expect(problemOf(refused).errors).toMatchObject([
        {
          pointer: '#/contracts/0/currency',
          rule: 'no_exchange_rate',
          detail: expect.stringMatching(/no rate between AED and USD/),
        },
      ]);
    }
    expect((await book([rate])).statusCode).toBe(201);
    expect((await book([{ ...rate, base: 'USD', quote: 'AED', rate: '3.67' }])).statusCode).toBe(200);
  });

  it('refuses an id that no database can keep', async () => {
    const response = await get('/v1/catalog/price-books/%00', keys.reader);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toMatchObject([
      { parameter: 'path id', detail: 'id must not contain the character U+0000.' },
    ]);
  });

  it.each([
    [{ discounts: [{ id: 'a', ...from }] }, '#/discounts/0/percent', 400],
    [{ discounts: [{ id: 'a', percent: '0', ...from }] }, '#/discounts/0/percent', 400],
    [{ discounts: [{ id: 'a', amountOff: '1', ...from }] }, '#/discounts/0/currency', 400],
    [
      {
        discounts: [
          { id: 'a', percent: '5', ...from },
          { id: 'a', percent: '6', ...from },
        ],
      },
      '#/discounts/1',
      400,
    ],
    [{ discounts: [{ id: 'a', percent: '5', validFrom: '2026-02-30' }] }, '#/discounts/0/validFrom', 400],
    [{ discounts: [{ id: 'a', percent: '5', ...from, validTo: '2025-01-01' }] }, '#/discounts/0/validTo', 400],
    [{ contracts: [{ ...exampleBook.contracts[0], selector: {} }] }, '#/contracts/0/selector', 400],
    [{ contracts: [{ ...exampleBook.contracts[0], termMonths: 0 }] }, '#/contracts/0/termMonths', 400],
    [{ contracts: [{ ...exampleBook.contracts[0], upfront: '5' }] }, '#/contracts/0/upfront', 400],
    [{ contracts: [{ ...exampleBook.contracts[0], payment: 'all_upfront' }] }, '#/contracts/0/upfront', 400],
    [
      { contracts: [{ ...exampleBook.contracts[0], category: 'on_demand', termMonths: 0 }] },
      '#/contracts/0/payment',
      400,
    ],
    [
      {
        contracts: [
          { ...exampleBook.contracts[0], category: 'on_demand', termMonths: 0, payment: 'none', upfront: '100' },
        ],
      },
      '#/contracts/0/upfront',
      400,
    ],
    [
      { contracts: [{ ...exampleBook.contracts[0], selector: { regions: ['aws/us-esat-1'] } }] },
      '#/contracts/0/selector/regions/0',
      422,
    ],
    [{ exchangeRates: [{ ...exampleBook.exchangeRates[0], quote: 'DHS' }] }, '#/exchangeRates/0/quote', 422],
    [{ exchangeRates: [{ ...exampleBook.exchangeRates[0], rate: '0' }] }, '#/exchangeRates/0/rate', 400],
    [
      { purchases: [{ ...exampleBook.purchases[0], tiers: [{ fromUnits: 0, unitPrice: '1' }] }] },
      '#/purchases/0/tiers/0/fromUnits',
      400,
    ],
  ])('%j is refused at %s', async (body, pointer, status) => {
    const answer = await put('wrong', { name: 'Wrong', ...body });
    expect([answer.statusCode, problemOf(answer).errors?.[0]?.pointer]).toEqual([status, pointer]);
    expect((await get('/v1/catalog/price-books/wrong', keys.acme)).statusCode).toBe(404);
  });
});

describe('an estimate with a price book', () => {
  const discount = { id: 'edp', percent: '20', selector: { providers: ['aws'] }, ...from };

  it('says which layer won, carries the revision and gives the same bytes again after the book has changed', async () => {
    const listed = (await estimate(question)).json();
    await put('edp', { name: 'EDP', discounts: [discount] });
    const priced = await estimate({ ...question, priceBook: { id: 'edp' } }, keys.reader);
    expect(priced.statusCode).toBe(200);
    const answer = priced.json();
    const [list] = listed.prices;
    expect(list.layer).toBeUndefined();
    expect(answer.prices[0]).toMatchObject({
      priceId: list.priceId,
      layer: { kind: 'discount', ruleId: 'edp', priceBook: 'edp', listAmount: list.amount },
    });
    expect(Number(answer.prices[0].amount)).toBeCloseTo(Number(list.amount) * 0.8, 9);
    expect(answer.replay.priceBook).toEqual({ id: 'edp', revision: expect.any(Number) });
    expect(answer.request.priceBook).toEqual(answer.replay.priceBook);
    await put('edp', {
      name: 'EDP',
      contracts: [{ ...exampleBook.contracts[0], category: 'on_demand', termMonths: 0, payment: 'none' }],
    });
    expect((await estimate(answer.request, keys.acme)).body).toBe(priced.body);
    const contracted = (await estimate({ ...question, priceBook: { id: 'edp' } }, keys.acme)).json();
    expect(contracted.prices[0]).toMatchObject({ amount: '16.8', layer: { kind: 'contract', ruleId: 'h100-frame' } });
    // Without naming it nothing changes.
    const { replay: _replay, request: _request, ...unchanged } = (await estimate(question)).json();
    const { replay: _before, request: _asked, ...before } = listed;
    expect(unchanged).toEqual(before);
  });

  it('buys at the tier that the devices reach, on the agreed terms', async () => {
    await put('buy', { name: 'Hardware', purchases: exampleBook.purchases });
    const owned = { ...question, purchase: { category: 'owned' }, priceBook: { id: 'buy' } };
    const answer = (await estimate(owned, keys.acme)).json();
    expect(answer.prices[0]).toMatchObject({
      priceId: 'price-book:buy/global/dgx-h100-q1/purchase',
      amount: '310000',
      layer: { kind: 'purchase_agreement', ruleId: 'dgx-h100-q1', listAmount: null },
    });
    expect(answer.assumptions.map(({ id }: { id: string }) => id)).not.toContain('owned.useful_life_years');
  });

  it('a recommendation holds the agreed lead time against its limit, unless the request says otherwise', async () => {
    await put('prompt', { name: 'Prompt', purchases: exampleBook.purchases });
    const ask = async (maxLeadTimeDays: number, more: object = {}) =>
      (
        await app.inject({
          method: 'POST',
          url: '/v1/hardware-recommendations',
          headers: headersOf(keys.acme),
          payload: {
            inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000 },
            constraints: { devices: ['nvidia-h100-sxm5-80gb'], maxLeadTimeDays },
            purchase: { accept: ['owned'], ...more },
            priceBook: { id: 'prompt' },
          },
        })
      ).json();
    const agreed = await ask(60);
    expect(agreed.status).toBe('feasible');
    expect(agreed.inference.options[0]).toMatchObject({
      leadTimeDays: 60,
      leadTimeBasis: 'offer',
      leadTimeConfidence: null,
    });
    expect((await ask(59)).status).toBe('infeasible');
    expect((await ask(59, { ownedLeadTimeDays: 30 })).status).toBe('feasible');
  });

  it('a recommendation in which everything is free says that nothing tells the two apart by cost', async () => {
    await put('gift', { name: 'Gift', discounts: [{ id: 'all', percent: '100', validFrom: '2026-01-01' }] });
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/hardware-recommendations',
      headers: headersOf(keys.acme),
      payload: {
        inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 },
        purchase: { accept: ['on_demand'] },
        priceBook: { id: 'gift' },
      },
    });
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
    expect(answer.json().inference.runnerUp.stability).toMatchObject({ costRatioP50: 1, verdict: 'undecided' });
    const fleet = await app.inject({
      method: 'POST',
      url: '/v1/hardware-recommendations/mixed-fleets',
      headers: headersOf(keys.acme),
      payload: {
        inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 },
        constraints: { regions: ['aws/us-east-1'] },
        priceBook: { id: 'gift' },
      },
    });
    expect(fleet.statusCode, fleet.body.slice(0, 300)).toBe(200);
    expect(fleet.json().savingPercent).toBe(0);
  });

  it('needs a key that may read books; foreign and absent are the same 404', async () => {
    await put('secret', { name: 'Secret' });
    const named = { ...question, priceBook: { id: 'secret' } };
    expect((await estimate(named)).statusCode).toBe(401);
    const powerless = await createKey(service().pool, { tenant: 'acme', label: 'sender', scopes: ['prices:write'] });
    expect((await estimate(named, powerless)).statusCode).toBe(403);
    const foreign = await estimate(named, keys.globex);
    const absent = await estimate({ ...question, priceBook: { id: 'nobody' } }, keys.globex);
    expect([foreign.statusCode, absent.statusCode]).toEqual([404, 404]);
    expect(problemOf(foreign).detail).toBe(problemOf(absent).detail.replace('nobody', 'secret'));
    const batch = await app.inject({
      method: 'POST',
      url: '/v1/estimates:batch',
      headers: headersOf(keys.globex),
      payload: {
        estimates: [
          { kind: 'inference', request: named },
          { kind: 'inference', request: question },
        ],
      },
    });
    expect(batch.json().results.map((it: { problem?: { status: number } }) => it.problem?.status)).toEqual([
      404,
      undefined,
    ]);
  });

  it('and a recommendation ranks by the buyer’s prices', async () => {
    await put('cheap', {
      name: 'Cheap',
      contracts: [
        { ...exampleBook.contracts[0], category: 'on_demand', termMonths: 0, payment: 'none', amount: '0.01' },
      ],
    });
    const payload = {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      priceBook: { id: 'cheap' },
    };
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/hardware-recommendations',
      headers: headersOf(keys.acme),
      payload,
    });
    expect(answer.statusCode, answer.body.slice(0, 300)).toBe(200);
    expect(answer.body).toContain('"ruleId":"h100-frame"');
    expect(answer.json().request.priceBook).toMatchObject({ id: 'cheap' });
  });
});

describe('a private list', () => {
  const send = (id: string, list: string, key: string, name: string, query = '', more: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `/v1/catalog/price-books/${id}/price-syncs${query}`,
      headers: { 'content-type': 'text/csv', 'idempotency-key': name, 'x-api-key': key, ...more },
      payload: list,
    });

  it('of a retired book is not that of one made again under its name', async () => {
    const ask = async (revision?: number) => {
      const priceBook = { id: 'again', ...(revision !== undefined && { revision }) };
      return (await estimate({ ...question, priceBook }, keys.acme)).json().prices[0];
    };
    await put('again', { name: 'First life' });
    await send('again', csv([row({ amount: '20' })]), keys.acme, 'again-list-1');
    await send('again', csv([row({ amount: '60' })]), keys.acme, 'again-list-2');
    const waiting = (await get('/v1/catalog/quarantine?source=price-book:acme:again', keys.acme)).json().items;
    const first = await ask();
    expect([first.amount, first.layer.kind, waiting.length]).toEqual(['20', 'private_list', 1]);
    const before = (await get('/v1/catalog/price-books/again', keys.acme)).json().revision;
    await app.inject({ method: 'DELETE', url: '/v1/catalog/price-books/again', headers: { 'x-api-key': keys.acme } });
    const made = await put('again', { name: 'Second life' });
    expect([made.statusCode, made.json().privateListRevision]).toEqual([201, null]);
    expect((await ask()).layer.kind).toBe('list');
    expect((await get('/v1/catalog/quarantine?source=price-book:acme:again', keys.acme)).json().items).toEqual([]);
    // What was there is still read at its revision, and a new list counts alone.
    expect(await ask(before)).toMatchObject({ amount: '20', layer: { kind: 'private_list' } });
    const spot = csv([row({ category: 'spot', amount: '11' })]);
    const sent = await send('again', spot, keys.acme, 'again-list-3', '?mode=full');
    expect(sent.json().counts).toMatchObject({ inserted: 1, closed: 0 });
    expect((await ask()).layer.kind).toBe('list');
  });

  it('is still what its sender saw when somebody changes the discounts of its book meanwhile', async () => {
    await put('edited', { name: 'Edited' });
    const list = (amount: string) => csv([row({ amount })]);
    await send('edited', list('20'), keys.acme, 'edited-list-1');
    const dry = await send('edited', list('21'), keys.acme, 'edited-list-2', '?dryRun=true');
    const seen = { 'if-match': String(dry.headers.etag) };
    await put('edited', { name: 'Edited', discounts: [{ id: 'some', percent: '5', validFrom: '2026-01-01' }] });
    const sent = await send('edited', list('21'), keys.acme, 'edited-list-3', '', seen);
    expect(sent.json()).toMatchObject({ counts: { changed: 1 } });
    expect((await send('edited', list('22'), keys.acme, 'edited-list-4', '', seen)).statusCode).toBe(412);
  });

  it('is synced into its book and is nowhere else', async () => {
    await put('own-list', { name: 'Own list' });
    const published = await get('/v1/catalog/prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fon_demand');
    const before = {
      revisions: (await get('/v1/catalog/revisions')).json(),
      sources: (await get('/v1/catalog/sources')).json(),
    };
    const list = csv([
      row({ amount: '20' }),
      row({ category: 'committed', termMonths: '36', payment: 'all_upfront', amount: '0', upfront: '200000' }),
      row({ sku: 'p99.huge', kind: 'instance', deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: '8', amount: '9' }),
    ]);
    const sent = await send('own-list', list, keys.acme, 'private-list');
    expect(sent.statusCode, sent.body).toBe(201);
    expect(sent.json()).toMatchObject({
      sourceId: 'price-book:acme:own-list',
      counts: { inserted: 2, rejected: 1, quarantined: 0, offersAdded: 0 },
      firstRejections: [{ rowNumber: 3, detail: expect.stringContaining('private list') }],
    });
    const book = (await get('/v1/catalog/price-books/own-list', keys.acme)).json();
    expect(book.privateListRevision).toBe(sent.json().revision);
    expect(book.revision).toBe(sent.json().revision);

    const answer = (await estimate({ ...question, priceBook: { id: 'own-list' } }, keys.acme)).json();
    expect(answer.prices[0]).toMatchObject({
      amount: '20',
      layer: { kind: 'private_list', ruleId: null, listAmount: published.json().amount },
    });

    await catalog.refresh();
    expect((await get('/v1/catalog/prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fon_demand')).json()).toEqual(
      published.json(),
    );
    expect((await get('/v1/catalog/revisions')).json()).toEqual(before.revisions);
    expect((await get('/v1/catalog/sources')).json()).toEqual(before.sources);
    expect((await get(`/v1/catalog/revisions/${sent.json().revision}/diff`)).statusCode).toBe(404);
    const committed = await get('/v1/catalog/prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fcommitted-36m-all_upfront');
    expect(committed.body).not.toContain('200000');
    expect((await get(`/v1/catalog/price-syncs/${sent.json().id}`, keys.globex)).statusCode).toBe(404);
    expect((await get(`/v1/catalog/price-syncs/${sent.json().id}/differences`, keys.acme)).json().items).toHaveLength(
      2,
    );
  });

  it('in a currency that its book cannot convert is told of in the report and in every answer, until it can', async () => {
    const book = { name: 'Euros' };
    await put('in-euros', book);
    const list = csv([
      row({ amount: '40', currency: 'EUR' }),
      row({ region: 'us-west-2', amount: '41', currency: 'EUR' }),
    ]);
    const sent = await send('in-euros', list, keys.acme, 'in-euros-1', '?mode=full');
    expect(sent.json()).toMatchObject({
      counts: { inserted: 2 },
      notes: [
        {
          code: 'no_exchange_rate',
          currency: 'EUR',
          count: 2,
          detail: expect.stringContaining('ecb-rates --currency EUR'),
        },
      ],
    });
    const ask = async () => {
      const answer = await estimate({ ...question, priceBook: { id: 'in-euros' } }, keys.acme);
      return answer.json();
    };
    const without = await ask();
    expect(without.replay.pricesLeftOut).toMatchObject([
      {
        layer: 'private_list',
        currency: 'EUR',
        prices: 2,
        detail: expect.stringContaining('Add one to its exchangeRates'),
      },
    ]);
    // Told again of a list that changes nothing.
    const again = await send('in-euros', list, keys.acme, 'in-euros-2', '?mode=full&dryRun=true');
    expect(again.json()).toMatchObject({ counts: { unchanged: 2 }, notes: [{ code: 'no_exchange_rate', count: 2 }] });
    const rate = { base: 'EUR', quote: 'USD', rate: '1.1', validFrom: '2026-01-01', source: 'Treasury' };
    await put('in-euros', { ...book, exchangeRates: [rate] });
    const converted = await ask();
    expect(converted.replay).not.toHaveProperty('pricesLeftOut');
    expect((await send('in-euros', list, keys.acme, 'in-euros-3', '?mode=full')).json().notes).toEqual([]);
    const replayed = await estimate(without.request, keys.acme);
    expect(replayed.json()).toEqual(without);
  });

  it('of another tenant is not there to be written', async () => {
    const list = csv([row({ amount: '1' })]);
    const [foreign, absent] = [
      await send('own-list', list, keys.globex, 'foreign-1'),
      await send('none', list, keys.globex, 'absent-1'),
    ];
    expect([foreign.statusCode, absent.statusCode]).toEqual([404, 404]);
    const house = await createKey(service().pool, { tenant: 'house', label: 'feeder', scopes: ['prices:write'] });
    const reserved = await app.inject({
      method: 'POST',
      url: '/v1/catalog/price-syncs?source=price-book:acme:own-list',
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'reserved-1', 'x-api-key': house },
      payload: list,
    });
    expect(reserved.statusCode).toBe(422);
  });

  it('what the public catalog gets after it comes with the next number, and reads at every revision stay', async () => {
    const house = await createKey(service().pool, { tenant: 'house', label: 'feeder-2', scopes: ['prices:write'] });
    const sent = await app.inject({
      method: 'POST',
      url: '/v1/catalog/price-syncs?source=vendor',
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'public-1', 'x-api-key': house },
      payload: csv([
        row({ category: 'committed', termMonths: '36', payment: 'all_upfront', amount: '0', upfront: '210000' }),
      ]),
    });
    expect(sent.json().counts).toMatchObject({ inserted: 1 });
    const id = 'aws%2Fus-east-1%2Fp5.48xlarge%2Fcommitted-36m-all_upfront';
    expect((await get(`/v1/catalog/prices/${id}`)).json()).toMatchObject({ upfront: '210000' });
    expect((await get(`/v1/catalog/prices/${id}?revision=1`)).statusCode).toBe(404);
    const [newest, older] = (await get('/v1/catalog/revisions')).json().items;
    expect(newest.revision).toBeGreaterThan(older.revision + 1);
    expect((await get(`/v1/catalog/prices?revision=${newest.revision - 1}`)).statusCode).toBe(404);
  });
});
