/** Rows of COPY in binary against what PostgreSQL says of the same values as text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecimalColumn } from '../../src/catalog/decimal-column.ts';
import { type CopiedRow, copiedRows, onConnection } from '../../src/db/copied-rows.ts';
import { createPool } from '../../src/db/pool.ts';
import { proxyTo } from '../helpers/cuttable-proxy.ts';
import { useTestDatabase } from '../helpers/database.ts';

const database = useTestDatabase('empty');

const read = <T>(query: string, take: (row: CopiedRow) => T): Promise<T[]> =>
  onConnection(database().pool, async (client) => {
    const all: T[] = [];
    for await (const rows of copiedRows(client, query)) for (const row of rows) all.push(take(row));
    return all;
  });

/** A list of values as a table of one column. */
const table = (texts: readonly string[], type: string): string =>
  `unnest('{${texts.map((text) => JSON.stringify(text)).join(',')}}'::text[]) with ordinality as t (x, n) cross join lateral (select x::${type} as value) v order by n`;

describe('values', () => {
  it('decimals are what PostgreSQL writes', async () => {
    const digits = fc.stringMatching(/^[0-9]{1,24}$/);
    const zeros = fc.constantFrom('', '0', '000', '0000', '00000000');
    const decimal = fc
      .tuple(fc.constantFrom('', '', '-'), zeros, digits, zeros, fc.option(fc.tuple(zeros, digits, zeros)))
      .map(([sign, before, whole, after, fraction]) =>
        [`${sign}${before}${whole}${after}`, ...(fraction === null ? [] : [fraction.join('')])].join('.'),
      );
    const special = fc.constantFrom('0', '0.00', '9999', '10000', '0.0001', '0.00010', 'NaN', 'Infinity', '-Infinity');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(decimal, decimal, special), { minLength: 60, maxLength: 60 }),
        async (texts) => {
          const column = new DecimalColumn();
          const expected = await read(`select value, value::text from ${table(texts, 'numeric')}`, (row) => {
            column.push(row.decimal(0));
            return row.text(1);
          });
          expect(expected.map((_, index) => column.at(index))).toEqual(expected);
          expect(expected.map((_, index) => column.numberAt(index))).toEqual(expected.map(Number));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('times are cut to milliseconds', async () => {
    const times = [
      '1969-12-31T23:59:59.9999Z',
      '1970-01-01Z',
      '2000-01-01T00:00:00.001Z',
      '2026-11-28T09:00:00.123456Z',
    ];
    const milliseconds = await read(`select value from ${table(times, 'timestamptz')}`, (row) => row.milliseconds(0));
    expect(milliseconds).toEqual([-1, 0, Date.UTC(2000, 0, 1) + 1, Date.UTC(2026, 10, 28, 9, 0, 0, 123)]);
  });

  it('integers, texts, lists and documents come as they are, null apart from empty', async () => {
    const rows = await read(
      `select (-2)::smallint, (-70000)::integer, 'Zürich 東京 🏭', null::text, '', array['a', '', 'ü'], '{}'::text[], '{"a": [1, "é"]}'::jsonb`,
      (row) => [
        ...[row.int16(0), row.int32(1), row.text(2), row.nullableText(3), row.nullableText(4)],
        ...[row.texts(5), row.texts(6), row.json(7)],
      ],
    );
    expect(rows).toEqual([[-2, -70000, 'Zürich 東京 🏭', null, '', ['a', '', 'ü'], [], { a: [1, 'é'] }]]);
  });
});

it('all rows come whole and in order, however they are cut on the way', async () => {
  const rows = await read(
    `select n, repeat('x', (n * 7919) % 700) from generate_series(1, 5000) n union all select 5001, repeat('y', 300000) order by 1`,
    (row) => [row.int32(0), row.text(1).length],
  );
  const expected = Array.from({ length: 5000 }, (_, index) => [index + 1, ((index + 1) * 7919) % 700]);
  expect(rows).toEqual([...expected, [5001, 300_000]]);
  expect(await read('select 1 where false', () => 1)).toEqual([]);
});

it('a reading ends with an error when the database goes away under it', async () => {
  const proxy = await proxyTo(database().url);
  const pool = createPool({ databaseUrl: proxy.url, size: 1, onIdleError: () => undefined });
  let count = 0;
  try {
    const reading = onConnection(pool, async (client) => {
      for await (const rows of copiedRows(client, 'select n from generate_series(1, 3000000) n')) {
        for (const _ of rows) count += 1;
        if (count > 50_000) proxy.cut();
      }
    });
    await expect(reading).rejects.toThrow();
    expect(count).toBeLessThan(3_000_000);
  } finally {
    await pool.end();
    await proxy.close();
  }
  const ended = read(
    'select n, case when n = 30000 then pg_terminate_backend(pg_backend_pid()) end from generate_series(1, 1000000) n',
    (row) => row.int32(0),
  );
  await expect(ended).rejects.toThrow('terminating connection');
});

it('a reading that fails leaves a sound pool', async () => {
  const long = 'select n from generate_series(1, 1000000) n';
  const failing = read(long, (row) => {
    if (row.int32(0) === 70_000) throw new Error('No more.');
  });
  await expect(failing).rejects.toThrow('No more.');
  await expect(read('select 1 / (n - 900) from generate_series(1, 1000) n', () => 1)).rejects.toThrow(
    'division by zero',
  );
  expect(await read('select 7', (row) => row.int32(0))).toEqual([7]);
});
