/** The device that a request names, by catalog id or by its figures. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { refuse } from './request-fault.ts';
import { catalogDevice, customDevice } from './resolve-device.ts';
import type { CustomDevice, Purchase } from './selectors.ts';

export interface DeviceSelector {
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  readonly purchase?: Purchase;
}

/** @throws RequestFaultError for unknown ids, both kinds of device at once, or a device that no price can be found for. */
export function namedDevice(snapshot: CatalogSnapshot, request: DeviceSelector): Device | null {
  const { device, customDevice: custom, purchase } = request;
  if (device !== undefined && custom !== undefined) {
    refuse('/customDevice', 'exclusive', 'Give either device or customDevice, not both.');
  }
  if (custom !== undefined) {
    if (purchase?.usdPerDeviceHour === undefined && purchase?.owned?.purchasePricePerDevice === undefined) {
      refuse(
        '/purchase',
        'required',
        'The catalog has no price of a device of your own: give purchase.usdPerDeviceHour, or category owned with purchasePricePerDevice.',
      );
    }
    return customDevice(custom);
  }
  if (device !== undefined) return catalogDevice(snapshot, device, '/device');
  if (purchase?.usdPerDeviceHour !== undefined || purchase?.owned?.purchasePricePerDevice !== undefined) {
    refuse('/device', 'required', 'A price of your own applies to one device: name it as device or customDevice.');
  }
  return null;
}
