/** The optimization waterfall of one inference question. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { FeasibleInference } from '../estimate-result.ts';
import { atReadingPace } from '../language/reading-pace.ts';
import type { InferenceRequest } from '../request.ts';
import { type BatchGain, batchGains } from './batch-gain.ts';
import { type FieldChange, type Optimization, type OptionContext, type Quality, SAME_ANSWERS } from './option.ts';
import { OPTIMIZATIONS } from './options.ts';
import { type ServingChoice, servingChoice } from './serving-choice.ts';
import { staticBatchingFactor, unbatchedFactor } from './static-batching.ts';
import { speculation } from './traffic-options.ts';
import { Laboratory, plainTrial, type Trial, type TrialMetrics } from './trial.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { bestWaterfall, share, trialWith, type Waterfall } from './waterfall.ts';

/** With over without the option; below 1 is less. Null where the figure does not exist. */
interface OptionFactors {
  readonly throughputPerDevice: number;
  readonly firstTokenP95: number | null;
  readonly perTokenP95: number | null;
  readonly requestP95: number;
  readonly weightMemory: number | null;
  /** Of the month's bill, in whole devices. */
  readonly cost: number;
}

type OptionStatus = 'applied' | 'available' | 'not_available';

interface OptionReport {
  readonly id: string;
  readonly label: string;
  readonly group: string;
  readonly status: OptionStatus;
  /** Why not, or what it was compared with. */
  readonly detail: string | null;
  readonly effect: 'computed' | 'sourced';
  readonly effectSource: string;
  readonly factors: OptionFactors | null;
  readonly usdPerMonth: number | null;
  readonly quality: Quality;
  readonly precondition: string;
  /** The gain rests on a figure of the traffic that was not given. */
  readonly restsOnAssumedTraffic: boolean;
  readonly changes: readonly FieldChange[];
}

export interface OptimizationReport {
  readonly usdPerMonth: number;
  /** The published format in static batches without caches; null for models by the sample. */
  readonly naiveUsdPerMonth: number | null;
  readonly qualityFloorPercent: number;
  readonly options: readonly OptionReport[];
  /** Of what the request says of its traffic. */
  readonly best: Waterfall;
  /** With published figures where the request says nothing. */
  readonly bestWithAssumedTraffic: Waterfall;
  readonly batchGains: readonly BatchGain[];
  readonly verdict: Verdict;
}

const DEFAULT_QUALITY_FLOOR_PERCENT = 98;
/** @param base the answer to the request as it stands */
export function optimizationReport(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  base: FeasibleInference,
  at: string,
): OptimizationReport {
  const wishes = request.optimization ?? {};
  checkStudent(snapshot, request);
  const floor = wishes.qualityFloorPercent ?? DEFAULT_QUALITY_FLOOR_PERCENT;
  const pinned = pinnedToDevice(request, base);
  const context: OptionContext = { snapshot, at, request: pinned, wishes, base };
  const laboratory = new Laboratory(snapshot, at);
  const start = laboratory.run(plainTrial(pinned));
  if (start.status !== 'done') throw new Error(`What is feasible stays so on its own device: ${start.detail}`);
  const metrics = start.metrics;

  const choice = languageChoice(snapshot, pinned, at);
  const batching = choice === null ? [] : batchingReports(choice, metrics, laboratory, plainTrial(pinned));
  const options = OPTIMIZATIONS.map((option) =>
    optionReport(option, { ...context, request: pinned }, request, laboratory, metrics),
  );
  const available = OPTIMIZATIONS.filter((_, index) => options[index]?.status === 'available');
  const known = available.filter((option) => !option.rests(context));
  const best = bestWaterfall(laboratory, context, known, metrics, floor);
  const assumed =
    known.length === available.length ? best : bestWaterfall(laboratory, context, available, metrics, floor);
  const naiveUsdPerMonth = choice === null ? null : naiveCost(choice, laboratory, context);
  return {
    usdPerMonth: metrics.usdPerMonth,
    naiveUsdPerMonth,
    qualityFloorPercent: floor,
    options: [...batching, ...options],
    best,
    bestWithAssumedTraffic: assumed,
    batchGains:
      choice === null
        ? []
        : batchGains(
            plainConfiguration(choice),
            choice.choice.candidate.memory.maxConcurrentSequences,
            choice.question.lengths,
            speculation(context),
          ),
    verdict: verdictOf(metrics.usdPerMonth, best, assumed, naiveUsdPerMonth, floor),
  };
}

/** @throws RequestFaultError where the model that would take over is unknown or of another kind. */
function checkStudent(snapshot: CatalogSnapshot, request: InferenceRequest): void {
  const id = request.optimization?.distilledModel;
  if (id === undefined) return;
  const pointer = '/optimization/distilledModel';
  const student = snapshot.model(id);
  if (student === undefined) {
    refuse(pointer, 'unknown_id', `The catalog has no model "${id}".`, { kind: 'model', id });
    return;
  }
  const teacher = resolveServedModel(snapshot, request);
  if (student.architecture.kind !== teacher.architecture.kind) {
    refuse(
      pointer,
      'contradiction',
      `${student.name} is another kind of model than ${teacher.name}; name one of its kind.`,
    );
  }
}

/** All options are compared on the device of the answer and at the pace for which it was chosen; only right-sizing may change the device. */
function pinnedToDevice(request: InferenceRequest, base: FeasibleInference): InferenceRequest {
  const named = request.device !== undefined || request.customDevice !== undefined;
  if (named) return request;
  const asked = base.performance.kind === 'language' ? atReadingPace(request, new AssumptionLog()) : request;
  return { ...asked, device: base.deployment.deviceId };
}

