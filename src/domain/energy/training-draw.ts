/**
 * How the power of a node follows what a training step does. While a device computes it draws its busy power; while it waits
 * for the network, for other pipeline stages or for a slow device it draws less: nodes of 8 H100 were metered at 7,159 W on
 * one node and 5,082 W on 64 nodes of the same LoRA job (MLPerf Training v4.0 power logs).
 */
import fitted from '../calibration/training-power.json' with { type: 'json' };
import type { Quantity } from '../economics/assumption.ts';
import type { DevicePower } from './power.ts';

/** Watts at the node per watt of device TDP, scripts/fit/training-power.ts. */
export interface TrainingDraw {
  /** All of the time spent computing. */
  readonly computing: number;
  /** All of the time spent waiting. */
  readonly waiting: number;
  /** Fans of an air-cooled node, times the draw of an immersed or liquid-cooled one. */
  readonly airCooled: number;
}

const CALIBRATED: TrainingDraw = fitted.constants;
/** Share of time that the metered compute-bound runs computed, on which the busy watts of the catalog rest. */
const METERED_COMPUTING_SHARE: number = fitted.meteredComputingShare;

/**
 * Until the first step runs, the nodes idle: about 10 s of the 117 s of a LoRA run on 64 nodes, whose log has 20 blocks of
 * 4.05 s with evaluations of 1.40 s after most of them (MLPerf Training v4.0, smc/results/64xSMC-H100-SXM-80GB/llama2_70b_lora).
 */
const START_UP_SECONDS = 10;
/** Watts of an idle node per watt of device TDP: about 1.8 kW of a node of 8 x 700 W (assumed). */
const IDLE_PER_TDP_WATT = 0.33;

/** Share of a run in which steps run. @param seconds of the whole run */
export const steppingShare = (seconds: number): number => Math.max(0, 1 - START_UP_SECONDS / seconds);

/**
 * Mean node watts per watt of device TDP of a run that starts up first.
 * @param computingShare of the time in which steps run, 0 to 1
 */
export function runPerTdpWatt(
  computingShare: number,
  airCooled: boolean,
  stepping: number,
  draw: TrainingDraw = CALIBRATED,
): number {
  const idle = IDLE_PER_TDP_WATT * (airCooled ? draw.airCooled : 1);
  return stepping * drawPerTdpWatt(computingShare, airCooled, draw) + (1 - stepping) * idle;
}

/** Node watts per watt of device TDP. @param computingShare of wall-clock, 0 to 1 */
export function drawPerTdpWatt(computingShare: number, airCooled: boolean, draw: TrainingDraw = CALIBRATED): number {
  const level = draw.waiting + (draw.computing - draw.waiting) * computingShare;
  return level * (airCooled ? draw.airCooled : 1);
}

/**
 * Watts per device over a run: idle while stopped; while running the busy watts, less where the step waits more than those
 * of the metered runs.
 * @param computingShare of the running time, 0 to 1
 * @param runningShare of wall-clock, 0 to 1
 */
export function trainingWatts(power: DevicePower, computingShare: number, runningShare: number): Quantity {
  const level = drawPerTdpWatt(computingShare, false) / drawPerTdpWatt(METERED_COMPUTING_SHARE, false);
  const running = Math.min(power.busyWatts.value * level, power.maxWatts.value);
  const idle = Math.min(power.idleWatts.value, running);
  return { ...power.busyWatts, value: idle + Math.min(Math.max(runningShare, 0), 1) * (running - idle) };
}
