/** Settings of a module that trade speed for power, and what an arbitrary power limit leaves of its speed. */
import type { Device } from '../devices/device.ts';
import { powerModesOf } from '../devices/power-modes.ts';

export interface PowerMode {
  /** "30w"; "full" with every limit released. */
  readonly id: string;
  /** Budget of the module. */
  readonly watts: number;
  /** Of the peak at full power. */
  readonly computeShare: number;
  /** Of the memory bandwidth at full power. */
  readonly bandwidthShare: number;
}

/** The maker's modes below the rated power, then full power; empty where neither is known. */
export function powerModes(device: Pick<Device, 'id' | 'tdpWatts'>): readonly PowerMode[] {
  const modes = powerModesOf(device);
  const fullWatts = device.tdpWatts ?? modes.at(-1)?.watts;
  if (fullWatts === undefined) return [];
  return [
    ...modes
      .filter(({ watts }) => watts < fullWatts)
      .map(({ watts, gpu, memory }) => ({ id: `${watts}w`, watts, computeShare: gpu, bandwidthShare: memory })),
    { id: 'full', watts: fullWatts, computeShare: 1, bandwidthShare: 1 },
  ];
}

/**
 * Speed left in a mode, as a share of full speed: the time of each part grows by its own share (roofline).
 * @param computeFraction share of the time at full power that is bound by arithmetic; the rest by memory
 */
export const speedInMode = (
  { computeShare, bandwidthShare }: Pick<PowerMode, 'computeShare' | 'bandwidthShare'>,
  computeFraction: number,
): number => 1 / (computeFraction / computeShare + (1 - computeFraction) / bandwidthShare);

/**
 * Dynamic power goes with clock x voltage^2, and voltage falls with the clock down to a floor, so that speed goes with a
 * power of it between 1/3 and 1. Jetson AGX Orin on ResNet-50: 54 % of the speed at 27 % of the power above idle
 * (MLPerf Inference v2.0 and v3.1, MaxQ against default), an exponent of 0.47.
 */
const SPEED_EXPONENT = 0.5;

/** Speed at a power limit between idle and full power that no mode names, as a share of full speed. */
export function speedAtPower(watts: number, idleWatts: number, fullWatts: number): number {
  if (watts >= fullWatts) return 1;
  if (watts <= idleWatts) return 0;
  return ((watts - idleWatts) / (fullWatts - idleWatts)) ** SPEED_EXPONENT;
}
