/**
 * A language model from the config.json of its checkpoint, by the names that the transformers library and the makers of models use
 * (github.com/huggingface/transformers, configuration classes; read of 86 published configurations on 2026-11-28). What is there and
 * would change the figures, but cannot be described, is refused and never passed over.
 */
import type { CustomLanguageModel } from '../selectors.ts';
import { ConfigFields } from './config-fields.ts';
import { readExperts } from './experts.ts';
import { layerCount, readLayers } from './layers.ts';
import { readWeightFormat } from './weight-format.ts';

export type HuggingFaceConfig = Readonly<Record<string, unknown>>;

/** Where configurations of models that read images or sound keep that of their language model. */
const TEXT_PARTS = ['text_config', 'llm_config', 'language_config', 'thinker_config'] as const;

/** Families of the catalog by other names that configurations give them. */
const FAMILY_NAMES: Readonly<Record<string, string>> = {
  kimi_k25: 'kimi_k2',
  minimax_m3_vl: 'minimax_m3',
  deepseek_ref: 'deepseek_v4',
  qwen3_moe_text: 'qwen3_moe',
};

/** Feed-forward networks of two matrices; all others have three. */
const TWO_MATRICES: ReadonlySet<string> = new Set(
  'gpt2 gpt_neo gpt_neox gptj gpt_bigcode codegen starcoder2 bloom falcon opt mpt phi nemotron nemotron_h arcee persimmon'.split(
    ' ',
  ),
);
/** Models whose embeddings are tied where the configuration does not say (the default of their class). */
const TIED: ReadonlySet<string> = new Set(
  'gemma gemma2 gemma3 gemma3_text gemma4 gemma4_text gpt2 gpt_bigcode gpt_neo bloom falcon opt mpt cohere cohere2 starcoder2 smollm3'.split(
    ' ',
  ),
);

/** Fields that change what a model reads and computes in a way that no field here describes. */
const NOT_DESCRIBED: readonly (readonly [field: string, what: string])[] = [
  ['num_kv_shared_layers', 'layers that share their keys and values'],
  ['hidden_size_per_layer_input', 'embeddings for each layer'],
  ['block_configs', 'layers of different widths'],
  ['num_encoder_layers', 'an encoder besides the decoder'],
];
/** Model types that are no decoder language models, for a sentence that says so. */
const NOT_LANGUAGE =
  /^(bert|roberta|xlm|deberta|electra|albert|distilbert|t5|mt5|bart|whisper|wav2vec2|vit|clip|siglip|detr|nomic_bert|modernbert)/;

/**
 * @param pointer where the configuration stands in the request
 * @param families of the catalog
 * @throws RequestFaultError that points into the configuration
 */
export function languageModelOfConfig(
  config: HuggingFaceConfig,
  pointer: string,
  families: ReadonlySet<string>,
): CustomLanguageModel {
  const outer = new ConfigFields(config, pointer);
  const partName = TEXT_PARTS.find((name) => outer.has(name));
  const text = (partName === undefined ? undefined : outer.part(partName)) ?? outer;
  const outerType = outer.text('model_type') ?? '';
  const textType = text.text('model_type') ?? outerType;
  refuseOthers(outer, text, outerType, textType);
  const type = textType.replace(/_text$/, '');
  const layers = layerCount(text);
  const hiddenSize = text.required('hidden_size', 'n_embd', 'd_model', 'dim');
  const attentionHeads = text.required('num_attention_heads', 'n_head', 'n_heads', 'num_heads');
  const found = readLayers(text, type, layers);
  const mixture = readExperts(text, type, layers, found);
  const { plainFeedForward: _apart, ...kinds } = found;
  const ffnHiddenSize = mixture?.denseWidth ?? plainWidth(text, hiddenSize);
  const mtpLayers = text.count('num_nextn_predict_layers', 'mtp_num_hidden_layers');
  const streams = text.count('hc_mult');
  const context = text.count(
    'max_position_embeddings',
    'n_positions',
    'max_sequence_length',
    'max_seq_len',
    'seq_length',
    'n_ctx',
  );
  const family = familyOf(outerType, textType, families);
  return {
    name: nameOf(outer, outerType || textType),
    ...(family !== undefined && { family }),
    layers,
    hiddenSize,
    ffnHiddenSize,
    vocabularySize: text.required('vocab_size', 'padded_vocab_size'),
    attentionHeads,
    gatedFfn: !TWO_MATRICES.has(type) && text.text('hidden_act') !== 'relu2' && text.text('mlp_hidden_act') !== 'relu2',
    tiedEmbeddings: text.flag('tie_word_embeddings') ?? outer.flag('tie_word_embeddings') ?? TIED.has(type),
    ...(context !== undefined && context > 0 && { maxContextTokens: context }),
    ...kinds,
    ...attentionOf(text, type, layers, attentionHeads),
    ...(streams !== undefined && streams > 1 && { residualStreams: streams }),
    ...(mixture !== null && { mixtureOfExperts: mixture.experts }),
    ...(mtpLayers !== undefined && mtpLayers > 0 && { mtpLayers }),
    ...readWeightFormat(outer, text),
  };
}

