import { describe, expect, test } from 'vitest';
import residuals from '../../../src/domain/calibration/training-residuals.json' with { type: 'json' };
import { trainingUncertainty, visionTraining } from '../../../src/domain/training/index.ts';
import { clusterFor, visionCases } from '../../validation/training/cases.ts';
import { achievedEfficiency, imagesSeen, RESNET50_FORWARD_FLOPS } from '../../validation/training/vision.ts';
import { h100, llama8b, workload } from './fixtures.ts';

const given = { layoutGiven: true, stackGiven: true };
const chosen = { layoutGiven: false, stackGiven: false };
const width = (factor: { p10: number; p90: number }) => Math.log(factor.p90 / factor.p10);

test('every group is ordered and counts its cases', () => {
  for (const [id, group] of Object.entries(residuals.groups)) {
    expect(group.p10, id).toBeLessThanOrEqual(group.p50);
    expect(group.p50, id).toBeLessThanOrEqual(group.p90);
    expect(group.cases, id).toBeGreaterThan(0);
  }
});

describe('bands', () => {
  test.each(['step_time', 'device_hours'] as const)('%s: wider where the layout is not given', (metric) => {
    expect(width(trainingUncertainty(llama8b.workload, llama8b.cluster, chosen, metric))).toBeGreaterThan(
      width(trainingUncertainty(llama8b.workload, llama8b.cluster, given, metric)),
    );
  });

  test('mixture of experts is less sure than dense', () => {
    const moe = workload('qwen3-235b-a22b');
    expect(width(trainingUncertainty(moe, h100(64), given, 'step_time'))).toBeGreaterThan(
      width(trainingUncertainty(llama8b.workload, h100(64), given, 'step_time')),
    );
  });

  test('the same group is the same object, so that totals move together', () => {
    expect(trainingUncertainty(llama8b.workload, h100(64), given, 'memory')).toBe(
      trainingUncertainty(llama8b.workload, h100(8), given, 'memory'),
    );
  });

  test('a generation that nobody measured falls back to the wider group', () => {
    const cluster = { ...h100(8), device: { ...h100(8).device, id: 'custom', name: 'Tomorrow 1' } };
    expect(trainingUncertainty(llama8b.workload, cluster, given, 'step_time').basis.id).toBe(
      'training/step_time/layout_given/dense/all',
    );
  });
});

describe('vision training', () => {
  const resnet50 = {
    kind: 'vision_classification' as const,
    family: 'resnet',
    parametersTotal: 25.6e6,
    flopsPerSample: RESNET50_FORWARD_FLOPS,
    inputHeight: 224,
    inputWidth: 224,
  };

  test('ResNet-50 on 8 A100: MLPerf device-hours lie in the band', () => {
    const measured = visionCases().filter(({ hardware, devices }) => hardware === 'A100-80GB' && devices === 8);
    const answer = visionTraining(resnet50, clusterFor('a100-80gb', 8), imagesSeen, 'bf16');
    if (answer.status !== 'ok') throw new Error(answer.refusals[0]?.message);
    expect(measured.length).toBeGreaterThan(0);
    const predicted = (8 * answer.secondsTotal) / 3600;
    for (const { deviceHours } of measured) {
      expect(deviceHours).toBeGreaterThan(predicted * answer.uncertainty.p10);
      expect(deviceHours).toBeLessThan(predicted * answer.uncertainty.p90);
    }
    expect(answer.fits).toBe(true);
  });

  test('twice the images take twice as long; no class beats its peak', () => {
    const seconds = (images: number) => {
      const answer = visionTraining(resnet50, clusterFor('a100-80gb', 8), images, 'bf16');
      return answer.status === 'ok' ? answer.secondsTotal : Number.NaN;
    };
    expect(seconds(2e7) / seconds(1e7)).toBeCloseTo(2, 9);
    for (const entry of visionCases()) expect(achievedEfficiency(entry)).toBeLessThan(1);
  });

  test('an unmeasured class, fp8 and negative images are refused with reasons', () => {
    const refused = (device: string, precision: 'bf16' | 'fp8', images = 1e6) => {
      const answer = visionTraining(resnet50, clusterFor(device, 8), images, precision);
      return answer.status === 'refused' ? answer.refusals.map(({ code }) => code) : [];
    };
    expect(refused('mi355x', 'bf16')).toEqual(['model_kind']);
    expect(refused('h100-sxm', 'fp8')).toEqual(['method_precision']);
    expect(refused('h100-sxm', 'bf16', -5)).toEqual(['invalid_number']);
  });
});
