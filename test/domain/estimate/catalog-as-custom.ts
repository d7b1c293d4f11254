/** A language model of the catalog stated by its owner: field by field, in the words of a custom model. */
import type { CustomLanguageModel } from '../../../src/domain/estimate/selectors.ts';
import type { LanguageArchitecture } from '../../../src/domain/models/architecture.ts';

export function asCustom(name: string, architecture: LanguageArchitecture): CustomLanguageModel {
  const {
    kind: _kind,
    attention,
    layerPattern,
    stateSpace,
    mixtureOfExperts,
    nativeWeightFormat,
    ...same
  } = architecture;
  const { full: _rest, sliding, slidingWindow, linear, feedForward, cross } = layerPattern;
  return {
    name,
    ...same,
    ...attentionFields(attention),
    ...((sliding > 0 || slidingWindow > 0) && { slidingWindow: { layers: sliding, tokens: slidingWindow } }),
    ...(linear > 0 && { linearAttention: { layers: linear, ...(stateSpace !== undefined && { stateSpace }) } }),
    ...(feedForward !== undefined && { feedForwardLayers: feedForward }),
    ...(cross !== undefined && { crossAttentionLayers: cross }),
    ...(mixtureOfExperts !== null && { mixtureOfExperts }),
    ...(nativeWeightFormat !== null && {
      nativeWeightFormat: nativeWeightFormat as NonNullable<CustomLanguageModel['nativeWeightFormat']>,
    }),
  };
}

function attentionFields(attention: LanguageArchitecture['attention']): Partial<CustomLanguageModel> & {
  readonly attentionHeads: number;
} {
  switch (attention.type) {
    case 'gqa': {
      const { heads, kvHeads, headDim, sparse } = attention;
      return { attentionHeads: heads, kvHeads, headDim, ...(sparse !== undefined && { sparseAttention: sparse }) };
    }
    case 'mla': {
      const { type: _type, heads, sparse, ...latentAttention } = attention;
      return { attentionHeads: heads, latentAttention, ...(sparse !== undefined && { sparseAttention: sparse }) };
    }
    case 'compressed': {
      const { type: _type, heads, ...compressedAttention } = attention;
      return { attentionHeads: heads, compressedAttention };
    }
  }
}
