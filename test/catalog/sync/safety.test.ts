/** Repeating, racing, breaking off: afterwards the catalog is the one before or the one after, and a retry completes. */
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { register } from '../../../src/catalog/sync/idempotency.ts';
import { findOperation, finishOperation, requestCancel } from '../../../src/catalog/sync/operations.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import { findSync, listRejections } from '../../../src/catalog/sync/records.ts';
import { SOURCE_LOCK } from '../../../src/catalog/sync/session.ts';
import { csv, fingerprint, request, row, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();

const bytes = (text: string | Buffer): Readable => Readable.from([Buffer.from(text)]);
const gzip = { mediaType: 'text/csv', gzip: true } as const;

/** A list with many prices, all of one amount. */
const many = (count: number, amount: string, name = 's'): string =>
  csv(
    Array.from({ length: count }, (_, index) =>
      row({ sku: `${name}${index}`, kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, amount }),
    ),
  );

/** Syncs as another instance of the service would do them, with everything in the background. */
const otherInstance = (): PriceSyncs =>
  new PriceSyncs({
    pool: syncing().pool,
    catalog: syncing().catalog,
    now: () => syncing().at,
    settings: { ...defaultSyncSettings, answeredAtOnceRows: 0 },
    onError: () => undefined,
  });

const stagingTables = async (): Promise<number> =>
  (
    await syncing().pool.query(
      `select from pg_class where relnamespace = 'price_sync_stage'::regnamespace and relkind = 'r'`,
    )
  ).rowCount ?? 0;

const ended = async (id: string): Promise<string> => {
  for (;;) {
    const operation = await findOperation(syncing().pool, id);
    if (operation?.finishedAt) return operation.state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const killBackends = (like: string): Promise<unknown> =>
  syncing().pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query like $1`,
    [like],
  );

describe('an Idempotency-Key', () => {
  it('with the same list gives the same answer and does nothing twice', async () => {
    const { syncs } = syncing();
    const one = request();
    const first = await syncs.submit(one, bytes(csv([row({ amount: '54' })])));
    const before = await fingerprint(syncing());
    // Packed differently, it is the same list.
    const again = await syncs.submit({ ...one, format: gzip }, bytes(gzipSync(csv([row({ amount: '54' })]))));
    if (first.kind !== 'done' || again.kind !== 'done') throw new Error('Both are short.');
    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(again.record).toEqual(first.record);
    expect(await fingerprint(syncing())).toBe(before);
    await expect(syncs.submit(one, bytes(csv([row({ amount: '53' })])))).rejects.toMatchObject({ code: 'key_reused' });
    await expect(syncs.submit({ ...one, dryRun: true }, bytes(csv([row({ amount: '54' })])))).rejects.toMatchObject({
      code: 'key_reused',
    });
    // Of another sender it is another key.
    expect(await syncs.submit({ ...one, actor: 'other' }, bytes(csv([row({ amount: '54' })])))).toMatchObject({
      replayed: false,
    });
  });

  it('in flight is a conflict; of two at once one is done', async () => {
    const { syncs } = syncing();
    const one = request();
    const text = csv([row({ amount: '52' })]);
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => syncs.submit(one, bytes(text))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'key_in_flight' });
    }
    const { rows } = await syncing().pool.query(
      `select count(*)::int as count from price_sync where idempotency_key = $1 and revision is not null`,
      [one.idempotencyKey],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });
});

describe('broken lists', () => {
  const whole = gzipSync(many(2000, '3'));
  it.each([
    ['truncated gzip', whole.subarray(0, whole.length - 50), gzip],
    ['no gzip', Buffer.from(many(3, '3')), gzip],
    ['garbage', Buffer.alloc(300_000, 7), { mediaType: 'text/csv', gzip: false } as const],
    ['an empty body', Buffer.alloc(0), { mediaType: 'text/csv', gzip: false } as const],
    ['an unknown column', Buffer.from('provider,regoin\naws,x\n'), { mediaType: 'text/csv', gzip: false } as const],
    ['too many cells', Buffer.from('provider,sku\naws,x\naws,x,y\n'), { mediaType: 'text/csv', gzip: false } as const],
    ['an open quote', Buffer.from('provider,sku\naws,"x\n'), { mediaType: 'text/csv', gzip: false } as const],
    [
      'no UTF-8',
      Buffer.from([...Buffer.from('provider,sku\naws,'), 0xff, 10]),
      { mediaType: 'text/csv', gzip: false } as const,
    ],
    ['no UTF-8 in NDJSON', Buffer.from([0x7b, 0xff, 10]), { mediaType: 'application/x-ndjson', gzip: false } as const],
  ])('%s: nothing is changed, and the key can be used again', async (_name, body, format) => {
    const before = await fingerprint(syncing());
    const one = request({ sourceId: 'broken', format });
    await expect(syncing().syncs.submit(one, bytes(body))).rejects.toMatchObject({
      code: 'malformed_list',
      message: expect.stringMatching(/[.?]$/),
    });
    expect(await fingerprint(syncing())).toBe(before);
    expect(await stagingTables()).toBe(0);
    const plain = { ...one, dryRun: true, format: { mediaType: 'text/csv', gzip: false } as const };
    expect(await syncing().syncs.submit(plain, bytes(csv([row()])))).toMatchObject({ kind: 'done' });
  });

  it('longer than allowed', async () => {
    const { pool, catalog } = syncing();
    const small = new PriceSyncs({
      pool,
      catalog,
      now: () => syncing().at,
      settings: { ...defaultSyncSettings, limitBytes: 10_000, answeredAtOnceRows: 10 },
      onError: () => undefined,
    });
    // A few kilobytes that unpack to many.
    await expect(small.submit(request({ format: gzip }), bytes(whole))).rejects.toMatchObject({
      code: 'list_too_large',
    });
    expect(await stagingTables()).toBe(0);
  });

  it('ten thousand bad rows are told one by one, and the good ones are taken', async () => {
    const rows = [
      ...Array.from({ length: 10_000 }, (_, index) => row({ sku: `bad${index}`, amount: '-1' })),
      row({ amount: '51' }),
    ];
    const sync = await send(syncing(), rows, { sourceId: 'bad-rows' });
    expect(sync.counts).toMatchObject({ rows: 10_001, rejected: 10_000, inserted: 1 });
    expect(await listRejections(syncing().pool, sync.id, [9_998, 1], 10)).toMatchObject([
      { rowNumber: 9_999 },
      { rowNumber: 10_000 },
    ]);
  });

  it('more mistakes than are kept: the notes say how many are left out', async () => {
    const wrong = {
      category: 'x',
      unit: 'x',
      payment: 'x',
      state: 'x',
      confidence: 'x',
      kind: 'x',
      mode: 'x',
    } as never;
    const numbers = { termMonths: 'x', tierFrom: 'x', validFrom: 'x', observedAt: 'x', deviceCount: 'x' };
    const rows = Array.from({ length: 7_200 }, () => row({ ...(wrong as object), ...numbers, amount: 'x' }));
    const { id, notes, counts } = await send(syncing(), rows, { sourceId: 'bad-rows', dryRun: true });
    const { rows: kept } = await syncing().pool.query(
      'select count(*)::int from price_sync_rejection where price_sync_id = $1',
      [id],
    );
    expect(counts).toMatchObject({ rejected: 7_200 });
    expect(kept).toEqual([{ count: 100_000 }]);
    expect(notes).toMatchObject([{ code: 'rejections_left_out', count: 7_200 * 14 - 100_000 }]);
  });

  it('a connection that breaks off: the same key sends it again', async () => {
    const before = await fingerprint(syncing());
    const one = request({ sourceId: 'broken-off' });
    const text = many(500, '3');
    const body = new PassThrough();
    body.write(text.slice(0, text.length * 0.8));
    const broken = syncing().syncs.submit(one, body);
    setTimeout(() => body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })), 100);
    await expect(broken).rejects.toMatchObject({ code: 'interrupted_upload' });
    expect(await fingerprint(syncing())).toBe(before);
    expect(await stagingTables()).toBe(0);
    const outcome = await syncing().syncs.submit(one, bytes(text));
    expect(outcome).toMatchObject({ replayed: false, record: { counts: { inserted: 500, offersAdded: 500 } } });
  });
});

describe('races', () => {
  it('of two lists of one source: one after the other, each whole', async () => {
    const lists = [many(300, '4', 'raced'), many(300, '5', 'raced'), many(300, '4.5', 'raced')];
    const outcomes = await Promise.all(
      lists.map((text) => syncing().syncs.submit(request({ sourceId: 'raced', mode: 'full' }), bytes(text))),
    );
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ record: { counts: { rejected: 0, quarantined: 0 } } });
    const { rows } = await syncing().pool.query(
      `select count(distinct amount)::int as amounts, count(*)::int as count from price_amount join catalog_source s using (source_key)
       where s.id = 'raced' and is_open`,
    );
    expect(rows).toEqual([{ amounts: 1, count: 300 }]);
  });

  it('If-Match of one scope of a source does not fail because of another, and does because of its own', async () => {
    const sourceId = 'aggregator';
    const scopeOf = (...categories: string[]) => ({ providers: ['aws'], regions: [], categories });
    const spot = row({ category: 'spot', amount: '20' });
    const first = await send(syncing(), [row({ amount: '50' }), spot], { sourceId });
    await send(syncing(), [{ ...spot, amount: '21' }], { sourceId, scope: scopeOf('spot') });
    const seen = { sourceId, ifMatch: first.etag ?? '' };
    const second = await send(syncing(), [row({ amount: '49' })], { ...seen, scope: scopeOf('on_demand') });
    expect(second.counts).toMatchObject({ changed: 1 });
    for (const scope of [scopeOf('spot'), scopeOf('on_demand'), scopeOf()]) {
      const late = send(syncing(), [row({ amount: '48' })], { ...seen, scope });
      await expect(late).rejects.toMatchObject({ code: 'scope_changed', etag: second.etag });
    }
    const ahead = { sourceId, ifMatch: '"aggregator.999999999"', scope: scopeOf('spot') };
    await expect(send(syncing(), [spot], ahead)).rejects.toMatchObject({ code: 'scope_changed' });
    const misread = (ifMatch: string) => send(syncing(), [spot], { sourceId, ifMatch });
    await expect(misread('aggregator.1')).rejects.toThrow('a tag stands in quotes');
    await expect(misread(`W/${second.etag}`)).rejects.toThrow('Send it without W/');
  });

  it('If-Match of one source does not fail because of another', async () => {
    const first = await send(syncing(), [row({ amount: '50' })], { sourceId: 'vendor-a' });
    await send(syncing(), [row({ amount: '50' })], { sourceId: 'vendor-b' });
    const second = await send(syncing(), [row({ amount: '49' })], { sourceId: 'vendor-a', ifMatch: first.etag ?? '' });
    expect(second.counts).toMatchObject({ changed: 1 });
  });
});

describe('work in the background', () => {
  it('is cancelled on request, or is done; never half', async () => {
    const before = await fingerprint(syncing());
    const outcome = await otherInstance().submit(request({ sourceId: 'cancelled' }), bytes(many(3000, '3')));
    if (outcome.kind !== 'accepted') throw new Error('It should be in the background.');
    await requestCancel(syncing().pool, outcome.id);
    const state = await ended(outcome.id);
    expect(['cancelled', 'succeeded']).toContain(state);
    if (state === 'cancelled') expect(await fingerprint(syncing())).toBe(before);
    expect((await findSync(syncing().pool, outcome.id))?.counts === null).toBe(state === 'cancelled');
  });

  // Statements of each step, as the server shows them while they run.
  it.each(['%checked%', '%insert into change%', '%judged%', '%insert into price_amount%', '%price_quarantine%'])(
    'whose connection is killed during %s is taken up again',
    async (like) => {
      const instance = otherInstance();
      const sourceId = `killed-${like.replaceAll(/[^a-z]/g, '')}`;
      const outcome = await instance.submit(request({ sourceId }), bytes(many(5000, '3')));
      if (outcome.kind !== 'accepted') throw new Error('It should be in the background.');
      let isEnded = false;
      const state = ended(outcome.id).finally(() => {
        isEnded = true;
      });
      while (!isEnded) {
        const { rowCount } = await syncing().pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
             and state = 'active' and query like $1`,
          [like],
        );
        if ((rowCount ?? 0) > 0) break;
      }
      expect(await state).toBe('succeeded');
      await instance.close();
      expect(await findSync(syncing().pool, outcome.id)).toMatchObject({ counts: { inserted: 5000 } });
      const { rows } = await syncing().pool.query(
        `select count(*)::int as count, count(distinct revision)::int as revisions from price_amount join catalog_source s using (source_key)
         where s.id = $1`,
        [sourceId],
      );
      expect(rows).toEqual([{ count: 5000, revisions: 1 }]);
    },
  );

  it('left by an instance that is gone is taken up at the next start, or failed where its list is lost', async () => {
    const { pool } = syncing();
    const orphans = [
      '0b8f4c0e-6f0f-4c55-9a5e-3f1f5f0a7c01',
      '0b8f4c0e-6f0f-4c55-9a5e-3f1f5f0a7c02',
      '0b8f4c0e-6f0f-4c55-9a5e-3f1f5f0a7c03',
      '0b8f4c0e-6f0f-4c55-9a5e-3f1f5f0a7c04',
    ];
    for (const [index, id] of orphans.entries()) {
      await pool.query(
        `insert into operation (operation_id, kind, state, step, actor) values ($1, 'price_sync', 'queued', 'received', 'buyer')`,
        [id],
      );
      await pool.query(
        `insert into price_sync (price_sync_id, actor, idempotency_key, request_sha256, body_sha256, source_id, mode, dry_run, scope, request_id,
           effective_at, row_count) values ($1, 'buyer', $2, sha256('a'), sha256('b'), 'orphan', 'delta', false,
           '{"providers": [], "regions": [], "categories": []}', 'test', $3, 1)`,
        [id, `orphan-${index}`, syncing().at],
      );
    }
    const { createStagingTable, stagingTable } = await import('../../../src/catalog/sync/staging.ts');
    // The third one has ended whoever took it up, again and again.
    await pool.query('update operation set attempts = 5 where operation_id = $1', [orphans[2]]);
    // The fourth one was done, and its instance ended before it dropped the list.
    await pool.query(`update operation set state = 'succeeded', finished_at = now() where operation_id = $1`, [
      orphans[3],
    ]);
    const client = await pool.connect();
    for (const whole of [orphans[0] ?? '', orphans[2] ?? '', orphans[3] ?? '']) {
      await createStagingTable(client, stagingTable(whole));
      await client.query(
        `insert into ${stagingTable(whole)} (provider, region, sku, category, unit, amount, currency)
         values ('aws', 'us-east-1', 'p5.48xlarge', 'on_demand', 'hour', '50', 'USD')`,
      );
    }
    client.release();
    const instance = otherInstance();
    await instance.recover();
    await instance.close();
    expect(await Promise.all(orphans.map(ended))).toEqual(['succeeded', 'failed', 'failed', 'succeeded']);
    expect(await findOperation(pool, orphans[1] ?? '')).toMatchObject({ failure: { code: 'interrupted' } });
    expect(await findOperation(pool, orphans[2] ?? '')).toMatchObject({ failure: { code: 'given_up' } });
    expect(await findSync(pool, orphans[0] ?? '')).toMatchObject({ counts: { inserted: 1 } });
    expect(await stagingTables()).toBe(0);
  });
});

