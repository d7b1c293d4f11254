/**
 * What prefill and decode on replicas of their own would save on the hardware that wins: the same trial as in the report of the
 * estimate's optimizations. It is set beside and does not rank: no estimate can be asked for such a pair yet. Pools on different
 * devices are compared by the mixed fleet.
 */

import { DISAGGREGATION } from '../inference/optimization/traffic-options.ts';
import { Laboratory, plainTrial } from '../inference/optimization/trial.ts';
import type { OptimizationComparison } from './compare-presets.ts';
import type { RankedOption } from './result.ts';
import type { SearchContext } from './search-options.ts';

/** @param limitUsd of the cheapest accepted option */
export function disaggregationOf(
  { snapshot, at }: Pick<SearchContext, 'snapshot' | 'at'>,
  { estimate, estimateRequest }: RankedOption,
  limitUsd: number,
): OptimizationComparison {
  const { label, precondition, quality } = DISAGGREGATION;
  const facts = {
    id: 'disaggregated' as const,
    label,
    quality,
    precondition,
    cheapest: null,
    change: null,
    pruned: 0,
    assumes: '50 GB/s between replicas (25 to 100): whether the provider has it the catalog does not say',
  };
  const refused = (detail: string | null): OptimizationComparison => ({
    ...facts,
    status: 'not_available',
    detail,
    savingUsdPerMonth: null,
    atLeastUsdPerMonth: null,
    evaluated: 0,
  });
  if (estimate.performance.kind !== 'language')
    return refused('Only language models read prompts and write tokens apart.');
  const outcome = new Laboratory(snapshot, at).run({ ...plainTrial(estimateRequest), disaggregated: true });
  if (outcome.status === 'refused') return refused(outcome.detail);
  const { usdPerMonth } = outcome.metrics;
  const saving = limitUsd - usdPerMonth;
  return {
    ...facts,
    status: saving > 0 ? 'saves' : 'saves_nothing',
    detail: outcome.remark,
    savingUsdPerMonth: saving > 0 ? saving : null,
    atLeastUsdPerMonth: usdPerMonth,
    evaluated: 1,
  };
}
