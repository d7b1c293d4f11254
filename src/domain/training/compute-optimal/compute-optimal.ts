/** What to train with a budget: model size and tokens by a published scaling law, each candidate priced by the training estimate. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { changedRequest, fieldOf } from '../../estimate/changed-request.ts';
import { refuse } from '../../estimate/request-fault.ts';
import type { CustomLanguageModel } from '../../estimate/selectors.ts';
import { moneyInWords, significant, thousands } from '../../estimate/words.ts';
import { money, toNumber } from '../../money.ts';
import { applyFactor, invertFactor } from '../../uncertainty/band.ts';
import { computeItems } from '../budget-report.ts';
import { estimateTraining } from '../estimate.ts';
import type { FeasibleTraining, TrainingEstimate } from '../estimate-result.ts';
import type { TrainingRequest } from '../request.ts';
import { DECODER_RULE, decoderShape } from './decoder-shape.ts';
import type { ComputeOptimalEstimate, InfeasiblePlanning, TrainingPlan } from './estimate-result.ts';
import { remedies } from './remedies.ts';
import { type BudgetKind, type ComputeOptimalRequest, type Limit, limitOf } from './request.ts';
import {
  type Allocation,
  computeOptimal,
  expectedLoss,
  INFERENCE_FLOPS_PER_PARAMETER_AND_TOKEN,
  inferenceOptimal,
  lifetimeFlops,
  lossFactor,
  SCALING_LAWS,
  type ScalingLaw,
  sizeFactor,
  trainingFlopsOf,
} from './scaling-law.ts';

const DEFAULT_CONTEXT = 8192;
const LEAST_PARAMETERS = 2e6;
const MOST_PARAMETERS = 5e13;
const LEAST_TOKENS = 1e7;
/** Sizes beside the optimum, in multiples of its parameters. */
const OTHER_SIZES = [0.25, 0.5, 2] as const;
/** Multiples of the parameters that are tried for less loss; a gain below this many nats is one of rounded shapes. */
const SIZE_STEPS = [0.5, Math.SQRT1_2, Math.SQRT2, 2] as const;
const LEAST_LOSS = 1e-3;
const MOST_ROUNDS = 8;
const CLOSE_ENOUGH = 0.01;
/** First guess of FLOPs: 4e14 FLOP/s of a device at 2.5 USD an hour; the estimate corrects it. */
const GUESSED_FLOPS_PER_HOUR = 4e14 * 3600;
const GUESSED_USD_PER_HOUR = 2.5;

interface Priced {
  readonly allocation: Allocation;
  readonly shape: CustomLanguageModel;
  readonly answer: FeasibleTraining;
  readonly used: number;
}

/**
 * Pure, as every estimate.
 * @throws RequestFaultError where the request does not name exactly one budget or contradicts itself
 */
export function estimateComputeOptimal(
  snapshot: CatalogSnapshot,
  request: ComputeOptimalRequest,
  at: string,
): ComputeOptimalEstimate {
  const limit = limitOf(request);
  const law = SCALING_LAWS[request.law ?? 'besiroglu_2024'];
  const found = optimumWithin(snapshot, request, at, limit, law);
  if (!('optimum' in found)) return withRelaxation(snapshot, request, at, limit, law, found);
  const { optimum, price } = found;
  const inference = request.lifetimeInferenceTokens ?? null;
  const plan = (label: string, found: Priced) => planOf(label, found, law, inference);
  const alternatives = OTHER_SIZES.flatMap((factor) => {
    const found = ofSize(limit, optimum, factor, price);
    if (found === null) return [];
    return [plan(factor < 1 ? `${factor} of the size for longer` : `${factor} times the size for shorter`, found)];
  });
  const aware = inference === null ? null : price(inferenceOptimal(law, optimum.allocation, inference));
  const flops = trainingFlopsOf(optimum.allocation);
  const size = sizeFactor(law, flops);
  const other = SCALING_LAWS[law.id === 'besiroglu_2024' ? 'hoffmann_2022' : 'besiroglu_2024'];
  const best = plan('compute-optimal', optimum);
  const inferenceAware = aware === null || isUnpriced(aware) ? null : plan('fewest FLOPs over its life', aware);
  return {
    status: 'feasible',
    summary: summaryOf(limit, best, optimum.answer.cluster.deviceName, inferenceAware),
    law,
    budget: { kind: limit.kind, limit: limit.value, used: optimum.used },
    parameters: applyFactor(best.parameters, size),
    tokens: applyFactor(best.tokens, invertFactor(size)),
    optimum: best,
    otherLaw: { law: other, allocation: computeOptimal(other, flops) },
    inferenceAware,
    alternatives,
    shapeRule: DECODER_RULE,
  };
}

