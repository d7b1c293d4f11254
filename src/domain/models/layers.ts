/** How many layers of a model do what. */
import type { LanguageArchitecture, LayerPattern } from './architecture.ts';

/** Of all kinds; equals the layers of the model. */
export const patternLayers = ({ full, sliding, linear, feedForward = 0 }: LayerPattern): number =>
  full + sliding + linear + feedForward;

/** Layers that mix tokens: by attention or by a state. */
export const mixingLayers = ({ layers, layerPattern }: LanguageArchitecture): number =>
  layers - (layerPattern.feedForward ?? 0);

/** Layers with an ordinary feed-forward network, and with experts. */
export function feedForwardLayers({ layers, layerPattern, mixtureOfExperts: moe }: LanguageArchitecture): {
  readonly dense: number;
  readonly expert: number;
} {
  const all = layerPattern.feedForward ?? layers;
  return moe === null ? { dense: all, expert: 0 } : { dense: moe.denseLayers, expert: all - moe.denseLayers };
}

/**
 * Layers in the usual sense, one that mixes tokens and one that feeds forward: norms, residuals, all-reduces and launches come
 * with each of the two.
 */
export const wholeLayers = ({ layers, layerPattern }: LanguageArchitecture): number =>
  layerPattern.feedForward === undefined ? layers : layers / 2;
