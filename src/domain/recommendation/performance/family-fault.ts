/** Why a family of configurations carries no load, and the least change of the request that would let it. */
import type { Device } from '../../devices/device.ts';
import { limitAdvice } from '../../inference/relaxation.ts';
import type { Refusal, ReplicaPlan } from '../../inference/step/results.ts';
import { MILLISECONDS_PER_SECOND } from '../../units.ts';
import type { FamilyFault } from './performance-point.ts';

export function faultOfRefusals(familyId: string, device: Device, refusals: readonly Refusal[]): FamilyFault {
  const [refusal] = refusals;
  return {
    familyId,
    device,
    constraint: refusal?.code ?? 'memory',
    detail: refusal?.message ?? `${device.name} holds the weights, but no group of them keeps one long request.`,
    required: refusal?.required ?? null,
    actual: refusal?.actual ?? null,
    unit: refusal?.unit ?? null,
    remedy: null,
  };
}

/** @param plan the one of the family that comes nearest to the objectives */
export function faultOfMiss(familyId: string, device: Device, plan: ReplicaPlan): FamilyFault {
  const missed = plan.checks
    .filter(({ met }) => !met)
    .reduce((worst: (typeof plan.checks)[number] | undefined, check) => {
      return worst === undefined || check.actual / check.required > worst.actual / worst.required ? check : worst;
    }, undefined);
  if (missed === undefined) return faultOfRefusals(familyId, device, []);
  const scale = missed.objective === 'utilization' ? 1 : MILLISECONDS_PER_SECOND;
  const relaxed = limitAdvice(plan.relaxation);
  return {
    familyId,
    device,
    constraint: missed.objective,
    detail: `Even an idle replica takes ${Math.ceil(missed.actual * scale)} ms; ${Math.floor(missed.required * scale)} ms are allowed.`,
    required: missed.required * scale,
    actual: missed.actual * scale,
    unit: scale === 1 ? 'ratio' : 'ms',
    remedy: relaxed === null ? null : { field: `/inference${relaxed.field}`, to: relaxed.to },
  };
}
