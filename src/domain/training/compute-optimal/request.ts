/** A question for the best model of a budget as the caller asks it. */
import { refuse } from '../../estimate/request-fault.ts';
import type { CustomDevice, Location, Purchase } from '../../estimate/selectors.ts';
import type { ClusterRequest, RunRequest, TrainingPrecision } from '../request.ts';
import type { ScalingLawId } from './scaling-law.ts';

export interface ComputeOptimalRequest {
  /** Exactly one of the four; days go with cluster.devices. */
  readonly budgetFlops?: number;
  readonly budgetUsd?: string;
  readonly budgetDeviceHours?: number;
  readonly budgetDays?: number;
  readonly lifetimeInferenceTokens?: number;
  readonly law?: ScalingLawId;
  readonly device?: string;
  readonly customDevice?: CustomDevice;
  readonly cluster?: ClusterRequest;
  readonly precision?: TrainingPrecision;
  readonly sequenceLength?: number;
  readonly deadlineDays?: number;
  readonly location?: Location;
  readonly purchase?: Purchase;
  readonly run?: RunRequest;
}

export type BudgetKind = 'flops' | 'usd' | 'device_hours' | 'days';

/** The budget that a request names. */
export interface Limit {
  readonly kind: BudgetKind;
  readonly value: number;
  readonly pointer: string;
}

/** @throws RequestFaultError where the request does not name exactly one budget */
export function limitOf(request: ComputeOptimalRequest): Limit {
  const limits: Limit[] = [
    { kind: 'flops', value: request.budgetFlops ?? Number.NaN, pointer: '/budgetFlops' },
    { kind: 'usd', value: Number(request.budgetUsd ?? Number.NaN), pointer: '/budgetUsd' },
    { kind: 'device_hours', value: request.budgetDeviceHours ?? Number.NaN, pointer: '/budgetDeviceHours' },
    { kind: 'days', value: request.budgetDays ?? Number.NaN, pointer: '/budgetDays' },
  ];
  const [limit, second] = limits.filter(({ value }) => !Number.isNaN(value));
  if (limit === undefined) {
    return refuse('', 'required', 'Say the budget: one of budgetFlops, budgetUsd, budgetDeviceHours, budgetDays.');
  }
  if (second !== undefined) refuse(second.pointer, 'exclusive', 'Give only one budget.');
  if (!(limit.value > 0)) refuse(limit.pointer, 'exclusiveMinimum', 'A budget is more than 0.');
  if (limit.kind === 'days' && request.cluster?.devices === undefined) {
    refuse('/cluster/devices', 'required', 'A budget of days needs the cluster: say cluster.devices.');
  }
  return limit;
}
