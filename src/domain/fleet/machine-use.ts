/**
 * What machines of a mix take of its limits: worked out for a pool by the site report that an estimate of the same machines has, and
 * for the integer program as slopes and steps of those same figures.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog, exactly } from '../economics/assumption.ts';
import { type Site, siteReport } from '../estimate/site-report.ts';
import type { InferenceRecommendationRequest } from '../recommendation/request.ts';
import { GRAMS_PER_KILOGRAM, HOURS_PER_MONTH } from '../units.ts';
import type { FleetStep } from './fleet-program.ts';
import type { FleetMachine } from './machine-types.ts';
import { growsInSteps, limitedFigure, type MixLimit, type MixUse } from './mix-limits.ts';

/** What one more machine, and one more replica busy at the peak hour, add to each limit. */
export interface Slopes {
  readonly perMachine: readonly number[];
  readonly perBusyReplica: readonly number[];
}

interface PoolSite {
  readonly use: MixUse;
  /** Of one's own hall; null for rented machines. */
  readonly coolingClass: string | null;
}

/** Counts of machines beyond which steps are merged: each of the hall's steps is a variable of the program. */
const MOST_STEPS = 200;
/** A larger count may be cooled with less effort, but never with half of the power. */
const FAR_BEYOND = 2;

export class MachineUse {
  readonly #snapshot: CatalogSnapshot;
  readonly #request: InferenceRecommendationRequest;
  /** Mean load of the month over that of the peak hour. */
  readonly #meanOverPeak: number;
  readonly #quiet = new AssumptionLog();

  constructor(snapshot: CatalogSnapshot, request: InferenceRecommendationRequest, meanOverPeak: number) {
    this.#snapshot = snapshot;
    this.#request = request;
    this.#meanOverPeak = meanOverPeak;
  }

  /** @param busyReplicas at the peak hour, of those that serve */
  ofPool(machine: FleetMachine, machines: number, busyReplicas: number): PoolSite {
    const { option, devicesPerMachine, usdPerHour } = machine;
    const site = this.#siteOf(machine, machines, busyReplicas);
    const { itKilowattHours, overheadKilowattHours } = site?.energy ?? {};
    const kilowattHours =
      itKilowattHours === undefined || overheadKilowattHours === undefined
        ? null
        : itKilowattHours.value + overheadKilowattHours.value;
    const owned = option.category === 'owned';
    return {
      use: {
        usdPerMonth: machines * usdPerHour * HOURS_PER_MONTH,
        upfrontUsd: (option.upfrontUsd / option.devicesPaid) * devicesPerMachine * machines,
        facilityKilowattHours: kilowattHours,
        carbonKilograms:
          site === null || kilowattHours === null ? null : (kilowattHours * site.gramsCo2ePerKwh) / GRAMS_PER_KILOGRAM,
        edgeDevices: option.point.device.class === 'edge' ? devicesPerMachine * machines : 0,
        facilityKilowatts: owned ? (site?.rackReport.facilityKilowatts ?? null) : 0,
        racks: owned ? (site?.rackReport.racks ?? null) : 0,
      },
      coolingClass: owned ? (site?.rackReport.coolingClass ?? null) : null,
    };
  }

  /** Of the limits that grow with every machine and request; 0 for those that grow in steps. @param machines about as many as there will be */
  slopes(machine: FleetMachine, limits: readonly MixLimit[], machines: number): Slopes {
    const replicas = machines * machine.replicasPerMachine;
    const idle = this.ofPool(machine, machines, 0).use;
    const busy = this.ofPool(machine, machines, replicas).use;
    const smooth = (read: (limit: MixLimit) => number): number[] =>
      limits.map((limit) => (growsInSteps(limit) ? 0 : read(limit)));
    return {
      perMachine: smooth((limit) => limitedFigure(limit, idle) / machines),
      perBusyReplica: smooth((limit) => {
        const [none, all] = [limitedFigure(limit, idle), limitedFigure(limit, busy)];
        return none === Number.POSITIVE_INFINITY ? 0 : (all - none) / replicas;
      }),
    };
  }

  /**
   * Counts of owned machines that the hall takes, with what each takes of the limits that grow in steps; null where the hall has no
   * limits or the machine is rented.
   */
  steps(machine: FleetMachine, limits: readonly MixLimit[], mostMachines: number): FleetStep[] | null {
    const facility = this.#request.constraints?.facility;
    if (facility === undefined || machine.option.category !== 'owned') return null;
    const steps: FleetStep[] = [];
    let count = 1;
    for (let from = 1; from <= mostMachines; from = count + 1) {
      count = endOfStep(from, mostMachines);
      const { use, coolingClass } = this.ofPool(machine, count, 0);
      const allowed =
        facility.coolingClasses === undefined ||
        (coolingClass !== null && (facility.coolingClasses as readonly string[]).includes(coolingClass));
      const beyond = limits.some(
        (limit) => growsInSteps(limit) && limitedFigure(limit, use) > FAR_BEYOND * Math.max(limit.most, 1),
      );
      if (beyond) break;
      if (!allowed) continue;
      const uses = limits.map((limit) => (growsInSteps(limit) ? limitedFigure(limit, use) : 0));
      const last = steps.at(-1);
      if (last !== undefined && last.to === from - 1 && last.uses.every((value, index) => value === uses[index])) {
        steps[steps.length - 1] = { ...last, to: count };
      } else steps.push({ from, to: count, uses });
    }
    return merged(steps);
  }

  #siteOf({ option, devicesPerMachine }: FleetMachine, machines: number, busyReplicas: number): Site | null {
    const { point, providerId, regionId, country, category } = option;
    const devices = machines * devicesPerMachine;
    return siteReport(
      this.#snapshot,
      {
        providerId,
        regionId,
        country,
        device: point.device,
        devices,
        activity: 'inference',
        utilization: (busyReplicas * this.#meanOverPeak * point.devicesPerReplica) / devices,
        deviceHours: exactly(devices * HOURS_PER_MONTH, 'device-hours'),
        clustered: point.clustered,
        owned: category === 'owned' ? (this.#request.purchase?.owned ?? {}) : null,
        facts: this.#request.inference.site,
      },
      this.#quiet,
    );
  }
}

/** Beyond a thousand machines one is no difference: a step is a hundredth, and takes what its last machine does. */
const COUNTED_ONE_BY_ONE = 1000;
const endOfStep = (from: number, most: number): number =>
  from < COUNTED_ONE_BY_ONE ? from : Math.min(Math.floor(from * 1.01), most);

/** Neighbouring steps as one, which takes what the larger of them does. */
function merged(steps: readonly FleetStep[]): FleetStep[] {
  const together = Math.ceil(steps.length / MOST_STEPS);
  if (together <= 1) return [...steps];
  const found: FleetStep[] = [];
  for (const step of steps) {
    const last = found.at(-1);
    const size = last === undefined ? 0 : last.to - last.from + 1;
    if (last !== undefined && last.to === step.from - 1 && size < together * (step.to - step.from + 1)) {
      found[found.length - 1] = {
        from: last.from,
        to: step.to,
        uses: last.uses.map((use, index) => Math.max(use, step.uses[index] as number)),
      };
    } else found.push(step);
  }
  return found;
}
