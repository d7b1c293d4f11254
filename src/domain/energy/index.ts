/** Power, energy, electricity, cooling, carbon and racks. */
export { GRID_INTENSITY, NETWORK_POWER_PERCENT } from './defaults.ts';
export { electricityPrice } from './electricity-price.ts';
export { carbonUse, type EnergyUse, electricityItems, energyUse, itKilowattHours } from './energy-use.ts';
export { type Activity, averageWatts, type DevicePower, devicePower } from './power.ts';
export { type Pue, pueFor } from './pue.ts';
export { coolingClassFor, type RackPlan, rackPlan } from './rack-plan.ts';
export { drawPerTdpWatt, runPerTdpWatt, steppingShare, trainingWatts } from './training-draw.ts';
