/** For each reason why a layout or a workload is refused, the single changes of the request that may lift it, least first. */
import type { Device } from '../../devices/device.ts';
import { usualFabric } from '../cluster.ts';
import type { TrainingPrecision, TrainingRequest } from '../request.ts';
import type { TrainingRefusal } from '../results.ts';
import type { TrainingWorkload } from '../workload.ts';

export interface Remedy {
  /** JSON pointer of the request field. */
  readonly field: string;
  readonly to: number | string;
}

/** From the usual to the daring. */
const PRECISIONS: readonly TrainingPrecision[] = ['bf16', 'fp16', 'fp8', 'mxfp8', 'nvfp4'];
const DOUBLINGS = [1, 2, 4, 8, 16];
/** At most this part of a cluster is left out for the rest to divide. */
const ROUNDEST_SHARE = 8;
/** What a request can fix of a layout in numbers; the data-parallel degree follows from the size of the cluster. */
const LAYOUT_DEGREES: ReadonlySet<string> = new Set<keyof NonNullable<TrainingRequest['layout']>>([
  'tensorParallel',
  'pipelineParallel',
  'contextParallel',
  'expertParallel',
  'virtualStages',
  'microBatchSequences',
]);

export function* refusalRemedies(
  refusal: TrainingRefusal,
  request: TrainingRequest,
  workload: TrainingWorkload,
  device: Device,
): Generator<Remedy> {
  const { field, nearestFeasible, required } = refusal;
  switch (field) {
    case 'workload.globalBatchSequences':
      yield* batchRemedies(nearestFeasible, request, workload);
      return;
    case 'workload.sequenceLength':
      if (nearestFeasible !== null) yield { field: '/sequenceLength', to: nearestFeasible };
      return;
    case 'workload.precision':
      for (const precision of PRECISIONS) yield { field: '/precision', to: precision };
      return;
    case 'cluster.devices':
      yield* lessMemory(request);
      yield* rounderClusters(request, nearestFeasible);
      yield* largerClusters(nearestFeasible);
      return;
    case 'cluster.fabric':
      yield { field: '/cluster/fabric', to: usualFabric(device) };
      return;
    case 'layout.dataParallel':
      // what the cluster has beyond the model is not in the request: the size of the cluster is
      yield* largerClusters(required);
      return;
    case 'layout.schedule':
      yield { field: '/layout/schedule', to: '1f1b' };
      yield { field: '/layout/virtualStages', to: 1 };
      if (required !== null)
        for (const factor of DOUBLINGS) yield { field: '/layout/pipelineParallel', to: required * factor };
      return;
    default: {
      const name = field.replace(/^layout\./, '');
      if (nearestFeasible !== null && LAYOUT_DEGREES.has(name)) yield { field: `/layout/${name}`, to: nearestFeasible };
    }
  }
}

/** The batch in tokens, as the request has it, by the nearest first that more ranks share; or a cluster that the batch fills; or that of a stage. */
function* batchRemedies(
  sequences: number | null,
  request: TrainingRequest,
  workload: TrainingWorkload,
): Generator<Remedy> {
  const devices = request.cluster?.devices;
  for (let ranks = 8; ranks <= Math.min(devices ?? 0, 2 * workload.globalBatchSequences); ranks *= 2) {
    const shared = Math.max(1, Math.round(workload.globalBatchSequences / ranks)) * ranks;
    yield { field: '/globalBatchTokens', to: shared * workload.sequenceLength };
  }
  if (sequences !== null) {
    yield { field: '/globalBatchTokens', to: sequences * workload.sequenceLength };
    for (const [index, stage] of (request.stages ?? []).entries()) {
      const length = stage.sequenceLength ?? workload.sequenceLength;
      yield { field: `/stages/${index}/globalBatchTokens`, to: sequences * length };
    }
  }
  if (request.layout?.microBatchSequences !== undefined) yield { field: '/layout/microBatchSequences', to: 1 };
  for (const part of [2, 4, 8]) {
    if (devices !== undefined && devices >= part) yield { field: '/cluster/devices', to: Math.floor(devices / part) };
  }
}

/** What a fixed layout leaves unused. */
function* lessMemory({ layout }: TrainingRequest): Generator<Remedy> {
  if (layout === undefined) return;
  if ((layout.microBatchSequences ?? 1) > 1) yield { field: '/layout/microBatchSequences', to: 1 };
  if (layout.recompute !== undefined && layout.recompute !== 'full') yield { field: '/layout/recompute', to: 'full' };
  if (layout.sharding === 'none') yield { field: '/layout/sharding', to: 'zero1' };
  if (layout.sharding !== undefined && layout.sharding !== 'zero3') yield { field: '/layout/sharding', to: 'zero3' };
  for (const name of ['tensorParallel', 'pipelineParallel', 'expertParallel', 'contextParallel'] as const) {
    const degree = layout[name];
    if (degree !== undefined) for (const factor of [2, 4, 8]) yield { field: `/layout/${name}`, to: degree * factor };
  }
}

/** Where fewer devices are enough, the given ones are not cut finely enough: the nearest below that divide by more. */
function* rounderClusters({ cluster }: TrainingRequest, enough: number | null): Generator<Remedy> {
  const devices = cluster?.devices;
  if (devices === undefined || enough === null || enough > devices) return;
  for (let factor = 2; factor <= devices / ROUNDEST_SHARE; factor *= 2) {
    if (devices % factor !== 0) yield { field: '/cluster/devices', to: devices - (devices % factor) };
  }
}

function* largerClusters(devices: number | null): Generator<Remedy> {
  if (devices !== null) for (const factor of DOUBLINGS) yield { field: '/cluster/devices', to: devices * factor };
}
