/** The right hardware for an inference workload, why, and why not the rest. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import { moneyInWords, thousands } from '../estimate/words.ts';
import { estimateInference } from '../inference/estimate.ts';
import type { FeasibleInference } from '../inference/estimate-result.ts';
import type { Money } from '../money.ts';
import { withAcceptedTerms } from './accepted-terms.ts';
import { breakEvens } from './break-even.ts';
import { checkRecommendationRequest } from './check-request.ts';
import { acceptedPurchases } from './constraints.ts';
import { estimateRequestOf } from './estimate-request.ts';
import { leftOutReport } from './left-out.ts';
import { type HardwareOption, optionId } from './option.ts';
import type { Pause } from './performance/point-search.ts';
import { comparePresets, type OptimizationComparison } from './presets/compare-presets.ts';
import type { FigureBesideCost } from './presets/preset-search.ts';
import { monthlyBill } from './prices/monthly-bill.ts';
import { cheapestOfEach, paretoFrontInTurns, rankedInTurns, sampleOfFront } from './ranking.ts';
import type { InferenceRecommendationRequest, RankingLevel } from './request.ts';
import type {
  BilledOption,
  HardwareRecommendation,
  PurchaseComparison,
  RankedOption,
  RunnerUpReport,
  WorkloadSummary,
} from './result.ts';
import { type OptionSearch, type SearchContext, searchOptions } from './search-options.ts';
import { changeInWords, smallestChanges } from './smallest-change.ts';
import { spendingOf } from './spending.ts';
import { stabilityOf } from './stability.ts';

const DEFAULT_RANKING: readonly RankingLevel[] = [{ by: 'cost' }];
const DEFAULT_OPTIONS = 5;
const VARIANTS_NAMED = 3;
const PROVIDERS_NAMED = 20;
const PARETO_NAMED = 25;

/**
 * Pure: the same snapshot, request and time give the same answer, however often `pause` lets other work through.
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export async function recommendHardware(
  snapshot: CatalogSnapshot,
  asked: InferenceRecommendationRequest,
  at: string,
  pause: Pause,
): Promise<HardwareRecommendation> {
  checkRecommendationRequest(snapshot, asked);
  const log = new AssumptionLog();
  const request = withAcceptedTerms(snapshot, asked, at, log);
  const context: SearchContext = { snapshot, at, log, pause };
  const search = await searchOptions(context, request);
  const workload: WorkloadSummary = {
    modelId: search.model.id,
    modelName: search.model.name,
    requestsPerDay: request.inference.requestsPerDay,
  };
  const billed = billing(context, request);
  const levels = request.rankBy ?? DEFAULT_RANKING;
  await pause();
  const order = await rankedInTurns(search.feasible, levels, pause);
  const [winner] = order;
  if (winner === undefined) {
    const changes = await smallestChanges(context, asked);
    return {
      status: 'infeasible',
      summary: infeasibleSummary(workload, search, changes[0]?.changes.map(changeInWords) ?? []),
      workload,
      searched: search.counts,
      smallestChanges: changes.map((change) => ({ ...change, total: billed(change.option).total })),
      leftOut: leftOutReport(search.leftOut, request.leftOut),
      assumptions: log.list(),
    };
  }

  await pause();
  const families = byDeviceAndTerms(order);
  const options: RankedOption[] = [];
  for (const [best, ...variants] of families.slice(0, request.maxOptions ?? DEFAULT_OPTIONS)) {
    await pause();
    options.push(rankedOption(context, request, best, variants, billed));
  }
  const runnerUp = families.find(([best]) => best.point.device.id !== winner.point.device.id)?.[0];
  const [first] = options as [RankedOption];
  await pause();
  const billedEach = async (named: readonly HardwareOption[]): Promise<BilledOption[]> => {
    const bills: BilledOption[] = [];
    for (const option of named) {
      await pause();
      bills.push(billed(option));
    }
    return bills;
  };
  const front = await billedEach(sampleOfFront(await paretoFrontInTurns(search.feasible, pause), PARETO_NAMED));
  const presets = await comparePresets(context, request, search.feasible);
  const byPurchase = purchaseComparisons(search, request, winner, billed);
  await pause();
  const report = runnerUp === undefined ? null : await runnerUpReport(context, request, first, runnerUp);
  await pause();
  const ofClasses = cheapestOfEach(search.feasible, ({ point }) => point.device.class);
  await pause();
  const ofProviders = cheapestOfEach(search.feasible, ({ providerId }) => providerId).slice(0, PROVIDERS_NAMED);
  const cheapestOfClasses = await billedEach(ofClasses.map(([, option]) => option));
  const cheapestOfProviders = await billedEach(ofProviders.map(([, option]) => option));
  await pause();
  return {
    status: 'feasible',
    summary: feasibleSummary(first, report, byPurchase, presets.comparisons, options),
    workload,
    rankedBy: levels,
    searched: search.counts,
    options,
    optionCount: families.length,
    paretoFront: front,
    cheapestByDeviceClass: cheapestOfClasses.map((cheapest) => ({
      deviceClass: cheapest.option.point.device.class,
      cheapest,
    })),
    cheapestByProvider: cheapestOfProviders.flatMap((cheapest) => {
      const { providerId } = cheapest.option;
      return providerId === null ? [] : [{ providerId, cheapest }];
    }),
    byPurchase,
    byOptimization: presets.comparisons.map((comparison) => ({
      ...comparison,
      cheapest: comparison.cheapest === null ? null : billed(comparison.cheapest),
      better: comparison.better === null ? null : { ...comparison.better, option: billed(comparison.better.option) },
    })),
    runnerUp: report,
    leftOut: leftOutReport([...search.leftOut, ...presets.leftOut], request.leftOut),
    assumptions: log.list(),
  };
}

/** The exact bill of an option, by the lines of its estimate. */
function billing({ snapshot, at }: SearchContext, { inference, purchase }: InferenceRecommendationRequest) {
  const rented = hardwarePricing(snapshot, {}, {}, at);
  const ownedTerms = { category: 'owned' as const, ...(purchase?.owned !== undefined && { owned: purchase.owned }) };
  const owned = hardwarePricing(snapshot, {}, ownedTerms, at);
  return (option: HardwareOption): BilledOption & { readonly hardware: Money } => {
    const isOwned = option.category === 'owned';
    const { total, hardware } = monthlyBill({
      snapshot,
      inference,
      point: option.point,
      purchase: isOwned ? ownedTerms : {},
      pricing: isOwned ? owned : rented,
      price: option.price,
      devicesPaid: option.devicesPaid,
      place: option,
      at,
      log: new AssumptionLog(),
    });
    return { option, total, hardware };
  };
}

