/** Price lists on a real database: what each does to the catalog, and what it says about itself. */
import { describe, expect, it } from 'vitest';
import { listDryRunDifferences, listRejections, listRevisionDifferences } from '../../../src/catalog/sync/records.ts';
import { fingerprint, request, row, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

const rejections = (id: string) => listRejections(syncing().pool, id, [0, 0], 1000);
const priceAt = (id: string, at = syncing().at.toISOString()) => syncing().catalog.current().priceAt(id, at);
const nextDay = () => {
  syncing().at = new Date(syncing().at.getTime() + 86_400_000);
};

describe('a first list', () => {
  it('makes one revision, with new prices above the seed', async () => {
    const before = syncing().catalog.current().revision;
    const sync = await send(syncing(), [
      row({ amount: '54.00' }),
      row({ region: 'me-central-1', amount: '61' }),
      row({ category: 'spot', amount: '20.5', source: 'Spot history', confidence: 'third_party', flags: 'a b' }),
    ]);
    expect(sync.counts).toMatchObject({
      rows: 3,
      inserted: 3,
      changed: 0,
      closed: 0,
      unchanged: 0,
      rejected: 0,
      quarantined: 0,
    });
    expect(sync.revision).toBe(before + 1);
    expect(sync.etag).toBe(`"acme.${before + 1}"`);
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand')).toMatchObject({
      amount: '54',
      sourceId: 'acme',
      source: 'acme',
      confidence: 'vendor',
    });
    expect(priceAt('aws/us-east-1/p5.48xlarge/spot')).toMatchObject({
      amount: '20.5',
      source: 'Spot history',
      confidence: 'third_party',
      flags: ['a', 'b'],
    });
  });

  it('again makes none, but is a success', async () => {
    nextDay();
    const before = await fingerprint(syncing());
    const sync = await send(
      syncing(),
      [
        row({ amount: '54.0' }),
        row({ region: 'aws/me-central-1', amount: '61', source: 'Another document' }),
        row({ category: 'spot', amount: '20.50' }),
      ],
      { mode: 'full' },
    );
    expect(sync.counts).toMatchObject({ inserted: 0, changed: 0, closed: 0, unchanged: 3 });
    expect(sync.revision).toBeNull();
    expect(await fingerprint(syncing())).toBe(before);
    const { rows } = await syncing().pool.query(
      `select last_success_at > last_change_at as later from catalog_source where id = 'acme'`,
    );
    expect(rows).toEqual([{ later: true }]);
  });
});

describe('changes', () => {
  it('keep the earlier price in history, and are listed', async () => {
    nextDay();
    const sync = await send(syncing(), [row({ amount: '50' })]);
    expect(sync.counts).toMatchObject({ changed: 1, unchanged: 0 });
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand')?.amount).toBe('50');
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand', '2026-11-25T00:00:00Z')?.amount).toBe('54');
    expect(await listRevisionDifferences(syncing().pool, sync.revision ?? 0, '', 10)).toMatchObject([
      { change: 'changed', priceId: 'aws/us-east-1/p5.48xlarge/on_demand', oldAmount: '54', amount: '50' },
    ]);
  });

  it('a full list ends what it leaves out of its scope, a dry run only says so', async () => {
    nextDay();
    const before = await fingerprint(syncing());
    const scope = { providers: ['aws'], regions: [], categories: ['on_demand'] };
    const dry = await send(syncing(), [row({ amount: '50' })], { mode: 'full', dryRun: true, scope });
    expect(dry.counts).toMatchObject({ unchanged: 1, closed: 1 });
    expect(await fingerprint(syncing())).toBe(before);
    expect(await listDryRunDifferences(syncing().pool, dry.id, '', 10)).toMatchObject([
      { change: 'closed', priceId: 'aws/me-central-1/p5.48xlarge/on_demand', oldAmount: '61', amount: null },
    ]);
    const real = await send(syncing(), [row({ amount: '50' })], {
      mode: 'full',
      scope,
      ...(dry.etag !== null && { ifMatch: dry.etag }),
    });
    expect(real.counts).toEqual(dry.counts);
    expect(priceAt('aws/me-central-1/p5.48xlarge/on_demand')).toBeUndefined();
    expect(priceAt('aws/us-east-1/p5.48xlarge/spot')?.amount).toBe('20.5');
    await expect(send(syncing(), [row()], { ifMatch: dry.etag ?? '' })).rejects.toMatchObject({
      code: 'scope_changed',
      etag: real.etag,
    });
  });

  it('rows that name their offers by id are in the scope of the region of the offer', async () => {
    const scope = { providers: [], regions: ['us-east-1'], categories: [] };
    const byId = (offerId: string, amount: string) =>
      ({ offerId, category: 'on_demand', unit: 'hour', amount, currency: 'USD' }) as const;
    const rows = [byId('aws/us-east-1/p5.48xlarge', '51'), byId('aws/me-central-1/p5.48xlarge', '62')];
    const sync = await send(syncing(), rows, { scope, dryRun: true });
    expect(sync.counts).toMatchObject({ changed: 1, rejected: 1 });
    expect(await rejections(sync.id)).toMatchObject([
      { rowNumber: 2, field: 'region', detail: `'me-central-1' is outside the scope of this sync, us-east-1.` },
    ]);
  });

  it('can be announced, and the announcement taken back by a full list without it', async () => {
    nextDay();
    await send(syncing(), [row({ amount: '50' }), row({ amount: '45', validFrom: '2027-02-01' })]);
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand')?.amount).toBe('50');
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand', '2027-02-01T00:00:00Z')?.amount).toBe('45');
    nextDay();
    const again = await send(syncing(), [
      row({ amount: '50' }),
      row({ amount: '45', validFrom: '2027-02-01T00:00:00Z' }),
    ]);
    expect(again.revision).toBeNull();
    const scope = { providers: [], regions: [], categories: ['on_demand'] };
    const sync = await send(syncing(), [row({ amount: '50' })], { mode: 'full', scope });
    expect(sync.counts).toMatchObject({ takenBack: 1, changed: 0, inserted: 0 });
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand', '2027-02-01T00:00:00Z')?.amount).toBe('50');
  });

  it('new offers come with the rows that describe them', async () => {
    const sync = await send(syncing(), [
      row({ sku: 'l4.big', kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 4, vcpus: '32', amount: '4.2' }),
      row({
        sku: 'l4.big',
        category: 'committed',
        termMonths: '12',
        payment: 'all_upfront',
        amount: '0',
        upfront: '20000',
      }),
    ]);
    expect(sync.counts).toMatchObject({ inserted: 2, offersAdded: 1 });
    expect(syncing().catalog.current().offer('aws/us-east-1/l4.big')).toMatchObject({
      deviceId: 'nvidia-l4',
      deviceCount: 4,
      vcpus: 32,
      mode: 'open',
      regionId: 'aws/us-east-1',
    });
    expect(priceAt('aws/us-east-1/l4.big/committed-12m-all_upfront')).toMatchObject({ amount: '0', upfront: '20000' });
  });
});

