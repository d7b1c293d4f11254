/** How well attention kernels use the matrix units, by the size of a head. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { SoftwareStack } from '../workload.ts';
import { FUSED_ATTENTION_YEAR } from './constants.ts';
import type { Generation } from './generation.ts';

/** Head size for which the attention efficiencies are fitted. */
const USUAL_HEAD = 128;

/**
 * Time of the exponentials over that of the products at the usual head size: 16 special functions per clock and multiprocessor
 * beside 2,048 (A100), 4,096 (H100) and 8,192 (B200) dense half-precision FLOPs (FlashAttention-3, arXiv 2407.08608 §3.1, and
 * the architecture whitepapers). A score takes one exponential whatever the head size.
 */
const EXPONENTIALS: Readonly<Record<Generation, number>> = {
  volta: 0.12,
  ampere: 0.25,
  workstation: 0.12,
  hopper: 0.5,
  blackwell: 1,
  cdna: 0.5,
  tpu: 0.25,
  gaudi: 0.25,
  trainium: 0.25,
  unknown: 0.25,
};

/**
 * Half-precision products need rows of whole 16 bytes for the matrix units; others run on the vector units, a sixteenth as
 * fast (NVIDIA, "Matrix Multiplication Background User's Guide"). Fused kernels pad instead.
 */
const ALIGNED_ELEMENTS = 8;
const VECTOR_RATE = 1 / 16;
/** Sizes that fused kernels are built for (FlashAttention-2, csrc/flash_attn: 32, 64, 96, 128, 160, 192, 224, 256). */
const FUSED_STEP = 32;

/**
 * Rate over that of a head of the usual size. The first FlashAttention ran no faster with heads of 128 than of 64
 * (FlashAttention-2, arXiv 2307.08691, figure 4).
 */
export function attentionShapeEfficiency(
  model: LanguageArchitecture,
  generation: Generation,
  { year }: SoftwareStack,
): number {
  const a = model.attention;
  const head = a.type === 'mla' ? (a.nopeHeadDim + a.ropeHeadDim + a.valueHeadDim) / 2 : a.headDim;
  if (year < FUSED_ATTENTION_YEAR) return head % ALIGNED_ELEMENTS === 0 ? 1 : VECTOR_RATE;
  const padded = Math.ceil(head / FUSED_STEP) * FUSED_STEP;
  const ratio = year === FUSED_ATTENTION_YEAR ? 0 : EXPONENTIALS[generation];
  return ((head / padded) * (1 + ratio)) / (1 + (ratio * USUAL_HEAD) / padded);
}
