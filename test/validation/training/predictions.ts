/** Predictions of the training model for measured cases, with given constants. */

import {
  type Cluster,
  CURRENT_SOFTWARE,
  checkpointBytes,
  DEFAULT_DEADLINE_DAYS,
  defaultCluster,
  defaultGlobalBatchTokens,
  defaultPrecision,
  defaultSequenceLength,
  GOODPUT_DEFAULTS,
  goodput,
  LAYOUT_DEFAULTS,
  runClass,
  searchLayout,
  stageFactor,
  stepTime,
  type TrainingLayout,
  type TrainingWorkload,
  trainingMemory,
  trainingUncertainty,
  wholeRun,
} from '../../../src/domain/training/index.ts';
import { CALIBRATED, type StepConstants } from '../../../src/domain/training/step/constants.ts';
import { clusterFor, deviceOf, type HoursCase, type MemoryCase, type PlacedCase, type StepCase } from './cases.ts';

/** The layout the source states, completed by the search; null where none fits in memory by the model. */
export function resolveLayout(
  entry: PlacedCase & { layoutGiven: boolean },
  constants: StepConstants,
): TrainingLayout | null {
  if (entry.layoutGiven) return entry.layout;
  return (
    searchLayout(entry.workload, entry.cluster, { fixed: entry.fixed, runnersUp: 0 }, constants).best?.layout ?? null
  );
}

/** Tokens per second and device with the stated layout, or with one found by the search alone. */
export function predictRate(
  entry: StepCase,
  layoutGiven: boolean,
  constants: StepConstants = CALIBRATED,
): number | null {
  const layout = layoutGiven ? resolveLayout(entry, constants) : freeLayout(entry, constants);
  return layout === null ? null : stepTime(entry.workload, entry.cluster, layout, constants).tokensPerSecondPerDevice;
}

const freeLayout = (entry: PlacedCase, constants: StepConstants): TrainingLayout | null =>
  searchLayout(entry.workload, entry.cluster, { runnersUp: 0 }, constants).best?.layout ?? null;

/** Reports with a layout describe one main stage: evaluation and restarts beside it, no further stages. */
const DOCUMENTED_STAGES = 1.05;

interface HoursPrediction {
  readonly hours: number;
  readonly cluster: Cluster;
  readonly workload: TrainingWorkload;
  /** 80 % band of published over predicted. */
  readonly band: { readonly p10: number; readonly p90: number };
}

/**
 * Device-hours of a whole run: with everything the source documents, or as the service answers when it is told the model,
 * the tokens and the device alone.
 */
export function predictHours(
  entry: HoursCase,
  documented: boolean,
  constants: StepConstants,
  fixedStages?: number,
  stages?: Readonly<Record<string, { readonly value: number }>>,
): HoursPrediction {
  const device = deviceOf(entry.device);
  const method = 'pretraining';
  const known = documented && entry.layout !== null;
  const sequenceLength = known ? (entry.sequenceLength as number) : defaultSequenceLength(entry.model, method).value;
  const batchTokens = known
    ? (entry.batchTokens as number)
    : defaultGlobalBatchTokens(entry.model, method, entry.tokens).value;
  const workload: TrainingWorkload = {
    model: entry.model,
    method,
    loraRank: 0,
    sequenceLength,
    globalBatchSequences: Math.max(1, Math.round(batchTokens / sequenceLength)),
    precision: known ? entry.precision : defaultPrecision(device, entry.model).value,
    optimizer: 'adamw',
    software: known ? { framework: entry.framework, year: entry.year } : CURRENT_SOFTWARE,
  };
  const cluster = known
    ? clusterFor(entry.device, entry.devices as number, entry.networkBytesPerSecondPerDevice)
    : defaultCluster(workload, entry.tokens, device, DEFAULT_DEADLINE_DAYS.value, {}, {}, constants).cluster;
  // what the source leaves open (a micro-batch, say) the search completes
  const fixed = known ? (entry.layout as Partial<TrainingLayout>) : {};
  const complete = known && fixed.microBatchSequences !== undefined;
  const layout = complete
    ? { ...LAYOUT_DEFAULTS, ...fixed }
    : searchLayout(workload, cluster, { fixed, runnersUp: 0 }, constants).best?.layout;
  if (layout === undefined) throw new Error(`${entry.id}: nothing fits on ${cluster.devices} ${device.name}.`);
  const nodes = Math.ceil(cluster.devices / cluster.devicesPerNode);
  const ratio = goodput({
    nodes,
    failuresPerNodeDay: GOODPUT_DEFAULTS.failuresPerNodeDay.value,
    checkpointBytes: checkpointBytes(workload),
    storageBytesPerSecond: GOODPUT_DEFAULTS.storageBytesPerSecondPerNode.value * nodes,
    asynchronousCheckpoints: true,
    recoverySeconds: GOODPUT_DEFAULTS.recoverySeconds.value,
    spotInterruptionsPerNodeDay: 0,
    reacquireSeconds: 0,
    slowNodeShare: GOODPUT_DEFAULTS.slowNodeShare.value,
    evaluationShare: GOODPUT_DEFAULTS.evaluationShare.value,
  });
  const run = runClass(workload, entry.tokens);
  const whole = wholeRun({
    tokens: entry.tokens,
    step: stepTime(workload, cluster, layout, constants),
    devices: cluster.devices,
    devicesPerNode: cluster.devicesPerNode,
    goodput: ratio,
    stageFactor: fixedStages ?? (known ? DOCUMENTED_STAGES : (stages?.[run]?.value ?? stageFactor(run).value)),
    batchRampFactor: 1,
    spareShare: 0,
    experimentsMultiple: 0,
  });
  const band = trainingUncertainty(workload, cluster, { layoutGiven: known, stackGiven: known }, 'device_hours');
  return { hours: whole.deviceHours, cluster, workload, band };
}

/** Peak bytes on the basis of the measurement. */
export function predictPeakBytes(entry: MemoryCase): number {
  const memory = trainingMemory(entry.workload, entry.cluster, entry.layout);
  switch (entry.basis) {
    case 'device':
      return memory.totalBytes;
    case 'reserved':
      return memory.totalBytes - memory.runtimeBytes - memory.communicationBytes;
    case 'allocated':
      return memory.totalBytes - memory.overheadBytes - memory.communicationBytes;
  }
}
