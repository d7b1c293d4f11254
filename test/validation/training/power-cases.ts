/** Metered training power, with the share of time that the devices computed. */
import { readFileSync } from 'node:fs';
import { steppingShare } from '../../../src/domain/energy/index.ts';
import {
  LAYOUT_DEFAULTS,
  stepTime,
  type TrainingLayout,
  type TrainingMethod,
  type TrainingWorkload,
} from '../../../src/domain/training/index.ts';
import { computingShare } from '../../../src/domain/training/language/explain.ts';
import { clusterFor, modelOf } from './cases.ts';

interface Row {
  readonly id: string;
  readonly machine: string;
  readonly model: string;
  readonly device: string;
  readonly devices: number;
  readonly cooling: 'air' | 'liquid' | 'immersion';
  readonly method: TrainingMethod;
  readonly loraRank: number;
  readonly sequenceLength: number;
  readonly globalBatchSequences: number;
  readonly layout: Partial<TrainingLayout>;
  readonly nodeWatts: number;
  /** Null where the time is not known. */
  readonly minutes: number | null;
  readonly tokens: number | null;
}

export interface PowerCase {
  readonly id: string;
  /** One machine in one configuration: what is left out together. */
  readonly machine: string;
  readonly airCooled: boolean;
  /** Share of the measured time in which steps run; 1 where the time is not known. */
  readonly stepping: number;
  /** Computing seconds of the step model over the measured time in which steps run. */
  readonly computingShare: number;
  /** The same with the time of the step model: what is known before a run. */
  readonly predictedComputingShare: number;
  readonly wattsPerTdpWatt: number;
  readonly nodeWatts: number;
  readonly nodeTdpWatts: number;
}

const SECONDS_PER_MINUTE = 60;
/** A run of unknown time loses to evaluation and start-up what this one, of the same benchmark on one node, loses. */
const SAME_BENCHMARK = 'smc-lora-8';

export function powerCases(): PowerCase[] {
  const cases = readCases();
  const same = cases.find(({ id }) => id === SAME_BENCHMARK) as (typeof cases)[number];
  const lost = (same.measuredComputingShare as number) / same.predictedComputingShare;
  return cases.map(({ measuredComputingShare, ...entry }) => ({
    ...entry,
    computingShare: Math.min(1, measuredComputingShare ?? entry.predictedComputingShare * lost),
  }));
}

const readCases = (): (Omit<PowerCase, 'computingShare'> & { readonly measuredComputingShare: number | null })[] =>
  (JSON.parse(readFileSync(new URL('../cases/training-power.json', import.meta.url), 'utf8')) as readonly Row[]).map(
    (row) => {
      const cluster = clusterFor(row.device, row.devices);
      const workload: TrainingWorkload = {
        model: modelOf(row.model),
        method: row.method,
        loraRank: row.loraRank,
        sequenceLength: row.sequenceLength,
        globalBatchSequences: row.globalBatchSequences,
        precision: 'fp8',
        optimizer: 'adamw',
        software: { framework: 'megatron', year: 2024 },
      };
      const step = stepTime(workload, cluster, { ...LAYOUT_DEFAULTS, ...row.layout });
      const predicted = computingShare(step.split);
      const nodeTdpWatts = (cluster.device.tdpWatts as number) * cluster.devicesPerNode;
      const stepping = row.minutes === null ? 1 : steppingShare(row.minutes * SECONDS_PER_MINUTE);
      const measured =
        row.minutes === null || row.tokens === null
          ? null
          : (predicted * step.seconds * (row.tokens / step.tokensPerStep)) /
            (row.minutes * SECONDS_PER_MINUTE * stepping);
      return {
        id: row.id,
        machine: row.machine,
        airCooled: row.cooling === 'air',
        stepping,
        measuredComputingShare: measured,
        predictedComputingShare: predicted,
        wattsPerTdpWatt: row.nodeWatts / nodeTdpWatts,
        nodeWatts: row.nodeWatts,
        nodeTdpWatts,
      };
    },
  );

/** Encoders and image generators, which have no step model: one compute-bound node each. */
export interface SamplePowerCase
  extends Pick<PowerCase, 'id' | 'machine' | 'airCooled' | 'nodeWatts' | 'nodeTdpWatts'> {}

export const samplePowerCases = (): SamplePowerCase[] =>
  (
    JSON.parse(readFileSync(new URL('../cases/training-power-samples.json', import.meta.url), 'utf8')) as readonly Pick<
      Row,
      'id' | 'machine' | 'device' | 'devices' | 'cooling' | 'nodeWatts'
    >[]
  ).map(({ id, machine, device, devices, cooling, nodeWatts }) => {
    const cluster = clusterFor(device, devices);
    return {
      id,
      machine,
      airCooled: cooling === 'air',
      nodeWatts,
      nodeTdpWatts: (cluster.device.tdpWatts as number) * cluster.devicesPerNode,
    };
  });
