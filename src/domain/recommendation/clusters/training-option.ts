/** What a search for training clusters takes and finds, for one way of paying. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Device } from '../../devices/device.ts';
import type { Exclusion, RelaxationAdvice } from '../../estimate/answer.ts';
import { exclusionOf } from '../../estimate/exclusion.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import { interrupted } from '../../estimate/interruptible.ts';
import { resolveServedModel } from '../../estimate/resolve-model.ts';
import type { PurchaseCategory } from '../../estimate/selectors.ts';
import { type Money, toNumber } from '../../money.ts';
import { checkRequest } from '../../training/check-request.ts';
import { estimatingTraining } from '../../training/estimate.ts';
import type { FeasibleTraining } from '../../training/estimate-result.ts';
import type { TrainingQuestion, TrainingRejection } from '../../training/language/device-choice.ts';
import type { TrainingRequest } from '../../training/request.ts';
import type { RunPlan } from '../../training/run/plan.ts';
import { deviceFailures } from '../constraints.ts';
import type { Pause } from '../performance/point-search.ts';
import { questionOf, type TrainingClusterRequest } from './training-cluster-request.ts';

export interface SizedOption {
  readonly estimate: FeasibleTraining;
  readonly estimateRequest: TrainingRequest;
  /** Hardware of the final run. */
  readonly hardware: Money;
}

export interface TrainingOption extends SizedOption {
  readonly category: PurchaseCategory;
  readonly accepted: boolean;
}

export interface ClusterSearch {
  readonly snapshot: CatalogSnapshot;
  readonly request: TrainingClusterRequest;
  readonly at: string;
  readonly pause: Pause;
  readonly category: PurchaseCategory;
  /** Number of options to name. */
  readonly wanted: number;
  /** Options already found on other accepted terms, which these have to beat; empty where this way of paying is not accepted itself. */
  readonly rivals: readonly TrainingOption[];
}

export interface FoundOptions {
  readonly found: readonly SizedOption[];
  readonly leftOut: readonly Exclusion[];
  /** A change of the training that helps where nothing is found. */
  readonly relaxation: RelaxationAdvice | null;
}

/** Lines of the hardware of the final run: rented, or owned with its power. */
const HARDWARE = ['compute', 'electricity', 'cooling', 'facility'];

export function sizedOption(estimate: FeasibleTraining, estimateRequest: TrainingRequest): SizedOption {
  const { lineItems, total } = estimate.cost;
  const amount = lineItems
    .filter(({ category }) => HARDWARE.includes(category))
    .reduce((sum, item) => sum + toNumber(item.amount), 0);
  return { estimate, estimateRequest, hardware: { amount: amount.toFixed(4), currency: total.amount.currency } };
}

/** The change that the estimate advises to make the run feasible: on the likeliest device where devices are limited, else on any. */
export async function relaxationOf(
  { snapshot, request, at, pause, category }: ClusterSearch,
  likeliest: string | null,
): Promise<RelaxationAdvice | null> {
  const limited = request.constraints !== undefined;
  if (limited && likeliest === null) return null;
  const estimate = await interrupted(
    estimatingTraining(snapshot, questionOf(request, category, limited ? likeliest : null), at),
    pause,
  );
  return estimate.status === 'infeasible' ? estimate.relaxation : null;
}

/** Whether the limits on devices leave this one in. */
export function isWanted({ snapshot, request }: ClusterSearch, deviceId: string): boolean {
  const device = snapshot.device(deviceId);
  return device !== undefined && deviceFailures(device, request.constraints ?? {}).length === 0;
}

/**
 * The training of a language model, on any device. Null where the run is counted in samples.
 * @throws RequestFaultError where the request contradicts itself
 */
export function languageQuestion({ snapshot, request, at, category }: ClusterSearch): TrainingQuestion | null {
  const anywhere = questionOf(request, category, null);
  const model = resolveServedModel(snapshot, anywhere);
  const { tokens, images, audioHours } = anywhere;
  if (model.kind !== 'language' || tokens === undefined || images !== undefined || audioHours !== undefined)
    return null;
  checkRequest(anywhere, model.architecture);
  const pricing = hardwarePricing(snapshot, anywhere.location ?? {}, anywhere.purchase ?? {}, at, anywhere.site);
  return { request: anywhere, model: model.architecture, tokens, pricing };
}

/** A limit on the number of devices may have changed the size that was planned within the budget. */
export const isWithinBudget = ({ request }: ClusterSearch, { hardware }: SizedOption): boolean =>
  request.training.budgetUsd === undefined || toNumber(hardware) <= Number(request.training.budgetUsd);

export const overBudget = (device: Device, plan: RunPlan, { hardware, estimate }: SizedOption): TrainingRejection => ({
  device,
  kind: 'budget',
  plan,
  usd: toNumber(hardware),
  deviceHours: estimate.run.deviceHours.p50,
  daysWithinBudget: null,
});

/** The exclusion of devices of which the run needs more than the caller allows. */
export function tooManyDevices(needed: ReadonlyMap<string, number>, most: number): Exclusion[] {
  if (needed.size === 0) return [];
  const least = Math.min(...needed.values());
  const ids = [...needed].sort(([, a], [, b]) => a - b).map(([id]) => id);
  return [
    exclusionOf(ids, {
      constraint: 'max_devices',
      detail: `On ${ids[0]} the run takes ${least} devices, more than the ${most} asked for.`,
      required: most,
      actual: least,
      unit: 'devices',
    }),
  ];
}