type Pricing = (allocation: Allocation) => Priced | Exclude<TrainingEstimate, FeasibleTraining>;

/** The compute-optimal run that spends the budget, and how its neighbours are priced; or why there is none. */
function optimumWithin(
  snapshot: CatalogSnapshot,
  request: ComputeOptimalRequest,
  at: string,
  limit: Limit,
  law: ScalingLaw,
): { readonly optimum: Priced; readonly price: Pricing } | InfeasiblePlanning {
  const first = computeOptimal(law, guessFlops(limit, request.cluster?.devices ?? 1));
  const tried = priced(snapshot, request, at, limit, first);
  if (isUnpriced(tried)) return infeasible(tried);
  // the device that the first guess chose is kept, so that all sizes are compared on the same hardware
  const fixed = request.customDevice === undefined ? { ...request, device: tried.answer.cluster.deviceId } : request;
  const price: Pricing = (allocation) => priced(snapshot, fixed, at, limit, allocation);
  const optimum = spend(limit, tried, price, (flops) => computeOptimal(law, flops));
  if (isUnpriced(optimum)) return infeasible(optimum);
  if (isBeyond(limit, optimum)) return tooSmall(limit, optimum);
  return { optimum: limit.kind === 'flops' ? optimum : leastLoss(limit, law, optimum, price), price };
}

/**
 * The law splits 6 N D; a device also spends its time on attention, which grows with the context, and works better on larger
 * models. Where another size reaches less loss with the same money or time, that size is the optimum.
 */
function leastLoss(limit: Limit, law: ScalingLaw, start: Priced, price: Pricing): Priced {
  const lossOf = ({ allocation }: Priced) => expectedLoss(law, allocation);
  let best = start;
  for (;;) {
    const found = SIZE_STEPS.flatMap((factor) => ofSize(limit, best, factor, price) ?? []);
    const next = found.reduce((least, other) => (lossOf(other) < lossOf(least) ? other : least), best);
    if (lossOf(next) > lossOf(best) - LEAST_LOSS) return best;
    best = next;
  }
}

/** The same budget on a multiple of the parameters; null where that is not trained with it. */
function ofSize(limit: Limit, { allocation }: Priced, factor: number, price: Pricing): Priced | null {
  const parameters = allocation.parameters * factor;
  if (parameters < LEAST_PARAMETERS || parameters > MOST_PARAMETERS) return null;
  const start = price({ parameters, tokens: allocation.tokens / factor });
  if (isUnpriced(start)) return null;
  const found = spend(limit, start, price, (flops) => ({ parameters, tokens: flops / (6 * parameters) }));
  return isUnpriced(found) || isBeyond(limit, found) ? null : found;
}

const isBeyond = (limit: Limit, { used }: Priced): boolean => used > limit.value * (1 + CLOSE_ENOUGH);

/** The least change after which the budget trains something, each one planned before it is named. */
function withRelaxation(
  snapshot: CatalogSnapshot,
  request: ComputeOptimalRequest,
  at: string,
  limit: Limit,
  law: ScalingLaw,
  found: InfeasiblePlanning,
): InfeasiblePlanning {
  for (const { field, to } of remedies(request, limit, found)) {
    const changed = changedRequest(request, field, field === '/budgetUsd' ? String(to) : to);
    const planned = optimumWithin(snapshot, changed, at, limitOf(changed), law);
    if (!('optimum' in planned)) continue;
    const from = fieldOf(request, field);
    const { parameters, tokens } = planned.optimum.allocation;
    const { devices, deviceName } = planned.optimum.answer.cluster;
    return {
      ...found,
      relaxation: {
        field,
        from: typeof from === 'number' || typeof from === 'string' ? from : null,
        to: field === '/budgetUsd' ? String(to) : to,
        effect: `then pays for ${significant(parameters / 1e9)} bn parameters on ${significant(tokens / 1e9)} bn tokens on ${thousands(devices)} x ${deviceName}`,
      },
    };
  }
  return { ...found, relaxation: null };
}

