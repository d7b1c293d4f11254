/**
 * Electrical power of a device with its share of the node (host, fans, power supplies), at the wall of the node.
 * Metered node power where the catalog has it, else the device's TDP times a ratio of its class; a PCIe card, its TDP and its share of the host.
 */

import type { Device, DeviceClass, SystemSpec } from '../devices/device.ts';
import type { Quantity } from '../economics/assumption.ts';
import { type BandKind, rangeFactor, type UncertainFactor } from '../uncertainty/band.ts';
import { type DesignPower, designPower } from './design-power.ts';

export type Activity = 'training' | 'inference';

export interface DevicePower {
  /** While working on the activity. */
  readonly busyWatts: Quantity;
  readonly idleWatts: Quantity;
  /** What the supply must be laid out for. */
  readonly maxWatts: Quantity;
}

/** What a device draws at the node, from its TDP and, where the host weighs as much as the card, its share of the host. */
interface Ratio {
  readonly perTdp: number;
  readonly perHost: number;
  /** p10 and p90 over the middle. */
  readonly low: number;
  readonly high: number;
  readonly kind: BandKind;
  readonly source: string;
}

interface ClassRatios {
  readonly training: Ratio;
  readonly inference: Ratio;
  readonly idle: Ratio;
  readonly max: Ratio;
}

/** Multiples of TDP: middle, p10, p90. */
const ratio = (kind: BandKind, value: number, low: number, high: number, source: string): Ratio => ({
  perTdp: value,
  perHost: 0,
  low: low / value,
  high: high / value,
  kind,
  source,
});
const sourced = (value: number, low: number, high: number, source: string): Ratio =>
  ratio('sourced', value, low, high, source);
const assumed = (value: number, low: number, high: number, source: string): Ratio =>
  ratio('assumed', value, low, high, source);

/**
 * A host of PCIe cards, busy: watts of its own and watts for each card it holds (fans, power supplies, processors that feed them).
 * Least squares through node power less the cards' TDP: 1 x A2 205 W, 1 x A30 131, 2 x A10 271, 3 x A30 445 (MLPerf Inference power
 * logs), 4 x RTX 4090 280 (Supermicro SYS-741GE-TNRT under gpu_burn, server-gear.com), 4 x RTX 3090 at 300 W 517 (Puget Systems, 2020).
 * A multiple of TDP would charge a 450 W card three times the host of a 150 W one.
 */
const HOST_WATTS = { own: 100, perCard: 80 };
const hostWattsPerCard = (cards: number): number => HOST_WATTS.own / Math.max(1, cards) + HOST_WATTS.perCard;

const cardInHost = (perTdp: number, perHost: number, low: number, high: number, source: string): Ratio => ({
  perTdp,
  perHost,
  low,
  high,
  kind: 'sourced',
  source,
});
const HOSTS_OF_CARDS =
  'Hosts of 1-4 PCIe cards, metered: busy 131-205 W around one card, 271 around two, 445 around three, 280-517 around four';

const MLPERF_TRAINING =
  'MLPerf Training power logs: 8 x H100 nodes 6,850-7,159 W (v4.0, v4.1), 5,082 W when network-bound on 64 nodes, 8 x B200 9,580-10,045 W (v5.0), that is 0.91-1.28 x TDP; Epoch AI assumes 1.37';
const MLPERF_INFERENCE_POWER = 'MLPerf Inference power logs v1.1-v5.0, mean over the busy part of each run';