describe('rejected rows', () => {
  it.each([
    [{ amount: '-5' }, 'amount', 'negative'],
    [{ amount: 'NaN' }, 'amount', 'format'],
    [{ amount: '1,234.5' }, 'amount', 'format'],
    [{ amount: '0' }, 'amount', 'zero'],
    [{ amount: '1e12' }, 'amount', 'too_large'],
    [{ amount: '' }, 'amount', 'required'],
    [{ unit: 'each' as const }, 'unit', 'unit_of_category'],
    [{ category: 'ondemand' as never }, 'category', 'choice'],
    [{ category: 'committed' as const }, 'termMonths', 'term_of_category'],
    [{ tierFrom: '1000' }, 'tierFrom', 'tier_of_unit'],
    [{ category: 'token' as const, unit: 'million_long_input_tokens' as const }, 'tierFrom', 'required'],
    [{ upfront: '500' }, 'upfront', 'upfront_of_category'],
    [
      { category: 'committed' as const, termMonths: 12, payment: 'no_upfront' as const, upfront: '1' },
      'upfront',
      'upfront_of_payment',
    ],
    [{ category: 'committed' as const, termMonths: 12, payment: 'partial_upfront' as const }, 'upfront', 'required'],
    [{ currency: 'usd' }, 'currency', 'choice'],
    [{ currency: '' }, 'currency', 'required'],
    [{ validFrom: '2026-02-30' }, 'validFrom', 'format'],
    [{ validFrom: 'tomorrow' }, 'validFrom', 'format'],
    [{ state: 'withdrawn' as const }, 'amount', 'withdrawn_with_amount'],
    [{ provider: 'awz' }, 'provider', 'unknown'],
    [{ sku: 'p5.48xlrge' }, 'sku', 'unknown'],
    [{ sku: 'new', kind: 'instance' as const, region: 'us-east-9' }, 'region', 'unknown'],
    [{ sku: 'new', kind: 'instance' as const, deviceId: 'nvidia-h100', deviceCount: 8 }, 'deviceId', 'unknown'],
    [{ sku: 'new', kind: 'instance' as const, deviceId: 'nvidia-l4' }, 'deviceCount', 'unknown'],
    [{ offerId: 'aws/us-east-1/p6' }, 'offerId', 'unknown'],
  ])('%j is told of at %s', async (wrong, field, rule) => {
    const before = await fingerprint(syncing());
    const sync = await send(syncing(), [row(wrong)]);
    expect(sync.counts).toMatchObject({ rejected: 1, inserted: 0, changed: 0 });
    expect(await rejections(sync.id)).toMatchObject([
      { rowNumber: 1, field, rule, detail: expect.stringMatching(/[.?]$/) },
    ]);
    expect(await fingerprint(syncing())).toBe(before);
  });

  it('name the nearest thing that is known', async () => {
    const sync = await send(syncing(), [row({ sku: 'p5.48xlrge' })]);
    expect((await rejections(sync.id))[0]?.detail).toContain("Did you mean 'p5.48xlarge'?");
  });

  it('are all rows of an offer that one of them describes wrongly, with a reference to that one', async () => {
    const sku = 'described-once';
    const offerId = `aws/us-east-1/${sku}`;
    const { id, counts } = await send(syncing(), [
      row({ sku, category: 'spot', amount: '2' }),
      row({ sku, kind: 'instance', deviceId: 'nvidia-l44', deviceCount: 1, amount: '4' }),
      { offerId: 'awz/x/y', category: 'on_demand', unit: 'hour', amount: '1', currency: 'USD' },
      row({ provider: 'awz', region: 'x', sku: 'y', category: 'spot', amount: '1' }),
      { offerId, category: 'capacity_block', unit: 'hour', amount: '3', currency: 'USD' },
    ]);
    expect(counts).toMatchObject({ rows: 5, rejected: 5 });
    const said = (await rejections(id)).map(({ rowNumber, field, detail }) => ({ rowNumber, field, detail }));
    const device = "The catalog has no device 'nvidia-l44'. Did you mean 'nvidia-l4'?";
    expect(said).toEqual([
      { rowNumber: 1, field: 'deviceId', detail: `${device} Row 2 describes this offer.` },
      { rowNumber: 2, field: 'deviceId', detail: device },
      { rowNumber: 3, field: 'offerId', detail: "The catalog has no offer 'awz/x/y'." },
      { rowNumber: 4, field: 'offerId', detail: "The catalog has no offer 'awz/x/y'." },
      { rowNumber: 5, field: 'deviceId', detail: `${device} Row 2 describes this offer.` },
    ]);
  });

  it('of one price twice: the first counts where they agree, none where they do not', async () => {
    const sync = await send(syncing(), [
      row({ category: 'spot', amount: '21' }),
      row({ category: 'spot', amount: '21.0' }),
      row({ amount: '49' }),
      row({ amount: '48' }),
    ]);
    expect(sync.counts).toMatchObject({ rejected: 3, changed: 1 });
    expect((await rejections(sync.id)).map(({ rowNumber, rule }) => [rowNumber, rule])).toEqual([
      [2, 'duplicate'],
      [3, 'duplicate'],
      [4, 'duplicate'],
    ]);
  });

  it('end nothing in a full list', async () => {
    const sound = row({ sku: 'l4.sound', kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, amount: '3' });
    const sync = await send(syncing(), [row({ amount: '-1' }), sound], {
      mode: 'full',
      scope: { providers: ['aws'], regions: ['us-east-1'], categories: ['on_demand'] },
    });
    expect(sync.counts).toMatchObject({ rejected: 1, inserted: 1, closed: 1 });
    expect(priceAt('aws/us-east-1/p5.48xlarge/on_demand')?.amount).toBe('50');
    expect(priceAt('aws/us-east-1/l4.big/on_demand')).toBeUndefined();
  });
});