function guessFlops({ kind, value }: Limit, devices: number): number {
  switch (kind) {
    case 'flops':
      return value;
    case 'usd':
      return (value / GUESSED_USD_PER_HOUR) * GUESSED_FLOPS_PER_HOUR;
    case 'device_hours':
      return value * GUESSED_FLOPS_PER_HOUR;
    case 'days':
      return value * 24 * devices * GUESSED_FLOPS_PER_HOUR;
  }
}

/** At the edge of the sizes there are, the FLOPs are kept and the tokens follow. */
function clamped({ parameters, tokens }: Allocation): Allocation {
  const within = Math.min(Math.max(parameters, LEAST_PARAMETERS), MOST_PARAMETERS);
  return { parameters: within, tokens: Math.max((tokens * parameters) / within, LEAST_TOKENS) };
}

const isUnpriced = (
  found: Priced | Exclude<TrainingEstimate, FeasibleTraining>,
): found is Exclude<TrainingEstimate, FeasibleTraining> => 'status' in found;

/** The allocation as a concrete decoder, estimated; its parameters are those of the shape. */
function priced(
  snapshot: CatalogSnapshot,
  request: ComputeOptimalRequest,
  at: string,
  limit: Limit,
  wanted: Allocation,
): Priced | Exclude<TrainingEstimate, FeasibleTraining> {
  const { parameters, tokens } = clamped(wanted);
  const { model, parameters: counted } = decoderShape(parameters, request.sequenceLength ?? DEFAULT_CONTEXT);
  // the same FLOPs on the size that the shape has
  const allocation = { parameters: counted, tokens: (tokens * parameters) / counted };
  const {
    budgetFlops: _flops,
    budgetUsd: _usd,
    budgetDeviceHours: _hours,
    budgetDays: _days,
    lifetimeInferenceTokens: _inference,
    law: _law,
    ...terms
  } = request;
  const question: TrainingRequest = { ...terms, customLanguageModel: model, tokens: allocation.tokens };
  const answer = estimateTraining(snapshot, question, at);
  if (answer.status === 'infeasible') return answer;
  const used = usedOf(limit.kind, allocation, answer);
  if (used === 0) {
    const message =
      'The hardware costs next to nothing, so money does not bound the run: give budgetDeviceHours or budgetDays.';
    return refuse(limit.pointer, 'contradiction', message);
  }
  return { allocation, shape: model, answer, used };
}

function usedOf(kind: BudgetKind, allocation: Allocation, answer: FeasibleTraining): number {
  switch (kind) {
    case 'flops':
      return trainingFlopsOf(allocation);
    case 'usd':
      return computeItems(answer.cost).reduce((sum, { amount }) => sum + toNumber(amount), 0);
    case 'device_hours':
      return answer.run.deviceHours.p50;
    case 'days':
      return answer.run.wallClockDays.p50;
  }
}

/** FLOPs scaled by limit over use until the budget is spent to a hundredth; the best that stays within it. */
function spend(
  limit: Limit,
  start: Priced,
  price: Pricing,
  allocate: (flops: number) => Allocation,
): Priced | Exclude<TrainingEstimate, FeasibleTraining> {
  let found = start;
  let best: Priced | null = null;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const within = found.used <= limit.value * (1 + 1e-9);
    if (within && (best === null || found.used > best.used)) best = found;
    if (within && found.used >= limit.value * (1 - CLOSE_ENOUGH)) return found;
    const aim = limit.kind === 'flops' ? 1 : 1 - CLOSE_ENOUGH / 2;
    const next = price(allocate(trainingFlopsOf(found.allocation) * ((limit.value * aim) / found.used)));
    if (isUnpriced(next)) return best ?? next;
    found = next;
  }
  return best ?? found;
}

