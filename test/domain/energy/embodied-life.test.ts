/** The making of hardware is spread over the same years as its money: the caller's, those agreed on, else the default of owned hardware. */
import { expect, it } from 'vitest';
import type { CatalogSnapshot } from '../../../src/domain/catalog/snapshot.ts';
import type { PriceBook } from '../../../src/domain/economics/price-book.ts';
import { withPriceBook } from '../../../src/domain/economics/price-layers.ts';
import type { Purchase } from '../../../src/domain/estimate/selectors.ts';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { AT, snapshot as seed } from '../seed.ts';

const book: PriceBook = {
  id: 'deal',
  revision: 1,
  committedAt: AT,
  discounts: [],
  contracts: [],
  exchangeRates: [],
  purchases: [
    {
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: null,
      id: 'dgx',
      deviceId: 'nvidia-h100-sxm5-80gb',
      supplier: 'a-reseller',
      devicesPerUnit: 8,
      includesServer: true,
      tiers: [{ fromUnits: 0, unitPrice: '310000' }],
      currency: 'USD',
      leadTimeDays: null,
      warrantyMonths: null,
      usefulLifeYears: 8,
      residualPercent: null,
      source: 'Quotation',
    },
  ],
  privateList: null,
};

const embodied = (snapshot: CatalogSnapshot, purchase: Purchase): number => {
  const answer = estimateInference(
    snapshot,
    { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000, device: 'nvidia-h100-sxm5-80gb', purchase },
    AT,
  );
  if (answer.status !== 'feasible') throw new Error('It fits.');
  return answer.energyPerMonth?.embodiedCarbonKilograms.p50 as number;
};

it('follows the life that the money has', () => {
  const given = embodied(seed, { category: 'owned', owned: { usefulLifeYears: 5 } });
  expect(embodied(seed, { category: 'owned' })).toBeCloseTo(given, 9);
  const layered = withPriceBook(seed, book);
  expect(embodied(layered, { category: 'owned' })).toBeCloseTo((given * 5) / 8, 9);
  expect(embodied(layered, { category: 'owned', owned: { usefulLifeYears: 5 } })).toBeCloseTo(given, 9);
});
