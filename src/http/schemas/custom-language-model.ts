/** A language model of the caller's own: every part that the architecture of a catalog model can have, most of them optional. */
import { Type } from '@sinclair/typebox';
import { WEIGHT_FORMATS } from '../../domain/inference/step/configuration.ts';
import { choice, component, ref } from './component.ts';
import { positive, positiveInteger } from './quantity.ts';

const MOST_LAYERS = 10_000;
const count = (description: string, maximum: number, example: number) =>
  Type.Integer({ minimum: 0, maximum, description, examples: [example] });
const layerCount = (description: string, example: number) => positiveInteger(description, MOST_LAYERS, example);

const SlidingWindowSchema = component(
  'CustomSlidingWindow',
  {
    layers: count(
      'Layers that attend to a window only; 0 only beside compressedAttention, whose layers all have the window.',
      MOST_LAYERS,
      20,
    ),
    tokens: positiveInteger('Width of the window in tokens.', 10_000_000, 4096),
  },
  {
    description: 'Layers whose attention is limited to the last tokens.',
    examples: [{ layers: 20, tokens: 4096 }],
  },
);

const LatentAttentionSchema = component(
  'CustomLatentAttention',
  {
    queryLoraRank: count('Rank of the compressed queries; 0 where they are not compressed.', 100_000, 1536),
    kvLoraRank: positiveInteger('Rank of the compressed keys and values.', 100_000, 512),
    nopeHeadDim: positiveInteger('Head width without rotary embedding.', 10_000, 128),
    ropeHeadDim: positiveInteger('Head width with rotary embedding.', 10_000, 64),
    valueHeadDim: positiveInteger('Head width of values.', 10_000, 128),
  },
  {
    description: 'Multi-head latent attention (DeepSeek-V2 and later).',
    examples: [{ queryLoraRank: 1536, kvLoraRank: 512, nopeHeadDim: 128, ropeHeadDim: 64, valueHeadDim: 128 }],
  },
);

const indexFields = {
  indexHeads: positiveInteger('Heads of the indexer that scores the context.', 10_000, 64),
  indexHeadDim: positiveInteger('Width of each of its heads.', 10_000, 128),
};

const SparseAttentionSchema = component(
  'CustomSparseAttention',
  {
    topTokens: positiveInteger('Tokens that a layer attends to at most.', 10_000_000, 2048),
    ...indexFields,
    layers: Type.Optional(layerCount('Layers that select; all layers that attend beyond a window where absent.', 57)),
  },
  {
    description: 'An indexer scores the context and attention reads the best tokens (DeepSeek-V3.2, MiniMax-M3).',
    examples: [{ topTokens: 2048, indexHeads: 64, indexHeadDim: 128 }],
  },
);

const mergedLayers = {
  layers: layerCount('Number of layers that merge tokens in this way.', 20),
  tokensPerEntry: positiveInteger('Tokens merged into one entry of the cache.', 1_000_000, 128),
};

