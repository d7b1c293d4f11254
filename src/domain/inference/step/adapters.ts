/**
 * Low-rank adapters served together with the model they adapt (Hu et al. 2021, arXiv 2106.09685; many at once: Punica,
 * arXiv 2310.18547, and S-LoRA, arXiv 2311.03285).
 *
 *   elements = rank x sum over adapted matrices of (in + out)
 *   a step reads the adapters its sequences use, N (1 - (1 - 1/N)^B) of N alike, and computes 2 x elements a row,
 *   with one kernel that narrows and one that widens beside every matrix
 *
 * Adapted are the projections of attention and, in dense models, of the feed-forward layers. A matrix cut by columns keeps
 * its narrowing half whole on every rank, one cut by rows its widening half, as vLLM does by default.
 */
import type { LanguageArchitecture } from '../../models/architecture.ts';
import type { ServingConfiguration } from './configuration.ts';

export interface Adapters {
  /** Kept in device memory at once, each asked for as often as any other. */
  readonly resident: number;
  readonly rank: number;
}

const ADAPTER_BYTES = 2;
const KERNELS_PER_MATRIX = 2;

/** On one device, over its layers. */
export interface AdapterWork {
  readonly resident: number;
  readonly elements: number;
  readonly bytes: number;
  readonly launches: number;
}

export function adapterWork(configuration: ServingConfiguration): AdapterWork | null {
  const { adapters, model, tensorParallel, pipelineParallel } = configuration;
  if (adapters === null) return null;
  const stage = Math.ceil(model.layers / pipelineParallel);
  const { columns, rows } = adaptedMatrices(model);
  const split = (width: number): number => width / tensorParallel;
  let perLayer = 0;
  for (const [inner, outer] of columns) perLayer += inner + split(outer);
  for (const [inner, outer] of rows) perLayer += split(inner) + outer;
  const elements = adapters.rank * stage * perLayer;
  return {
    resident: adapters.resident,
    elements,
    bytes: elements * ADAPTER_BYTES,
    launches: KERNELS_PER_MATRIX * stage * (columns.length + rows.length),
  };
}

/** Adapters that a step with so many sequences reads. */
export const distinctAdapters = ({ resident }: Pick<AdapterWork, 'resident'>, sequences: number): number =>
  resident * (1 - (1 - 1 / resident) ** sequences);

type Matrix = readonly [inner: number, outer: number];

/** Inner and outer width of the adapted matrices of a layer, by how tensor parallelism cuts them. */
function adaptedMatrices(model: LanguageArchitecture): {
  readonly columns: readonly Matrix[];
  readonly rows: readonly Matrix[];
} {
  const { hiddenSize: hidden, ffnHiddenSize: ffn, attention, gatedFfn, mixtureOfExperts } = model;
  const columns: Matrix[] = [];
  const rows: Matrix[] = [];
  if (attention.type === 'mla') {
    const query = attention.queryLoraRank || hidden;
    columns.push(
      [query, attention.heads * (attention.nopeHeadDim + attention.ropeHeadDim)],
      [attention.kvLoraRank, attention.heads * (attention.nopeHeadDim + attention.valueHeadDim)],
    );
    rows.push([attention.heads * attention.valueHeadDim, hidden]);
  } else if (attention.type === 'compressed') {
    columns.push([attention.queryLoraRank, attention.heads * attention.headDim]);
    rows.push([attention.outputGroups * attention.outputLoraRank, hidden]);
  } else {
    const { heads, kvHeads, headDim } = attention;
    columns.push([hidden, heads * headDim], [hidden, kvHeads * headDim], [hidden, kvHeads * headDim]);
    rows.push([heads * headDim, hidden]);
  }
  if (mixtureOfExperts === null) {
    columns.push([hidden, ffn]);
    if (gatedFfn) columns.push([hidden, ffn]);
    rows.push([ffn, hidden]);
  }
  return { columns, rows };
}
