/**
 * Devices outside the data centre.
 * - `powerModes`, `speedInMode`, `speedAtPower`: power settings and how fast each lets the device run; power at idle and
 *   energy are in domain/energy (`devicePower`, `averageWatts`);
 * - `thermalState`: the fastest setting that an ambient temperature and a power supply allow;
 * - `uploadSaving`, `offlineBuffer`, `updateTraffic`: what crosses the line of the site, and what waits while it is down;
 * - `edgeFleetCost`: the cost of owning the devices in the field.
 */
export { edgeFleetCost } from './fleet-cost.ts';
export { powerModes, speedAtPower, speedInMode } from './power-mode.ts';
export { FULL_POWER_AMBIENT_CELSIUS, sustainableWatts, THROTTLE_CELSIUS, thermalState } from './thermal.ts';
export { offlineBuffer, type UpdateTraffic, updateTraffic, uploadSaving } from './traffic.ts';
