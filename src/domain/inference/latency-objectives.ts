/** Latency objectives: a figure of a request, the percentile it is held at, and the most that it may take. */
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { Objectives } from './request.ts';

export const PERCENTILE_SHARES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;
export type PercentileName = keyof typeof PERCENTILE_SHARES;
export type LatencyFigure = 'ttft' | 'tpot' | 'end_to_end';
export type LatencyObjective = `${LatencyFigure}_${PercentileName}`;

export type LatencyField = `${'ttftMs' | 'timePerOutputTokenMs' | 'endToEndMs'}${Uppercase<PercentileName>}`;

export interface LatencyLimit {
  readonly objective: LatencyObjective;
  readonly figure: LatencyFigure;
  readonly percentile: PercentileName;
  readonly seconds: number;
  /** Of the request's objectives, in ms. */
  readonly field: LatencyField;
}

const FIELDS: readonly (readonly [LatencyFigure, 'ttftMs' | 'timePerOutputTokenMs' | 'endToEndMs'])[] = [
  ['ttft', 'ttftMs'],
  ['tpot', 'timePerOutputTokenMs'],
  ['end_to_end', 'endToEndMs'],
];

export const LATENCY_FIELDS: readonly Omit<LatencyLimit, 'seconds'>[] = FIELDS.flatMap(([figure, name]) =>
  (Object.keys(PERCENTILE_SHARES) as PercentileName[]).map((percentile) => ({
    objective: `${figure}_${percentile}` as const,
    figure,
    percentile,
    field: `${name}${percentile.toUpperCase() as Uppercase<PercentileName>}` as const,
  })),
);

/** The limits that are given, those of the first token first. */
export const latencyLimits = (objectives: Objectives): LatencyLimit[] =>
  LATENCY_FIELDS.flatMap((named) => {
    const milliseconds = objectives[named.field];
    return milliseconds === undefined ? [] : [{ ...named, seconds: milliseconds / MILLISECONDS_PER_SECOND }];
  });

export const limitsOn = (limits: readonly LatencyLimit[], figure: LatencyFigure): LatencyLimit[] =>
  limits.filter((limit) => limit.figure === figure);

/** Seconds that the strictest limit of a figure leaves, whatever its percentile; null without one. */
export function strictestSeconds(limits: readonly LatencyLimit[], figure: LatencyFigure): number | null {
  const seconds = limitsOn(limits, figure).map((limit) => limit.seconds);
  return seconds.length === 0 ? null : Math.min(...seconds);
}

/** "95th percentile" of an objective's name. */
export const percentileInWords = (percentile: PercentileName): string =>
  percentile === 'p50' ? 'median' : `${percentile.slice(1)}th percentile`;

/** Without the objectives of streamed tokens, which a model that writes none cannot hold. */
export const withoutStreamed = (objectives: Objectives): Objectives =>
  Object.fromEntries(
    Object.entries(objectives).filter(([field]) => !/^(ttft|timePerOutputToken)MsP/.test(field)),
  ) as Objectives;
