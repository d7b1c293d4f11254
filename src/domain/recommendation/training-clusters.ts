/**
 * The best cluster for a training run: for each way of paying the device and cluster of the estimate, its next best, spot with its
 * interruptions and checkpoints, and what owned hardware has to work for to cost less than renting.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { DeviceClass } from '../devices/device.ts';
import type { Exclusion, RelaxationAdvice } from '../estimate/answer.ts';
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import { resolveServedModel } from '../estimate/resolve-model.ts';
import type { Location, OwnedTerms, Purchase, PurchaseCategory } from '../estimate/selectors.ts';
import { moneyInWords } from '../estimate/words.ts';
import { type Money, toNumber } from '../money.ts';
import { boundedDevices } from '../training/device-choice.ts';
import { durationInWords } from '../training/duration-in-words.ts';
import { estimateTraining } from '../training/estimate.ts';
import type { FeasibleTraining, TrainingEstimate } from '../training/estimate-result.ts';
import type { TrainingRequest } from '../training/request.ts';
import type { Pause } from './point-search.ts';

export type TrainingWorkload = Omit<TrainingRequest, 'device' | 'customDevice' | 'location' | 'purchase'>;
export type TrainingGoal = 'cheapest' | 'fastest';

export interface TrainingClusterRequest {
  /** With deadlineDays and budgetUsd, which every option keeps. */
  readonly training: TrainingWorkload;
  /** Cheapest hardware of the run where absent. */
  readonly goal?: TrainingGoal;
  readonly location?: Location;
  readonly accept?: readonly PurchaseCategory[];
  readonly owned?: OwnedTerms;
  readonly deviceClasses?: readonly DeviceClass[];
  readonly maxOptions?: number;
}

export interface TrainingOption {
  readonly category: PurchaseCategory;
  readonly accepted: boolean;
  readonly estimate: FeasibleTraining;
  readonly estimateRequest: TrainingRequest;
  /** Hardware of the final run. */
  readonly hardware: Money;
}

export interface OwnedAgainstRented {
  readonly owned: TrainingOption;
  readonly rented: TrainingOption;
  /** Share of its life that the hardware works in the estimate, percent. */
  readonly utilizationPercent: number;
  /** Share at which both cost the same; above 100 owning never pays for this run. */
  readonly breakEvenPercent: number;
}

export interface TrainingLeftOut extends Exclusion {
  readonly category: PurchaseCategory;
}

export interface FeasibleTrainingClusters {
  readonly status: 'feasible';
  readonly summary: string;
  readonly goal: TrainingGoal;
  /** Accepted ways of paying, best first. */
  readonly options: readonly TrainingOption[];
  /** The best of each way of paying, cheapest hardware first, also of those not accepted. */
  readonly byPurchase: readonly TrainingOption[];
  readonly ownedAgainstRented: OwnedAgainstRented | null;
  readonly leftOut: readonly TrainingLeftOut[];
}

export interface InfeasibleTrainingClusters {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly leftOut: readonly TrainingLeftOut[];
  /** Fields of `training`; found and tried by the estimate. */
  readonly relaxations: readonly { readonly category: PurchaseCategory; readonly relaxation: RelaxationAdvice }[];
}

export type TrainingClusters = FeasibleTrainingClusters | InfeasibleTrainingClusters;

const CATEGORIES: readonly PurchaseCategory[] = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'];
const DEFAULT_OPTIONS = 5;

