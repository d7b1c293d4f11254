/** Build or buy: the same traffic through token APIs, managed platforms, and hardware rented, committed to or owned. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { RequestFaultError, refuse } from '../../estimate/request-fault.ts';
import { modelPointer, resolveServedModel } from '../../estimate/resolve-model.ts';
import type { Purchase } from '../../estimate/selectors.ts';
import { moneyInWords, significant, thousands } from '../../estimate/words.ts';
import { estimateInference } from '../../inference/estimate.ts';
import type { FeasibleInference } from '../../inference/estimate-result.ts';
import type { InferenceRequest } from '../../inference/request.ts';
import { prefixCacheHitRate, requestLengths } from '../../inference/workload.ts';
import { servingPhase } from '../../lifecycle/serving-phase.ts';
import { CURRENCY, perUnit, toNumber } from '../../money.ts';
import { DAYS_PER_MONTH } from '../../units.ts';
import { AssumptionLog, exactly } from '../assumption.ts';
import { bill, type DraftItem, lineItem } from '../line-item.ts';
import { priceFactorWithSources } from '../price-uncertainty.ts';
import { lastSeenAt } from '../price-use.ts';
import { ONE_MONTH, surchargeItems } from '../surcharges.ts';
import { type BreakEven, breakEven } from './break-even.ts';
import { ANOTHER_MODEL, selfHostedCaveats, tokenApiComparison } from './comparability.ts';
import type { BreakEvenReport, BuildOrBuyEstimate, UnavailableWay, Way, WayKind } from './estimate-result.ts';
import { type ManagedDeployment, managedCaveats, managedPlatforms } from './managed-platform.ts';
import type { BuildOrBuyRequest } from './request.ts';
import { type TokenTraffic, tokenApiCost, tokenOffersOf } from './token-api-cost.ts';

const MILLION = 1e6;

interface Deployment {
  readonly kind: WayKind;
  readonly label: string;
  readonly purchase: Purchase;
}

const DEPLOYMENTS: readonly Deployment[] = [
  { kind: 'on_demand', label: 'Rented on demand', purchase: { category: 'on_demand' } },
  { kind: 'spot', label: 'Rented as spot, interruptions included', purchase: { category: 'spot' } },
  { kind: 'committed', label: 'Committed for a year', purchase: { category: 'committed', termMonths: 12 } },
  { kind: 'committed', label: 'Committed for three years', purchase: { category: 'committed', termMonths: 36 } },
  { kind: 'owned', label: 'Owned', purchase: { category: 'owned' } },
];

/**
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError for what the catalog does not know and for models without tokens
 */
