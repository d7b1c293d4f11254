/** What the caller knows of his traffic and wants of the waterfall. */
export interface OptimizationWishes {
  /** Least share of benchmark scores to be kept, percent. */
  readonly qualityFloorPercent?: number;
  /** Measured share of requests that a cache of answers can serve, 0 to 1. */
  readonly responseCacheHitRate?: number;
  /** Measured mean of drafted tokens accepted per step. */
  readonly acceptedDraftTokens?: number;
  /** Catalog model that would take over after distillation. */
  readonly distilledModel?: string;
  /** Share of requests that devices at the edge can answer, 0 to 1. */
  readonly edgeOffloadShare?: number;
  /** Whether replicas may be taken away at short notice. */
  readonly interruptible?: boolean;
}
