/**
 * Machines that several components share: what each waits for the others. Calls of programs, vision and the like are taken one at
 * a time: one queue of all of them before the machines (domain/queueing) with the variation of the mixture. A language model
 * works in steps, and for as long as it writes: a call that finds no machine free of one waits for the rest of its step,
 * which it may find at any point of, and goes before the next; the model writes in the time that calls leave it and takes
 * turns with other models. A component's own time and its waits are taken as independent.
 */
import { composeLatency } from '../network/index.ts';
import { queue } from '../queueing/index.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import type { PercentilesMs } from './serve.ts';

/** Work that gives way after each step. */
export interface Steps {
  /** Devices that are at it at a moment of the peak, a fraction. */
  readonly activeDevices: number;
  /** Of one step. */
  readonly milliseconds: number;
}

interface Sharer {
  readonly requestsPerSecond: number;
  /** Machines kept busy, a fraction. */
  readonly busyServers: number;
  /** Alone on its machines. */
  readonly alone: PercentilesMs;
  /** Null: a call is not interrupted. */
  readonly steps: Steps | null;
}

/** Of calls of one component among themselves. */
const OWN_VARIABILITY = 0.25;
const NOTHING: PercentilesMs = { p50: 0, p95: 0, p99: 0 };
const UNBOUNDED: PercentilesMs = {
  p50: Number.POSITIVE_INFINITY,
  p95: Number.POSITIVE_INFINITY,
  p99: Number.POSITIVE_INFINITY,
};

/** One response per sharer; infinite where the machines are not enough. */
export function sharedResponse(sharers: readonly Sharer[], machines: number): PercentilesMs[] {
  const busy = busyOf(sharers);
  if (machines < 1 || busy >= machines) return sharers.map(() => UNBOUNDED);
  const calls = sharers.filter(({ steps }) => steps === null);
  const wait = waitForCalls(calls, machines);
  const rest = restOfAStep(sharers, machines);
  return sharers.map((sharer) =>
    sharer.steps === null
      ? delayed(sharer.alone, [wait, rest])
      : stretched(sharer.alone, turns(sharer, sharers, machines) / (1 - busyOf(calls) / machines)),
  );
}

const busyOf = (sharers: readonly Sharer[]): number => sharers.reduce((sum, { busyServers }) => sum + busyServers, 0);

function waitForCalls(calls: readonly Sharer[], machines: number): PercentilesMs {
  const rate = calls.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0);
  if (rate <= 0) return NOTHING;
  const mean = busyOf(calls) / rate;
  const second = calls.reduce((sum, { requestsPerSecond, busyServers }) => {
    const own = requestsPerSecond > 0 ? busyServers / requestsPerSecond : 0;
    return sum + (requestsPerSecond / rate) * own ** 2 * (1 + OWN_VARIABILITY);
  }, 0);
  const variability = Math.max(second / mean ** 2 - 1, 0);
  const times = queue({ servers: machines, arrivalsPerSecond: rate, serviceSeconds: mean, serviceCv2: variability });
  if (times === null) return UNBOUNDED;
  const { p50, p95, p99 } = times.waitSeconds;
  return {
    p50: p50 * MILLISECONDS_PER_SECOND,
    p95: p95 * MILLISECONDS_PER_SECOND,
    p99: p99 * MILLISECONDS_PER_SECOND,
  };
}

/** A call comes upon a step of the longest kind, at a moment as likely as any other, where all machines are at one. */
function restOfAStep(sharers: readonly Sharer[], machines: number): PercentilesMs {
  const active = sharers.reduce((sum, { steps }) => sum + (steps?.activeDevices ?? 0), 0);
  const step = Math.max(0, ...sharers.map(({ steps }) => steps?.milliseconds ?? 0));
  const found = Math.min(1, active / machines) ** machines;
  const at = (share: number): number => (found <= 1 - share ? 0 : (1 - (1 - share) / found) * step);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** Own step and those of other models that run meanwhile. */
const turns = (own: Sharer, sharers: readonly Sharer[], machines: number): number =>
  1 + sharers.reduce((sum, it) => sum + (it === own ? 0 : Math.min(1, (it.steps?.activeDevices ?? 0) / machines)), 0);

const stretched = ({ p50, p95, p99 }: PercentilesMs, factor: number): PercentilesMs => ({
  p50: p50 * factor,
  p95: p95 * factor,
  p99: p99 * factor,
});

function delayed(alone: PercentilesMs, waits: readonly PercentilesMs[]): PercentilesMs {
  const tail = (at: 'p95' | 'p99') =>
    composeLatency([alone, ...waits].map((part) => ({ p50Ms: part.p50, p95Ms: part[at] }))).p95Ms;
  return {
    p50: waits.reduce((sum, { p50 }) => sum + p50, alone.p50),
    p95: tail('p95'),
    p99: tail('p99'),
  };
}
