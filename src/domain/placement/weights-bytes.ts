/** Bytes of a model: its weights and, for models that work by the sample, what they take on a shared device. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { PlacementOption } from './options.ts';
import type { Work } from './request.ts';
import type { Scenario } from './scenario.ts';
import type { Served } from './serve.ts';

const BYTES: Readonly<Record<string, number>> = { int8: 1, fp8: 1, fp16: 2, bf16: 2, fp32: 4 };
/** Activations and runtime beside the weights: footprints of Rockchip and Hailo models are 1.0 to 1.25 of the weights. */
const ROOM_TO_WORK = 1.25;

export const memoryBytes = ({ snapshot }: Scenario, { work, served }: PlacementOption): number =>
  work.work.function === undefined
    ? modelBytes(snapshot, work.work, served?.weightFormat ?? null) * ROOM_TO_WORK
    : (served?.memory?.requiredBytes ?? 0);

/** The weights alone. */
function modelBytes(snapshot: CatalogSnapshot, work: Work, weightFormat: string | null): number {
  const { architecture } = resolveServedModel(snapshot, work);
  const parameters = 'parametersTotal' in architecture ? (architecture.parametersTotal as number) : 0;
  return parameters * (BYTES[weightFormat ?? 'fp16'] ?? 2);
}

/** Bytes sent to a device that gets new weights. */
export const updateBytes = (
  snapshot: CatalogSnapshot,
  work: Work,
  { memory, weightFormat }: Pick<Served, 'memory' | 'weightFormat'>,
): number =>
  work.function !== undefined || (memory !== null && weightFormat !== null)
    ? (memory?.weightsBytes ?? 0)
    : modelBytes(snapshot, work, weightFormat);
