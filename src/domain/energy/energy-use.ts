/** From watts and hours to kilowatt-hours, money, carbon and water. */
import type { Grid } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { type AssumptionLog, estimated, exactly, type Quantity, transformed } from '../economics/assumption.ts';
import { type DraftItem, lineItem } from '../economics/line-item.ts';
import { rangeFactor, type UncertainFactor, type UncertainValue } from '../uncertainty/band.ts';
import { sumBand } from '../uncertainty/propagation.ts';
import { uncertainValue, widestBasis } from '../uncertainty/uncertain-value.ts';
import { GRAMS_PER_KILOGRAM, HOURS_PER_YEAR, WATTS_PER_KILOWATT } from '../units.ts';
import {
  EMBODIED_KG_PER_DEVICE,
  EMBODIED_KG_PER_EDGE_DEVICE,
  GRID_INTENSITY,
  NETWORK_POWER_PERCENT,
} from './defaults.ts';
import type { ElectricityPrice } from './electricity-price.ts';
import type { Pue } from './pue.ts';

export interface EnergyUse {
  /** Nodes and cluster network. */
  readonly itKilowattHours: Quantity;
  /** IT energy x (PUE - 1): cooling, power conversion, lighting. */
  readonly overheadKilowattHours: Quantity;
  readonly itBand: UncertainValue;
  readonly facilityBand: UncertainValue;
  readonly pue: number;
  /** Null where the water use of the site is unknown. */
  readonly waterLitres: number | null;
  readonly inputs: {
    readonly deviceHours: Quantity;
    readonly wattsPerDevice: Quantity;
    readonly networkShare: Quantity;
  };
}

interface EnergyQuery {
  readonly deviceHours: Quantity;
  /** At the wall of the node, per device. */
  readonly wattsPerDevice: Quantity;
  /** More than one node on a fabric: its switches are added. */
  readonly clustered: boolean;
  readonly networkPowerPercent?: number | undefined;
  readonly pue: Pue;
}

/** E_it = deviceHours x W / 1000 x (1 + network share), kWh. */
export const itKilowattHours = (deviceHours: number, wattsPerDevice: number, networkShare: number): number =>
  ((deviceHours * wattsPerDevice) / WATTS_PER_KILOWATT) * (1 + networkShare);

/** The IT energy and E_facility = E_it x PUE, with their bands. */
export function energyUse(query: EnergyQuery, log: AssumptionLog): EnergyUse {
  const { deviceHours, wattsPerDevice, pue } = query;
  const networkShare = query.clustered
    ? transformed(
        log.resolve(query.networkPowerPercent, NETWORK_POWER_PERCENT),
        NETWORK_POWER_PERCENT,
        'of node power',
        (percent) => percent / 100,
      )
    : exactly(0, 'of node power', 'one node: no cluster network');
  const it = itKilowattHours(deviceHours.value, wattsPerDevice.value, networkShare.value);
  // the share's own range moves the total by a few percent: covered by that of the node power
  const itFactors = [...new Set([...deviceHours.factors, ...wattsPerDevice.factors])];
  const overheadFactors = [...new Set([...itFactors, ...pue.overhead.factors])];
  const overhead = it * pue.overhead.value;
  return {
    itKilowattHours: estimated(it, 'kWh', 'deviceHours x wattsPerDevice / 1000 x (1 + networkShare)', itFactors),
    overheadKilowattHours: estimated(overhead, 'kWh', 'itKilowattHours x (PUE - 1)', overheadFactors),
    // sampling a band takes longer than all the rest, and who compares costs needs none
    get itBand() {
      return uncertainValue(it, itFactors);
    },
    get facilityBand() {
      const items = [
        { amount: it, factors: itFactors },
        { amount: overhead, factors: overheadFactors },
      ];
      return { ...sumBand(items), basis: widestBasis(itFactors) };
    },
    pue: pue.value,
    waterLitres: pue.waterLitresPerKwh === null ? null : it * pue.waterLitresPerKwh,
    inputs: { deviceHours, wattsPerDevice, networkShare: { ...networkShare, factors: [] } },
  };
}

/**
 * Electricity of the IT equipment and of its cooling as two items. Only for hardware that the caller owns and powers:
 * a rental and a colocation contract with power included have paid for it.
 */
