/** Neural units run what their toolchain takes: the rest is refused with its source, what nobody says is flagged. */
import { describe, expect, it } from 'vitest';
import { operatorSupport, whyNot } from '../../../src/domain/devices/operator-support.ts';
import { snapshot } from '../seed.ts';
import { feasible, infeasible } from './seeded-estimates.ts';

const free = { usdPerDeviceHour: '0.01' };
const language = (device: string, more = {}) => ({
  model: 'Qwen/Qwen3-0.6B',
  requestsPerDay: 100,
  device,
  purchase: free,
  promptTokens: { mean: 100 },
  outputTokens: { mean: 50 },
  ...more,
});

describe('what the compilers of neural units take', () => {
  it.each([
    'aws-inferentia1',
    'google-coral-edge-tpu',
    'intel-movidius-myriad-x',
    'hailo-8',
    'hailo-8l',
    'rockchip-rk3568',
    'rockchip-rv1126',
  ])('%s runs vision models and no language models, and its source says so', (device) => {
    const { reasons } = infeasible(language(device));
    expect(reasons[0]).toMatchObject({ constraint: 'operators_unsupported' });
    expect(reasons[0]?.detail).toMatch(/\(.*(awsdocs-neuron|coral\.ai|openvino|hailo|airockchip).*\)/);
    const vision = feasible({ model: 'resnet50-v1.5', requestsPerDay: 100, device, purchase: free });
    expect(vision.assumptions.find(({ id }) => id === 'device.operator_support')?.value).toBe('of this kind');
  });

  it('rules out other kinds of models where the documentation does', () => {
    const { reasons } = infeasible({
      model: 'bert-large',
      requestsPerDay: 100,
      device: 'google-coral-edge-tpu',
      purchase: free,
    });
    expect(reasons[0]?.constraint).toBe('operators_unsupported');
  });

  it('has 4-bit weights on the boards that they were published for, and on no other', () => {
    expect(feasible(language('rockchip-rk3576', { serving: { weightFormat: 'int4' } })).deployment.weightFormat).toBe(
      'int4',
    );
    const { reasons, relaxation } = infeasible(language('rockchip-rk3588', { serving: { weightFormat: 'int4' } }));
    expect(reasons[0]?.detail).toMatch(/runs fp16, int8/);
    expect(relaxation?.field ?? '/serving/weightFormat').toBe('/serving/weightFormat');
    expect(feasible(language('rockchip-rk3588', { serving: { weightFormat: 'int8' } })).deployment.weightFormat).toBe(
      'int8',
    );
  });

  it('flags what nobody says', () => {
    const { assumptions } = feasible(language('qualcomm-snapdragon-x-elite'));
    expect(assumptions.find(({ id }) => id === 'device.operator_support')?.value).toBe('not known');
    expect(
      feasible(language('nvidia-jetson-agx-orin-64gb')).assumptions.some(({ id }) => id === 'device.operator_support'),
    ).toBe(false);
  });

  it('speaks of devices of the catalog, and contradicts itself nowhere', () => {
    for (const device of snapshot.devices) {
      const support = operatorSupport(device);
      if (support === null) continue;
      for (const kind of support.runs) expect(whyNot(device, kind), `${device.id} ${kind}`).toBeNull();
    }
  });
});
