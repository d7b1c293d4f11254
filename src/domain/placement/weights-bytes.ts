/** Memory that a model by the sample takes on a shared device: its weights and room to work. */
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { PlacementOption } from './options.ts';
import type { Scenario } from './scenario.ts';

const BYTES: Readonly<Record<string, number>> = { int8: 1, fp8: 1, fp16: 2, bf16: 2, fp32: 4 };
/** Activations and runtime beside the weights: footprints of Rockchip and Hailo models are 1.0 to 1.25 of the weights. */
const ROOM_TO_WORK = 1.25;

export function weightsBytes({ snapshot }: Scenario, { work, served }: PlacementOption): number {
  if (work.work.function !== undefined) return served?.memory?.requiredBytes ?? 0;
  const { architecture } = resolveServedModel(snapshot, work.work);
  const parameters = 'parametersTotal' in architecture ? (architecture.parametersTotal as number) : 0;
  return parameters * (BYTES[served?.weightFormat ?? 'fp16'] ?? 2) * ROOM_TO_WORK;
}
