/** What is read of a config.json: every catalog model in its words, the words of single families, and what is refused. */
import { describe, expect, test } from 'vitest';
import { customLanguageArchitecture } from '../../../src/domain/estimate/custom-language-model.ts';
import {
  type HuggingFaceConfig,
  languageModelOfConfig,
} from '../../../src/domain/estimate/hugging-face/language-model.ts';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { snapshot } from '../seed.ts';
import { asConfig } from './catalog-as-config.ts';

const families = new Set(snapshot.models.map(({ architecture }) => architecture.family));
const read = (config: HuggingFaceConfig) => languageModelOfConfig(config, '/huggingFaceConfig', families);
const architectureOf = (config: HuggingFaceConfig) => {
  const { parametersTotal, parametersActive: _active, ...shape } = customLanguageArchitecture(snapshot, read(config));
  return { parametersTotal, shape };
};
const faultOf = (config: HuggingFaceConfig) => {
  try {
    read(config);
  } catch (error) {
    if (error instanceof RequestFaultError) return error.faults[0];
    throw error;
  }
  return undefined;
};

test('every language model of the catalog, in the words of a config.json, is read as it is', () => {
  let seen = 0;
  for (const { id, architecture } of snapshot.models) {
    if (architecture.kind !== 'language') continue;
    const { parametersTotal: _total, parametersActive: _active, ...published } = architecture;
    expect(architectureOf(asConfig(architecture)).shape, id).toEqual(published);
    seen++;
  }
  expect(seen).toBeGreaterThan(150);
});

/** As published beside the checkpoints; fields that say nothing of the shape are left out. */
const LLAMA_8B = {
  architectures: ['LlamaForCausalLM'],
  attention_bias: false,
  hidden_act: 'silu',
  hidden_size: 4096,
  initializer_range: 0.02,
  intermediate_size: 14_336,
  max_position_embeddings: 131_072,
  model_type: 'llama',
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_scaling: { factor: 8, low_freq_factor: 1, rope_type: 'llama3' },
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  vocab_size: 128_256,
};
const base = { ...LLAMA_8B, model_type: 'ours' };

describe('the words of single families', () => {
  test('Llama 3.1 8B has the parameters that are published of it', () => {
    const { parametersTotal, shape } = architectureOf(LLAMA_8B);
    expect(shape.family).toBe('llama');
    expect(parametersTotal / 1e9).toBeCloseTo(8.03, 2);
  });

  test.each<readonly [what: string, config: HuggingFaceConfig, read: object]>([
    [
      'Mixtral: experts as wide as the feed-forward network',
      { ...base, num_local_experts: 8, num_experts_per_tok: 2, sliding_window: null },
      { mixtureOfExperts: { experts: 8, activeExperts: 2, expertHiddenSize: 14_336 } },
    ],
    [
      'Mistral 7B v0.1: every layer has the window',
      { ...base, max_position_embeddings: 32_768, sliding_window: 4096 },
      { slidingWindow: { layers: 32, tokens: 4096 } },
    ],
    ['Phi-3: a window longer than the context is none', { ...base, sliding_window: 262_144 }, { layers: 32 }],
    [
      'Qwen2: windows that are switched off',
      { ...base, sliding_window: 32_768, use_sliding_window: false, max_window_layers: 28 },
      { layers: 32 },
    ],
    [
      'Qwen2: windows from a layer on',
      { ...base, sliding_window: 32_768, use_sliding_window: true, max_window_layers: 28 },
      { slidingWindow: { layers: 4, tokens: 32_768 } },
    ],
    [
      'Gemma 3: one layer of six attends to everything, embeddings are tied unless they are said not to be',
      { ...base, model_type: 'gemma3_text', tie_word_embeddings: null, sliding_window: 1024 },
      { slidingWindow: { layers: 27, tokens: 1024 }, tiedEmbeddings: true },
    ],
    [
      'Llama 4: chunks, every other layer with experts, one of them shared',
      {
        model_type: 'llama4',
        text_config: {
          ...base,
          model_type: 'llama4_text',
          attention_chunk_size: 8192,
          intermediate_size: 8192,
          intermediate_size_mlp: 16_384,
          num_local_experts: 128,
          num_experts_per_tok: 1,
          interleave_moe_layer_step: 2,
        },
      },
      {
        family: 'llama4',
        ffnHiddenSize: 16_384,
        slidingWindow: { layers: 24, tokens: 8192 },
        mixtureOfExperts: {
          experts: 128,
          activeExperts: 1,
          expertHiddenSize: 8192,
          sharedExperts: 1,
          denseLayers: 16,
        },
      },
    ],
    [
      'Qwen3-Next: one layer of four attends',
      {
        ...base,
        full_attention_interval: 4,
        shared_expert_intermediate_size: 512,
        num_experts: 512,
        num_experts_per_tok: 10,
        moe_intermediate_size: 512,
      },
      {
        linearAttention: { layers: 24 },
        mixtureOfExperts: { experts: 512, activeExperts: 10, expertHiddenSize: 512, sharedExperts: 1 },
      },
    ],
    [
      'GPT-2: two matrices of four times the width, heads of its own names',
      { model_type: 'gpt2', n_layer: 48, n_embd: 1600, n_head: 25, n_positions: 1024, vocab_size: 50_257 },
      { layers: 48, ffnHiddenSize: 6400, kvHeads: 25, gatedFfn: false, tiedEmbeddings: true, maxContextTokens: 1024 },
    ],
    ['Falcon 7B: one key and value head', { ...base, num_key_value_heads: null, multi_query: true }, { kvHeads: 1 }],
    [
      'MiniMax-M3: leading layers without experts, by list',
      { ...base, num_local_experts: 128, num_experts_per_tok: 4, moe_layer_freq: [0, 0, 0, ...Array(29).fill(1)] },
      { mixtureOfExperts: { experts: 128, activeExperts: 4, expertHiddenSize: 14_336, denseLayers: 3 } },
    ],
  ])('%s', (_what, config, expected) => {
    const custom = read(config);
    expect(custom).toMatchObject(expected);
    if (!('slidingWindow' in expected)) expect(custom.slidingWindow).toBeUndefined();
    expect(() => customLanguageArchitecture(snapshot, custom)).not.toThrow();
  });

  test.each<readonly [quantization: object, format: string]>([
    [{ quant_method: 'fp8', activation_scheme: 'dynamic' }, 'fp8'],
    [{ quant_method: 'mxfp4' }, 'mxfp4'],
    [{ quant_method: 'awq', bits: 4 }, 'int4'],
    [{ quant_method: 'gptq', bits: 8 }, 'int8'],
    [{ quant_method: 'bitsandbytes', load_in_4bit: true }, 'int4'],
    [{ quant_method: 'modelopt', quant_algo: 'NVFP4' }, 'fp4'],
    [{ quant_algo: 'FP8' }, 'fp8'],
    [
      {
        quant_method: 'modelopt',
        quant_algo: 'MIXED_PRECISION',
        quantized_layers: { a: { quant_algo: 'MXFP8' }, b: { quant_algo: 'NVFP4' } },
      },
      'fp4',
    ],
    [
      { quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 8, type: 'float' } } } },
      'fp8',
    ],
    [
      { quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 4, type: 'int' } } } },
      'int4',
    ],
    [
      {
        quant_method: 'compressed-tensors',
        config_groups: { group_0: { format: 'mxfp4-pack-quantized', weights: { num_bits: 4, type: 'float' } } },
      },
      'mxfp4',
    ],
  ])('weights stored as %j are %s', (quantization_config, format) => {
    expect(read({ ...base, quantization_config }).nativeWeightFormat).toBe(format);
    const besideImages = { model_type: 'ours_vl', text_config: base, quantization_config };
    expect(read(besideImages).nativeWeightFormat).toBe(format);
  });

  test('the name is that of the checkpoint, and no directory of somebody', () => {
    expect(read({ ...base, _name_or_path: 'our-lab/our-8b' }).name).toBe('our-8b');
    expect(read({ ...base, _name_or_path: '/home/me/run-7' }).name).toBe('ours');
  });
});