/** Options of one device and way of paying together, in the order of the best of each. */
function byDeviceAndTerms(order: readonly HardwareOption[]): (readonly [HardwareOption, ...HardwareOption[]])[] {
  const families = new Map<string, Map<string, [HardwareOption, ...HardwareOption[]]>>();
  const inOrder: (readonly [HardwareOption, ...HardwareOption[]])[] = [];
  for (const option of order) {
    const ofDevice = families.get(option.point.device.id) ?? new Map();
    families.set(option.point.device.id, ofDevice);
    const terms = option.termMonths === 0 ? option.category : `${option.category} ${option.termMonths}`;
    const family = ofDevice.get(terms);
    if (family === undefined) {
      const first: [HardwareOption, ...HardwareOption[]] = [option];
      ofDevice.set(terms, first);
      inOrder.push(first);
    } else family.push(option);
  }
  return inOrder;
}

function rankedOption(
  { snapshot, at }: SearchContext,
  request: InferenceRecommendationRequest,
  option: HardwareOption,
  variants: readonly HardwareOption[],
  billed: (option: HardwareOption) => BilledOption & { readonly hardware: Money },
): RankedOption {
  const estimateRequest = estimateRequestOf(request, option);
  return {
    option,
    estimate: estimateOf(snapshot, estimateRequest, at),
    estimateRequest,
    spending: spendingOf(option, billed(option).hardware),
    variants: variants.slice(0, VARIANTS_NAMED).map((variant) => {
      const { total } = billed(variant);
      return { option: variant, total };
    }),
    variantCount: variants.length,
  };
}

function estimateOf(
  snapshot: CatalogSnapshot,
  request: RankedOption['estimateRequest'],
  at: string,
): FeasibleInference {
  const estimate = estimateInference(snapshot, request, at);
  if (estimate.status !== 'feasible')
    throw new Error(`An option that carries the load has an estimate: ${estimate.summary}`);
  return estimate;
}

async function runnerUpReport(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  first: RankedOption,
  runnerUp: HardwareOption,
): Promise<RunnerUpReport> {
  const estimate = estimateOf(context.snapshot, estimateRequestOf(request, runnerUp), context.at);
  return {
    optionId: optionId(runnerUp),
    breakEvens: await breakEvens(context, request, first.option, runnerUp),
    stability: stabilityOf(first.estimate, estimate),
  };
}

/** The cheapest by way of paying, those included that the caller does not accept, if nothing else stands against them. */
function purchaseComparisons(
  { cheapestByPurchase }: OptionSearch,
  { purchase }: InferenceRecommendationRequest,
  winner: HardwareOption,
  billed: (option: HardwareOption) => BilledOption,
): PurchaseComparison[] {
  const accepted = acceptedPurchases(purchase);
  return cheapestByPurchase.map((option) => ({
    category: option.category,
    accepted: accepted.includes(option.category),
    cheapest: billed(option),
    savingUsdPerMonth: winner.usdPerMonth - option.usdPerMonth,
  }));
}

