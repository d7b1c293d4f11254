/** The optimizations there are, in the order in which they are shown. */
import type { Optimization } from './option.ts';
import { PURCHASES, RIGHT_SIZING } from './purchase-options.ts';
import { QUANTIZATIONS } from './quantization.ts';
import { SMALLER_MODELS } from './smaller-model-options.ts';
import { CACHES_AND_DRAFTS, DISAGGREGATION, EDGE_OFFLOAD } from './traffic-options.ts';

export const OPTIMIZATIONS: readonly Optimization[] = [
  ...QUANTIZATIONS,
  ...SMALLER_MODELS,
  ...CACHES_AND_DRAFTS,
  RIGHT_SIZING,
  ...PURCHASES,
  EDGE_OFFLOAD,
  DISAGGREGATION,
];