/** Null for models that work by the sample. */
function languageChoice(snapshot: CatalogSnapshot, request: InferenceRequest, at: string): ServingChoice | null {
  const model = resolveServedModel(snapshot, request);
  return model.kind === 'language' ? servingChoice(snapshot, request, model.architecture, at) : null;
}

const plainConfiguration = ({ choice }: ServingChoice) => ({
  ...choice.candidate.configuration,
  speculative: null,
});

function optionReport(
  option: Optimization,
  context: OptionContext,
  asked: InferenceRequest,
  laboratory: Laboratory,
  base: TrialMetrics,
): OptionReport {
  const { id, label, group, effect, effectSource, quality, precondition } = option;
  const common = { id, label, group, effect, effectSource, quality, precondition };
  const applied = option.applied({ ...context, request: asked });
  const empty = { factors: null, usdPerMonth: null, changes: [], restsOnAssumedTraffic: false };
  if (applied && group === 'device') {
    return {
      ...common,
      ...empty,
      status: 'applied',
      detail: 'No device was named: the cheapest that fits was chosen.',
    };
  }
  if (applied) {
    const outcome = laboratory.run(option.remove(plainTrial(context.request), context));
    return {
      ...common,
      ...empty,
      status: 'applied',
      detail:
        outcome.status === 'done' ? 'Compared with the same deployment without it.' : `Without it: ${outcome.detail}`,
      factors: outcome.status === 'done' ? factorsOf(base, outcome.metrics) : null,
      usdPerMonth: base.usdPerMonth,
    };
  }
  const obstacle = option.obstacle(context);
  if (obstacle !== null) return { ...common, ...empty, status: 'not_available', detail: obstacle };
  const outcome = laboratory.run(trialWith(context, [option]));
  if (outcome.status === 'refused') return { ...common, ...empty, status: 'not_available', detail: outcome.detail };
  return {
    ...common,
    status: 'available',
    detail: option.remark?.(outcome.estimate) ?? null,
    factors: factorsOf(outcome.metrics, base),
    usdPerMonth: outcome.metrics.usdPerMonth,
    restsOnAssumedTraffic: option.rests(context),
    changes:
      group === 'device' ? [{ field: '/device', to: outcome.estimate.deployment.deviceId }] : option.changes(context),
  };
}

function factorsOf(withIt: TrialMetrics, without: TrialMetrics): OptionFactors {
  const ratio = (a: number | null, b: number | null) => (a === null || b === null || b === 0 ? null : a / b);
  return {
    throughputPerDevice: withIt.requestsPerSecondPerDevice / without.requestsPerSecondPerDevice,
    firstTokenP95: ratio(withIt.firstTokenMsP95, without.firstTokenMsP95),
    perTokenP95: ratio(withIt.perTokenMsP95, without.perTokenMsP95),
    requestP95: withIt.requestMsP95 / without.requestMsP95,
    weightMemory: ratio(withIt.weightBytes, without.weightBytes),
    cost: share(withIt.usdPerMonth, without.usdPerMonth),
  };
}

/** Every engine here batches continuously: it is part of the answer, and shown by what serving without it would take. */
function batchingReports(
  { choice, question }: ServingChoice,
  base: TrialMetrics,
  laboratory: Laboratory,
  plain: Trial,
): OptionReport[] {
  const { configuration, memory } = choice.candidate;
  const report = (id: string, label: string, factor: number, source: string, detail: string): OptionReport => {
    const outcome = laboratory.run({ ...plain, deviceTimeFactor: factor });
    const cost = outcome.status === 'done' ? share(base.usdPerMonth, outcome.metrics.usdPerMonth) : 1 / factor;
    return {
      id,
      label,
      group: 'batching',
      status: 'applied',
      detail,
      effect: 'computed',
      effectSource: source,
      factors: {
        throughputPerDevice: factor,
        firstTokenP95: null,
        perTokenP95: null,
        requestP95: 1,
        weightMemory: 1,
        cost,
      },
      usdPerMonth: base.usdPerMonth,
      quality: SAME_ANSWERS,
      precondition: 'An engine that schedules token by token; all those here do.',
      restsOnAssumedTraffic: false,
      changes: [],
    };
  };
  return [
    report(
      'batching.continuous',
      'Continuous batching',
      staticBatchingFactor(configuration, memory, question.lengths),
      'this service, after Yu et al. 2022 (Orca, OSDI): static batches wait for their longest answer',
      'Set against static batches of the same size.',
    ),
    report(
      'batching.any',
      'Batching at all',
      unbatchedFactor(configuration, memory, question.lengths),
      'this service: the same replica with one request at a time',
      'Set against one request at a time.',
    ),
  ];
}

/** As published, static batches, no caches, no drafts: what a first deployment often is. Null where it cannot run. */
function naiveCost({ choice, question }: ServingChoice, laboratory: Laboratory, context: OptionContext): number | null {
  const applied = OPTIMIZATIONS.filter(
    (option) => ['weights', 'prefix_cache', 'speculation'].includes(option.group) && option.applied(context),
  );
  const plain = applied.reduce((trial, option) => option.remove(trial, context), plainTrial(context.request));
  const { configuration, memory } = choice.candidate;
  const factor = staticBatchingFactor(configuration, memory, question.lengths);
  const outcome = laboratory.run({ ...plain, deviceTimeFactor: factor });
  return outcome.status === 'done' ? outcome.metrics.usdPerMonth : null;
}
