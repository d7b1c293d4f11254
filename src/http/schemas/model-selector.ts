/** The model of a request: one of the catalog, or one of the caller's own. */
import { Type } from '@sinclair/typebox';
import { choice, component, ref } from './component.ts';
import { CustomLanguageModelSchema } from './custom-language-model.ts';
import { positive, positiveInteger } from './quantity.ts';

const CustomVisionModelSchema = component(
  'CustomVisionModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-detector'],
    }),
    task: choice(['classification', 'detection', 'segmentation'], {
      description: 'What the model does.',
      examples: ['detection'],
    }),
    parametersMillions: positive('Parameters in millions.', 1e6, 25.6),
    gigaflopsPerImage: positive(
      'GFLOP of one forward pass at the input size; multiply and add count as two.',
      1e7,
      28.6,
    ),
    inputHeight: positiveInteger('Input height in pixels.', 100_000, 640),
    inputWidth: positiveInteger('Input width in pixels.', 100_000, 640),
  },
  {
    description: 'A vision model the catalog does not know.',
    examples: [
      {
        name: 'our-detector',
        task: 'detection',
        parametersMillions: 11.2,
        gigaflopsPerImage: 28.6,
        inputHeight: 640,
        inputWidth: 640,
      },
    ],
  },
);

const HuggingFaceConfigSchema = component(
  'HuggingFaceConfig',
  {},
  {
    description:
      'The config.json of a checkpoint, as it is: num_hidden_layers, hidden_size, num_key_value_heads, kv_lora_rank, layer_types, num_experts, quantization_config and so on, in text_config or llm_config where the model reads images. Fields that do not bear on the figures are passed over; what bears on them and cannot be described is refused with its pointer.',
    additionalProperties: true,
    examples: [
      {
        model_type: 'qwen3_moe',
        hidden_size: 2048,
        num_hidden_layers: 48,
        num_attention_heads: 32,
        num_key_value_heads: 4,
        head_dim: 128,
        intermediate_size: 6144,
        moe_intermediate_size: 768,
        num_experts: 128,
        num_experts_per_tok: 8,
        vocab_size: 151_936,
        max_position_embeddings: 40_960,
        tie_word_embeddings: false,
      },
    ],
  },
);

export const modelFields = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Catalog id or alias of the model, or the name of a checkpoint of it: "<model>-FP8", "-AWQ", "-NVFP4" and the like are its weights in that format. Exactly one of model, customLanguageModel, customVisionModel and huggingFaceConfig.',
      examples: ['meta-llama/Llama-3.1-70B'],
    }),
  ),
  customLanguageModel: Type.Optional(ref(CustomLanguageModelSchema, { description: 'A language model of your own.' })),
  huggingFaceConfig: Type.Optional(
    ref(HuggingFaceConfigSchema, {
      description:
        'The config.json of a checkpoint that the catalog does not have. The answer gives the request back with what was read of it as customLanguageModel.',
    }),
  ),
  customVisionModel: Type.Optional(ref(CustomVisionModelSchema, { description: 'A vision model of your own.' })),
};