export function electricityItems(use: EnergyUse, pue: Pue, electricity: ElectricityPrice): DraftItem[] {
  return [
    lineItem({
      id: 'electricity',
      label: 'Electricity of servers and cluster network',
      category: 'electricity',
      formula: 'deviceHours x wattsPerDevice / 1000 x (1 + networkShare) x electricityPrice',
      quantity: use.itKilowattHours.value,
      unitAmount: electricity.usdPerKwh,
      currency: 'USD',
      inputs: { ...use.inputs, electricityPrice: electricity.quantity },
    }),
    lineItem({
      id: 'cooling',
      label: 'Electricity of cooling and power conversion',
      category: 'cooling',
      formula: 'itKilowattHours x (PUE - 1) x electricityPrice',
      quantity: use.overheadKilowattHours.value,
      unitAmount: electricity.usdPerKwh,
      currency: 'USD',
      inputs: {
        itKilowattHours: use.itKilowattHours,
        pueOverhead: pue.overhead,
        electricityPrice: electricity.quantity,
      },
    }),
  ];
}

interface CarbonUse {
  /** Grid emissions of the facility's energy; the band covers the spread of the sources. */
  readonly operationalKilograms: UncertainValue;
  readonly gramsCo2ePerKwh: number;
  readonly grid: Grid | null;
  /** Making the hardware, for the share of its life that the work takes. */
  readonly embodiedKilograms: UncertainValue;
}

interface CarbonQuery {
  readonly use: EnergyUse;
  readonly device: Device;
  /** Years over which the making of the hardware is spread, and the share of them that it works. */
  readonly usefulLifeYears: number;
  readonly country?: string | undefined;
  /** Grid zone id ("AU-NSW") where known; wins over the country. */
  readonly gridZone?: string | undefined;
  /** The caller's own figures. */
  readonly gridGramsCo2ePerKwh?: number | undefined;
  readonly embodiedKilogramsPerDevice?: number | undefined;
}

/** Single sources of grid intensity differ by 10-45 % (Ember, Electricity Maps, national figures). */
const GRID_SPREAD = 0.1;

export function carbonUse(snapshot: CatalogSnapshot, query: CarbonQuery, log: AssumptionLog): CarbonUse {
  const { use, device } = query;
  const grid =
    (query.gridZone === undefined ? undefined : snapshot.grid(query.gridZone)) ??
    (query.country === undefined ? undefined : snapshot.grid(query.country)) ??
    null;
  const given = query.gridGramsCo2ePerKwh;
  const intensity =
    grid === null || given !== undefined ? log.resolve(given, GRID_INTENSITY) : gridIntensity(grid, log);
  const kilograms = (kilowattHours: number): number => (kilowattHours * intensity.value) / GRAMS_PER_KILOGRAM;
  const withGrid = (factors: readonly UncertainFactor[]): UncertainFactor[] => [...factors, ...intensity.factors];
  const items = [use.itKilowattHours, use.overheadKilowattHours].map(({ value, factors }) => ({
    amount: kilograms(value),
    factors: withGrid(factors),
  }));
  const perDevice = log.resolve(
    query.embodiedKilogramsPerDevice,
    device.class === 'edge' ? EMBODIED_KG_PER_EDGE_DEVICE : EMBODIED_KG_PER_DEVICE,
  );
  const { deviceHours } = use.inputs;
  const embodied = (perDevice.value * deviceHours.value) / (query.usefulLifeYears * HOURS_PER_YEAR);
  return {
    get operationalKilograms() {
      return { ...sumBand(items), basis: widestBasis(items.flatMap((item) => item.factors)) };
    },
    gramsCo2ePerKwh: intensity.value,
    grid,
    get embodiedKilograms() {
      return uncertainValue(embodied, [...perDevice.factors, ...deviceHours.factors]);
    },
  };
}

function gridIntensity(grid: Grid, log: AssumptionLog): Quantity {
  const value = grid.gramsCo2ePerKwh;
  const low = Math.min(grid.lowGramsCo2ePerKwh, value * (1 - GRID_SPREAD));
  const high = Math.max(grid.highGramsCo2ePerKwh, value * (1 + GRID_SPREAD));
  const id = `energy.grid_grams_per_kwh.${grid.id}`;
  const source = `${grid.source}${grid.year === null ? '' : `, ${grid.year}`}`;
  log.add({
    id,
    field: GRID_INTENSITY.field,
    value,
    unit: 'g CO2e/kWh',
    range: { low, high },
    source,
    reason: `Carbon intensity of the grid of ${grid.name}, life-cycle basis; the range is that of the sources kept`,
  });
  const factors =
    value > 0 && low > 0
      ? [rangeFactor(id, 'sourced', low / value, high / value, `Grid of ${grid.name}: ${source}`)]
      : [];
  return { value, unit: 'g CO2e/kWh', source, factors, assumptionId: id };
}
