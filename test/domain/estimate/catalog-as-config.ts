/** A language model of the catalog in the words of a config.json: those of the family that introduced each part. */
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';

type Config = Record<string, unknown>;

export function asConfig(architecture: LanguageArchitecture): Config {
  const { attention, layerPattern, mixtureOfExperts, stateSpace, layers } = architecture;
  return {
    // two matrices are told by the type or by the activation
    model_type: architecture.family,
    hidden_act: architecture.gatedFfn ? 'silu' : 'relu2',
    num_hidden_layers: layers,
    hidden_size: architecture.hiddenSize,
    intermediate_size: architecture.ffnHiddenSize,
    vocab_size: architecture.vocabularySize,
    num_attention_heads: attention.heads,
    max_position_embeddings: architecture.maxContextTokens,
    tie_word_embeddings: architecture.tiedEmbeddings,
    ...attentionFields(attention, layers),
    ...layerFields(architecture),
    ...(stateSpace !== undefined && {
      mamba_num_heads: stateSpace.heads,
      mamba_head_dim: stateSpace.headDim,
      ssm_state_size: stateSpace.stateSize,
      n_groups: stateSpace.groups,
      conv_kernel: stateSpace.convolutionTokens,
    }),
    ...(architecture.residualStreams !== undefined && { hc_mult: architecture.residualStreams }),
    ...(mixtureOfExperts !== null && {
      n_routed_experts: mixtureOfExperts.experts,
      num_experts_per_tok: mixtureOfExperts.activeExperts,
      moe_intermediate_size: mixtureOfExperts.expertHiddenSize,
      n_shared_experts: mixtureOfExperts.sharedExperts,
      ...(mixtureOfExperts.sharedExperts > 0 && {
        moe_shared_expert_intermediate_size: mixtureOfExperts.sharedExpertHiddenSize,
      }),
      ...(layerPattern.feedForward === undefined && { first_k_dense_replace: mixtureOfExperts.denseLayers }),
      ...(mixtureOfExperts.latentSize !== undefined && { moe_latent_size: mixtureOfExperts.latentSize }),
    }),
    num_nextn_predict_layers: architecture.mtpLayers,
    ...quantization(architecture),
  };
}

function attentionFields(attention: LanguageArchitecture['attention'], layers: number): Config {
  switch (attention.type) {
    case 'gqa': {
      const { kvHeads, headDim, sparse } = attention;
      return {
        num_key_value_heads: kvHeads,
        head_dim: headDim,
        ...(sparse !== undefined && {
          sparse_attention_config: {
            sparse_attention_freq: Array.from({ length: layers }, (_, index) =>
              index < layers - (sparse.layers ?? layers) ? 0 : 1,
            ),
            sparse_topk_blocks: sparse.topTokens / 128,
            sparse_block_size: 128,
            sparse_num_index_heads: sparse.indexHeads,
            sparse_index_dim: sparse.indexHeadDim,
          },
        }),
      };
    }
    case 'mla':
      return {
        q_lora_rank: attention.queryLoraRank === 0 ? null : attention.queryLoraRank,
        kv_lora_rank: attention.kvLoraRank,
        qk_nope_head_dim: attention.nopeHeadDim,
        qk_rope_head_dim: attention.ropeHeadDim,
        v_head_dim: attention.valueHeadDim,
        ...(attention.sparse !== undefined && {
          index_topk: attention.sparse.topTokens,
          index_n_heads: attention.sparse.indexHeads,
          index_head_dim: attention.sparse.indexHeadDim,
        }),
      };
    case 'compressed': {
      const { light, heavy } = attention;
      const many = <Value>(length: number, value: Value): Value[] => Array.from({ length }, () => value);
      return {
        head_dim: attention.headDim,
        qk_rope_head_dim: attention.ropeHeadDim,
        q_lora_rank: attention.queryLoraRank,
        o_groups: attention.outputGroups,
        o_lora_rank: attention.outputLoraRank,
        index_topk: light.index.topTokens,
        index_n_heads: light.index.indexHeads,
        index_head_dim: light.index.indexHeadDim,
        compress_ratios: [
          ...many(layers - light.layers - heavy.layers, 0),
          ...many(light.layers, light.tokensPerEntry),
          ...many(heavy.layers, heavy.tokensPerEntry),
        ],
      };
    }
  }
}

function layerFields({ layerPattern, attention, stateSpace, mixtureOfExperts }: LanguageArchitecture): Config {
  const { full, sliding, slidingWindow, linear, feedForward, cross } = layerPattern;
  const window = slidingWindow > 0 && { sliding_window: slidingWindow };
  if (attention.type === 'compressed') return { ...window };
  if (feedForward !== undefined) {
    const plain = mixtureOfExperts === null ? feedForward : mixtureOfExperts.denseLayers;
    const letters = ['*'.repeat(full), 'M'.repeat(linear), '-'.repeat(plain), 'E'.repeat(feedForward - plain)];
    return { hybrid_override_pattern: letters.join('') };
  }
  const many = (length: number, kind: string): string[] => Array.from({ length }, () => kind);
  return {
    ...window,
    layer_types: [
      ...many(full + (cross ?? 0), 'full_attention'),
      ...many(sliding, 'sliding_attention'),
      ...many(linear, stateSpace === undefined ? 'linear_attention' : 'mamba'),
    ],
    ...(cross !== undefined && { cross_attention_layers: Array.from({ length: cross }, (_, index) => 5 * index + 3) }),
  };
}

function quantization({ nativeWeightFormat: format, formatBesideExperts }: LanguageArchitecture): Config {
  if (formatBesideExperts !== undefined) return { quantization_config: { quant_method: 'fp8' }, expert_dtype: 'fp4' };
  switch (format) {
    case null:
      return {};
    case 'int4':
      return { quantization_config: { quant_method: 'gptq', bits: 4 } };
    default:
      return { quantization_config: { quant_method: format } };
  }
}
