/** Every device of the catalog gets an answer or a typed reason, never an exception. */
import { describe, expect, it } from 'vitest';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { snapshot } from '../seed.ts';

const AT = '2026-10-01T00:00:00.000Z';

const answers = (model: string) =>
  snapshot.devices.map((device) => ({
    device,
    answer: estimateInference(
      snapshot,
      { model, requestsPerDay: 10_000, device: device.id, purchase: { usdPerDeviceHour: '1' } },
      AT,
    ),
  }));

describe('a small and a large model on every device', () => {
  it.each(['Qwen/Qwen3-0.6B', 'meta-llama/Llama-3.1-8B', 'deepseek-ai/DeepSeek-V3'])('%s', (model) => {
    for (const { device, answer } of answers(model)) {
      if (answer.status === 'infeasible') {
        expect(answer.reasons.length, device.id).toBeGreaterThan(0);
        continue;
      }
      if (answer.performance.kind !== 'language') throw new Error('A language model has language figures.');
      const { p10, p50, p90 } = answer.performance.timePerOutputTokenMs.p50;
      expect(p10, device.id).toBeGreaterThan(0);
      expect(p50, device.id).toBeGreaterThanOrEqual(p10);
      expect(p90, device.id).toBeGreaterThanOrEqual(p50);
    }
  });

  it('answers on most of them', () => {
    const large = answers('meta-llama/Llama-3.1-8B').filter(({ device }) => (device.memoryBytes ?? 0) >= 2 ** 34);
    const feasible = large.filter(({ answer }) => answer.status === 'feasible');
    expect(large.length).toBeGreaterThan(0.5 * snapshot.devices.length);
    expect(feasible.length).toBeGreaterThan(0.8 * large.length);
  });
});

describe('processors', () => {
  const ask = (device: string, serving = {}, purchase = {}) =>
    estimateInference(
      snapshot,
      { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 5 * 86_400, device, serving, purchase },
      AT,
    );

  it.each(['intel-xeon-8480plus', 'amd-epyc-9654'])('%s serves five requests per second', (device) => {
    const answer = ask(device);
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    expect(answer.deployment.engine).toBe('vllm');
    expect(answer.deployment.devices).toBeGreaterThan(1);
  });

  it('takes the memory of the offered machine, and lists it', () => {
    const { assumptions } = ask('intel-xeon-8480plus');
    const memory = assumptions.find(({ id }) => id === 'serving.host_memory_gib_per_socket');
    expect(memory).toMatchObject({ value: 384, field: '/serving/hostMemoryGibPerSocket' });
    expect(memory?.source).toContain('m7i.metal-48xl');
  });

  it('falls back to a default where no machine is offered', () => {
    const { assumptions } = ask('amd-epyc-9965', {}, { usdPerDeviceHour: '2' });
    expect(assumptions.find(({ id }) => id === 'serving.host_memory_gib_per_socket')?.value).toBe(256);
  });

  it('is bound by the memory that the caller states', () => {
    const answer = ask('intel-xeon-8480plus', { hostMemoryGibPerSocket: 12 });
    expect(answer.status).toBe('infeasible');
    expect(answer.assumptions.some(({ id }) => id === 'serving.host_memory_gib_per_socket')).toBe(false);
  });
});
