/**
 * How uncertain the size of the fleet is. Replicas are whole: a service that one replica carries easily needs one
 * replica whether its capacity was estimated 20 % high or low, while a large fleet scales with every per cent.
 */
import { rangeFactor, type UncertainFactor } from '../uncertainty/band.ts';
import { combineBand } from '../uncertainty/propagation.ts';
import type { SizedPlan } from './language/device-choice.ts';
import type { Load } from './workload.ts';

/** Devices needed over devices planned; null where the band does not move the count. */
export function fleetFactor(plan: SizedPlan, load: Load, timePerRequest: UncertainFactor): UncertainFactor | null {
  const { servingReplicas, spareReplicas, perReplica } = plan;
  return wholeUnitsFactor(
    {
      serving: servingReplicas,
      spare: spareReplicas,
      utilization: perReplica.utilization / load.objectives.maxUtilization,
    },
    load,
    timePerRequest,
  );
}

interface Fleet {
  readonly serving: number;
  readonly spare: number;
  /** Of the highest allowed, at peak. */
  readonly utilization: number;
}

/** Units (replicas, devices) needed at the ends of the band over units planned; null where the count stays. */
export function wholeUnitsFactor(
  { serving, spare, utilization }: Fleet,
  load: Load,
  timePerRequest: UncertainFactor,
): UncertainFactor | null {
  const need = combineBand(
    [{ amount: 1, factors: [timePerRequest, ...load.peakToMeanRatio.factors] }],
    (values) => values[0] as number,
  );
  // where an objective set the count and not the cap, the count scales with the load all the same
  const exact = serving * Math.max(utilization, 1 - 1 / serving);
  const units = (factor: number) => Math.max(Math.ceil(exact * factor - 1e-9), 1) + spare;
  const low = Math.min(units(need.p10) / (serving + spare), 1);
  const high = Math.max(units(need.p90) / (serving + spare), 1);
  if (low === 1 && high === 1) return null;
  const { basis } = timePerRequest;
  return rangeFactor(
    `fleet/${basis.id}`,
    basis.kind,
    low,
    high,
    `Whole units at the ends of the band of capacity (${basis.description}) and of the peak-to-mean ratio`,
  );
}
