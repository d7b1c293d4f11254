/** The cheapest change of a limit of the request, checked by applying it: something else must bind afterwards. */
import type { RelaxationAdvice } from '../estimate/answer.ts';
import { moneyInWords } from '../estimate/words.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import {
  bestOnDevice,
  constraintOn,
  type DeploymentChoice,
  isOption,
  planned,
  type ServingQuestion,
} from './language/device-choice.ts';
import { LATENCY_FIELDS, type LatencyFigure } from './latency-objectives.ts';
import { withLimit as withObjective } from './load/replicas.ts';
import type { Remedy } from './remedies.ts';
import type { ObjectiveCheck, Relaxation } from './step/results.ts';

interface Limit {
  readonly field: string;
  /** From the domain's unit to the request's. */
  readonly scale: number;
  /** The request takes no more. */
  readonly most: number;
}

const MOST_MS: Readonly<Record<LatencyFigure, number>> = { ttft: 1e7, tpot: 1e6, end_to_end: 1e8 };

const LIMITS: ReadonlyMap<ObjectiveCheck['objective'], Limit> = new Map<ObjectiveCheck['objective'], Limit>([
  ['utilization', { field: '/objectives/maxUtilization', scale: 1, most: 0.95 }],
  ...LATENCY_FIELDS.map(
    ({ objective, field, figure }) =>
      [objective, { field: `/objectives/${field}`, scale: MILLISECONDS_PER_SECOND, most: MOST_MS[figure] }] as const,
  ),
]);

/** Another configuration of the device may take over as a limit loosens, so the first value is not always enough. */
const STEPS = [1, 1.1, 1.3, 1.7, 2.5, 5, 20];

/** What is paid: devices come in whole machines, and fewer of them may cost the same. */
export interface Paid {
  readonly devices: number;
  /** The whole bill, surcharges included. */
  readonly usdPerMonth: number;
}

/** What is paid for the choice, and what would be for another one. */
export interface Bills {
  readonly paid: Paid;
  readonly paidFor: (other: DeploymentChoice) => Paid;
}

/** In units of the request, rounded away from the old limit; null where no value of the field frees it. */
export function relaxationAdvice(
  choice: DeploymentChoice,
  question: ServingQuestion,
  { paid, paidFor }: Bills,
): RelaxationAdvice | null {
  const { relaxation, bindingConstraint } = choice.plan;
  const limit = limitOf(relaxation);
  if (relaxation === null || limit === null) return null;
  for (const step of STEPS) {
    const to = rounded(relaxation.from + (relaxation.to - relaxation.from) * step, limit);
    if (to > limit.most) break;
    const relaxed = withLimit(question, relaxation, to / limit.scale);
    const outcome = bestOnDevice(choice.device, relaxed);
    if (!isOption(outcome) || bindingConstraint === constraintOn(outcome, relaxed)) continue;
    return {
      field: limit.field,
      from: relaxation.from * limit.scale,
      to,
      effect: savingInWords(paid, paidFor(planned(outcome, relaxed))),
    };
  }
  return null;
}

/** Where even the highest allowed utilization cap still binds: what that cap would save. Null for other constraints. */
export function highestCapInWords(
  choice: DeploymentChoice,
  question: ServingQuestion,
  { paid, paidFor }: Bills,
): string | null {
  const { relaxation, bindingConstraint } = choice.plan;
  const limit = limitOf(relaxation);
  if (relaxation === null || limit === null || bindingConstraint !== 'utilization_cap') return null;
  const relaxed = withLimit(question, relaxation, limit.most);
  const outcome = bestOnDevice(choice.device, relaxed);
  if (!isOption(outcome)) return null;
  const saving = savingInWords(paid, paidFor(planned(outcome, relaxed)), 'saves nothing');
  return `No cap up to ${limit.most}, the most that may be asked, changes that; ${limit.most} ${saving}.`;
}

export function savingInWords(before: Paid, after: Paid, none = 'costs nothing, and something else decides'): string {
  const saved = before.usdPerMonth - after.usdPerMonth;
  if (!(saved > before.usdPerMonth * 1e-9)) return none;
  const devices = before.devices - after.devices;
  const money = `${moneyInWords(saved, 'USD')} a month`;
  return devices > 0 ? `saves ${devices} of ${before.devices} devices paid for, ${money}` : `saves ${money}`;
}

/** For a plan that no number of replicas carries: the limit at which some number does. */
export function limitAdvice(relaxation: Relaxation | null): Remedy | null {
  const limit = limitOf(relaxation);
  if (relaxation === null || limit === null) return null;
  const to = rounded(relaxation.to, limit);
  return to > limit.most
    ? null
    : { field: limit.field, from: relaxation.from * limit.scale, to, note: relaxation.description };
}

const limitOf = (relaxation: Relaxation | null): Limit | null =>
  relaxation === null ? null : (LIMITS.get(relaxation.parameter) ?? null);

const rounded = (value: number, { scale }: Limit): number =>
  scale === 1 ? Math.ceil(value * 1e4) / 1e4 : Math.ceil(value * scale);

const withLimit = (question: ServingQuestion, relaxation: Relaxation, value: number): ServingQuestion => ({
  ...question,
  load: { ...question.load, objectives: withObjective(question.load.objectives, relaxation.parameter, value) },
});