/** @throws RequestFaultError where the request names something unknown or contradicts itself. */
export async function recommendTrainingClusters(
  snapshot: CatalogSnapshot,
  request: TrainingClusterRequest,
  at: string,
  pause: Pause,
): Promise<TrainingClusters> {
  const { goal = 'cheapest', accept = ['on_demand'] } = request;
  const estimateOf = (question: TrainingRequest) => estimateTraining(snapshot, question, at);
  const leftOut: TrainingLeftOut[] = [];
  const relaxations: { category: PurchaseCategory; relaxation: RelaxationAdvice }[] = [];
  const all: TrainingOption[] = [];
  const kept = request.maxOptions ?? DEFAULT_OPTIONS;
  for (const category of CATEGORIES) {
    await pause();
    const anywhere = questionOf(request, category, null);
    const best = estimateTraining(snapshot, anywhere, at);
    const reasons = best.status === 'feasible' ? best.selection.excluded : best.reasons;
    leftOut.push(...reasons.map((reason) => ({ ...reason, category })));
    if (best.status === 'infeasible') {
      if (best.relaxation !== null) relaxations.push({ category, relaxation: best.relaxation });
      continue;
    }
    const named = [best.cluster.deviceId, ...best.selection.alternatives.map(({ deviceId }) => deviceId)];
    const accepted = accept.includes(category);
    const found: TrainingOption[] = [];
    /** What an option must stay below to be named: among those accepted, or as the cheapest of its way of paying. */
    const limit = (): number => {
      const rivals = accepted ? [...all.filter((option) => option.accepted), ...found] : found;
      const usd = rivals.map(({ hardware }) => toNumber(hardware)).sort((a, b) => a - b);
      const ofOwn = Math.min(...found.map(({ hardware }) => toNumber(hardware)));
      return Math.max(usd[(accepted ? kept : 1) - 1] ?? Number.POSITIVE_INFINITY, ofOwn);
    };
    const candidates = candidatesOf({ snapshot, request: anywhere, at, category, named, goal });
    const dearer: Candidate[] = [];
    for (const candidate of candidates) {
      if (!isWanted(snapshot, request, candidate.deviceId)) continue;
      await pause();
      if (candidate.leastUsd >= limit()) {
        dearer.push(candidate);
        continue;
      }
      const question = questionOf(request, category, candidate.deviceId);
      const sized = await bestSize(question, goal, candidate.leastHours, limit, estimateOf, pause);
      if (sized !== null) found.push({ category, accepted, ...sized });
    }
    all.push(...found);
    if (dearer.length > 0) leftOut.push({ ...dearerThan(dearer, limit()), category });
  }
  const order = all.sort((a, b) => rankOf(a, goal) - rankOf(b, goal) || (nameOf(a) < nameOf(b) ? -1 : 1));
  const options = order.filter(({ accepted }) => accepted);
  const [winner] = options;
  if (winner === undefined) {
    return {
      status: 'infeasible',
      summary: `No cluster trains it as asked on the accepted terms (${accept.join(', ')}).${all.length > 0 ? ` ${WAYS[all[0]?.category ?? 'spot']} would do.` : ''}`,
      leftOut,
      relaxations,
    };
  }
  const byCost = [...all].sort(
    (a, b) => toNumber(a.hardware) - toNumber(b.hardware) || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
  const byPurchase = CATEGORIES.flatMap((category) => byCost.find((option) => option.category === category) ?? []).sort(
    (a, b) => toNumber(a.hardware) - toNumber(b.hardware),
  );
  const ownedAgainstRented = compareOwned(byPurchase);
  return {
    status: 'feasible',
    summary: summaryOf(winner, byPurchase, ownedAgainstRented),
    goal,
    options: options.slice(0, kept),
    byPurchase,
    ownedAgainstRented,
    leftOut,
  };
}

function questionOf(
  { training, goal, location, owned }: TrainingClusterRequest,
  category: PurchaseCategory,
  device: string | null,
): TrainingRequest {
  const purchase: Purchase = { category, ...(category === 'owned' && owned !== undefined && { owned }) };
  // what is owned stands where its owner puts it
  const place = category === 'owned' ? placeOfOwned(location) : location;
  return {
    ...training,
    ...(goal === 'fastest' &&
      training.cluster?.devices === undefined && { cluster: { ...training.cluster, objective: 'fastest' as const } }),
    ...(device !== null && { device }),
    ...(place !== undefined && { location: place }),
    purchase,
  };
}

interface Candidate {
  readonly deviceId: string;
  /** Device-hours that no cluster of any size stays below; 0 where nothing bounds them. */
  readonly leastHours: number;
  readonly leastUsd: number;
}

interface CandidateQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly request: TrainingRequest;
  readonly at: string;
  readonly category: PurchaseCategory;
  /** What the estimate names. */
  readonly named: readonly string[];
  readonly goal: TrainingGoal;
}

