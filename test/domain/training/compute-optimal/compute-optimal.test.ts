import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import { estimateComputeOptimal } from '../../../../src/domain/training/compute-optimal/compute-optimal.ts';
import type { ComputeOptimalRequest } from '../../../../src/domain/training/compute-optimal/request.ts';
import { estimateTraining } from '../../../../src/domain/training/estimate.ts';
import { AT, snapshot } from '../../seed.ts';

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

  it.each([
    { budgetUsd: '10000', sequenceLength: 131_072 },
    { budgetUsd: '10000', sequenceLength: 32_768 },
    { budgetDays: 1, cluster: { devices: 8 }, sequenceLength: 131_072 },
    { budgetUsd: '1' },
    { budgetUsd: '10000' },
  ])('no other size reaches less loss with %j, whatever attention takes of it', (request) => {
    const { optimum, alternatives } = feasible({ ...request, device });
    for (const { label, expectedLoss } of alternatives) {
      expect(expectedLoss.p50, label).toBeGreaterThan(optimum.expectedLoss.p50 - 1e-3);
    }
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
    expect(training.prices.length).toBeGreaterThan(0);
    expect(optimum.prices).toEqual(training.prices);
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
  });

  it.each([
    [{ budgetUsd: '0.000001', device }, '/budgetUsd'],
    [{ budgetDeviceHours: 1e-6, device }, '/budgetDeviceHours'],
    [{ budgetFlops: 1e6, device }, '/budgetFlops'],
    [{ budgetDays: 1e-8, device, cluster: { devices: 8 } }, '/budgetDays'],
  ] as [ComputeOptimalRequest, string][])(
    '%j: names the least budget that trains anything, no more',
    (request, field) => {
      const nothing = estimateComputeOptimal(snapshot, request, AT);
      if (nothing.status !== 'infeasible') throw new Error(nothing.summary);
      expect(nothing.relaxation?.field).toBe(field);
      const least = nothing.relaxation?.to;
      const at = (to: unknown) => estimateComputeOptimal(snapshot, changedRequest(request, field, to), AT);
      expect(at(least).status).toBe('feasible');
      expect(at(typeof least === 'string' ? String(Number(least) * 0.9) : Number(least) * 0.9).status).toBe(
        'infeasible',
      );
    },
  );

  it('names a change that works where the cluster is too large for what the budget trains', () => {
    const request = { budgetUsd: '0.01', device, cluster: { devices: 1024 } };
    const wide = estimateComputeOptimal(snapshot, request, AT);
    if (wide.status !== 'infeasible' || wide.relaxation === null) throw new Error(wide.summary);
    const changed = changedRequest(request, wide.relaxation.field, wide.relaxation.to);
    expect(estimateComputeOptimal(snapshot, changed, AT).status).toBe('feasible');
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
