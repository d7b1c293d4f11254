/**
 * The best cluster for a training run: for each way of paying the device and cluster of the estimate, its next best, spot with its
 * interruptions and checkpoints, and what owned hardware has to work for to cost less than renting.
 */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Exclusion, RelaxationAdvice } from '../../estimate/answer.ts';
import { locatedIn } from '../../estimate/place.ts';
import type { PurchaseCategory } from '../../estimate/selectors.ts';
import { moneyInWords } from '../../estimate/words.ts';
import { toNumber } from '../../money.ts';
import { durationInWords } from '../../training/duration-in-words.ts';
import { HOURS_PER_DAY, HOURS_PER_MONTH } from '../../units.ts';
import type { Pause } from '../performance/point-search.ts';
import { cheapestClusters } from './cheapest-cluster.ts';
import { fastestClusters } from './fastest-cluster.ts';
import { type LimitChange, limitChanges } from './limit-changes.ts';
import { compareOwned, type OwnedAgainstRented } from './owned-against-rented.ts';
import { changeThatHelps } from './training-changes.ts';
import type { TrainingClusterRequest, TrainingGoal } from './training-cluster-request.ts';
import type { TrainingOption } from './training-option.ts';

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

interface InfeasibleTrainingClusters {
  readonly status: 'infeasible';
  readonly summary: string;
  readonly leftOut: readonly TrainingLeftOut[];
  /** Fields of the request; each was searched with. */
  readonly relaxations: readonly { readonly category: PurchaseCategory; readonly relaxation: RelaxationAdvice }[];
  /** Limits that, changed by themselves, let a cluster through. */
  readonly limitChanges: readonly LimitChange[];
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
  const { goal = 'cheapest', accept = ['on_demand'], maxOptions = DEFAULT_OPTIONS } = request;
  const clustersFor = goal === 'fastest' ? fastestClusters : cheapestClusters;
  const leftOut: TrainingLeftOut[] = [];
  const relaxations: { category: PurchaseCategory; relaxation: RelaxationAdvice }[] = [];
  const all: TrainingOption[] = [];
  for (const category of CATEGORIES) {
    await pause();
    const accepted = accept.includes(category);
    // what is owned stands in the country of the region, not at its provider
    const located = category === 'owned' && request.location !== undefined;
    const answer = await clustersFor({
      snapshot,
      request: located ? { ...request, location: locatedIn(snapshot, request.location) } : request,
      at,
      pause,
      category,
      wanted: accepted ? maxOptions : 1,
      rivals: accepted ? all.filter((option) => option.accepted) : [],
    });
    all.push(...answer.found.map((sized) => ({ category, accepted, ...sized })));
    leftOut.push(...answer.leftOut.map((reason) => ({ ...reason, category })));
    if (answer.relaxation !== null) relaxations.push({ category, relaxation: answer.relaxation });
  }
  const order = all.sort((a, b) => rankOf(a, goal) - rankOf(b, goal) || (nameOf(a) < nameOf(b) ? -1 : 1));
  const options = order.filter(({ accepted }) => accepted);
  const [winner] = options;
  if (winner === undefined) {
    const best = (changed: TrainingClusterRequest) => bestAccepted(snapshot, changed, at, pause);
    const changes = await limitChanges(request, best, order[0] ?? null);
    const helpful: { category: PurchaseCategory; relaxation: RelaxationAdvice }[] = [];
    for (const { category, relaxation: advice } of relaxations) {
      await pause();
      const search = { snapshot, request, at, pause, category, wanted: 1, rivals: [] };
      const relaxation = await changeThatHelps(search, clustersFor, advice);
      if (relaxation !== null) helpful.push({ category, relaxation });
    }
    return {
      status: 'infeasible',
      summary: `No cluster trains it as asked on the accepted terms (${accept.join(', ')}).${changeInWords(changes[0])}`,
      leftOut,
      relaxations: helpful,
      limitChanges: changes,
    };
  }
  const byPurchase = CATEGORIES.flatMap((category) => order.find((option) => option.category === category) ?? []).sort(
    (a, b) => toNumber(a.hardware) - toNumber(b.hardware),
  );
  const ownedAgainstRented = compareOwned(byPurchase);
  return {
    status: 'feasible',
    summary: summaryOf(winner, byPurchase, ownedAgainstRented),
    goal,
    options: options.slice(0, maxOptions),
    byPurchase,
    ownedAgainstRented,
    leftOut,
  };
}

