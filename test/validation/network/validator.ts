/** Round trips between regions whose pair of cities nobody measured, as far as the prediction knows. */
import modelFile from '../../../src/domain/network/path-factor-model.json' with { type: 'json' };
import { type Comparison, groupRows, type Validator } from '../table.ts';
import { type HeldOutRoundTrip, heldOutCities, heldOutRoundTrips } from './held-out.ts';

const GROUPS = {
  'nearest-measured': 'a pair measured within 400 km of both ends',
  'path-factor': 'by path factor',
} as const;

function comparisons(held: readonly HeldOutRoundTrip[]): Comparison[] {
  return held.flatMap(({ roundTrip, predictedMs, basis, residualGroup }) =>
    ['all', GROUPS[basis]].map((group) => ({
      id: `${roundTrip.from.id} ${roundTrip.to.id} ${roundTrip.date}`,
      group,
      predicted: predictedMs,
      measured: roundTrip.ms,
      band: modelFile.residuals[residualGroup],
      heldOut: null,
    })),
  );
}

const { baseline, covariance } = modelFile;

export const roundTripValidator: Validator = {
  name: 'round trips',
  run: () => [
    {
      title: 'Round trips, half of the city pairs held back, everything fitted to the other half',
      rows: groupRows(comparisons(heldOutRoundTrips(2))),
      uncovered: {},
    },
    {
      title: 'Round trips, each tenth of the city pairs held back in turn',
      rows: groupRows(comparisons(heldOutRoundTrips(10, { baseline, covariance }))),
      uncovered: {},
    },
    {
      title: 'Round trips to a city with no measurement',
      rows: groupRows(comparisons(heldOutCities({ baseline, covariance }))),
      uncovered: {},
    },
  ],
};
