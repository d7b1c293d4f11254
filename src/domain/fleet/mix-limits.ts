/** Limits that hold for a mix as a whole: money, energy and carbon a month, and what one's own hall takes. */
import { MAX_EDGE_DEVICES } from '../recommendation/constraints.ts';
import type { RecommendationConstraints } from '../recommendation/request.ts';
import { shareOf } from './fleet-program.ts';

type MixLimitName =
  | 'monthly_budget'
  | 'upfront_budget'
  | 'carbon'
  | 'energy'
  | 'edge_devices'
  | 'facility_power'
  | 'rack_space';

export interface MixLimit {
  readonly constraint: MixLimitName;
  /** JSON Pointer of the request field. */
  readonly field: string;
  readonly most: number;
  readonly unit: string;
}

/** What the machines of a pool, or all of a mix, take; null where no power figure is known. */
export interface MixUse {
  readonly usdPerMonth: number;
  readonly upfrontUsd: number;
  readonly facilityKilowattHours: number | null;
  readonly carbonKilograms: number | null;
  readonly edgeDevices: number;
  /** Of one's own hall: 0 for rented machines. */
  readonly facilityKilowatts: number | null;
  readonly racks: number | null;
}

const FIGURES: Readonly<Record<MixLimitName, (use: MixUse) => number | null>> = {
  monthly_budget: ({ usdPerMonth }) => usdPerMonth,
  upfront_budget: ({ upfrontUsd }) => upfrontUsd,
  carbon: ({ carbonKilograms }) => carbonKilograms,
  energy: ({ facilityKilowattHours }) => facilityKilowattHours,
  edge_devices: ({ edgeDevices }) => edgeDevices,
  facility_power: ({ facilityKilowatts }) => facilityKilowatts,
  rack_space: ({ racks }) => racks,
};

/** What a limit is on. A figure that nobody knows cannot be shown to stay within it. */
export const limitedFigure = ({ constraint }: Pick<MixLimit, 'constraint'>, use: MixUse): number =>
  FIGURES[constraint](use) ?? Number.POSITIVE_INFINITY;

/** How a figure grows: in steps of whole nodes and racks, or with every machine and request. */
export const growsInSteps = ({ constraint }: Pick<MixLimit, 'constraint'>): boolean =>
  constraint === 'facility_power' || constraint === 'rack_space';

/** Rounding of sums aside. */
const HAIR = 1e-9;
export const isWithin = ({ most }: Pick<MixLimit, 'most'>, actual: number): boolean =>
  actual <= most + HAIR * Math.abs(most);

/** How far beyond a limit a figure is, as a share of it; 0 within it. */
export const excessOf = (limit: Pick<MixLimit, 'most'>, actual: number): number =>
  isWithin(limit, actual) ? 0 : (actual - limit.most) / shareOf(limit.most);

/** @param edgeToo whether boards may be part of the mix, of which only so many serve together where the request does not say */
export function mixLimits(constraints: RecommendationConstraints, edgeToo: boolean): MixLimit[] {
  const { monthlyBudgetUsd, upfrontBudgetUsd, facility } = constraints;
  const limit = (constraint: MixLimitName, field: string, most: number | undefined, unit: string): MixLimit[] =>
    most === undefined ? [] : [{ constraint, field: `/constraints/${field}`, most, unit }];
  const usd = (amount: string | undefined): number | undefined => (amount === undefined ? undefined : Number(amount));
  return [
    ...limit('monthly_budget', 'monthlyBudgetUsd', usd(monthlyBudgetUsd), 'USD a month'),
    ...limit('upfront_budget', 'upfrontBudgetUsd', usd(upfrontBudgetUsd), 'USD'),
    ...limit('carbon', 'maxCarbonKilogramsPerMonth', constraints.maxCarbonKilogramsPerMonth, 'kg CO2e a month'),
    ...limit('energy', 'maxKilowattHoursPerMonth', constraints.maxKilowattHoursPerMonth, 'kWh a month'),
    ...limit(
      'edge_devices',
      'maxEdgeDevices',
      edgeToo ? (constraints.maxEdgeDevices ?? MAX_EDGE_DEVICES) : undefined,
      'devices',
    ),
    ...limit('facility_power', 'facility/maxKilowatts', facility?.maxKilowatts, 'kW'),
    ...limit('rack_space', 'facility/maxRacks', facility?.maxRacks, 'racks'),
  ];
}

export const sumOfUses = (uses: readonly MixUse[]): MixUse => {
  const known = (read: (use: MixUse) => number | null): number | null =>
    uses.reduce((sum: number | null, use) => {
      const figure = read(use);
      return sum === null || figure === null ? null : sum + figure;
    }, 0);
  const total = (read: (use: MixUse) => number): number => uses.reduce((sum, use) => sum + read(use), 0);
  return {
    usdPerMonth: total(({ usdPerMonth }) => usdPerMonth),
    upfrontUsd: total(({ upfrontUsd }) => upfrontUsd),
    facilityKilowattHours: known(({ facilityKilowattHours }) => facilityKilowattHours),
    carbonKilograms: known(({ carbonKilograms }) => carbonKilograms),
    edgeDevices: total(({ edgeDevices }) => edgeDevices),
    facilityKilowatts: known(({ facilityKilowatts }) => facilityKilowatts),
    racks: known(({ racks }) => racks),
  };
};
