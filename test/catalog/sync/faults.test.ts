/** Bodies without end and a full disk: after each the catalog is the one before, byte for byte, and a retry completes. */
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { litellm } from '../../../src/catalog/feeds/litellm.ts';
import { CSV_HEADER } from '../../../src/catalog/sync/canonical-row.ts';
import { findOperation } from '../../../src/catalog/sync/operations.ts';
import { defaultSyncSettings, PriceSyncs } from '../../../src/catalog/sync/price-syncs.ts';
import type { ListFormat } from '../../../src/catalog/sync/receive.ts';
import { csv, fingerprint, request, row, useSyncing } from './syncing.ts';

const syncing = useSyncing();

const GARBAGE_BYTES = 2 * 2 ** 30;
const CHUNK = 65_536;

/** Two gigabytes if somebody reads them to the end. */
class Garbage {
  made = 0;
  readonly #first: string;
  readonly #next: (chunk: number) => Buffer;

  constructor(next: (chunk: number) => Buffer, first = '') {
    this.#first = first;
    this.#next = next;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    if (this.#first !== '') yield Buffer.from(this.#first);
    for (let chunk = 0; this.made < GARBAGE_BYTES; chunk += 1) {
      const bytes = this.#next(chunk);
      this.made += bytes.length;
      yield bytes;
    }
  }
}

/** xorshift: the same noise in every run. */
const noise = (chunk: number): Buffer => {
  const bytes = Buffer.alloc(CHUNK);
  let state = 2_463_534_242 + chunk;
  for (let at = 0; at < CHUNK; at += 4) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes.writeInt32LE(state | 0, at);
  }
  return bytes;
};
const always = (text: string) => {
  const bytes = Buffer.from(text.repeat(Math.ceil(CHUNK / text.length)));
  return (): Buffer => bytes;
};

const CSV: ListFormat = { mediaType: 'text/csv', gzip: false };
const NDJSON: ListFormat = { mediaType: 'application/x-ndjson', gzip: false };
const LITELLM: ListFormat = {
  mediaType: litellm.mediaType ?? '',
  gzip: false,
  conversion: { feed: litellm, options: {}, knownSkusOnly: false },
};

const stagingTables = async (): Promise<number> =>
  (
    await syncing().pool.query(
      `select from pg_class where relnamespace = 'price_sync_stage'::regnamespace and relkind = 'r'`,
    )
  ).rowCount ?? 0;

describe('two gigabytes', () => {
  const header = `${CSV_HEADER}\n`;
  it.each([
    ['of noise as CSV', CSV, new Garbage(noise)],
    ['of noise after a header', CSV, new Garbage(noise, header)],
    ['of one line as CSV', CSV, new Garbage(always('x'))],
    ['of one line after a header', CSV, new Garbage(always('x'), header)],
    ['in a quote that is not closed', CSV, new Garbage(always('x\n'), `${header}"`)],
    ['of noise as NDJSON', NDJSON, new Garbage(noise)],
    ['of text as NDJSON', NDJSON, new Garbage(always('no row\n'))],
    ['of noise as a published file', LITELLM, new Garbage(noise)],
    ['of brackets as a published file', LITELLM, new Garbage(always('['))],
    ['of one text as a published file', LITELLM, new Garbage(always('x'), '{"gpt-4": "')],
    ['of noise as gzip', { ...CSV, gzip: true }, new Garbage(noise)],
  ])('%s are refused near their beginning', async (_name, format, garbage) => {
    const before = await fingerprint(syncing());
    const one = request({ sourceId: 'garbage', format });
    await expect(syncing().syncs.submit(one, Readable.from(garbage))).rejects.toMatchObject({ code: 'malformed_list' });
    expect(garbage.made).toBeLessThan(40 * 2 ** 20);
    expect(await fingerprint(syncing())).toBe(before);
    expect(await stagingTables()).toBe(0);
  });

  it('that a few bytes unpack to end at the limit', async () => {
    const { pool, catalog, at } = syncing();
    const settings = { ...defaultSyncSettings, limitBytes: 8 * 2 ** 20 };
    const syncs = new PriceSyncs({ pool, catalog, now: () => at, settings, onError: () => undefined });
    const before = await fingerprint(syncing());
    const garbage = new Garbage(always(`${csv([row()]).split('\n')[1]}\n`), header);
    const packed = Readable.from(garbage).pipe(createGzip({ level: 1 }));
    const one = request({ sourceId: 'garbage', format: { ...CSV, gzip: true } });
    await expect(syncs.submit(one, packed)).rejects.toMatchObject({ code: 'list_too_large' });
    expect(await fingerprint(syncing())).toBe(before);
    expect(await stagingTables()).toBe(0);
  });
});

