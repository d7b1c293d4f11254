/** `view=summary`: the answer without its working, a few kilobytes. The full one is a request with the same pins away. */
import type { Static } from '@sinclair/typebox';
import type { CostBreakdownSchema } from '../schemas/estimates/answer.ts';
import type { OptimizationReportSchema } from '../schemas/estimates/inference/optimization-response.ts';
import type { InferenceEstimateSchema } from '../schemas/estimates/inference/response.ts';
import type { TrainingEstimateSchema } from '../schemas/estimates/training/response.ts';

type Cost = Static<typeof CostBreakdownSchema>;
type Optimizations = Static<typeof OptimizationReportSchema>;

export const withoutInputs = ({ total, lineItems }: Cost): Cost => ({
  total,
  lineItems: lineItems.map(({ inputs: _inputs, ...item }) => item),
});

export function summaryOfInference(
  estimate: Static<typeof InferenceEstimateSchema>,
): Static<typeof InferenceEstimateSchema> {
  const { assumptions: _assumptions, ...brief } = estimate;
  if (brief.status === 'infeasible') return brief;
  const { bandBases: _bases, selection, costPerMonth, ...rest } = brief;
  const { excluded: _excluded, ...chosen } = selection;
  const { optimizations, performance, ...figures } = rest;
  return {
    ...figures,
    performance: withoutAnchors(performance),
    selection: chosen,
    costPerMonth: withoutInputs(costPerMonth),
    ...(optimizations !== undefined && { optimizations: withoutOptions(optimizations) }),
  };
}

type Performance = Extract<Static<typeof InferenceEstimateSchema>, { status: 'feasible' }>['performance'];

/** A class of devices may have hundreds of measurements behind it. */
function withoutAnchors(performance: Performance): Performance {
  if (!('anchorIds' in performance)) return performance;
  const { anchorIds: _anchorIds, ...figures } = performance;
  return figures;
}

/** Verdict and waterfalls; the options with their sources are in the full answer. */
const withoutOptions = ({ options: _options, ...report }: Optimizations): Optimizations => report;

export function summaryOfTraining(
  estimate: Static<typeof TrainingEstimateSchema>,
): Static<typeof TrainingEstimateSchema> {
  const { assumptions: _assumptions, ...brief } = estimate;
  if (brief.status === 'infeasible') return brief;
  const { bandBases: _bases, layoutAlternatives: _alternatives, selection, cost, ...rest } = brief;
  const { excluded: _excluded, ...chosen } = selection;
  return { ...rest, selection: chosen, cost: withoutInputs(cost) };
}