describe('what is refused, with its pointer', () => {
  const { hidden_size: _width, ...withoutWidth } = base;
  test.each<readonly [pointer: string, rule: string, config: HuggingFaceConfig]>([
    ['', 'required', {}],
    ['', 'required', withoutWidth],
    ['/text_config', 'required', { text_config: withoutWidth }],
    ['/hidden_size', 'type', { ...base, hidden_size: '4096' }],
    ['/num_hidden_layers', 'type', { ...base, num_hidden_layers: 32.5 }],
    ['/num_hidden_layers', 'range', { ...base, num_hidden_layers: 0 }],
    ['/num_hidden_layers', 'range', { ...base, num_hidden_layers: 1e9 }],
    ['/text_config', 'type', { ...base, text_config: 'text' }],
    ['/layer_types', 'minItems', { ...base, layer_types: ['full_attention'] }],
    ['/layer_types', 'unsupported_layer', { ...base, layer_types: Array(32).fill('conv') }],
    ['', 'required', { ...base, layer_types: Array(32).fill('sliding_attention') }],
    ['', 'unsupported_layer', { ...base, layer_types: Array(32).fill('mamba'), mamba_d_state: 16 }],
    ['/num_kv_shared_layers', 'unsupported_architecture', { ...base, num_kv_shared_layers: 15 }],
    ['/block_configs', 'unsupported_architecture', { ...base, block_configs: [{}] }],
    ['/model_type', 'unsupported_architecture', { ...base, model_type: 'bert' }],
    ['/model_type', 'unsupported_architecture', { ...base, is_encoder_decoder: true }],
    [
      '/quantization_config/quant_method',
      'unsupported_format',
      { ...base, quantization_config: { quant_method: 'hqq' } },
    ],
    [
      '/quantization_config/bits',
      'unsupported_format',
      { ...base, quantization_config: { quant_method: 'gptq', bits: 3 } },
    ],
    ['/compress_ratios', 'unsupported_architecture', { ...base, compress_ratios: [0, 4] }],
  ])('at "%s": %s', (pointer, rule, config) => {
    expect(faultOf(config)).toMatchObject({ pointer: `/huggingFaceConfig${pointer}`, rule });
  });
});
