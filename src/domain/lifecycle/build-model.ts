/** From the answers of the training and inference estimates to the model that is simulated. */
import { type AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import type { CostCategory, LineItem } from '../economics/line-item.ts';
import { USD_PER_ENGINEER_YEAR } from '../economics/people-cost.ts';
import type { FeasibleTraining } from '../training/estimate-result.ts';
import type { UncertainFactor } from '../uncertainty/band.ts';
import { MONTHS_PER_YEAR } from '../units.ts';
import { staffDefault } from './defaults.ts';
import { type Demand, loadRatio } from './demand.ts';
import { FactorTable } from './factor-table.ts';
import type { Retraining, Rollout, Staff } from './request.ts';
import type { ServingPhase } from './serving-phase.ts';
import type { LifecycleModel, OneOff, PhaseModel, Recurring } from './simulate.ts';

export type LifecyclePart = 'training' | 'retraining' | 'inference' | 'staff' | 'rollouts';

export interface ModelLine {
  readonly id: string;
  readonly label: string;
  readonly part: LifecyclePart;
  readonly category: CostCategory;
  /** Uncertain factors of the line, for its bases. */
  readonly factors: Set<UncertainFactor>;
}

export interface BuiltModel {
  readonly model: LifecycleModel;
  readonly lines: readonly ModelLine[];
  readonly table: FactorTable;
}

interface ModelParts {
  readonly months: number;
  readonly demand: Demand;
  /** Best estimate: load of a year over that of the year before. */
  readonly growth: number;
  /** Of the first month of service as it was asked; decides how many people run it. */
  readonly usdPerMonth: number;
  readonly training: FeasibleTraining | null;
  readonly retraining: Retraining | null;
  /** The bill of one retraining; null where there is none. */
  readonly retrainingBill: readonly LineItem[] | null;
  readonly phases: readonly ServingPhase[];
  readonly rollouts: readonly Rollout[];
  readonly staff: Staff;
}

const LABELS: Readonly<Record<LifecyclePart, string>> = {
  training: 'Training',
  retraining: 'Retraining',
  inference: 'Serving',
  staff: 'People who run the service',
  rollouts: 'Rolling out changes',
};

/** Lines of a training bill that cost less when hardware does. */
const HARDWARE_CATEGORIES: readonly CostCategory[] = ['compute', 'experiments'];

export function buildModel(parts: ModelParts, log: AssumptionLog): BuiltModel {
  const table = new FactorTable();
  const lines: ModelLine[] = [];
  const lineOf = (part: LifecyclePart, category: CostCategory, factors: readonly UncertainFactor[]): number => {
    const id = part === 'staff' || part === 'rollouts' ? part : `${part}.${category}`;
    let index = lines.findIndex((line) => line.id === id);
    if (index < 0) {
      const label = part === 'staff' || part === 'rollouts' ? LABELS[part] : `${LABELS[part]}: ${category}`;
      index = lines.push({ id, label, part, category, factors: new Set() }) - 1;
    }
    for (const factor of factors) (lines[index] as ModelLine).factors.add(factor);
    return index;
  };

  const oneOffs: OneOff[] = [];
  const pay = (part: 'training' | 'retraining', items: readonly LineItem[], month: number, owned: boolean): void => {
    for (const item of items) {
      for (const { amount, factors } of item.components) {
        const priced = HARDWARE_CATEGORIES.includes(item.category) ? (owned ? 'bought' : 'rented') : null;
        oneOffs.push({
          line: lineOf(part, item.category, factors),
          month,
          usd: amount,
          powers: table.powersOf(factors),
          priced: part === 'training' ? null : priced,
        });
      }
    }
  };
  const owned = parts.training?.cluster.ownership === 'owned';
  if (parts.training !== null) pay('training', parts.training.cost.lineItems, 0, owned);
  if (parts.retraining !== null && parts.retrainingBill !== null) {
    const { everyMonths } = parts.retraining;
    // one that falls on the end of the horizon belongs to what comes after
    for (let month = everyMonths + 1; month <= parts.months; month += everyMonths) {
      pay('retraining', parts.retrainingBill, month, owned);
    }
  }

  const phases = phaseModels(parts.phases, table, (category, factors) => lineOf('inference', category, factors));
  const recurring = [staffOf(parts, table, (factors) => lineOf('staff', 'people', factors), log)];
  for (const { oneTimeUsd, fromMonth } of parts.rollouts) {
    if (oneTimeUsd === undefined) continue;
    oneOffs.push({
      line: lineOf('rollouts', 'people', []),
      month: fromMonth,
      usd: Number(oneTimeUsd),
      powers: [],
      priced: null,
    });
  }
  return {
    model: {
      months: parts.months,
      lines: lines.length,
      demand: parts.demand,
      ...phases,
      oneOffs,
      recurring,
    },
    lines,
    table,
  };
}

function phaseModels(
  phases: readonly ServingPhase[],
  table: FactorTable,
  lineOf: (category: CostCategory, factors: readonly UncertainFactor[]) => number,
): Pick<LifecycleModel, 'phases' | 'fleetTerms'> {
  const fleets: Fleet[] = [];
  const models = phases.map((phase): PhaseModel => {
    return {
      phase,
      fleet: fleetOf(phase, fleets),
      needPowers: table.powersOf(phase.needFactors),
      components: phase.components.map(({ category, driver, usdPerUnit, factors }) => ({
        line: lineOf(category, [...factors, ...(driver === 'requests' ? [] : phase.needFactors)]),
        driver,
        usdPerUnit,
        powers: table.powersOf(factors),
      })),
    };
  });
  return { phases: models, fleetTerms: fleets.map(({ term }) => term) };
}

interface Fleet {
  readonly key: string;
  readonly term: number;
  /** USD a month for a rented device. */
  readonly rent: number;
  /** Of its smallest instances or servers, which have so many devices. */
  sku: string | null;
  devices: number;
}

/**
 * What has been taken serves on while its term runs: in instances of another size too, where a device costs the same and a
 * replica finds its devices within one of them.
 */
function fleetOf(phase: ServingPhase, fleets: Fleet[]): number {
  const { estimate, termMonths, devicesPerReplica, devicesPerInstance: devices } = phase;
  const { deviceId, ownership, providerId, regionId, sku } = estimate.deployment;
  const key = [deviceId, ownership, providerId, regionId, termMonths].join(' ');
  const rent = phase.components.reduce(
    (sum, { driver, usdPerUnit }) => sum + (driver === 'rented' ? usdPerUnit : 0),
    0,
  );
  const holds = (fleet: Fleet): boolean =>
    fleet.sku === sku || (fleet.devices % devicesPerReplica === 0 && Math.abs(fleet.rent / rent - 1) < SAME_RENT);
  const found = fleets.findIndex((fleet) => fleet.key === key && holds(fleet));
  const fleet = fleets[found];
  if (fleet === undefined) return fleets.push({ key, term: termMonths, rent, sku, devices }) - 1;
  if (devices < fleet.devices) Object.assign(fleet, { sku, devices });
  return found;
}

/** Amounts of a month are rounded to a hundredth of a cent. */
const SAME_RENT = 1e-6;

/** People follow the load at its best estimate, and no decision on format, device or terms. */
function staffOf(
  { staff, months, demand, growth, usdPerMonth }: ModelParts,
  table: FactorTable,
  lineOf: (factors: readonly UncertainFactor[]) => number,
  log: AssumptionLog,
): Recurring {
  const engineers = log.resolve(staff.engineers, staffDefault(usdPerMonth));
  const cost: Quantity =
    staff.usdPerEngineerYear === undefined
      ? log.resolve(undefined, USD_PER_ENGINEER_YEAR, '/staff/usdPerEngineerYear')
      : exactly(staff.usdPerEngineerYear, 'USD per engineer and year');
  const factors = [...engineers.factors, ...cost.factors];
  const engineersIn = (month: number): number =>
    staff.engineers ?? staffDefault(usdPerMonth * loadRatio(demand, month, growth)).value;
  return {
    line: lineOf(factors),
    usdByMonth: Float64Array.from({ length: months + 1 }, (_, month) =>
      month === 0 ? 0 : (engineersIn(month) * cost.value) / MONTHS_PER_YEAR,
    ),
    powers: table.powersOf(factors),
  };
}
