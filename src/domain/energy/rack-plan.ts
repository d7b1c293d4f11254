/** Racks, their cooling, and the power the facility has to supply. */
import type { Device, SystemSpec } from '../devices/device.ts';
import { soldByTheNode } from '../devices/sold-by-the-node.ts';
import { type AssumptionLog, type Quantity, sourcedDefault } from '../economics/assumption.ts';
import { WATTS_PER_KILOWATT } from '../units.ts';
import type { CoolingClass } from './pue.ts';

/**
 * What a rack of each cooling class can carry away, kW: plain air about 30 (up to 50 with good containment), rear-door
 * heat exchangers 30-50, direct liquid with air for the rest 60-80, all-liquid racks 120-132 (aidatacenterguide.com,
 * factryze.ai, mp-is.eu; NVIDIA GB200 NVL72 120-132 kW).
 */
export const RACK_COOLING_LIMITS_KILOWATTS: readonly { readonly coolingClass: CoolingClass; readonly limit: number }[] =
  [
    { coolingClass: 'air', limit: 30 },
    { coolingClass: 'rear_door', limit: 50 },
    { coolingClass: 'direct_liquid', limit: 80 },
    { coolingClass: 'full_liquid', limit: 140 },
  ];

const RACK_KILOWATTS = sourcedDefault({
  id: 'facility.rack_kilowatts',
  field: '/site/rackKilowatts',
  value: 40,
  unit: 'kW per rack',
  range: { low: 30, high: 80 },
  kind: 'sourced',
  source: 'usual 40-80 kW per accelerator rack; the lower end, because more needs liquid cooling',
  reason: 'No rack power was given',
});

/** Height units: 42 less 4 for switches and power; 8-accelerator air-cooled nodes take 8U (DGX H100), liquid-cooled 4U, small servers 2U. */
const USABLE_RACK_UNITS = 38;
const NODE_RACK_UNITS = { large: 8, largeLiquid: 4, small: 2 };
/** More than that in one system is a rack or a pod, whose catalog power is that of the whole. */
const SERVER_DEVICES = 16;
/** A node of this power is one of the 8U kind. */
const LARGE_NODE_KILOWATTS = 4;

export interface RackPlan {
  readonly devicesPerNode: number;
  readonly nodes: number;
  readonly nodesPerRack: number;
  readonly racks: number;
  readonly nodeKilowatts: number;
  /** Of a full rack, at the most its nodes draw. */
  readonly kilowattsPerRack: number;
  readonly rackBudgetKilowatts: number;
  readonly coolingClass: CoolingClass;
  /** Most the IT equipment draws. */
  readonly itKilowatts: number;
  /** itKilowatts x PUE: what the utility connection must carry. */
  readonly facilityKilowatts: number;
  /** False where one node alone is above the rack budget, or above what any cooling class carries away. */
  readonly fits: boolean;
  readonly reason: string | null;
}

interface RackQuery {
  readonly devices: number;
  readonly device: Device;
  /** The server or pod the devices come in; null: `device.devicesPerNode` per node. */
  readonly system: SystemSpec | null;
  readonly maxWattsPerDevice: Quantity;
  readonly rackKilowatts?: number | undefined;
}

/** Cooling of the least effort that carries the rack's power; null where none does. */
export const coolingClassFor = (kilowattsPerRack: number): CoolingClass | null =>
  RACK_COOLING_LIMITS_KILOWATTS.find(({ limit }) => kilowattsPerRack <= limit)?.coolingClass ?? null;

/** @param pueOf the PUE of a hall with that cooling: the plan decides the cooling, the cooling the PUE. */
export function rackPlan(query: RackQuery, pueOf: (cooling: CoolingClass) => number, log: AssumptionLog): RackPlan {
  const { devices, device, system } = query;
  const isServer = system !== null && system.deviceCount <= SERVER_DEVICES;
  const rackSystem = system === null || isServer ? null : system.rackWatts;
  const devicesPerNode =
    system !== null && (isServer || rackSystem !== null) ? system.deviceCount : Math.max(1, device.devicesPerNode);
  const nodes = Math.ceil(devices / devicesPerNode);
  // a node that comes whole may be asked for all of its power
  const devicesInNode = soldByTheNode(device) ? devicesPerNode : Math.min(devicesPerNode, devices);
  const nodeKilowatts = (rackSystem ?? devicesInNode * query.maxWattsPerDevice.value) / WATTS_PER_KILOWATT;
  if (device.class === 'edge') return edgePlan(devices, devicesPerNode, nodes, nodeKilowatts);

  const given = query.rackKilowatts;
  const rackBudgetKilowatts =
    given ?? (rackSystem !== null ? nodeKilowatts : log.resolve(undefined, RACK_KILOWATTS).value);
  const byPower = Math.floor(rackBudgetKilowatts / nodeKilowatts);
  const nodesPerRack = Math.max(
    1,
    Math.min(byPower, rackSystem !== null ? 1 : byHeight(nodeKilowatts, system, rackBudgetKilowatts)),
  );
  const kilowattsPerRack = Math.min(nodesPerRack, nodes) * nodeKilowatts;
  const cooling = coolingClassFor(kilowattsPerRack);
  const coolingClass = cooling ?? 'full_liquid';
  const itKilowatts = nodes * nodeKilowatts;
  const reason =
    byPower < 1
      ? `One node draws up to ${round(nodeKilowatts)} kW; the rack may draw ${round(rackBudgetKilowatts)} kW.`
      : cooling === null
        ? `A rack of ${round(kilowattsPerRack)} kW is above what any cooling class here carries away.`
        : null;
  return {
    devicesPerNode,
    nodes,
    nodesPerRack,
    racks: Math.ceil(nodes / nodesPerRack),
    nodeKilowatts,
    kilowattsPerRack,
    rackBudgetKilowatts,
    coolingClass,
    itKilowatts,
    facilityKilowatts: itKilowatts * pueOf(coolingClass),
    fits: reason === null,
    reason,
  };
}

/** Edge devices stand where they work: no racks, cooled by the air around them. */
function edgePlan(devices: number, devicesPerNode: number, nodes: number, nodeKilowatts: number): RackPlan {
  const itKilowatts = (nodeKilowatts / Math.min(devicesPerNode, Math.max(devices, 1))) * devices;
  return {
    devicesPerNode,
    nodes,
    nodesPerRack: 0,
    racks: 0,
    nodeKilowatts,
    kilowattsPerRack: 0,
    rackBudgetKilowatts: 0,
    coolingClass: 'passive',
    itKilowatts,
    facilityKilowatts: itKilowatts,
    fits: true,
    reason: null,
  };
}

function byHeight(nodeKilowatts: number, system: SystemSpec | null, rackBudgetKilowatts: number): number {
  if (nodeKilowatts < LARGE_NODE_KILOWATTS) return Math.floor(USABLE_RACK_UNITS / NODE_RACK_UNITS.small);
  const liquid = system?.cooling?.includes('liquid') === true || rackBudgetKilowatts > 50;
  return Math.floor(USABLE_RACK_UNITS / (liquid ? NODE_RACK_UNITS.largeLiquid : NODE_RACK_UNITS.large));
}

const round = (value: number): number => Math.round(value * 10) / 10;
