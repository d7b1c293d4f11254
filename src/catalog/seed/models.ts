/** models.ndjson: one model per line, the architecture in the shape of its kind. */
import type {
  Architecture,
  LanguageArchitecture,
  MixtureOfExperts,
  Model,
  ModelKind,
} from '../../domain/models/architecture.ts';
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

const readSparse = (row: SeedRow) => ({
  topTokens: row.positive('topTokens'),
  indexHeads: row.positive('indexHeads'),
  indexHeadDim: row.positive('indexHeadDim'),
});

const readAttention = (row: SeedRow): LanguageArchitecture['attention'] =>
  row.oneOf('type', ['gqa', 'mla']) === 'gqa'
    ? { type: 'gqa', heads: row.positive('heads'), kvHeads: row.positive('kvHeads'), headDim: row.positive('headDim') }
    : {
        type: 'mla',
        heads: row.positive('heads'),
        queryLoraRank: row.count('queryLoraRank'),
        kvLoraRank: row.positive('kvLoraRank'),
        nopeHeadDim: row.positive('nopeHeadDim'),
        ropeHeadDim: row.positive('ropeHeadDim'),
        valueHeadDim: row.positive('valueHeadDim'),
        ...(row.has('sparse') && { sparse: readSparse(row.row('sparse')) }),
      };

const readExperts = (row: SeedRow): MixtureOfExperts => ({
  experts: row.positive('experts'),
  activeExperts: row.positive('activeExperts'),
  expertHiddenSize: row.positive('expertHiddenSize'),
  sharedExperts: row.count('sharedExperts'),
  sharedExpertHiddenSize: row.count('sharedExpertHiddenSize'),
  denseLayers: row.count('denseLayers'),
});

const readLanguage = (row: SeedRow): LanguageArchitecture => {
  const pattern = row.row('layerPattern');
  const layerPattern = {
    full: pattern.count('full'),
    sliding: pattern.count('sliding'),
    slidingWindow: pattern.count('slidingWindow'),
    linear: pattern.count('linear'),
  };
  const layers = row.positive('layers');
  if (layerPattern.full + layerPattern.sliding + layerPattern.linear !== layers) {
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
    mixtureOfExperts: row.has('mixtureOfExperts') ? readExperts(row.row('mixtureOfExperts')) : null,
    mtpLayers: row.count('mtpLayers'),
    parametersTotal: row.positive('parametersTotal'),
    parametersActive: row.positive('parametersActive'),
    nativeWeightFormat: row.textOrNull('nativeWeightFormat'),
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
