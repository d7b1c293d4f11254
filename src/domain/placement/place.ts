/** Where to run what: the whole answer to one placement question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { PriceUse } from '../economics/price-use.ts';
import { money } from '../money.ts';
import { LEGAL_NOTICE } from '../sovereignty/index.ts';
import { DAYS_PER_MONTH, GB, SECONDS_PER_DAY } from '../units.ts';
import { applyChanges } from './apply-changes.ts';
import type { BeyondAnswers } from './beyond/answers.ts';
import { beyond, LOWEST_PRICES, PLAN_SHARE } from './beyond/beyond.ts';
import { choicesOf } from './beyond/question-again.ts';
import { billOf, type PlanBill } from './bill.ts';
import { type Change, type CheckId, failuresOf } from './check.ts';
import { type EdgeReport, edgeReport } from './edge-report.ts';
import { conflictOf, elasticChanges, stuckStages } from './elastic.ts';
import { closestBelow, explainStage, failedChecks } from './explain.ts';
import { lawOf } from './law.ts';
import { totalLatency } from './network-leg.ts';
import type { PlacementOption, StageOptions } from './options.ts';
import { type SolvedPlan, solveLimits } from './plan.ts';
import { type PlacementTools, type Prepared, prepare, solvedOf } from './prepare.ts';
import type { PlacementRequest } from './request.ts';
import type {
  FeasiblePlacement,
  InfeasiblePlacement,
  PlacedOption,
  Placement,
  StageReport,
  TrafficReport,
} from './result.ts';
import { knownOf, type PlaceableSite, type Scenario, type Stage } from './scenario.ts';
import { wholeUsd } from './serve.ts';
import { sitesWithUsers } from './sites.ts';
import { leftOutIsDearer, type WholePlan, wholePlan } from './whole-plan.ts';
import { joined, usd } from './words.ts';

/**
 * The same snapshot, request and time give the same answer, as long as the solver says `deterministic`.
 * @param at ISO timestamp; prices in force then are used
 * @throws RequestFaultError where the request names something unknown or contradicts itself
 */
export async function placeDeployment(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  tools: PlacementTools,
): Promise<Placement> {
  const asked = request.include?.length ?? 0;
  const priceFactor = asked > 0 ? LOWEST_PRICES : 1;
  const whole = await wholePlan({ snapshot, request, at, priceFactor, solve: solvedOf }, tools);
  await tools.report('the plan', asked > 0 ? PLAN_SHARE : 1);
  return answer(whole, tools);
}

/** Rounds of changing and asking again. */
const MOST_ROUNDS = 6;

async function answer({ prepared, ...solved }: WholePlan, tools: PlacementTools): Promise<Placement> {
  const { plan, proof } = solved;
  const leftOut = leftOutIsDearer(prepared, solved);
  const { scenario } = prepared;
  if (plan !== null) return feasible(prepared, plan, leftOut, await beyond(prepared, plan, tools));
  if (proof !== null && proof.status !== 'infeasible') {
    return {
      status: 'undecided',
      summary:
        'The limits of the search ended it before a plan was found or excluded; raise limits.nodes or limits.simplexIterations.',
      stages: stageReports(prepared, leftOut),
      proof,
      assumptions: scenario.log.list(),
      legalNotice: LEGAL_NOTICE,
    };
  }
  const limits = solveLimits(scenario.request.limits);
  const conflict = await conflictOf(scenario, prepared.placement, prepared.options, tools.solve, limits);
  const { changes, verified, usdPerMonthThen } = await changesOf(prepared, tools);
  const open = await elsewhere(prepared, tools);
  const then =
    changes.length === 0
      ? ''
      : ` ${verified ? 'It becomes feasible with' : 'Nearest to feasible comes'} ${changes.map(({ field, to }) => `${field} = ${JSON.stringify(to)}`).join(', ')}.`;
  const places = [...new Set(open?.choices.map(({ optionId }) => optionId.slice(optionId.indexOf('@') + 1)))];
  const instead =
    open === null ? '' : ` Elsewhere there is a plan for ${usd(open.usdPerMonth)} USD a month: ${joined(places)}.`;
  return {
    status: 'infeasible',
    summary: `${conflict.explanation}${then}${instead}`,
    stages: stageReports(prepared, leftOut),
    proof,
    assumptions: scenario.log.list(),
    legalNotice: LEGAL_NOTICE,
    conflict,
    changes,
    verified,
    usdPerMonthThen,
    elsewhere: open,
  };
}