/**
 * Owned hardware is ranked by its price with a server around it over four years. A longer life, a residual value and a cheaper server
 * take off at most so much of that; power, hall, interest and upkeep only add.
 */
const LEAST_OWNED_SHARE = 0.4;
const RANKED_SERVER_MULTIPLIER = 1.64;

const ownedShare = ({ residualPercent = 0, serverMultiplier = RANKED_SERVER_MULTIPLIER }: OwnedTerms = {}): number =>
  LEAST_OWNED_SHARE * (1 - residualPercent / 100) * Math.min(serverMultiplier / RANKED_SERVER_MULTIPLIER, 1);

/** Every device that is offered, the least bound first; of the fastest those that the estimate names, which looks for them itself. */
function candidatesOf({ snapshot, request, at, category, named, goal }: CandidateQuestion): Candidate[] {
  const model = resolveServedModel(snapshot, request);
  const { tokens } = request;
  if (goal === 'fastest' || model.kind !== 'language' || tokens === undefined) {
    return named.map((deviceId) => ({ deviceId, leastHours: 0, leastUsd: 0 }));
  }
  const pricing = hardwarePricing(snapshot, request.location ?? {}, request.purchase ?? {}, at);
  const { bounded } = boundedDevices(snapshot, { request, model: model.architecture, tokens, pricing });
  // the likely winners first, so that their cost rules out the rest
  const rank = (id: string): number => (named.includes(id) ? named.indexOf(id) : named.length);
  return bounded
    .map(({ device, hours, bound }) => ({
      deviceId: device.id,
      leastHours: hours,
      leastUsd: category === 'owned' ? bound * ownedShare(request.purchase?.owned) : bound,
      order: bound,
    }))
    .sort((a, b) => rank(a.deviceId) - rank(b.deviceId) || a.order - b.order || (a.deviceId < b.deviceId ? -1 : 1))
    .map(({ deviceId, leastHours, leastUsd }) => ({ deviceId, leastHours, leastUsd }));
}

const MOST_EXAMPLES = 5;

/** Devices whose bound is no less than what others cost. */
function dearerThan(dearer: readonly Candidate[], limit: number): Exclusion {
  const least = Math.min(...dearer.map(({ leastUsd }) => leastUsd));
  return {
    constraint: 'dearer',
    detail: `Runs on ${dearer.length} more devices cost at least ${moneyInWords(least, 'USD')} of hardware, by arithmetic at peak rate alone; those named cost less.`,
    required: Number(limit.toPrecision(6)),
    actual: Number(least.toPrecision(6)),
    unit: 'USD',
    examples: dearer.slice(0, MOST_EXAMPLES).map(({ deviceId }) => deviceId),
    count: dearer.length,
  };
}

type SizedOption = Pick<TrainingOption, 'estimate' | 'estimateRequest' | 'hardware'>;

/** Doublings in a row that only cost more before no larger cluster is tried. */
const DEARER_SIZES = 2;

/**
 * The estimate takes the smallest cluster that keeps the deadline; a larger one may cost less, where it needs less memory
 * a device and wastes less time on it. So sizes are doubled as long as that pays, and as long as the rate paid at the first size
 * leaves room below the limit for the fewest device-hours there are.
 */
async function bestSize(
  question: TrainingRequest,
  goal: TrainingGoal,
  leastHours: number,
  limit: () => number,
  estimateOf: (question: TrainingRequest) => TrainingEstimate,
  pause: Pause,
): Promise<SizedOption | null> {
  const first = estimateOf(question);
  if (first.status === 'infeasible') return null;
  let best: SizedOption = { estimate: first, estimateRequest: question, hardware: hardwareOf(first) };
  if (goal === 'fastest' || question.cluster?.devices !== undefined) return best;
  const perHour = toNumber(best.hardware) / first.run.deviceHours.p50;
  let devices = first.cluster.devices;
  for (let dearer = 0; dearer < DEARER_SIZES && perHour * leastHours < limit(); ) {
    await pause();
    devices *= 2;
    const estimateRequest = { ...question, cluster: { ...question.cluster, devices } };
    const estimate = estimateOf(estimateRequest);
    if (estimate.status === 'infeasible') break;
    const hardware = hardwareOf(estimate);
    if (toNumber(hardware) < toNumber(best.hardware)) {
      best = { estimate, estimateRequest, hardware };
      dearer = 0;
    } else dearer++;
  }
  return best;
}

