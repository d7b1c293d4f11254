/**
 * Round trips between places that nobody measured: kriging (Gaussian-process regression; Cressie 1993, ch. 3;
 * Rasmussen and Williams 2006, ch. 2) of the logarithm of RTT over a straight line in distance. The covariance of two
 * pairs of places falls with the distance between their ends, so that measured pairs nearby decide where there are any,
 * and the usual detours of the two parts of the world where there are none. Parameters and weights are fitted
 * (`npm run fit`) by the likelihood of the measured pairs; nothing is keyed to a pair.
 */
import { greatCircleKm, type Point } from '../economics/great-circle.ts';
import { fibreFloorMs } from './fibre-floor.ts';
import type { MeasuredCity, MeasuredCityPair } from './measured-round-trips.ts';

export interface Covariance {
  /** Of log RTT, common to all pairs. */
  readonly commonVariance: number;
  /** Of what a place adds to all of its pairs: detours into its country, poor peering. */
  readonly placeVariance: number;
  readonly placeRangeKm: number;
  /** Of what two neighbourhoods share: the cables between them. */
  readonly pairVariance: number;
  readonly pairRangeKm: number;
  /** The same for two parts of the world. */
  readonly areaVariance: number;
  readonly areaRangeKm: number;
  /** Of one pair alone: providers' own routes, the year, the method. */
  readonly noiseVariance: number;
}

export interface Baseline {
  readonly interceptMs: number;
  readonly msPerKm: number;
}

export const baselineMs = ({ interceptMs, msPerKm }: Baseline, distanceKm: number): number =>
  interceptMs + msPerKm * distanceKm;

/** How much a place shares with each of several others, by what it is shared. */
interface Nearness {
  readonly km: Float64Array;
  readonly place: Float64Array;
  readonly pair: Float64Array;
  readonly area: Float64Array;
}

function nearnessTo(point: Point, others: readonly Point[], parameters: Covariance): Nearness {
  const km = Float64Array.from(others, (other) => greatCircleKm(point, other));
  const within = (rangeKm: number) => km.map((distance) => Math.exp(-distance / rangeKm));
  return {
    km,
    place: within(parameters.placeRangeKm),
    pair: within(parameters.pairRangeKm),
    area: within(parameters.areaRangeKm),
  };
}

/** Covariances of the log residuals of measured pairs by their positions in the list, without the noise. */
export function pairCovariances(
  pairs: readonly MeasuredCityPair[],
  parameters: Covariance,
): (one: number, other: number) => number {
  const { cities, ends } = indexed(pairs);
  const near = cities.map((city) => nearnessTo(city, cities, parameters));
  return (one, other) => {
    const { from, to } = ends[one] as EndIndices;
    const { from: i, to: j } = ends[other] as EndIndices;
    return covarianceOf(near[from] as Nearness, near[to] as Nearness, i, j, parameters);
  };
}

interface EndIndices {
  readonly from: number;
  readonly to: number;
}

/** The cities of pairs, each once, and the positions of the pairs' ends among them. */
function indexed(pairs: readonly MeasuredCityPair[]) {
  const cities = [...new Map(pairs.flatMap(({ from, to }) => [from, to]).map((city) => [city.name, city])).values()];
  const positions = new Map(cities.map((city, index) => [city.name, index]));
  const position = (city: MeasuredCity) => positions.get(city.name) as number;
  const ends = pairs.map(({ from, to }): EndIndices => ({ from: position(from), to: position(to) }));
  return { cities, ends };
}

/** Of a pair with the pair of the i-th and the j-th place: it has no direction, so both ways of matching the ends count. */
function covarianceOf(from: Nearness, to: Nearness, i: number, j: number, parameters: Covariance): number {
  const at = (values: Float64Array, index: number) => values[index] as number;
  return (
    parameters.commonVariance +
    parameters.placeVariance * (at(from.place, i) + at(from.place, j) + at(to.place, i) + at(to.place, j)) +
    parameters.pairVariance * (at(from.pair, i) * at(to.pair, j) + at(from.pair, j) * at(to.pair, i)) +
    parameters.areaVariance * (at(from.area, i) * at(to.area, j) + at(from.area, j) * at(to.area, i))
  );
}

