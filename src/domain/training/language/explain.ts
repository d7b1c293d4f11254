/** Words for what limits a run and why options were left out. */
import type { BindingConstraintReport, Exclusion } from '../../estimate/answer.ts';
import { exclusionOf, mostFrequentFirst, type Reason } from '../../estimate/exclusion.ts';
import { moneyInWords, significant, thousands } from '../../estimate/words.ts';
import { durationInWords } from '../duration-in-words.ts';
import type { TrainingRequest } from '../request.ts';
import type { StepSplit } from '../results.ts';
import type { TrainingRejection } from './device-choice.ts';

const TERMS = {
  compute: {
    of: (s: StepSplit) => s.gemm + s.attention + s.logits + s.recompute,
    words: 'Matrix and attention arithmetic takes most of the step',
  },
  memory_bandwidth: {
    of: (s: StepSplit) => s.elementWise + s.optimizer,
    words: 'Element-wise work and the optimizer wait for memory',
  },
  communication: {
    of: (s: StepSplit) => s.tensorParallel + s.contextParallel + s.expertParallel + s.dataParallel + s.pipelineTransfer,
    words: 'Communication between devices that cannot be hidden takes most of the step',
  },
  pipeline_bubble: { of: (s: StepSplit) => s.bubble, words: 'Pipeline stages wait for each other' },
  rollout: {
    of: (s: StepSplit) => s.rollout + s.reward,
    words: 'Sampling the answers takes most of the step; it waits for the longest of them',
  },
  stragglers: { of: (s: StepSplit) => s.jitter, words: 'Waiting for the slowest device takes most of the step' },
} as const;
type StepConstraint = keyof typeof TERMS;

/** Share of the step in which the devices compute or move memory; in the rest they wait for each other. */
export function computingShare(split: StepSplit): number {
  const total = Object.values(split).reduce((sum, seconds) => sum + seconds, 0);
  return (TERMS.compute.of(split) + TERMS.memory_bandwidth.of(split)) / total;
}

/** What the step is mostly made of. */
export function stepConstraint(split: StepSplit): { readonly constraint: StepConstraint; readonly share: number } {
  const total = Object.values(split).reduce((sum, seconds) => sum + seconds, 0);
  let best: StepConstraint = 'compute';
  for (const name of Object.keys(TERMS) as StepConstraint[]) {
    if (TERMS[name].of(split) > TERMS[best].of(split)) best = name;
  }
  return { constraint: best, share: TERMS[best].of(split) / total };
}

export const explainStep = (split: StepSplit): Omit<BindingConstraintReport, 'relaxation'> => {
  const { constraint, share } = stepConstraint(split);
  return { constraint, explanation: `${TERMS[constraint].words} (${Math.round(share * 100)} %).` };
};

type Limits = Pick<TrainingRequest, 'deadlineDays' | 'budgetUsd' | 'budgetDeviceHours'>;

export function trainingExclusions(rejections: readonly TrainingRejection[], limits: Limits): Exclusion[] {
  const groups = new Map<string, { readonly reason: Reason; readonly ids: readonly string[] }>();
  for (const rejection of rejections) {
    const reason = reasonOf(rejection, limits);
    const { id } = rejection.device;
    const group = groups.get(reason.constraint) ?? { reason, ids: [] };
    groups.set(
      reason.constraint,
      isNearer(rejection, reason, group.reason)
        ? { reason, ids: [id, ...group.ids] }
        : { reason: group.reason, ids: [...group.ids, id] },
    );
  }
  return [...groups.values()].map(({ reason, ids }) => exclusionOf(ids, reason)).sort(mostFrequentFirst);
}

/** Of runs that were planned and miss a limit, the one that misses it least speaks for the group. */
function isNearer(rejection: TrainingRejection, { actual, unit }: Reason, group: Reason): boolean {
  if ((rejection.kind !== 'budget' && rejection.kind !== 'deadline') || rejection.plan === null) return false;
  return actual !== null && group.actual !== null && unit === group.unit && actual < group.actual;
}

type Budgeted = Extract<TrainingRejection, { kind: 'budget' }>;

/** The limit that is exceeded: money where it is, else device-hours. */
function budgetExclusion(rejection: Budgeted, limits: Limits): Reason {
  const { device, plan, usd, deviceHours } = rejection;
  const budget = limits.budgetUsd === undefined ? null : Number(limits.budgetUsd);
  const subject =
    plan === null
      ? `${device.name}: without any loss in communication and waiting, the hardware of the run takes at least`
      : `${device.name}: the hardware of the run on ${thousands(plan.cluster.devices)} devices takes`;
  if (budget !== null && usd > budget) {
    return {
      constraint: 'budget',
      detail: `${subject} ${moneyInWords(usd, 'USD')}, the budget is ${moneyInWords(budget, 'USD')}.`,
      required: budget,
      actual: usd,
      unit: 'USD',
    };
  }
  const allowed = limits.budgetDeviceHours ?? null;
  return {
    constraint: 'budget',
    detail: `${subject} ${deviceHours === null ? 'more' : significant(deviceHours)} device-hours, the budget is ${significant(allowed ?? 0)}.`,
    required: allowed,
    actual: deviceHours,
    unit: 'device-hours',
  };
}

function reasonOf(rejection: TrainingRejection, limits: Limits): Reason {
  const { name } = rejection.device;
  if (rejection.kind === 'budget') return budgetExclusion(rejection, limits);
  const { deadlineDays } = limits;
  if (rejection.kind === 'no_price') {
    const { devices } = rejection;
    const wanted =
      devices === null
        ? 'no price'
        : `no price for machines with enough devices for ${thousands(devices)} together, which the run takes,`;
    return {
      constraint: 'not_offered',
      detail: `${name} has ${wanted} at this place, on these terms and at this date.`,
      required: null,
      actual: null,
      unit: null,
    };
  }
  if (rejection.kind === 'deadline') {
    const { wallClockDays } = rejection.plan.run;
    return {
      constraint: 'deadline',
      detail: `${name}: ${thousands(rejection.plan.cluster.devices)} devices take ${durationInWords(wallClockDays)}, ${durationInWords(deadlineDays ?? 0)} are allowed.`,
      required: deadlineDays ?? null,
      actual: wallClockDays,
      unit: 'days',
    };
  }
  const [refusal] = rejection.refusals;
  return {
    constraint: refusal?.code ?? 'memory',
    detail: `${name}: ${refusal?.message ?? 'no layout fits.'}`,
    required: refusal?.required ?? null,
    actual: refusal?.actual ?? null,
    unit: refusal?.unit ?? null,
  };
}
