/** The experts of a configuration, and which layers have none. */
import type { CustomLanguageModel } from '../selectors.ts';
import type { ConfigFields } from './config-fields.ts';
import type { ReadLayers } from './layers.ts';

type Experts = NonNullable<CustomLanguageModel['mixtureOfExperts']>;

interface ReadExperts {
  readonly experts: Experts;
  /** Width of the feed-forward network of layers without experts. */
  readonly denseWidth: number;
}

/** Null for models without experts. */
export function readExperts(
  config: ConfigFields,
  type: string,
  layers: number,
  { plainFeedForward }: ReadLayers,
): ReadExperts | null {
  const experts = config.count('n_routed_experts', 'num_local_experts', 'num_experts', 'moe_num_experts') ?? 0;
  if (experts === 0) return null;
  const activeExperts = config.required(
    'num_experts_per_tok',
    'num_experts_per_token',
    'top_k_experts',
    'experts_per_token',
    'moe_top_k',
    'moe_k',
    'moe_topk',
  );
  const width = config.count('moe_intermediate_size', 'expert_ffn_hidden_size');
  const plain = config.count('intermediate_size', 'ffn_hidden_size');
  const expertHiddenSize = width ?? plain ?? config.required('moe_intermediate_size');
  const denseLayers = plainFeedForward ?? denseLayersOf(config, layers);
  const latentSize = config.count('moe_latent_size', 'routed_expert_hidden_size');
  return {
    experts: {
      experts,
      activeExperts,
      expertHiddenSize,
      ...sharedOf(config, type, expertHiddenSize, plain),
      ...(denseLayers > 0 && { denseLayers }),
      ...(latentSize !== undefined && latentSize > 0 && { latentSize }),
    },
    denseWidth: config.count('intermediate_size_mlp', 'dense_intermediate_size') ?? plain ?? expertHiddenSize,
  };
}

function sharedOf(
  config: ConfigFields,
  type: string,
  expertHiddenSize: number,
  plain: number | undefined,
): Pick<Experts, 'sharedExperts' | 'sharedExpertHiddenSize'> {
  const width = config.count(
    'shared_expert_intermediate_size',
    'moe_shared_expert_intermediate_size',
    'share_expert_dim',
    'shared_intermediate_size',
  );
  // Llama 4 has one beside the routed ones, and Gemma 4 its ordinary feed-forward network, without saying so
  const implied = type === 'llama4' || config.flag('enable_moe_block') === true;
  const count = config.count('n_shared_experts', 'num_shared_experts') ?? ((width ?? 0) > 0 || implied ? 1 : 0);
  if (count === 0) return {};
  const own = width !== undefined && width > 0 ? width : implied ? (plain ?? expertHiddenSize) : expertHiddenSize;
  return { sharedExperts: count, ...(own !== expertHiddenSize && { sharedExpertHiddenSize: own }) };
}

function denseLayersOf(config: ConfigFields, layers: number): number {
  if (config.isList('moe_layer_freq')) {
    return (config.list('moe_layer_freq') ?? []).slice(0, layers).filter((one) => one === 0).length;
  }
  const first = config.count('first_k_dense_replace');
  if (first !== undefined) return Math.min(first, layers);
  const listed = config.list('mlp_only_layers')?.length ?? 0;
  const step = config.count('decoder_sparse_step', 'interleave_moe_layer_step', 'moe_layer_frequency') ?? 1;
  const stepped = step > 1 ? layers - Math.floor(layers / step) : 0;
  return Math.min(stepped + listed, layers);
}
