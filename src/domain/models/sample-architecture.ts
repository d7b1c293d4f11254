/** Models whose unit of work is a sample, as their FLOP formulas need them: read from the catalog's attributes. */
import type { OtherArchitecture } from './architecture.ts';

export interface EncoderArchitecture {
  readonly kind: 'encoder';
  readonly layers: number;
  readonly hiddenSize: number;
  readonly ffnHiddenSize: number;
  readonly maxContextTokens: number;
}

/** An encoder over windows of audio and a decoder that attends to it (Whisper, arXiv 2212.04356). */
export interface SpeechArchitecture {
  readonly kind: 'speech_to_text';
  readonly encoderLayers: number;
  readonly decoderLayers: number;
  readonly hiddenSize: number;
  /** Positions of the encoder per window. */
  readonly audioContext: number;
  readonly vocabularySize: number;
}

/** A transducer whose work grows with the audio alone (RNN-T). */
export interface TransducerArchitecture {
  readonly kind: 'transducer';
  readonly flopsPerAudioSecond: number;
}

/** A convolutional denoiser with transformer layers (arXiv 2112.10752, 2307.01952). Lists run from the finest level down. */
export interface UnetArchitecture {
  readonly denoiser: 'unet';
  readonly blockChannels: readonly number[];
  /** Transformer layers per level; 0 where a level has none. */
  readonly transformerLayers: readonly number[];
  readonly resnetsPerBlock: number;
  readonly crossAttentionDim: number;
}

/** A transformer over image patches and text tokens (arXiv 2212.09748). */
export interface DiffusionTransformerArchitecture {
  readonly denoiser: 'transformer';
  readonly layers: number;
  readonly hiddenSize: number;
  /** Pixels of one patch's side. */
  readonly patchPixels: number;
}

export interface DiffusionArchitecture {
  readonly kind: 'text_to_image';
  readonly denoiser: UnetArchitecture | DiffusionTransformerArchitecture;
  readonly textEncoderParameters: number;
  readonly contextTokens: number;
  /** 2 with classifier-free guidance (arXiv 2207.12598), 1 where guidance is distilled. */
  readonly forwardsPerStep: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  readonly denoisingSteps: number;
}

/** DLRM (arXiv 1906.00091) and its successor with a low-rank cross network (arXiv 2008.13535). */
export interface RecommendationArchitecture {
  readonly kind: 'recommendation';
  readonly denseFeatures: number;
  readonly bottomMlp: readonly number[];
  readonly topMlp: readonly number[];
  readonly embeddingTables: number;
  readonly embeddingDim: number;
  /** Rows read per user-item pair, all tables together. */
  readonly lookupsPerPair: number;
  /** 0 where features interact by dot products. */
  readonly crossLayers: number;
  readonly crossRank: number;
}

type SampleArchitecture =
  | EncoderArchitecture
  | SpeechArchitecture
  | TransducerArchitecture
  | DiffusionArchitecture
  | RecommendationArchitecture;

/** @returns the names of attributes that are missing or malformed where the formulas cannot be used */
export function sampleArchitecture(
  architecture: OtherArchitecture,
): { readonly architecture: SampleArchitecture } | { readonly missing: readonly string[] } {
  const missing: string[] = [];
  const { attributes } = architecture;
  const number = (name: string, least = 1): number => {
    const value = attributes[name];
    if (typeof value === 'number' && value >= least) return value;
    missing.push(name);
    return Number.NaN;
  };
  /** "320-640-1280", the way such models state their widths. */
  const list = (name: string): number[] => {
    const values = String(attributes[name] ?? '')
      .split('-')
      .map(Number);
    if (values.length > 0 && values.every((value) => Number.isFinite(value)) && attributes[name] !== undefined)
      return values;
    missing.push(name);
    return [];
  };
  const result = read(architecture, number, list);
  return missing.length > 0 ? { missing } : { architecture: result };
}

type NumberReader = (name: string, least?: number) => number;
type ListReader = (name: string) => number[];

function read({ kind, attributes }: OtherArchitecture, number: NumberReader, list: ListReader): SampleArchitecture {
  switch (kind) {
    case 'encoder':
      return {
        kind,
        layers: number('layers'),
        hiddenSize: number('hiddenSize'),
        ffnHiddenSize: number('ffnHiddenSize'),
        maxContextTokens: number('maxContextTokens'),
      };
    case 'speech_to_text':
      if (attributes.flopsPerAudioSecond !== undefined)
        return { kind: 'transducer', flopsPerAudioSecond: number('flopsPerAudioSecond') };
      return {
        kind,
        encoderLayers: number('encoderLayers'),
        decoderLayers: number('decoderLayers'),
        hiddenSize: number('hiddenSize'),
        audioContext: number('audioContext'),
        vocabularySize: number('vocabularySize'),
      };
    case 'text_to_image':
      return {
        kind,
        denoiser: attributes.patchPixels === undefined ? unet(number, list) : diffusionTransformer(number),
        textEncoderParameters: number('textEncoderParameters'),
        contextTokens: number('contextTokens'),
        forwardsPerStep: number('forwardsPerStep'),
        imageHeight: number('imageHeight'),
        imageWidth: number('imageWidth'),
        denoisingSteps: number('denoisingSteps'),
      };
    case 'recommendation':
      return {
        kind,
        denseFeatures: number('denseFeatures'),
        bottomMlp: list('bottomMlp'),
        topMlp: list('topMlp'),
        embeddingTables: number('embeddingTables'),
        embeddingDim: number('embeddingDim'),
        lookupsPerPair: number('lookupsPerPair'),
        crossLayers: number('crossLayers', 0),
        crossRank: number('crossRank', 0),
      };
  }
}

const unet = (number: NumberReader, list: ListReader): UnetArchitecture => ({
  denoiser: 'unet',
  blockChannels: list('blockChannels'),
  transformerLayers: list('transformerLayers'),
  resnetsPerBlock: number('resnetsPerBlock'),
  crossAttentionDim: number('crossAttentionDim'),
});

const diffusionTransformer = (number: NumberReader): DiffusionTransformerArchitecture => ({
  denoiser: 'transformer',
  layers: number('layers'),
  hiddenSize: number('hiddenSize'),
  patchPixels: number('patchPixels'),
});
