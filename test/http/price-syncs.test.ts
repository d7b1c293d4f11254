/** Price lists over HTTP with keys: who may send, who sees the report, and what is kept of it. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import type { CatalogView } from '../../src/catalog/snapshot.ts';
import type { App } from '../../src/http/application.ts';
import { loadWhatLanded } from '../../src/http/routes/price-syncs/report.ts';
import { bytesOf, ListOnItsWay } from '../../src/http/routes/price-syncs/sent-list.ts';
import { contents } from '../catalog/fixtures.ts';
import { csv, row } from '../catalog/sync/syncing.ts';
import { problemOf } from './application.ts';
import { useFilledApplication } from './filled-application.ts';

const service = useFilledApplication(contents);
let app: App;
const keys: Record<'house' | 'reader' | 'acme', string> = { house: '', reader: '', acme: '' };

beforeAll(async () => {
  const { pool } = service();
  app = service().app;
  keys.house = await createKey(pool, { tenant: 'house', label: 'buyer', scopes: ['prices:write', 'audit:read'] });
  keys.reader = await createKey(pool, { tenant: 'house', label: 'reader', scopes: ['books:read'] });
  keys.acme = await createKey(pool, { tenant: 'acme', label: 'buyer', scopes: ['prices:write', 'audit:read'] });
});

let sent = 0;
const send = (payload: string | Buffer, key: string | undefined, headers: Record<string, string> = {}, query = '') => {
  sent += 1;
  return app.inject({
    method: 'POST',
    url: `/v1/catalog/price-syncs?source=vendor${query}`,
    headers: {
      'content-type': 'text/csv',
      'idempotency-key': `request-${sent}`,
      ...(key !== undefined && { 'x-api-key': key }),
      ...headers,
    },
    payload,
  });
};
const get = (url: string, key: string | undefined) =>
  app.inject({ method: 'GET', url, headers: key === undefined ? {} : { 'x-api-key': key } });

describe('sending a list', () => {
  it('needs a key, with the scope, of the house', async () => {
    const list = csv([row({ amount: '54' })]);
    expect((await send(list, undefined)).statusCode).toBe(401);
    expect((await send(list, 'no-such-key')).statusCode).toBe(401);
    const powerless = await send(list, keys.reader);
    expect(powerless.statusCode).toBe(403);
    expect(problemOf(powerless)).toMatchObject({ requiredScope: 'prices:write' });
    const foreign = await send(list, keys.acme);
    expect(foreign.statusCode).toBe(403);
    expect(problemOf(foreign).detail).toContain('price books');
    expect((await get('/v1/catalog/price-syncs', keys.house)).json().items).toEqual([]);
  });

  it('dry run, then the real one with its tag, packed; the price is there and the report tells what happened', async () => {
    const list = csv([row({ amount: '54' }), row({ sku: 'p5.48xlagre', amount: '1' })]);
    const dry = await send(list, keys.house, {}, '&dryRun=true');
    expect(dry.statusCode).toBe(201);
    expect(dry.json()).toMatchObject({
      dryRun: true,
      revision: null,
      counts: { inserted: 1, rejected: 1 },
      firstRejections: [{ rowNumber: 2, field: 'sku', detail: expect.stringContaining('p5.48xlarge') }],
      firstDifferences: [{ change: 'inserted', priceId: 'aws/us-east-1/p5.48xlarge/on_demand', newAmount: '54' }],
    });
    const headers = {
      'content-encoding': 'gzip',
      'if-match': String(dry.headers.etag),
      'idempotency-key': 'the-real-one',
    };
    const real = await send(gzipSync(list), keys.house, headers);
    expect(real.statusCode).toBe(201);
    expect(real.json()).toMatchObject({ actor: 'buyer', counts: { inserted: 1, rejected: 1 }, state: 'succeeded' });
    const price = (await get('/v1/catalog/prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fon_demand', undefined)).json();
    expect(price).toMatchObject({ amount: '54', sourceId: 'vendor' });
    const again = await send(gzipSync(list), keys.house, headers);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json()).toEqual(real.json());
    const stale = await send(list, keys.house, { 'if-match': String(dry.headers.etag) });
    expect(stale.statusCode).toBe(412);
    expect(stale.headers.etag).toBe(real.headers.etag);
  });
});

it('a list that comes over a connection of its own is taken', async () => {
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await fetch(`${address}/v1/catalog/price-syncs?source=vendor&dryRun=true`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', 'idempotency-key': 'by-socket-1', 'x-api-key': keys.house },
    body: csv([row({ amount: '54.2' })]),
  });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ counts: { rows: 1 } });
});

it('nobody who looks through bodies follows the list to its socket', async () => {
  const stream = Readable.from(['provider']);
  const body = new ListOnItsWay(stream);
  expect(Reflect.ownKeys(body)).toEqual([]);
  expect(bytesOf({ body, raw: {} as never })).toBe(stream);
  const nothing = await app.inject({
    method: 'POST',
    url: '/v1/catalog/price-syncs?source=vendor',
    headers: { 'content-type': 'text/csv', 'idempotency-key': 'no-body-1', 'x-api-key': keys.house },
  });
  expect(problemOf(nothing)).toMatchObject({ status: 400, type: '/problems/malformed-price-list' });
});

describe('history', () => {
  const offer = '/v1/catalog/offers/aws%2Fus-east-1%2Fcharted';
  it('of an offer is lines to draw, which break off where a price ends', async () => {
    const charted = row({ sku: 'charted', kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1 });
    const list = csv([
      { ...charted, amount: '3', validFrom: '2026-01-01' },
      { ...charted, amount: '2.5', validFrom: '2026-03-01' },
      {
        provider: 'aws',
        region: 'us-east-1',
        sku: 'charted',
        category: 'on_demand',
        unit: 'hour',
        currency: 'USD',
        state: 'withdrawn',
        validFrom: '2026-06-01',
      },
    ]);
    const { revision } = (await send(list, keys.house)).json();
    const { lines } = (await get(`${offer}/price-chart`, undefined)).json();
    expect(lines).toMatchObject([{ priceId: 'aws/us-east-1/charted/on_demand', currency: 'USD' }]);
    const points = [
      { startTime: '2026-01-01T00:00:00.000Z', amount: '3', upfront: '0', sourceId: 'vendor', revision },
      { startTime: '2026-03-01T00:00:00.000Z', amount: '2.5', upfront: '0', sourceId: 'vendor', revision },
      { startTime: '2026-06-01T00:00:00.000Z', amount: null, upfront: null, sourceId: 'vendor', revision },
    ];
    expect(lines[0].points).toEqual(points);
    const early = (await get(`${offer}/price-chart?asOf=2026-02-01`, undefined)).json();
    expect(early.lines[0].points.map(({ amount }: { amount: string }) => amount)).toEqual(['3', null]);
    expect((await get(`${offer}/price-chart?revision=1`, undefined)).statusCode).toBe(404);
  });

  it('says from when a price is too old', async () => {
    const list = csv([row({ category: 'spot', amount: '20', observedAt: '2026-11-01T10:00:00Z' })]);
    await send(list, keys.house);
    const spot = await get('/v1/catalog/prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fspot', undefined);
    expect(spot.json()).toMatchObject({
      observedAt: '2026-11-01T10:00:00.000Z',
      staleFrom: '2026-12-02T00:00:00.000Z',
    });
  });
});

describe('what one tenant sees of another', () => {
  it('is the same 404 as for what was never there', async () => {
    const id = (await send(csv([row({ amount: '53' })]), keys.house)).json().id;
    const absent = '00000000-0000-4000-8000-000000000000';
    const paths = (it: string) => [
      `/v1/catalog/price-syncs/${it}`,
      `/v1/catalog/price-syncs/${it}/rejections`,
      `/v1/catalog/price-syncs/${it}/differences`,
      `/v1/operations/${it}`,
    ];
    for (const [index, path] of paths(id).entries()) {
      expect((await get(path, keys.house)).statusCode, path).toBe(200);
      const [foreign, missing] = [await get(path, keys.acme), await get(paths(absent)[index] ?? '', keys.acme)];
      expect([foreign.statusCode, missing.statusCode], path).toEqual([404, 404]);
      const told = (answer: typeof foreign, named: string) => problemOf(answer).detail.replace(named, 'ID');
      expect(told(foreign, id)).toBe(told(missing, absent));
    }
    expect((await get('/v1/catalog/price-syncs', keys.acme)).json().items).toEqual([]);
  });

  it('quarantine: neither listed nor decided on', async () => {
    await send(csv([row({ amount: '1' })]), keys.house);
    const [item] = (await get('/v1/catalog/quarantine', keys.house)).json().items;
    expect(item).toMatchObject({ rules: expect.arrayContaining(['changed_much']) });
    expect((await get('/v1/catalog/quarantine', keys.acme)).json().items).toEqual([]);
    const decide = (id: string, key: string) =>
      app.inject({
        method: 'PUT',
        url: `/v1/catalog/quarantine/${id}/decision`,
        headers: { 'x-api-key': key },
        payload: { decision: 'refuse', reason: 'A typing error.' },
      });
    const [foreign, missing] = [await decide(item.id, keys.acme), await decide('999999', keys.acme)];
    expect([foreign.statusCode, missing.statusCode]).toEqual([404, 404]);
    expect((await decide(item.id, keys.house)).json()).toMatchObject({ state: 'refused', decidedBy: 'buyer' });
  });

  it('audit: each reads its own', async () => {
    const { items } = (await get('/v1/audit-events?pageSize=500', keys.house)).json();
    expect(items[0]).toMatchObject({ actor: 'buyer', action: 'quarantine_refused', revision: null });
    const syncs = items.filter(({ action }: { action: string }) => action === 'price_sync');
    expect(syncs.at(-1)).toMatchObject({
      subject: 'source/vendor',
      bodySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(syncs.at(-1).revision).toBeGreaterThan(1);
    const first = (await get('/v1/audit-events?pageSize=1', keys.house)).json();
    const second = (await get(`/v1/audit-events?pageSize=1&pageToken=${first.nextPageToken}`, keys.house)).json();
    expect([...first.items, ...second.items]).toEqual(items.slice(0, 2));
    expect((await get('/v1/audit-events', keys.acme)).json()).toEqual({ items: [] });
    expect((await get('/v1/audit-events', keys.reader)).statusCode).toBe(403);
  });
});

describe('a published price file', () => {
  const azure = (price: number) =>
    JSON.stringify({
      Items: [
        {
          currencyCode: 'USD',
          retailPrice: price,
          armRegionName: 'me-central-1',
          serviceName: 'Virtual Machines',
          armSkuName: 'Standard_ND96isr_H100_v5',
          skuName: 'ND96isr H100 v5',
          productName: 'Virtual Machines NDsr H100 v5 Series',
          unitOfMeasure: '1 Hour',
          type: 'Consumption',
          isPrimaryMeterRegion: true,
          effectiveStartDate: '2026-11-01T00:00:00Z',
        },
        { serviceName: 'Storage', retailPrice: 1 },
      ],
      Count: 2,
    });
  const type = (format: string) => ({ 'content-type': `application/vnd.price-feed.${format}+json` });

  it('is converted on the way, and the report says what was left out', async () => {
    const sent = await send(azure(98.32), keys.house, type('azure-retail-prices'), '&dryRun=true&fileDate=2026-11-20');
    expect(sent.statusCode).toBe(201);
    expect(sent.json()).toMatchObject({
      counts: { rows: 1 },
      leftOut: [{ reason: 'another service than Virtual Machines', prices: 1 }],
    });
    // The catalog of this test has no such provider.
    expect(sent.json().firstRejections).toMatchObject([{ rowNumber: 1, field: 'provider' }]);
  });

  it('may leave out what the catalog does not know, and a file of which nothing is left is refused', async () => {
    const sent = await send(azure(98.32), keys.house, type('azure-retail-prices'), '&knownSkusOnly=true');
    expect(sent.statusCode).toBe(400);
    expect(problemOf(sent).detail).toContain('1 left out by choice');
  });

  it('that is none is refused with what is wrong, and its key is free again', async () => {
    const headers = { ...type('litellm'), 'idempotency-key': 'a-broken-file' };
    for (const broken of [
      '{"gpt-4": {"input_cost_per_token": 3e-05',
      '[[[',
      `${'['.repeat(200)}`,
      'provider,sku',
      '{}',
    ]) {
      const answer = await send(broken, keys.house, headers);
      expect(answer.statusCode, broken).toBe(400);
      expect(problemOf(answer).type).toContain('malformed-price-list');
    }
  });

  it.each([
    [
      'gcosts+yaml',
      'compute:\n  instance:\n    a2-highgpu-1g:\n      cost:\n        us-central1:\n          hour: 3.67\n',
    ],
    ['cloud-gpus+csv', 'Cloud,Name,GPU Type,GPUs,On-demand,Spot\nLambda,a box,H100,1,"2.49",\n'],
    [
      'aws-price-list+csv',
      '"Publication Date","2026-11-20T00:00:00Z"\n"SKU","OfferTermCode","TermType","Unit","PricePerUnit","Currency","Product Family","Instance Type","Region Code","Operating System","Tenancy","CapacityStatus","Pre Installed S/W"\n"A","J","OnDemand","Hrs","55.04","USD","Compute Instance","p5.48xlarge","us-east-1","Linux","Shared","Used","NA"\n',
    ],
  ])('%s is taken as it was published; what is none is refused', async (format, text) => {
    const headers = { 'content-type': `application/vnd.price-feed.${format}` };
    const sent = await send(text, keys.house, headers, '&dryRun=true&fileDate=2026-11-20');
    expect(sent.statusCode, sent.body).toBe(201);
    expect(sent.json().counts.rows).toBe(1);
    const quote = `a,b\n"${'x'.repeat(2 * 2 ** 20)}`;
    for (const broken of ['{"a": [', quote, Buffer.from([0x61, 0x2c, 0xe9, 0x0a, 0xff]), 'a:\n\tb: c\n']) {
      const answer = await send(broken, keys.house, { ...headers, 'idempotency-key': `broken-${format}` });
      expect(answer.statusCode, answer.body).toBe(400);
      expect(problemOf(answer).type).toContain('malformed-price-list');
    }
  });

  it('alone has parameters of published files', async () => {
    const answer = await send(csv([row()]), keys.house, {}, '&fileRegion=us-east-1');
    expect(answer.statusCode).toBe(422);
    expect(problemOf(answer).errors).toMatchObject([{ parameter: 'query fileRegion' }]);
  });
});

it('each class of a source has its own freshness', async () => {
  const url = (query: string) => `/v1/catalog/price-syncs?source=classy&mode=full${query}`;
  const sync = (rows: Parameters<typeof csv>[0], key: string, query = '') =>
    app.inject({
      method: 'POST',
      url: url(query),
      headers: { 'content-type': 'text/csv', 'idempotency-key': `classy-${key}`, 'x-api-key': keys.house },
      payload: csv(rows),
    });
  const classes = async () =>
    (await get('/v1/catalog/sources', undefined))
      .json()
      .items.find(({ id }: { id: string }) => id === 'classy')
      .classes.map(({ category, lastChangeAt, lastSuccessAt, stale }: Record<string, unknown>) => ({
        category,
        isUnchanged: lastSuccessAt !== lastChangeAt,
        stale,
      }));
  const observedAt = '2026-09-01';
  const onDemand = row({ amount: '55', observedAt });
  const spot = row({ category: 'spot', amount: '20', observedAt });
  expect((await sync([onDemand, spot], 'one')).statusCode).toBe(201);
  // Spot prices that were read so long ago are old, though they have just come.
  expect(await classes()).toEqual([
    { category: 'on_demand', isUnchanged: false, stale: false },
    { category: 'spot', isUnchanged: false, stale: true },
  ]);
  // The spot prices are read anew and move, the others stand.
  await sync([onDemand, { ...spot, amount: '21', observedAt: '2026-11-20' }], 'two');
  expect(await classes()).toEqual([
    { category: 'on_demand', isUnchanged: true, stale: false },
    { category: 'spot', isUnchanged: false, stale: false },
  ]);
});

it('prices in another currency are told of in the report, and in answers, which leave them out', async () => {
  const ask = async () => {
    const payload = { model: 'acme/Vision-1', requestsPerDay: 1000, device: 'nvidia-h100-sxm5-80gb' };
    return (await app.inject({ method: 'POST', url: '/v1/estimates/inference', payload })).json();
  };
  expect((await ask()).replay).not.toHaveProperty('pricesLeftOut');
  const sku = { sku: 'dirhams', kind: 'instance', deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: 8 } as const;
  const list = csv([
    row({ ...sku, amount: '200', currency: 'AED' }),
    row({ ...sku, sku: 'bad', amount: '-1', currency: 'AED' }),
  ]);
  expect((await send(list, keys.house)).json().notes).toEqual([
    { code: 'other_currency', currency: 'AED', count: 1, detail: expect.stringContaining('price book') },
  ]);
  expect((await ask()).replay.pricesLeftOut).toMatchObject([
    { layer: 'list', currency: 'AED', prices: 1, detail: expect.stringContaining('no price book') },
  ]);
  // Also quoted in dollars, it counts.
  await send(csv([row({ ...sku, amount: '54.5' })]), keys.house);
  expect((await ask()).replay).not.toHaveProperty('pricesLeftOut');
});

it('a report says which rows do not look right and why, also that of a dry run', async () => {
  const sku = { sku: 'monthly', kind: 'instance', deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: 8 } as const;
  const source = '&dryRun=false';
  expect((await send(csv([row(sku)]), keys.house, {}, source)).json().counts.inserted).toBe(1);
  const monthly = csv([row({ amount: '55.04' }), row({ ...sku, amount: '40179.2' })]);
  const waits = {
    rowNumber: 2,
    change: 'changed',
    oldAmount: '55.04',
    newAmount: '40179.2',
    rules: ['changed_much'],
    detail: 'It goes from 55.04 to 40179.2, 730.0 times as much.',
  };
  for (const query of ['&dryRun=true', source]) {
    const sent = (await send(monthly, keys.house, {}, query)).json();
    expect(sent.counts.quarantined).toBe(1);
    expect(sent.firstQuarantined).toMatchObject([waits]);
    const page = await get(`/v1/catalog/price-syncs/${sent.id}/quarantined`, keys.house);
    expect(page.json().items).toEqual(sent.firstQuarantined);
    expect(JSON.stringify(sent.firstDifferences)).not.toContain('40179.2');
  }
});

describe('what is no price list', () => {
  const head = 'provider,region,sku,category,unit,amount,currency';
  const line = 'aws,us-east-1,p5.48xlarge,on_demand,hour,55.04,USD';
  it.each([
    [
      'Latin-1',
      Buffer.from(`${head},notes\n${line},caf\xe9\n`, 'latin1'),
      /at row 1: it is not UTF-8 \(0xe9.*save the file in UTF-8/,
    ],
    ['UTF-16', Buffer.from(`\ufeff${head}\n${line}\n`, 'utf16le'), /UTF-16; save it in UTF-8/],
    ['a spreadsheet', Buffer.from('PK\x03\x04rest'), /spreadsheet or a zip file; export the list as CSV/],
    ['gzip that is not said', gzipSync(`${head}\n${line}\n`), /say so with Content-Encoding: gzip/],
    ['no header', `${line}\n`, /first line must name the columns, and 'aws,us-east-1.*names none/],
    [
      'a thousands sign',
      `${head}\n${line}\n${line.replace('55.04', '1,055.04')}\n`,
      /at row 2: it has more cells.*no thousands sign/,
    ],
    [
      'cells missing',
      `offerId,category,termMonths,unit\naws/us-east-1/x,on_demand\n`,
      /from 'termMonths' on they are missing/,
    ],
    ['a quote left open', `${head}\n${line.replace('aws', '"aws')}\n`, /a quote is opened there and never closed/],
  ])('%s is refused with what to do about it', async (_what, body, sentence) => {
    const answer = await send(body, keys.house, {}, '&dryRun=true');
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).detail).toMatch(sentence);
  });

  it('is a row that was read tomorrow, holds from a year that was mistyped, or has no amount', async () => {
    const future = { ...row(), observedAt: '2099-01-01' };
    const mistyped = { ...row(), validFrom: '2062-01-01' };
    const { amount: _amount, ...without } = row();
    const sent = (await send(csv([future, without, mistyped]), keys.house, {}, '&dryRun=true')).json();
    expect(sent.firstRejections).toMatchObject(
      [
        { rowNumber: 1, field: 'observedAt', rule: 'future', detail: /yet to come/ },
        { rowNumber: 2, field: 'amount', rule: 'required', detail: /Only a withdrawn row has none/ },
        { rowNumber: 3, field: 'validFrom', rule: 'far_future', detail: /check the year/ },
      ].map(({ detail, ...rest }) => ({ ...rest, detail: expect.stringMatching(detail) })),
    );
  });
});

it('operations are listed by page, kind and state, each tenant its own', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.unshift((await send(csv([row()]), keys.house)).json().id);
  const first = (await get('/v1/operations?pageSize=2&kind=price_sync', keys.house)).json();
  expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  const next = (
    await get(`/v1/operations?pageSize=2&kind=price_sync&pageToken=${first.nextPageToken}`, keys.house)
  ).json();
  expect(next.items[0]).toMatchObject({ id: ids[2], state: 'succeeded', progress: 1 });
  expect((await get('/v1/operations?kind=deployment_placement', keys.house)).json().items).toEqual([]);
  expect((await get('/v1/operations?state=running', keys.house)).json().items).toEqual([]);
  expect((await get('/v1/operations', undefined)).statusCode).toBe(401);
});

it('what waits is decided on at once', async () => {
  const sku = { sku: 'decided', kind: 'instance', deviceId: 'nvidia-h100-sxm5-80gb', deviceCount: 8 } as const;
  await send(csv([row(sku)]), keys.house);
  const { id } = (await send(csv([row({ ...sku, amount: '5504' })]), keys.house)).json();
  const waiting = (await get(`/v1/catalog/quarantine?state=waiting&priceSyncId=${id}`, keys.house)).json();
  expect(waiting.items).toHaveLength(1);
  const decide = (body: object) =>
    app.inject({
      method: 'POST',
      url: '/v1/catalog/quarantine/decisions',
      headers: { 'x-api-key': keys.house },
      payload: { decision: 'approve', reason: 'Confirmed.', source: 'vendor', priceSyncId: id, ...body },
    });
  const decided = (await decide({})).json();
  expect(decided).toMatchObject({ decided: 1, remaining: 0 });
  const price = await get('/v1/catalog/prices/aws%2Fus-east-1%2Fdecided%2Fon_demand', undefined);
  expect(price.json()).toMatchObject({ amount: '5504', revision: decided.revision });
  expect((await decide({})).json()).toEqual({ decided: 0, revision: null, remaining: 0 });
  expect((await decide({ ids: ['x'] })).statusCode).toBe(400);
  const blank = await decide({ reason: '  ' });
  expect(blank.statusCode).toBe(400);
  expect(problemOf(blank).detail).toContain('reason is blank; write something');
});

it.each([
  ['newer than what is loaded', 8, 'vendor', 8],
  ['loaded already', 7, 'vendor', 7],
  ['of a price book, which is no revision of the catalog', 8, 'price-book:acme:deal', 7],
  ['without a change', null, 'vendor', 7],
])(
  'whoever is told that a list has landed reads it from then on: a revision %s',
  async (_name, revision, sourceId, loaded) => {
    let current = 7;
    const lagging = {
      current: () => ({ revision: current }) as CatalogView,
      refresh: async () => {
        current = 8;
      },
    };
    await loadWhatLanded(lagging, { revision, sourceId });
    expect(lagging.current().revision).toBe(loaded);
  },
);
