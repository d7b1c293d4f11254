import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replicaDevices } from '../../../../src/domain/inference/step/configuration.ts';
import { StepModel } from '../../../../src/domain/inference/step/step.ts';
import { checkWorkload, stepTime, trainingFlops, trainingMemory } from '../../../../src/domain/training/index.ts';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';
import { rolloutOf } from '../../../../src/domain/training/rollout/rollout.ts';
import type { RolloutWork } from '../../../../src/domain/training/workload.ts';
import { modelOf } from '../../../validation/training/cases.ts';
import { h100, layout, workload } from '../fixtures.ts';
import { estimate } from '../seeded-estimates.ts';

const WORK: RolloutWork = {
  promptTokens: 512,
  responseTokens: 1024,
  responseVariation: 0.8,
  maxResponseTokens: 4096,
  groupSize: 16,
  rewardParameters: 0,
};
const eightB = (work: Partial<RolloutWork> = {}, answers = 512) =>
  workload('llama-3-8b', {
    method: 'grpo',
    sequenceLength: 1536,
    globalBatchSequences: answers,
    rollout: { ...WORK, ...work },
  });
const sampled = (work: Partial<RolloutWork> = {}, answers = 512, devices = 8) => {
  const asked = eightB(work, answers);
  const rollout = rolloutOf(asked, asked.rollout as RolloutWork, h100(devices));
  if (rollout === null) throw new Error('an 8B model is served on one H100');
  return rollout;
};

describe('sampling the answers of a step', () => {
  it('of one length takes as many decode steps of the serving model as an answer has tokens', () => {
    const { configuration, concurrentSequences, decodeSeconds, tailSeconds } = sampled({ responseVariation: 0 });
    const step = new StepModel(configuration).run(0, 0, concurrentSequences, 512 + 512, concurrentSequences);
    expect(decodeSeconds / (1024 * step)).toBeGreaterThan(0.9);
    expect(decodeSeconds / (1024 * step)).toBeLessThan(1.05);
    expect(tailSeconds).toBe(0);
  });

  it('waits for the longest: a wider spread and a later limit take longer, more answers never less', () => {
    const spread = fc.double({ min: 0, max: 1.5, noNaN: true });
    fc.assert(
      fc.property(spread, spread, fc.integer({ min: 1, max: 12 }), (a, b, doublings) => {
        const [narrow, wide] = a < b ? [a, b] : [b, a];
        const seconds = (work: Partial<RolloutWork>, answers?: number) => sampled(work, answers).decodeSeconds;
        const most = { maxResponseTokens: 100_000 };
        expect(seconds({ ...most, responseVariation: wide }) * 1.02).toBeGreaterThan(
          seconds({ ...most, responseVariation: narrow }),
        );
        expect(seconds({ maxResponseTokens: 8192 })).toBeGreaterThanOrEqual(seconds({ maxResponseTokens: 4096 }));
        const answers = 8 * 2 ** doublings;
        expect(seconds({}, answers * 2) * 1.02).toBeGreaterThan(seconds({}, answers));
      }),
      { numRuns: 40 },
    );
  });

  it('gives one answer each to as many replicas as there are answers, the rest wait', () => {
    const many = sampled({}, 512, 4096);
    expect(many.replicas).toBeGreaterThan(512);
    expect(many.sequencesPerReplica).toBe(1);
    expect(many.decodeSeconds).toBeGreaterThan(0);
    // on twice as many devices nothing is sooner
    expect(sampled({}, 512, 8192).decodeSeconds).toBeCloseTo(many.decodeSeconds, 9);
  });

  it('reads a prompt once for all of its answers', () => {
    expect(sampled({ groupSize: 16 }).prefillSeconds).toBeLessThan(sampled({ groupSize: 1 }).prefillSeconds / 8);
  });

  it('uses every device that makes whole replicas', () => {
    const { configuration, replicas } = sampled({}, 512, 64);
    expect(replicas * replicaDevices(configuration)).toBe(64);
  });

  it('needs devices that serve the policy, and names how many', () => {
    const large = workload('llama-3.1-405b', {
      method: 'grpo',
      sequenceLength: 1536,
      globalBatchSequences: 512,
      rollout: WORK,
    });
    const [refusal] = checkWorkload(large, h100(8));
    expect(refusal).toMatchObject({ code: 'rollout_memory', field: 'cluster.devices', actual: 8 });
    const enough = refusal?.nearestFeasible ?? 0;
    expect(rolloutOf(large, WORK, h100(enough))).not.toBeNull();
    expect(rolloutOf(large, WORK, h100(enough / 2))).toBeNull();
  });
});

