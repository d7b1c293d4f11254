/** What the columns are made of, each against something obvious. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecimalColumn } from '../../src/catalog/decimal-column.ts';
import { int32Column } from '../../src/catalog/growing-column.ts';
import { Interned } from '../../src/catalog/interned.ts';
import { Moments } from '../../src/catalog/moments.ts';
import { type AmountRow, PriceColumns } from '../../src/catalog/price-columns.ts';
import { PriceReading } from '../../src/catalog/price-reading.ts';
import { hashOfBytes, TextIndex } from '../../src/catalog/text-index.ts';
import { priceIdentityId } from '../../src/domain/catalog/offers.ts';
import { atOnce } from '../../src/domain/steps.ts';

it('columns keep what is put into them over many pages', () => {
  const column = int32Column();
  for (let index = 0; index < 50_000; index += 1) column.push(index * 7);
  for (let index = 0; index < 50_000; index += 3) column.set(index, -index);
  const expected = Array.from({ length: 50_000 }, (_, index) => index * (index % 3 === 0 ? -1 : 7));
  expect(expected.map((_, index) => column.at(index) + 0)).toEqual(expected.map((value) => value + 0));
  expect(column.length).toBe(50_000);
  expect(column.bytes).toBe(4 * 4 * 2 ** 14);
});

describe('decimals', () => {
  it('come out as they went in, whatever they look like', () => {
    const digits = fc.stringMatching(/^[0-9]{0,18}$/);
    const decimal = fc.oneof(
      fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`),
      digits,
      fc.constantFrom('0', '0.0', '00.5', '1e5', '-1', '.', '', '0.000000000000001', '999999999999999', '1.2.3'),
    );
    fc.assert(
      fc.property(fc.array(fc.option(decimal)), (texts) => {
        const column = new DecimalColumn();
        for (const text of texts) column.push(text);
        expect(texts.map((_, index) => column.at(index))).toEqual(texts);
      }),
    );
  });

  it('are the same as digits and scale', () => {
    const column = new DecimalColumn();
    for (const value of [{ digits: 55_040, scale: 3 }, { digits: 5, scale: 3 }, { digits: 7, scale: 0 }, null]) {
      column.push(value);
    }
    expect([0, 1, 2, 3].map((index) => column.at(index))).toEqual(['55.040', '0.005', '7', null]);
  });

  it('take nine bytes', () => {
    const column = new DecimalColumn();
    for (let index = 0; index < 10_000; index += 1) column.push(`${index}.0400`);
    expect(column.bytes).toBeLessThan(10_000 * 9 * 1.25 + 1000);
  });
});

it('texts are found by the row that they are made of', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 600 }), fc.array(fc.string()), (texts, others) => {
      const index = new TextIndex((row) => texts[row] ?? '');
      for (const [row, text] of texts.entries()) index.add(text, row);
      for (const text of [...texts, ...others]) {
        const row = texts.indexOf(text);
        expect(index.find(text)).toBe(row < 0 ? undefined : row);
      }
    }),
    { numRuns: 30 },
  );
});

it('equal values have one number', () => {
  const interned = new Interned<{ readonly a: number }>(({ a }) => String(a));
  expect([interned.add({ a: 1 }), interned.add({ a: 2 }), interned.add({ a: 1 })]).toEqual([0, 1, 0]);
  expect([interned.find({ a: 2 }), interned.find({ a: 3 }), interned.size]).toEqual([1, undefined, 2]);
  expect(() => interned.at(2)).toThrow(RangeError);
});

it('the latest moment by a time is found as known at a revision', () => {
  const moment = fc.record({ ms: fc.nat(20), revision: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(moment), fc.array(moment), (first, second) => {
      const moments = new Moments();
      const known: typeof first = [];
      for (const part of [first, second]) {
        for (const one of part) moments.add(one.ms, one.revision);
        known.push(...part);
        expect(moments.between(5, 15)).toEqual(
          [...new Set(known.map(({ ms }) => ms).filter((ms) => ms > 5 && ms <= 15))].sort((a, b) => a - b),
        );
        for (let revision = 0; revision <= 5; revision += 1) {
          for (let byMs = -1; byMs <= 21; byMs += 1) {
            const told = known.filter((one) => one.ms <= byMs && one.revision <= revision).map(({ ms }) => ms);
            expect(moments.latest(byMs, revision)).toBe(told.length === 0 ? undefined : Math.max(...told));
          }
        }
      }
    }),
    { numRuns: 40 },
  );
});

describe('prices', () => {
  it('that are being added are seen by nobody, and hold up no reader of a revision before', () => {
    const columns = new PriceColumns();
    const described = { category: 'spot', termMonths: 0, payment: 'none', tierFrom: 0, unit: 'hour' } as const;
    const add = (offerId: string): number => {
      const id = Buffer.from(`${offerId}/spot`);
      return columns.addHashedPrice(
        columns.identities.offers.add(offerId),
        columns.identities.kinds.add(described),
        hashOfBytes(id, 0, id.length),
      );
    };
    const state = (price: number, revision: number): void =>
      columns.addRow(price, {
        source: columns.sources.add({ id: 's', precedence: 1 }),
        currency: columns.currencies.add('USD'),
        provenance: 0,
        flags: columns.flags.add([]),
        revision,
        state: 'in_force',
        validFromMs: 0,
        amount: { digits: 125, scale: 2 },
        upfront: '0',
        observedAtMs: 0,
      });
    const idsAt = (revision: number) => [...new PriceReading(columns, revision).ids()];
    state(add('b'), 1);
    state(add('c/é'), 1);
    atOnce(columns.order.updating(1));
    const ordered = columns.order.knownIn(1);
    const added = add('a');
    expect(columns.order.knownIn(1)).toBe(ordered);
    expect(idsAt(1)).toEqual(['b/spot', 'c/é/spot']);
    expect(new PriceReading(columns, 1).identity('a/spot')).toBeUndefined();
    state(added, 2);
    expect(idsAt(1)).toEqual(['b/spot', 'c/é/spot']);
    expect(idsAt(2)).toEqual(['a/spot', 'b/spot', 'c/é/spot']);
    expect(new PriceReading(columns, 2).identity('c/é/spot')).toMatchObject({ offerId: 'c/é' });
  });

  it('many of them take a hundred bytes each', () => {
    const columns = new PriceColumns();
    const row = {
      source: columns.sources.add({ id: 'list', precedence: 200 }),
      currency: columns.currencies.add('USD'),
      provenance: 0,
      flags: columns.flags.add([]),
      revision: 1,
      state: 'in_force',
      validFromMs: 0,
      amount: '1.2500',
      upfront: '0',
      observedAtMs: 0,
    } satisfies AmountRow;
    const prices = 40_000;
    for (let number = 0; number < prices; number += 1) {
      const described = {
        offerId: `provider/region/type-${number >> 1}`,
        category: number % 2 === 0 ? 'on_demand' : 'spot',
        termMonths: 0,
        payment: 'none',
        tierFrom: 0,
        unit: 'hour',
      } as const;
      columns.addRow(columns.addPrice({ id: priceIdentityId(described), ...described }, 1), row);
    }
    expect(columns.bytes / prices).toBeLessThan(140);
  });

  it('said twice are kept once, so that a reading that broke off can begin anew', () => {
    const columns = new PriceColumns();
    const described = { offerId: 'a/b/c', category: 'spot', termMonths: 0, payment: 'none', tierFrom: 0 } as const;
    const id = 'a/b/c/spot';
    const price = columns.addPrice({ id, ...described, unit: 'hour' }, 1);
    const amount = {
      priceId: id,
      amount: '1',
      upfront: '0',
      currency: 'USD',
      sourceId: 's',
      observedAt: '2026-01-01T00:00:00.000Z',
      flags: [],
      source: 'x',
      sourceDate: null,
      confidence: 'vendor',
      licence: null,
      notes: null,
    } as const;
    const statement = { precedence: 1, revision: 1, state: 'in_force', validFromMs: 0, amount } as const;
    for (let time = 0; time < 2; time += 1) columns.addStatement(price, statement);
    columns.addStatement(price, { ...statement, revision: 2, amount: { ...amount, amount: '2' } });
    expect(columns.rowCount).toBe(2);
    const amounts = [1, 2].map((revision) => new PriceReading(columns, revision).history(id).map((it) => it.amount));
    expect(amounts).toEqual([['1'], ['2']]);
    expect(new PriceReading(columns, 0).identity(id)).toBeUndefined();
  });
});
