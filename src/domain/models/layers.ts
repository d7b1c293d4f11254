/** Counts the layers of a model by what they do. */
import type { LanguageArchitecture, LayerPattern } from './architecture.ts';

/** Layers of all kinds together; equals the layers of the model. */
export const patternLayers = ({ full, sliding, linear, feedForward = 0, cross = 0 }: LayerPattern): number =>
  full + sliding + linear + feedForward + cross;

/** Layers that combine tokens, by attention or by a state. */
export const mixingLayers = ({ layers, layerPattern }: LanguageArchitecture): number =>
  layers - (layerPattern.feedForward ?? 0);

/** Layers with an ordinary feed-forward network, and layers with experts. */
export function feedForwardLayers({ layers, layerPattern, mixtureOfExperts: moe }: LanguageArchitecture): {
  readonly dense: number;
  readonly expert: number;
} {
  const all = layerPattern.feedForward ?? layers;
  return moe === null ? { dense: all, expert: 0 } : { dense: moe.denseLayers, expert: all - moe.denseLayers };
}

/**
 * Layers in the usual sense, which have two blocks, one that combines tokens and a feed-forward network: each block brings its norm,
 * residual, all-reduce and launches.
 */
export const wholeLayers = ({ layers, layerPattern }: LanguageArchitecture): number =>
  layerPattern.feedForward === undefined ? layers : layers / 2;

/** The part of a model that runs without an image: cross-attention layers are skipped. */
export function withoutCrossLayers(model: LanguageArchitecture): LanguageArchitecture {
  const { cross, ...layerPattern } = model.layerPattern;
  return cross === undefined ? model : { ...model, layers: model.layers - cross, layerPattern };
}
