/** Every measured round trip as predicted without any measurement between its two cities, by any provider. */
import { greatCircleKm } from '../../../src/domain/economics/great-circle.ts';
import { fibreFloorMs } from '../../../src/domain/network/fibre-floor.ts';
import {
  cityPairKey,
  cityPairs,
  MEASURED_ROUND_TRIPS,
  type MeasuredRoundTrip,
} from '../../../src/domain/network/measured-round-trips.ts';
import {
  type Baseline,
  type Covariance,
  pathFactorModel,
  predictUnmeasured,
  type ResidualGroup,
  type UnmeasuredBasis,
} from '../../../src/domain/network/path-factor-model.ts';
import { fitBaseline, fitCovariance, solveWeights } from './fit-path-factors.ts';

export interface HeldOutRoundTrip {
  readonly roundTrip: MeasuredRoundTrip;
  readonly predictedMs: number;
  readonly floorMs: number;
  readonly basis: UnmeasuredBasis;
  readonly residualGroup: ResidualGroup;
}

interface Parameters {
  readonly baseline: Baseline;
  readonly covariance: Covariance;
}

/** Pairs of cities are dealt out in alphabetic order. Without `parameters`, those too are fitted to the rest alone. */
export function heldOutRoundTrips(folds: number, parameters?: Parameters): HeldOutRoundTrip[] {
  const keys = cityPairs(MEASURED_ROUND_TRIPS).map(({ key }) => key);
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const held = new Set(keys.filter((_, index) => index % folds === fold));
    return predictWithout(({ from, to }) => held.has(cityPairKey(from, to)), parameters);
  });
}

/** Predictions to each city from others without any measurement of that city. */
export function heldOutCities(parameters: Parameters): HeldOutRoundTrip[] {
  const cities = new Set(MEASURED_ROUND_TRIPS.flatMap(({ from, to }) => [from.city, to.city]));
  return [...cities]
    .sort()
    .flatMap((city) => predictWithout(({ from, to }) => from.city === city || to.city === city, parameters));
}

function predictWithout(
  isHeld: (roundTrip: MeasuredRoundTrip) => boolean,
  parameters?: Parameters,
): HeldOutRoundTrip[] {
  const rest = cityPairs(MEASURED_ROUND_TRIPS.filter((roundTrip) => !isHeld(roundTrip)));
  const baseline = parameters?.baseline ?? fitBaseline(rest);
  const covariance = parameters?.covariance ?? fitCovariance(rest, baseline);
  const model = pathFactorModel(rest, baseline, covariance, solveWeights(rest, baseline, covariance).weights);
  return MEASURED_ROUND_TRIPS.filter(isHeld).map((roundTrip) => {
    const { from, to } = roundTrip;
    const { ms, basis, residualGroup } = predictUnmeasured(model, from, to);
    return { roundTrip, predictedMs: ms, floorMs: fibreFloorMs(greatCircleKm(from, to)), basis, residualGroup };
  });
}
