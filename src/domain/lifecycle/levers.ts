/** Decisions that are the caller's to take, each alone, by what they save over the horizon. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { RequestFaultError } from '../estimate/request-fault.ts';
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { LifecycleInference, LifecycleRequest, Retraining, Rollout } from './request.ts';
import type { ServingPhase } from './serving-phase.ts';
import { merged, type Phases, servingPhases } from './sub-estimates.ts';

interface LeverChange {
  readonly id: string;
  readonly label: string;
  /** JSON pointer into the request and the value to put there. */
  readonly field: string;
  readonly to: string | number;
  /** What it may cost besides money. */
  readonly caution: string;
}

interface Lever extends LeverChange {
  readonly phases: readonly ServingPhase[];
  readonly retraining: Retraining | null;
}

const FORMATS: readonly {
  readonly format: 'fp8' | 'int8' | 'int4';
  readonly bytes: number;
  readonly caution: string;
}[] = [
  { format: 'fp8', bytes: 1, caution: 'Test the answers: fp8 usually keeps 99 % and more of benchmark scores.' },
  { format: 'int8', bytes: 1, caution: 'Test the answers: int8 usually keeps 99 % of benchmark scores.' },
  {
    format: 'int4',
    bytes: 0.5,
    caution: 'Test the answers: int4 weights cost one to three points of benchmark scores, more on small models.',
  },
];
const BYTES: Readonly<Record<string, number>> = { bf16: 2, fp16: 2, fp8: 1, int8: 1, int4: 0.5, fp4: 0.5, mxfp4: 0.5 };

/**
 * The levers that apply to this request and can be had at all; each with the phases it leads to when its field is set:
 * what a roll-out says for itself stays.
 */
export function levers(
  snapshot: CatalogSnapshot,
  request: LifecycleRequest,
  rollouts: readonly Rollout[],
  base: readonly ServingPhase[],
  at: string,
): Lever[] {
  const found: Lever[] = [];
  const retraining = request.retraining ?? null;
  const served = (inference: LifecycleInference): Phases | null => {
    try {
      return servingPhases(snapshot, { ...request, inference }, rollouts, at);
    } catch (error) {
      // what contradicts the rest of the request is no decision: devices of the users are not bought
      if (error instanceof RequestFaultError) return null;
      throw error;
    }
  };
  const attempt = (change: LeverChange, inference: Partial<LifecycleInference>): void => {
    const outcome = served(merged(request.inference ?? {}, inference));
    if (outcome?.infeasible === null) found.push({ ...change, phases: outcome.phases, retraining });
  };
  const { purchase, device, customDevice } = request.inference ?? {};
  const [first] = base;
  const weightBytes = BYTES[first?.estimate.deployment.weightFormat ?? ''] ?? 2;
  for (const { format, bytes, caution } of FORMATS) {
    if (bytes >= weightBytes || first?.estimate.performance.kind !== 'language') continue;
    attempt(
      {
        id: `weights.${format}`,
        label: `Serve in ${format}`,
        field: '/inference/serving/weightFormat',
        to: format,
        caution,
      },
      { serving: { weightFormat: format } },
    );
  }
  if (purchase?.usdPerDeviceHour === undefined && customDevice === undefined) {
    for (const [id, label, to, change, caution] of PURCHASES) {
      if (purchase?.category === change.category && purchase?.termMonths === change.termMonths) continue;
      attempt({ id, label, field: '/inference/purchase', to, caution }, { purchase: change });
    }
  }
  const cheapest = device === undefined ? undefined : cheapestDevice(served, request.inference ?? {});
  if (cheapest !== undefined && cheapest.deviceId !== device) {
    attempt(
      {
        id: 'device',
        label: `Serve on ${cheapest.deviceName}`,
        field: '/inference/device',
        to: cheapest.deviceId,
        caution: 'Another device is another supply, and latency changes within the objectives.',
      },
      { device: cheapest.deviceId },
    );
  }
  if (retraining !== null) {
    found.push({
      id: 'retraining.half',
      label: 'Train again half as often',
      field: '/retraining/everyMonths',
      to: retraining.everyMonths * 2,
      caution: 'The model falls behind what it is asked about.',
      phases: base,
      retraining: { ...retraining, everyMonths: retraining.everyMonths * 2 },
    });
  }
  return found;
}

/** What serves the first phase where no device is named; undefined where nothing does. */
function cheapestDevice(
  served: (inference: LifecycleInference) => Phases | null,
  { device: _device, ...inference }: LifecycleInference,
): FeasibleInference['deployment'] | undefined {
  return served(inference)?.phases[0]?.estimate.deployment;
}

type Change = NonNullable<LifecycleInference['purchase']>;

const PURCHASES: readonly (readonly [string, string, string, Change, string])[] = [
  [
    'purchase.committed_12',
    'Commit for a year',
    'committed for 12 months',
    { category: 'committed', termMonths: 12 },
    'What has been taken is paid for a year, whatever becomes of the load.',
  ],
  [
    'purchase.committed_36',
    'Commit for three years',
    'committed for 36 months',
    { category: 'committed', termMonths: 36 },
    'The price stays where it is while the market falls, and the load must stay.',
  ],
  [
    'purchase.spot',
    'Rent as spot',
    'spot',
    { category: 'spot' },
    'Instances are taken back at short notice: keep spare replicas and a fall-back.',
  ],
  [
    'purchase.owned',
    'Own the hardware',
    'owned',
    { category: 'owned' },
    'Capital, a hall and people on site; lead times of months.',
  ],
];