/** A hint is not worth a long search. */
const FEW = { nodes: 500, simplexIterations: 20_000, gapPercent: 1 };
const NEEDS_NEARNESS: ReadonlySet<CheckId> = new Set(['latency', 'round_trip', 'offline']);

/** The plan on edge devices with the users where the sites of the question are too far, else in the regions of the catalog. */
async function elsewhere(
  { scenario, options }: Prepared,
  tools: PlacementTools,
): Promise<InfeasiblePlacement['elsewhere']> {
  const { snapshot, at } = scenario;
  const { sites, ...open } = scenario.request;
  // where every component has a place and only the whole does not fit, other places are not what is missing
  const stuck = stuckStages(scenario, options);
  if (sites === undefined || stuck.length === 0) return null;
  const isTooFar = stuck.some((stage) =>
    options[stage]?.rejected.some(({ checks }) => checks.some(({ id, ok }) => !ok && NEEDS_NEARNESS.has(id))),
  );
  const components = open.components.map(({ sites: _sites, devices: _devices, ...component }) => component);
  const places = isTooFar
    ? (['edge_box', 'device_fleet'] as const).map((kind) => {
        const added = sitesWithUsers(scenario, kind);
        return [...sites.filter(({ id }) => added.every((other) => other.id !== id)), ...added];
      })
    : [undefined];
  for (const others of places) {
    const request = { ...open, components, limits: FEW, ...(others !== undefined && { sites: others }) };
    const prepared = await prepare(snapshot, request, at, tools, knownOf(scenario));
    const { plan } = await solvedOf(prepared, tools);
    if (plan === null) continue;
    const { bill } = billOf(prepared.scenario, prepared.placement, plan.assignment);
    return { usdPerMonth: bill.total.amount, choices: choicesOf(prepared, plan) };
  }
  return null;
}

/** Changes until the changed question has a plan: asked, not assumed. */
async function changesOf(prepared: Prepared, tools: PlacementTools) {
  const { snapshot, at, request } = prepared.scenario;
  const changes = new Map<string, Change>();
  let current = prepared;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const limits = solveLimits(request.limits);
    const needed = await elasticChanges(current.scenario, current.placement, current.options, tools.solve, limits);
    if (needed.length === 0) break;
    for (const change of needed)
      changes.set(change.field, { ...change, from: changes.get(change.field)?.from ?? change.from });
    const changed = applyChanges(request, [...changes.values()]);
    const found = await wholePlan(
      { snapshot, request: changed, at, known: knownOf(prepared.scenario), solve: solvedOf },
      tools,
    );
    current = found.prepared;
    const { plan } = found;
    if (plan !== null) {
      const { bill } = billOf(current.scenario, current.placement, plan.assignment);
      return { changes: [...changes.values()], verified: true, usdPerMonthThen: bill.total.amount };
    }
  }
  return { changes: [...changes.values()], verified: false, usdPerMonthThen: null };
}