/** Watts at the node per watt of device TDP. */
const RATIOS: Readonly<Record<DeviceClass, ClassRatios>> = {
  datacenter_gpu: {
    training: sourced(1.24, 0.95, 1.37, MLPERF_TRAINING),
    inference: sourced(1.1, 0.82, 1.35, `${MLPERF_INFERENCE_POWER}: H200 0.95, B200 1.31, A100 at 1.0-1.05 x TDP`),
    idle: sourced(
      0.35,
      0.18,
      0.46,
      `${MLPERF_INFERENCE_POWER}: lowest samples, 0.18-0.46 x TDP for A100, H100, H200, B200`,
    ),
    max: sourced(
      1.82,
      1.4,
      2.03,
      'Server to chip TDP: H100 1.82, A100 2.03 (Epoch AI training-cost-trends); DGX B200 1.79',
    ),
  },
  inference_gpu: {
    training: cardInHost(1, 1, 0.75, 1.3, HOSTS_OF_CARDS),
    inference: cardInHost(1, 1, 0.7, 1.3, HOSTS_OF_CARDS),
    idle: cardInHost(
      0.1,
      0.75,
      0.6,
      1.7,
      `${MLPERF_INFERENCE_POWER}, lowest samples: 1 x A2 104 W, 1 x A30 127, 2 x A10 228, 3 x A30 510`,
    ),
    max: cardInHost(
      1,
      1.4,
      0.75,
      1.2,
      `${MLPERF_INFERENCE_POWER}, highest samples: 1 x A2 299 W, 1 x A30 318, 2 x A10 595, 3 x A30 1,050; 4 x RTX 4090 2,160 W with busy processors`,
    ),
  },
  tpu: {
    training: sourced(
      1.2,
      0.6,
      1.97,
      'Metered system power per chip: TPU v4 378 W (PaLM paper), v3 245-310 W (Patterson et al. 2021), against TDP 192 and 450 W',
    ),
    inference: assumed(1.1, 0.55, 1.8, 'Taken a little below training, as on GPUs'),
    idle: assumed(0.35, 0.2, 0.5, 'Taken as for datacenter GPUs'),
    max: assumed(1.8, 1.3, 2.1, 'Taken as for datacenter GPUs'),
  },
  asic: {
    training: assumed(1.24, 0.9, 1.6, 'Taken as for datacenter GPUs'),
    inference: assumed(1.1, 0.8, 1.5, 'Taken as for datacenter GPUs'),
    idle: assumed(0.35, 0.2, 0.6, 'Taken as for datacenter GPUs'),
    max: assumed(1.8, 1, 2.2, 'Taken as for datacenter GPUs; whole systems such as a wafer give their own power'),
  },
  cpu: {
    training: assumed(1.4, 1.2, 1.7, 'Socket plus memory, fans and power supply'),
    inference: assumed(1.3, 1, 1.6, 'Socket plus memory, fans and power supply'),
    idle: assumed(0.5, 0.3, 0.7, 'Idle servers draw about half of their busy power'),
    max: assumed(1.7, 1.4, 2, 'Power supplies are laid out above the socket'),
  },
  edge: {
    training: assumed(0.9, 0.6, 1.15, 'The power budget of a module includes its memory'),
    inference: sourced(
      0.7,
      0.5,
      1.1,
      `${MLPERF_INFERENCE_POWER}: Jetson AGX Orin 21 W of 40, AGX Xavier 27 W of 30, Xavier NX 20 W of 20 at the wall`,
    ),
    idle: sourced(
      0.2,
      0.12,
      0.3,
      `${MLPERF_INFERENCE_POWER}: Jetson AGX Orin 6.2 W of 40, AGX Xavier 8.5 W of 30, Xavier NX 4 W of 20`,
    ),
    max: assumed(1.15, 1, 1.5, 'Module budget plus conversion losses of its carrier'),
  },
};

/** Metered figures spread by workload and maker even where one node has been metered. */
const METERED_SPREAD = { low: 0.9, high: 1.1 };
/**
 * Node figures per device below this share of TDP are of another unit (a tray) or of a power-limited run: not used.
 * The supply of a node is laid out for more than any run draws, so that figure has to pass the low end of its class.
 */
const LEAST_SHARE_OF_TDP = { training: 0.6, inference: 0.6, idle: 0.03 };
/** A host with fewer cards than usual spreads its own power over too few of them. */
const LEAST_SHARE_OF_NODE = 0.5;

/**
 * Watts per device. Null where neither the device's TDP, said or estimated, nor a metered node is known.
 * @param systems the systems that hold the device; the caller picks one by passing only that.
 */
export function devicePower(device: Device, systems: readonly SystemSpec[], activity: Activity): DevicePower | null {
  const ratios = RATIOS[device.class];
  const maxWatts = figure(device, systems, 'max', ratios.max, (power) => power.max);
  const busyWatts = figure(device, systems, activity, ratios[activity], (power) =>
    activity === 'training' ? power.typicalTraining : power.inferenceMean,
  );
  const idleWatts = figure(device, systems, 'idle', ratios.idle, (power) => power.idle);
  if (maxWatts === null || busyWatts === null || idleWatts === null) return null;
  return {
    busyWatts: atMost(busyWatts, maxWatts.value),
    idleWatts: atMost(idleWatts, busyWatts.value),
    maxWatts,
  };
}

/**
 * idle + utilization x (busy - idle), the linear model of Fan, Weber and Barroso (ISCA 2007).
 * @param utilization share of time that the device works, 0 to 1.
 */
