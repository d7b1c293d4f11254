import type { Static } from '@sinclair/typebox';
import type { BuildOrBuyEstimate } from '../../domain/economics/build-or-buy/estimate-result.ts';
import type { BuildOrBuyRequestSchema, BuildOrBuySchema } from '../schemas/estimates/build-or-buy.ts';
import { BasisList, round, toApiAssumption, toApiCost, toApiMoney } from './estimate-answer.ts';
import type { Replay } from './replay.ts';
import { withoutInputs } from './summary-view.ts';

type Wire = Static<typeof BuildOrBuySchema>;

const maybe = (value: number | null): number | null => (value === null ? null : round(value));

/** `request` is the caller's own with the pins written out. */
export function toApiBuildOrBuy(
  estimate: BuildOrBuyEstimate,
  request: Static<typeof BuildOrBuyRequestSchema>,
  replay: Replay,
): Wire {
  const { summary, unavailable } = estimate;
  const assumptions = estimate.assumptions.map(toApiAssumption);
  if (estimate.status === 'infeasible')
    return { status: 'infeasible', summary, unavailable, assumptions, request, replay };
  const bases = new BasisList();
  return {
    status: 'feasible',
    summary,
    ways: estimate.ways.map(({ costPerMonth, costPerRequest, utilizationAtPeak, ...way }) => ({
      ...way,
      utilizationAtPeak: maybe(utilizationAtPeak),
      costPerMonth: toApiCost(costPerMonth, bases),
      costPerRequest: toApiMoney(costPerRequest, bases),
    })),
    breakEvens: estimate.breakEvens.map(({ requestsPerDay, utilization, ...even }) => ({
      ...even,
      requestsPerDay: maybe(requestsPerDay),
      utilization: maybe(utilization),
    })),
    unavailable,
    assumptions,
    bandBases: bases.list(),
    request,
    replay,
  };
}

/** Bills without their working. */
export function summaryOfBuildOrBuy(answer: Wire): Wire {
  const { assumptions: _assumptions, ...brief } = answer;
  if (brief.status === 'infeasible') return brief;
  const { bandBases: _bases, ways, ...rest } = brief;
  return { ...rest, ways: ways.map((way) => ({ ...way, costPerMonth: withoutInputs(way.costPerMonth) })) };
}
