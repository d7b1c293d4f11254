/** What is named where no cluster trains it as asked: changed so, and nothing else, a cluster does. */
import { expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import type { TrainingClusterRequest } from '../../../../src/domain/recommendation/clusters/training-cluster-request.ts';
import { recommendTrainingClusters } from '../../../../src/domain/recommendation/clusters/training-clusters.ts';
import { AT, snapshot } from '../../seed.ts';
import { noPause } from '../seeded.ts';

const ask = (request: TrainingClusterRequest) => recommendTrainingClusters(snapshot, request, AT, noPause);
const long = { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12 };

it.each<[string, TrainingClusterRequest, readonly string[]]>([
  [
    'a deadline that few devices miss',
    { training: { ...long, deadlineDays: 2 }, constraints: { maxDevices: 64 } },
    ['/training/deadlineDays'],
  ],
  ['a deadline that all miss', { training: { ...long, deadlineDays: 0.5 } }, ['/training/deadlineDays']],
  ['a budget', { training: { ...long, budgetUsd: '1000' } }, ['/training/budgetUsd']],
  [
    'a place that offers nothing',
    { training: { ...long, deadlineDays: 20 }, location: { country: 'PK' } },
    ['/location/country'],
  ],
])('%s: each change leads to a cluster', async (_name, request, fields) => {
  const answer = await ask(request);
  if (answer.status !== 'infeasible') throw new Error('It was to be infeasible.');
  expect(answer.relaxations.length).toBeGreaterThan(0);
  expect([...new Set(answer.relaxations.map(({ relaxation }) => relaxation.field))]).toEqual(fields);
  for (const { category, relaxation } of answer.relaxations) {
    const changed = changedRequest({ ...request, accept: [category] }, relaxation.field, relaxation.to);
    const then = await ask(changed);
    expect(then.status).toBe('feasible');
    const [option] = then.status === 'feasible' ? then.options : [];
    expect(relaxation.effect).toContain(option?.estimate.cluster.deviceName);
    expect(option?.estimate.cluster.devices).toBeLessThanOrEqual(request.constraints?.maxDevices ?? 1e9);
  }
});
