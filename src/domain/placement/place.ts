/** Where to run what: the whole answer to one placement question. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { PriceUse } from '../economics/price-use.ts';
import { money } from '../money.ts';
import { LEGAL_NOTICE } from '../sovereignty/index.ts';
import { DAYS_PER_MONTH, GB, SECONDS_PER_DAY } from '../units.ts';
import { applyChanges } from './apply-changes.ts';
import type { BeyondAnswers } from './beyond/answers.ts';
import { beyond, LOWEST_PRICES, PLAN_SHARE } from './beyond/beyond.ts';
import { billOf, type PlanBill } from './bill.ts';
import { type Change, failuresOf } from './check.ts';
import { conflictOf, elasticChanges } from './elastic.ts';
import { explainStage, failedChecks } from './explain.ts';
import { lawOf } from './law.ts';
import { totalLatency } from './network-leg.ts';
import type { PlacementOption, StageOptions } from './options.ts';
import { type SolvedPlan, solveLimits } from './plan.ts';
import { type PlacementTools, type Prepared, solvedOf } from './prepare.ts';
import type { PlacementRequest } from './request.ts';
import type { FeasiblePlacement, PlacedOption, Placement, StageReport, TrafficReport } from './result.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { leftOutIsDearer, type WholePlan, wholePlan } from './whole-plan.ts';

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
      stages: stageReports(prepared, leftOut, [], []),
      proof,
      assumptions: scenario.log.list(),
      legalNotice: LEGAL_NOTICE,
    };
  }
  const limits = solveLimits(scenario.request.limits);
  const conflict = await conflictOf(scenario, prepared.placement, prepared.options, tools.solve, limits);
  const { changes, verified, usdPerMonthThen } = await changesOf(prepared, tools);
  return {
    status: 'infeasible',
    summary: `${conflict.explanation}${changes.length === 0 ? '' : ` ${verified ? 'It becomes feasible with' : 'Nearest to feasible comes'} ${changes.map(({ field, to }) => `${field} = ${JSON.stringify(to)}`).join(', ')}.`}`,
    stages: stageReports(prepared, leftOut, [], []),
    proof,
    assumptions: scenario.log.list(),
    legalNotice: LEGAL_NOTICE,
    conflict,
    changes,
    verified,
    usdPerMonthThen,
  };
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
    const found = await wholePlan({ snapshot, request: changed, at, known: prepared.scenario, solve: solvedOf }, tools);
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
    stages: stageReports(prepared, leftOut, placements, flows),
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
  };
}

/** So many rejected options are told per component, closest first. */
const MOST_REJECTED = 12;
const MOST_ALTERNATIVES = 6;

function stageReports(
  { scenario, options }: Prepared,
  leftOut: readonly boolean[],
  placements: readonly PlacedOption[],
  flows: readonly TrafficReport[],
): StageReport[] {
  return scenario.stages.map((stage, index) => {
    const own = options[index] as StageOptions;
    const chosen = new Set(
      placements.filter((it) => it.stage === stage.id).map(({ optionId }) => optionId.split('#')[0]),
    );
    const failures = own.rejected.map(({ checks }) => ({ failures: failuresOf(checks) }));
    return {
      stage: stage.id,
      componentId: stage.component.id,
      explanation: explainStage(scenario, index, own, placements, flows),
      options: {
        feasible: own.feasible.length,
        rejected: own.rejected.length,
        dearer: own.dearer.count,
        dearerFromUsdPerMonth:
          own.dearer.leastUsdPerMonth === null ? null : money(own.dearer.leastUsdPerMonth, 'USD').amount,
        dearerExcluded: leftOut[index] === true,
      },
      failedChecks: failedChecks(failures),
      rejected: own.rejected.slice(0, MOST_REJECTED).map((option) => ({
        optionId: option.id,
        siteId: (scenario.sites[option.site] as PlaceableSite).id,
        country: (scenario.sites[option.site] as PlaceableSite).country,
        deviceId: option.device.device.id,
        failures: failuresOf(option.checks),
        usdPerMonth: option.served?.total.amount ?? null,
      })),
      alternatives: own.feasible
        .filter(({ id }) => !chosen.has(id))
        .slice(0, MOST_ALTERNATIVES)
        .map(({ id, served, latency }) => ({
          optionId: id,
          usdPerMonth: served?.total.amount ?? '0',
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
