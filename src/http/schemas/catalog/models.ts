import { Type } from '@sinclair/typebox';
import { choice, component, list, ref, unionComponent } from '../component.ts';
import { integer, number, numberOrNull, originFields, provenanceFields, text, textOrNull } from './fields.ts';

const positive = (description: string, example: number) => number(description, example);

const SparseAttentionSchema = component(
  'SparseAttention',
  {
    topTokens: integer('Tokens attended to at most; of merged tokens, entries.', 2048, { minimum: 1 }),
    indexHeads: integer('Heads of the indexer.', 64, { minimum: 1 }),
    indexHeadDim: integer('Width of each.', 128, { minimum: 1 }),
    layers: Type.Optional(integer('Layers that select; every full layer where absent.', 57, { minimum: 1 })),
  },
  { description: 'An indexer scores the context in each layer and attention reads the best tokens.' },
);

const GroupedQueryAttentionSchema = component(
  'GroupedQueryAttention',
  {
    type: Type.Literal('gqa', { description: 'Multi-head, grouped-query or multi-query attention.' }),
    heads: integer('Query heads.', 64, { minimum: 1 }),
    kvHeads: integer('Key and value heads.', 8, { minimum: 1 }),
    headDim: integer('Width of one head.', 128, { minimum: 1 }),
    sparse: Type.Optional(
      ref(SparseAttentionSchema, {
        description: 'The selection of the context it attends to; all of it where absent.',
      }),
    ),
  },
  { description: 'Attention whose cache grows with the key and value heads.' },
);

const LatentAttentionSchema = component(
  'LatentAttention',
  {
    type: Type.Literal('mla', { description: 'Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434).' }),
    heads: integer('Query heads.', 128, { minimum: 1 }),
    queryLoraRank: integer('Rank of compressed queries; 0 where they are not compressed.', 1536),
    kvLoraRank: integer('Rank of the compressed cache.', 512, { minimum: 1 }),
    nopeHeadDim: integer('Head width without position.', 128),
    ropeHeadDim: integer('Head width with rotary position.', 64),
    valueHeadDim: integer('Head width of values.', 128),
    sparse: Type.Optional(
      ref(SparseAttentionSchema, {
        description: 'The selection of the context it attends to; all of it where absent.',
      }),
    ),
  },
  { description: 'Attention with a compressed cache.' },
);

const mergedLayers = {
  layers: integer('Number of layers that merge tokens in this way.', 20, { minimum: 1 }),
  tokensPerEntry: integer('Tokens merged into one entry of the cache.', 128, { minimum: 1 }),
};

const CompressedAttentionSchema = component(
  'CompressedAttention',
  {
    type: Type.Literal('compressed', { description: 'Several tokens share an entry of the cache (DeepSeek-V4).' }),
    heads: integer('Query heads.', 64, { minimum: 1 }),
    headDim: integer('Width of a head, and of the vector that is key and value of all heads.', 512, { minimum: 1 }),
    ropeHeadDim: integer('Of it, with rotary position.', 64),
    queryLoraRank: integer('Rank of compressed queries.', 1024, { minimum: 1 }),
    outputGroups: integer('Groups of heads whose output is compressed together.', 8, { minimum: 1 }),
    outputLoraRank: integer('Rank of each.', 1024, { minimum: 1 }),
    light: ref(
      component(
        'LightlyCompressedLayers',
        {
          ...mergedLayers,
          index: ref(SparseAttentionSchema, { description: 'The selection of the entries they attend to.' }),
        },
        { description: 'Layers that merge few tokens and attend to the best entries.' },
      ),
      { description: 'Layers that merge few tokens and attend to the best entries.' },
    ),
    heavy: ref(
      component('HeavilyCompressedLayers', mergedLayers, {
        description: 'Layers that merge many tokens and attend to all entries.',
      }),
      { description: 'Layers that merge many tokens and attend to all entries.' },
    ),
  },
  { description: 'Attention whose cache merges tokens; every layer also sees the window of the layer pattern.' },
);

const AttentionSchema = unionComponent(
  'Attention',
  'type',
  [GroupedQueryAttentionSchema, LatentAttentionSchema, CompressedAttentionSchema as never],
  { description: 'How layers attend.' },
);

const StateSpaceSchema = component(
  'StateSpace',
  {
    heads: integer('Heads.', 64, { minimum: 1 }),
    headDim: integer('Width of a head.', 64, { minimum: 1 }),
    stateSize: integer('Width of the state of each channel.', 128, { minimum: 1 }),
    groups: integer('Groups of heads that share what is written to and read from the state.', 8, { minimum: 1 }),
    convolutionTokens: integer('Tokens that the short convolution covers.', 4, { minimum: 1 }),
  },
  { description: 'A state-space layer (Mamba-2, arXiv 2405.21060).' },
);

const LayerPatternSchema = component(
  'LayerPattern',
  {
    full: integer('Layers that attend to everything.', 80),
    sliding: integer('Layers that attend to a window.', 0),
    slidingWindow: integer('Window in tokens; 0 without such layers.', 0),
    linear: integer('Layers with constant state.', 0),
    cross: Type.Optional(
      integer('Layers that attend to images and not to the text, passed over where there are none.', 8, { minimum: 1 }),
    ),
    feedForward: Type.Optional(
      integer('Layers that are a feed-forward network alone; the others then have none.', 23, { minimum: 1 }),
    ),
  },
  { description: 'How many layers attend how.' },
);

