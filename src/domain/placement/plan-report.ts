/** A plan as it is answered: what runs where, its bill, traffic, edge and law. */
import type { PriceUse } from '../economics/price-use.ts';
import { money } from '../money.ts';
import { LEGAL_NOTICE } from '../sovereignty/index.ts';
import { DAYS_PER_MONTH, GB, SECONDS_PER_DAY } from '../units.ts';
import type { BeyondAnswers } from './beyond/answers.ts';
import { billOf, type PlanBill } from './bill.ts';
import { edgeReport } from './edge-report.ts';
import { lawOf } from './law.ts';
import { totalLatency } from './network-leg.ts';
import type { PlacementOption } from './options.ts';
import type { SolvedPlan } from './plan.ts';
import { assumptionsOf } from './plan-assumptions.ts';
import { carbonOfPlan } from './plan-carbon.ts';
import type { Prepared } from './prepare.ts';
import type { FeasiblePlacement, PlacedOption, TrafficReport } from './result.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
import { stageReports } from './stage-report.ts';
import { USER_DEVICES } from './words.ts';

export function feasible(
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
    carbonKilogramsPerMonth: carbonOfPlan(placement, assignment),
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
    purchaseCategory: device.userDevices === null ? (purchase.category ?? 'on_demand') : USER_DEVICES,
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

function pricesOf(chosen: readonly PlacementOption[]): PriceUse[] {
  const prices = new Map<string, PriceUse>();
  for (const { served } of chosen) for (const use of served?.prices ?? []) prices.set(use.priceId, use);
  return [...prices.values()].sort((a, b) => (a.priceId < b.priceId ? -1 : 1));
}
