/**
 * Round trip over the wide area between two places, access networks not included. In order of trust: measured between
 * these two regions; interpolated where a pair within 400 km of both ends was measured; by the path factors of the two
 * parts of the world. Never below the fibre floor, and it says which.
 */
import { greatCircleKm } from '../economics/great-circle.ts';
import { fibreFloorMs } from './fibre-floor.ts';
import { cityPairs, MEASURED_ROUND_TRIPS, measuredBetween, median } from './measured-round-trips.ts';
import modelFile from './path-factor-model.json' with { type: 'json' };
import { NEAR_KM, type PathFactorModel, pathFactorModel, predictUnmeasured } from './path-factor-model.ts';
import { type NetworkPlace, placeName } from './place.ts';

type RoundTripBasis = 'measured-pair' | 'nearest-measured' | 'path-factor' | 'same-site';

export interface RoundTrip {
  readonly p50Ms: number;
  /** Of the round trips over time. */
  readonly p95Ms: number;
  /** Light in fibre along the great circle. */
  readonly fibreFloorMs: number;
  readonly distanceKm: number;
  readonly basis: RoundTripBasis;
  /** 80 % of typical round trips so estimated lie between: the error of p50Ms, not its variation over time. */
  readonly p50BandMs: { readonly p10: number; readonly p90: number };
  readonly source: string;
  readonly explanation: string;
}

/** Within one campus or region. */
const SAME_SITE_KM = 1;
/** Wired local network, 174 probes: 0.53 and 2.16 ms; zones of one IBM region lie 0.3 to 2.2 ms apart. */
const SAME_SITE = {
  p50Ms: 0.53,
  p95Ms: 2.16,
  source:
    'RIPE Atlas, first private hop of 174 probes (floh22/cmb-atlas-results at 23276e0, February 2023); IBM Cloud documentation of zones (2026-08)',
};

const { residuals, p95OverTypical } = modelFile;

/** How far the p95 lies above the median on provider backbones: 9 of 10 pairs lie below. */
const P95_OVER_P50 = p95OverTypical.p90;

const FITTED: PathFactorModel = pathFactorModel(
  cityPairs(MEASURED_ROUND_TRIPS),
  modelFile.baseline,
  modelFile.covariance,
  modelFile.weights,
);

export function estimateRoundTrip(from: NetworkPlace, to: NetworkPlace): RoundTrip {
  const distanceKm = greatCircleKm(from, to);
  const floorMs = fibreFloorMs(distanceKm);
  const base = { fibreFloorMs: floorMs, distanceKm };
  if (distanceKm <= SAME_SITE_KM || (from.regionId !== undefined && from.regionId === to.regionId))
    return { ...base, ...sameSite(from) };
  return { ...base, ...(measuredPair(from, to, floorMs) ?? unmeasured(from, to, floorMs)) };
}

type Estimate = Omit<RoundTrip, 'fibreFloorMs' | 'distanceKm'>;

const sameSite = (from: NetworkPlace): Estimate => ({
  p50Ms: SAME_SITE.p50Ms,
  p95Ms: SAME_SITE.p95Ms,
  basis: 'same-site',
  p50BandMs: { p10: 0.1, p90: SAME_SITE.p95Ms },
  source: SAME_SITE.source,
  explanation: `Both ends are at ${placeName(from)}: the local network alone`,
});

function measuredPair(from: NetworkPlace, to: NetworkPlace, floorMs: number): Estimate | null {
  if (from.regionId === undefined || to.regionId === undefined) return null;
  const found = measuredBetween(from.regionId, to.regionId);
  if (found.length === 0) return null;
  const newest = (statistic: 'p50' | 'p95') => {
    const ofKind = found.filter((it) => it.statistic === statistic);
    const date = ofKind
      .map((it) => it.date)
      .sort()
      .at(-1);
    const chosen = ofKind.filter((it) => it.date === date);
    return chosen.length === 0 ? null : { ms: median(chosen.map(({ ms }) => ms)), source: chosen[0]?.source, date };
  };
  const typical = newest('p50');
  const tail = newest('p95');
  const p50Ms = Math.max(typical?.ms ?? (tail?.ms ?? 0) / p95OverTypical.p50, floorMs);
  const p95Ms = Math.max(tail?.ms ?? p50Ms * P95_OVER_P50, p50Ms);
  const named = [typical, tail].filter((it) => it !== null);
  return {
    p50Ms,
    p95Ms,
    basis: 'measured-pair',
    p50BandMs: { p10: Math.max(floorMs, p50Ms / P95_OVER_P50), p90: p50Ms * P95_OVER_P50 },
    source: named.map(({ source, date }) => `${source} (${date})`).join('; '),
    explanation: `Measured between ${from.regionId} and ${to.regionId}: ${ms(p50Ms)} typical${
      tail ? `, ${ms(tail.ms)} at the 95th percentile` : ''
    }`,
  };
}

function unmeasured(from: NetworkPlace, to: NetworkPlace, floorMs: number): Estimate {
  const { ms: model, basis, residualGroup, nearest } = predictUnmeasured(FITTED, from, to);
  const distanceKm = greatCircleKm(from, to);
  const p50Ms = Math.max(floorMs, withinMetropolis(model, distanceKm));
  const spread = residuals[residualGroup];
  const band = { p10: Math.max(floorMs, p50Ms * spread.p10), p90: p50Ms * spread.p90 };
  const estimate = {
    p50Ms,
    p95Ms: p50Ms * P95_OVER_P50,
    basis,
    source: `Interpolated between ${modelFile.roundTrips} published round trips of ${modelFile.pairs} city pairs (AWS 2022 and 2024, Azure 2026, IBM 2026)`,
  };
  if (distanceKm < METROPOLIS_KM)
    return {
      ...estimate,
      p50BandMs: { p10: Math.max(floorMs, SAME_SITE.p50Ms), p90: model * spread.p90 },
      explanation: `${km(distanceKm)} apart, nearer than any measured pair: between the local network's ${ms(SAME_SITE.p50Ms)} and the ${ms(model)} of places ${km(METROPOLIS_KM)} apart`,
    };
  const factor = `${(p50Ms / floorMs).toFixed(2)} times the fibre floor of ${ms(floorMs)}`;
  return {
    ...estimate,
    p50BandMs: band,
    explanation:
      basis === 'nearest-measured' && nearest !== null
        ? `Not measured between ${placeName(from)} and ${placeName(to)}: from measured pairs around, the nearest ${cityName(nearest.pair.from)} to ${cityName(nearest.pair.to)} at ${ms(nearest.pair.ms)} with ends ${km(nearest.fromKm)} and ${km(nearest.toKm)} away; ${factor}`
        : `No pair measured within ${NEAR_KM} km of both ${placeName(from)} and ${placeName(to)}: by the path factors of measured pairs between these parts of the world, ${factor}`,
  };
}

/** No measured pair is closer than this; below, the line to the local network. Our assumption. */
const withinMetropolis = (model: number, distanceKm: number): number =>
  distanceKm >= METROPOLIS_KM ? model : SAME_SITE.p50Ms + ((model - SAME_SITE.p50Ms) * distanceKm) / METROPOLIS_KM;

const METROPOLIS_KM = 100;

const cityName = ({ name }: { readonly name: string }) => name.replace(/ [A-Z]{2}$/, '');

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const km = (value: number) => `${Math.round(value)} km`;
