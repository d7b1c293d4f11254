/** Into how many tensor-parallel ranks attention can be cut. */
import type { LanguageArchitecture } from '../../models/architecture.ts';

/**
 * Ranks share the query heads evenly, and hold either whole key-value heads or copies of one: engines load nothing else (vLLM,
 * `total_num_kv_heads % tp_size == 0` or `tp_size % total_num_kv_heads == 0` in its attention layers; SGLang and TensorRT-LLM alike).
 */
export function sharesHeads({ attention }: Pick<LanguageArchitecture, 'attention'>, ranks: number): boolean {
  if (attention.heads % ranks !== 0) return false;
  return attention.type !== 'gqa' || attention.kvHeads % ranks === 0 || ranks % attention.kvHeads === 0;
}
