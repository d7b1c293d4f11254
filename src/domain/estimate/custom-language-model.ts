/** The architecture of a language model as its owner states it: all that a model of the catalog can have, checked for contradictions. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { LanguageArchitecture, LayerPattern } from '../models/architecture.ts';
import { feedForwardLayers } from '../models/layers.ts';
import { activeLayerParameters, componentParameters, storedParameters } from '../models/parameters.ts';
import { refuse } from './request-fault.ts';
import type { CustomLanguageModel } from './selectors.ts';

const DEFAULT_CONTEXT_TOKENS = 131_072;
/** The family of models of which nothing was measured. */
const NO_FAMILY = 'custom';
/**
 * Counted and stated parameters differ by biases, norms and tables that the shape does not tell of: in the catalog stated ones are 0.93
 * to 1.85 of those counted (the most for the embeddings per layer of Gemma 3n). Beyond these shares of the count the shape is another's.
 */
const LEAST_OF_COUNTED = 0.5;
const MOST_OF_COUNTED = 3;

/** @throws RequestFaultError for architectures that contradict themselves, and for families that the catalog does not have. */
export function customLanguageArchitecture(
  snapshot: CatalogSnapshot,
  custom: CustomLanguageModel,
): LanguageArchitecture {
  const attention = attentionOf(custom);
  const layerPattern = layerPatternOf(custom);
  const { linearAttention, residualStreams, formatBesideExperts, nativeWeightFormat = null } = custom;
  const stateSpace = linearAttention?.stateSpace;
  if (stateSpace !== undefined && stateSpace.heads % stateSpace.groups !== 0) {
    fault(
      'linearAttention/stateSpace/groups',
      'divides',
      `${stateSpace.heads} heads cannot be shared evenly by ${stateSpace.groups} groups.`,
    );
  }
  if (formatBesideExperts !== undefined && nativeWeightFormat !== 'mxfp4') {
    fault(
      'formatBesideExperts',
      'contradiction',
      'Only weights published in mxfp4 have another format beside their experts; give nativeWeightFormat mxfp4 or leave it out.',
    );
  }
  const shape: LanguageArchitecture = {
    kind: 'language',
    family: familyOf(snapshot, custom),
    layers: custom.layers,
    hiddenSize: custom.hiddenSize,
    ffnHiddenSize: custom.ffnHiddenSize,
    gatedFfn: custom.gatedFfn ?? true,
    vocabularySize: custom.vocabularySize,
    maxContextTokens: custom.maxContextTokens ?? DEFAULT_CONTEXT_TOKENS,
    tiedEmbeddings: custom.tiedEmbeddings ?? false,
    attention,
    layerPattern,
    ...(stateSpace !== undefined && { stateSpace }),
    ...(residualStreams !== undefined && { residualStreams }),
    mixtureOfExperts: expertsOf(custom),
    mtpLayers: custom.mtpLayers ?? 0,
    parametersTotal: 0,
    parametersActive: 0,
    nativeWeightFormat,
    ...(formatBesideExperts !== undefined && { formatBesideExperts }),
  };
  checkExperts(shape);
  checkSelection(shape);
  return { ...shape, ...parametersOf(shape, custom) };
}

const fault = (field: string, rule: string, detail: string): never =>
  refuse(`/customLanguageModel/${field}`, rule, detail);

function familyOf(snapshot: CatalogSnapshot, { family }: CustomLanguageModel): string {
  if (family === undefined) return NO_FAMILY;
  const known = new Set(
    snapshot.models.flatMap(({ architecture }) => (architecture.kind === 'language' ? [architecture.family] : [])),
  );
  if (!known.has(family)) {
    refuse(
      '/customLanguageModel/family',
      'unknown_id',
      `No language model of the catalog is of the family "${family}", so nothing was measured of it; leave family out.`,
      { kind: 'model_family', id: family },
    );
  }
  return family;
}

function attentionOf(custom: CustomLanguageModel): LanguageArchitecture['attention'] {
  const { hiddenSize, attentionHeads, latentAttention, compressedAttention, sparseAttention } = custom;
  if (compressedAttention !== undefined) {
    for (const other of ['latentAttention', 'sparseAttention', 'kvHeads', 'headDim'] as const) {
      if (custom[other] !== undefined) {
        fault(other, 'exclusive', `compressedAttention says how all layers attend; leave ${other} out.`);
      }
    }
    return { type: 'compressed', heads: attentionHeads, ...compressedAttention };
  }
  const sparse = sparseAttention !== undefined && { sparse: sparseAttention };
  if (latentAttention !== undefined) return { type: 'mla', heads: attentionHeads, ...latentAttention, ...sparse };
  const kvHeads = custom.kvHeads ?? attentionHeads;
  if (attentionHeads % kvHeads !== 0) {
    fault('kvHeads', 'divides', `${attentionHeads} query heads cannot share ${kvHeads} key-value heads evenly.`);
  }
  if (custom.headDim === undefined && hiddenSize % attentionHeads !== 0) {
    fault('attentionHeads', 'divides', `${attentionHeads} heads do not divide hiddenSize ${hiddenSize}; give headDim.`);
  }
  return {
    type: 'gqa',
    heads: attentionHeads,
    kvHeads,
    headDim: custom.headDim ?? hiddenSize / attentionHeads,
    ...sparse,
  };
}

