/** Fits the path-factor model to measured pairs: the line, the covariance by likelihood, the weights by it. */
import { greatCircleKm } from '../../../src/domain/economics/great-circle.ts';
import type { MeasuredCityPair } from '../../../src/domain/network/measured-round-trips.ts';
import {
  type Baseline,
  baselineMs,
  type Covariance,
  pairCovariances,
} from '../../../src/domain/network/path-factor-model.ts';

const kmOf = (pair: MeasuredCityPair) => greatCircleKm(pair.from, pair.to);

/** The line with the least sum of |log error|, over a grid. */
export function fitBaseline(pairs: readonly MeasuredCityPair[]): Baseline {
  const points = pairs.map((pair) => ({ km: kmOf(pair), ms: pair.ms }));
  let best: Baseline = { interceptMs: 0, msPerKm: 0 };
  let least = Number.POSITIVE_INFINITY;
  for (let intercept = 1; intercept <= 20; intercept += 0.5)
    for (let slope = 10; slope <= 22; slope += 0.25) {
      const line = { interceptMs: intercept, msPerKm: slope / 1000 };
      const loss = points.reduce((sum, { km, ms }) => sum + Math.abs(Math.log(ms / baselineMs(line, km))), 0);
      if (loss < least) {
        least = loss;
        best = line;
      }
    }
  return best;
}

interface Solution {
  readonly logLikelihood: number;
  readonly weights: Readonly<Record<string, number>>;
}

/** By Cholesky decomposition (Rasmussen and Williams 2006, algorithm 2.1). */
export function solveWeights(pairs: readonly MeasuredCityPair[], line: Baseline, covariance: Covariance): Solution {
  const count = pairs.length;
  const residuals = pairs.map((pair) => Math.log(pair.ms / baselineMs(line, kmOf(pair))));
  const covarianceOf = pairCovariances(pairs, covariance);
  const rows = pairs.map((_, row) => {
    const values = new Float64Array(row + 1);
    for (let column = 0; column <= row; column++) values[column] = covarianceOf(row, column);
    values[row] = (values[row] as number) + covariance.noiseVariance;
    return values;
  });
  const at = (row: number, column: number) => rows[row]?.[column] as number;
  for (let row = 0; row < count; row++) {
    const own = rows[row] as Float64Array;
    for (let column = 0; column <= row; column++) {
      const other = rows[column] as Float64Array;
      let sum = own[column] as number;
      for (let k = 0; k < column; k++) sum -= (own[k] as number) * (other[k] as number);
      own[column] = row === column ? Math.sqrt(sum) : sum / (other[column] as number);
    }
  }
  const half = new Float64Array(count);
  let logLikelihood = 0;
  for (let row = 0; row < count; row++) {
    let sum = residuals[row] as number;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (half[k] as number);
    half[row] = sum / at(row, row);
    logLikelihood -= 0.5 * (half[row] as number) ** 2 + Math.log(at(row, row));
  }
  const weights = new Float64Array(count);
  for (let row = count - 1; row >= 0; row--) {
    let sum = half[row] as number;
    for (let k = row + 1; k < count; k++) sum -= at(k, row) * (weights[k] as number);
    weights[row] = sum / at(row, row);
  }
  return { logLikelihood, weights: Object.fromEntries(pairs.map(({ key }, row) => [key, weights[row] as number])) };
}

const START: Covariance = {
  commonVariance: 0.02,
  placeVariance: 0.015,
  placeRangeKm: 3000,
  pairVariance: 0.02,
  pairRangeKm: 1500,
  areaVariance: 0.02,
  areaRangeKm: 6000,
  noiseVariance: 0.005,
};

/** Coordinate by coordinate, in ever smaller steps. */
export function fitCovariance(pairs: readonly MeasuredCityPair[], line: Baseline): Covariance {
  let best = START;
  let likelihood = solveWeights(pairs, line, best).logLikelihood;
  for (const step of [2, 1.5, 1.25])
    for (const name of Object.keys(START) as (keyof Covariance)[])
      for (const factor of [step, 1 / step]) {
        for (;;) {
          const next = { ...best, [name]: Number((best[name] * factor).toPrecision(3)) };
          const found = solveWeights(pairs, line, next).logLikelihood;
          if (found <= likelihood + 0.05) break;
          likelihood = found;
          best = next;
        }
      }
  return best;
}
