/** A model with fewer layers: each kind keeps its share, and no kind is added. */
import type { LanguageArchitecture } from './architecture.ts';

/** Changes the shape only; the caller counts the parameters. @param layers at least 1, at most those of the model */
export function withFewerLayers(model: LanguageArchitecture, layers: number): LanguageArchitecture {
  const { layerPattern, mixtureOfExperts, attention } = model;
  const { full, sliding, linear, feedForward = 0, cross = 0, slidingWindow } = layerPattern;
  const kept = apportion([full, sliding, linear, feedForward, cross], layers);
  const [fullKept = 0, slidingKept = 0, linearKept = 0, feedForwardKept = 0, crossKept = 0] = kept;
  return {
    ...model,
    layers,
    layerPattern: {
      full: fullKept,
      sliding: slidingKept,
      slidingWindow,
      linear: linearKept,
      ...(feedForward > 0 && { feedForward: feedForwardKept }),
      ...(cross > 0 && { cross: crossKept }),
    },
    attention: withFewerAttending(attention, fullKept),
    mixtureOfExperts:
      mixtureOfExperts === null
        ? null
        : { ...mixtureOfExperts, denseLayers: Math.min(mixtureOfExperts.denseLayers, layers - 1) },
  };
}

function withFewerAttending(
  attention: LanguageArchitecture['attention'],
  fullLayers: number,
): LanguageArchitecture['attention'] {
  if (attention.type === 'compressed') {
    const [light = 0, heavy = 0] = apportion([attention.light.layers, attention.heavy.layers], fullLayers);
    return {
      ...attention,
      light: { ...attention.light, layers: light },
      heavy: { ...attention.heavy, layers: heavy },
    };
  }
  const selecting = attention.sparse?.layers;
  if (attention.sparse === undefined || selecting === undefined) return attention;
  return { ...attention, sparse: { ...attention.sparse, layers: Math.min(selecting, fullLayers) } };
}

/** Whole numbers in proportion to the counts that add up to the total (method of largest remainders). */
function apportion(counts: readonly number[], total: number): number[] {
  const sum = counts.reduce((all, count) => all + count, 0);
  const exact = counts.map((count) => (sum > 0 ? (count * total) / sum : 0));
  const shares = exact.map(Math.floor);
  const left = total - shares.reduce((all, share) => all + share, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, sum > 0 ? left : 0)) shares[index] = (shares[index] as number) + 1;
  return shares;
}
