/** Work counted in samples that cannot be trained as asked: the reasons, the nearest places, and a change that was tried. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import { changedRequest, fieldOf } from '../../estimate/changed-request.ts';
import { type HardwarePricing, hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { placeInWords } from '../../estimate/place-words.ts';
import { placesElsewhere } from '../../estimate/places-elsewhere.ts';
import { RequestFaultError } from '../../estimate/request-fault.ts';
import { moneyInWords, thousands } from '../../estimate/words.ts';
import { HOURS_PER_DAY } from '../../units.ts';
import { durationInWords } from '../duration-in-words.ts';
import type { InfeasibleTraining, TrainingWorkloadReport } from '../estimate-result.ts';
import { notOffered, summaryOf } from '../language/infeasible.ts';
import { type DeviceRemedy, offerRemedies } from '../offer-remedies.ts';
import type { TrainingRequest } from '../request.ts';
import { roundedUp } from '../rounded-up.ts';
import {
  compareForSampleTraining,
  type Overhead,
  type SampleComparison,
  type SampleTrainingChoice,
  sampleExclusions,
} from './sample-device-choice.ts';
import type { SampleTask } from './sample-task.ts';

export interface SampleQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly request: TrainingRequest;
  /** As the caller wrote it, before the terms that go without saying for the device. */
  readonly asked: TrainingRequest;
  readonly task: SampleTask;
  readonly at: string;
  readonly pricing: HardwarePricing;
  readonly overhead: Overhead;
}

const MOST_PLACES_TRIED = 60;
const MOST_TRIES = 40;
/** A size of the cluster chosen by the deadline may change with it: a little more is tried too. */
const ALLOWANCES = [1, 1.05, 1.2];
const LARGER_CLUSTERS = [2, 4, 8, 16, 32];

export function infeasibleSamples(
  question: SampleQuestion,
  workload: TrainingWorkloadReport,
  /** Null where the request leaves the device open. */
  device: Device | null,
  comparison: SampleComparison,
): InfeasibleTraining {
  const { snapshot, request, at, pricing } = question;
  const place = placeInWords(request);
  const reasons = [...sampleExclusions(comparison.rejections), ...notOffered(comparison.unpriced, place)];
  const elsewhere = placesElsewhere({
    snapshot,
    purchase: request.purchase ?? {},
    at,
    unpriced: comparison.unpriced,
    pricing,
    serves: (candidate, prices) => choiceOn(candidate, question, request, prices) !== null,
    mostTries: MOST_PLACES_TRIED,
  });
  const remedies = [
    ...limitRemedies(comparison, request),
    ...offerRemedies({ ...question, elsewhere }, comparison.unpriced),
  ];
  const relaxation = firstThatHelps(question, remedies) ?? otherDevice(question);
  return {
    status: 'infeasible',
    summary: summaryOf(request, workload.modelName, device, reasons[0]?.detail, elsewhere[0]?.regionId, relaxation),
    workload,
    reasons,
    elsewhere,
    relaxation,
    assumptions: [],
    prices: [],
  };
}

/** For the run that comes nearest: its deadline, its budget, more devices; the precision that was measured. */
function* limitRemedies({ rejections }: SampleComparison, request: TrainingRequest): Generator<DeviceRemedy> {
  for (const [constraint, by] of [
    ['deadline', 'days'],
    ['budget', 'usd'],
  ] as const) {
    const [nearest] = rejections
      .filter((rejection) => rejection.exclusion.constraint === constraint)
      .sort((a, b) => (a.nearest?.[by] ?? 0) - (b.nearest?.[by] ?? 0));
    if (nearest?.nearest == null) continue;
    const { device } = nearest;
    const { days, usd, deviceHours } = nearest.nearest;
    if (constraint === 'deadline') {
      for (const allowance of ALLOWANCES) yield { device, field: '/deadlineDays', to: roundedUp(days * allowance) };
      const devices = request.cluster?.devices;
      for (const factor of devices === undefined ? [] : LARGER_CLUSTERS) {
        yield { device, field: '/cluster/devices', to: (devices as number) * factor };
      }
    } else {
      if (request.budgetUsd !== undefined) yield { device, field: '/budgetUsd', to: String(roundedUp(usd)) };
      if (request.budgetDeviceHours !== undefined)
        yield { device, field: '/budgetDeviceHours', to: roundedUp(deviceHours) };
    }
  }
  const refused = rejections.find(({ exclusion: { constraint } }) => /precision/.test(constraint));
  if (refused === undefined) return;
  for (const precision of ['bf16', 'fp16']) yield { device: refused.device, field: '/precision', to: precision };
}

function firstThatHelps(question: SampleQuestion, remedies: readonly DeviceRemedy[]): InfeasibleTraining['relaxation'] {
  for (const { device, field, to } of remedies.slice(0, MOST_TRIES)) {
    const given = fieldOf(question.request, field);
    const from = typeof given === 'number' || typeof given === 'string' ? given : presentValue(question, field);
    if (String(from) === String(to)) continue;
    const dated = field === '/pricingAt';
    const request = dated ? question.request : changedRequest(question.request, field, to);
    const choice = repriced(question, device, request, dated ? String(to) : question.at);
    if (choice === null) continue;
    return { field, from, to, effect: effectOf(choice) };
  }
  return null;
}

const effectOf = ({ device, cluster, wallClockHours, computeUsd }: SampleTrainingChoice): string =>
  `${thousands(cluster.devices)} x ${device.name} then take ${durationInWords(wallClockHours / HOURS_PER_DAY)} and ${moneyInWords(computeUsd, 'USD')} of compute`;

/** Where the named device cannot: the one that costs least of those that can. */
function otherDevice({ snapshot, asked, task, overhead, at }: SampleQuestion): InfeasibleTraining['relaxation'] {
  const { device, ...open } = asked;
  if (device === undefined) return null;
  const pricing = hardwarePricing(snapshot, open.location ?? {}, open.purchase ?? {}, at, open.site);
  const [choice] = compareForSampleTraining(snapshot.devices, task, open, pricing, overhead).choices;
  return choice === undefined
    ? null
    : { field: '/device', from: device, to: choice.device.id, effect: effectOf(choice) };
}

const presentValue = ({ at }: SampleQuestion, field: string): string | null =>
  field === '/pricingAt' ? at : field === '/purchase/category' ? 'on_demand' : null;

/** Null where the change does not help, or contradicts the rest of the request. */
function repriced(
  question: SampleQuestion,
  device: Device,
  request: TrainingRequest,
  at: string,
): SampleTrainingChoice | null {
  try {
    const pricing = hardwarePricing(
      question.snapshot,
      request.location ?? {},
      request.purchase ?? {},
      at,
      request.site,
    );
    return choiceOn(device, question, request, pricing);
  } catch (error) {
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
}

const choiceOn = (
  device: Device,
  { task, overhead }: SampleQuestion,
  request: TrainingRequest,
  pricing: HardwarePricing,
): SampleTrainingChoice | null =>
  compareForSampleTraining([device], task, request, pricing, overhead).choices[0] ?? null;
