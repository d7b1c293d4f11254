/** One way of serving the same traffic, estimated like any other question. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { RequestFaultError } from '../../estimate/request-fault.ts';
import type { NamedModel } from '../../estimate/resolve-model.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import { withFewerLayers } from '../../models/fewer-layers.ts';
import { toNumber } from '../../money.ts';
import { estimateInference } from '../estimate.ts';
import type { FeasibleInference, InferenceEstimate } from '../estimate-result.ts';
import { estimateLanguage } from '../language/estimate-language.ts';
import type { InferenceRequest } from '../request.ts';

export interface Trial {
  readonly request: InferenceRequest;
  /** Share of the transformer layers that pruning leaves. */
  readonly layersKept: number;
  /** Device time of a request over what the formulas say, where an effect is sourced and not computed. */
  readonly deviceTimeFactor: number;
  /** Share of requests that reach the servers at all. */
  readonly servedShare: number;
}

/** Figures that an optimization may move. */
export interface TrialMetrics {
  readonly usdPerMonth: number;
  /** Requests of the asked load that one device carries at saturation, per second. */
  readonly requestsPerSecondPerDevice: number;
  readonly firstTokenMsP95: number | null;
  readonly perTokenMsP95: number | null;
  readonly requestMsP95: number;
  /** Weights of one replica; null for models by the sample. */
  readonly weightBytes: number | null;
  readonly devices: number;
}

type TrialOutcome =
  | {
      readonly status: 'done';
      readonly metrics: TrialMetrics;
      readonly estimate: FeasibleInference;
    }
  | { readonly status: 'refused'; readonly detail: string };

export const plainTrial = (request: InferenceRequest): Trial => ({
  request,
  layersKept: 1,
  deviceTimeFactor: 1,
  servedShare: 1,
});

/** Runs trials against one snapshot and time, each distinct one once. */
export class Laboratory {
  readonly #snapshot: CatalogSnapshot;
  readonly #at: string;
  readonly #known = new Map<string, TrialOutcome>();

  constructor(snapshot: CatalogSnapshot, at: string) {
    this.#snapshot = snapshot;
    this.#at = at;
  }

  run(trial: Trial): TrialOutcome {
    const key = JSON.stringify(trial);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const outcome = this.#estimate(trial);
    this.#known.set(key, outcome);
    return outcome;
  }

  #estimate(trial: Trial): TrialOutcome {
    try {
      const answer = this.#ask(trial);
      if (answer.status === 'infeasible') return { status: 'refused', detail: answer.summary };
      return { status: 'done', metrics: metricsOf(answer, trial), estimate: answer };
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      return { status: 'refused', detail: error.faults[0]?.detail ?? error.message };
    }
  }

  #ask(trial: Trial): InferenceEstimate {
    const asked = loaded(trial);
    if (trial.layersKept === 1) return estimateInference(this.#snapshot, asked, this.#at);
    return estimateLanguage(this.#snapshot, asked, this.#language(trial), this.#at);
  }

  #language({ request, layersKept }: Trial): NamedModel<LanguageArchitecture> {
    const model = resolveServedModel(this.#snapshot, request);
    if (model.kind !== 'language') throw new Error('Only language models have layers to prune and prompts to read.');
    return layersKept === 1 ? model : withLayers(model, layersKept);
  }
}

/** The question at the load that reaches the servers. */
const loaded = ({ request, servedShare, deviceTimeFactor }: Trial): InferenceRequest => ({
  ...request,
  requestsPerDay: request.requestsPerDay * servedShare * deviceTimeFactor,
});

function metricsOf(estimate: FeasibleInference, { deviceTimeFactor, servedShare }: Trial): TrialMetrics {
  const { performance, deployment, memory, costPerMonth } = estimate;
  const work = deviceTimeFactor * servedShare;
  const rate =
    performance.kind === 'language'
      ? performance.saturationRequestsPerSecondPerReplica.p50 / deployment.devicesPerReplica
      : performance.kind === 'vision'
        ? performance.imagesPerSecondPerDevice.p50
        : performance.samplesPerSecondPerDevice.p50;
  // egress goes with the requests, not with the time they take
  const egress = costPerMonth.lineItems
    .filter(({ id }) => id === 'network')
    .reduce((sum, { amount }) => sum + toNumber(amount), 0);
  return {
    usdPerMonth: toNumber(costPerMonth.total.amount) - egress * (1 - 1 / deviceTimeFactor),
    requestsPerSecondPerDevice: rate / work,
    firstTokenMsP95: performance.kind === 'language' ? performance.ttftMs.p95.p50 : null,
    perTokenMsP95: performance.kind === 'language' ? performance.timePerOutputTokenMs.p95.p50 : null,
    requestMsP95: performance.kind === 'language' ? performance.endToEndMs.p95.p50 : performance.latencyMs.p95.p50,
    weightBytes: memory === null ? null : memory.weightsBytes * deployment.devicesPerReplica,
    devices: deployment.devices,
  };
}

/** The same model with fewer layers of each kind: depth pruning. */
function withLayers(model: NamedModel<LanguageArchitecture>, kept: number): NamedModel<LanguageArchitecture> {
  const { architecture } = model;
  const layers = Math.max(Math.round(architecture.layers * kept), 1);
  const share = layers / architecture.layers;
  const embedding = architecture.vocabularySize * architecture.hiddenSize * (architecture.tiedEmbeddings ? 1 : 2);
  const pruned = (parameters: number): number =>
    Math.max(parameters - embedding, 0) * share + Math.min(embedding, parameters);
  return {
    ...model,
    name: `${model.name} with ${layers} of ${architecture.layers} layers`,
    architecture: {
      ...withFewerLayers(architecture, layers),
      parametersTotal: pruned(architecture.parametersTotal),
      parametersActive: pruned(architecture.parametersActive),
    },
  };
}
