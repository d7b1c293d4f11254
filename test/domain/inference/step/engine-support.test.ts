import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { defaultEngine } from '../../../../src/domain/inference/language/candidates.ts';
import { whyEngineNotOn } from '../../../../src/domain/inference/step/engine-support.ts';
import { snapshot } from '../../seed.ts';
import { estimate, feasible, infeasible } from '../seeded-estimates.ts';

const CHAT = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 } as const;

describe('engines and devices', () => {
  it('every device runs the engine that it is given by default', () => {
    for (const device of snapshot.devices) expect(whyEngineNotOn(device, defaultEngine(device)), device.id).toBeNull();
  });

  it.each([
    ['amd-mi300x-192gb', 'tensorrt_llm'],
    ['google-tpu-v5e', 'tensorrt_llm'],
    ['nvidia-grace', 'tensorrt_llm'],
    ['apple-m4-max', 'tensorrt_llm'],
    ['google-tpu-v5e', 'llama_cpp'],
    ['intel-gaudi3-128gb', 'sglang'],
  ] as const)('%s does not run %s, and the answer says what does', (device, engine) => {
    const request = { ...CHAT, device, serving: { engine } };
    const { reasons, relaxation } = infeasible(request);
    expect(reasons[0]?.constraint).toBe('engine_device');
    if (relaxation === null) throw new Error('another engine or device runs the model');
    feasible(changedRequest(request, relaxation.field, relaxation.to));
  });

  it('a device that does not run the engine is not chosen, however cheap', () => {
    const answer = estimate({ ...CHAT, location: { country: 'AE' }, serving: { engine: 'tensorrt_llm' } });
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    const chosen = [answer.deployment, ...answer.selection.alternatives];
    for (const { deviceId } of chosen) expect(deviceId).toMatch(/^nvidia-/);
  });

  it('a chip that the caller describes is taken at his word', () => {
    const customDevice = {
      name: 'next year',
      memoryGib: 192,
      memoryBandwidthGbPerSecond: 5000,
      densePeakTflops: { bf16: 1500 },
      tdpWatts: 800,
    };
    feasible({ ...CHAT, customDevice, serving: { engine: 'tensorrt_llm' }, purchase: { usdPerDeviceHour: '4' } });
  });
});