export function estimateBuildOrBuy(
  snapshot: CatalogSnapshot,
  request: BuildOrBuyRequest,
  at: string,
): BuildOrBuyEstimate {
  const { buying = {}, ...question } = request;
  const model = resolveServedModel(snapshot, question);
  if (model.kind !== 'language') {
    return refuse(
      modelPointer(question),
      'unsupported_kind',
      `${model.name} writes no tokens; only language models are sold by the token.`,
    );
  }
  const log = new AssumptionLog();
  const lengths = requestLengths(question, log);
  const requests = question.requestsPerDay * DAYS_PER_MONTH;
  const traffic: TokenTraffic = {
    promptMillions: (requests * lengths.promptTokens.mean) / MILLION,
    outputMillions: (requests * lengths.outputTokens.mean) / MILLION,
    promptTokens: lengths.promptTokens,
    cachedShare: prefixCacheHitRate(question, log),
    batchShare: buying.batchShare ?? 0,
  };
  const ways: Way[] = [];
  const unavailable: UnavailableWay[] = [];

  const modelId = question.model === undefined ? null : model.id;
  const { maxContextTokens } = model.architecture;
  const needed = lengths.promptTokens.mean + lengths.outputTokens.mean;
  const fits = needed <= maxContextTokens;
  const offers = [
    ...(modelId === null || !fits ? [] : tokenOffersOf(snapshot, modelId)),
    ...(buying.alternativeOffers ?? []).map((id, index) => alternative(snapshot, id, index)),
  ];
  for (const offer of new Map(offers.map((one) => [one.id, one])).values()) {
    const cost = tokenApiCost(snapshot, offer, traffic, at);
    if (cost === null) continue;
    const { comparability, caveats } = tokenApiComparison(snapshot, offer, modelId, question);
    ways.push({
      kind: 'token_api',
      label: `${offer.sku} at ${snapshot.provider(offer.providerId)?.name ?? offer.providerId}`,
      offerId: offer.id,
      providerId: offer.providerId,
      regionId: offer.regionId,
      deviceId: null,
      devices: null,
      utilizationAtPeak: null,
      termMonths: 0,
      ...costs([...cost.drafts, ...taxOn(cost.drafts, question)], requests),
      comparability,
      caveats: [...caveats, ...cost.remarks],
      prices: cost.prices,
    });
  }
  if (offers.length === 0 || !fits) {
    unavailable.push({
      kind: 'token_api',
      label: 'Token API',
      detail: fits
        ? `The catalog has no token prices of ${model.name}; name offers of other models as buying.alternativeOffers.`
        : `Prompt and output need ${thousands(Math.ceil(needed))} tokens; the context of ${model.name} ends at ${thousands(maxContextTokens)}, whoever serves it.`,
    });
  }

  const built: Built[] = [];
  for (const { kind, label, purchase } of deploymentsOf(question)) {
    const outcome = attempt(snapshot, { ...question, purchase }, at);
    if (typeof outcome === 'string') {
      unavailable.push({ kind, label, detail: outcome });
      continue;
    }
    const way = deploymentWay(kind, label, outcome, requests);
    ways.push(way);
    built.push({ way, estimate: outcome, purchase });
    if (built.length === 1) for (const assumption of outcome.assumptions) log.add(assumption);
  }
  const managed = managedPlatforms(snapshot, question, at, (ask) => attempt(snapshot, ask, at));
  for (const deployment of managed) ways.push(managedWay(snapshot, deployment, question, requests, at));
  if (managed.length === 0) {
    unavailable.push({
      kind: 'managed_platform',
      label: 'Managed platform',
      detail: 'The catalog has no managed platform whose devices carry the load there.',
    });
  }

  ways.sort((a, b) => usdOf(a) - usdOf(b) || (a.label < b.label ? -1 : 1));
  const evens = breakEvensOf(ways, built, question, requests);
  return {
    status: ways.length > 0 ? 'feasible' : 'infeasible',
    summary: summaryOf(ways, evens, question.requestsPerDay, unavailable),
    ways,
    unavailable,
    breakEvens: evens,
    assumptions: log.list(),
  };
}

function alternative(snapshot: CatalogSnapshot, id: string, index: number) {
  const offer = snapshot.offer(id);
  if (offer?.kind === 'token') return offer;
  return refuse(
    `/buying/alternativeOffers/${index}`,
    'unknown_id',
    offer === undefined
      ? `The catalog has no offer "${id}"; token offers are named provider/global/model, for example openai/global/gpt-4.1-mini.`
      : `${id} is not an offer of tokens.`,
  );
}

/** The caller's own rate is one way; else every way the catalog has prices of. Terms of owning are kept. */
function deploymentsOf({ purchase, customDevice }: InferenceRequest): readonly Deployment[] {
  if (purchase?.usdPerDeviceHour !== undefined || customDevice !== undefined) {
    const owned = purchase?.category === 'owned';
    return [
      { kind: owned ? 'owned' : 'own_rate', label: owned ? 'Owned' : 'At the rate given', purchase: purchase ?? {} },
    ];
  }
  return purchase?.owned === undefined
    ? DEPLOYMENTS
    : DEPLOYMENTS.map((one) => (one.kind === 'owned' ? { ...one, purchase } : one));
}

/** The estimate, or why there is none. */
function attempt(snapshot: CatalogSnapshot, request: InferenceRequest, at: string): FeasibleInference | string {
  try {
    const answer = estimateInference(snapshot, request, at);
    return answer.status === 'feasible' ? answer : answer.summary;
  } catch (error) {
    // terms that one way contradicts are a reason against it; unknown ids are the caller's mistake
    if (error instanceof RequestFaultError && error.faults.every(({ rule }) => rule === 'figure_missing'))
      return error.message;
    throw error;
  }
}

