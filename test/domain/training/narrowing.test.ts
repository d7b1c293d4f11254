/** The input that is said to narrow a band most does so when it is given, and more than any other. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../src/domain/estimate/changed-request.ts';
import type { Purchase } from '../../../src/domain/estimate/selectors.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { estimate, feasible, H100 } from './seeded-estimates.ts';

type Figure = 'deviceHours' | 'totalCost';
const bandOf = ({ run, cost }: FeasibleTraining, figure: Figure) =>
  figure === 'deviceHours' ? run.deviceHours : cost.total.band;
const width = (band: { readonly p10: number; readonly p90: number }) => band.p90 - band.p10;

/** The request with the value that the answer went by written into a field. */
function stating(request: TrainingRequest, answer: FeasibleTraining, field: string): TrainingRequest {
  if (field === '/layout') {
    const { tensorParallel, pipelineParallel } = answer.layout as NonNullable<FeasibleTraining['layout']>;
    return { ...request, layout: { tensorParallel, pipelineParallel } };
  }
  const stated = changedRequest(request, field, valueUsed(answer, field));
  const wholeServers = answer.cost.lineItems.every(({ id }) => id !== 'compute.servers');
  return field === '/purchase/owned/purchasePricePerDevice' && wholeServers
    ? changedRequest(stated, '/purchase/owned/serverMultiplier', 1)
    : stated;
}

function valueUsed(answer: FeasibleTraining, field: string): unknown {
  if (field === '/purchase/usdPerDeviceHour' || field === '/purchase/owned/purchasePricePerDevice') {
    const [price] = answer.prices;
    return price === undefined ? undefined : (Number(price.amount) / price.deviceCount).toFixed(6);
  }
  if (field === '/data/datasetTerabytes') return answer.storage?.datasetTerabytes;
  return answer.assumptions.find((assumption) => assumption.field === field)?.value;
}

/** Bands are sampled, and a stated stage factor or layout also moves the median. */
const SAMPLING = 0.03;

const requests: fc.Arbitrary<TrainingRequest> = fc.record(
  {
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'Qwen/Qwen3-30B-A3B'),
    tokens: fc.constantFrom(1e9, 1e11, 2e12),
    device: fc.constantFrom(H100, 'nvidia-b200-sxm-180gb'),
    cluster: fc.record({ devices: fc.constantFrom(64, 256) }),
    method: fc.constantFrom('pretraining' as const, 'full_fine_tuning' as const, 'lora' as const),
    purchase: fc.constantFrom<Purchase>({ category: 'on_demand' }, { category: 'spot' }, { category: 'owned' }),
    run: fc.record({ stageFactor: fc.constant(1.2), experimentsMultiple: fc.constant(1) }, { requiredKeys: [] }),
    people: fc.record(
      { engineers: fc.constant(4), preparationMonths: fc.constant(3), usdPerEngineerYear: fc.constant(250_000) },
      { requiredKeys: [] },
    ),
    data: fc.record({ cleaningUsdPerBillionTokens: fc.constant(20) }, { requiredKeys: [] }),
  },
  { requiredKeys: ['model', 'tokens', 'device', 'cluster', 'purchase'] },
);

describe('the inputs that narrow a band', () => {
  it('narrow it by as much as is said when they are given, and the first of them more than any other', () => {
    fc.assert(
      fc.property(requests, fc.constantFrom<Figure>('deviceHours', 'totalCost'), (request, figure) => {
        fc.pre(estimate(request).status === 'feasible');
        const answer = feasible(request);
        const now = width(bandOf(answer, figure));
        const named = answer.narrowing[figure];
        const narrowedBy = (field: string) =>
          1 - width(bandOf(feasible(stating(request, answer, field)), figure)) / now;
        for (const { field, narrowsByPercent } of named) {
          expect(Math.abs(narrowedBy(field) - narrowsByPercent / 100), field).toBeLessThan(SAMPLING);
        }
        const best = (named[0]?.narrowsByPercent ?? 0) / 100;
        const others = answer.assumptions.filter(({ range, value }) => range !== null && Number(value) > 0);
        for (const { field } of others) {
          expect(narrowedBy(field), `${field} beside ${named[0]?.field}`).toBeLessThan(best + SAMPLING);
        }
      }),
      { numRuns: 12, seed: 20261128 },
    );
  });

  it('differ by the run: stages of a long pretraining, experiments and people of a small fine-tuning', () => {
    const pretraining = feasible({ model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: H100 });
    expect(pretraining.narrowing.deviceHours.map(({ field }) => field)).toEqual(['/run/stageFactor']);
    const adapter = feasible({ model: 'meta-llama/Llama-3.1-8B', tokens: 1e8, method: 'lora', device: H100 });
    expect(adapter.narrowing.totalCost[0]?.field).toMatch(/^\/people\//);
  });

  it('names the layout where the stages are said and the cut is not, and nothing where both are', () => {
    const stagesSaid: TrainingRequest = {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 1e12,
      device: H100,
      cluster: { devices: 256 },
      run: { stageFactor: 1.1 },
    };
    expect(feasible(stagesSaid).narrowing.deviceHours.map(({ field }) => field)).toEqual(['/layout']);
    const layout = { tensorParallel: 1, pipelineParallel: 1 };
    expect(feasible({ ...stagesSaid, layout }).narrowing.deviceHours).toEqual([]);
  });
});