function refuseOthers(outer: ConfigFields, text: ConfigFields, outerType: string, textType: string): void {
  if (NOT_LANGUAGE.test(outerType) || NOT_LANGUAGE.test(textType) || outer.flag('is_encoder_decoder') === true) {
    outer.fault(
      'model_type',
      'unsupported_architecture',
      `A ${(outerType || textType).slice(0, 60)} model writes no text by itself; only decoder language models are read from their configuration. Ask for one of the catalog by its id.`,
    );
  }
  for (const [field, what] of NOT_DESCRIBED) {
    if (!text.has(field) || (!text.isList(field) && text.count(field) === 0)) continue;
    text.fault(
      field,
      'unsupported_architecture',
      `Models with ${what} cannot be described here; ask for the model by its catalog id, or state the nearest as customLanguageModel.`,
    );
  }
}

function familyOf(outerType: string, textType: string, families: ReadonlySet<string>): string | undefined {
  const names = [outerType, textType, textType.replace(/_text$/, '')];
  return names.map((name) => FAMILY_NAMES[name] ?? name).find((name) => families.has(name));
}

function nameOf(config: ConfigFields, type: string): string {
  const path = config.text('_name_or_path') ?? '';
  const last = path.slice(path.lastIndexOf('/') + 1).trim();
  // a directory on somebody's disk is no name
  return (path.startsWith('/') || path.startsWith('.') || last === '' ? type || 'model of a config.json' : last).slice(
    0,
    200,
  );
}

/** GPT-2 and its like give no width where it is four times that of the model. */
const plainWidth = (config: ConfigFields, hiddenSize: number): number =>
  config.count('intermediate_size', 'ffn_hidden_size', 'n_inner', 'ffn_dim', 'ffn_hidden') ?? 4 * hiddenSize;

type AttentionFields = Pick<
  CustomLanguageModel,
  'kvHeads' | 'headDim' | 'latentAttention' | 'compressedAttention' | 'sparseAttention' | 'slidingWindow'
>;

function attentionOf(config: ConfigFields, type: string, layers: number, heads: number): AttentionFields {
  if (config.has('compress_ratios')) return compressedOf(config, layers);
  const sparse = sparseOf(config, layers);
  if (config.has('kv_lora_rank')) {
    return {
      latentAttention: {
        queryLoraRank: config.count('q_lora_rank') ?? 0,
        kvLoraRank: config.required('kv_lora_rank'),
        nopeHeadDim: config.required('qk_nope_head_dim'),
        ropeHeadDim: config.required('qk_rope_head_dim'),
        valueHeadDim: config.required('v_head_dim'),
      },
      ...sparse,
    };
  }
  const kvHeads =
    config.count('num_key_value_heads', 'num_kv_heads', 'multi_query_group_num', 'n_head_kv') ??
    (config.flag('multi_query') === true && type !== 'chatglm' ? 1 : undefined);
  const headDim = config.count('head_dim', 'kv_channels', 'attention_head_dim');
  return {
    kvHeads: kvHeads ?? heads,
    ...(headDim !== undefined && headDim > 0 && { headDim }),
    ...sparse,
  };
}

/** The indexer of DeepSeek-V3.2, or the blocks of MiniMax-M3. */
function sparseOf(config: ConfigFields, layers: number): Pick<AttentionFields, 'sparseAttention'> {
  if (config.has('index_topk')) {
    return {
      sparseAttention: {
        topTokens: config.required('index_topk'),
        indexHeads: config.required('index_n_heads'),
        indexHeadDim: config.required('index_head_dim'),
      },
    };
  }
  const blocks = config.part('sparse_attention_config');
  if (blocks === undefined) return {};
  const listed = blocks.list('sparse_attention_freq')?.slice(0, layers);
  const selecting = listed === undefined ? layers : listed.filter((one) => one === 1).length;
  if (selecting === 0) return {};
  return {
    sparseAttention: {
      topTokens: blocks.required('sparse_topk_blocks') * blocks.required('sparse_block_size'),
      indexHeads: blocks.required('sparse_num_index_heads'),
      indexHeadDim: blocks.required('sparse_index_dim'),
      ...(selecting < layers && { layers: selecting }),
    },
  };
}

/** DeepSeek-V4: for each layer how many tokens are merged into an entry of the cache, 0 where it sees its window alone. */
function compressedOf(config: ConfigFields, layers: number): AttentionFields {
  const ratios = (config.list('compress_ratios') ?? []).slice(0, layers).map(Number);
  const merging = [...new Set(ratios.filter((ratio) => ratio > 0))].sort((a, b) => a - b);
  const [light, heavy] = merging;
  if (ratios.length < layers || light === undefined || heavy === undefined || merging.length > 2) {
    return config.fault(
      'compress_ratios',
      'unsupported_architecture',
      `It must name for each of the ${layers} layers one of two numbers of merged tokens, or 0; state other models as customLanguageModel.`,
    );
  }
  const count = (wanted: number): number => ratios.filter((ratio) => ratio === wanted).length;
  return {
    slidingWindow: { layers: count(0), tokens: config.required('sliding_window') },
    compressedAttention: {
      headDim: config.required('head_dim'),
      ropeHeadDim: config.required('qk_rope_head_dim'),
      queryLoraRank: config.required('q_lora_rank'),
      outputGroups: config.required('o_groups'),
      outputLoraRank: config.required('o_lora_rank'),
      light: {
        layers: count(light),
        tokensPerEntry: light,
        index: {
          topTokens: config.required('index_topk'),
          indexHeads: config.required('index_n_heads'),
          indexHeadDim: config.required('index_head_dim'),
        },
      },
      heavy: { layers: count(heavy), tokensPerEntry: heavy },
    },
  };
}