const MixtureOfExpertsSchema = component(
  'MixtureOfExperts',
  {
    experts: integer('Routed experts per layer.', 256, { minimum: 1 }),
    activeExperts: integer('Routed experts per token.', 8, { minimum: 1 }),
    expertHiddenSize: integer('Width of one expert.', 2048, { minimum: 1 }),
    sharedExperts: integer('Experts that every token passes.', 1),
    sharedExpertHiddenSize: integer('Width of one shared expert.', 2048),
    denseLayers: integer('Leading layers with an ordinary feed-forward network.', 3),
    latentSize: Type.Optional(
      integer("Width that routed experts work at where it is not the model's own.", 1024, { minimum: 1 }),
    ),
  },
  { description: 'Experts.' },
);

const LanguageArchitectureSchema = component(
  'LanguageArchitecture',
  {
    kind: Type.Literal('language', { description: 'A decoder language model.' }),
    family: text('Model family, which decides the measured factors that apply.', 'llama', 100),
    layers: integer('Number of layers.', 80, { minimum: 1 }),
    hiddenSize: integer('Width of the residual stream.', 8192, { minimum: 1 }),
    ffnHiddenSize: integer('Width of the feed-forward network.', 28_672),
    gatedFfn: Type.Boolean({ description: 'Three matrices (SwiGLU) and not two.', examples: [true] }),
    vocabularySize: integer('Tokens in the vocabulary.', 128_256, { minimum: 1 }),
    maxContextTokens: integer('Longest context in tokens.', 131_072, { minimum: 1 }),
    tiedEmbeddings: Type.Boolean({ description: 'Input and output embeddings are one matrix.', examples: [false] }),
    attention: ref(AttentionSchema, { description: 'How layers attend.' }),
    layerPattern: ref(LayerPatternSchema, { description: 'How many layers attend how.' }),
    stateSpace: Type.Optional(
      ref(StateSpaceSchema, {
        description: 'Shape of the layers with constant state; heads as wide as those of attention where absent.',
      }),
    ),
    residualStreams: Type.Optional(integer('Parallel residual streams; one where absent.', 4, { minimum: 1 })),
    mixtureOfExperts: Type.Optional(ref(MixtureOfExpertsSchema, { description: 'Experts; absent for dense models.' })),
    mtpLayers: integer('Multi-token-prediction modules.', 0),
    parametersTotal: positive('Number of parameters.', 70.6e9),
    parametersActive: positive('Parameters per token; all of them for dense models.', 70.6e9),
    nativeWeightFormat: textOrNull('Format of the published weights where it is not bf16.', 'fp8', 40),
    formatBesideExperts: Type.Optional(
      Type.Literal('fp8', {
        description: 'Format of the published weights beside experts in MXFP4; 16 bits where absent.',
        examples: ['fp8'],
      }),
    ),
  },
  { description: 'What the formulas need of a language model.' },
);

const VISION_KINDS = ['vision_classification', 'vision_detection', 'vision_segmentation'] as const;
const OTHER_KINDS = ['speech_to_text', 'encoder', 'text_to_image', 'recommendation'] as const;
export const MODEL_KINDS = ['language', ...VISION_KINDS, ...OTHER_KINDS] as const;

const VisionArchitectureSchema = component(
  'VisionArchitecture',
  {
    kind: choice(VISION_KINDS, { description: 'A vision model of this task.' }),
    family: text('Family.', 'resnet', 100),
    parametersTotal: positive('Number of parameters.', 25.6e6),
    flopsPerSample: positive('FLOP per image at the input size; multiply and add counted apart.', 8.2e9),
    inputHeight: integer('Pixels.', 224, { minimum: 1 }),
    inputWidth: integer('Pixels.', 224, { minimum: 1 }),
  },
  { description: 'What the formulas need of a vision model.' },
);

const OtherArchitectureSchema = component(
  'OtherArchitecture',
  {
    kind: choice(OTHER_KINDS, {
      description: 'A model of this kind; inference estimates read what they need from attributes.',
    }),
    family: text('Family.', 'whisper', 100),
    parametersTotal: numberOrNull('Number of parameters.', 1.55e9),
    flopsPerSample: numberOrNull('FLOP per sample; multiply and add counted apart.', 2e12),
    attributes: Type.Record(Type.String({ maxLength: 100 }), Type.Union([Type.Number(), Type.String()]), {
      description:
        'Shape, by name: layers, hiddenSize, ffnHiddenSize, maxContextTokens of encoders; encoderLayers, decoderLayers, hiddenSize, audioContext, vocabularySize of speech models; the denoiser of image generators; tables and perceptrons of ranking models. An estimate names what it misses.',
      examples: [{ layers: 24, hiddenSize: 1024, ffnHiddenSize: 4096, maxContextTokens: 512 }],
    }),
  },
  { description: 'A model that the catalog knows and estimates do not cover.' },
);

const ArchitectureSchema = unionComponent(
  'ModelArchitecture',
  'kind',
  [LanguageArchitectureSchema, VisionArchitectureSchema as never, OtherArchitectureSchema as never],
  { description: 'What the FLOP, memory and traffic formulas need.' },
);

export const modelFields = {
  name: text('Name for people.', 'Llama 3.1 70B'),
  aliases: list(text('Another name for the same model.', 'llama-3.1-70b', 300), {
    description: 'Other names that find it, in any case.',
    maxItems: 50,
  }),
  architecture: ref(ArchitectureSchema, { description: 'What the formulas need.' }),
};

export const ModelSchema = component(
  'CatalogModel',
  { id: text('Catalog id.', 'meta-llama/Llama-3.1-70B'), ...modelFields, ...provenanceFields, ...originFields },
  { description: 'A model architecture.' },
);
