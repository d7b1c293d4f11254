/** What training stores and reads: checkpoints, the dataset, the rates both need. */
import { storedParameters } from '../../models/parameters.ts';
import type { StepTime, TrainingMemory, TrainingStorage } from '../results.ts';
import type { Cluster, TrainingWorkload } from '../workload.ts';
import { isAdapterMethod, trainableParameters } from './flops.ts';

/** bf16 weights, fp32 master copy and two moments: BLOOM 2.3 TB / 176 B = 13, OPT 1.6 TB with sharded states. */
const CHECKPOINT_BYTES_PER_PARAMETER = { adamw: 14, adamw_8bit: 8, muon: 10, sgd_momentum: 10 } as const;
/** Rolling restart points kept beside the final one. */
const CHECKPOINTS_KEPT = 10;
/** Token ids as 4-byte integers (vocabularies above 65,536); the raw text beside them about 4 bytes per token. */
const DATASET_BYTES_PER_TOKEN = 8;
/** Bytes read per trained token: packed ids. */
const LOADED_BYTES_PER_TOKEN = 4;

/** Bytes of one full checkpoint over the whole cluster; adapters alone for LoRA and QLoRA. */
export function checkpointBytes(workload: TrainingWorkload): number {
  const parameters = isAdapterMethod(workload.method)
    ? trainableParameters(workload.model, workload)
    : storedParameters(workload.model);
  return parameters * CHECKPOINT_BYTES_PER_PARAMETER[workload.optimizer];
}

/** @param tokens distinct tokens of the dataset seen in the run. */
export function trainingStorage(
  workload: TrainingWorkload,
  cluster: Cluster,
  step: StepTime,
  memory: TrainingMemory,
  tokens: number,
  checkpointIntervalSeconds: number,
): TrainingStorage {
  const checkpoint = checkpointBytes(workload);
  const datasetBytes = tokens * DATASET_BYTES_PER_TOKEN;
  return {
    checkpointBytes: checkpoint,
    checkpointsKept: CHECKPOINTS_KEPT,
    datasetBytes,
    totalBytes: datasetBytes + checkpoint * CHECKPOINTS_KEPT,
    dataLoadingBytesPerSecond: step.tokensPerSecondPerDevice * cluster.devices * LOADED_BYTES_PER_TOKEN,
    checkpointBytesPerSecondNeeded: checkpoint / Math.max(1, checkpointIntervalSeconds),
    hostMemoryBytesPerNode: memory.hostMemoryBytesPerNode,
  };
}
