/**
 * What limits a run counted in samples, and a change of the request that lifts it. Every change is tried: the run is compared
 * again with it before it is named.
 */
import type { BindingConstraintReport, RelaxationAdvice } from '../../estimate/answer.ts';
import { changedRequest } from '../../estimate/changed-request.ts';
import { moneyInWords, thousands } from '../../estimate/words.ts';
import { HOURS_PER_DAY } from '../../units.ts';
import { DEFAULT_DEADLINE_DAYS } from '../defaults.ts';
import { durationInWords } from '../duration-in-words.ts';
import type { TrainingRequest } from '../request.ts';
import { LEAST_SPEEDUP } from '../run/run-size.ts';
import { type Outcome, worthwhile } from '../worthwhile.ts';
import type { SampleQuestion } from './infeasible-samples.ts';
import { compareForSampleTraining, type SampleTrainingChoice } from './sample-device-choice.ts';

/** Smaller and larger clusters that are tried, as multiples of the present one. */
const CLUSTER_FACTORS = [0.5, 0.25, 2, 4, 16];
/** A deadline put off by more than this is no advice. */
const LATEST_DEADLINE_FACTOR = 10;

export function sampleConstraint(choice: SampleTrainingChoice, question: SampleQuestion): BindingConstraintReport {
  return (
    deadlineConstraint(choice, question) ??
    budgetConstraint(choice, question) ?? {
      constraint: 'compute',
      explanation: question.task.efficiencyInWords,
      relaxation: anotherCluster(choice, question),
    }
  );
}

const daysOf = ({ wallClockHours }: SampleTrainingChoice): number => wallClockHours / HOURS_PER_DAY;

const outcomeOf = (choice: SampleTrainingChoice): Outcome => ({ computeUsd: choice.computeUsd, days: daysOf(choice) });

/** Where half the devices would miss the deadline. */
function deadlineConstraint(choice: SampleTrainingChoice, question: SampleQuestion): BindingConstraintReport | null {
  const { request } = question;
  const { devices, devicesPerNode } = choice.cluster;
  if (request.cluster?.devices !== undefined || request.cluster?.objective === 'fastest') return null;
  if (devices <= devicesPerNode) return null;
  const smaller = onDevices(choice, question, devices / 2);
  const deadline = request.deadlineDays ?? DEFAULT_DEADLINE_DAYS.value;
  if (smaller === null || outcomeOf(smaller).days <= deadline) return null;
  const whose = request.deadlineDays === undefined ? 'the default of ' : '';
  return {
    constraint: 'deadline',
    explanation: `The deadline decides the size of the cluster: ${thousands(devices / 2)} devices would take ${durationInWords(daysOf(smaller))}, ${whose}${durationInWords(deadline)} ${request.deadlineDays === undefined ? 'is aimed at' : 'are allowed'}.`,
    relaxation: laterDeadline(choice, smaller, question),
  };
}

/** Half the cluster where the deadline is ours; where it is the caller's own, the one that one node keeps. */
function laterDeadline(
  choice: SampleTrainingChoice,
  smaller: SampleTrainingChoice,
  question: SampleQuestion,
): RelaxationAdvice | null {
  const { devices, devicesPerNode } = choice.cluster;
  const { deadlineDays } = question.request;
  if (deadlineDays === undefined) {
    if (smaller.computeUsd >= choice.computeUsd) return null;
    return { field: '/cluster/devices', from: devices, to: devices / 2, effect: effectOf(choice, smaller) };
  }
  const smallest = onDevices(choice, question, devicesPerNode);
  if (smallest === null) return null;
  const days = Math.ceil(outcomeOf(smallest).days);
  if (days > deadlineDays * LATEST_DEADLINE_FACTOR) return null;
  return tried(
    choice,
    question,
    '/deadlineDays',
    deadlineDays,
    days,
    (changed) => changed.computeUsd < choice.computeUsd,
  );
}

