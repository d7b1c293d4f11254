/**
 * Whether models fit beside each other into the memory of a device. Memory of edge modules is shared with the system and
 * with what captures and decodes the input. A runtime adds to the weights: measured memory of 8-bit models over parameters
 * x bytes is 0.96 to 1.10 from 1 to 6 billion parameters and up to 1.35 at 0.5 (airockchip/rknn-llm on RK3588, 128 tokens
 * in and 64 out). At 4 bits embeddings stay wider: count them in the weights.
 */
import { MB } from '../units.ts';

/** Over the weights: buffers of the runtime, tables, scales. */
export const RUNTIME_FACTOR = 1.1;

/** Of the system, camera and codec buffers; at least a gigabyte on modules of 4 GB and more. */
export const RESERVED_SHARE = 0.15;
const LEAST_RESERVED_BYTES = 1000 * MB;
const SMALL_MEMORY_BYTES = 4000 * MB;

export interface ResidentModel {
  readonly id: string;
  /** Parameters x bytes of their format. */
  readonly weightBytes: number;
  /** KV cache, activations and other state at the peak of its load. */
  readonly stateBytes: number;
}

export interface MemoryFit {
  readonly fits: boolean;
  readonly neededBytes: number;
  readonly usableBytes: number;
  /** Positive: to spare; negative: over. */
  readonly marginBytes: number;
}

/** @param sharedWithSystem unified memory; false where the accelerator has memory of its own */
export function memoryFit(models: readonly ResidentModel[], memoryBytes: number, sharedWithSystem: boolean): MemoryFit {
  const reserved = sharedWithSystem
    ? Math.max(RESERVED_SHARE * memoryBytes, memoryBytes >= SMALL_MEMORY_BYTES ? LEAST_RESERVED_BYTES : 0)
    : 0;
  const usableBytes = memoryBytes - reserved;
  const neededBytes = models.reduce(
    (sum, { weightBytes, stateBytes }) => sum + RUNTIME_FACTOR * weightBytes + stateBytes,
    0,
  );
  return { fits: neededBytes <= usableBytes, neededBytes, usableBytes, marginBytes: usableBytes - neededBytes };
}