it('a connection killed in the middle of an upload leaves nothing', async () => {
  const before = await fingerprint(syncing());
  const body = new PassThrough();
  body.write(many(200, '3'));
  const one = request({ sourceId: 'killed-upload' });
  const broken = syncing().syncs.submit(one, body);
  const failed = expect(broken).rejects.toThrow();
  setTimeout(() => void killBackends('copy price_sync_stage%').then(() => body.end('\n')), 150);
  await failed;
  expect(await fingerprint(syncing())).toBe(before);
  expect(await syncing().syncs.submit(one, bytes(many(200, '3')))).toMatchObject({
    record: { counts: { inserted: 200 } },
  });
  expect(await stagingTables()).toBe(0);
});

it('what an instance left that never starts again is ended by one that lives', async () => {
  const { pool, catalog, at } = syncing();
  const living = new PriceSyncs({
    pool,
    catalog,
    now: () => at,
    settings: { ...defaultSyncSettings, takeUpEveryMs: 20 },
    onError: () => undefined,
  });
  await living.recover();
  const id = randomUUID();
  const client = await pool.connect();
  await register(client, id, request({ sourceId: 'left' }), at);
  client.release();
  expect(await ended(id)).toBe('failed');
  expect((await findOperation(pool, id))?.failure?.code).toBe('interrupted');
  await living.close();
});

