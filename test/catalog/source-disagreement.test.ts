/** A price that a weaker source contradicts is less certain, although that source's own amount never wins. */
import { describe, expect, it } from 'vitest';
import { NO_ENTRIES } from '../../src/catalog/entry-table.ts';
import { priceColumnsOf } from '../../src/catalog/price-columns.ts';
import { buildSnapshot } from '../../src/catalog/snapshot.ts';
import {
  priceFactor,
  priceFactorWithSources,
  sourceDisagreement,
} from '../../src/domain/economics/price-uncertainty.ts';
import { priceUse } from '../../src/domain/economics/price-use.ts';
import { amount, contents, identity } from './fixtures.ts';

const AT = '2026-11-24T12:00:00.000Z';
const [offer] = contents().offers;
if (offer === undefined) throw new Error('The fixture has no offer.');
const price = identity(offer.id);

/** The list wins with 55.04; the seed says something else, observed at its own time. */
const uncertainty = (seedAmount: string, seedObservedAt: string) => {
  const statement = (sourceId: string, precedence: number, said: string, observedAt: string) => ({
    precedence,
    revision: 1,
    state: 'in_force' as const,
    validFromMs: Date.parse('2026-01-01'),
    amount: amount(price.id, { sourceId, amount: said, observedAt }),
  });
  const statements = [
    statement('list', 1000, '55.04', '2026-11-20T00:00:00.000Z'),
    statement('seed', 10_000, seedAmount, seedObservedAt),
  ];
  const snapshot = buildSnapshot({
    revision: 1,
    committedAt: AT,
    entries: NO_ENTRIES,
    prices: priceColumnsOf([{ identity: price, statements }], 1),
  });
  const winning = snapshot.priceAt(price.id, AT);
  if (winning === undefined) throw new Error('There is no price.');
  expect(winning.sourceId).toBe('list');
  const use = priceUse(offer, { ...winning, amount: winning.amount ?? '' }, AT);
  return {
    disagreement: sourceDisagreement(snapshot, use, AT),
    factor: priceFactorWithSources(snapshot, use, AT),
    alone: priceFactor(use),
  };
};

describe('sources that disagree', () => {
  it('widen the band to what the weaker one says', () => {
    const { disagreement, factor } = uncertainty('82.56', '2026-11-01T00:00:00.000Z');
    expect(disagreement).toEqual({ lowest: 1, highest: 1.5, sources: ['seed'] });
    expect(factor).toMatchObject({ p10: 0.97, p90: 1.5 });
  });

  it('say nothing against it where they agree', () => {
    const { factor, alone } = uncertainty('55.04', '2026-11-01T00:00:00.000Z');
    expect(factor).toBe(alone);
  });

  it('are not heard when they have not looked for longer than such a price may stand', () => {
    const { disagreement, factor, alone } = uncertainty('98.32', '2025-01-01T00:00:00.000Z');
    expect(disagreement).toBeNull();
    expect(factor).toBe(alone);
  });
});
