/**
 * A deployment as a curve: what an inference estimate says at one load, carried to other loads. Devices scale in whole
 * replicas and whole instances, their cost with the devices, egress with the requests.
 */

import type { CostCategory, LineItem } from '../economics/line-item.ts';
import { MAX_UTILIZATION, PEAK_TO_MEAN } from '../inference/defaults.ts';
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { UncertainFactor } from '../uncertainty/band.ts';
import { rangeFactor } from '../uncertainty/band.ts';
import { DAYS_PER_MONTH } from '../units.ts';
import type { LifecycleInference } from './request.ts';

/**
 * What an amount grows with. rented: paid devices at the price of the month they were taken; bought: the same, for
 * capital; installed: paid devices at today's cost; powered: working devices; requests.
 */
export type Driver = 'rented' | 'bought' | 'installed' | 'powered' | 'requests';

interface PhaseComponent {
  readonly category: CostCategory;
  readonly driver: Driver;
  /** USD a month per unit of the driver. */
  readonly usdPerUnit: number;
  readonly factors: readonly UncertainFactor[];
}

export interface ServingPhase {
  readonly name: string;
  readonly fromMonth: number;
  readonly estimate: FeasibleInference;
  /** Replicas that the load of the estimate needs, as a fraction of whole ones. */
  readonly exactReplicas: number;
  readonly spareReplicas: number;
  readonly devicesPerReplica: number;
  readonly devicesPerInstance: number;
  readonly baseRequestsPerDay: number;
  /** Months that a device, once taken, is paid for: 1, 12, 36 or its life. */
  readonly termMonths: number;
  readonly components: readonly PhaseComponent[];
  /** Capacity needed over capacity estimated: the model's own error and the peak. */
  readonly needFactors: readonly UncertainFactor[];
  /** The caller's own factor on the device time of a request. */
  readonly deviceTimeFactor: number;
}

interface PhaseTerms {
  readonly name: string;
  readonly fromMonth: number;
  readonly termMonths: number;
  readonly deviceTimeFactor: number;
}

export function servingPhase(
  estimate: FeasibleInference,
  request: LifecycleInference,
  terms: PhaseTerms,
): ServingPhase {
  const { deployment, workload, costPerMonth } = estimate;
  const maxUtilization = request.objectives?.maxUtilization ?? MAX_UTILIZATION.value;
  const utilization = estimate.performance.utilizationAtPeak.p50 / maxUtilization;
  const serving = deployment.servingReplicas;
  const perInstance = devicesPerUnit(estimate);
  const base = {
    paid: deployment.devicesPaid,
    powered: deployment.devices,
    requests: workload.requestsPerDay,
  };
  return {
    ...terms,
    estimate,
    // an objective, not the cap, may have set the count: it scales with the load all the same
    exactReplicas: serving * Math.min(Math.max(utilization, 1 - 1 / serving), 1),
    spareReplicas: deployment.spareReplicas,
    devicesPerReplica: deployment.devicesPerReplica,
    devicesPerInstance: perInstance,
    baseRequestsPerDay: workload.requestsPerDay,
    components: componentsOf(costPerMonth.lineItems, base),
    needFactors: needFactorsOf(estimate),
  };
}

/** Instances are rented and servers are bought whole; 1 where devices are paid for one by one. */
function devicesPerUnit({ deployment, prices }: FeasibleInference): number {
  const unit = Math.max(prices[0]?.deviceCount ?? 1, 1);
  return Math.ceil(deployment.devices / unit) * unit === deployment.devicesPaid ? unit : 1;
}

/** Working devices and paid devices for a load. */
export function devicesFor(phase: ServingPhase, requestsPerDay: number, need: number): readonly [number, number] {
  const load = (requestsPerDay / phase.baseRequestsPerDay) * phase.deviceTimeFactor * need;
  const serving = Math.max(Math.ceil(phase.exactReplicas * load - 1e-9), 1);
  const devices = (serving + phase.spareReplicas) * phase.devicesPerReplica;
  // the operator pays for no device of the users, whatever the load
  if (phase.estimate.deployment.ownership === 'users') return [devices, 0];
  return [devices, Math.ceil(devices / phase.devicesPerInstance) * phase.devicesPerInstance];
}

interface BaseUnits {
  readonly paid: number;
  readonly powered: number;
  readonly requests: number;
}

