/** Reading the catalog over HTTP, on the seed and in memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import type { App } from '../../src/http/application.ts';
import { amount, contents, device, identity } from '../catalog/fixtures.ts';
import { fixedNow, problemOf, testApp } from './application.ts';

const P5 = 'aws/us-east-1/p5.48xlarge';
const FUTURE = '2026-12-01T00:00:00.000Z';

const many = Array.from({ length: 230 }, (_, index) =>
  device(`chip-${String(index).padStart(3, '0')}`, {
    vendor: index % 2 === 0 ? 'even' : 'odd',
    memoryBytes: index % 7 === 0 ? null : (index % 5) * 2 ** 30,
    class: 'edge',
  }),
);

const catalog = snapshotFromSeed(
  contents({
    devices: [...contents().devices, ...many],
    priceIdentities: [
      ...contents().priceIdentities,
      identity(P5, {
        id: `${P5}/committed-12m-no_upfront`,
        category: 'committed',
        termMonths: 12,
        payment: 'no_upfront',
      }),
      identity(P5, { id: `${P5}/capacity_block`, category: 'capacity_block' }),
    ],
    priceAmounts: [
      ...contents().priceAmounts,
      amount(`${P5}/committed-12m-no_upfront`, { amount: '40.000000001', currency: 'USD' }),
      amount(`${P5}/capacity_block`, { amount: null }),
      amount(`${P5}/on_demand`, { amount: '50', validFrom: FUTURE }),
    ],
  }),
);

let app: App;
let now = fixedNow;
beforeAll(async () => {
  app = await testApp({ catalog: { ...fixedCatalog(catalog), ageSeconds: () => 3 }, now: () => now });
});
afterAll(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url: `/v1/catalog/${url}`, headers });
const ids = async (url: string): Promise<readonly string[]> =>
  (await get(url)).json().items.map(({ id }: { id: string }) => id);

const encoded = (id: string): string => encodeURIComponent(id);

describe('lists', () => {
  it.each([
    'devices',
    'systems',
    'models',
    'providers',
    'regions',
    'offers',
    'grids',
    'tariffs',
    'pue-facts',
    'regimes',
    'prices',
    'revisions',
  ])('%s answer, also when empty', async (path) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ items: expect.any(Array), catalogRevision: 1 });
  });

  it('say in headers what was read', async () => {
    const { headers } = await get('devices');
    expect(headers).toMatchObject({
      'catalog-revision': '1',
      'catalog-age-seconds': '3',
      'cache-control': 'public, no-cache',
    });
  });

  it('filter by type, and several filters narrow each other down', async () => {
    expect(await ids('devices?class=datacenter_gpu')).toEqual(['nvidia-h100-sxm5-80gb']);
    expect(await ids('devices?vendor=NVIDIA&minMemoryGib=80&class=inference_gpu')).toEqual(['nvidia-l4']);
    expect(await ids('devices?search=h100%20sxm')).toEqual(['nvidia-h100-sxm5-80gb']);
    expect(await ids('regions?country=AE')).toEqual(['aws/me-central-1']);
    expect(await ids('offers?country=US&device=nvidia-h100-sxm5-80gb&kind=instance')).toEqual([P5]);
    expect(await ids('prices?category=committed&termMonths=12')).toEqual([`${P5}/committed-12m-no_upfront`]);
    expect(await ids('prices?region=aws/me-central-1&currency=USD')).toEqual([
      'aws/me-central-1/p5.48xlarge/on_demand',
    ]);
    expect(await ids('prices?category=spot')).toEqual([]);
  });

  it('read ids and names in any case, and models by any of their names', async () => {
    expect(await ids('prices?provider=AWS&sku=P5.48XLarge&region=AWS/us-east-1&category=on_demand')).toEqual([
      `${P5}/on_demand`,
    ]);
    expect(await ids('regions?device=NVIDIA-H100-SXM5-80GB')).toEqual(
      await ids('regions?device=nvidia-h100-sxm5-80gb'),
    );
    expect(await ids('devices?vendor=EVEN')).toEqual(await ids('devices?vendor=even'));
    expect(await ids('offers?model=VISION-1')).toEqual(await ids('offers?model=acme/Vision-1'));
  });

  it.each([
    ['prices?provider=awz', 'provider', 'aws'],
    ['prices?sku=p5.48xlrge', 'sku', 'p5.48xlarge'],
    ['prices?region=aws/us-east1', 'region', 'aws/us-east-1'],
    ['prices?device=nvidia-h100-sxm-80gb', 'device', 'nvidia-h100-sxm5-80gb'],
    ['prices?offer=aws/us-east-1/p5.48large', 'offer', P5],
    ['prices?source=sead', 'source', 'seed'],
    ['offers?model=acme/Vison-1', 'model', 'acme/Vision-1'],
    ['devices?vendor=nvdia', 'vendor', 'nvidia'],
    ['systems?device=nvidia-l5', 'device', 'nvidia-l4'],
    ['regions?device=nvidia-l5', 'device', 'nvidia-l4'],
    ['pue-facts?provider=awz', 'provider', 'aws'],
  ])('%s names what the catalog does not know, and the nearest it does', async (url, filter, nearest) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(422);
    expect(problemOf(answer)).toMatchObject({
      type: '/problems/unknown-catalog-id',
      errors: [{ parameter: `query ${filter}`, rule: 'unknown_id', choices: expect.arrayContaining([nearest]) }],
    });
  });

  it('name all unknown filters at once, and none that only has no match', async () => {
    expect(problemOf(await get('prices?provider=awz&sku=nothing')).errors).toHaveLength(2);
    expect(await ids('prices?provider=aws&asOf=1990-01-01')).toEqual([]);
  });

  it('keep every digit of a price, and null is not zero', async () => {
    const { items } = (await get(`prices?offer=${encoded(P5)}`)).json();
    expect(items.map((it: { amount: string | null; category: string }) => [it.category, it.amount])).toEqual([
      ['capacity_block', null],
      ['committed', '40.000000001'],
      ['on_demand', '55.04'],
    ]);
    expect(items[2]).toMatchObject({
      currency: 'USD',
      unit: 'hour',
      deviceCount: 8,
      source: 'https://example.com/list',
      sourceDate: '2026-01-15',
      confidence: 'vendor',
      sourceId: 'seed',
      validFrom: '2025-06-23T00:00:00.000Z',
      validTo: FUTURE,
    });
  });

  it.each([
    ['devices?class=toaster', /class must be one of/],
    ['devices?minMemoryGib=lots', /minMemoryGib/],
    ['devices?pageSize=-1', /pageSize must be at least 1/],
    ['devices?pageSize=0', /pageSize must be at least 1/],
    ['devices?pageSize=1.5', /pageSize/],
    ['devices?orderBy=price', /orderBy must be one of/],
    ['devices?clas=edge', /'clas'; did you mean 'class'/],
    ['regions?country=Emirates', /country/],
    ['prices?termMonths=-12', /termMonths/],
    ['devices?revision=0', /revision/],
    ['devices?revision=newest', /revision/],
    ['prices?asOf=yesterday', /'yesterday' is not a time/],
    ['prices?asOf=2026-02-30', /'2026-02-30' is not a time/],
    ['prices?asOf=2026-06-01T00:00:00', /is not a time/],
    ['prices?asOf=2026-06-01T00:00:00+04:00', /written %2B/],
  ])('%s is refused with a sentence', async (url, sentence) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).detail).toMatch(sentence);
  });

  it('an unknown revision is named, with the newest', async () => {
    const answer = await get('devices?revision=999999');
    expect(answer.statusCode).toBe(404);
    expect(problemOf(answer)).toMatchObject({
      detail: 'The catalog has no revision 999999; the newest is 1.',
      newestRevision: 1,
    });
  });
});

describe('pages', () => {
  const walk = async (query: string): Promise<readonly string[]> => {
    const seen: string[] = [];
    let token: string | undefined;
    do {
      const page = (await get(`devices?${query}${token === undefined ? '' : `&pageToken=${token}`}`)).json();
      seen.push(...page.items.map(({ id }: { id: string }) => id));
      token = page.nextPageToken;
    } while (token !== undefined);
    return seen;
  };

  it.each(['id', '-id', 'name', 'memoryBytes', '-memoryBytes', '-releaseYear'])(
    'ordered by %s show every entry once, whatever the page size',
    async (orderBy) => {
      const whole = await walk(`orderBy=${orderBy}&pageSize=200`);
      expect(new Set(whole).size).toBe(232);
      expect(whole).toHaveLength(232);
      expect(await walk(`orderBy=${orderBy}&pageSize=7`)).toEqual(whole);
    },
  );

  it('are ordered by the value, ties by id, unknown last in both directions', async () => {
    for (const [orderBy, sign] of [
      ['memoryBytes', 1],
      ['-memoryBytes', -1],
    ] as const) {
      const { items } = (await get(`devices?vendor=odd&orderBy=${orderBy}&pageSize=200`)).json();
      const keys = items.map(({ memoryBytes, id }: { memoryBytes: number | null; id: string }) => [memoryBytes, id]);
      const expected = keys.toSorted(([a, aId]: [number | null, string], [b, bId]: [number | null, string]) =>
        a === b ? (aId < bId ? -1 : 1) : a === null ? 1 : b === null ? -1 : sign * (a - b),
      );
      expect(keys).toEqual(expected);
    }
  });

  it('have 50 entries without pageSize and never more than 200', async () => {
    expect((await get('devices')).json().items).toHaveLength(50);
    for (const size of ['201', '1000000000000']) {
      expect((await get(`devices?pageSize=${size}`)).json().items).toHaveLength(200);
    }
  });

  it('the last page has no nextPageToken, also when it is full', async () => {
    expect((await get('regions?pageSize=2')).json()).not.toHaveProperty('nextPageToken');
    expect((await get('regions?pageSize=1')).json()).toHaveProperty('nextPageToken');
  });

  it('may change their size on the way', async () => {
    const first = (await get('devices?pageSize=3')).json();
    const second = (await get(`devices?pageSize=4&pageToken=${first.nextPageToken}`)).json();
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual((await ids('devices')).slice(0, 7));
  });

  it.each(['nonsense', 'W10', 'eyJhIjoxfQ', 'WyJhIiwiYiIsImMiLDEsIm5vIHRpbWUiXQ'])(
    'the token %s is refused',
    async (token) => {
      const answer = await get(`devices?pageToken=${token}`);
      expect(answer.statusCode).toBe(400);
      expect(problemOf(answer).errors?.[0]).toMatchObject({ parameter: 'query pageToken', rule: 'page_token' });
    },
  );

  it.each(['class=edge', 'orderBy=name', 'revision=1', 'asOf=2026-01-01'])(
    'a token of other filters is refused: %s',
    async (other) => {
      const { nextPageToken } = (await get('devices?pageSize=1')).json();
      const answer = await get(`devices?${other}&pageToken=${nextPageToken}`);
      expect(answer.statusCode).toBe(400);
      expect(problemOf(answer).detail).toMatch(/another list, other filters or another order/);
    },
  );

  it('a token of another list is refused, also where the filters are the same', async () => {
    const history = `prices/${encoded(`${P5}/on_demand`)}/history`;
    const { nextPageToken } = (await get(`${history}?pageSize=1`)).json();
    for (const url of [
      'devices',
      'prices',
      `offers/${encoded(P5)}/price-history`,
      `prices/${encoded('aws/me-central-1/p5.48xlarge/on_demand')}/history`,
    ]) {
      const answer = await get(`${url}?pageToken=${nextPageToken}`);
      expect([url, answer.statusCode]).toEqual([url, 400]);
      expect(problemOf(answer).detail).toMatch(/another list/);
    }
    const { statusCode } = await get(`${history}/?pageToken=${nextPageToken}`);
    expect(statusCode).toBe(200);
  });

  it('later pages keep to the prices that the first one saw', async () => {
    const { nextPageToken } = (await get('prices?pageSize=2&orderBy=-id')).json();
    now = new Date('2026-12-02T00:00:00.000Z');
    try {
      const rest = (await get(`prices?orderBy=-id&pageToken=${nextPageToken}`)).json();
      const fresh = (await get('prices?orderBy=-id&pageSize=4')).json();
      const amounts = (page: { items: { id: string; amount: string }[] }) =>
        new Map(page.items.map(({ id, amount: value }) => [id, value]));
      expect(amounts(fresh).get(`${P5}/on_demand`)).toBe('50');
      expect(amounts(rest).get(`${P5}/on_demand`) ?? '55.04').toBe('55.04');
    } finally {
      now = fixedNow;
    }
  });
});

describe('dates', () => {
  it.each([
    ['2023-12-31', undefined],
    ['2024-01-01', '98.32'],
    ['2025-06-22T23:59:59.999Z', '98.32'],
    ['2025-06-23', '55.04'],
    ['2025-06-23T03:59:59%2B04:00', '98.32'],
    [FUTURE, '50'],
    ['2999-01-01', '50'],
  ])('on %s the price is %s', async (asOf, expected) => {
    const { items, asOf: told } = (await get(`prices?offer=${encoded(P5)}&category=on_demand&asOf=${asOf}`)).json();
    expect(items[0]?.amount).toBe(expected);
    expect(told).toBe(new Date(decodeURIComponent(asOf)).toISOString());
  });

  it('the history lists each amount with its dates and source', async () => {
    const { items } = (await get(`prices/${encoded(`${P5}/on_demand`)}/history`)).json();
    expect(
      items.map((it: Record<string, unknown>) => [it.amount, it.validFrom, it.validTo, it.sourceId, it.revision]),
    ).toEqual([
      ['98.32', '2024-01-01T00:00:00.000Z', '2025-06-23T00:00:00.000Z', 'seed', 1],
      ['55.04', '2025-06-23T00:00:00.000Z', FUTURE, 'seed', 1],
      ['50', FUTURE, null, 'seed', 1],
    ]);
    const first = (await get(`prices/${encoded(`${P5}/on_demand`)}/history?pageSize=2`)).json();
    const rest = (await get(`prices/${encoded(`${P5}/on_demand`)}/history?pageToken=${first.nextPageToken}`)).json();
    expect([...first.items, ...rest.items]).toEqual(items);
    expect((await get(`offers/${encoded(P5)}/price-history`)).json().total).toBe(5);
  });

  it('a price that is not in force says where its history is', async () => {
    const answer = await get(`prices/${encoded(`${P5}/on_demand`)}?asOf=2020-01-01`);
    expect(answer.statusCode).toBe(404);
    expect(problemOf(answer).detail).toMatch(/no amount in force at 2020-01-01T00:00:00.000Z.*history/);
  });
});

describe('entity tags', () => {
  it.each([
    'devices',
    'prices?country=US',
    `devices/nvidia-l4`,
    `prices/${encodeURIComponent(`${P5}/on_demand`)}`,
    'revisions',
    `prices/${encodeURIComponent(`${P5}/on_demand`)}/history`,
  ])('%s answers 304 to its own tag', async (url) => {
    const { headers } = await get(url);
    const again = await get(url, { 'if-none-match': String(headers.etag) });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect((await get(url, { 'if-none-match': '"other", W/"another"' })).statusCode).toBe(200);
  });

  it('equal tags mean equal bytes while time passes, and the tag changes when a dated price starts', async () => {
    const before = await get('prices?pageSize=1');
    const one = await get(`prices/${encoded(`${P5}/on_demand`)}`);
    try {
      now = new Date('2026-11-30T23:59:59.999Z');
      const later = await get('prices?pageSize=1');
      expect([later.headers.etag, later.body]).toEqual([before.headers.etag, before.body]);
      now = new Date(FUTURE);
      expect((await get('prices?pageSize=1')).headers.etag).not.toBe(before.headers.etag);
      expect((await get(`prices/${encoded(`${P5}/on_demand`)}`)).headers.etag).not.toBe(one.headers.etag);
    } finally {
      now = fixedNow;
    }
  });

  it('differ between filters', async () => {
    expect((await get('devices?class=edge')).headers.etag).not.toBe((await get('devices?class=cpu')).headers.etag);
  });
});

describe('single entries', () => {
  it('are found by a percent-encoded id, models by any name in any case', async () => {
    expect((await get(`regions/${encoded('aws/me-central-1')}`)).json()).toMatchObject({
      id: 'aws/me-central-1',
      statements: [{ sourceId: 'seed', revision: 1, retired: false }],
    });
    for (const name of ['acme/Vision-1', 'ACME/vision-1', 'Vision-1']) {
      expect((await get(`models/${encoded(name)}`)).json().id).toBe('acme/Vision-1');
    }
  });

  it.each([
    ['offers/aws/us-east-1/p5.48xlarge', 'offers/aws%2Fus-east-1%2Fp5.48xlarge'],
    ['models/acme/Vision-1?revision=1', 'models/acme%2FVision-1?revision=1'],
    [
      'prices/aws/us-east-1/p5.48xlarge/on_demand/history?pageSize=1',
      'prices/aws%2Fus-east-1%2Fp5.48xlarge%2Fon_demand/history?pageSize=1',
    ],
    ['offers/aws/us-east-1/p5.48xlarge/price-history', 'offers/aws%2Fus-east-1%2Fp5.48xlarge/price-history'],
    ['regions/aws%2Fus-east-1/x', 'regions/aws%2Fus-east-1%2Fx'],
    ['offers/aws/us-east-1/p5.48xlarge/price-chart', 'offers/aws%2Fus-east-1%2Fp5.48xlarge/price-chart'],
  ])('a path with plain slashes leads on: %s', async (typed, documented) => {
    const answer = await get(typed);
    expect([answer.statusCode, answer.headers.location]).toEqual([308, `/v1/catalog/${documented}`]);
  });

  it.each([
    ['devices/h100', /no device 'h100'.*'nvidia-h100-sxm5-80gb'/],
    ['devices/nvidia-h100-sxm-80gb', /Did you mean 'nvidia-h100-sxm5-80gb'/],
    [`models/${encodeURIComponent('acme/Vision-2')}`, /Did you mean 'acme\/Vision-1'/],
    [
      `prices/${encodeURIComponent('aws/us-east-1/p5.48xlarge/ondemand')}`,
      /Did you mean 'aws\/us-east-1\/p5.48xlarge\/on_demand'/,
    ],
    [`prices/${encodeURIComponent('nothing like it')}/history`, /no price 'nothing like it'\.$/],
    [
      `offers/${encodeURIComponent('aws/us-east-1/p5.48large')}/price-history`,
      /Did you mean 'aws\/us-east-1\/p5.48xlarge'/,
    ],
    ['tariffs/x', /no tariff 'x'\.$/],
    ['revisions/2', /no revision 2; the newest is 1/],
    [`devices/${'x'.repeat(290)}`, /no device/],
  ])('%s is not found, and the nearest is named', async (url, sentence) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(404);
    expect(problemOf(answer).detail).toMatch(sentence);
  });
});

describe('SKUs of a price list', () => {
  const check = (skus: unknown) =>
    app.inject({ method: 'POST', url: '/v1/catalog/skus:check', payload: { skus } as object });

  it('are answered one by one, with the nearest known name', async () => {
    const answer = await check([
      { provider: 'aws', region: 'us-east-1', sku: 'p5.48xlarge' },
      { provider: 'aws', sku: 'p5.48xlarge' },
      { provider: 'aws', sku: 'p5.48xlrge' },
      { provider: 'awz', sku: 'p5.48xlarge' },
      { provider: 'aws', region: 'us-east-9', sku: 'p5.48xlarge' },
    ]);
    expect(answer.statusCode).toBe(200);
    const { items, unknownCount } = answer.json();
    expect(unknownCount).toBe(3);
    expect(items.map(({ detail }: { detail: string }) => detail)).toEqual([
      'One offer.',
      '2 offers; name the region to have one.',
      "aws has no SKU 'p5.48xlrge'. Did you mean 'p5.48xlarge'?",
      "The catalog has no provider 'awz'. Did you mean 'aws'?",
      "aws has no 'p5.48xlarge' in region 'us-east-9'. Did you mean 'aws/us-east-1'?",
    ]);
    expect(items[0]).toMatchObject({ status: 'known', offerIds: [P5], nearest: [] });
    expect(items[3]).toMatchObject({ status: 'unknown', unknown: 'provider', nearest: ['aws'], offerIds: [] });
  });

  it.each([[[]], [Array(201).fill({ provider: 'aws', sku: 'x' })], [[{ provider: 'aws' }]], ['aws']])(
    'a malformed list is refused',
    async (skus) => {
      expect((await check(skus)).statusCode).toBe(400);
    },
  );
});
