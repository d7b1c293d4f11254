/**
 * How many cache entries a token reads, and how many an indexer scores for it, summed over layers, by the length of its context.
 * Full attention reads all of the context, sparse attention the best entries, windows their last tokens; compressed attention
 * merges several tokens into an entry and has a window in every layer (DeepSeek-V3.2, arXiv 2512.02556; DeepSeek-V4, technical
 * report of 2026-04-24; MiniMax-M3, github.com/MiniMax-AI/MSA).
 */
import type { LanguageArchitecture, SparseAttention } from './architecture.ts';

export interface AttendedContext {
  /** Number of layers that read all entries, and how many entries they keep per token of context. */
  readonly wholeLayers: number;
  readonly wholeEntriesPerToken: number;
  /** Number of layers that read selected entries, how many entries they keep per token, and how many they read at most. */
  readonly selectiveLayers: number;
  readonly selectiveEntriesPerToken: number;
  readonly topEntries: number;
  readonly windowLayers: number;
  readonly windowTokens: number;
  /** Image entries that cross-attention layers read, whatever the context, summed over those layers. */
  readonly imageEntries: number;
  readonly index: SparseAttention | null;
}

/** @param imageTokens image tokens of a request that cross-attention layers read */
export function attendedContext(
  { attention, layerPattern, layers }: LanguageArchitecture,
  imageTokens = 0,
): AttendedContext {
  const window = {
    windowLayers: layerPattern.sliding,
    windowTokens: layerPattern.slidingWindow,
    imageEntries: (layerPattern.cross ?? 0) * imageTokens,
  };
  if (attention.type === 'compressed') {
    const { light, heavy } = attention;
    return {
      wholeLayers: heavy.layers,
      wholeEntriesPerToken: 1 / heavy.tokensPerEntry,
      selectiveLayers: light.layers,
      selectiveEntriesPerToken: 1 / light.tokensPerEntry,
      topEntries: light.index.topTokens,
      ...window,
      windowLayers: layers,
      index: light.index,
    };
  }
  const sparse = attention.sparse ?? null;
  const selectiveLayers = sparse ? (sparse.layers ?? layerPattern.full) : 0;
  return {
    wholeLayers: layerPattern.full - selectiveLayers,
    wholeEntriesPerToken: 1,
    selectiveLayers,
    selectiveEntriesPerToken: 1,
    topEntries: sparse?.topTokens ?? Number.POSITIVE_INFINITY,
    ...window,
    index: sparse,
  };
}

/** Entries read over all layers. */
export const attendedEntries = (shape: AttendedContext, contextTokens: number): number =>
  shape.wholeLayers * contextTokens * shape.wholeEntriesPerToken +
  shape.selectiveLayers * Math.min(contextTokens * shape.selectiveEntriesPerToken, shape.topEntries) +
  shape.windowLayers * Math.min(contextTokens, shape.windowTokens) +
  shape.imageEntries;

/** Cache entries kept per token of context, over all layers, without those of windows. */
export const keptEntriesPerToken = (shape: AttendedContext): number =>
  shape.wholeLayers * shape.wholeEntriesPerToken + shape.selectiveLayers * shape.selectiveEntriesPerToken;

/** Index keys per token of context: each is kept, and scored for every new token. */
export const indexedEntriesPerToken = (shape: AttendedContext): number =>
  shape.index === null ? 0 : shape.selectiveLayers * shape.selectiveEntriesPerToken;