/** The best cluster on the accepted terms; null where there is none. */
async function bestAccepted(
  snapshot: CatalogSnapshot,
  request: TrainingClusterRequest,
  at: string,
  pause: Pause,
): Promise<TrainingOption | null> {
  const { goal = 'cheapest', accept = ['on_demand'] } = request;
  const clustersFor = goal === 'fastest' ? fastestClusters : cheapestClusters;
  const all: TrainingOption[] = [];
  for (const category of accept) {
    const { found } = await clustersFor({ snapshot, request, at, pause, category, wanted: 1, rivals: all });
    all.push(...found.map((sized) => ({ category, accepted: true, ...sized })));
  }
  return all.sort((a, b) => rankOf(a, goal) - rankOf(b, goal))[0] ?? null;
}

function changeInWords(change: LimitChange | undefined): string {
  if (change === undefined) return '';
  const { field, to, option } = change;
  const changed =
    to === null ? `Without ${field}` : field === '/accept' ? `With ${to} accepted` : `With ${field} at ${to}`;
  const { cluster } = option.estimate;
  return ` ${changed}, ${cluster.devices} x ${cluster.deviceName} would do, for ${moneyInWords(toNumber(option.hardware), 'USD')} of hardware.`;
}

const rankOf = ({ estimate, hardware }: TrainingOption, goal: TrainingGoal): number =>
  goal === 'fastest' ? estimate.run.wallClockDays.p50 : toNumber(hardware);

const nameOf = ({ estimate, category }: TrainingOption): string => `${estimate.cluster.deviceId} ${category}`;

interface Commitment {
  readonly termMonths: number;
  /** What a commitment costs over its whole term. */
  readonly usd: number;
}

/** A commitment is paid to its end, long after the run. Null for other ways of paying. */
export function commitmentOf({ category, estimate, hardware }: TrainingOption): Commitment | null {
  const termMonths = estimate.prices.find((price) => price.category === 'committed')?.termMonths ?? 0;
  if (category !== 'committed' || termMonths === 0) return null;
  const perHour = toNumber(hardware) / (estimate.run.wallClockDays.p50 * HOURS_PER_DAY);
  return { termMonths, usd: perHour * termMonths * HOURS_PER_MONTH };
}

const WAYS: Readonly<Record<PurchaseCategory, string>> = {
  on_demand: 'On demand',
  spot: 'Spot capacity',
  committed: 'A commitment',
  capacity_block: 'A capacity block',
  owned: 'Owned hardware',
};

const termInWords = (option: TrainingOption): string => {
  const commitment = commitmentOf(option);
  if (commitment === null) return '';
  return `, of ${moneyInWords(commitment.usd, 'USD')} agreed to over ${commitment.termMonths} months, the rest of which needs other work`;
};

/** From this size on a rented cluster is as large as the largest published runs, and no provider promises so many free devices. */
const MANY_DEVICES = 4096;

function summaryOf(
  winner: TrainingOption,
  byPurchase: readonly TrainingOption[],
  comparison: OwnedAgainstRented | null,
): string {
  const { estimate, hardware, category } = winner;
  const { cluster, run } = estimate;
  const [cheapest] = byPurchase;
  const other =
    cheapest === undefined || cheapest.accepted
      ? ''
      : ` ${WAYS[cheapest.category]} would cost ${moneyInWords(toNumber(cheapest.hardware), 'USD')}${termInWords(cheapest)}.`;
  const large =
    category === 'owned' || cluster.devices < MANY_DEVICES
      ? ''
      : ' That so many can be rented at once nobody promises: constraints.maxDevices says how many can.';
  const owning =
    comparison === null
      ? ''
      : comparison.breakEvenPercent > 100
        ? ' Owning does not pay for itself even if it always works.'
        : ` Owning costs less than ${WAYS[comparison.rented.category].toLowerCase()} where the hardware works more than ${Math.ceil(comparison.breakEvenPercent)} % of its life.`;
  return `${WAYS[category]}, ${cluster.devices} x ${cluster.deviceName} train it in ${durationInWords(run.wallClockDays.p50)} for ${moneyInWords(toNumber(hardware), 'USD')} of hardware${termInWords(winner)}.${large}${other}${owning}`;
}
