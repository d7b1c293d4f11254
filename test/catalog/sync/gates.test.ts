/** Mistakes that were found in published price lists: each waits for a decision, and the old price stays. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SyncFailure } from '../../../src/catalog/sync/failure.ts';
import { DecidedAlreadyError, decide, decideAll, listQuarantine } from '../../../src/catalog/sync/quarantine.ts';
import { listWaitingChanges } from '../../../src/catalog/sync/records.ts';
import { openSession } from '../../../src/catalog/sync/session.ts';
import { row, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();
const SPOT = 'aws/us-east-1/p5.48xlarge/spot';

const waiting = (sourceId: string) =>
  listQuarantine(syncing().pool, { tenant: 'house', sourceId, state: 'waiting', limit: 1000 });
const priceOf = (id: string) => syncing().catalog.current().priceAt(id, syncing().at.toISOString());
const decision = (what: 'approve' | 'refuse') => ({
  decision: what,
  reason: 'Asked the vendor.',
  actor: 'buyer',
  tenant: 'house',
  requestId: 'test',
  bodySha256: createHash('sha256').digest(),
});
const fleet = (name: string, count: number, price: (index: number) => object) =>
  Array.from({ length: count }, (_, index) =>
    row({ sku: `${name}${index}`, kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, ...price(index) }),
  );

describe('spot above on-demand', () => {
  it('waits while the rest lands and the old price stays', async () => {
    await send(syncing(), [row({ amount: '55.04' }), row({ category: 'spot', amount: '21' })], { sourceId: 'spotty' });
    const sync = await send(syncing(), [row({ amount: '54' }), row({ category: 'spot', amount: '61' })], {
      sourceId: 'spotty',
    });
    expect(sync.counts).toMatchObject({ changed: 1, quarantined: 1 });
    expect(priceOf(SPOT)?.amount).toBe('21');
    const [item] = await waiting('spotty');
    expect(item).toMatchObject({
      priceId: SPOT,
      rowNumber: 2,
      rules: ['spot_above_on_demand'],
      oldAmount: '21',
      amount: '61',
      detail: 'Spot at 61 is above on-demand at 54.',
    });
  });

  it('said again it waits once; said otherwise it is superseded', async () => {
    await send(syncing(), [row({ category: 'spot', amount: '61' })], { sourceId: 'spotty' });
    expect(await waiting('spotty')).toHaveLength(1);
    await send(syncing(), [row({ category: 'spot', amount: '22' })], { sourceId: 'spotty' });
    expect(await waiting('spotty')).toEqual([]);
    expect(priceOf(SPOT)?.amount).toBe('22');
  });

  it('approved it is a revision of its source; decided is decided', async () => {
    await send(syncing(), [row({ category: 'spot', amount: '62' })], { sourceId: 'spotty' });
    const [item] = await waiting('spotty');
    const id = item?.id ?? '';
    const approved = await decide(syncing().pool, id, decision('approve'));
    expect(approved).toMatchObject({ state: 'approved', decidedBy: 'buyer', decisionReason: 'Asked the vendor.' });
    await syncing().catalog.refresh();
    expect(priceOf(SPOT)).toMatchObject({ amount: '62', sourceId: 'spotty', revision: approved?.revision });
    expect(await decide(syncing().pool, id, decision('approve'))).toEqual(approved);
    await expect(decide(syncing().pool, id, decision('refuse'))).rejects.toThrow(DecidedAlreadyError);
    expect(
      (await send(syncing(), [row({ category: 'spot', amount: '62' })], { sourceId: 'spotty' })).counts,
    ).toMatchObject({
      unchanged: 1,
    });
  });

  it('refused it is remembered', async () => {
    await send(syncing(), [row({ category: 'spot', amount: '63' })], { sourceId: 'spotty' });
    const [item] = await waiting('spotty');
    await decide(syncing().pool, item?.id ?? '', decision('refuse'));
    const sync = await send(syncing(), [row({ category: 'spot', amount: '63' })], { sourceId: 'spotty' });
    expect(sync.counts).toMatchObject({ quarantined: 1, changed: 0 });
    expect(await waiting('spotty')).toEqual([]);
    const [told] = await listWaitingChanges(syncing().pool, sync.id, '', 10);
    expect(told?.detail).toMatch(/above on-demand.* It was refused on \d{4}-\d\d-\d\d by buyer: Asked the vendor\.$/);
    expect(priceOf(SPOT)?.amount).toBe('62');
  });

  it('an approved row brings its new offer with it', async () => {
    const rows = [
      row({ sku: 'odd', kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 2, amount: '3' }),
      row({ sku: 'odd', category: 'spot', amount: '4' }),
    ];
    // Only the spot price is new, and it waits.
    await send(syncing(), rows.toReversed(), { sourceId: 'newcomer' });
    const [item] = await waiting('newcomer');
    expect(item?.rules).toEqual(['spot_above_on_demand']);
    await decide(syncing().pool, item?.id ?? '', decision('approve'));
    await syncing().catalog.refresh();
    expect(priceOf('aws/us-east-1/odd/spot')).toMatchObject({ amount: '4', currency: 'USD' });
  });
});

it('a price that changes too much', async () => {
  await send(
    syncing(),
    fleet('big', 1, () => ({ amount: '10' })),
    { sourceId: 'jumpy' },
  );
  const sync = await send(
    syncing(),
    fleet('big', 1, () => ({ amount: '1' })),
    { sourceId: 'jumpy' },
  );
  expect(sync.counts).toMatchObject({ changed: 0, quarantined: 1 });
  expect(await waiting('jumpy')).toMatchObject([
    { rules: ['changed_much'], detail: 'It goes from 10 to 1, 10.0 times less.' },
  ]);
  const event = await send(
    syncing(),
    fleet('big', 1, () => ({ amount: '5.6' })),
    { sourceId: 'jumpy' },
  );
  expect(event.counts).toMatchObject({ changed: 1, quarantined: 0 });
});

it('two sources that disagree', async () => {
  await send(syncing(), [row({ region: 'me-central-1', amount: '60.5', observedAt: '2026-11-20' })], {
    sourceId: 'agreeing',
  });
  const sync = await send(syncing(), [row({ region: 'me-central-1', amount: '33.61' })], { sourceId: 'disagreeing' });
  expect(sync.counts).toMatchObject({ inserted: 0, quarantined: 1 });
  expect(await waiting('disagreeing')).toMatchObject([
    { rules: ['sources_disagree'], detail: expect.stringContaining('agreeing says 60.5, as of 2026-11-20,') },
  ]);
});

it('a vendor that cuts its prices is not held against what another source saw too long ago', async () => {
  const list = (sourceId: string, amount: string, observedAt: string, mode: 'full' | 'delta' = 'delta') =>
    send(
      syncing(),
      [row({ sku: 'cut', kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 8, amount, observedAt })],
      { sourceId, mode },
    );
  await list('third', '98.32', '2026-03-01', 'delta');
  expect((await list('cutting', '55.04', '2026-11-24')).counts).toMatchObject({ inserted: 1, quarantined: 0 });
  await list('third', '98.32', '2026-09-01', 'full');
  expect((await list('cutting-too', '55.04', '2026-11-24')).counts).toMatchObject({ inserted: 0, quarantined: 1 });
});

it('spot at one share of on-demand everywhere', async () => {
  const rows = [
    ...fleet('ratio', 12, (index) => ({ amount: String(index + 1) })),
    ...fleet('ratio', 12, (index) => ({ category: 'spot', amount: String((index + 1) / 5) })),
  ];
  const sync = await send(syncing(), rows, { sourceId: 'formula' });
  expect(sync.counts).toMatchObject({ inserted: 12, quarantined: 12 });
  expect((await waiting('formula'))[0]).toMatchObject({
    rules: ['constant_spot_ratio'],
    detail: expect.stringContaining('20.00 %'),
  });
});

it('one region far from the others', async () => {
  // Zones count as places of their own.
  const zones = ['a', 'b', 'c', 'd', 'e'].map((zone) =>
    row({
      zone: `us-east-1${zone}`,
      sku: 'regional',
      kind: 'instance',
      deviceId: 'nvidia-l4',
      deviceCount: 8,
      amount: zone === 'e' ? '43' : '88',
    }),
  );
  const sync = await send(syncing(), zones, { sourceId: 'regional' });
  expect(sync.counts).toMatchObject({ inserted: 4, quarantined: 1 });
  expect(await waiting('regional')).toMatchObject([{ rowNumber: 5, rules: ['regional_outlier'] }]);
  // Also where they are not in the list themselves.
  const [first] = zones as [(typeof zones)[number]];
  const later = await send(syncing(), [{ ...first, amount: '40' }], { sourceId: 'regional' });
  expect(later.counts).toMatchObject({ changed: 0, quarantined: 1 });
  expect(await waiting('regional')).toContainEqual(
    expect.objectContaining({ rules: ['regional_outlier'], detail: expect.stringContaining('in other regions 88') }),
  );
});

describe('closings wait', () => {
  it('when a fifth of the prices would vanish at once', async () => {
    const all = fleet('mass', 40, () => ({ amount: '2' }));
    await send(syncing(), all, { sourceId: 'vanishing', mode: 'full' });
    const sync = await send(syncing(), all.slice(0, 25), { sourceId: 'vanishing', mode: 'full' });
    expect(sync.counts).toMatchObject({ closed: 0, quarantined: 15, unchanged: 25 });
    expect(priceOf('aws/us-east-1/mass39/on_demand')?.amount).toBe('2');
    const back = await send(syncing(), all, { sourceId: 'vanishing', mode: 'full' });
    expect(back.counts).toMatchObject({ unchanged: 40, quarantined: 0 });
    expect(await waiting('vanishing')).toEqual([]);
    const few = await send(syncing(), all.slice(0, 36), { sourceId: 'vanishing', mode: 'full' });
    expect(few.counts).toMatchObject({ closed: 4, quarantined: 0 });
  });

  it('when the list is empty, however few prices there are', async () => {
    await send(
      syncing(),
      fleet('emptied', 2, () => ({ amount: '2' })),
      { sourceId: 'emptied', mode: 'full' },
    );
    const sync = await send(syncing(), [], { sourceId: 'emptied', mode: 'full' });
    expect(sync.counts).toMatchObject({ rows: 0, closed: 0, quarantined: 2 });
    expect(priceOf('aws/us-east-1/emptied1/on_demand')?.amount).toBe('2');
  });

  it('when most of a short list would, or no row of the list is sound', async () => {
    const all = fleet('short', 6, () => ({ amount: '2' }));
    await send(syncing(), all, { sourceId: 'short', mode: 'full' });
    const most = await send(syncing(), all.slice(0, 2), { sourceId: 'short', mode: 'full' });
    expect(most.counts).toMatchObject({ closed: 0, quarantined: 4 });
    await send(syncing(), all, { sourceId: 'short', mode: 'full' });
    const scope = { providers: [], regions: ['us-east-1'], categories: [] };
    const elsewhere = await send(syncing(), [row({ region: 'me-central-1' })], {
      sourceId: 'short',
      mode: 'full',
      scope,
    });
    expect(elsewhere.counts).toMatchObject({ rejected: 1, closed: 0, quarantined: 6 });
    const few = await send(syncing(), all.slice(0, 4), { sourceId: 'short', mode: 'full' });
    expect(few.counts).toMatchObject({ closed: 2, quarantined: 0 });
  });

  it('when a row could not be read that may have meant one', async () => {
    const all = fleet('unread', 4, () => ({ amount: '2' }));
    await send(syncing(), all, { sourceId: 'unreadable', mode: 'full' });
    const sync = await send(syncing(), [...all.slice(0, 3), row({ sku: 'unread3', category: 'ondemand' as never })], {
      sourceId: 'unreadable',
      mode: 'full',
    });
    expect(sync.counts).toMatchObject({ rejected: 1, closed: 0, quarantined: 1 });
    expect(await waiting('unreadable')).toMatchObject([{ rules: ['unreadable_rows'], amountState: 'withdrawn' }]);
    await decide(syncing().pool, (await waiting('unreadable'))[0]?.id ?? '', decision('approve'));
    await syncing().catalog.refresh();
    expect(priceOf('aws/us-east-1/unread3/on_demand')).toBeUndefined();
  });
});

describe('a name that the catalog does not have', () => {
  const all = fleet('named', 6, () => ({ amount: '2' }));
  const sourceId = 'misnamed';
  const sent = (rows: readonly Parameters<typeof row>[0][], mode: object = {}) =>
    send(syncing(), [...all.slice(1), ...rows.map(row)], { sourceId, mode: 'full', ...mode });

  it.each([
    ['SKU', { sku: 'namde0', amount: '2' }],
    ['region', { sku: 'named0', region: 'us-esat-1', amount: '2' }],
    ['provider', { sku: 'named0', provider: 'awz', amount: '2' }],
  ])('in a full list keeps the price that it may have meant: %s', async (_what, wrong) => {
    await send(syncing(), all, { sourceId, mode: 'full' });
    const { counts, id } = await sent([wrong], { dryRun: true });
    expect(counts).toMatchObject({ rejected: 1, closed: 0, quarantined: 1 });
    expect(await listWaitingChanges(syncing().pool, id, '', 10)).toMatchObject([
      {
        priceId: 'aws/us-east-1/named0/on_demand',
        rules: ['unreadable_rows'],
        detail: expect.stringMatching(/^Row 6 names '.*', which the catalog does not have, and may have meant it\.$/),
      },
    ]);
  });

  it('keeps no other', async () => {
    const others = [
      { sku: 'else', amount: '2' },
      { sku: 'namde0', category: 'spot' as const, amount: '2' },
      { sku: 'named0', region: 'me-south-9', amount: '2' },
    ];
    expect((await sent(others, { dryRun: true })).counts).toMatchObject({ rejected: 3, closed: 1, quarantined: 0 });
  });
});

describe('many at once', () => {
  it('are approved in one revision, or refused, and only those that are meant', async () => {
    const sourceId = 'in-bulk';
    const { pool, catalog } = syncing();
    const at = (factor: number) => fleet('bulk', 4, () => ({ amount: String(2 * factor) }));
    await send(syncing(), at(1), { sourceId });
    const sync = await send(syncing(), at(10), { sourceId });
    expect(sync.counts).toMatchObject({ quarantined: 4 });
    const [first] = await waiting(sourceId);
    const before = catalog.current().revision;
    expect(await decideAll(pool, { sourceId, rule: 'mass_disappearance' }, decision('approve'))).toMatchObject({
      decided: 0,
    });
    expect(await decideAll(pool, { sourceId: 'another' }, decision('approve'))).toMatchObject({
      decided: 0,
      revision: null,
    });
    expect(await decideAll(pool, { sourceId, ids: [first?.id ?? ''] }, decision('refuse'))).toEqual({
      decided: 1,
      revision: null,
      remaining: 0,
    });
    const approved = await decideAll(
      pool,
      { sourceId, priceSyncId: sync.id, rule: 'changed_much' },
      decision('approve'),
    );
    expect(approved).toEqual({ decided: 3, revision: before + 1, remaining: 0 });
    await catalog.refresh();
    expect(catalog.current().revision).toBe(before + 1);
    const amounts = [0, 1, 2, 3].map((index) => priceOf(`aws/us-east-1/bulk${index}/on_demand`)?.amount);
    expect(amounts.toSorted()).toEqual(['2', '20', '20', '20']);
    expect(await decideAll(pool, { sourceId }, decision('approve'))).toEqual({
      decided: 0,
      revision: null,
      remaining: 0,
    });
    const { rows } = await pool.query(
      `select action from audit_event where subject like 'price/aws/us-east-1/bulk%' order by 1`,
    );
    expect(rows.map(({ action }) => action)).toEqual([...Array(3).fill('quarantine_approved'), 'quarantine_refused']);
  });
});

describe('deciding', () => {
  it('of two that wait for one moment, the one that came last counts', async () => {
    const sourceId = 'twice';
    const { pool, catalog } = syncing();
    const priced = (amount: string) => fleet('twice', 1, () => ({ amount }));
    await send(syncing(), priced('2'), { sourceId, mode: 'full' });
    await send(syncing(), priced('20'), { sourceId, mode: 'full' });
    await pool.query(
      `insert into price_quarantine (tenant, price_sync_id, source_id, price_id, row_number, currency, valid_from, amount_state, state, upfront, row, rules, detail)
       select tenant, price_sync_id, source_id, price_id, row_number, currency, valid_from, 'withdrawn', state, 0, row, '{mass_disappearance}', 'It would vanish.'
       from price_quarantine where source_id = $1`,
      [sourceId],
    );
    expect(await decideAll(pool, { sourceId }, decision('approve'))).toMatchObject({ decided: 2, remaining: 0 });
    await catalog.refresh();
    expect(priceOf('aws/us-east-1/twice0/on_demand')).toBeUndefined();
  });

  it('says so where a list of the source is being worked off', async () => {
    const sourceId = 'busy';
    const { pool } = syncing();
    await send(
      syncing(),
      fleet('busy', 1, () => ({ amount: '2' })),
      { sourceId },
    );
    await send(
      syncing(),
      fleet('busy', 1, () => ({ amount: '20' })),
      { sourceId },
    );
    const [item] = await waiting(sourceId);
    const writer = await openSession(pool);
    try {
      await writer.lockSource(sourceId, '5s');
      const refused = decide(pool, item?.id ?? '', decision('approve'));
      const refusedToo = decideAll(pool, { sourceId }, decision('approve'));
      await expect(refused).rejects.toThrow(SyncFailure);
      await expect(refusedToo).rejects.toThrow('Another change of');
      // Another tenant does not hear of it.
      const foreign = await decideAll(pool, { sourceId }, { ...decision('approve'), tenant: 'globex' });
      expect(foreign).toEqual({ decided: 0, revision: null, remaining: 0 });
    } finally {
      writer.end();
    }
    expect(await decideAll(pool, { sourceId }, decision('approve'))).toMatchObject({ decided: 1 });
  });
});

it('what waits is superseded by a full list without it, but not by another scope, a part of a list or one with a mistake', async () => {
  const sourceId = 'forgetful';
  const sent = (rows: Parameters<typeof send>[1], over: Parameters<typeof send>[2] = {}) =>
    send(syncing(), rows, { sourceId, mode: 'full', ...over });
  const scope = { providers: [], regions: ['me-central-1'], categories: [] };
  const [here, there] = [row({ amount: '54' }), row({ region: 'me-central-1', amount: '60' })];
  const odd = row({ category: 'spot', amount: '99' });
  await sent([here, there, odd]);
  expect((await waiting(sourceId)).map(({ rules }) => rules)).toEqual([['spot_above_on_demand']]);
  await sent([there], { scope });
  await sent([here, there], { mode: 'delta' });
  await sent([here, there, row({ sku: 'p5.49xlarge', category: 'spot', amount: '20' })]);
  await sent([here, there], { dryRun: true });
  expect(await waiting(sourceId)).toHaveLength(1);
  await sent([here, there]);
  expect(await waiting(sourceId)).toEqual([]);
  await sent([here, there, odd]);
  expect(await waiting(sourceId)).toHaveLength(1);
});