const placeOfOwned = (location: Location | undefined): Location | undefined =>
  location?.country === undefined ? undefined : { country: location.country };

const isWanted = (snapshot: CatalogSnapshot, { deviceClasses }: TrainingClusterRequest, device: string): boolean =>
  deviceClasses === undefined || deviceClasses.includes(snapshot.device(device)?.class ?? 'datacenter_gpu');

/** Lines of the hardware of the final run: rented, or owned with its power. */
const HARDWARE = ['compute', 'electricity', 'cooling', 'facility'];

function hardwareOf({ cost }: FeasibleTraining): Money {
  const amount = cost.lineItems
    .filter(({ category }) => HARDWARE.includes(category))
    .reduce((sum, item) => sum + toNumber(item.amount), 0);
  return { amount: amount.toFixed(4), currency: cost.total.amount.currency };
}

const rankOf = ({ estimate, hardware }: TrainingOption, goal: TrainingGoal): number =>
  goal === 'fastest' ? estimate.run.wallClockDays.p50 : toNumber(hardware);

const nameOf = ({ estimate, category }: TrainingOption): string => `${estimate.cluster.deviceId} ${category}`;

/**
 * Owned hardware costs the more the less it works: all of it but electricity is inverse to its utilization u, so that
 * rented = A / u + E at u = A / (rented - E).
 */
function compareOwned(byPurchase: readonly TrainingOption[]): OwnedAgainstRented | null {
  const owned = byPurchase.find(({ category }) => category === 'owned');
  const rented = byPurchase.find(({ category }) => category !== 'owned');
  if (owned === undefined || rented === undefined) return null;
  const { lineItems } = owned.estimate.cost;
  const used =
    lineItems.flatMap(({ inputs }) => inputs.find(({ name }) => name === 'utilization')?.value ?? [])[0] ?? 1;
  const powered = lineItems
    .filter(({ category }) => category === 'electricity' || category === 'cooling')
    .reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const standing = toNumber(owned.hardware) - powered;
  const left = toNumber(rented.hardware) - powered;
  return {
    owned,
    rented,
    utilizationPercent: 100 * used,
    breakEvenPercent: left > 0 ? (100 * standing * used) / left : Number.POSITIVE_INFINITY,
  };
}

const WAYS: Readonly<Record<PurchaseCategory, string>> = {
  on_demand: 'On demand',
  spot: 'Spot capacity',
  committed: 'A commitment',
  capacity_block: 'A capacity block',
  owned: 'Owned hardware',
};

function summaryOf(
  { estimate, hardware, category }: TrainingOption,
  byPurchase: readonly TrainingOption[],
  comparison: OwnedAgainstRented | null,
): string {
  const { cluster, run } = estimate;
  const [cheapest] = byPurchase;
  const other =
    cheapest === undefined || cheapest.accepted
      ? ''
      : ` ${WAYS[cheapest.category]} would cost ${moneyInWords(toNumber(cheapest.hardware), 'USD')}.`;
  const owning =
    comparison === null
      ? ''
      : comparison.breakEvenPercent > 100
        ? ' Owning does not pay for itself even if it always works.'
        : ` Owning costs less than ${WAYS[comparison.rented.category].toLowerCase()} where the hardware works more than ${Math.ceil(comparison.breakEvenPercent)} % of its life.`;
  return `${WAYS[category]}, ${cluster.devices} x ${cluster.deviceName} train it in ${durationInWords(run.wallClockDays.p50)} for ${moneyInWords(toNumber(hardware), 'USD')} of hardware.${other}${owning}`;
}