/** Where twice the devices would be faster and the budget does not pay for them. */
function budgetConstraint(choice: SampleTrainingChoice, question: SampleQuestion): BindingConstraintReport | null {
  const { budgetUsd, budgetDeviceHours, cluster } = question.request;
  if (cluster?.objective !== 'fastest' || (budgetUsd === undefined && budgetDeviceHours === undefined)) return null;
  const larger = onDevices(choice, question, choice.cluster.devices * 2);
  if (larger === null || larger.wallClockHours * LEAST_SPEEDUP > choice.wallClockHours) return null;
  const deviceHours = larger.quote.devicesPaid * larger.wallClockHours;
  const faster = (changed: SampleTrainingChoice) => changed.wallClockHours < choice.wallClockHours;
  if (budgetUsd !== undefined && larger.computeUsd > Number(budgetUsd)) {
    return {
      constraint: 'budget',
      explanation: `The budget decides the size of the cluster: ${thousands(larger.cluster.devices)} devices would take ${durationInWords(daysOf(larger))} and ${moneyInWords(larger.computeUsd, 'USD')}.`,
      relaxation: tried(choice, question, '/budgetUsd', budgetUsd, String(Math.ceil(larger.computeUsd)), faster),
    };
  }
  if (budgetDeviceHours === undefined || deviceHours <= budgetDeviceHours) return null;
  return {
    constraint: 'budget',
    explanation: `The budget decides the size of the cluster: ${thousands(larger.cluster.devices)} devices would take ${durationInWords(daysOf(larger))} and ${thousands(Math.ceil(deviceHours))} device-hours.`,
    relaxation: tried(choice, question, '/budgetDeviceHours', budgetDeviceHours, Math.ceil(deviceHours), faster),
  };
}

/** Arithmetic is lifted by other numbers of devices: of those worth their money the one with the cheapest run. */
function anotherCluster(choice: SampleTrainingChoice, question: SampleQuestion): RelaxationAdvice | null {
  const { devices } = choice.cluster;
  let best: SampleTrainingChoice | null = null;
  for (const factor of CLUSTER_FACTORS) {
    const size = devices * factor;
    if (!Number.isInteger(size) || size < 1) continue;
    const changed = choiceFor(choice, question, changedRequest(question.request, '/cluster/devices', size));
    if (changed === null || !worthwhile(outcomeOf(choice), outcomeOf(changed))) continue;
    if (best === null || changed.computeUsd < best.computeUsd) best = changed;
  }
  if (best === null) return null;
  return {
    field: '/cluster/devices',
    from: devices,
    to: best.cluster.devices,
    effect: effectOf(choice, best),
  };
}

/** The advice where the run compared with it is as wanted. */
function tried(
  choice: SampleTrainingChoice,
  question: SampleQuestion,
  field: string,
  from: number | string,
  to: number | string,
  wanted: (changed: SampleTrainingChoice) => boolean,
): RelaxationAdvice | null {
  const changed = choiceFor(choice, question, changedRequest(question.request, field, to));
  return changed === null || !wanted(changed) ? null : { field, from, to, effect: effectOf(choice, changed) };
}

function effectOf(now: SampleTrainingChoice, changed: SampleTrainingChoice): string {
  const days = [changed, now].map((one) => durationInWords(daysOf(one)));
  const money = [changed, now].map(({ computeUsd }) => moneyInWords(computeUsd, 'USD'));
  return `takes ${days[0]} on ${thousands(changed.cluster.devices)} devices for ${money[0]} of compute, instead of ${days[1]} for ${money[1]}`;
}

/** The run on so many devices, whatever the deadline and the budget say. */
function onDevices(
  choice: SampleTrainingChoice,
  question: SampleQuestion,
  devices: number,
): SampleTrainingChoice | null {
  const { deadlineDays: _deadline, budgetUsd: _usd, budgetDeviceHours: _hours, ...request } = question.request;
  const { objective: _objective, ...cluster } = request.cluster ?? {};
  return choiceFor(choice, question, { ...request, cluster: { ...cluster, devices } });
}

const choiceFor = (
  { device }: SampleTrainingChoice,
  { task, pricing, overhead }: SampleQuestion,
  request: TrainingRequest,
): SampleTrainingChoice | null =>
  compareForSampleTraining([device], task, request, pricing, overhead).choices[0] ?? null;