export interface PathFactorModel {
  predict(from: Point, to: Point): Prediction;
}

interface Prediction {
  /** By the measured pairs; may be below the fibre floor. */
  readonly ms: number;
  /** The measured pair whose farther end is nearest. */
  readonly nearest: NearestPair | null;
  /** From the end that is farther from any city with a measurement. */
  readonly nearestCityKm: number;
}

interface NearestPair {
  readonly pair: MeasuredCityPair;
  readonly fromKm: number;
  readonly toKm: number;
}

/** `weights` by the pairs' key: the covariance matrix's inverse times their log residuals. */
export function pathFactorModel(
  pairs: readonly MeasuredCityPair[],
  baseline: Baseline,
  covariance: Covariance,
  weights: Readonly<Record<string, number>>,
): PathFactorModel {
  const { cities, ends } = indexed(pairs);
  const weighted = pairs.map((pair, index) => {
    const weight = weights[pair.key];
    if (weight === undefined) throw new Error(`no fitted weight of ${pair.key}: run npm run fit`);
    return { pair, weight, ...(ends[index] as EndIndices) };
  });

  return {
    predict(from, to) {
      const nearFrom = nearnessTo(from, cities, covariance);
      const nearTo = nearnessTo(to, cities, covariance);
      let logResidual = 0;
      let nearest: NearestPair | null = null;
      let nearestKm = Number.POSITIVE_INFINITY;
      const consider = (pair: MeasuredCityPair, fromKm: number, toKm: number) => {
        const fartherKm = Math.max(fromKm, toKm);
        if (fartherKm >= nearestKm) return;
        nearest = { pair, fromKm, toKm };
        nearestKm = fartherKm;
      };
      for (const { pair, from: i, to: j, weight } of weighted) {
        logResidual += weight * covarianceOf(nearFrom, nearTo, i, j, covariance);
        consider(pair, nearFrom.km[i] as number, nearTo.km[j] as number);
        consider(pair, nearFrom.km[j] as number, nearTo.km[i] as number);
      }
      return {
        ms: baselineMs(baseline, greatCircleKm(from, to)) * Math.exp(logResidual),
        nearest,
        nearestCityKm: Math.max(least(nearFrom.km), least(nearTo.km)),
      };
    },
  };
}

const least = (values: Float64Array) => values.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);

const farther = ({ fromKm, toKm }: NearestPair): number => Math.max(fromKm, toKm);

/** Beyond it the substitution of a neighbour is no better than a path factor. */
export const NEAR_KM = 400;

export type UnmeasuredBasis = 'nearest-measured' | 'path-factor';

/** Predictions that err alike: between measured cities by basis, from cities with a measured one near, from places without. */
export type ResidualGroup = UnmeasuredBasis | 'unmeasured-city' | 'unmeasured-place';

/** Another city's measurements begin to be another city's. */
const SAME_CITY_KM = 50;

interface UnmeasuredRoundTrip {
  readonly ms: number;
  readonly basis: UnmeasuredBasis;
  readonly residualGroup: ResidualGroup;
  readonly nearest: NearestPair | null;
}

/** The model's typical round trip, lifted to the fibre floor. */
export function predictUnmeasured(model: PathFactorModel, from: Point, to: Point): UnmeasuredRoundTrip {
  const { ms, nearest, nearestCityKm } = model.predict(from, to);
  const basis = nearest !== null && farther(nearest) <= NEAR_KM ? 'nearest-measured' : 'path-factor';
  return {
    ms: Math.max(ms, fibreFloorMs(greatCircleKm(from, to))),
    basis,
    residualGroup: residualGroup(basis, nearestCityKm),
    nearest,
  };
}

const residualGroup = (basis: UnmeasuredBasis, nearestCityKm: number): ResidualGroup =>
  nearestCityKm <= SAME_CITY_KM ? basis : nearestCityKm <= NEAR_KM ? 'unmeasured-city' : 'unmeasured-place';