function deploymentWay(kind: WayKind, label: string, estimate: FeasibleInference, requests: number): Way {
  const { deployment, performance, costPerMonth, prices } = estimate;
  const usdPerMonth = toNumber(costPerMonth.total.amount);
  return {
    kind,
    label: `${label}: ${deployment.devices} x ${deployment.deviceName}`,
    offerId: prices[0]?.offerId ?? null,
    providerId: deployment.providerId,
    regionId: deployment.regionId,
    deviceId: deployment.deviceId,
    devices: deployment.devices,
    utilizationAtPeak: performance.utilizationAtPeak.p50,
    termMonths: prices[0]?.termMonths ?? 0,
    ...costs(costPerMonth.lineItems, requests),
    comparability: 'same',
    caveats: selfHostedCaveats(kind, usdPerMonth),
    prices,
  };
}

/** Tokens are bought like everything else; support, licences and duty are of hardware. */
const taxOn = (drafts: readonly DraftItem[], { surcharges }: InferenceRequest): DraftItem[] =>
  surchargeItems(
    drafts,
    { taxPercent: surcharges?.taxPercent, devices: exactly(0, 'devices'), years: ONE_MONTH, ownership: 'rented' },
    CURRENCY,
  );

function managedWay(
  snapshot: CatalogSnapshot,
  managed: ManagedDeployment,
  { surcharges }: InferenceRequest,
  requests: number,
  at: string,
): Way {
  const { estimate, rental, use } = managed;
  const { deployment, performance } = estimate;
  const paid = Math.ceil(deployment.devices / rental.offer.deviceCount) * rental.offer.deviceCount;
  const { lineItems } = estimate.costPerMonth;
  const compute = lineItems.find(({ id }) => id === 'compute');
  const deviceHours = compute?.inputs.find(({ name }) => name === 'deviceHours');
  const hours = (deviceHours?.value ?? Number.NaN) / deployment.devicesPaid;
  const item = lineItem({
    id: 'compute',
    label: `Managed platform, ${rental.offer.sku} at ${rental.offer.providerId}`,
    category: 'compute',
    formula: 'devicesPaid x hours x pricePerDeviceHour',
    quantity: paid * hours,
    unitAmount: rental.amountPerDeviceHour,
    currency: CURRENCY,
    inputs: {
      devicesPaid: {
        value: paid,
        unit: 'devices',
        source: 'the performance model, in whole instances',
        factors: compute?.factors ?? [],
        assumptionId: null,
      },
      hours: exactly(hours, 'hours a month', 'as the estimate of the deployment has them'),
      pricePerDeviceHour: {
        value: rental.perDeviceHour,
        unit: 'USD per device-hour',
        source: `${use.source}, observed ${lastSeenAt(use).slice(0, 10)}`,
        factors: [priceFactorWithSources(snapshot, use, at)],
        assumptionId: null,
      },
    },
    priceId: use.priceId,
  });
  // whole instances are more devices than the estimate of the deployment paid for: what is charged on them is more as well
  const bought = [item, ...lineItems.filter(({ category }) => category === 'network')];
  const devices = exactly(deployment.devices, 'devices');
  const added = surchargeItems(bought, { ...surcharges, devices, years: ONE_MONTH, ownership: 'rented' }, CURRENCY);
  return {
    kind: 'managed_platform',
    label: `Managed: ${deployment.devices} x ${deployment.deviceName} as ${rental.offer.sku}`,
    offerId: rental.offer.id,
    providerId: rental.offer.providerId,
    regionId: rental.offer.regionId,
    deviceId: deployment.deviceId,
    devices: deployment.devices,
    utilizationAtPeak: performance.utilizationAtPeak.p50,
    termMonths: 0,
    ...costs([...bought, ...added], requests),
    comparability: 'same',
    caveats: managedCaveats(managed),
    prices: [use],
  };
}

