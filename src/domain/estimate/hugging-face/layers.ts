/** What the layers of a configuration are: by list, by pattern or by a number that they share. */
import type { CustomLanguageModel } from '../selectors.ts';
import type { ConfigFields } from './config-fields.ts';

type LayerFields = Pick<
  CustomLanguageModel,
  'slidingWindow' | 'linearAttention' | 'feedForwardLayers' | 'crossAttentionLayers'
>;

export interface ReadLayers extends LayerFields {
  /** Feed-forward layers without experts, where these stand apart; null where each layer has a feed-forward network. */
  readonly plainFeedForward: number | null;
}

type Kind = 'full' | 'sliding' | 'linear' | 'mamba' | 'experts' | 'feed_forward';

/** Names that lists of layers give to their kinds (transformers, modeling layers; Nemotron-H; Granite 4; Jamba's naming). */
const KINDS: Readonly<Record<string, Kind>> = {
  full_attention: 'full',
  attention: 'full',
  sliding_attention: 'sliding',
  chunked_attention: 'sliding',
  linear_attention: 'linear',
  mamba: 'mamba',
  mamba2: 'mamba',
  // each layer reads what an indexer selects, which sparseAttention describes
  deepseek_sparse_attention: 'full',
  moe: 'experts',
  mlp: 'feed_forward',
};
/** hybrid_override_pattern of Nemotron-H. */
const LETTERS: Readonly<Record<string, Kind>> = { M: 'mamba', '*': 'full', E: 'experts', '-': 'feed_forward' };
/** Every so many layers one attends to everything, where the configuration does not list them (transformers, the class of each). */
const SLIDING_PATTERN: Readonly<Record<string, number>> = {
  gemma2: 2,
  gemma3: 6,
  gemma3_text: 6,
  cohere2: 4,
  gpt_oss: 2,
};

/** Where they are not counted, they are listed. */
export function layerCount(config: ConfigFields): number {
  const names = ['num_hidden_layers', 'n_layer', 'n_layers', 'num_layers'] as const;
  const layers =
    config.count(...names) ??
    config.list('layers_block_type')?.length ??
    config.text('hybrid_override_pattern')?.length ??
    config.required(...names);
  if (layers < 1 || layers > MOST_LAYERS) {
    config.fault(config.nameOf(...names) ?? '', 'range', `It must be between 1 and ${MOST_LAYERS}.`);
  }
  return layers;
}
const MOST_LAYERS = 10_000;

export function readLayers(config: ConfigFields, type: string, layers: number): ReadLayers {
  const kinds = kindsOf(config, type, layers);
  const count = (kind: Kind): number => kinds.filter((one) => one === kind).length;
  const cross = config.list('cross_attention_layers')?.length ?? 0;
  const [linear, mamba, sliding] = [count('linear'), count('mamba'), count('sliding')];
  const apart = count('experts') + count('feed_forward');
  const window = sliding === 0 ? undefined : windowOf(config);
  return {
    plainFeedForward: apart === 0 ? null : count('feed_forward'),
    ...(window !== undefined && { slidingWindow: { layers: sliding, tokens: window } }),
    ...(linear + mamba > 0 && {
      linearAttention: { layers: linear + mamba, ...(mamba > 0 && { stateSpace: readStateSpace(config) }) },
    }),
    ...(apart > 0 && { feedForwardLayers: apart }),
    ...(cross > 0 && { crossAttentionLayers: cross }),
  };
}

const windowOf = (config: ConfigFields): number =>
  config.required('sliding_window', 'sliding_window_size', 'attention_chunk_size');

/** One for each layer. */
function kindsOf(config: ConfigFields, type: string, layers: number): readonly Kind[] {
  const name = config.nameOf('layer_types', 'layers_block_type');
  const listed = name === undefined ? undefined : config.list(name);
  if (name !== undefined && listed !== undefined)
    return ofLayers(config, name, listed, layers, (one) => KINDS[String(one)]);
  const letters = config.text('hybrid_override_pattern');
  if (letters !== undefined) {
    return ofLayers(config, 'hybrid_override_pattern', [...letters], layers, (one) => LETTERS[String(one)]);
  }
  const windows = config.list('hybrid_layer_pattern');
  if (windows !== undefined) {
    return ofLayers(config, 'hybrid_layer_pattern', windows, layers, (one) => (one === 1 ? 'sliding' : 'full'));
  }
  const attending = config.list('attn_type_list');
  if (attending !== undefined) {
    return ofLayers(config, 'attn_type_list', attending, layers, (one) => (one === 0 ? 'linear' : 'full'));
  }
  const full = config.part('linear_attn_config')?.list('full_attn_layers')?.length;
  if (full !== undefined) return some('linear', layers - full, layers);
  const interval = config.count('full_attention_interval');
  if (interval !== undefined && interval > 1) return some('linear', layers - Math.floor(layers / interval), layers);
  return windowed(config, type, layers);
}

const some = (kind: Kind, count: number, layers: number): Kind[] =>
  Array.from({ length: layers }, (_, index) => (index < count ? kind : 'full'));

function ofLayers(
  config: ConfigFields,
  name: string,
  values: readonly unknown[],
  layers: number,
  kindOf: (value: unknown) => Kind | undefined,
): Kind[] {
  if (values.length < layers) {
    config.fault(name, 'minItems', `It speaks of ${values.length} layers, and the model has ${layers}.`);
  }
  return values.slice(0, layers).map((value) => {
    const kind = kindOf(value);
    return (
      kind ??
      config.fault(
        name,
        'unsupported_layer',
        `Layers of the kind ${JSON.stringify(value)?.slice(0, 60)} are not among those that can be estimated; state the model as customLanguageModel with the kind that is nearest.`,
      )
    );
  });
}

/** A window as long as the context is none. */
function windowed(config: ConfigFields, type: string, layers: number): Kind[] {
  const window = config.count('sliding_window');
  const context = config.count('max_position_embeddings') ?? Number.POSITIVE_INFINITY;
  if (window === undefined || window === 0 || window >= context || config.flag('use_sliding_window') === false) {
    const chunked = config.count('attention_chunk_size');
    // Llama 4: three layers of four see chunks of the context
    return type === 'llama4' && chunked !== undefined
      ? some('sliding', layers - Math.floor(layers / 4), layers)
      : some('full', 0, layers);
  }
  const every = config.count('sliding_window_pattern') ?? SLIDING_PATTERN[type];
  if (every !== undefined && every > 1) return some('sliding', layers - Math.floor(layers / every), layers);
  const from = config.flag('use_sliding_window') === true ? config.count('max_window_layers') : undefined;
  return some('sliding', from === undefined ? layers : Math.max(layers - from, 0), layers);
}

/** Mamba-2, by the names of Nemotron-H and of Bamba and Granite 4. */
function readStateSpace(
  config: ConfigFields,
): NonNullable<NonNullable<CustomLanguageModel['linearAttention']>['stateSpace']> {
  const heads = config.count('mamba_num_heads', 'mamba_n_heads');
  if (heads === undefined) {
    config.fault(
      '',
      'unsupported_layer',
      'Its state-space layers have no heads (mamba_num_heads), as those of Mamba-1 have none; only Mamba-2 can be estimated.',
    );
  }
  return {
    heads: heads as number,
    headDim: config.required('mamba_head_dim', 'mamba_d_head'),
    stateSize: config.required('ssm_state_size', 'mamba_d_state'),
    groups: config.required('n_groups', 'mamba_n_groups'),
    convolutionTokens: config.required('conv_kernel', 'mamba_d_conv'),
  };
}