export function averageWatts(power: DevicePower, utilization: number): Quantity {
  const share = Math.min(Math.max(utilization, 0), 1);
  const value = power.idleWatts.value + share * (power.busyWatts.value - power.idleWatts.value);
  const dominant =
    share * power.busyWatts.value >= (1 - share) * power.idleWatts.value ? power.busyWatts : power.idleWatts;
  return { ...dominant, value };
}

function figure(
  device: Device,
  systems: readonly SystemSpec[],
  name: 'max' | 'idle' | Activity,
  ratio: Ratio,
  read: (power: SystemSpec['nodePowerWatts']) => number | null,
): Quantity | null {
  const design = designPower(device);
  const tdp = design?.watts ?? null;
  const hostWatts = hostWattsPerCard(device.devicesPerNode);
  const byClass = tdp === null ? null : tdp * ratio.perTdp + hostWatts * ratio.perHost;
  const leastWatts =
    tdp === null || byClass === null ? 0 : name === 'max' ? byClass * ratio.low : tdp * LEAST_SHARE_OF_TDP[name];
  const metered = systems
    .filter(
      (system) =>
        system.deviceId === device.id && system.deviceCount >= Math.max(1, LEAST_SHARE_OF_NODE * device.devicesPerNode),
    )
    .flatMap((system) => {
      const watts = read(system.nodePowerWatts);
      return watts === null ? [] : [{ system, watts: watts / system.deviceCount }];
    })
    .filter(({ watts }) => watts > 0 && watts >= leastWatts)
    .sort((a, b) => a.watts - b.watts);
  const middle = name === 'max' ? metered.at(-1) : metered[metered.length >> 1];
  if (middle !== undefined) {
    const low = ((metered[0]?.watts ?? middle.watts) / middle.watts) * METERED_SPREAD.low;
    const high = ((metered.at(-1)?.watts ?? middle.watts) / middle.watts) * METERED_SPREAD.high;
    const source = `${middle.system.name}: ${middle.system.source}`;
    return watts(middle.watts, source, powerFactor(`power/${name}/${device.id}`, 'sourced', low, high, source));
  }
  if (design === null || byClass === null) return null;
  const host = ratio.perHost === 0 ? '' : ` and ${ratio.perHost} x ${hostWatts.toFixed(0)} W of its host`;
  const estimate = design.estimate === null ? '' : `, an estimate (${design.estimate})`;
  const source = `${ratio.perTdp} x TDP of ${design.watts} W${estimate}${host}. ${ratio.source}`;
  const factor =
    design.estimate === null ? classFactor(device.class, name, ratio) : estimateFactor(device, name, ratio, design);
  return watts(byClass, source, factor);
}

const estimateFactors = new Map<string, UncertainFactor>();

/** The class's own spread and that of the estimate, which have nothing to do with each other. */
function estimateFactor(device: Device, name: string, ratio: Ratio, { watts: middle, low, high }: DesignPower) {
  const id = `power/${name}/${device.class}/${device.id}`;
  const known = estimateFactors.get(id);
  if (known !== undefined) return known;
  const both = (a: number, b: number): number => Math.exp(Math.hypot(Math.log(a), Math.log(b)));
  const factor = powerFactor(
    id,
    'assumed',
    1 / both(ratio.low, low / middle),
    both(ratio.high, high / middle),
    `The TDP of ${device.name} is estimated, ${Math.round(low)} to ${Math.round(high)} W. ${ratio.source}`,
  );
  estimateFactors.set(id, factor);
  return factor;
}

const watts = (value: number, source: string, factor: UncertainFactor): Quantity => ({
  value,
  unit: 'W per device',
  source,
  factors: [factor],
  assumptionId: null,
});

const atMost = (quantity: Quantity, limit: number): Quantity =>
  quantity.value > limit ? { ...quantity, value: limit } : quantity;

const powerFactor = (id: string, kind: BandKind, low: number, high: number, description: string): UncertainFactor =>
  rangeFactor(id, kind, low, high, description);

const classFactors = new Map<string, UncertainFactor>();

/** One factor per class and figure, so that devices of a class move together. */
function classFactor(deviceClass: DeviceClass, name: string, ratio: Ratio): UncertainFactor {
  const id = `power/${name}/${deviceClass}`;
  const known = classFactors.get(id);
  if (known !== undefined) return known;
  const factor = powerFactor(id, ratio.kind, ratio.low, ratio.high, ratio.source);
  classFactors.set(id, factor);
  return factor;
}
