import type { Static } from '@sinclair/typebox';
import type { BindingConstraintReport } from '../../domain/estimate/answer.ts';
import { money } from '../../domain/money.ts';
import type { Change, Failure } from '../../domain/recommendation/constraints.ts';
import { type LeftOutFamily, type LeftOutReport, nearestId } from '../../domain/recommendation/left-out.ts';
import { type HardwareOption, optionId } from '../../domain/recommendation/option.ts';
import type {
  BilledOption,
  FeasibleRecommendation,
  HardwareRecommendation,
  OptimizationReport,
  RankedOption,
  RunnerUpReport,
} from '../../domain/recommendation/result.ts';
import type { HardwareRecommendationRequestSchema } from '../schemas/hardware-recommendations/request.ts';
import type { HardwareRecommendationSchema } from '../schemas/hardware-recommendations/response.ts';
import { BasisList, round, toApiAssumption, toApiConstraint, toApiFigure, toApiMoney } from './estimate-answer.ts';
import { toApiInferenceEstimate } from './inference-estimate.ts';
import { pinsOf, type Replay } from './replay.ts';

type Wire = Static<typeof HardwareRecommendationSchema>;
type Request = Static<typeof HardwareRecommendationRequestSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiRecommendation(recommendation: HardwareRecommendation, request: Request, replay: Replay): Wire {
  const { status, summary, searched } = recommendation;
  const common = {
    summary,
    searched,
    leftOut: toApiLeftOut(recommendation.leftOut),
    assumptions: recommendation.assumptions.map((assumption) => {
      const { field, ...rest } = toApiAssumption(assumption);
      // the workload stands one level deeper here than in the request for an estimate
      return {
        ...rest,
        field: field.startsWith('/constraints') || field.startsWith('/optimizations') ? field : `/inference${field}`,
      };
    }),
    request,
    replay,
  };
  if (status === 'infeasible') {
    return {
      status,
      ...common,
      smallestChanges: recommendation.smallestChanges.map(({ changes, option, total }) => ({
        changes: changes.map(toApiChange),
        option: summaryOf({ option, total }),
      })),
    };
  }
  const bases = new BasisList();
  const inference = inferenceOf(recommendation, request, replay, bases);
  return { status, ...common, inference, bandBases: bases.list() };
}

function inferenceOf(recommendation: FeasibleRecommendation, request: Request, replay: Replay, bases: BasisList) {
  const { workload, options, optionCount, paretoFront, cheapestByDeviceClass, cheapestByProvider, runnerUp } =
    recommendation;
  return {
    workload,
    options: options.map((option, index) => rankedOption(option, index + 1, request, replay, bases)),
    optionCount,
    paretoFront: paretoFront.map(summaryOf),
    cheapestByDeviceClass: cheapestByDeviceClass.map(({ deviceClass, cheapest }) => ({
      deviceClass,
      option: summaryOf(cheapest),
    })),
    cheapestByProvider: cheapestByProvider.map(({ providerId, cheapest }) => ({
      providerId,
      option: summaryOf(cheapest),
    })),
    byPurchase: recommendation.byPurchase.map(({ category, accepted, cheapest, savingUsdPerMonth }) => ({
      purchase: category,
      accepted,
      savingUsdPerMonth: usd(savingUsdPerMonth),
      option: summaryOf(cheapest),
    })),
    byOptimization: recommendation.byOptimization.map(byOptimization),
    ...(runnerUp !== null && { runnerUp: runnerUpOf(runnerUp) }),
  };
}

function byOptimization(report: OptimizationReport) {
  const { id, label, status, detail, cheapest, quality, precondition, assumes, better, change: acceptance } = report;
  return {
    optimization: id,
    label,
    status,
    detail,
    savingUsdPerMonth: usdOrNull(report.savingUsdPerMonth),
    ...(cheapest !== null && { option: summaryOf(cheapest) }),
    ...(better !== null && {
      better: { by: better.by, from: round(better.from), to: round(better.to), option: summaryOf(better.option) },
    }),
    atLeastUsdPerMonth: usdOrNull(report.atLeastUsdPerMonth),
    evaluated: report.evaluated,
    pruned: report.pruned,
    accuracyPercentLow: roundOrNull(quality?.low ?? null),
    accuracyPercentTypical: roundOrNull(quality?.typical ?? null),
    qualitySource: quality?.source ?? null,
    precondition,
    restsOn: assumes,
    ...(acceptance !== null && { change: toApiChange(acceptance) }),
  };
}

function placed(option: HardwareOption) {
  const { point, price } = option;
  return {
    optionId: optionId(option),
    deviceId: point.device.id,
    deviceName: point.device.name,
    optimization: point.preset?.id ?? null,
    devices: point.devices,
    devicesPaid: option.devicesPaid,
    purchase: option.category,
    termMonths: option.termMonths,
    providerId: option.providerId,
    regionId: option.regionId,
    country: option.country,
    priceId: price?.price.id ?? null,
    managedPlatform: price?.offer.kind === 'managed_platform',
    stalePrice: option.stalePrice,
    leadTimeDays: option.leadTime.days,
    leadTimeLeastDays: option.leadTime.leastDays,
    leadTimeBasis: option.leadTime.basis,
    leadTimeConfidence: option.leadTime.confidence,
    endToEndMsP95: round(point.endToEndMsP95),
    kilowattHoursPerMonth: roundOrNull(option.facilityKilowattHours),
    carbonKilogramsPerMonth: roundOrNull(option.carbonKilograms),
  };
}