it('a source that is no price list cannot be synced', async () => {
  await expect(send(syncing(), [row()], { sourceId: 'seed' })).rejects.toMatchObject({ code: 'source_not_syncable' });
});

it('NDJSON says the same as CSV', async () => {
  const lines = [
    JSON.stringify({ ...row(), amount: 47.5 }),
    '{"provider": "aws", "colour": "red"}',
    'not json',
    JSON.stringify({
      ProviderName: 'aws',
      RegionId: 'us-east-1',
      SkuId: 'p5.48xlarge',
      PricingCategory: 'spot',
      PricingUnit: 'hour',
      ListUnitPrice: '22',
      PricingCurrency: 'USD',
    }),
    // Which of the two is meant is not guessed.
    JSON.stringify({ ...row(), ListUnitPrice: '48' }),
    JSON.stringify({ ...row({ category: 'spot', amount: '22' }), PricingCurrency: 'USD' }),
  ].join('\r\n');
  const sync = await send(syncing(), lines, { format: { mediaType: 'application/x-ndjson', gzip: false } });
  expect(sync.counts).toMatchObject({ rows: 6, changed: 2, rejected: 4 });
  expect((await rejections(sync.id)).map(({ rowNumber, rule }) => [rowNumber, rule])).toEqual([
    [2, 'unreadable'],
    [3, 'unreadable'],
    [5, 'unreadable'],
    [6, 'duplicate'],
  ]);
});

it('leaves no staging table and no connection behind', async () => {
  const { pool } = syncing();
  const { rows } = await pool.query(
    `select relname from pg_class where relnamespace = 'price_sync_stage'::regnamespace and relkind = 'r'`,
  );
  expect(rows).toEqual([]);
  expect(request().idempotencyKey).not.toBe(request().idempotencyKey);
});
