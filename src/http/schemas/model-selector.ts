/** The model of a request: one of the catalog, or one of the caller's own. */
import { Type } from '@sinclair/typebox';
import { choice, component, ref } from './component.ts';
import { positive, positiveInteger } from './quantity.ts';

export const CustomLanguageModelSchema = component(
  'CustomLanguageModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-13b'],
    }),
    layers: positiveInteger('Transformer layers.', 10_000, 40),
    hiddenSize: positiveInteger('Width of the residual stream.', 1_000_000, 5120),
    ffnHiddenSize: positiveInteger(
      'Inner width of the feed-forward network (of the dense layers, in a mixture of experts).',
      4_000_000,
      13_824,
    ),
    vocabularySize: positiveInteger('Tokens in the vocabulary.', 10_000_000, 128_256),
    attentionHeads: positiveInteger('Query heads.', 10_000, 40),
    kvHeads: Type.Optional(positiveInteger('Key-value heads; equal to attentionHeads where absent.', 10_000, 8)),
    headDim: Type.Optional(positiveInteger('Width of a head; hiddenSize / attentionHeads where absent.', 10_000, 128)),
    gatedFfn: Type.Optional(
      Type.Boolean({ description: 'SwiGLU-like FFN with three matrices; true where absent.', examples: [true] }),
    ),
    tiedEmbeddings: Type.Optional(
      Type.Boolean({
        description: 'Input and output embeddings are one matrix; false where absent.',
        examples: [false],
      }),
    ),
    maxContextTokens: Type.Optional(positiveInteger('Longest context; 131,072 where absent.', 100_000_000, 131_072)),
    slidingWindow: Type.Optional(
      ref(
        component(
          'CustomSlidingWindow',
          {
            layers: positiveInteger('Layers that attend to a window only.', 10_000, 20),
            tokens: positiveInteger('Width of the window in tokens.', 10_000_000, 4096),
          },
          {
            description: 'Layers whose attention is limited to the last tokens.',
            examples: [{ layers: 20, tokens: 4096 }],
          },
        ),
        { description: 'Layers with sliding-window attention, if any.' },
      ),
    ),
    latentAttention: Type.Optional(
      ref(
        component(
          'CustomLatentAttention',
          {
            queryLoraRank: Type.Integer({
              minimum: 0,
              maximum: 100_000,
              description: 'Rank of the compressed queries; 0 where they are not compressed.',
              examples: [1536],
            }),
            kvLoraRank: positiveInteger('Rank of the compressed keys and values.', 100_000, 512),
            nopeHeadDim: positiveInteger('Head width without rotary embedding.', 10_000, 128),
            ropeHeadDim: positiveInteger('Head width with rotary embedding.', 10_000, 64),
            valueHeadDim: positiveInteger('Head width of values.', 10_000, 128),
          },
          {
            description: 'Multi-head latent attention (DeepSeek-V2 and later).',
            examples: [{ queryLoraRank: 1536, kvLoraRank: 512, nopeHeadDim: 128, ropeHeadDim: 64, valueHeadDim: 128 }],
          },
        ),
        { description: 'Ranks of multi-head latent attention; replaces kvHeads and headDim.' },
      ),
    ),
    mixtureOfExperts: Type.Optional(
      ref(
        component(
          'CustomMixtureOfExperts',
          {
            experts: positiveInteger('Routed experts per layer.', 100_000, 128),
            activeExperts: positiveInteger('Experts each token is routed to.', 100_000, 8),
            expertHiddenSize: positiveInteger('Inner width of one expert.', 1_000_000, 1536),
            sharedExperts: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 1000,
                description: 'Experts that see every token; 0 where absent.',
                examples: [1],
              }),
            ),
            denseLayers: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 10_000,
                description: 'Leading layers with an ordinary FFN; 0 where absent.',
                examples: [3],
              }),
            ),
          },
          {
            description: 'Routed experts in place of the feed-forward network.',
            examples: [{ experts: 128, activeExperts: 8, expertHiddenSize: 1536 }],
          },
        ),
        { description: 'Experts, if the model has them.' },
      ),
    ),
  },
  {
    description: 'A language model the catalog does not know, as its architecture.',
    examples: [
      {
        name: 'our-13b',
        layers: 40,
        hiddenSize: 5120,
        ffnHiddenSize: 13_824,
        vocabularySize: 128_256,
        attentionHeads: 40,
        kvHeads: 8,
      },
    ],
  },
);

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

export const modelFields = {
  model: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'Catalog id or alias of the model, or the name of a checkpoint of it: "<model>-FP8", "-AWQ", "-NVFP4" and the like are its weights in that format. Exactly one of model, customLanguageModel and customVisionModel.',
      examples: ['meta-llama/Llama-3.1-70B'],
    }),
  ),
  customLanguageModel: Type.Optional(ref(CustomLanguageModelSchema, { description: 'A language model of your own.' })),
  customVisionModel: Type.Optional(ref(CustomVisionModelSchema, { description: 'A vision model of your own.' })),
};
