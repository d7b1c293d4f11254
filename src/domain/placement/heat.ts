/** What heat and power modes leave of a device. */
import { atMost, type Check } from './check.ts';
import type { PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';

export interface Heat {
  /** Speed over full speed. */
  readonly speed: number;
  readonly checks: readonly Check[];
}

/** @returns full speed, and whether the power limit of the device is what it draws */
export function heatOf(
  _scenario: Scenario,
  { device, powerLimitWatts, pointer }: PlaceableDevice,
  _site: PlaceableSite,
): Heat {
  if (powerLimitWatts === null || device.tdpWatts === null) return { speed: 1, checks: [] };
  return {
    speed: 1,
    checks: [
      atMost('device_power', {
        detail: `${device.name} draws up to ${device.tdpWatts} W; ${powerLimitWatts} W are allowed.`,
        required: powerLimitWatts,
        actual: device.tdpWatts,
        unit: 'W',
        change: {
          field: `${pointer}/powerLimitWatts`,
          from: powerLimitWatts,
          to: device.tdpWatts,
          effect: 'it may draw what it needs',
        },
      }),
    ],
  };
}
