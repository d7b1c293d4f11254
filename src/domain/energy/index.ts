/** Power, energy, electricity, cooling, carbon and racks. */
export { GRID_INTENSITY, NETWORK_POWER_PERCENT } from './defaults.ts';
export { type ElectricityPrice, electricityPrice } from './electricity-price.ts';
export {
  type CarbonUse,
  carbonUse,
  type EnergyUse,
  electricityItems,
  energyUse,
  itKilowattHours,
} from './energy-use.ts';
export { type Activity, averageWatts, type DevicePower, devicePower } from './power.ts';
export { type CoolingClass, type Pue, pueFor } from './pue.ts';
export { coolingClassFor, RACK_COOLING_LIMITS_KILOWATTS, type RackPlan, rackPlan } from './rack-plan.ts';
export { drawPerTdpWatt, runPerTdpWatt, steppingShare, type TrainingDraw, trainingWatts } from './training-draw.ts';