function componentsOf(items: readonly LineItem[], base: BaseUnits): PhaseComponent[] {
  const known: { readonly item: LineItem; readonly drivers: readonly Driver[] }[] = [];
  for (const item of items) known.push({ item, drivers: driversOf(item, known) });
  return known.flatMap(({ item, drivers }) =>
    item.components.map((component, index) => {
      const driver = drivers[index] as Driver;
      return {
        category: item.category,
        driver,
        usdPerUnit: component.amount === 0 ? 0 : component.amount / unitsOf(driver, base),
        // whole units are worked out month by month instead
        factors: component.factors.filter(({ basis }) => !basis.id.startsWith('fleet/')),
      };
    }),
  );
}

function unitsOf(driver: Driver, base: BaseUnits): number {
  if (driver === 'requests') return base.requests;
  return driver === 'powered' ? base.powered : base.paid;
}

/** One driver for each component of a line; percentages of other lines take theirs, in the same order. */
function driversOf(
  item: LineItem,
  before: readonly { item: LineItem; drivers: readonly Driver[] }[],
): readonly Driver[] {
  if (item.id === 'network') return item.components.map(() => 'requests' as const);
  if (item.components.length > 1 || item.id === 'duty' || item.id === 'tax' || item.id === 'support') {
    const bases = before.filter(({ item: base }) => CHARGED_ON[item.id]?.(base) ?? false);
    const drivers = bases.flatMap((base) => base.drivers);
    return item.components.map((_, index) => drivers[index] ?? 'installed');
  }
  const driver = ((): Driver => {
    switch (item.category) {
      case 'compute':
        return item.id === 'compute' || item.id === 'interruptions' ? 'rented' : 'bought';
      case 'electricity':
      case 'cooling':
        return 'powered';
      default:
        return 'installed';
    }
  })();
  return item.components.map(() => driver);
}

/** The lines that surcharges are charged on, as economics/surcharges.ts has them. */
const CHARGED_ON: Readonly<Record<string, (base: LineItem) => boolean>> = {
  support: ({ category }) => category === 'compute',
  duty: ({ id }) => /^compute\.(devices|servers|network|spares)$/.test(id),
  tax: ({ id, category }) => id === 'duty' || category !== 'tax',
};

const peakFactor = rangeFactor(
  PEAK_TO_MEAN.id,
  PEAK_TO_MEAN.kind,
  (PEAK_TO_MEAN.range?.low ?? PEAK_TO_MEAN.value) / PEAK_TO_MEAN.value,
  (PEAK_TO_MEAN.range?.high ?? PEAK_TO_MEAN.value) / PEAK_TO_MEAN.value,
  `${PEAK_TO_MEAN.reason} (${PEAK_TO_MEAN.source})`,
);

/** The band of utilization is that of time per request: what the load needs over what was planned. */
function needFactorsOf({ performance, assumptions }: FeasibleInference): UncertainFactor[] {
  const { p10, p50, p90, basis } = performance.utilizationAtPeak;
  const capacity =
    p50 > 0 && p90 > p10 ? [rangeFactor(`need/${basis.id}`, basis.kind, p10 / p50, p90 / p50, basis.description)] : [];
  return assumptions.some(({ id }) => id === PEAK_TO_MEAN.id) ? [...capacity, peakFactor] : capacity;
}

/** Requests a day that so many serving replicas carry within the cap of utilization. */
export const servingCapacity = (phase: ServingPhase, replicas: number): number =>
  (replicas / (phase.exactReplicas * phase.deviceTimeFactor)) * phase.baseRequestsPerDay;

/** A month at today's prices: what the devices cost whatever they do, and what each request adds, USD. */
export function monthlyCostAt(
  phase: ServingPhase,
  requestsPerDay: number,
): { readonly usd: number; readonly perRequest: number } {
  const [working, paid] = devicesFor(phase, requestsPerDay, 1);
  let usd = 0;
  let perDailyRequest = 0;
  for (const { driver, usdPerUnit } of phase.components) {
    if (driver === 'requests') perDailyRequest += usdPerUnit;
    else usd += usdPerUnit * (driver === 'powered' ? working : paid);
  }
  return { usd, perRequest: perDailyRequest / DAYS_PER_MONTH };
}
