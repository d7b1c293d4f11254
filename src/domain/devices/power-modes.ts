/**
 * Boards that run at a chosen power: what each mode leaves of the clocks, as shares of the mode that releases them all.
 *
 * Clocks, units and memory rate of each mode: NVIDIA's nvpmodel configurations of the boards (p3701-0000 and -0004,
 * p3767-0000, -0001, -0003, -0003 super and -0004, t194; copies in LineageOS/android_device_nvidia_concord and _galen, read
 * 2026-11-27). Full clocks: published module figures (AGX Orin 1,300 MHz and 930 MHz, Orin NX 918 and 765 MHz, Orin Nano
 * 625 and 1,020 MHz, AGX Xavier 1,377 MHz).
 * Of the published int8 rate the deep-learning accelerators have 105 of 275 (AGX Orin 64GB), 92 of 200 (32GB), 40 of 100
 * and 20 of 70 (Orin NX) sparse TOPS.
 */
import type { Device } from './device.ts';

export interface PowerMode {
  /** Power budget of the module. */
  readonly watts: number;
  /** Share of the GPU's rate, of the deep-learning accelerators' rate and of memory bandwidth that is left. */
  readonly gpu: number;
  readonly accelerators: number;
  readonly memory: number;
}

interface Board {
  /** MHz and texture processing clusters with every limit released. */
  readonly gpu: readonly [megahertz: number, clusters: number];
  readonly acceleratorMegahertz: number | null;
  /** Of the int8 rate. */
  readonly acceleratorShare: number;
  readonly memoryMegahertz: number;
  readonly modes: readonly {
    readonly watts: number;
    readonly gpu: readonly [megahertz: number, clusters: number];
    readonly acceleratorMegahertz: number | null;
    readonly memoryMegahertz: number;
  }[];
}

const mode = (
  watts: number,
  gpu: readonly [megahertz: number, clusters: number],
  acceleratorMegahertz: number | null,
  memoryMegahertz: number,
) => ({ watts, gpu, acceleratorMegahertz, memoryMegahertz });

const BOARDS: Readonly<Record<string, Board>> = {
  'nvidia-jetson-agx-orin-64gb': {
    gpu: [1300.5, 8],
    acceleratorMegahertz: 1600,
    acceleratorShare: 105 / 275,
    memoryMegahertz: 3199,
    modes: [
      mode(15, [408, 3], 614.4, 2133),
      mode(30, [612, 4], 1369.6, 3199),
      mode(50, [816, 8], 1369.6, 3199),
      mode(60, [1300.5, 8], 1600, 3199),
    ],
  },
  'nvidia-jetson-agx-orin-32gb': {
    gpu: [930.75, 7],
    acceleratorMegahertz: 1408,
    acceleratorShare: 92 / 200,
    memoryMegahertz: 3199,
    modes: [mode(15, [408, 3], 614.4, 2133), mode(30, [612, 4], 1369.6, 3199), mode(40, [816, 7], 1228.8, 3199)],
  },
  'nvidia-jetson-orin-nx-16gb': {
    gpu: [918, 4],
    acceleratorMegahertz: 614.4,
    acceleratorShare: 40 / 100,
    memoryMegahertz: 3199,
    modes: [mode(10, [612, 2], 134.3, 2133), mode(15, [612, 2], 614.4, 3199), mode(25, [408, 4], 614.4, 3199)],
  },
  'nvidia-jetson-orin-nx-8gb': {
    gpu: [765, 4],
    acceleratorMegahertz: 614.4,
    acceleratorShare: 20 / 70,
    memoryMegahertz: 3199,
    modes: [mode(10, [612, 2], 153.6, 2133), mode(15, [612, 2], 614.4, 3199), mode(20, [408, 4], 614.4, 3199)],
  },
  'nvidia-jetson-orin-nano-8gb': {
    gpu: [625, 4],
    acceleratorMegahertz: null,
    acceleratorShare: 0,
    memoryMegahertz: 2133,
    modes: [mode(7, [408, 2], null, 2133), mode(15, [625, 4], null, 2133)],
  },
  'nvidia-jetson-orin-nano-super-8gb': {
    gpu: [1020, 4],
    acceleratorMegahertz: null,
    acceleratorShare: 0,
    memoryMegahertz: 3199,
    modes: [mode(15, [612, 4], null, 2133), mode(25, [918, 4], null, 3199)],
  },
  'nvidia-jetson-orin-nano-4gb': {
    gpu: [625, 2],
    acceleratorMegahertz: null,
    acceleratorShare: 0,
    memoryMegahertz: 2133,
    modes: [mode(7, [408, 2], null, 2133), mode(10, [625, 2], null, 2133)],
  },
  // its deep-learning accelerators keep more of their clock than the GPU does: taken as the GPU
  'nvidia-jetson-agx-xavier-32gb': {
    gpu: [1377, 4],
    acceleratorMegahertz: null,
    acceleratorShare: 0,
    memoryMegahertz: 2133,
    modes: [mode(10, [520, 2], null, 1065.6), mode(15, [670, 4], null, 1331.2), mode(30, [900, 4], null, 1600)],
  },
};

/** The modes of a board by rising power; empty where it has none that are known. */
export function powerModesOf({ id }: Pick<Device, 'id'>): PowerMode[] {
  const board = BOARDS[id];
  if (board === undefined) return [];
  const rate = ([megahertz, clusters]: readonly [number, number]): number => megahertz * clusters;
  return board.modes.map(({ watts, gpu, acceleratorMegahertz, memoryMegahertz }) => ({
    watts,
    gpu: rate(gpu) / rate(board.gpu),
    accelerators:
      acceleratorMegahertz === null || board.acceleratorMegahertz === null
        ? rate(gpu) / rate(board.gpu)
        : acceleratorMegahertz / board.acceleratorMegahertz,
    memory: memoryMegahertz / board.memoryMegahertz,
  }));
}

/** Share of a board's int8 rate, GPU and accelerators together, that a mode leaves. */
export function int8Share(device: Pick<Device, 'id'>, { gpu, accelerators }: PowerMode): number {
  const share = gpuInt8Share(device);
  return share * gpu + (1 - share) * accelerators;
}

/** The GPU's share of a board's int8 rate. The deep-learning accelerators beside it run only convolutional networks, and only in batches. */
export const gpuInt8Share = ({ id }: Pick<Device, 'id'>): number =>
  XAVIER_GPU_SHARES[id] ?? 1 - (BOARDS[id]?.acceleratorShare ?? 0);

/** 64 and 48 matrix units of 128 multiply-adds at 1,377 and 1,100 MHz, of the 32 and 21 TOPS that the boards are sold by. */
const XAVIER_GPU_SHARES: Readonly<Record<string, number>> = {
  'nvidia-jetson-agx-xavier-32gb': 22.6 / 32,
  'nvidia-jetson-xavier-nx-8gb': 13.5 / 21,
};

/** The board as its GPU, memory and power are in a mode. */
export const inPowerMode = (device: Device, { watts, gpu, memory }: PowerMode): Device => ({
  ...device,
  name: `${device.name} at ${watts} W`,
  tdpWatts: watts,
  densePeakFlops: Object.fromEntries(
    Object.entries(device.densePeakFlops).map(([format, flops]) => [format, flops * gpu]),
  ),
  memoryBandwidthBytesPerSecond:
    device.memoryBandwidthBytesPerSecond === null ? null : device.memoryBandwidthBytesPerSecond * memory,
});