/** Layers that are not said to do anything else attend to everything. */
function layerPatternOf(custom: CustomLanguageModel): LayerPattern {
  const {
    layers,
    slidingWindow,
    linearAttention,
    feedForwardLayers: feedForward,
    crossAttentionLayers: cross,
  } = custom;
  const parts = [
    ['slidingWindow/layers', slidingWindow?.layers ?? 0],
    ['linearAttention/layers', linearAttention?.layers ?? 0],
    ['feedForwardLayers', feedForward ?? 0],
    ['crossAttentionLayers', cross ?? 0],
  ] as const;
  if (feedForward === layers) {
    fault('feedForwardLayers', 'maximum', `Of ${layers} layers at least one must combine tokens.`);
  }
  let full: number = layers;
  for (const [field, count] of parts) {
    if (count > full) {
      const others = full === layers ? '' : `, and ${layers - full} of them are of another kind`;
      fault(field, 'maximum', `The model has only ${layers} layers${others}.`);
    }
    full -= count;
  }
  if (slidingWindow?.layers === 0 && custom.compressedAttention === undefined) {
    fault(
      'slidingWindow/layers',
      'minimum',
      'Without compressedAttention only sliding layers have a window; say how many there are, or leave slidingWindow out.',
    );
  }
  return {
    full,
    sliding: slidingWindow?.layers ?? 0,
    slidingWindow: slidingWindow?.tokens ?? 0,
    linear: linearAttention?.layers ?? 0,
    ...(feedForward !== undefined && { feedForward }),
    ...(cross !== undefined && { cross }),
  };
}

function expertsOf({ mixtureOfExperts }: CustomLanguageModel): LanguageArchitecture['mixtureOfExperts'] {
  if (mixtureOfExperts === undefined) return null;
  const { expertHiddenSize, sharedExperts = 0 } = mixtureOfExperts;
  const sharedExpertHiddenSize = sharedExperts > 0 ? expertHiddenSize : 0;
  return { sharedExpertHiddenSize, denseLayers: 0, ...mixtureOfExperts, sharedExperts };
}

function checkExperts(shape: LanguageArchitecture): void {
  const { mixtureOfExperts: experts, layers, layerPattern } = shape;
  if (experts === null) return;
  if (experts.activeExperts > experts.experts) {
    fault(
      'mixtureOfExperts/activeExperts',
      'maximum',
      `The model has only ${experts.experts} experts; a token cannot use more.`,
    );
  }
  if (feedForwardLayers(shape).expert < 0) {
    const places =
      layerPattern.feedForward === undefined ? `${layers} layers` : `${layerPattern.feedForward} feed-forward layers`;
    fault('mixtureOfExperts/denseLayers', 'maximum', `The model has only ${places}.`);
  }
}

/** Layers that select, and layers that merge tokens, are layers that attend to everything. */
function checkSelection({ attention, layerPattern: { full, slidingWindow } }: LanguageArchitecture): void {
  if (attention.type === 'compressed') {
    const { light, heavy, headDim, ropeHeadDim } = attention;
    const merging = light.layers + heavy.layers;
    if (merging !== full) {
      fault(
        'compressedAttention',
        'contradiction',
        `${merging} layers merge tokens, but ${full} layers are neither sliding nor of another kind; both counts must agree.`,
      );
    }
    if (ropeHeadDim > headDim) {
      fault('compressedAttention/ropeHeadDim', 'maximum', `It is a part of headDim, which is ${headDim}.`);
    }
    if (slidingWindow === 0) {
      fault(
        'slidingWindow',
        'required',
        'Every layer of compressedAttention also sees the last tokens unmerged: give their number, with the layers that see only those (0 where none does).',
      );
    }
    return;
  }
  if (attention.sparse === undefined) return;
  if (full === 0) fault('sparseAttention', 'contradiction', 'No layer attends to everything, so none can select.');
  if ((attention.sparse.layers ?? 0) > full) {
    fault('sparseAttention/layers', 'maximum', `Only ${full} layers attend beyond a window.`);
  }
}

/** Counted where the caller does not state them. Multi-token-prediction modules are not counted, as in published figures. */
function parametersOf(
  shape: LanguageArchitecture,
  { parametersTotal, parametersActive }: CustomLanguageModel,
): Pick<LanguageArchitecture, 'parametersTotal' | 'parametersActive'> {
  const components = componentParameters(shape);
  const countedTotal = storedParameters(shape) - shape.mtpLayers * components.mtpModule;
  const embeddings = components.embedding + (shape.tiedEmbeddings ? 0 : components.logits);
  const countedActive = activeLayerParameters(components) + embeddings;
  for (const [field, stated, counted] of [
    ['parametersTotal', parametersTotal, countedTotal],
    ['parametersActive', parametersActive, countedActive],
  ] as const) {
    if (stated !== undefined && (stated < LEAST_OF_COUNTED * counted || stated > MOST_OF_COUNTED * counted)) {
      fault(
        field,
        'contradiction',
        `The shape has about ${counted.toPrecision(3)} parameters${field === 'parametersActive' ? ' per token' : ''}, not ${stated.toPrecision(3)}; correct the shape, or leave ${field} out.`,
      );
    }
  }
  const total = parametersTotal ?? countedTotal;
  if (parametersActive !== undefined && parametersActive > total) {
    fault('parametersActive', 'maximum', `The model has only ${total.toPrecision(3)} parameters.`);
  }
  // a dense model uses all of its parameters
  const active = shape.mixtureOfExperts === null ? total : Math.min(countedActive, total);
  return { parametersTotal: total, parametersActive: parametersActive ?? active };
}