function feasibleSummary(
  first: RankedOption,
  runnerUp: RunnerUpReport | null,
  byPurchase: readonly PurchaseComparison[],
  byOptimization: readonly OptimizationComparison[],
  options: readonly RankedOption[],
): string {
  const holds = {
    nine_in_ten: 'holds in at least nine of ten cases',
    more_likely_than_not: 'is more likely than not',
    undecided: 'is too close to call',
    unlikely: 'is unlikely',
  };
  const next = options.find(({ option }) => optionId(option) === runnerUp?.optionId);
  const against =
    runnerUp === null
      ? ''
      : ` That it costs less than the next device${next === undefined ? '' : `, ${next.option.point.device.name},`} ${holds[runnerUp.stability.verdict]}.`;
  const [saving] = byPurchase
    .filter(({ accepted, savingUsdPerMonth }) => !accepted && savingUsdPerMonth > 0)
    .sort((a, b) => b.savingUsdPerMonth - a.savingUsdPerMonth);
  const terms =
    saving === undefined
      ? ''
      : ` ${WAYS[saving.category]} would take ${moneyInWords(saving.savingUsdPerMonth, 'USD')} a month off.`;
  return `${first.estimate.summary}${presetInWords(first)}${against}${terms}${savedInWords(byOptimization)}`;
}

function presetInWords({ option: { point } }: RankedOption): string {
  const { preset, accuracyPercent } = point;
  if (preset === null) return '';
  const kept =
    accuracyPercent === null
      ? 'nobody measured what it keeps of the score'
      : `at least ${Number(accuracyPercent.toPrecision(3))} % of the score kept`;
  const rests = preset.assumes === null ? '' : `; the gain rests on ${preset.assumes}`;
  return ` Served with ${preset.label}: ${kept}${rests}.`;
}

/** Below it an optimization is another product, not the same one for less. */
const ALIKE_PERCENT = 94;

function savedInWords(byOptimization: readonly OptimizationComparison[]): string {
  const [faster] = byOptimization
    .filter(({ status }) => status !== 'accepted')
    .flatMap(({ label, assumes, better }) => (better === null ? [] : [{ label, assumes, ...better }]))
    .filter(({ option }) => (option.point.accuracyPercent ?? 0) >= ALIKE_PERCENT)
    .sort((a, b) => a.to - b.to);
  if (faster !== undefined) {
    const { label, assumes, by, from, to } = faster;
    const figures = [from, to].map((figure) => Number(figure.toPrecision(3)));
    const rests = assumes === null ? '' : ', if what it assumes holds';
    return ` ${label} would bring ${FIGURES[by]} from ${figures[0]} to ${figures[1]} ${UNITS[by]}${rests}.`;
  }
  const [best] = byOptimization
    .filter(({ status, cheapest }) => status === 'saves' && (cheapest?.point.accuracyPercent ?? 0) >= ALIKE_PERCENT)
    .sort((a, b) => (b.savingUsdPerMonth ?? 0) - (a.savingUsdPerMonth ?? 0));
  if (best?.cheapest == null || best.savingUsdPerMonth === null) return '';
  const { accuracyPercent } = best.cheapest.point;
  const kept = accuracyPercent === 100 ? '' : `, with at least ${accuracyPercent} % of the score kept`;
  const rests = best.assumes === null ? '' : ', if what it assumes holds';
  return ` ${best.label} would take ${moneyInWords(best.savingUsdPerMonth, 'USD')} a month off${kept}${rests}.`;
}

const FIGURES: Readonly<Record<FigureBesideCost, string>> = {
  latency: 'the latency',
  energy: 'the energy',
  carbon: 'the emissions',
};
const UNITS: Readonly<Record<FigureBesideCost, string>> = {
  latency: 'ms',
  energy: 'kWh a month',
  carbon: 'kg CO2e a month',
};

const WAYS: Readonly<Record<PurchaseComparison['category'], string>> = {
  on_demand: 'Paying on demand',
  spot: 'Spot capacity',
  committed: 'A commitment',
  capacity_block: 'A capacity block',
  owned: 'Owning hardware',
};

function infeasibleSummary(workload: WorkloadSummary, search: OptionSearch, changes: readonly string[]): string {
  const { options, performancePoints } = search.counts;
  const nothing =
    performancePoints === 0
      ? `No device serves ${workload.modelName} at ${thousands(workload.requestsPerDay)} requests a day as asked.`
      : `None of ${thousands(options)} options for ${workload.modelName} keeps every limit.`;
  return changes.length === 0
    ? `${nothing} No single change that was tried helps.`
    : `${nothing} The smallest change that helps: ${changes.join(', ')}.`;
}
