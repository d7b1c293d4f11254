import type { Static } from '@sinclair/typebox';
import type { ComputeOptimalEstimate, TrainingPlan } from '../../domain/training/compute-optimal/estimate-result.ts';
import type {
  ComputeOptimalEstimateSchema,
  ComputeOptimalRequestSchema,
} from '../schemas/estimates/compute-optimal.ts';
import { BasisList, round, toApiFigure, toApiMoney } from './estimate-answer.ts';
import type { Replay } from './replay.ts';

type Wire = Static<typeof ComputeOptimalEstimateSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiComputeOptimal(
  estimate: ComputeOptimalEstimate,
  request: Static<typeof ComputeOptimalRequestSchema>,
  replay: Replay,
): Wire {
  if (estimate.status === 'infeasible') {
    const { status, summary, reasons, relaxation } = estimate;
    return { status, summary, reasons, ...(relaxation !== null && { relaxation }), request, replay };
  }
  const bases = new BasisList();
  const plan = (one: TrainingPlan) => ({
    ...one,
    tokens: round(one.tokens),
    tokensPerParameter: round(one.tokensPerParameter),
    expectedLoss: toApiFigure(one.expectedLoss, bases),
    trainingFlops: round(one.trainingFlops),
    lifetimeFlops: one.lifetimeFlops === null ? null : round(one.lifetimeFlops),
    wallClockDays: toApiFigure(one.wallClockDays, bases),
    deviceHours: toApiFigure(one.deviceHours, bases),
    compute: toApiMoney(one.compute, bases),
    wholeBill: toApiMoney(one.wholeBill, bases),
  });
  const { law, budget, inferenceAware, otherLaw } = estimate;
  return {
    status: 'feasible',
    summary: estimate.summary,
    law,
    budget: { ...budget, used: round(budget.used) },
    parameters: toApiFigure(estimate.parameters, bases),
    tokens: toApiFigure(estimate.tokens, bases),
    optimum: plan(estimate.optimum),
    otherLaw: {
      law: otherLaw.law,
      parameters: round(otherLaw.allocation.parameters),
      tokens: round(otherLaw.allocation.tokens),
    },
    ...(inferenceAware !== null && { inferenceAware: plan(inferenceAware) }),
    alternatives: estimate.alternatives.map(plan),
    shapeRule: estimate.shapeRule,
    bandBases: bases.list(),
    request,
    replay,
  };
}
