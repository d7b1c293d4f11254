import type { Static } from '@sinclair/typebox';
import type { OptimizationReport } from '../../domain/inference/optimization/report.ts';
import type { Waterfall } from '../../domain/inference/optimization/waterfall.ts';
import { money } from '../../domain/money.ts';
import type { OptimizationReportSchema } from '../schemas/estimates/inference/optimization-response.ts';
import { round } from './estimate-answer.ts';

const usd = (value: number): string => money(value, 'USD').amount;
const maybe = (value: number | null): number | null => (value === null ? null : round(value));

export const toApiOptimizations = (report: OptimizationReport): Static<typeof OptimizationReportSchema> => ({
  usdPerMonth: usd(report.usdPerMonth),
  naiveUsdPerMonth: report.naiveUsdPerMonth === null ? null : usd(report.naiveUsdPerMonth),
  qualityFloorPercent: report.qualityFloorPercent,
  verdict: {
    holds: report.verdict.holds,
    savingPercent: round(report.verdict.savingPercent),
    savingPercentWithAssumedTraffic: round(report.verdict.savingPercentWithAssumedTraffic),
    savingPercentAgainstNaive: maybe(report.verdict.savingPercentAgainstNaive),
    statement: report.verdict.statement,
  },
  best: waterfall(report.best),
  bestWithAssumedTraffic: waterfall(report.bestWithAssumedTraffic),
  options: report.options.map(({ factors, usdPerMonth, ...option }) => ({
    ...option,
    usdPerMonth: usdPerMonth === null ? null : usd(usdPerMonth),
    ...(factors !== null && {
      factors: {
        throughputPerDevice: round(factors.throughputPerDevice),
        firstTokenP95: maybe(factors.firstTokenP95),
        perTokenP95: maybe(factors.perTokenP95),
        requestP95: round(factors.requestP95),
        weightMemory: maybe(factors.weightMemory),
        monthlyBill: round(factors.cost),
      },
    }),
  })),
  batchGains: report.batchGains.map(({ batch, fp8, int8, int4, speculativeDecoding }) => ({
    batch,
    fp8: maybe(fp8),
    int8: maybe(int8),
    int4: maybe(int4),
    speculativeDecoding: round(speculativeDecoding),
  })),
});

const waterfall = ({ steps, usdPerMonth, savingPercent, qualityPercent }: Waterfall) => ({
  steps: steps.map((step) => ({
    optionId: step.optionId,
    usdPerMonth: usd(step.usdPerMonth),
    costFactor: round(step.costFactor),
    savingPercentSoFar: round(step.savingPercentSoFar),
    qualityPercentSoFar: round(step.qualityPercentSoFar),
  })),
  usdPerMonth: usd(usdPerMonth),
  savingPercent: round(savingPercent),
  qualityPercent: round(qualityPercent),
});
