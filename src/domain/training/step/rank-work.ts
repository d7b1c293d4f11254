/** What a rank does in a layer: it depends on a few values of the layout alone, and is worked out once for each of their combinations. */
import { componentParameters } from '../../models/parameters.ts';
import type { Cluster, Recompute, TrainingLayout, TrainingWorkload } from '../workload.ts';
import { splitsSequence } from './activations.ts';
import type { StepConstants } from './constants.ts';
import { headSeconds } from './head-time.ts';
import {
  addLayers,
  type LayerSeconds,
  layerSeconds,
  NO_SECONDS,
  type Rates,
  ratesOf,
  secondsOfLayers,
} from './layer-time.ts';
import { rememberedPerRank } from './remembered-per-rank.ts';

/** What one layer takes on one rank, and the rates behind it. */
interface RankWork {
  readonly rates: Rates;
  readonly dense: LayerSeconds | null;
  readonly experts: LayerSeconds | null;
}

/** Of the schedules only DualPipe changes what a layer takes. */
const KINDS = ['none', 'selective', 'full', 'none dual', 'selective dual', 'full dual'] as const;

const kindOf = ({ schedule }: TrainingLayout, recompute: Recompute): number =>
  KINDS.indexOf(schedule === 'dual_pipe' ? `${recompute} dual` : recompute);

/** Of ranks, by recomputation and schedule, then by the degrees of the cut. */
class KnownWork {
  readonly rank: readonly Map<number, RankWork>[] = KINDS.map(() => new Map());
  /** Seconds of all layers and the head in the mode of recomputation that takes least. */
  readonly least: readonly Map<number, number>[] = KINDS.map(() => new Map());
}

const knownWork = rememberedPerRank<KnownWork>();

/** Of one workload on one cluster; shared by clusters that differ in nothing but their size. */
export class RankWorks {
  readonly #workload: TrainingWorkload;
  readonly #cluster: Cluster;
  readonly #constants: StepConstants;
  readonly #known: KnownWork;

  constructor(workload: TrainingWorkload, cluster: Cluster, constants: StepConstants) {
    this.#workload = workload;
    this.#cluster = cluster;
    this.#constants = constants;
    this.#known = knownWork(workload, cluster, constants, () => new KnownWork());
  }

  of(layout: TrainingLayout): RankWork {
    const ofKind = this.#known.rank[kindOf(layout, layout.recompute)] as Map<number, RankWork>;
    const key = keyOf(layout, layout.microBatchSequences);
    const known = ofKind.get(key);
    if (known !== undefined) return known;
    const rates = ratesOf(this.#workload, this.#cluster, layout, this.#constants);
    const { denseLayers, expertLayers } = componentParameters(this.#workload.model);
    const layer = (experts: boolean) => layerSeconds(this.#workload, layout, rates, this.#constants, experts);
    const { mtpLayers } = this.#workload.model;
    const work = {
      rates,
      dense: denseLayers > 0 || (expertLayers === 0 && mtpLayers > 0) ? layer(false) : null,
      experts: expertLayers > 0 ? layer(true) : null,
    };
    ofKind.set(key, work);
    return work;
  }

  /** Seconds of all layers and the head, in the mode of recomputation that takes least; modes are given lightest first. */
  least(shape: TrainingLayout, microBatchSequences: number, modes: readonly Recompute[]): number {
    // one shape is always asked about with the same modes
    const ofKind = this.#known.least[kindOf(shape, 'none')] as Map<number, number>;
    const key = keyOf(shape, microBatchSequences);
    const known = ofKind.get(key);
    if (known !== undefined) return known;
    const { model } = this.#workload;
    const c = componentParameters(model);
    let least = Number.POSITIVE_INFINITY;
    // of the modes that split the sequence alike the lightest takes least
    const { software } = this.#workload;
    const [lightest] = modes;
    const candidates = modes.filter(
      (mode) => mode === lightest || splitsSequence(software, mode) !== splitsSequence(software, lightest ?? mode),
    );
    for (const recompute of candidates) {
      const layout = { ...shape, microBatchSequences, recompute };
      const { rates, dense, experts } = this.of(layout);
      const layers = { ...NO_SECONDS };
      addLayers(layers, dense, c.denseLayers + (c.expertLayers > 0 ? 0 : model.mtpLayers));
      addLayers(layers, experts, c.expertLayers + (c.expertLayers > 0 ? model.mtpLayers : 0));
      least = Math.min(least, secondsOfLayers(layers) + headSeconds(this.#workload, layout, rates, c.logits));
    }
    ofKind.set(key, least);
    return least;
  }
}

/** Above the largest degrees that the contract takes, so that each combination has a key of its own. */
const MOST_CONTEXT_RANKS = 2 ** 11;
const MOST_EXPERT_RANKS = 2 ** 13;
const MOST_SEQUENCES_AT_ONCE = 2 ** 17;

const keyOf = (
  { tensorParallel, contextParallel, expertParallel }: TrainingLayout,
  microBatchSequences: number,
): number =>
  ((tensorParallel * MOST_CONTEXT_RANKS + contextParallel) * MOST_EXPERT_RANKS + expertParallel) *
    MOST_SEQUENCES_AT_ONCE +
  microBatchSequences;