function feasible(
  prepared: Prepared,
  plan: SolvedPlan,
  leftOut: readonly boolean[],
  further: BeyondAnswers,
): FeasiblePlacement {
  const { scenario, placement } = prepared;
  const { assignment } = plan;
  const { bill, traffic }: PlanBill = billOf(scenario, placement, assignment);
  const placements = assignment.options.map((index) =>
    placed(scenario, placement.options[index] as PlacementOption, plan, index),
  );
  const flows = traffic.map((flow): TrafficReport => {
    const [a, b] = [flow.from, flow.to].map(({ site }) => scenario.sites[site] as PlaceableSite) as [
      PlaceableSite,
      PlaceableSite,
    ];
    return {
      fromStage: (scenario.stages[flow.from.stage] as Stage).id,
      toStage: (scenario.stages[flow.to.stage] as Stage).id,
      fromSite: a.id,
      toSite: b.id,
      gigabytesPerMonth: flow.gigabytesPerMonth,
      bytesPerSecond: (flow.gigabytesPerMonth * GB) / (DAYS_PER_MONTH * SECONDS_PER_DAY),
      crossesBorder: a.country !== b.country,
      usdPerMonth: money(flow.usdPerMonth, 'USD').amount,
      basis: flow.basis,
    };
  });
  const edge = assignment.options
    .map((index) => edgeReport(scenario, placement.options[index] as PlacementOption, flows, scenario.log))
    .filter((it) => it !== null);
  const carbon = placements.map(({ carbonKilogramsPerMonth }) => carbonKilogramsPerMonth);
  const sites = [...new Set(placements.map(({ siteId }) => siteId))];
  const proved =
    plan.proof.gap === null
      ? ''
      : plan.proof.gap <= 1e-9
        ? `, the least there is${leftOut.every((it) => it) ? '' : ' among the options looked at'}`
        : `, proved within ${Number((plan.proof.gap * 100).toPrecision(2))} % of the least`;
  return {
    status: 'feasible',
    summary: `${placements.length} placement${placements.length === 1 ? '' : 's'} at ${sites.join(', ')} for ${Math.round(Number(bill.total.amount)).toLocaleString('en-US')} USD a month${proved}.`,
    placements,
    costPerMonth: { lineItems: bill.items, total: { amount: bill.total, band: bill.band, basis: bill.basis } },
    carbonKilogramsPerMonth: carbon.some((it) => it === null)
      ? null
      : carbon.reduce<number>((sum, it) => sum + (it ?? 0), 0),
    machines: placement.pools.flatMap((pool, index) => {
      const users = assignment.options.filter((option) => placement.instance.options[option]?.pool?.pool === index);
      const site = scenario.sites[pool.site] as PlaceableSite;
      return users.length === 0
        ? []
        : [
            {
              siteId: site.id,
              deviceId: pool.deviceId,
              machines: assignment.machines[index] ?? 0,
              units: site.units,
              sharedBy: users.map((user) => (scenario.stages[placement.options[user]?.stage ?? 0] as Stage).id),
            },
          ];
    }),
    traffic: flows,
    edge,
    prices: pricesOf(assignment.options.map((index) => placement.options[index] as PlacementOption)),
    accuracy: scenario.alternatives.flatMap((alternative, index) =>
      assignment.alternatives.includes(index) && alternative.accuracy !== null
        ? [
            {
              componentId: scenario.request.components[alternative.component]?.id ?? '',
              accuracy: alternative.accuracy,
              hardShare: alternative.hardShare,
            },
          ]
        : [],
    ),
    stages: stageReports(prepared, leftOut, placements, flows, edge),
    beyond: further,
    proof: plan.proof,
    assumptions: assumptionsOf(
      scenario,
      assignment.options.map((index) => placement.options[index] as PlacementOption),
    ),
    legalNotice: LEGAL_NOTICE,
  };
}

function placed(scenario: Scenario, option: PlacementOption, plan: SolvedPlan, index: number): PlacedOption {
  const { served, device, work, purchase, legs } = option;
  const stage = scenario.stages[option.stage] as Stage;
  const site = scenario.sites[option.site] as PlaceableSite;
  const leg = legs[0];
  if (served === null || leg === undefined) throw new Error('A chosen option has figures.');
  const serviceMs = plan.serviceMs.get(index) ?? served.serviceMs;
  return {
    stage: stage.id,
    componentId: stage.component.id,
    optionId: option.id,
    siteId: site.id,
    siteKind: site.kind,
    country: site.country,
    regionId: site.region?.id ?? null,
    providerId: site.providerId,
    deviceId: device.device.id,
    deviceName: device.device.name,
    variantId: work.id === 'own' || work.id === 'small' ? null : work.id,
    weightFormat: served.weightFormat,
    purchaseCategory: purchase.category ?? 'on_demand',
    share: option.share,
    requestsPerDay: stage.requestsPerDay * option.share,
    devices: served.devices,
    units: served.units,
    usdPerMonth: served.total.amount,
    fieldUsdPerMonth: money(served.fieldUsdPerMonth, 'USD').amount,
    carbonKilogramsPerMonth: served.carbonKilograms,
    facilityKilowatts: served.facilityKilowatts,
    serviceMs,
    latencyMs: totalLatency(leg, serviceMs),
    slowestUserGroup: leg.group.id,
    network: leg.explanation,
    checks: option.checks,
    law: lawOf(scenario, stage, site).findings,
    leadTimeDays: option.leadTimeDays,
    estimateRequest: served.estimateRequest,
    trainingRequest: served.trainingRequest,
  };
}

