/**
 * What a token attends to, by its context: the sum over layers of cache entries read and of entries an indexer scores.
 * Full attention reads all of the context, sparse attention the best entries, windows their last tokens; compressed attention
 * merges several tokens into an entry and has a window in every layer (DeepSeek-V3.2, arXiv 2512.02556; DeepSeek-V4, technical
 * report of 2026-04-24; MiniMax-M3, github.com/MiniMax-AI/MSA).
 */
import type { LanguageArchitecture, SparseAttention } from './architecture.ts';

export interface AttendedContext {
  /** Layers that read all entries, and entries per token of context. */
  readonly wholeLayers: number;
  readonly wholeEntriesPerToken: number;
  /** Layers that read selected entries, entries per token, and how many are read at most. */
  readonly selectiveLayers: number;
  readonly selectiveEntriesPerToken: number;
  readonly topEntries: number;
  readonly windowLayers: number;
  readonly windowTokens: number;
  readonly index: SparseAttention | null;
}

export function attendedContext({ attention, layerPattern, layers }: LanguageArchitecture): AttendedContext {
  const window = { windowLayers: layerPattern.sliding, windowTokens: layerPattern.slidingWindow };
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
  shape.windowLayers * Math.min(contextTokens, shape.windowTokens);

/** Entries of the cache per token of context, over all layers; windows apart. */
export const keptEntriesPerToken = (shape: AttendedContext): number =>
  shape.wholeLayers * shape.wholeEntriesPerToken + shape.selectiveLayers * shape.selectiveEntriesPerToken;

/** Index keys that are kept, and scored for each new token, per token of context. */
export const indexedEntriesPerToken = (shape: AttendedContext): number =>
  shape.index === null ? 0 : shape.selectiveLayers * shape.selectiveEntriesPerToken;
