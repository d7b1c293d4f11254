/** models.ndjson: one model per line, the architecture in the shape of its kind. */
import type {
  Architecture,
  CompressedAttention,
  LanguageArchitecture,
  MixtureOfExperts,
  Model,
  ModelKind,
  SparseAttention,
  StateSpace,
} from '../../domain/models/architecture.ts';
import { patternLayers } from '../../domain/models/layers.ts';
import type { ProvenanceReader } from './publications.ts';
import { readNdjson, type SeedRow } from './row.ts';

const MODEL_KINDS = [
  'language',
  'vision_classification',
  'vision_detection',
  'vision_segmentation',
  'speech_to_text',
  'encoder',
  'text_to_image',
  'recommendation',
] as const satisfies readonly ModelKind[];

const readSparse = (row: SeedRow): SparseAttention => ({
  topTokens: row.positive('topTokens'),
  indexHeads: row.positive('indexHeads'),
  indexHeadDim: row.positive('indexHeadDim'),
  ...(row.has('layers') && { layers: row.positive('layers') }),
});

const readAttention = (row: SeedRow): LanguageArchitecture['attention'] => {
  const sparse = row.has('sparse') && { sparse: readSparse(row.row('sparse')) };
  switch (row.oneOf('type', ['gqa', 'mla', 'compressed'])) {
    case 'gqa':
      return {
        type: 'gqa',
        heads: row.positive('heads'),
        kvHeads: row.positive('kvHeads'),
        headDim: row.positive('headDim'),
        ...sparse,
      };
    case 'mla':
      return {
        type: 'mla',
        heads: row.positive('heads'),
        queryLoraRank: row.count('queryLoraRank'),
        kvLoraRank: row.positive('kvLoraRank'),
        nopeHeadDim: row.positive('nopeHeadDim'),
        ropeHeadDim: row.positive('ropeHeadDim'),
        valueHeadDim: row.positive('valueHeadDim'),
        ...sparse,
      };
    case 'compressed':
      return readCompressed(row);
  }
};

const readCompressed = (row: SeedRow): CompressedAttention => {
  const merged = (part: SeedRow) => ({
    layers: part.positive('layers'),
    tokensPerEntry: part.positive('tokensPerEntry'),
  });
  const light = row.row('light');
  return {
    type: 'compressed',
    heads: row.positive('heads'),
    headDim: row.positive('headDim'),
    ropeHeadDim: row.positive('ropeHeadDim'),
    queryLoraRank: row.positive('queryLoraRank'),
    outputGroups: row.positive('outputGroups'),
    outputLoraRank: row.positive('outputLoraRank'),
    light: { ...merged(light), index: readSparse(light.row('index')) },
    heavy: merged(row.row('heavy')),
  };
};

const readStateSpace = (row: SeedRow): StateSpace => ({
  heads: row.positive('heads'),
  headDim: row.positive('headDim'),
  stateSize: row.positive('stateSize'),
  groups: row.positive('groups'),
  convolutionTokens: row.positive('convolutionTokens'),
});

const readExperts = (row: SeedRow): MixtureOfExperts => ({
  experts: row.positive('experts'),
  activeExperts: row.positive('activeExperts'),
  expertHiddenSize: row.positive('expertHiddenSize'),
  sharedExperts: row.count('sharedExperts'),
  sharedExpertHiddenSize: row.count('sharedExpertHiddenSize'),
  denseLayers: row.count('denseLayers'),
  ...(row.has('latentSize') && { latentSize: row.positive('latentSize') }),
});

const readLanguage = (row: SeedRow): LanguageArchitecture => {
  const pattern = row.row('layerPattern');
  const layerPattern = {
    full: pattern.count('full'),
    sliding: pattern.count('sliding'),
    slidingWindow: pattern.count('slidingWindow'),
    linear: pattern.count('linear'),
    ...(pattern.has('cross') && { cross: pattern.positive('cross') }),
    ...(pattern.has('feedForward') && { feedForward: pattern.positive('feedForward') }),
  };
  const layers = row.positive('layers');
  if (patternLayers(layerPattern) !== layers) {
    row.fail('layerPattern', `must add up to ${layers} layers`);
  }
  return {
    kind: 'language',
    family: row.text('family'),
    layers,
    hiddenSize: row.positive('hiddenSize'),
    ffnHiddenSize: row.positive('ffnHiddenSize'),
    gatedFfn: row.flag('gatedFfn'),
    vocabularySize: row.positive('vocabularySize'),
    maxContextTokens: row.positive('maxContextTokens'),
    tiedEmbeddings: row.flag('tiedEmbeddings'),
    attention: readAttention(row.row('attention')),
    layerPattern,
    ...(row.has('stateSpace') && { stateSpace: readStateSpace(row.row('stateSpace')) }),
    ...(row.has('residualStreams') && { residualStreams: row.positive('residualStreams') }),
    mixtureOfExperts: row.has('mixtureOfExperts') ? readExperts(row.row('mixtureOfExperts')) : null,
    mtpLayers: row.count('mtpLayers'),
    parametersTotal: row.positive('parametersTotal'),
    parametersActive: row.positive('parametersActive'),
    nativeWeightFormat: row.textOrNull('nativeWeightFormat'),
    ...(row.has('formatBesideExperts') && { formatBesideExperts: row.oneOf('formatBesideExperts', ['fp8']) }),
  };
};

const readArchitecture = (row: SeedRow): Architecture => {
  const kind = row.oneOf('kind', MODEL_KINDS);
  switch (kind) {
    case 'language':
      return readLanguage(row);
    case 'vision_classification':
    case 'vision_detection':
    case 'vision_segmentation':
      return {
        kind,
        family: row.text('family'),
        parametersTotal: row.positive('parametersTotal'),
        flopsPerSample: row.positive('flopsPerSample'),
        inputHeight: row.positive('inputHeight'),
        inputWidth: row.positive('inputWidth'),
      };
    default:
      return {
        kind,
        family: row.text('family'),
        parametersTotal: row.positiveOrNull('parametersTotal'),
        flopsPerSample: row.positiveOrNull('flopsPerSample'),
        attributes: row.object('attributes') as Readonly<Record<string, number | string>>,
      };
  }
};

export const readModels = (provenance: ProvenanceReader): readonly Model[] =>
  readNdjson('models.ndjson').map((row) => ({
    id: row.text('id'),
    name: row.text('name'),
    aliases: row.texts('aliases'),
    architecture: readArchitecture(row.row('architecture')),
    ...provenance(row),
  }));