/** So many rejected options are told per component, closest first. */
const MOST_REJECTED = 12;
const MOST_ALTERNATIVES = 6;

/** The closest, and the closest of those that would cost less than what was chosen. */
function toldOf(rejected: readonly PlacementOption[], usdPerMonth: number): readonly PlacementOption[] {
  const closest = rejected.slice(0, MOST_REJECTED);
  const cheaper = closestBelow(rejected, usdPerMonth);
  return cheaper === undefined || closest.includes(cheaper) ? closest : [...closest, cheaper];
}

function stageReports(
  { scenario, options }: Prepared,
  leftOut: readonly boolean[],
  placements: readonly PlacedOption[] = [],
  flows: readonly TrafficReport[] = [],
  edge: readonly EdgeReport[] = [],
): StageReport[] {
  return scenario.stages.map((stage, index) => {
    const own = options[index] as StageOptions;
    const chosen = new Set(
      placements.filter((it) => it.stage === stage.id).map(({ optionId }) => optionId.split('#')[0]),
    );
    const [first] = placements.filter((it) => it.stage === stage.id);
    const costs = Number(first?.usdPerMonth ?? 0) + Number(first?.fieldUsdPerMonth ?? 0);
    const failures = own.rejected.map(({ checks }) => ({ failures: failuresOf(checks) }));
    return {
      stage: stage.id,
      componentId: stage.component.id,
      explanation: explainStage(scenario, index, own, placements, flows, edge),
      options: {
        feasible: own.feasible.length,
        rejected: own.rejected.length,
        dearer: own.dearer.count,
        dearerFromUsdPerMonth:
          own.dearer.leastUsdPerMonth === null ? null : money(own.dearer.leastUsdPerMonth, 'USD').amount,
        dearerExcluded: leftOut[index] === true,
      },
      failedChecks: failedChecks(failures),
      rejected: toldOf(own.rejected, costs).map((option) => ({
        optionId: option.id,
        siteId: (scenario.sites[option.site] as PlaceableSite).id,
        country: (scenario.sites[option.site] as PlaceableSite).country,
        deviceId: option.device.device.id,
        failures: failuresOf(option.checks),
        usdPerMonth: option.served === null ? null : money(wholeUsd(option.served), 'USD').amount,
      })),
      alternatives: own.feasible
        .filter(({ id }) => !chosen.has(id))
        .slice(0, MOST_ALTERNATIVES)
        .map(({ id, served, latency }) => ({
          optionId: id,
          usdPerMonth: served === null ? '0' : money(wholeUsd(served), 'USD').amount,
          p95Ms: latency?.p95 ?? null,
        })),
    };
  });
}

function pricesOf(chosen: readonly PlacementOption[]): PriceUse[] {
  const prices = new Map<string, PriceUse>();
  for (const { served } of chosen) for (const use of served?.prices ?? []) prices.set(use.priceId, use);
  return [...prices.values()].sort((a, b) => (a.priceId < b.priceId ? -1 : 1));
}

/** Those of the question, and those of the estimates behind the chosen options. */
function assumptionsOf({ log }: Scenario, chosen: readonly PlacementOption[]) {
  const all = new Map(log.list().map((assumption) => [assumption.id, assumption]));
  for (const { served } of chosen)
    for (const assumption of served?.assumptions ?? []) if (!all.has(assumption.id)) all.set(assumption.id, assumption);
  return [...all.values()];
}
