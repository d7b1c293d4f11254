import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFields, withDifference } from '../../../src/domain/comparison/changed-fields.ts';
import { driversOf } from '../../../src/domain/comparison/decomposition.ts';

const positive = fc.double({ min: 0.01, max: 1e6, noNaN: true });

describe('drivers of a product', () => {
  it('sum to the difference, whatever changes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 4 }), (pairs) => {
        const inputs = (side: 0 | 1) => pairs.map((pair, i) => ({ name: `f${i}`, unit: 'x', value: pair[side] }));
        const product = (side: 0 | 1) => pairs.reduce((value, pair) => value * pair[side], 1);
        const drivers = driversOf(product(0), inputs(0), product(1), inputs(1));
        const sum = drivers.reduce((total, { usd }) => total + usd, 0);
        expect(Math.abs(sum - (product(1) - product(0)))).toBeLessThan(1e-6 * Math.max(product(0), product(1)) + 1e-9);
      }),
    );
  });

  it('are none where the lines are made of other things', () => {
    const hours = { name: 'deviceHours', unit: 'h', value: 5 };
    expect(driversOf(5, [hours], 6, [{ ...hours, unit: 'days' }])).toEqual([]);
    expect(driversOf(5, [hours], 6, [])).toEqual([]);
  });
});

describe('changed fields', () => {
  it('name the narrowest part, and taking all over makes the other request', () => {
    const from = {
      model: 'a',
      requestsPerDay: 5,
      serving: { engine: 'vllm', weightFormat: 'bf16' },
      pricingAt: 'then',
    };
    const to = {
      customLanguageModel: { name: 'b' },
      requestsPerDay: 5,
      serving: { engine: 'vllm', weightFormat: 'fp8' },
    };
    const changes = changedFields(from, to);
    expect(changes.map(({ field, from: before, to: after }) => [field, before, after])).toEqual([
      ['/customLanguageModel', 'a', { name: 'b' }],
      ['/serving/weightFormat', 'bf16', 'fp8'],
    ]);
    const taken = changes.reduce(
      (fields, change) => withDifference(fields, to, change),
      from as Record<string, unknown>,
    );
    const { pricingAt: _pinned, ...rest } = taken;
    expect(rest).toEqual(to);
  });
});
