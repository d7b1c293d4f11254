/** Parameters one device holds before any sharding over data parallelism. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { componentParameters } from '../../models/parameters.ts';
import type { TrainingLayout } from '../workload.ts';

interface LocalParameters {
  /** Attention, dense and shared FFN, router, embeddings: cut by tensor and pipeline parallelism. */
  readonly dense: number;
  /** Routed experts: cut by pipeline, expert and (inside an expert) tensor parallelism. */
  readonly experts: number;
}

/** Mean over pipeline ranks, embeddings included. */
export function localParameters(model: LanguageArchitecture, layout: TrainingLayout): LocalParameters {
  const c = componentParameters(model);
  const mtpDense = model.mtpLayers * (c.attentionPerLayer + 2 * model.hiddenSize ** 2);
  const dense =
    (c.denseLayers + c.expertLayers) * c.attentionPerLayer +
    c.denseLayers * c.denseFfnPerLayer +
    c.expertLayers * (c.sharedExpertsPerLayer + c.routerPerLayer) +
    c.embedding +
    (model.tiedEmbeddings ? 0 : c.logits) +
    mtpDense;
  const experts = (c.expertLayers + (c.expertLayers > 0 ? model.mtpLayers : 0)) * c.expert * c.expertsPerLayer;
  const cut = layout.tensorParallel * layout.pipelineParallel;
  return {
    dense: dense / cut,
    experts: experts / (layout.pipelineParallel * layout.expertParallel * expertTensor(layout)),
  };
}

/**
 * Experts spread over expert-parallel ranks are whole (the ranks come from tensor, context and data parallelism together,
 * as in Megatron Core); without spreading tensor parallelism cuts them.
 */
const expertTensor = (layout: TrainingLayout): number => (layout.expertParallel > 1 ? 1 : layout.tensorParallel);

/** Ranks that hold the same expert weights. */
export const expertReplicas = (layout: TrainingLayout): number => {
  const ranks = layout.dataParallel * layout.contextParallel;
  return layout.expertParallel > 1 ? Math.max(1, (ranks * layout.tensorParallel) / layout.expertParallel) : ranks;
};
