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

interface Ends {
  readonly from: Point;
  readonly to: Point;
}

/** Covariance of the log residuals of two pairs of places, without the noise. */
export function pairCovariance(one: Ends, other: Ends, parameters: Covariance): number {
  return covarianceAt(
    greatCircleKm(one.from, other.from),
    greatCircleKm(one.to, other.to),
    greatCircleKm(one.from, other.to),
    greatCircleKm(one.to, other.from),
    parameters,
  );
}

/** A pair has no direction, so both ways of matching the ends count. Distances in km. */
function covarianceAt(straightFrom: number, straightTo: number, crossFrom: number, crossTo: number, p: Covariance) {
  const near = (km: number, range: number) => Math.exp(-km / range);
  const product = (range: number) => near(straightFrom + straightTo, range) + near(crossFrom + crossTo, range);
  const ends =
    near(straightFrom, p.placeRangeKm) +
    near(straightTo, p.placeRangeKm) +
    near(crossFrom, p.placeRangeKm) +
    near(crossTo, p.placeRangeKm);
  return (
    p.commonVariance +
    p.placeVariance * ends +
    p.pairVariance * product(p.pairRangeKm) +
    p.areaVariance * product(p.areaRangeKm)
  );
}

export interface PathFactorModel {
  /** RTT in ms of a pair of places by the measured pairs; may be below the fibre floor. */
  predictMs(from: Point, to: Point): number;
  /** The measured pair whose farther end is nearest, with the km between the ends. */
  nearestPair(from: Point, to: Point): NearestPair | null;
  /** To the nearest city with a measurement. */
  nearestCityKm(point: Point): number;
}

export interface NearestPair {
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
  const cities = [...new Map(pairs.flatMap(({ from, to }) => [from, to]).map((city) => [city.name, city])).values()];
  const indexOf = new Map(cities.map((city, index) => [city.name, index]));
  const index = (city: MeasuredCity) => indexOf.get(city.name) as number;
  const indexed = pairs.map((pair) => {
    const weight = weights[pair.key];
    if (weight === undefined) throw new Error(`no fitted weight of ${pair.key}: run npm run fit`);
    return { pair, from: index(pair.from), to: index(pair.to), weight };
  });
  const kmToCities = (point: Point) => cities.map((city) => greatCircleKm(point, city));

  return {
    predictMs(from, to) {
      const fromKm = kmToCities(from);
      const toKm = kmToCities(to);
      let logResidual = 0;
      for (const { from: i, to: j, weight } of indexed)
        logResidual +=
          weight *
          covarianceAt(fromKm[i] as number, toKm[j] as number, fromKm[j] as number, toKm[i] as number, covariance);
      return baselineMs(baseline, greatCircleKm(from, to)) * Math.exp(logResidual);
    },
    nearestPair(from, to) {
      const fromKm = kmToCities(from);
      const toKm = kmToCities(to);
      let nearest: NearestPair | null = null;
      for (const { pair, from: i, to: j } of indexed)
        for (const [one, other] of [
          [i, j],
          [j, i],
        ] as const) {
          const candidate = { pair, fromKm: fromKm[one] as number, toKm: toKm[other] as number };
          if (nearest === null || farther(candidate) < farther(nearest)) nearest = candidate;
        }
      return nearest;
    },
    nearestCityKm: (point) => Math.min(...kmToCities(point)),
  };
}

const farther = ({ fromKm, toKm }: NearestPair): number => Math.max(fromKm, toKm);

/** Beyond it the substitution of a neighbour is no better than a path factor. */
export const NEAR_KM = 400;

export type UnmeasuredBasis = 'nearest-measured' | 'path-factor';

/** Predictions that err alike; `path-factor-unmeasured-place`: one end has no measurement to anywhere within NEAR_KM. */
export type ResidualGroup = UnmeasuredBasis | 'path-factor-unmeasured-place';

export interface UnmeasuredRoundTrip {
  readonly ms: number;
  readonly basis: UnmeasuredBasis;
  readonly residualGroup: ResidualGroup;
  readonly nearest: NearestPair | null;
}

/** The model's typical round trip, lifted to the fibre floor. */
export function predictUnmeasured(model: PathFactorModel, from: Point, to: Point): UnmeasuredRoundTrip {
  const nearest = model.nearestPair(from, to);
  const basis = nearest !== null && farther(nearest) <= NEAR_KM ? 'nearest-measured' : 'path-factor';
  const known = [from, to].every((place) => model.nearestCityKm(place) <= NEAR_KM);
  return {
    ms: Math.max(model.predictMs(from, to), fibreFloorMs(greatCircleKm(from, to))),
    basis,
    residualGroup: known ? basis : 'path-factor-unmeasured-place',
    nearest,
  };
}
