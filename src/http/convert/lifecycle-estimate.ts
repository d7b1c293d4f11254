import type { Static } from '@sinclair/typebox';
import type { Crossing, FeasibleLifecycle, LifecycleEstimate } from '../../domain/lifecycle/estimate-result.ts';
import type { LifecycleRequestSchema } from '../schemas/estimates/lifecycle/request.ts';
import type { LifecycleEstimateSchema } from '../schemas/estimates/lifecycle/response.ts';
import { BasisList, round, toApiAssumption, toApiFigure, toApiMoney } from './estimate-answer.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof LifecycleEstimateSchema>;
type Request = Static<typeof LifecycleRequestSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiLifecycle(estimate: LifecycleEstimate, request: Request, replay: Replay): Wire {
  if (estimate.status === 'infeasible') {
    const { status, summary, part, reasons, relaxation } = estimate;
    return {
      status,
      summary,
      part,
      reasons,
      ...(relaxation !== null && { relaxation }),
      assumptions: estimate.assumptions.map(toApiAssumption),
      request,
      replay,
    };
  }
  return feasible(estimate, request, replay);
}

function feasible(estimate: FeasibleLifecycle, request: Request, replay: Replay): Wire {
  const bases = new BasisList();
  const { crossing, hardwareCrossing, netPresentValue } = estimate;
  return {
    status: 'feasible',
    summary: estimate.summary,
    launchOn: estimate.launchOn,
    horizonMonths: estimate.horizonMonths,
    total: toApiMoney(estimate.total, bases),
    training: toApiMoney(estimate.training, bases),
    serving: toApiMoney(estimate.serving, bases),
    trainingShare: toApiFigure(estimate.trainingShare, bases),
    ...(crossing !== null && { crossing: toApiCrossing(crossing) }),
    ...(hardwareCrossing !== null && { hardwareCrossing: toApiCrossing(hardwareCrossing) }),
    presentValue: toApiMoney(estimate.presentValue, bases),
    ...(netPresentValue !== null && { netPresentValue: toApiMoney(netPresentValue, bases) }),
    discountRatePercent: round(estimate.discountRatePercent),
    requests: round(estimate.requests),
    costPerRequest: toApiMoney(estimate.costPerRequest, bases),
    lines: estimate.lines.map(({ cost, ...line }) => ({ ...line, cost: toApiMoney(cost, bases) })),
    years: estimate.years.map((year) => ({
      year: year.year,
      training: year.training.amount,
      serving: year.serving.amount,
      trainingShare: round(year.trainingShare),
      requests: round(year.requests),
      servingPerRequest: year.servingPerRequest?.amount ?? null,
    })),
    months: estimate.months.map((month) => ({
      month: month.month,
      startsOn: month.startsOn,
      requestsPerDay: round(month.requestsPerDay),
      devices: month.devices,
      devicesPaid: month.devicesPaid,
      training: month.training.amount,
      serving: month.serving.amount,
      cumulativeTraining: toApiMoney(month.cumulativeTraining, bases),
      cumulativeServing: toApiMoney(month.cumulativeServing, bases),
      cumulativeTotal: toApiMoney(month.cumulativeTotal, bases),
      servingPerRequest: month.servingPerRequest?.amount ?? null,
    })),
    phases: estimate.phases.map(({ usdPerMonth, ...phase }) => ({ ...phase, usdPerMonth: usdPerMonth.amount })),
    trainingSummary: estimate.trainingSummary,
    levers: estimate.levers.map(({ total, saving, savingPercent, ...lever }) => ({
      ...lever,
      total: total.amount,
      saving: saving.amount,
      savingPercent: round(savingPercent),
    })),
    sensitivities: estimate.sensitivities.map(({ low, high, totalAtLow, totalAtHigh, swing, ...one }) => ({
      ...one,
      low: round(low),
      high: round(high),
      totalAtLow: totalAtLow.amount,
      totalAtHigh: totalAtHigh.amount,
      swing: swing.amount,
    })),
    monteCarlo: estimate.monteCarlo,
    assumptions: estimate.assumptions.map(toApiAssumption),
    prices: estimate.prices,
    bandBases: bases.list(),
    request,
    replay,
  };
}

const days = (value: number | null): number | null => (value === null ? null : round(value));

const toApiCrossing = ({ day, date, probability, p10, p50, p90 }: Crossing) => ({
  day: days(day),
  date,
  probability: round(probability),
  p10: days(p10),
  p50: days(p50),
  p90: days(p90),
});

/** Without months and working: a few kilobytes. */
export function summaryOfLifecycle(answer: Wire): Wire {
  const { assumptions: _assumptions, ...brief } = answer;
  if (brief.status === 'infeasible') return brief;
  const { months: _months, bandBases: _bases, ...rest } = brief;
  return rest;
}
