/** Power and energy of a performance point, before any site is chosen. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import {
  averageWatts,
  type DevicePower,
  devicePower,
  itKilowattHours,
  NETWORK_POWER_PERCENT,
} from '../../energy/index.ts';
import type { SiteFacts } from '../../estimate/selectors.ts';
import type { PerformancePoint } from './performance-point.ts';

/** Powers of devices while serving, each worked out once; null where no figure is known. */
export function servingPowers(snapshot: CatalogSnapshot): (device: Device) => DevicePower | null {
  const powers = new Map<string, DevicePower | null>();
  return (device) => {
    const known = powers.get(device.id);
    if (known !== undefined) return known;
    const power = devicePower(device, snapshot.systemsOfDevice(device.id), 'inference');
    powers.set(device.id, power);
    return power;
  };
}

/** Energy of servers and their network in a month, kWh: devices that come with whole instances idle. Null without a power figure. */
export function pointKilowattHours(
  { power, devices, paidHours, meanUtilization, clustered }: PerformancePoint,
  devicesPaid: number,
  facts: SiteFacts | undefined,
): number | null {
  if (power === null) return null;
  const networkShare = clustered ? (facts?.networkPowerPercent ?? NETWORK_POWER_PERCENT.value) / 100 : 0;
  const watts = averageWatts(power, (meanUtilization * devices) / devicesPaid).value;
  return itKilowattHours(devicesPaid * paidHours, watts, networkShare);
}
