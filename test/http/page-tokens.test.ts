/** A pageToken that this service did not give out is refused, whatever it holds: never a failure of ours. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import type { App } from '../../src/http/application.ts';
import { contents } from '../catalog/fixtures.ts';
import { csv, row } from '../catalog/sync/syncing.ts';
import { problemOf } from './application.ts';
import { useFilledApplication } from './filled-application.ts';

const service = useFilledApplication(contents);
let app: App;
let key = '';
const ids = { dry: '', real: '' };

beforeAll(async () => {
  const { pool } = service();
  app = service().app;
  key = await createKey(pool, { tenant: 'house', label: 'buyer', scopes: ['prices:write'] });
  for (const kind of ['dry', 'real'] as const) {
    const sent = await app.inject({
      method: 'POST',
      url: `/v1/catalog/price-syncs?source=vendor&dryRun=${kind === 'dry'}`,
      headers: { 'content-type': 'text/csv', 'idempotency-key': `${kind}-list-of-tokens`, 'x-api-key': key },
      payload: csv([row({ amount: '54' })]),
    });
    ids[kind] = sent.json().id;
  }
});

const ID = '00000000-0000-4000-8000-000000000000';
const MOMENT = '2026-11-24 12:00:00+00';

describe.each([
  [
    'price-syncs',
    () => '/v1/catalog/price-syncs',
    ['2026-99-99T00:00:00Z', `2026-02-31T00:00:00Z|${ID}`, '2026-02-01T00:00:00Z|1'],
  ],
  ['operations', () => '/v1/operations', [ID, `2026-99-99T00:00:00Z|${ID}`]],
  ['differences of a revision', () => '/v1/catalog/revisions/1/diff', ['5', `9999999999|USD|${MOMENT}`, '5|USD|-']],
  ['differences of a sync', () => `/v1/catalog/price-syncs/${ids.real}/differences`, ['5', '5|USD|2026-99-99']],
  ['differences of a dry run', () => `/v1/catalog/price-syncs/${ids.dry}/differences`, [`5|USD|${MOMENT}`]],
  ['changes that wait', () => `/v1/catalog/price-syncs/${ids.real}/quarantined`, [`5|USD|${MOMENT}`]],
  ['rejected rows', () => `/v1/catalog/price-syncs/${ids.real}/rejections`, ['1']],
])('%s', (_name, path, forged) => {
  it.each(forged)('refuses %s', async (position) => {
    const token = Buffer.from(position).toString('base64url');
    const answer = await app.inject({ url: `${path()}?pageToken=${token}`, headers: { 'x-api-key': key } });
    expect([answer.statusCode, problemOf(answer).errors?.[0]]).toMatchObject([400, { rule: 'page_token' }]);
  });
});

it('its own tokens lead through a revision, each price once', async () => {
  const ids = async (query: string): Promise<{ ids: string[]; next: string | undefined }> => {
    const page = (await app.inject({ url: `/v1/catalog/revisions/1/diff?${query}` })).json();
    const told = page.items.map((it: { priceId: string; validFrom: string }) => `${it.priceId} ${it.validFrom}`);
    return { ids: told, next: page.nextPageToken };
  };
  const all = (await ids('pageSize=200')).ids;
  const paged: string[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const page = await ids(`pageSize=1${next === '' ? '' : `&pageToken=${next}`}`);
    paged.push(...page.ids);
    next = page.next;
  }
  expect(all.length).toBeGreaterThan(1);
  expect(paged).toEqual(all);
});

it.each(['/v1/catalog/price-syncs', '/v1/operations'])('%s of one moment are told once each', async (path) => {
  await service().pool.query("update price_sync set created_at = '2026-11-24T12:00:00.000001Z'");
  await service().pool.query("update operation set created_at = '2026-11-24T12:00:00.000001Z'");
  const told: string[] = [];
  for (let next: string | undefined = ''; next !== undefined; ) {
    const query: string = next === '' ? '' : `&pageToken=${next}`;
    const page = (await app.inject({ url: `${path}?pageSize=1${query}`, headers: { 'x-api-key': key } })).json();
    told.push(...page.items.map((it: { id: string }) => it.id));
    next = page.nextPageToken;
  }
  expect(told.toSorted()).toEqual([ids.dry, ids.real].toSorted());
});
