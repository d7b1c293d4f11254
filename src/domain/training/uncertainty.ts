/**
 * How sure the figures are: quantiles of measured over predicted from the nearest measured group, shrunk towards the
 * wider one where cases are few. `npm run fit` writes the groups. Steps and hours are predicted without their own source
 * family; memory has no fitted constants and nothing is left out.
 */
import residuals from '../calibration/training-residuals.json' with { type: 'json' };
import type { UncertainFactor } from '../uncertainty/band.ts';
import { isAdapterMethod, isPreferenceMethod, isReinforcementMethod } from './step/flops.ts';
import { type Generation, generationOf } from './step/generation.ts';
import type { Cluster, TrainingWorkload } from './workload.ts';

export type TrainingMetric = 'step_time' | 'device_hours' | 'memory';

interface TrainingKnowledge {
  readonly layoutGiven: boolean;
  readonly stackGiven: boolean;
}

interface ResidualGroup {
  readonly p10: number;
  readonly p50: number;
  readonly p90: number;
  readonly cases: number;
  readonly medianAbsoluteErrorPercent: number;
}

const GROUPS: Readonly<Record<string, ResidualGroup>> = residuals.groups;
const factors = new Map<string, UncertainFactor>();

/** The band of a metric: measured / predicted times, hours or bytes. The same group gives the same object. */
export function trainingUncertainty(
  workload: TrainingWorkload,
  cluster: Cluster,
  known: TrainingKnowledge,
  metric: TrainingMetric,
): UncertainFactor {
  return nearestGroup(
    workload,
    groupIds(workload, generationOf(cluster.device), known, metric),
    describe(metric, known),
  );
}

/** Residual group of the memory peak, which depends only on the method. */
export const memoryUncertainty = (workload: TrainingWorkload): UncertainFactor =>
  nearestGroup(workload, memoryGroupIds(workload), MEMORY_BASIS);

function nearestGroup(workload: TrainingWorkload, ids: readonly string[], basis: string): UncertainFactor {
  const unmeasured = unmeasuredMethod(workload);
  for (const nearest of ids) {
    const group = GROUPS[nearest];
    if (group === undefined) continue;
    const id = unmeasured === null ? nearest : `${nearest}/${unmeasured.toLowerCase()}`;
    const existing = factors.get(id);
    if (existing !== undefined) return existing;
    const factor: UncertainFactor = {
      p10: group.p10,
      p50: group.p50,
      p90: group.p90,
      basis: {
        id: `training/${id}`,
        kind: 'residuals',
        cases: group.cases,
        medianAbsoluteErrorPercent: group.medianAbsoluteErrorPercent,
        description:
          unmeasured === null ? basis : `${basis}; no run of ${unmeasured} was measured, the group is fine-tuning`,
      },
    };
    factors.set(id, factor);
    return factor;
  }
  throw new RangeError(`No residual group among ${ids.join(', ')}.`);
}

const unmeasuredMethod = ({ method }: TrainingWorkload): 'DPO' | 'GRPO' | null =>
  isPreferenceMethod(method) ? 'DPO' : isReinforcementMethod(method) ? 'GRPO' : null;

/** From the nearest group to the widest. */
export function groupIds(
  workload: TrainingWorkload,
  generation: Generation,
  known: TrainingKnowledge,
  metric: TrainingMetric,
): string[] {
  if (metric === 'memory') return memoryGroupIds(workload);
  const kind = workload.model.mixtureOfExperts === null ? 'dense' : 'moe';
  const layout = known.layoutGiven ? 'layout_given' : 'layout_chosen';
  if (metric === 'device_hours' && workload.method === 'pretraining') {
    return [`device_hours/${layout}/${kind}`, `device_hours/${layout}/all`];
  }
  if (workload.method !== 'pretraining') {
    return [`step_time/fine_tuning/${generation}`, 'step_time/fine_tuning/all'];
  }
  return [`step_time/${layout}/${kind}/${generation}`, `step_time/${layout}/${kind}/all`, `step_time/${layout}/all`];
}

function memoryGroupIds({ method }: TrainingWorkload): string[] {
  const adapterMethod = method === 'qlora' ? 'qlora' : 'lora';
  const other = method === 'pretraining' ? 'pretraining' : 'full_fine_tuning';
  return [`memory/${isAdapterMethod(method) ? adapterMethod : other}`, 'memory/all'];
}

const MEMORY_BASIS =
  'measured over predicted peak memory; the byte counts were checked against these same cases, none is held out';

function describe(metric: TrainingMetric, known: TrainingKnowledge): string {
  const layout = known.layoutGiven ? 'with the published layout' : 'with a layout chosen by the search';
  switch (metric) {
    case 'memory':
      return MEMORY_BASIS;
    case 'device_hours':
      return `published over predicted device-hours of whole runs ${layout}, each run predicted without its source family`;
    case 'step_time':
      return `measured over predicted step time ${layout}, each source family predicted with constants fitted on the others`;
  }
}
