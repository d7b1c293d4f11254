/** The device that a request names, in the power mode that it asks for. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { inPowerMode, type PowerMode, powerModesOf } from '../devices/power-modes.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import { namedDevice } from '../estimate/named-device.ts';
import { refuse } from '../estimate/request-fault.ts';
import type { InferenceRequest } from './request.ts';
import { appMemory, withAppMemory } from './user-devices/user-devices.ts';

export interface AskedDevice {
  /** As it runs. */
  readonly device: Device;
  /** As the catalog has it. */
  readonly full: Device;
  readonly mode: PowerMode | null;
}

/** @throws RequestFaultError for unknown ids, and power modes that the device has not. */
export function askedDevice(snapshot: CatalogSnapshot, request: InferenceRequest): AskedDevice | null {
  const named = namedDevice(snapshot, request);
  const full = named === null ? null : asItsAppSeesIt(named, request);
  const watts = request.serving?.powerWatts;
  if (watts === undefined) return full === null ? null : { device: full, full, mode: null };
  const pointer = '/serving/powerWatts';
  if (full === null)
    return refuse(
      pointer,
      'contradiction',
      'Power modes differ by board: name one as device, or leave powerWatts out.',
    );
  const modes = powerModesOf(full);
  const mode = modes.find((one) => one.watts === watts);
  if (mode !== undefined) return { device: inPowerMode(full, mode), full, mode };
  const message =
    modes.length === 0
      ? `No power modes of ${full.name} are known; leave powerWatts out.`
      : `${full.name} runs at ${modes.map((one) => one.watts).join(', ')} W; choose one of them.`;
  return refuse(pointer, 'choice', message);
}

/** A device that belongs to a user leaves an app only part of its memory. The answer notes the defaults, so that they are not logged here. */
function asItsAppSeesIt(device: Device, { userDevices }: InferenceRequest): Device {
  return userDevices === undefined
    ? device
    : withAppMemory(device, appMemory(device, userDevices, new AssumptionLog()));
}