describe('a full disk', () => {
  const rows = Array.from({ length: 50 }, (_, index) =>
    row({ sku: `full${index}`, kind: 'instance', deviceId: 'nvidia-l4', deviceCount: 1, amount: '3' }),
  );
  /** What PostgreSQL says when a table cannot grow. */
  const fill = (table: string) =>
    syncing().pool.query(`
      create or replace function no_space() returns trigger language plpgsql as $$
        begin raise exception 'could not extend file: No space left on device' using errcode = 'disk_full'; end $$;
      create trigger no_space before insert on ${table} for each statement execute function no_space()`);
  const empty = (table: string) => syncing().pool.query(`drop trigger no_space on ${table}`);

  it.each([
    'catalog_revision',
    'catalog_entry',
    'price_identity',
    'price_provenance',
    'price_amount',
    'catalog_source_class',
    'audit_event',
  ])('at %s: nothing is changed, and the same key completes when there is space', async (table) => {
    const { pool, catalog, syncs, at } = syncing();
    const settings = { ...defaultSyncSettings, answeredAtOnceRows: 0 };
    const later = new PriceSyncs({ pool, catalog, now: () => at, settings, onError: () => undefined });
    const before = await fingerprint(syncing());
    const sourceId = `full-${table.replaceAll('_', '-')}`;
    const list = csv(rows.map((one) => ({ ...one, sku: `${table}-${one.sku}` })));
    const one = request({ sourceId });
    await fill(table);
    try {
      await expect(syncs.submit(one, Readable.from([Buffer.from(list)]))).rejects.toMatchObject({ code: 'no_space' });
      expect(await fingerprint(syncing())).toBe(before);
      const accepted = await later.submit(one, Readable.from([Buffer.from(list)]));
      if (accepted.kind !== 'accepted') throw new Error('It should be in the background.');
      await later.close();
      // Not tried again and again while the disk is full.
      expect(await findOperation(pool, accepted.id)).toMatchObject({ state: 'failed', failure: { code: 'no_space' } });
      expect(await fingerprint(syncing())).toBe(before);
      expect(await stagingTables()).toBe(0);
    } finally {
      await empty(table);
    }
    expect(await syncs.submit(one, Readable.from([Buffer.from(list)]))).toMatchObject({
      kind: 'done',
      record: { counts: { inserted: 50 } },
    });
  });

  it('while the list arrives: nothing is changed or left, and the same key completes when there is space', async () => {
    const { pool, syncs } = syncing();
    // The staging table is made for the list, so the disk is full for every table made there, from its 20th row on.
    await pool.query(`
      create function no_space_in_staging() returns event_trigger language plpgsql as $$
        declare made text;
        begin
          for made in select object_identity from pg_event_trigger_ddl_commands()
            where object_type = 'table' and schema_name = 'price_sync_stage' loop
            execute format('create trigger no_space before insert on %s for each row when (new.row_number > 20) execute function no_space()', made);
          end loop;
        end $$;
      create event trigger no_space_in_staging on ddl_command_end when tag in ('CREATE TABLE') execute function no_space_in_staging()`);
    const before = await fingerprint(syncing());
    const one = request({ sourceId: 'full-staging' });
    const body = () =>
      Readable.from(
        csv(rows)
          .match(/[^\n]+\n?/g)
          ?.map((line) => Buffer.from(line)) ?? [],
      );
    try {
      await expect(syncs.submit(one, body())).rejects.toMatchObject({ code: 'no_space' });
      expect(await fingerprint(syncing())).toBe(before);
      expect(await stagingTables()).toBe(0);
    } finally {
      await pool.query('drop event trigger no_space_in_staging; drop function no_space_in_staging()');
    }
    expect(await syncs.submit(one, body())).toMatchObject({ kind: 'done', record: { counts: { inserted: 50 } } });
  });
});
