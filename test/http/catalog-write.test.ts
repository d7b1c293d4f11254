/** Operators change the catalog over HTTP, on a real database. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keySha256 } from '../../src/access/keys.ts';
import { type CatalogHolder, openCatalog } from '../../src/catalog/holder.ts';
import { seedCatalog } from '../../src/catalog/seed/seeding.ts';
import type { App } from '../../src/http/application.ts';
import { contents } from '../catalog/fixtures.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { problemOf, testApp } from './application.ts';

const database = useTestDatabase('migrated');
const H100 = 'devices/nvidia-h100-sxm5-80gb';
const P5 = 'aws/us-east-1/p5.48xlarge';
const PRICE = `prices/${encodeURIComponent('aws/us-east-1/p5.48xlarge/on_demand')}`;
const said = { source: 'Acceptance test 12', sourceDate: '2026-11-01', confidence: 'measured' };

let app: App;
let catalog: CatalogHolder;
const now = new Date('2026-11-24T12:00:00.000Z');

beforeAll(async () => {
  const { db, pool, url } = database();
  await seedCatalog(db, contents());
  for (const [label, scopes] of [
    ['ops', ['admin']],
    ['writer', ['catalog:write']],
    ['reader', ['estimates']],
  ] as const) {
    await db
      .insertInto('api_key')
      .values({ label, key_sha256: keySha256(`${label}-key`), scopes: [...scopes] })
      .execute();
  }
  await db
    .insertInto('api_key')
    .values({ label: 'old', key_sha256: keySha256('old-key'), scopes: ['admin'], revoked_at: new Date() })
    .execute();
  catalog = await openCatalog({ db, pool, databaseUrl: url, onError: (message) => console.warn(message) });
  app = await testApp({ catalog, db, now: () => now });
});
afterAll(async () => {
  await app?.close();
  await catalog?.close();
});

const send = (method: 'GET' | 'PUT' | 'DELETE', path: string, { body, ...headers }: Record<string, unknown> = {}) =>
  app.inject({
    method,
    url: `/v1/catalog/${path}`,
    headers: { 'x-api-key': 'ops-key', ...headers },
    ...(body !== undefined && { payload: body as object }),
  });
const put = (path: string, body: object, headers: object = {}) =>
  send('PUT', path, { body: { ...said, ...body }, ...headers });
const get = async (path: string) => (await send('GET', path)).json();
const head = (): number => catalog.current().revision;

describe('keys', () => {
  it.each([
    [{ 'x-api-key': '' }, 401],
    [{ 'x-api-key': 'wrong' }, 401],
    [{ 'x-api-key': 'old-key' }, 401],
    [{ 'x-api-key': '', authorization: 'Basic b3BzLWtleTo=' }, 401],
    [{ 'x-api-key': 'reader-key' }, 403],
  ])('%j gives %i, before the body is looked at', async (headers, status) => {
    const answer = await send('PUT', H100, { ...headers, body: { nonsense: true } });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch('application/problem+json');
    if (status === 401) expect(answer.headers['www-authenticate']).toMatch('Bearer');
  });

  it('a key with the scope is enough, also as a bearer token', async () => {
    const revision = head();
    const answer = await send('PUT', H100, {
      'x-api-key': '',
      authorization: 'Bearer writer-key',
      body: { ...said, notes: 'seen by writer' },
    });
    expect(answer.statusCode).toBe(200);
    expect(head()).toBe(revision + 1);
    const { rows } = await database().pool.query('select actor, action, subject, revision from audit_event');
    expect(rows).toEqual([
      { actor: 'writer', action: 'stated', subject: 'device/nvidia-h100-sxm5-80gb', revision: revision + 1 },
    ]);
  });

  it('reading needs none', async () => {
    expect((await app.inject('/v1/catalog/devices')).statusCode).toBe(200);
  });
});

describe('the audit', () => {
  it('has the hash of the body as it was sent, and none where none was', async () => {
    const body = `{ "name": "Bytes",\n "kind": "on_prem", "source": "A file", "sourceDate": null, "confidence": "measured" }`;
    const newest = async () =>
      (
        await database().pool.query(
          `select encode(body_sha256, 'hex') as hash from audit_event order by audit_event_id desc limit 1`,
        )
      ).rows[0].hash;
    const url = '/v1/catalog/providers/bytes';
    const headers = { 'x-api-key': 'ops-key', 'content-type': 'application/json' };
    expect((await app.inject({ method: 'PUT', url, headers, payload: body })).statusCode).toBe(201);
    expect(await newest()).toBe(createHash('sha256').update(body).digest('hex'));
    expect((await send('DELETE', 'providers/bytes')).statusCode).toBe(204);
    expect(await newest()).toBeNull();
  });
});

describe('corrections', () => {
  it('of one figure win, the other claims stay, and both are shown with their sources', async () => {
    const answer = await put(H100, { claims: [{ metric: 'tdp', value: 650 }] });
    expect(answer.statusCode).toBe(200);
    const device = answer.json();
    expect(device).toMatchObject({
      tdpWatts: 650,
      memoryBytes: 80 * 2 ** 30,
      name: 'NVIDIA-H100-SXM5-80GB',
      sourceId: 'operator',
    });
    const tdp = device.claims.filter(({ metric }: { metric: string }) => metric === 'tdp');
    expect(tdp.map((it: Record<string, unknown>) => [it.value, it.sourceRank, it.source, it.confidence])).toEqual([
      [650, 0, 'Acceptance test 12', 'measured'],
      [700, 1, 'https://example.com/list', 'vendor'],
    ]);
    expect(device.statements).toMatchObject([
      { sourceId: 'operator', source: 'Acceptance test 12', fields: ['claims'] },
      { sourceId: 'seed', revision: 1 },
    ]);
    expect(catalog.current().device('nvidia-h100-sxm5-80gb')?.tdpWatts).toBe(650);
  });

  it('add up: a second one leaves the first as it is, and the same figure again replaces it', async () => {
    await put(H100, { claims: [{ metric: 'memory_bandwidth', value: 3.3e12 }] });
    expect(await get(H100)).toMatchObject({ tdpWatts: 650, memoryBandwidthBytesPerSecond: 3.3e12 });
    await put(H100, { claims: [{ metric: 'tdp', value: 640 }] });
    expect((await get(H100)).claims.filter(({ metric }: { metric: string }) => metric === 'tdp')).toHaveLength(2);
    await put(H100, { claims: [{ metric: 'tdp', value: 650 }] });
    expect(await get(H100)).toMatchObject({ tdpWatts: 650, memoryBandwidthBytesPerSecond: 3.3e12 });
  });

  it('said again change nothing: no revision and no line in the audit', async () => {
    const revision = head();
    const { rows: before } = await database().pool.query('select count(*) from audit_event');
    expect((await put(H100, { claims: [{ metric: 'tdp', value: 650 }] })).statusCode).toBe(200);
    expect(head()).toBe(revision);
    expect((await database().pool.query('select count(*) from audit_event')).rows).toEqual(before);
  });

  it('survive an upgrade of the seed, which brings its own changes', async () => {
    const [h100, ...others] = contents().devices;
    if (h100 === undefined) throw new Error('The fixture has no device.');
    await seedCatalog(
      database().db,
      contents({ devices: [{ ...h100, name: 'H100 (renamed)', tdpWatts: 710 }, ...others] }),
    );
    await catalog.refresh();
    expect(await get(H100)).toMatchObject({ name: 'H100 (renamed)', tdpWatts: 650 });
  });

  it('can be taken back, and an older revision still shows them', async () => {
    const corrected = head();
    expect((await send('DELETE', `${H100}?withdraw=statement`)).statusCode).toBe(204);
    expect(await get(H100)).toMatchObject({ tdpWatts: 710, sourceId: 'seed' });
    expect(await get(`${H100}?revision=${corrected}`)).toMatchObject({ tdpWatts: 650, sourceId: 'operator' });
    const again = await send('DELETE', `${H100}?withdraw=statement`);
    expect(again.statusCode).toBe(404);
  });
});

describe('new entries', () => {
  const region = {
    providerId: 'aws',
    code: 'pk-west-1',
    name: 'Karachi',
    city: 'Karachi',
    country: 'PK',
    latitude: 24.9,
    longitude: 67,
    partition: 'aws',
    status: 'announced',
  };
  const path = `regions/${encodeURIComponent('aws/pk-west-1')}`;

  it('need all fields that cannot be unknown, and say which are missing', async () => {
    const answer = await put(path, { name: 'Karachi' });
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).detail).toMatch(/a new one needs providerId, code, city, country, latitude/);
    expect(problemOf(answer).errors?.map(({ pointer }) => pointer)).toContain('#/latitude');
  });

  it('are added with 201, with null where nothing was said', async () => {
    const answer = await put(path, region, { 'if-none-match': '*' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      ...region,
      id: 'aws/pk-west-1',
      zones: null,
      deviceIds: [],
      sourceId: 'operator',
    });
    expect((await put(path, region, { 'if-none-match': '*' })).statusCode).toBe(412);
  });

  it.each([
    [`regions/${encodeURIComponent('aws/elsewhere')}`, region, 400, /must be 'aws\/pk-west-1'/],
    [path, { ...region, providerId: 'awz' }, 422, /no provider 'awz'. Did you mean 'aws'/],
    [
      path,
      { ...region, deviceIds: ['nvidia-l4', 'nvidia-l5'] },
      422,
      /no device 'nvidia-l5'. Did you mean 'nvidia-l4'/,
    ],
    [path, { ...region, latitude: 91 }, 400, /latitude must be at most 90/],
    [path, { ...region, latitude: '24.9' }, 400, /latitude must be a number.*remove the quotes/],
    [path, { ...region, colour: 'blue' }, 400, /colour/],
    [path, { ...region, source: undefined }, 400, /source is required/],
    [path, { ...region, confidence: 'sure' }, 400, /confidence must be one of/],
    [path, { ...region, sourceDate: 'last week' }, 400, /sourceDate/],
    [path, { ...region, name: 'a\0b' }, 400, /U\+0000/],
    [path, { ...region, city: '\ud800' }, 400, /surrogate/],
    [
      'regimes/ae-x',
      { name: 'x', jurisdiction: 'AE', transferRule: 'x', reviewState: 'unverified', details: { 'a\0': 1 } },
      400,
      /U\+0000/,
    ],
    [PRICE, { amount: '1', currency: 'USD', notes: 'a\0b' }, 400, /U\+0000/],
    [
      'grids/PK',
      { country: 'PK', name: 'Pakistan', gramsCo2ePerKwh: 900, lowGramsCo2ePerKwh: 300, highGramsCo2ePerKwh: 400 },
      400,
      /between the lowest/,
    ],
    ['devices/a%20b', { name: 'x' }, 400, /'a b' cannot be an id/],
    ['devices/nvidia-l4', { claims: [{ metric: 'peak_flops', value: 1e12 }] }, 400, /needs its number format/],
    ['devices/nvidia-l4', { claims: [{ metric: 'tdp', value: 0 }] }, 400, /value/],
    ['tariffs/PK-1', { country: 'PK', kind: 'industrial', usdPerKwh: '0,14', recommended: true }, 400, /usdPerKwh/],
  ])('%s: what is wrong is said in a sentence', async (at, body, status, sentence) => {
    const revision = head();
    const answer = await put(at, body);
    expect([answer.statusCode, problemOf(answer).detail]).toEqual([status, expect.stringMatching(sentence)]);
    expect(head()).toBe(revision);
  });

  it('of every kind can be added and read', async () => {
    const bodies: Record<string, object> = {
      'devices/acme-x1': {
        name: 'X1',
        vendor: 'acme',
        class: 'asic',
        formFactor: 'OAM',
        linkTopology: 'none',
        linkDomainDevices: 1,
        devicesPerNode: 8,
        claims: [
          { metric: 'memory', value: 2 ** 36 },
          { metric: 'peak_flops', format: 'bf16', value: 5e14 },
          { metric: 'peak_flops', format: 'bf16', sparsity: 'sparse', value: 1e15 },
        ],
      },
      'systems/acme-node': {
        name: 'Node',
        deviceId: 'acme-x1',
        deviceCount: 8,
        nodePowerWatts: { max: 5000, typicalTraining: null, inferenceMean: null, idle: null },
      },
      'providers/acme': { name: 'Acme', kind: 'on_prem' },
      'offers/acme%2Fglobal%2Fx1': {
        providerId: 'acme',
        sku: 'x1',
        kind: 'server',
        deviceId: 'acme-x1',
        deviceCount: 8,
        mode: 'open',
      },
      'grids/PK': {
        country: 'PK',
        name: 'Pakistan',
        gramsCo2ePerKwh: 350,
        lowGramsCo2ePerKwh: 300,
        highGramsCo2ePerKwh: 400,
      },
      'tariffs/PK-industrial': { country: 'PK', kind: 'industrial', usdPerKwh: '0.142', recommended: true },
      'pue-facts/acme-2026': { providerId: 'acme', pue: 1.4, scope: 'site' },
      'regimes/pk-pdpb': {
        name: 'Personal Data Protection Bill',
        jurisdiction: 'PK',
        scope: ['personal_data'],
        transferRule: 'adequacy',
        reviewState: 'unverified',
      },
      'models/acme%2Ftiny': {
        name: 'Tiny',
        architecture: {
          kind: 'language',
          family: 'llama',
          layers: 2,
          hiddenSize: 64,
          ffnHiddenSize: 256,
          gatedFfn: true,
          vocabularySize: 1000,
          maxContextTokens: 2048,
          tiedEmbeddings: true,
          attention: { type: 'gqa', heads: 4, kvHeads: 2, headDim: 16 },
          layerPattern: { full: 2, sliding: 0, slidingWindow: 0, linear: 0 },
          mtpLayers: 0,
          parametersTotal: 200_000,
          parametersActive: 200_000,
          nativeWeightFormat: null,
        },
      },
      'models/acme%2Fspeech': {
        name: 'Speech',
        architecture: {
          kind: 'speech_to_text',
          family: 'whisper',
          parametersTotal: 1e9,
          flopsPerSample: null,
          attributes: { sampleSeconds: 30 },
        },
      },
    };
    for (const [at, body] of Object.entries(bodies)) {
      const answer = await put(at, body);
      expect([at, answer.statusCode, answer.statusCode === 201 ? '' : answer.body]).toEqual([at, 201, '']);
      expect(await get(at)).toEqual(answer.json());
    }
    expect(catalog.current().device('acme-x1')).toMatchObject({
      densePeakFlops: { bf16: 5e14 },
      memoryBytes: 2 ** 36,
      tdpWatts: null,
    });
    expect(catalog.current().model('acme/tiny')?.architecture).toMatchObject({ mixtureOfExperts: null });
    expect(catalog.current().regimes.find(({ id }) => id === 'pk-pdpb')).toMatchObject({
      sources: [said.source],
      details: {},
    });
  });

  it('with an architecture that contradicts itself are refused', async () => {
    const { architecture } = await get('models/acme%2Ftiny');
    const answer = await put('models/acme%2Ftiny', {
      architecture: { ...architecture, layers: 3, parametersActive: 300_000 },
    });
    expect(answer.statusCode).toBe(400);
    expect(problemOf(answer).errors?.map(({ pointer }) => pointer)).toEqual([
      '#/architecture/layerPattern',
      '#/architecture/parametersActive',
    ]);
  });
});

it('the sources are listed in the order in which they win, with their three times', async () => {
  const { items } = await get('sources');
  expect(items.map(({ id }: { id: string }) => id)).toEqual(['operator', 'seed']);
  for (const source of items) {
    expect(Date.parse(source.lastAttemptAt)).toBeGreaterThanOrEqual(Date.parse(source.lastChangeAt));
    expect(source.maxAgeSeconds).toBeNull();
  }
});

describe('conditions', () => {
  it('do not answer for a question that makes no sense', async () => {
    const answer = await send('GET', 'revisions?committedUntil=nonsense', { 'if-none-match': '*' });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers.etag).toBeUndefined();
  });

  it('If-Match lets one of two through', async () => {
    const { headers } = await send('GET', 'devices/nvidia-l4');
    const condition = { 'if-match': String(headers.etag) };
    const answers = await Promise.all([
      put('devices/nvidia-l4', { notes: 'first' }, condition),
      put('devices/nvidia-l4', { notes: 'second' }, condition),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
    const { headers: after } = await send('GET', 'devices/nvidia-l4');
    expect(answers.find(({ statusCode }) => statusCode === 200)?.headers.etag).toBe(after.etag);
    expect((await send('DELETE', 'devices/nvidia-l4', condition)).statusCode).toBe(412);
    expect((await put('devices/nobody', { notes: 'x' }, { 'if-match': '*' })).statusCode).toBe(412);
  });

  it('the tag of an entry does not change with other entries', async () => {
    const before = (await send('GET', 'providers/aws')).headers.etag;
    await put('devices/nvidia-l4', { notes: 'third' });
    expect((await send('GET', 'providers/aws')).headers.etag).toBe(before);
  });

  it('many writers at once get a revision each', async () => {
    const revision = head();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        put(`providers/site-${index}`, { name: `Site ${index}`, kind: 'on_prem' }),
      ),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(10).fill(201));
    expect(head()).toBe(revision + 10);
    expect(new Set(answers.map((it) => it.json().revision)).size).toBe(10);
  });
});

it('later pages keep to the revision that the first one saw, whatever is written meanwhile', async () => {
  const whole = await get('providers?pageSize=200');
  const first = await get('providers?pageSize=3');
  await put('providers/aaa-first', { name: 'First', kind: 'on_prem' });
  await put('providers/zzz-last', { name: 'Last', kind: 'on_prem' });
  const rest = await get(`providers?pageSize=200&pageToken=${first.nextPageToken}`);
  expect([...first.items, ...rest.items]).toEqual(whole.items);
  expect(rest).toMatchObject({ total: whole.total, catalogRevision: whole.catalogRevision });
  expect((await get('providers')).total).toBe(whole.total + 2);
});

describe('retirement', () => {
  it('ends an entry, keeps it at earlier revisions, and can be undone', async () => {
    const revision = head();
    expect((await send('DELETE', 'providers/site-3')).statusCode).toBe(204);
    expect((await send('GET', 'providers/site-3')).statusCode).toBe(404);
    expect((await send('GET', `providers/site-3?revision=${revision}`)).statusCode).toBe(200);
    expect((await send('DELETE', 'providers/site-3')).statusCode).toBe(404);
    expect((await put('providers/site-3', { name: 'Site 3', kind: 'on_prem' })).statusCode).toBe(201);
  });

  it('of a provider takes its regions, offers and prices along, and brings them back', async () => {
    const lists = ['regions?provider=aws', 'offers?provider=aws', 'prices?provider=aws'];
    const totals = async () => Promise.all(lists.map(async (path) => (await get(path)).total));
    const before = await totals();
    expect((await send('DELETE', 'providers/aws')).statusCode).toBe(204);
    expect(await totals()).toEqual([0, 0, 0]);
    const homeless = await put('offers/aws%2Fus-east-1%2Fp5.48xlarge', { leadTimeDays: 3 });
    expect([homeless.statusCode, problemOf(homeless).detail]).toEqual([
      422,
      expect.stringMatching(/no provider 'aws'/),
    ]);
    expect((await send('DELETE', 'providers/aws?withdraw=statement')).statusCode).toBe(204);
    expect(await totals()).toEqual(before);
  });

  it('of what the seed brought holds against the seed', async () => {
    expect((await send('DELETE', 'grids/AE')).statusCode).toBe(204);
    expect((await send('GET', 'grids/AE')).statusCode).toBe(404);
    expect((await send('DELETE', 'grids/AE?withdraw=statement')).statusCode).toBe(204);
    expect(await get('grids/AE')).toMatchObject({ gramsCo2ePerKwh: 400, sourceId: 'seed' });
  });
});

describe('prices', () => {
  it('from a date on win over the seed, and what was before stays', async () => {
    const answer = await put(PRICE, { amount: '52.10', currency: 'USD', validFrom: '2026-12-01T00:00:00Z' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      amount: '52.10',
      validFrom: '2026-12-01T00:00:00.000Z',
      validTo: null,
      sourceId: 'operator',
      source: said.source,
    });
    expect((await get(PRICE)).amount).toBe('55.04');
    expect((await get(`${PRICE}?asOf=2026-12-01`)).amount).toBe('52.10');
  });

  it('can be corrected for the past; the earlier belief stays readable at its revision', async () => {
    const believed = head();
    expect((await put(PRICE, { amount: '54', currency: 'USD', validFrom: '2026-01-01T00:00:00Z' })).statusCode).toBe(
      200,
    );
    expect((await get(PRICE)).amount).toBe('54');
    expect((await get(`${PRICE}?revision=${believed}`)).amount).toBe('55.04');
    const { items } = await get(`${PRICE}/history`);
    expect(items.map((it: Record<string, unknown>) => [it.amount, it.sourceId])).toEqual([
      ['98.32', 'seed'],
      ['55.04', 'seed'],
      ['54', 'operator'],
      ['52.10', 'operator'],
    ]);
  });

  it('hold by ETag', async () => {
    const { headers } = await send('GET', PRICE);
    expect((await put(PRICE, { amount: '53', currency: 'USD' }, { 'if-match': '"stale"' })).statusCode).toBe(412);
    expect((await put(PRICE, { amount: '53', currency: 'USD' }, { 'if-match': String(headers.etag) })).statusCode).toBe(
      200,
    );
    expect((await send('DELETE', PRICE, { 'if-match': String(headers.etag) })).statusCode).toBe(412);
  });

  it('are written by many at once, each heard: without a condition nobody is refused', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => put(PRICE, { amount: `5${index}.5`, currency: 'USD' })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(6).fill(200));
    const { headers } = await send('GET', PRICE);
    expect(answers.map((answer) => answer.headers.etag)).toContain(headers.etag);
    await put(PRICE, { amount: '53', currency: 'USD' });
  });

  it('that are only announced do not end before they begin, and the answer says how to take them back', async () => {
    const announced = `prices/${encodeURIComponent(`${P5}/spot`)}`;
    const described = {
      offerId: P5,
      category: 'spot',
      amount: '20',
      currency: 'USD',
      validFrom: '2027-03-01T00:00:00Z',
    };
    expect((await put(announced, described)).statusCode).toBe(201);
    const refused = await send('DELETE', announced);
    expect(refused.statusCode).toBe(404);
    expect(problemOf(refused).detail).toMatch(/no amount in force at 2026-11-24.*withdraw=statement/);
    expect((await send('DELETE', `${announced}?withdraw=statement`)).statusCode).toBe(204);
  });

  it('end from a date on, with what was announced for later, and can be taken back', async () => {
    expect((await send('DELETE', `${PRICE}?validFrom=2026-11-25`)).statusCode).toBe(204);
    expect((await get(PRICE)).amount).toBe('53');
    for (const asOf of ['2026-11-25', '2026-12-15']) {
      expect((await send('GET', `${PRICE}?asOf=${asOf}`)).statusCode).toBe(404);
    }
    expect((await send('DELETE', `${PRICE}?withdraw=statement`)).statusCode).toBe(204);
    expect(await get(PRICE)).toMatchObject({ amount: '55.04', sourceId: 'seed' });
    expect((await send('DELETE', `${PRICE}?withdraw=statement`)).statusCode).toBe(404);
  });

  it('in several currencies live side by side', async () => {
    const euros = await put(PRICE, { amount: '49.50', currency: 'EUR', validFrom: '2026-06-01T00:00:00Z' });
    expect([euros.statusCode, euros.json()]).toEqual([
      200,
      expect.objectContaining({ amount: '49.50', currency: 'EUR', validFrom: '2026-06-01T00:00:00.000Z' }),
    ]);
    const dirhams = await put(PRICE, { amount: '202.14', currency: 'AED', validFrom: '2026-06-01T00:00:00Z' });
    expect(dirhams.json()).toMatchObject({ amount: '202.14', currency: 'AED' });
    const inForce = async (query = '') =>
      (await get(`prices?offer=${encodeURIComponent(P5)}&category=on_demand${query}`)).items.map(
        (it: Record<string, string>) => `${it.amount} ${it.currency} ${it.sourceId}`,
      );
    expect(await inForce()).toEqual(['202.14 AED operator', '49.50 EUR operator', '55.04 USD seed']);
    expect(await inForce('&currency=EUR')).toEqual(['49.50 EUR operator']);
    expect(await inForce('&currency=aed')).toEqual(['202.14 AED operator']);
    expect(await inForce('&currency=GBP')).toEqual([]);
    expect(await get(PRICE)).toMatchObject({ amount: '55.04', currency: 'USD' });
    expect(await get(`${PRICE}?currency=AED`)).toMatchObject({ amount: '202.14' });
    const absent = await send('GET', `${PRICE}?currency=GBP`);
    expect([absent.statusCode, problemOf(absent).detail]).toEqual([
      404,
      expect.stringMatching(/no amount in force at .* in GBP. It has one in USD and AED and EUR/),
    ]);
    // An estimate takes the one in US dollars.
    const [priced] = catalog.current().pricesOfOffer(P5, now.toISOString());
    expect(priced).toMatchObject({ amount: '55.04', currency: 'USD' });
    expect(catalog.current().pricesOfOffer(P5, now.toISOString(), 'EUR')[0]).toMatchObject({ amount: '49.50' });
  });

  it('in several currencies have one history, in pages that lose none', async () => {
    const listed = (page: { items: Record<string, string>[] }) =>
      page.items.map((it) => `${it.validFrom?.slice(0, 10)} ${it.currency} ${it.amount}`);
    const whole = listed(await get(`${PRICE}/history`));
    expect(whole).toEqual([
      '2024-01-01 USD 98.32',
      '2025-06-23 USD 55.04',
      '2026-06-01 AED 202.14',
      '2026-06-01 EUR 49.50',
    ]);
    const paged: string[] = [];
    let token = '';
    do {
      const page = await get(`${PRICE}/history?pageSize=1${token}`);
      paged.push(...listed(page));
      token = page.nextPageToken === undefined ? '' : `&pageToken=${page.nextPageToken}`;
    } while (token !== '');
    expect(paged).toEqual(whole);
    expect(listed(await get(`${PRICE}/history?currency=EUR`))).toEqual(['2026-06-01 EUR 49.50']);
  });

  it('in several currencies are one resource: a write in any of them changes its tag', async () => {
    const tag = String((await send('GET', PRICE)).headers.etag);
    const body = { amount: '49.90', currency: 'EUR', validFrom: '2026-06-01T00:00:00Z' };
    expect((await put(PRICE, body, { 'if-match': tag })).statusCode).toBe(200);
    expect((await put(PRICE, { ...body, amount: '1' }, { 'if-match': tag })).statusCode).toBe(412);
    const inEuros = await send('GET', `${PRICE}?currency=EUR`);
    expect(inEuros.headers.etag).toBe((await send('GET', PRICE)).headers.etag);
  });

  it('that end, end in every currency, also in one that others quote or that begins later', async () => {
    await put(PRICE, { amount: '12000', currency: 'PKR', validFrom: '2026-12-24T00:00:00Z' });
    expect((await send('DELETE', `${PRICE}?validFrom=2026-11-26`)).statusCode).toBe(204);
    for (const asOf of ['2026-11-26', '2026-12-25']) {
      const { items } = await get(`prices?offer=${encodeURIComponent(P5)}&category=on_demand&asOf=${asOf}`);
      expect(items).toEqual([]);
    }
    expect((await send('DELETE', `${PRICE}?withdraw=statement`)).statusCode).toBe(204);
    expect((await get(`prices?offer=${encodeURIComponent(P5)}&category=on_demand`)).items).toHaveLength(1);
  });

  it.each(['DHS', 'XAU', 'DEM'])('in %s, which is no currency in use, are refused', async (currency) => {
    const before = head();
    const answer = await put(PRICE, { amount: '1', currency });
    expect(problemOf(answer)).toMatchObject({
      type: '/problems/unknown-currency',
      status: 422,
      detail: expect.stringContaining(`'${currency}' is not the code of a currency in use`),
      errors: [{ pointer: '#/currency', rule: 'unknown_currency' }],
    });
    expect(head()).toBe(before);
  });

  it('of tariffs are held to the same currencies', async () => {
    const answer = await put('tariffs/XX-new', { localPerKwh: '0.3', localCurrency: 'aed' });
    expect(problemOf(answer)).toMatchObject({
      status: 422,
      errors: [{ pointer: '#/localCurrency', choices: ['AED'] }],
    });
  });

  it('that are new describe what they price, and the id must fit', async () => {
    const offerId = 'aws/me-central-1/p5.48xlarge';
    const path = (id: string) => `prices/${encodeURIComponent(id)}`;
    const body = {
      amount: '30',
      currency: 'USD',
      offerId,
      category: 'committed',
      termMonths: 36,
      payment: 'no_upfront',
    };
    const id = `${offerId}/committed-36m-no_upfront`;
    const wrong = await put(path(`${offerId}/committed-36m`), body);
    expect([wrong.statusCode, problemOf(wrong).detail]).toEqual([400, expect.stringContaining(`the id '${id}'`)]);
    expect((await put(path(id), { amount: '30', currency: 'USD' })).statusCode).toBe(400);
    expect((await put(path(id), { ...body, offerId: 'aws/me-central-1/p5.48xlrge' })).statusCode).toBe(422);
    expect((await put(path(id), body)).statusCode).toBe(201);
    expect(await get(path(id))).toMatchObject({ amount: '30', termMonths: 36, deviceCount: 8, upfront: '0' });
    const tier = { amount: '30', currency: 'USD', offerId, category: 'on_demand', tierFrom: 1000 };
    const tiered = await put(path(`${offerId}/on_demand-from-1000`), tier);
    expect([tiered.statusCode, problemOf(tiered).detail]).toEqual([
      400,
      expect.stringContaining('any number of hours'),
    ]);
    const contradictions: [string, object, RegExp][] = [
      ['on_demand-12m-none', { category: 'on_demand', termMonths: 12 }, /Only a commitment has a term/],
      ['committed', { category: 'committed' }, /A commitment needs termMonths/],
      ['spot', { category: 'spot', payment: 'no_upfront' }, /Only a commitment has a payment option/],
      ['purchase', { category: 'purchase', unit: 'hour' }, /category purchase is not by hour/],
      ['token-million_long_input_tokens', { category: 'token', unit: 'million_long_input_tokens' }, /needs tierFrom/],
      ['committed-6m-all_upfront', { category: 'committed', termMonths: 6, payment: 'all_upfront' }, /needs upfront/],
    ];
    for (const [name, how, sentence] of contradictions) {
      const refused = await put(path(`${offerId}/${name}`), { amount: '3', currency: 'USD', offerId, ...how });
      expect([refused.statusCode, problemOf(refused).detail]).toEqual([400, expect.stringMatching(sentence)]);
    }
    const other = await put(path(id), { ...body, termMonths: 12 });
    expect(problemOf(other).detail).toMatch(/has termMonths 36 for ever/);
  });

  it.each([
    [{ amount: -1, currency: 'USD' }, /amount must be a string/],
    [{ amount: '-1', currency: 'USD' }, /amount/],
    [{ amount: '1e3', currency: 'USD' }, /amount/],
    [{ amount: '1', currency: 'dollars' }, /currency/],
    [{ amount: '1', currency: 'USD', validFrom: '2026-13-01T00:00:00Z' }, /validFrom/],
    [{ amount: '1', currency: 'USD', upfront: '500' }, /Only a commitment is paid upfront/],
    [{ amount: '0', currency: 'USD' }, /A price of 0 with nothing upfront/],
  ])('%j is refused', async (body, sentence) => {
    const answer = await put(PRICE, body);
    expect([answer.statusCode, problemOf(answer).detail]).toEqual([400, expect.stringMatching(sentence)]);
  });
});
