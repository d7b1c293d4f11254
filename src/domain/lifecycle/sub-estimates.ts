/** The estimates that a lifecycle rests on, with their words about fields turned to the fields of this request. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Assumption } from '../economics/assumption.ts';
import { USEFUL_LIFE_YEARS } from '../economics/owned-defaults.ts';
import type { RelaxationAdvice } from '../estimate/answer.ts';
import { RequestFaultError, refuse } from '../estimate/request-fault.ts';
import { estimateInference } from '../inference/estimate.ts';
import type { FeasibleInference, InfeasibleInference, InferenceEstimate } from '../inference/estimate-result.ts';
import { estimateTraining } from '../training/estimate.ts';
import type { FeasibleTraining, InfeasibleTraining, TrainingEstimate } from '../training/estimate-result.ts';
import { MONTHS_PER_YEAR } from '../units.ts';
import type { LifecycleInference, LifecycleRequest, LifecycleTraining, Rollout } from './request.ts';
import { type ServingPhase, servingPhase } from './serving-phase.ts';

const OWN_FIELDS = /^\/(model|customLanguageModel|customVisionModel|requestsPerDay)(\/|$)/;

/** "/promptTokens/mean" of an inference question is "/inference/promptTokens/mean" here. */
const pointerIn = (prefix: string, pointer: string): string =>
  pointer === '' || OWN_FIELDS.test(pointer) ? pointer : `${prefix}${pointer}`;

/** Fields named in a sentence of an estimate, as they are named here. */
export const sentenceIn = (prefix: string, sentence: string): string =>
  sentence.replace(/(?<=^|[\s(])\/[a-z][A-Za-z]*(?:\/[A-Za-z0-9]+)*/g, (pointer) => pointerIn(prefix, pointer));

export const assumptionIn = (prefix: string, assumption: Assumption): Assumption => ({
  ...assumption,
  id: `${prefix.slice(1).replaceAll('/', '.')}.${assumption.id}`,
  field: pointerIn(prefix, assumption.field),
});

export const relaxationIn = (prefix: string, advice: RelaxationAdvice | null): RelaxationAdvice | null =>
  advice === null ? null : { ...advice, field: pointerIn(prefix, advice.field) };

/** @throws RequestFaultError with pointers into this request. */
function inside<Answer>(prefix: string, ask: () => Answer): Answer {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    throw new RequestFaultError(error.faults.map((fault) => ({ ...fault, pointer: pointerIn(prefix, fault.pointer) })));
  }
}

const modelOf = ({ model, customLanguageModel, customVisionModel }: LifecycleRequest) => ({
  ...(model !== undefined && { model }),
  ...(customLanguageModel !== undefined && { customLanguageModel }),
  ...(customVisionModel !== undefined && { customVisionModel }),
});

export const trainingEstimate = (
  snapshot: CatalogSnapshot,
  request: LifecycleRequest,
  training: LifecycleTraining,
  prefix: string,
  at: string,
): TrainingEstimate => inside(prefix, () => estimateTraining(snapshot, { ...modelOf(request), ...training }, at));

const inferenceEstimate = (
  snapshot: CatalogSnapshot,
  request: LifecycleRequest,
  inference: LifecycleInference,
  prefix: string,
  at: string,
  model?: string,
): InferenceEstimate =>
  inside(prefix, () =>
    estimateInference(
      snapshot,
      {
        ...(model === undefined ? modelOf(request) : { model }),
        requestsPerDay: request.requestsPerDay,
        ...inference,
      },
      at,
    ),
  );

/** Lists of settings, of which a change names some; a purchase, a place or a length is one thing and is replaced. */
const SETTINGS: ReadonlySet<string> = new Set([
  'serving',
  'traffic',
  'objectives',
  'scaling',
  'site',
  'surcharges',
  'cluster',
  'layout',
  'run',
  'data',
  'people',
]);

/** Settings of the change are merged into those of the base field by field; everything else replaces. */
export function merged<Part extends object>(base: Part, change: Partial<Part> | undefined): Part {
  const result = { ...base } as Record<string, unknown>;
  for (const [name, value] of Object.entries(change ?? {})) {
    result[name] = SETTINGS.has(name) ? { ...(result[name] as object | undefined), ...(value as object) } : value;
  }
  return result as Part;
}

export interface InfeasiblePart {
  readonly prefix: string;
  readonly answer: InfeasibleInference | InfeasibleTraining;
}

