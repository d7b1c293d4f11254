import { describe, expect, it } from 'vitest';
import {
  distinctMilliseconds,
  milliseconds,
  moneyInWords,
  named,
  significant,
  thousands,
} from '../../../src/domain/estimate/words.ts';

describe('numbers in sentences', () => {
  it.each([
    [0, '0'],
    [0.0000123, '0.0000123'],
    [1.234e-9, '1.23e-9'],
    [0.99999, '1'],
    [38.46, '38.5'],
    [1234.5, '1,230'],
    [146_513_560, '147,000,000'],
    [4.2e18, '4.20e18'],
  ])('%d reads %s', (value, words) => {
    expect(significant(value)).toBe(words);
  });

  it('counts keep every digit while they can be read', () => {
    expect(thousands(146_513_560)).toBe('146,513,560');
    expect(thousands(1e-9)).toBe('1.00e-9');
    expect(thousands(12_345.678)).toBe('12,300');
  });

  it('money and time change their unit', () => {
    expect(moneyInWords(1_270_000, 'USD')).toBe('1.27 M USD');
    expect(moneyInWords(4.27e11, 'USD')).toBe('427 bn USD');
    expect(moneyInWords(3e13, 'USD')).toBe('30 tn USD');
    expect(moneyInWords(5.26e22, 'USD')).toBe('5.26e22 USD');
    expect(moneyInWords(-2e15, 'USD')).toBe('-2.00e15 USD');
    expect(milliseconds(38.2)).toBe('38.2 ms');
    expect(milliseconds(12_000)).toBe('12 s');
    expect(milliseconds(18_720_000)).toBe('5.2 h');
    expect(milliseconds(31 * 86_400_000)).toBe('31 days');
  });

  it('two limits that differ can be told apart', () => {
    expect(distinctMilliseconds(100.04, 100)).toEqual(['100.04 ms', '100 ms']);
    expect(distinctMilliseconds(11.3, 1)).toEqual(['11.3 ms', '1 ms']);
  });

  it('a name stands once', () => {
    expect(named('T4', 'T4 does not run fp8.')).toBe('T4 does not run fp8.');
    expect(named('T4', 'no memory.')).toBe('T4: no memory.');
  });
});