const CompressedAttentionSchema = component(
  'CustomCompressedAttention',
  {
    headDim: positiveInteger('Width of a head, and of the vector that is key and value of all heads.', 10_000, 512),
    ropeHeadDim: count('Of it, with rotary embedding.', 10_000, 64),
    queryLoraRank: positiveInteger('Rank of the compressed queries.', 100_000, 1024),
    outputGroups: positiveInteger('Groups of heads whose output is compressed together.', 10_000, 8),
    outputLoraRank: positiveInteger('Rank that the output of each group is compressed to.', 100_000, 1024),
    light: ref(
      component(
        'CustomLightlyCompressedLayers',
        {
          ...mergedLayers,
          index: ref(
            component(
              'CustomEntrySelection',
              {
                topTokens: positiveInteger('Entries that a layer attends to at most.', 10_000_000, 512),
                ...indexFields,
              },
              {
                description: 'An indexer scores the entries and attention reads the best.',
                examples: [{ topTokens: 512, indexHeads: 64, indexHeadDim: 128 }],
              },
            ),
            { description: 'The selection of the entries they attend to.' },
          ),
        },
        {
          description: 'Layers that merge few tokens and attend to the best entries.',
          examples: [{ layers: 21, tokensPerEntry: 4, index: { topTokens: 512, indexHeads: 64, indexHeadDim: 128 } }],
        },
      ),
      { description: 'Layers that merge few tokens and attend to the best entries.' },
    ),
    heavy: ref(
      component('CustomHeavilyCompressedLayers', mergedLayers, {
        description: 'Layers that merge many tokens and attend to all entries.',
        examples: [{ layers: 20, tokensPerEntry: 128 }],
      }),
      { description: 'Layers that merge many tokens and attend to all entries.' },
    ),
  },
  {
    description:
      'Attention whose cache merges tokens (DeepSeek-V4). Every layer also sees the last tokens unmerged: slidingWindow gives their number.',
    examples: [
      {
        headDim: 512,
        ropeHeadDim: 64,
        queryLoraRank: 1024,
        outputGroups: 8,
        outputLoraRank: 1024,
        light: { layers: 21, tokensPerEntry: 4, index: { topTokens: 512, indexHeads: 64, indexHeadDim: 128 } },
        heavy: { layers: 20, tokensPerEntry: 128 },
      },
    ],
  },
);

const StateSpaceSchema = component(
  'CustomStateSpace',
  {
    heads: positiveInteger('Heads.', 100_000, 64),
    headDim: positiveInteger('Width of a head.', 10_000, 64),
    stateSize: positiveInteger('Width of the state of each channel.', 100_000, 128),
    groups: positiveInteger('Groups of heads that share what is written to and read from the state.', 100_000, 8),
    convolutionTokens: positiveInteger('Tokens that the short convolution covers.', 10_000, 4),
  },
  {
    description: 'A state-space layer (Mamba-2, arXiv 2405.21060).',
    examples: [{ heads: 64, headDim: 64, stateSize: 128, groups: 8, convolutionTokens: 4 }],
  },
);

const LinearAttentionSchema = component(
  'CustomLinearAttention',
  {
    layers: layerCount('Layers with a state of constant size in place of a cache.', 36),
    stateSpace: Type.Optional(
      ref(StateSpaceSchema, {
        description: 'Their shape where they are state-space models; heads as wide as those of attention where absent.',
      }),
    ),
  },
  {
    description:
      'Layers that keep a state of constant size: linear attention (Qwen3-Next), or state-space models (Mamba-2, Nemotron-H).',
    examples: [{ layers: 36 }],
  },
);

const MixtureOfExpertsSchema = component(
  'CustomMixtureOfExperts',
  {
    experts: positiveInteger('Routed experts per layer.', 100_000, 128),
    activeExperts: positiveInteger('Experts each token is routed to.', 100_000, 8),
    expertHiddenSize: positiveInteger('Inner width of one expert.', 1_000_000, 1536),
    sharedExperts: Type.Optional(count('Experts that see every token; 0 where absent.', 1000, 1)),
    sharedExpertHiddenSize: Type.Optional(
      count('Inner width of one shared expert; expertHiddenSize where absent.', 4_000_000, 3712),
    ),
    denseLayers: Type.Optional(count('Leading layers with an ordinary FFN; 0 where absent.', MOST_LAYERS, 3)),
    latentSize: Type.Optional(
      positiveInteger(
        'Width that routed experts work at, behind a projection; that of the model where absent (Nemotron-3 Super).',
        1_000_000,
        1024,
      ),
    ),
  },
  {
    description: 'Routed experts in place of the feed-forward network.',
    examples: [{ experts: 128, activeExperts: 8, expertHiddenSize: 1536 }],
  },
);

