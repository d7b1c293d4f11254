/**
 * Devices outside the data centre.
 * - `powerModes`, `speedInMode`, `speedAtPower`: power settings and what they leave of the speed; idle power and energy are
 *   domain/energy's (`devicePower`, `averageWatts`);
 * - `thermalState`: the fastest setting an ambient temperature and a supply allow;
 * - `memoryFit`: models beside each other in the memory of a module;
 * - `fleetFor`, `boundFleet`: how many devices, each with a queue of its own;
 * - `uploadSaving`, `offlineBuffer`, `updateTraffic`: the site's line;
 * - `edgeFleetCost`: owning it in the field.
 */
export { type BoundFleet, boundFleet, type DeviceWork, type FleetPlan, fleetFor } from './fleet.ts';
export {
  CONNECTIVITY_USD_PER_MONTH,
  type EdgeFleetQuery,
  edgeFleetCost,
  INSTALLATION_USD,
  USD_PER_VISIT,
  VISITS_PER_YEAR,
} from './fleet-cost.ts';
export { type MemoryFit, memoryFit, RESERVED_SHARE, type ResidentModel, RUNTIME_FACTOR } from './memory-fit.ts';
export { type PowerMode, powerModes, speedAtPower, speedInMode } from './power-mode.ts';
export {
  type Enclosure,
  FULL_POWER_AMBIENT_CELSIUS,
  sustainableWatts,
  THROTTLE_CELSIUS,
  type ThermalState,
  thermalState,
} from './thermal.ts';
export {
  gigabytesPerMonth,
  megabitsPerSecond,
  type OfflineBuffer,
  type OfflinePlan,
  offlineBuffer,
  type UpdatePlan,
  type UpdateTraffic,
  type UploadPlan,
  type UploadSaving,
  updateTraffic,
  uploadSaving,
} from './traffic.ts';
