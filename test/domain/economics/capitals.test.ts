/** A country is enough to say where users are. */
import { expect, it } from 'vitest';
import { capitalOf } from '../../../src/domain/economics/capitals.ts';
import { centreOfRegions, greatCircleKm } from '../../../src/domain/economics/great-circle.ts';
import { residencyRule } from '../../../src/domain/sovereignty/residency-rule.ts';
import { seed } from '../../catalog/seed/seed.ts';

it('every country whose law is in the catalog has a place', () => {
  const countries = new Set(
    seed.regimes.flatMap((regime) => residencyRule(regime).subjects).filter((code) => /^[A-Z]{2}$/.test(code)),
  );
  countries.delete('EU');
  const without = [...countries].filter(
    (country) => capitalOf(country) === null && centreOfRegions(seed.regions, country) === null,
  );
  expect(countries.size).toBeGreaterThan(50);
  expect(without).toEqual([]);
});

it.each([
  ['HU', 'AT', 250],
  ['VN', 'SG', 2300],
  ['CZ', 'DE', 450],
  ['UY', 'AR', 300],
])('the capital of %s lies within reach of the regions of %s', (country, other, km) => {
  const capital = capitalOf(country);
  const regions = centreOfRegions(seed.regions, other);
  if (capital === null || regions === null) throw new Error('Both have a place.');
  expect(greatCircleKm(capital, regions)).toBeLessThan(km);
});
