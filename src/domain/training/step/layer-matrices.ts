/** The matrices one token passes in a layer, by shape: what the time of their products depends on. */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { attentionWidths } from '../../models/parameters.ts';

export interface LayerMatrix {
  readonly inputs: number;
  readonly outputs: number;
  /** Which side tensor parallelism cuts. */
  readonly cut: 'inputs' | 'outputs' | 'none';
}

const known = new WeakMap<
  LanguageArchitecture,
  { attention: LayerMatrix[]; ffn: LayerMatrix[]; shared: LayerMatrix[] }
>();

/** Attention projections, the ordinary FFN, and router with shared experts; gate and up projections are one product. */
export function layerMatrices(model: LanguageArchitecture) {
  const remembered = known.get(model);
  if (remembered !== undefined) return remembered;
  const h = model.hiddenSize;
  const moe = model.mixtureOfExperts;
  const matrices = {
    attention: attentionMatrices(model),
    ffn: ffnMatrices(h, model.ffnHiddenSize, model.gatedFfn),
    shared:
      moe === null
        ? []
        : [
            { inputs: h, outputs: moe.experts, cut: 'none' as const },
            ...(moe.sharedExperts > 0
              ? ffnMatrices(h, moe.sharedExperts * moe.sharedExpertHiddenSize, model.gatedFfn)
              : []),
          ],
  };
  known.set(model, matrices);
  return matrices;
}

const ffnMatrices = (hiddenSize: number, width: number, gated: boolean): LayerMatrix[] => [
  { inputs: hiddenSize, outputs: (gated ? 2 : 1) * width, cut: 'outputs' },
  { inputs: width, outputs: hiddenSize, cut: 'inputs' },
];

function attentionMatrices(model: LanguageArchitecture): LayerMatrix[] {
  const h = model.hiddenSize;
  const a = model.attention;
  const { query, keyValue, output } = attentionWidths(model);
  const last: LayerMatrix = { inputs: output, outputs: h, cut: 'inputs' };
  if (a.type !== 'mla') return [{ inputs: h, outputs: query + keyValue, cut: 'outputs' }, last];
  const up = a.heads * (a.nopeHeadDim + a.valueHeadDim);
  const queries: LayerMatrix[] =
    a.queryLoraRank > 0
      ? [
          { inputs: h, outputs: a.queryLoraRank, cut: 'none' },
          { inputs: a.queryLoraRank, outputs: query, cut: 'outputs' },
        ]
      : [{ inputs: h, outputs: query, cut: 'outputs' }];
  return [
    ...queries,
    { inputs: h, outputs: a.kvLoraRank + a.ropeHeadDim, cut: 'none' },
    { inputs: a.kvLoraRank, outputs: up, cut: 'outputs' },
    last,
  ];
}
