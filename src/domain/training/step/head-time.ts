/** The output layer and its loss, whose logits no kernel keeps out of memory. */
import type { TrainingLayout, TrainingWorkload } from '../workload.ts';
import { forwardsPerToken } from './flops.ts';
import type { Rates } from './layer-time.ts';

/** Logits in fp32 with softmax, loss and gradient: bytes moved per vocabulary entry and token. */
const LOGITS_BYTES = 10;

export function headSeconds(workload: TrainingWorkload, layout: TrainingLayout, rates: Rates, logits: number): number {
  const { model } = workload;
  const tokens = (layout.microBatchSequences * workload.sequenceLength) / layout.contextParallel;
  const heads = 1 + model.mtpLayers;
  const passes = forwardsPerToken(workload.method);
  const gemm =
    (passes * 2 * tokens * logits * heads) / layout.tensorParallel / (rates.halfMatmulFlops * rates.gemmEfficiency);
  const traffic = (3 * LOGITS_BYTES * model.vocabularySize * tokens * heads) / layout.tensorParallel;
  return gemm + traffic / rates.memoryBytesPerSecond;
}