describe('a step of GRPO', () => {
  const cut = layout({ dataParallel: 8, sharding: 'zero3', microBatchSequences: 2 });

  it('is sampling, scoring and an update with two forwards more than fine-tuning', () => {
    const model = modelOf('llama-3-8b');
    const flops = (method: 'grpo' | 'full_fine_tuning') =>
      trainingFlops(model, 1536, method, 'none').linearFlopsPerToken;
    expect(flops('grpo') / flops('full_fine_tuning')).toBeCloseTo(5 / 3, 9);
    const step = stepTime(eightB(), h100(8), cut);
    expect(step.split.rollout).toBe(sampled().seconds);
    expect(step.split.reward).toBe(0);
    const sum = Object.values(step.split).reduce((total, seconds) => total + seconds, 0);
    expect(sum / step.seconds).toBeCloseTo(1, 9);
    const judged = stepTime(eightB({ rewardParameters: 7e9 }), h100(8), cut);
    expect(judged.split.reward).toBeGreaterThan(0);
    expect(judged.seconds - step.seconds).toBeCloseTo(judged.split.reward, 6);
  });

  it('keeps a frozen reference beside the policy', () => {
    const weights = (method: 'grpo' | 'full_fine_tuning') =>
      trainingMemory({ ...eightB(), method }, h100(8), cut).weightsBytes;
    expect((weights('grpo') - weights('full_fine_tuning')) / ((2 * 8.03e9) / 8)).toBeCloseTo(1, 2);
  });
});

describe('an estimate of GRPO', () => {
  const BASE: TrainingRequest = {
    model: 'meta-llama/Llama-3.1-8B',
    tokens: 1e9,
    method: 'grpo',
    device: 'nvidia-h100-sxm5-80gb',
    cluster: { devices: 16 },
  };

  it('says how answers are sampled and lists what it took for granted', () => {
    const answer = estimate(BASE);
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    expect(answer.rollout).toMatchObject({ answersPerStep: 1024, weightFormat: 'bf16' });
    expect(answer.workload.sequenceLength).toBe(1536);
    expect(answer.assumptions.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['rollout.response_tokens', 'rollout.group_size', 'rollout.memory_share']),
    );
    expect(answer.step?.seconds.basis.description).toContain('no run of GRPO was measured');
  });

  it('lists which matrices get adapters only where the request does not say', () => {
    const ids = (request: TrainingRequest) => estimate(request).assumptions.map(({ id }) => id);
    const adapted = { ...BASE, method: 'grpo_lora' } as const;
    expect(ids(adapted)).toEqual(expect.arrayContaining(['run.lora_rank', 'run.lora_targets']));
    expect(ids({ ...adapted, loraTargets: 'query_value' })).not.toContain('run.lora_targets');
  });

  it('waits for no answer that is longer than the context of the model', () => {
    const longest = (responseTokens: number) =>
      estimate({ ...BASE, model: 'meta-llama/Llama-2-7b', rollout: { responseTokens } }).assumptions.find(
        ({ id }) => id === 'rollout.max_response_tokens',
      )?.value;
    expect(longest(256)).toBe(1024);
    expect(longest(1024)).toBe(4096 - 512);
  });

  it.each([
    [{ ...BASE, sequenceLength: 4096 }, '/sequenceLength'],
    [{ ...BASE, method: 'lora', rollout: { groupSize: 8 } }, '/rollout'],
    [{ ...BASE, rollout: { responseTokens: 4096, maxResponseTokens: 1024 } }, '/rollout/maxResponseTokens'],
    [{ ...BASE, rollout: { responseTokens: 200_000 } }, '/rollout/responseTokens'],
    [{ ...BASE, stages: [{ tokens: 1e6 }] }, '/stages'],
    [{ ...BASE, globalBatchTokens: 8 * 1536 }, '/globalBatchTokens'],
    [{ ...BASE, globalBatchTokens: 32 * 1536, rollout: { groupSize: 64 } }, '/globalBatchTokens'],
  ] as const)('refuses what contradicts itself: %#', (request, pointer) => {
    expect(() => estimate(request as TrainingRequest)).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ pointer })] }),
    );
  });
});