function planOf(
  label: string,
  { allocation, shape, answer }: Priced,
  law: ScalingLaw,
  inferenceTokens: number | null,
): TrainingPlan {
  const items = computeItems(answer.cost);
  const sum = (of: (item: (typeof items)[number]) => number) => items.reduce((total, item) => total + of(item), 0);
  const loss = expectedLoss(law, allocation);
  return {
    label,
    ...allocation,
    tokensPerParameter: allocation.tokens / allocation.parameters,
    expectedLoss: applyFactor(loss, lossFactor(law, loss)),
    trainingFlops: trainingFlopsOf(allocation),
    inferenceFlopsPerToken: INFERENCE_FLOPS_PER_PARAMETER_AND_TOKEN * allocation.parameters,
    lifetimeFlops: inferenceTokens === null ? null : lifetimeFlops(allocation, inferenceTokens),
    shape,
    deviceId: answer.cluster.deviceId,
    devices: answer.cluster.devices,
    wallClockDays: answer.run.wallClockDays,
    deviceHours: answer.run.deviceHours,
    prices: answer.prices,
    compute: {
      amount: money(
        sum(({ amount }) => toNumber(amount)),
        answer.cost.total.amount.currency,
      ),
      // the items share the hours of the run and move together
      band: { p10: sum(({ band }) => band.p10), p50: sum(({ band }) => band.p50), p90: sum(({ band }) => band.p90) },
      basis: [...new Map(items.flatMap(({ basis }) => basis).map((basis) => [basis.id, basis])).values()],
    },
    wholeBill: answer.cost.total,
  };
}

function summaryOf(limit: Limit, best: TrainingPlan, deviceName: string, aware: TrainingPlan | null): string {
  const billions = (value: number) =>
    value >= 1e12 ? `${significant(value / 1e12)} T` : `${significant(value / 1e9)} bn`;
  const words = {
    flops: `${limit.value.toExponential(2)} FLOPs pay`,
    usd: `${moneyInWords(limit.value, 'USD')} of hardware pays`,
    device_hours: `${significant(limit.value)} device-hours pay`,
    days: `${significant(limit.value)} days pay`,
  }[limit.kind];
  const life =
    aware === null
      ? ''
      : ` For fewest FLOPs over its life, ${billions(aware.parameters)} parameters on ${billions(aware.tokens)} tokens reach the same loss with ${significant((100 * aware.trainingFlops) / best.trainingFlops)} % of the training FLOPs.`;
  return `${words} for ${billions(best.parameters)} parameters on ${billions(best.tokens)} tokens, ${significant(best.tokensPerParameter)} per parameter: ${significant(best.wallClockDays.p50)} days on ${thousands(best.devices)} x ${deviceName}, ${moneyInWords(toNumber(best.compute.amount), 'USD')} of compute, expected loss ${significant(best.expectedLoss.p50)}.${life}`;
}

const infeasible = ({
  summary,
  reasons,
  relaxation,
}: Exclude<TrainingEstimate, FeasibleTraining>): InfeasiblePlanning => ({
  status: 'infeasible',
  summary,
  reasons,
  // what the training question would change is not asked here but for the place, the device and the cluster
  relaxation:
    relaxation !== null && /^\/(cluster|device|deadlineDays|location|purchase)/.test(relaxation.field)
      ? relaxation
      : null,
});

function tooSmall({ kind, value }: Limit, { used, allocation }: Priced): InfeasiblePlanning {
  const unit = { flops: 'FLOPs', usd: 'USD', device_hours: 'device-hours', days: 'days' }[kind];
  const detail = `The least run there is, ${significant(allocation.parameters / 1e6)} M parameters on ${significant(allocation.tokens / 1e6)} M tokens, takes ${significant(used)} ${unit}; the budget is ${significant(value)}.`;
  return {
    status: 'infeasible',
    summary: detail,
    reasons: [{ constraint: 'budget', detail, required: value, actual: used, unit, examples: [], count: 1 }],
    relaxation: null,
  };
}
