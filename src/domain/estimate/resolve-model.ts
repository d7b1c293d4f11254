/** A model by catalog id, or from the caller's own architecture. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { LanguageArchitecture, OtherArchitecture, VisionArchitecture } from '../models/architecture.ts';
import { activeLayerParameters, componentParameters, storedParameters } from '../models/parameters.ts';
import { requireCheckpoint } from './named-checkpoint.ts';
import { refuse, requireExactlyOne } from './request-fault.ts';
import type { CustomLanguageModel, CustomVisionModel } from './selectors.ts';

export interface NamedModel<Architecture> {
  readonly id: string;
  readonly name: string;
  readonly architecture: Architecture;
}

type ResolvedModel =
  | (NamedModel<LanguageArchitecture> & { readonly kind: 'language' })
  | (NamedModel<VisionArchitecture> & { readonly kind: 'vision' });

/** Models that can be served: every kind the catalog has. */
export type ServedModel = ResolvedModel | (NamedModel<OtherArchitecture> & { readonly kind: 'other' });

interface ModelSelector {
  readonly model?: string;
  readonly customLanguageModel?: CustomLanguageModel;
  readonly customVisionModel?: CustomVisionModel;
}

/** @throws RequestFaultError for unknown ids, and architectures that contradict themselves. */
export function resolveServedModel(snapshot: CatalogSnapshot, selector: ModelSelector): ServedModel {
  requireExactlyOne(selector, ['model', 'customLanguageModel', 'customVisionModel'], 'which model');
  const { model: id, customLanguageModel, customVisionModel } = selector;
  if (customLanguageModel !== undefined) {
    return {
      kind: 'language',
      id: 'custom',
      name: customLanguageModel.name,
      architecture: customLanguage(customLanguageModel),
    };
  }
  if (customVisionModel !== undefined) {
    return {
      kind: 'vision',
      id: 'custom',
      name: customVisionModel.name,
      architecture: customVision(customVisionModel),
    };
  }
  return catalogModel(snapshot, id ?? '');
}

function catalogModel(snapshot: CatalogSnapshot, asked: string): ServedModel {
  const { model, name, architecture } = requireCheckpoint(snapshot, asked, '/model');
  const { id } = model;
  switch (architecture.kind) {
    case 'language':
      return { kind: 'language', id, name, architecture };
    case 'vision_classification':
    case 'vision_detection':
    case 'vision_segmentation':
      return { kind: 'vision', id, name, architecture };
    default:
      return { kind: 'other', id, name, architecture };
  }
}

const DEFAULT_CONTEXT_TOKENS = 131_072;

function customLanguage(custom: CustomLanguageModel): LanguageArchitecture {
  const pointer = '/customLanguageModel';
  const { layers, hiddenSize, attentionHeads, latentAttention, slidingWindow, mixtureOfExperts: experts } = custom;
  const kvHeads = custom.kvHeads ?? attentionHeads;
  if (attentionHeads % kvHeads !== 0) {
    refuse(
      `${pointer}/kvHeads`,
      'divides',
      `${attentionHeads} query heads cannot share ${kvHeads} key-value heads evenly.`,
    );
  }
  if (custom.headDim === undefined && latentAttention === undefined && hiddenSize % attentionHeads !== 0) {
    refuse(
      `${pointer}/attentionHeads`,
      'divides',
      `${attentionHeads} heads do not divide hiddenSize ${hiddenSize}; give headDim.`,
    );
  }
  const slidingLayers = slidingWindow?.layers ?? 0;
  if (slidingLayers > layers)
    refuse(`${pointer}/slidingWindow/layers`, 'maximum', `The model has only ${layers} layers.`);
  if (experts !== undefined && experts.activeExperts > experts.experts) {
    refuse(
      `${pointer}/mixtureOfExperts/activeExperts`,
      'maximum',
      `The model has only ${experts.experts} experts; a token cannot use more.`,
    );
  }
  if (experts?.denseLayers !== undefined && experts.denseLayers > layers) {
    refuse(`${pointer}/mixtureOfExperts/denseLayers`, 'maximum', `The model has only ${layers} layers.`);
  }
  const shape: Omit<LanguageArchitecture, 'parametersTotal' | 'parametersActive'> = {
    kind: 'language',
    family: 'custom',
    layers,
    hiddenSize,
    ffnHiddenSize: custom.ffnHiddenSize,
    gatedFfn: custom.gatedFfn ?? true,
    vocabularySize: custom.vocabularySize,
    maxContextTokens: custom.maxContextTokens ?? DEFAULT_CONTEXT_TOKENS,
    tiedEmbeddings: custom.tiedEmbeddings ?? false,
    attention:
      latentAttention === undefined
        ? { type: 'gqa', heads: attentionHeads, kvHeads, headDim: custom.headDim ?? hiddenSize / attentionHeads }
        : { type: 'mla', heads: attentionHeads, ...latentAttention },
    layerPattern: {
      full: layers - slidingLayers,
      sliding: slidingLayers,
      slidingWindow: slidingWindow?.tokens ?? 0,
      linear: 0,
    },
    mixtureOfExperts:
      experts === undefined
        ? null
        : {
            experts: experts.experts,
            activeExperts: experts.activeExperts,
            expertHiddenSize: experts.expertHiddenSize,
            sharedExperts: experts.sharedExperts ?? 0,
            sharedExpertHiddenSize: experts.expertHiddenSize,
            denseLayers: experts.denseLayers ?? 0,
          },
    mtpLayers: 0,
    nativeWeightFormat: null,
  };
  const counted: LanguageArchitecture = { ...shape, parametersTotal: 0, parametersActive: 0 };
  const components = componentParameters(counted);
  const embeddings = components.embedding + (shape.tiedEmbeddings ? 0 : components.logits);
  return {
    ...shape,
    parametersTotal: storedParameters(counted),
    parametersActive: activeLayerParameters(components) + embeddings,
  };
}

const customVision = (custom: CustomVisionModel): VisionArchitecture => ({
  kind: `vision_${custom.task}`,
  family: 'custom',
  parametersTotal: custom.parametersMillions * 1e6,
  flopsPerSample: custom.gigaflopsPerImage * 1e9,
  inputHeight: custom.inputHeight,
  inputWidth: custom.inputWidth,
});
