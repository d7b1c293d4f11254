/** Estimates leave room for others while they are worked out, and no other changes what they say. */
import { describe, expect, it } from 'vitest';
import { type Interruptible, uninterrupted } from '../../../src/domain/estimate/interruptible.ts';
import { estimateTraining, estimatingTrainingInFull } from '../../../src/domain/training/estimate.ts';
import { searchingLayout, searchLayout } from '../../../src/domain/training/index.ts';
import { findingConstraint } from '../../../src/domain/training/language/estimate-language.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { clusterFor } from '../../validation/training/cases.ts';
import { AT, snapshot } from '../seed.ts';
import { workload } from './fixtures.ts';

const QUESTIONS: readonly TrainingRequest[] = [
  { model: 'Qwen/Qwen3-30B-A3B', tokens: 3e11, sequenceLength: 16_384, cluster: { objective: 'fastest' } },
  { model: 'meta-llama/Llama-3.1-8B', tokens: 3e11, deadlineDays: 45 },
  { model: 'mistralai/Mixtral-8x7B-v0.1', tokens: 3e11, cluster: { objective: 'fastest' }, budgetUsd: '1000' },
];

/** All of them, one step of each in turn. */
function together<Result>(works: readonly Interruptible<Result>[]): { result: Result; steps: number }[] {
  const done = new Map<number, { result: Result; steps: number }>();
  for (let steps = 0; done.size < works.length; steps++) {
    works.forEach((work, index) => {
      if (done.has(index)) return;
      const step = work.next();
      if (step.done === true) done.set(index, { result: step.value, steps });
    });
  }
  return works.map((_, index) => done.get(index) as { result: Result; steps: number });
}

describe('a training estimate', () => {
  it('says among others what it says alone', () => {
    const outcomes = together(QUESTIONS.map((question) => estimatingTrainingInFull(snapshot, question, AT)));
    outcomes.forEach(({ result, steps }, index) => {
      const alone = estimateTraining(snapshot, QUESTIONS[index] as TrainingRequest, AT);
      expect(JSON.stringify(result)).toBe(JSON.stringify(alone));
      // every device that is tried takes at least one
      expect(steps).toBeGreaterThan(20);
    });
    expect(outcomes.map(({ result }) => result.status)).toEqual(['feasible', 'feasible', 'infeasible']);
  });

  it('in full has found what limits the run before that is asked for', () => {
    const question: TrainingRequest = { model: 'meta-llama/Llama-3.1-8B', tokens: 2e11, cluster: { devices: 64 } };
    const estimate = uninterrupted(estimatingTrainingInFull(snapshot, question, AT));
    if (estimate.status !== 'feasible') throw new Error(estimate.summary);
    expect(findingConstraint(estimate).next().done).toBe(true);
    expect(estimate.bindingConstraint).toBe(estimate.bindingConstraint);
  });
});

describe('the search for a layout', () => {
  it('can be left every few cuts, and finds the same', () => {
    const job = workload('qwen3-235b-a22b', { globalBatchSequences: 4096, sequenceLength: 32_768 });
    const cluster = clusterFor('gb200', 512);
    const search = searchingLayout(job, cluster);
    let rests = 0;
    let step = search.next();
    for (; step.done !== true; step = search.next()) rests++;
    expect(rests).toBeGreaterThan(10);
    expect(searchLayout(job, { ...cluster, device: { ...cluster.device } })).toEqual(step.value);
  });
});
