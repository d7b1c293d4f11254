/** No device trains it as asked, or none is offered there: the reasons, the nearest places, and a change that helps. */
import type { Device } from '../../devices/device.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { Exclusion, RelaxationAdvice } from '../../estimate/answer.ts';
import { exclusionOf } from '../../estimate/exclusion.ts';
import type { Interruptible } from '../../estimate/interruptible.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import { placesElsewhere } from '../../estimate/places-elsewhere.ts';
import type { InfeasibleTraining, TrainingWorkloadReport } from '../estimate-result.ts';
import { isTrainingChoice, planOnDevice, type TrainingComparison } from './device-choice.ts';
import { trainingExclusions } from './explain.ts';
import { type InfeasibleQuestion, infeasibleRelaxation } from './infeasible-relaxation.ts';

/** Each plans a run, some with a search of the layout. */
const MOST_PLACES_TRIED = 10;

/** Interruptible between any two changes that are tried. */
export function* infeasibleTraining(
  question: Omit<InfeasibleQuestion, 'elsewhere'>,
  workload: TrainingWorkloadReport,
  /** Null where the request leaves the device open. */
  device: Device | null,
  comparison: TrainingComparison,
  log: AssumptionLog,
): Interruptible<InfeasibleTraining> {
  const { request, snapshot, at, pricing } = question;
  const unpriced = [
    ...comparison.rejections.flatMap((rejection) => (rejection.kind === 'no_price' ? [rejection.device] : [])),
    ...comparison.unpriced,
  ];
  const reasons = [
    ...trainingExclusions(comparison.rejections, request),
    ...notOffered(comparison.unpriced, placeInWords(request)),
  ];
  const elsewhere = placesElsewhere({
    snapshot,
    purchase: request.purchase ?? {},
    at,
    unpriced,
    pricing,
    serves: (candidate, prices) =>
      isTrainingChoice(planOnDevice(candidate, { ...question, pricing: prices }, new AssumptionLog())),
    mostTries: MOST_PLACES_TRIED,
  });
  const relaxation = yield* infeasibleRelaxation({ ...question, elsewhere }, comparison);
  return {
    status: 'infeasible',
    summary: summaryOf(request, workload.modelName, device, reasons[0]?.detail, elsewhere[0]?.regionId, relaxation),
    workload,
    reasons,
    elsewhere,
    relaxation,
    assumptions: log.list(),
    prices: [],
  };
}

/** Accelerators that no price of the place and the terms is for. */
export function notOffered(devices: readonly Device[], place: string): Exclusion[] {
  const [first] = devices;
  if (first === undefined) return [];
  const subject = devices.length === 1 ? `${first.name} has` : `${devices.length} accelerators have`;
  return [
    exclusionOf(
      devices.map(({ id }) => id),
      {
        constraint: 'not_offered',
        detail: `${subject} no price ${place} at this date.`,
        required: null,
        actual: null,
        unit: null,
      },
    ),
  ];
}

export function summaryOf(
  request: InfeasibleQuestion['request'],
  modelName: string,
  device: Device | null,
  reason: string | undefined,
  nearest: string | undefined,
  relaxation: RelaxationAdvice | null,
): string {
  const why = reason === undefined ? '' : ` ${reason}`;
  const near = nearest === undefined ? '' : ` The nearest place where it can be done is ${nearest}.`;
  const change =
    relaxation === null ? '' : ` With ${relaxation.field} ${relaxation.to}, ${relaxation.effect.replace(/\.$/, '')}.`;
  return device === null
    ? `No device offered ${placeInWords(request)} trains ${modelName} as asked.${why}${near}${change}`
    : `${device.name} does not train ${modelName} as asked.${why}${near}${change}`;
}