function costs(drafts: readonly DraftItem[], requests: number): Pick<Way, 'costPerMonth' | 'costPerRequest'> {
  const { items, total, band, basis } = bill(drafts, CURRENCY);
  return {
    costPerMonth: { lineItems: items, total: { amount: total, band, basis } },
    costPerRequest: {
      amount: perUnit(total, requests),
      band: { p10: band.p10 / requests, p50: band.p50 / requests, p90: band.p90 / requests },
      basis,
    },
  };
}

const usdOf = ({ costPerMonth }: Way): number => toNumber(costPerMonth.total.amount);

interface Built {
  readonly way: Way;
  readonly estimate: FeasibleInference;
  readonly purchase: Purchase;
}

function breakEvensOf(
  ways: readonly Way[],
  built: readonly Built[],
  question: InferenceRequest,
  requests: number,
): BreakEvenReport[] {
  const tokens = ways.filter(({ kind, comparability }) => kind === 'token_api' && comparability !== 'other_model');
  const [cheapest] = tokens;
  const same = tokens.find(({ comparability }) => comparability === 'same');
  const buys = [cheapest, same].filter((way, index, all) => way !== undefined && all.indexOf(way) === index) as Way[];
  return buys.flatMap((buy) =>
    built
      .toSorted((a, b) => usdOf(a.way) - usdOf(b.way))
      .map(({ way, estimate, purchase }): BreakEvenReport => {
        const terms = { name: 'build', fromMonth: 1, termMonths: 1, deviceTimeFactor: 1 };
        const even = breakEven(servingPhase(estimate, { ...question, purchase }, terms), usdOf(buy) / requests);
        const statement = breakEvenInWords(even, way.label, buy.label);
        const { requestsPerDay, utilization } = even;
        const buyOfferId = buy.offerId as string;
        return { requestsPerDay, utilization, build: way.label, buy: buy.label, buyOfferId, statement };
      }),
  );
}

function breakEvenInWords({ requestsPerDay, utilization, firstRequestsPerDay }: BreakEven, build: string, buy: string) {
  const words = (load: number) => thousands(Math.ceil(load));
  if (requestsPerDay === null) {
    return firstRequestsPerDay === null
      ? `Tokens of ${buy} cost less than ${build} at any load: at full use of its devices a request still costs more.`
      : `Tokens of ${buy} cost less than ${build} at any load but where its devices are all but full, first at ${words(firstRequestsPerDay)} requests a day.`;
  }
  const sooner =
    firstRequestsPerDay !== null && firstRequestsPerDay < requestsPerDay
      ? ` From ${words(firstRequestsPerDay)} on it does so while its devices are nearly full, and not when one more replica has to be added.`
      : '';
  return `From ${words(requestsPerDay)} requests a day on, ${significant(100 * (utilization ?? 0))} % of what such a deployment carries within its cap, ${build} costs less than tokens of ${buy}.${sooner}`;
}

function summaryOf(
  ways: readonly Way[],
  evens: readonly BreakEvenReport[],
  requestsPerDay: number,
  unavailable: readonly UnavailableWay[],
): string {
  const [best] = ways;
  if (best === undefined) {
    return `No way to serve this is priced in the catalog. ${unavailable[0]?.detail ?? ''}`.trim();
  }
  const same = ways.find(({ comparability }) => comparability === 'same');
  const apart =
    same === undefined || same === best
      ? ''
      : ` The cheapest without caveats of comparison is ${same.label}, ${moneyInWords(usdOf(same), CURRENCY)}.`;
  // another model elsewhere is apart for two reasons
  const reasons = best.comparability === 'other_place' && best.caveats[0] === ANOTHER_MODEL ? 2 : 1;
  const caveat = best.comparability === 'same' ? '' : ` ${best.caveats.slice(0, reasons).join(' ')}`;
  return `At ${thousands(requestsPerDay)} requests a day the cheapest of ${ways.length} ways is ${best.label}: ${moneyInWords(usdOf(best), CURRENCY)} a month.${caveat}${apart} ${(evens.find(({ requestsPerDay: load }) => load !== null) ?? evens[0])?.statement ?? ''}`.trim();
}
