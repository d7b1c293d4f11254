/** Fits the path-factor model of round trips and the residuals that its bands come from. */
import { cityPairs, MEASURED_ROUND_TRIPS, median } from '../../src/domain/network/measured-round-trips.ts';
import type { ResidualGroup } from '../../src/domain/network/path-factor-model.ts';
import { fitBaseline, fitCovariance, solveWeights } from '../../test/validation/network/fit-path-factors.ts';
import { heldOutCities, heldOutRoundTrips } from '../../test/validation/network/held-out.ts';
import { quantile } from '../../test/validation/table.ts';
import { writeJson } from './json-file.ts';

const modelFile = new URL('../../src/domain/network/path-factor-model.json', import.meta.url);

export function fitRoundTrips(): void {
  const pairs = cityPairs(MEASURED_ROUND_TRIPS);
  const baseline = fitBaseline(pairs);
  const covariance = fitCovariance(pairs, baseline);
  const { weights } = solveWeights(pairs, baseline, covariance);
  const parameters = { baseline, covariance };
  const pairsHeld = heldOutRoundTrips(10, parameters).filter(({ residualGroup }) => !isUnmeasured(residualGroup));
  const citiesHeld = heldOutCities(parameters).filter(({ residualGroup }) => isUnmeasured(residualGroup));
  const groups = Map.groupBy([...pairsHeld, ...citiesHeld], ({ residualGroup }) => residualGroup);
  const residuals = Object.fromEntries(
    [...groups].sort().map(([group, held]) => {
      const ratios = held.map(({ roundTrip, predictedMs }) => roundTrip.ms / predictedMs).sort((a, b) => a - b);
      return [group, { cases: ratios.length, ...tenths(ratios) }];
    }),
  );
  const model = {
    pairs: pairs.length,
    roundTrips: MEASURED_ROUND_TRIPS.length,
    baseline,
    covariance,
    residuals,
    p95OverTypical: p95OverTypical(),
    weights: Object.fromEntries(Object.entries(weights).map(([key, weight]) => [key, round(weight, 7)])),
  };
  writeJson(modelFile, model);
}

const isUnmeasured = (group: ResidualGroup) => group === 'unmeasured-city' || group === 'unmeasured-place';

const tenths = (ordered: readonly number[]) => ({
  p10: round(quantile(ordered, 0.1), 4),
  p50: round(quantile(ordered, 0.5), 4),
  p90: round(quantile(ordered, 0.9), 4),
});

const round = (value: number, digits: number) => Number(value.toPrecision(digits));

/** Of pairs of regions published both ways: how far the 95th percentile lies above the typical round trip. */
function p95OverTypical() {
  const groups = Map.groupBy(MEASURED_ROUND_TRIPS, ({ from, to }) => [from.id, to.id].sort().join('|'));
  const ratios = [...groups.values()]
    .flatMap((group) => {
      const of = (statistic: 'p50' | 'p95') => group.filter((it) => it.statistic === statistic).map(({ ms }) => ms);
      return of('p50').length > 0 && of('p95').length > 0 ? [median(of('p95')) / median(of('p50'))] : [];
    })
    .sort((a, b) => a - b);
  return { pairs: ratios.length, ...tenths(ratios) };
}
