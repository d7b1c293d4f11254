import { describe, expect, it } from 'vitest';
import { rateAt } from '../../../src/domain/economics/exchange-rate.ts';

const AT = '2026-11-24T00:00:00.000Z';
const stated = (base: string, quote: string, rate: string, validFrom: string) => ({
  base,
  quote,
  rate,
  validFrom,
  validTo: null,
  source: 'a bank',
});

describe('a dated rate', () => {
  const direct = stated('USD', 'EUR', '0.8', '2026-01-01T00:00:00.000Z');
  const turned = stated('EUR', 'USD', '2', '2026-06-01T00:00:00.000Z');

  it.each([
    ['the one that began last, also turned over', [direct, turned], '0.5'],
    ['whatever order they stand in', [turned, direct], '0.5'],
    ['the direct one of two that began together', [{ ...turned, validFrom: direct.validFrom }, direct], '0.8'],
    ['not one that is still to begin', [direct, { ...turned, validFrom: '2027-01-01T00:00:00.000Z' }], '0.8'],
  ])('is %s', (_what, rates, expected) => {
    expect(rateAt(rates, 'USD', 'EUR', AT)?.rate).toBe(expected);
  });

  it('is one between a currency and itself, and none where nobody states it', () => {
    expect(rateAt([], 'USD', 'USD', AT)?.rate).toBe('1');
    expect(rateAt([direct], 'USD', 'AED', AT)).toBeUndefined();
  });
});
