/** Words for what binds and why options were left out. */
import type { Device } from '../devices/device.ts';
import type { Exclusion } from '../estimate/answer.ts';
import { exclusionOf, groupedExclusions, mostFrequentFirst, type Reason } from '../estimate/exclusion.ts';
import { distinctMilliseconds, named } from '../estimate/words.ts';
import { MILLISECONDS_PER_SECOND } from '../units.ts';
import { type DeviceRejection, missOf } from './language/device-choice.ts';
import { worstCheck } from './load/replicas.ts';
import type { BindingConstraint, ReplicaPlan } from './step/results.ts';

const EXPLANATIONS: Readonly<Record<BindingConstraint, string>> = {
  memory_capacity: 'Device memory limits how many sequences run at once.',
  memory_bandwidth: 'Decode steps wait for weights and KV cache to stream from memory.',
  compute: 'Matrix arithmetic is the limit: prompts and large batches keep the tensor cores busy.',
  link: 'The links between the devices of a replica are the limit.',
  launch: 'Kernel launches and element-wise work are the limit: the model is small for this device.',
  scheduler: 'The engine itself (scheduling, sampling, detokenising) is the limit.',
  max_sequences: 'The engine setting maxSequences caps the batch.',
  ttft_objective: 'The objective for time to first token decides the number of replicas.',
  tpot_objective: 'The objective for time per output token decides the number of replicas.',
  end_to_end_objective: 'The objective for the whole request decides the number of replicas.',
  utilization_cap: 'The utilization cap (headroom against capacity errors) decides the number of replicas.',
  single_replica: 'One replica carries the load with room to spare; the smallest deployment is the limit.',
};

/** What the step time is made of, whatever limit decides the count. */
export function explainPlan(plan: ReplicaPlan): string {
  const first = EXPLANATIONS[plan.bindingConstraint];
  if (plan.bindingConstraint === plan.hardwareConstraint) return first;
  return `${first} Within a step: ${lowerFirst(EXPLANATIONS[plan.hardwareConstraint])}`;
}

const lowerFirst = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** Rejections grouped by reason, most frequent first. @param place how and where it was asked for, in words */
export function exclusions(rejections: readonly DeviceRejection[], place: string): Exclusion[] {
  // what misses an objective by least stands for the rest
  const nearestFirst = [...rejections].sort((a, b) => shortfall(a) - shortfall(b));
  return groupedExclusions(
    nearestFirst.flatMap((rejection) => {
      const reason = reasonOf(rejection, place);
      return reason === null ? [] : [[rejection.device.id, reason] as const];
    }),
  ).sort(mostFrequentFirst);
}

const shortfall = (rejection: DeviceRejection): number =>
  rejection.kind === 'objectives_missed' ? missOf(rejection.plan) : 0;

function reasonOf(rejection: DeviceRejection, place: string): Reason | null {
  const { name } = rejection.device;
  switch (rejection.kind) {
    case 'no_price':
      return notOffered(
        rejection.devicesInOneNode === null
          ? `${name} has no price ${place}; give your own as purchase.usdPerDeviceHour.`
          : `${name} is not offered ${place} with ${rejection.devicesInOneNode} devices in one machine.`,
      );
    case 'refused': {
      const [refusal] = rejection.refusals;
      if (refusal === undefined) return null;
      const { code, message, required, actual, unit } = refusal;
      return { constraint: code, detail: named(name, message), required, actual, unit };
    }
    case 'objectives_missed':
      return missedObjective(rejection);
  }
}

const notOffered = (detail: string): Reason => ({
  constraint: 'not_offered',
  detail,
  required: null,
  actual: null,
  unit: null,
});

function missedObjective({ device, plan }: Extract<DeviceRejection, { kind: 'objectives_missed' }>): Reason {
  const missed = worstCheck(plan.checks);
  if (missed === null) {
    const detail = `${device.name} cannot hold one request of these lengths.`;
    return { constraint: 'memory', detail, required: null, actual: null, unit: null };
  }
  const required = missed.required * MILLISECONDS_PER_SECOND;
  const actual = missed.actual * MILLISECONDS_PER_SECOND;
  const [takes, allowed] = distinctMilliseconds(actual, required);
  return {
    constraint: missed.objective,
    detail: `${device.name}: even an idle replica takes ${takes}, ${allowed} are allowed.`,
    required,
    actual,
    unit: 'ms',
  };
}

/** Where at least so many of the devices have no price, that is what fails; elsewhere it is no news. */
const SCARCE = 0.8;

/** Reasons together with the devices that have no price there. */
export function withUnpriced(reasons: readonly Exclusion[], unpriced: readonly Device[], place: string): Exclusion[] {
  if (unpriced.length === 0) return [...reasons];
  const missing = exclusionOf(
    unpriced.map(({ id }) => id),
    notOffered(`${unpriced.length} devices of the catalog have no price ${place}.`),
  );
  const all = reasons.reduce((sum, { count }) => sum + count, unpriced.length);
  return unpriced.length >= SCARCE * all ? [missing, ...reasons] : [...reasons, missing];
}
