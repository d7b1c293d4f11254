import { describe, expect, it } from 'vitest';
import { loadSeed } from '../../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../../src/catalog/seed/snapshot-from-seed.ts';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { type ComputeOptimalRequest, estimateComputeOptimal } from '../../../src/domain/training/compute-optimal.ts';
import { estimateTraining } from '../../../src/domain/training/estimate.ts';

const snapshot = snapshotFromSeed(loadSeed());
const AT = '2026-11-24T00:00:00.000Z';
const device = 'nvidia-h100-sxm5-80gb';

function feasible(request: ComputeOptimalRequest) {
  const answer = estimateComputeOptimal(snapshot, request, AT);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

describe('planning for a budget', () => {
  it('of the FLOPs of Chinchilla gives about 70 B on 1.4 T tokens, and what the other law says', () => {
    const { parameters, tokens, optimum, otherLaw } = feasible({ budgetFlops: 5.76e23, device });
    expect(parameters.p10).toBeLessThan(70e9);
    expect(parameters.p90).toBeGreaterThan(70e9);
    expect(tokens.p10).toBeLessThan(1.4e12);
    expect(tokens.p90).toBeGreaterThan(1.4e12);
    expect(optimum.trainingFlops / 5.76e23).toBeCloseTo(1, 6);
    expect(otherLaw.allocation.parameters).toBeLessThan(optimum.parameters);
  });

  it.each([
    [{ budgetUsd: '1000000', device }],
    [{ budgetDeviceHours: 1e6, device }],
    [{ budgetDays: 30, device, cluster: { devices: 1024 } }],
    [{ budgetUsd: '100000' }],
  ] as [ComputeOptimalRequest][])('%j is nearly spent, never exceeded', (request) => {
    const { budget, optimum, alternatives } = feasible(request);
    expect(budget.used).toBeLessThanOrEqual(budget.limit * 1.000001);
    expect(budget.used).toBeGreaterThan(budget.limit * 0.9);
    expect(alternatives).toHaveLength(3);
    for (const { deviceId } of alternatives) expect(deviceId).toBe(optimum.deviceId);
  });

  it('prices the optimum as the training estimate does', () => {
    const { optimum } = feasible({ budgetUsd: '1000000', device });
    const training = estimateTraining(
      snapshot,
      { customLanguageModel: optimum.shape, tokens: optimum.tokens, device },
      AT,
    );
    if (training.status !== 'feasible') throw new Error(training.summary);
    expect(training.cost.total).toEqual(optimum.wholeBill);
  });

  it('trains a smaller model longer where it will infer much, for fewer FLOPs over its life at the same loss', () => {
    const { optimum, inferenceAware } = feasible({ budgetUsd: '1000000', device, lifetimeInferenceTokens: 2e13 });
    if (inferenceAware === null) throw new Error('inference was given');
    expect(inferenceAware.parameters).toBeLessThan(optimum.parameters);
    expect(inferenceAware.tokens).toBeGreaterThan(optimum.tokens);
    expect(inferenceAware.lifetimeFlops ?? 0).toBeLessThan(optimum.lifetimeFlops ?? 0);
    expect(inferenceAware.expectedLoss.p50).toBeCloseTo(optimum.expectedLoss.p50, 2);
  });

  it('is infeasible where nothing is offered, and where the budget pays for nothing', () => {
    const nowhere = estimateComputeOptimal(snapshot, { budgetUsd: '1000000', device, location: { country: 'PK' } }, AT);
    expect(nowhere).toMatchObject({ status: 'infeasible', reasons: [{ constraint: 'not_offered' }] });
    const nothing = estimateComputeOptimal(snapshot, { budgetUsd: '0.000001', device }, AT);
    expect(nothing).toMatchObject({ status: 'infeasible', relaxation: { field: '/budgetUsd' } });
  });

  it.each([
    [{ device }, '', 'required'],
    [{ device, budgetUsd: '5', budgetFlops: 1e20 }, '/budgetUsd', 'exclusive'],
    [{ device, budgetUsd: '0' }, '/budgetUsd', 'exclusiveMinimum'],
    [{ device, budgetDays: 5 }, '/cluster/devices', 'required'],
    [{ device, budgetUsd: '1000000', purchase: { usdPerDeviceHour: '0' } }, '/budgetUsd', 'contradiction'],
  ] as [ComputeOptimalRequest, string, string][])('%j is refused at %s by %s', (request, pointer, rule) => {
    try {
      estimateComputeOptimal(snapshot, request, AT);
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      expect(error.faults[0]).toMatchObject({ pointer, rule });
      return;
    }
    throw new Error('The request was taken.');
  });
});
