/**
 * The first stage, device by device. What a device does with a workload does not depend on prices, places or budgets, so it is
 * remembered for the next question about the same workload; a snapshot is immutable, so remembering changes no answer.
 */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import type { AssumptionLog } from '../../economics/assumption.ts';
import { utcDay } from '../../economics/price-use.ts';
import type { InferenceRecommendationRequest } from '../request.ts';
import type { EvaluatedPoints, PerformancePoint } from './performance-point.ts';

/** Lets other work through where it has waited long enough: called every fraction of a millisecond. */
export type Pause = () => Promise<void>;

export interface PointSearch {
  readonly snapshot: CatalogSnapshot;
  readonly request: InferenceRecommendationRequest;
  readonly at: string;
  /** Devices that the caller's constraints leave. */
  readonly devices: readonly Device[];
  readonly log: AssumptionLog;
  readonly pause: Pause;
  /** False for workloads that are tried once, such as the loads of a break-even. */
  readonly remember: boolean;
  /** What may be skipped; null where every candidate is worked out and what stands against it is said. */
  readonly pruning: Pruning | null;
}

/** A candidate before it is sized: no fewer devices carry the load, by its rate at saturation alone. */
export interface CandidateBound {
  readonly device: Device;
  readonly leastDevices: number;
  readonly runningHours: number;
}

export interface Pruning {
  /** False where even the bound is beaten: the candidate is not worked out. */
  readonly isWorthwhile: (bound: CandidateBound) => boolean;
  /** Called with the points of each device in turn. */
  readonly onPoints: (device: Device, points: readonly PerformancePoint[]) => void;
}

type PointsByDevice = Map<string, EvaluatedPoints>;

const WORKLOADS_REMEMBERED = 16;
const memories = new WeakMap<CatalogSnapshot, Map<string, PointsByDevice>>();

/** @param evaluate what one device does with the workload; not called where that is known */
export async function onEachDevice(
  { snapshot, request, at, devices, pause, remember, pruning }: PointSearch,
  evaluate: (device: Device) => EvaluatedPoints | Promise<EvaluatedPoints>,
): Promise<EvaluatedPoints> {
  const known: PointsByDevice = remember ? remembered(snapshot, request, at) : new Map();
  const all: EvaluatedPoints[] = [];
  for (const device of devices) {
    let evaluated = known.get(device.id);
    if (evaluated === undefined) {
      await pause();
      evaluated = await evaluate(device);
      known.set(device.id, evaluated);
    }
    pruning?.onPoints(device, evaluated.points);
    all.push(evaluated);
  }
  return {
    points: all.flatMap(({ points }) => points),
    faults: all.flatMap(({ faults }) => faults),
    evaluated: all.reduce((sum, { evaluated }) => sum + evaluated, 0),
  };
}

/** Everything of the question that decides a point; prices decide the host memory of processors, and change with days and dates. */
function remembered(
  snapshot: CatalogSnapshot,
  { inference, engines, constraints = {} }: InferenceRecommendationRequest,
  at: string,
): PointsByDevice {
  const { minAccuracyPercent, availabilityPercent } = constraints;
  const time = `${snapshot.lastPriceChange(at)} ${utcDay(at)}`;
  const key = JSON.stringify([inference, engines, minAccuracyPercent, availabilityPercent, time]);
  const memory = memories.get(snapshot) ?? new Map<string, PointsByDevice>();
  memories.set(snapshot, memory);
  const known = memory.get(key) ?? new Map();
  // the workload last asked about goes last
  memory.delete(key);
  const [oldest] = memory.keys();
  if (memory.size >= WORKLOADS_REMEMBERED && oldest !== undefined) memory.delete(oldest);
  memory.set(key, known);
  return known;
}