it('what was told to have changed nothing changes nothing any more', async () => {
  const { pool } = syncing();
  const other = otherInstance();
  const writer = await pool.connect();
  await writer.query('select pg_advisory_lock($1, hashtext($2))', [SOURCE_LOCK, 'given-up']);
  const outcome = await other.submit(request({ sourceId: 'given-up' }), bytes(many(10, '3', 'given-up')));
  if (outcome.kind !== 'accepted') throw new Error('It should be in the background.');
  await finishOperation(pool, outcome.id, 'failed', { code: 'interrupted', detail: 'Nothing was changed.' });
  const before = await fingerprint(syncing());
  writer.release(true);
  await other.close();
  expect(await ended(outcome.id)).toBe('failed');
  expect(await fingerprint(syncing())).toBe(before);
});

it('what would take long when the service stops is broken off, and goes on elsewhere', async () => {
  const { pool, catalog, at } = syncing();
  const settings = { ...defaultSyncSettings, answeredAtOnceRows: 0, stopWithinMs: 0, takeUpEveryMs: 20 };
  const instance = () => new PriceSyncs({ pool, catalog, now: () => at, settings, onError: () => undefined });
  const [stopping, next] = [instance(), instance()];
  const writer = await pool.connect();
  await writer.query('select pg_advisory_lock($1, hashtext($2))', [SOURCE_LOCK, 'stopped']);
  const outcome = await stopping.submit(request({ sourceId: 'stopped' }), bytes(many(10, '3', 'stopped')));
  if (outcome.kind !== 'accepted') throw new Error('It should be in the background.');
  // As long as the other writer holds the source, it would wait for that.
  await stopping.close();
  expect((await findOperation(pool, outcome.id))?.finishedAt).toBeNull();
  writer.release(true);
  await next.recover();
  expect(await ended(outcome.id)).toBe('succeeded');
  await next.close();
});