export interface Phases {
  readonly phases: readonly ServingPhase[];
  readonly infeasible: InfeasiblePart | null;
}

/** One phase from the launch on, and one from each roll-out on. */
export function servingPhases(
  snapshot: CatalogSnapshot,
  request: LifecycleRequest,
  rollouts: readonly Rollout[],
  at: string,
): Phases {
  const phases: ServingPhase[] = [];
  let inference = request.inference ?? {};
  let model: string | undefined;
  let deviceTimeFactor = 1;
  const add = (name: string, fromMonth: number, prefix: string): InfeasiblePart | null => {
    const answer = inferenceEstimate(snapshot, request, inference, prefix, at, model);
    if (answer.status === 'infeasible') return { prefix, answer };
    const termMonths = termOf(inference, answer);
    phases.push(servingPhase(answer, inference, { name, fromMonth, termMonths, deviceTimeFactor }));
    return null;
  };
  let infeasible = add('launch', 1, '/inference');
  for (const [index, rollout] of rollouts.entries()) {
    if (infeasible !== null) break;
    inference = merged(inference, rollout.inference);
    model = rollout.model ?? model;
    deviceTimeFactor *= rollout.deviceTimeFactor ?? 1;
    infeasible = add(rollout.name, rollout.fromMonth, `/rollouts/${index}/inference`);
  }
  return { phases, infeasible };
}

/** Months that hardware is paid for once it has been taken: owned hardware for the life that its bill writes it off over. */
function termOf({ purchase }: LifecycleInference, { prices, costPerMonth }: FeasibleInference): number {
  switch (purchase?.category) {
    case 'owned': {
      const devices = costPerMonth.lineItems.find(({ id }) => id === 'compute.devices');
      const life = devices?.inputs.find(({ name }) => name === 'usefulLifeYears');
      return Math.max(Math.round((life?.value ?? USEFUL_LIFE_YEARS.value) * MONTHS_PER_YEAR), 1);
    }
    case 'committed':
      return Math.max(purchase.termMonths ?? prices[0]?.termMonths ?? 1, 1);
    default:
      return 1;
  }
}

export const isInfeasible = (answer: TrainingEstimate): answer is Exclude<TrainingEstimate, FeasibleTraining> =>
  answer.status === 'infeasible';

/** @throws RequestFaultError for parts that contradict each other. */
export function checkRequest(request: LifecycleRequest, months: number): readonly Rollout[] {
  const { growth, retraining, training, rollouts = [] } = request;
  const { percentPerYear, lowPercentPerYear: low, highPercentPerYear: high } = growth ?? {};
  if ((low !== undefined || high !== undefined) && percentPerYear === undefined) {
    refuse('/growth/percentPerYear', 'required', 'A range of growth needs the growth itself; add percentPerYear.');
  }
  if (low !== undefined && low > (percentPerYear as number)) {
    refuse(
      '/growth/lowPercentPerYear',
      'maximum',
      `The low end lies above the growth of ${percentPerYear} %; lower it.`,
    );
  }
  if (high !== undefined && high < (percentPerYear as number)) {
    refuse(
      '/growth/highPercentPerYear',
      'minimum',
      `The high end lies below the growth of ${percentPerYear} %; raise it.`,
    );
  }
  if (growth?.seasonality !== undefined && !growth.seasonality.some((value) => value > 0)) {
    refuse('/growth/seasonality', 'minimum', 'At least one month needs a load above 0.');
  }
  if (growth?.maximumRequestsPerDay !== undefined && growth.maximumRequestsPerDay < request.requestsPerDay) {
    refuse(
      '/growth/maximumRequestsPerDay',
      'minimum',
      `The most requests a day lie below the ${request.requestsPerDay} at launch; raise them.`,
    );
  }
  if (retraining !== undefined && training === undefined) {
    refuse(
      '/retraining',
      'contradiction',
      'What was never trained cannot be trained again; add training or drop retraining.',
    );
  }
  for (const [index, { fromMonth, name }] of rollouts.entries()) {
    const before = rollouts[index - 1];
    if (fromMonth > months) {
      refuse(
        `/rollouts/${index}/fromMonth`,
        'maximum',
        `"${name}" begins after the horizon of ${months} months; move it.`,
      );
    }
    if (before !== undefined && fromMonth < before.fromMonth) {
      refuse(
        `/rollouts/${index}/fromMonth`,
        'order',
        `"${name}" begins before "${before.name}"; list roll-outs by date.`,
      );
    }
  }
  return rollouts;
}