const summaryOf = ({ option, total }: BilledOption) => ({ ...placed(option), usdPerMonth: total.amount });

function rankedOption(ranked: RankedOption, rank: number, request: Request, replay: Replay, bases: BasisList) {
  const { option, estimate, spending } = ranked;
  const { point, racks } = option;
  const { deployment, performance } = estimate;
  const pinned = {
    ...ranked.estimateRequest,
    ...pinsOf(request, replay),
  };
  const latencies =
    performance.kind === 'language'
      ? {
          ttftMsP95: toApiFigure(performance.ttftMs.p95, bases),
          timePerOutputTokenMsP95: toApiFigure(performance.timePerOutputTokenMs.p95, bases),
          latencyMsP95: toApiFigure(performance.endToEndMs.p95, bases),
        }
      : { latencyMsP95: toApiFigure(performance.latencyMs.p95, bases) };
  return {
    rank,
    ...placed(option),
    engine: deployment.engine,
    weightFormat: deployment.weightFormat,
    tensorParallel: deployment.tensorParallel,
    servingReplicas: deployment.servingReplicas,
    spareReplicas: deployment.spareReplicas,
    costPerMonth: toApiMoney(estimate.costPerMonth.total, bases),
    costPerRequest: toApiMoney(estimate.costPerRequest, bases),
    upfrontUsd: usd(option.upfrontUsd),
    ...latencies,
    utilizationAtPeak: toApiFigure(performance.utilizationAtPeak, bases),
    meanUtilization: round(point.meanUtilization),
    memoryHeadroomPercent: roundOrNull(point.memoryHeadroomPercent),
    leadTimeSource: option.leadTime.source,
    accuracyPercent: point.accuracyPercent,
    ...(racks !== null && {
      facility: {
        facilityKilowatts: round(racks.facilityKilowatts),
        racks: racks.racks,
        kilowattsPerRack: round(racks.kilowattsPerRack),
        coolingClass: racks.coolingClass,
      },
    }),
    spending: {
      hardwareUsdPerMonth: spending.hardware.amount,
      atWorkUsd: spending.atWork.amount,
      waitingForPeakUsd: spending.waitingForPeak.amount,
      headroomUsd: spending.headroom.amount,
      sparesUsd: spending.spares.amount,
      unusedInInstancesUsd: spending.unusedInInstances.amount,
    },
    bindingConstraint: constraintOf(estimate.bindingConstraint),
    variants: ranked.variants.map(summaryOf),
    variantCount: ranked.variantCount,
    prices: estimate.prices,
    estimateRequest: pinned,
    ...(request.expand === 'estimates' && { estimate: toApiInferenceEstimate(estimate, pinned, replay) }),
  };
}

/** Objectives stand in the workload of this request. */
function constraintOf({ relaxation, ...constraint }: BindingConstraintReport) {
  return toApiConstraint({
    ...constraint,
    relaxation: relaxation === null ? null : { ...relaxation, field: `/inference${relaxation.field}` },
  });
}

function runnerUpOf({ optionId: id, breakEvens, stability }: RunnerUpReport) {
  const { price, load, objectives, gapUsdPerMonth } = breakEvens;
  const { costRatio } = stability;
  return {
    optionId: id,
    breakEvens: {
      priceFromUsdPerDeviceHour: price?.from ?? null,
      priceToUsdPerDeviceHour: price?.to ?? null,
      gapUsdPerMonth: usd(gapUsdPerMonth),
      requestsPerDayBelow: load.below,
      requestsPerDayAbove: load.above,
      objectives,
    },
    stability: {
      costRatioP10: roundOrNull(costRatio?.p10 ?? null),
      costRatioP50: roundOrNull(costRatio?.p50 ?? null),
      costRatioP90: roundOrNull(costRatio?.p90 ?? null),
      verdict: stability.verdict,
    },
  };
}

export const toApiLeftOut = ({ families, groups, items, nextOffset }: LeftOutReport) => ({
  families,
  groups: groups.map(({ constraint, count, nearest }) => ({ constraint, count, nearest: family(nearest) })),
  items: items.map(family),
  nextOffset,
});

const family = (left: LeftOutFamily) => ({
  familyId: left.familyId,
  deviceId: left.deviceId,
  constraint: left.constraint,
  detail: left.detail,
  failures: left.failures.map(failure),
  options: left.options,
  nearestOptionId: nearestId(left),
  atLeastUsdPerMonth: left.cheapestUsdPerMonth === null ? null : usd(left.cheapestUsdPerMonth),
});

const failure = ({ constraint, required, actual, margin, unit, change: least }: Failure) => ({
  constraint,
  required: roundIfNumber(required),
  actual: roundIfNumber(actual),
  margin: roundOrNull(margin),
  unit,
  ...(least !== null && { change: toApiChange(least) }),
});

export function toApiChange(one: Change) {
  const { field } = one;
  if ('to' in one) return { field, action: 'set' as const, value: one.to };
  return 'add' in one
    ? { field, action: 'add' as const, value: one.add }
    : { field, action: 'remove' as const, value: one.remove };
}

const usd = (value: number): string => money(value, 'USD').amount;
const usdOrNull = (value: number | null): string | null => (value === null ? null : usd(value));
const roundOrNull = (value: number | null): number | null => (value === null ? null : round(value));
const roundIfNumber = (value: number | string | null): number | string | null =>
  typeof value === 'number' ? round(value) : value;
