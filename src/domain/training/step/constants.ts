/** The fitted constants of the step-time model; scripts/fit/training.ts writes the file, each with prior and spread. */
import fitted from '../../calibration/training-constants.json' with { type: 'json' };
import type { Generation } from './generation.ts';

export interface StepConstants {
  /** Share of the achievable matmul rate that large GEMMs keep inside a step. */
  readonly gemmEfficiency: Readonly<Record<Generation, number>>;
  /** Fused attention kernels, share of the achievable bf16 matmul rate. */
  readonly attentionEfficiency: Readonly<Record<Generation, number>>;
  /** FlashAttention-2 on Hopper, which it does not exploit. */
  readonly flash2OnHopper: number;
  /** First FlashAttention over the second. */
  readonly flash1Share: number;
  /** Seconds every product loses to its launch, whatever its size. */
  readonly gemmFixedSeconds: number;
  /** Inner dimension that filling and draining a tile is worth. */
  readonly gemmFillDepth: number;
  /** Share of the loss to incomplete waves that kernels do not get around. */
  readonly waveLoss: number;
  /** Traffic of adding weight gradients to their sums that products do not hide, bytes per parameter and micro-batch. */
  readonly gradientAccumulationBytes: number;
  /** Seconds that every tensor-parallel collective takes beside its bytes. */
  readonly collectiveSeconds: number;
  /** Sustained matmul rate grows with this power of the watts per FLOP/s that the part has. */
  readonly powerExponentAmpere: number;
  /** Hopper and Blackwell. */
  readonly powerExponentRecent: number;
  /** Element-wise traffic, bytes per token and hidden unit of one layer, forward: fused (Megatron, XLA) and eager stacks. */
  readonly elementBytesFused: number;
  readonly elementBytesEager: number;
  readonly memoryEfficiency: number;
  readonly linkEfficiency: number;
  readonly networkEfficiency: number;
  /** Shares of communication that computation does not hide. */
  /** In stacks that overlap it (Megatron and XLA with fused attention); elsewhere all of it waits. */
  readonly tensorExposed: number;
  /** Gradient reduction and weight gathering of plain data parallelism and ZeRO 1 and 2. */
  readonly gradientExposed: number;
  /** Weight gathering of ZeRO 3 (FSDP), as long as it fits behind computation. */
  readonly shardedExposed: number;
  readonly expertExposed: number;
  readonly contextExposed: number;
  readonly pipelineExposed: number;
  /** GEMM rate in fp8 and fp4 over that in half precision, both relative to their achievable rates. */
  readonly eightBitEfficiency: Readonly<Record<Generation, number>>;
  /** Score traffic of unfused attention, bytes per token, head and key, forward. */
  readonly unfusedScoreBytes: number;
  /** Seconds of kernel launches per layer and micro-batch, all passes together, in eager adapter stacks: a floor. */
  readonly eagerAdapterLayerSeconds: number;
  /** The same in stacks that are compiled, fused or replayed as graphs. */
  readonly fusedLayerSeconds: number;
  /** Memory traffic of unpacking 4-bit weights, bytes per parameter and pass, its inefficiency included. */
  readonly dequantizationBytes: number;
  /** Extra bytes per element for quantization passes below 16 bits. */
  readonly quantizationBytes: number;
  /** Expert width at which grouped GEMMs take twice the time of plain ones. */
  readonly groupedGemmHalfWidth: number;
  /** Routing, permutation and launch of one expert layer, seconds per pass. */
  readonly expertLayerSeconds: number;
  /** Added per doubling of devices. */
  readonly jitterPerDoubling: number;
}

/** Year from which attention is fused (FlashAttention, arXiv 2205.14135, in the stacks from 2023). */
export const FUSED_ATTENTION_YEAR = 2023;

export const CALIBRATED: StepConstants = fitted.constants;