const plain = {
  name: 'our-13b',
  layers: 40,
  hiddenSize: 5120,
  ffnHiddenSize: 13_824,
  vocabularySize: 128_256,
  attentionHeads: 40,
  kvHeads: 8,
};

/** A mixture with state-space layers: what most others leave out. */
export const hybridExample = {
  name: 'our-hybrid-mixture',
  layers: 52,
  hiddenSize: 2688,
  ffnHiddenSize: 1856,
  gatedFfn: false,
  vocabularySize: 131_072,
  attentionHeads: 32,
  kvHeads: 2,
  headDim: 128,
  linearAttention: {
    layers: 23,
    stateSpace: { heads: 64, headDim: 64, stateSize: 128, groups: 8, convolutionTokens: 4 },
  },
  feedForwardLayers: 23,
  mixtureOfExperts: {
    experts: 128,
    activeExperts: 6,
    expertHiddenSize: 1856,
    sharedExperts: 1,
    sharedExpertHiddenSize: 3712,
  },
};

export const CustomLanguageModelSchema = component(
  'CustomLanguageModel',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Name shown in the answer.',
      examples: ['our-13b'],
    }),
    family: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'Family of catalog models that it is built like, whose measured factors and image encoder then apply; none where absent.',
        examples: ['qwen3_moe'],
      }),
    ),
    layers: layerCount('Layers of all kinds. Those that no other field speaks of attend to everything.', 40),
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
      ref(SlidingWindowSchema, { description: 'Layers with sliding-window attention, if any.' }),
    ),
    latentAttention: Type.Optional(
      ref(LatentAttentionSchema, {
        description: 'Ranks of multi-head latent attention; replaces kvHeads and headDim.',
      }),
    ),
    compressedAttention: Type.Optional(
      ref(CompressedAttentionSchema, {
        description: 'Attention to merged tokens; in place of kvHeads, headDim, latentAttention and sparseAttention.',
      }),
    ),
    sparseAttention: Type.Optional(
      ref(SparseAttentionSchema, { description: 'The selection of the context that is attended to, if any.' }),
    ),
    linearAttention: Type.Optional(
      ref(LinearAttentionSchema, { description: 'Layers with a state of constant size, if any.' }),
    ),
    feedForwardLayers: Type.Optional(
      layerCount(
        'Layers that are a feed-forward network (or experts) alone; the others then have none (Nemotron-H). Where absent, each layer has one.',
        23,
      ),
    ),
    crossAttentionLayers: Type.Optional(
      layerCount(
        'Layers that attend to images and not to the text, passed over where there are none (Llama 3.2 Vision).',
        8,
      ),
    ),
    residualStreams: Type.Optional(
      positiveInteger('Parallel residual streams that each block mixes; one where absent (DeepSeek-V4).', 64, 4),
    ),
    mixtureOfExperts: Type.Optional(ref(MixtureOfExpertsSchema, { description: 'Experts, if the model has them.' })),
    mtpLayers: Type.Optional(count('Multi-token-prediction modules (DeepSeek-V3); 0 where absent.', 64, 1)),
    parametersTotal: Type.Optional(
      positive(
        'Parameters as published, without multi-token-prediction modules; counted from the shape where absent.',
        1e16,
        13.3e9,
      ),
    ),
    parametersActive: Type.Optional(
      positive('Parameters per token as published; counted from the shape where absent.', 1e16, 13.3e9),
    ),
    nativeWeightFormat: Type.Optional(
      choice(WEIGHT_FORMATS, {
        description: 'Format that the weights are stored in; bf16 where absent. Serving starts from it.',
        examples: ['fp8'],
      }),
    ),
    formatBesideExperts: Type.Optional(
      choice(['fp8'], {
        description: 'Format of all other weights where the experts are stored in mxfp4; 16 bits where absent.',
        examples: ['fp8'],
      }),
    ),
  },
  {
    description: 'A language model the catalog does not know, as its architecture.',
    examples: [plain, hybridExample],
  },
);
