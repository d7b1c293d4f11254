/** What training writes and reads: checkpoints, and the rates of both. */
import { storedParameters } from '../../models/parameters.ts';
import type { StepTime, TrainingMemory, TrainingStorage } from '../results.ts';
import type { Cluster, TrainingWorkload } from '../workload.ts';
import { isAdapterMethod, trainableParameters } from './flops.ts';

/** bf16 weights, fp32 master copy and two moments: BLOOM 2.3 TB / 176 B = 13, OPT 1.6 TB with sharded states. */
const CHECKPOINT_BYTES_PER_PARAMETER = { adamw: 14, adamw_8bit: 8, muon: 10, sgd_momentum: 10 } as const;
/** Bytes read per trained token: packed ids as 4-byte integers (vocabularies above 65,536). */
const LOADED_BYTES_PER_TOKEN = 4;

/** Bytes of one full checkpoint over the whole cluster; adapters alone for LoRA and QLoRA. */
export function checkpointBytes(workload: TrainingWorkload): number {
  const parameters = isAdapterMethod(workload.method)
    ? trainableParameters(workload.model, workload)
    : storedParameters(workload.model);
  return parameters * CHECKPOINT_BYTES_PER_PARAMETER[workload.optimizer];
}

export function trainingStorage(
  workload: TrainingWorkload,
  cluster: Cluster,
  step: StepTime,
  memory: TrainingMemory,
  checkpointIntervalSeconds: number,
): TrainingStorage {
  const checkpoint = checkpointBytes(workload);
  return {
    checkpointBytes: checkpoint,
    dataLoadingBytesPerSecond: step.tokensPerSecondPerDevice * cluster.devices * LOADED_BYTES_PER_TOKEN,
    checkpointBytesPerSecondNeeded: checkpoint / Math.max(1, checkpointIntervalSeconds),
    hostMemoryBytesPerNode: memory.hostMemoryBytesPerNode,
  };
}
