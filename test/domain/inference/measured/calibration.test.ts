/** The caller's own measurements move the estimate towards them, and narrow its band. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import type { FeasibleInference } from '../../../../src/domain/inference/estimate-result.ts';
import { movedToOwn } from '../../../../src/domain/inference/measured/own-level.ts';
import type { CalibrationPoint, InferenceRequest } from '../../../../src/domain/inference/request.ts';
import { assumedFactor } from '../../../../src/domain/uncertainty/band.ts';
import { estimate, feasible, H100 } from '../seeded-estimates.ts';

const CHAT: InferenceRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 5_000_000,
  device: H100,
  promptTokens: { mean: 1024, coefficientOfVariation: 0.5 },
  outputTokens: { mean: 256, coefficientOfVariation: 0.5 },
};
const RUN: CalibrationPoint = { concurrency: 32, promptTokens: 1024, outputTokens: 256 };

const withPoints = (...points: CalibrationPoint[]): FeasibleInference => feasible({ ...CHAT, calibration: { points } });

function changeOf(answer: FeasibleInference, metric: string) {
  const change = answer.calibration?.metrics.find((one) => one.metric === metric);
  if (change === undefined) throw new Error(`${metric} did not change`);
  return change;
}

function language({ performance }: FeasibleInference) {
  if (performance.kind !== 'language') throw new Error('a language model answers as one');
  return performance;
}

/** What the model itself says of the run, ms per token, read off the ratio that a point of 10 ms makes. */
function predictedTpot(): number {
  const ratio = /predicted ([\d.]+)/.exec(
    language(withPoints({ ...RUN, timePerOutputTokenMs: 10 })).timePerOutputTokenMs.p50.basis.description,
  );
  return 10 / Number(ratio?.[1]);
}

describe('a level moved to own measurements', () => {
  const group = assumedFactor('group', 0.8, 1.3, 'A group.');

  it('lies between the group and the measurements, nearer to them the more there are, with an ever narrower band', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.3, max: 3, noNaN: true }), (ratio) => {
        let distance = Math.abs(Math.log(ratio));
        let width = Math.log(group.p90 / group.p10);
        for (const points of [1, 2, 5, 20]) {
          const own = Array.from({ length: points }, () => ({ ratio, inflation: 1 }));
          const { p10, p50, p90 } = movedToOwn(group, own, 0.07, 'A time');
          expect(Math.abs(Math.log(ratio / p50))).toBeLessThanOrEqual(distance + 1e-12);
          expect(Math.log(p90 / p10)).toBeLessThan(width);
          distance = Math.abs(Math.log(ratio / p50));
          width = Math.log(p90 / p10);
        }
        expect(distance).toBeLessThan(0.05);
      }),
    );
  });

  it('covers measurements of other runs of the same deployment as often as it says', () => {
    // a deployment 20 % slower than its group, measured three times, then very often
    let state = 12_345;
    const uniform = () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state + 0.5) / 2 ** 31;
    };
    const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    let covered = 0;
    const trials = 4000;
    for (let trial = 0; trial < trials; trial++) {
      const level = Math.log(1) + 0.17 * normal();
      const draw = () => Math.exp(level + 0.07 * normal());
      const own = [draw(), draw(), draw()].map((ratio) => ({ ratio, inflation: 1 }));
      const band = movedToOwn(assumedFactor('group', 0.79, 1.2658, 'A group.'), own, 0.07, 'A time');
      const next = draw();
      if (next >= band.p10 && next <= band.p90) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.77);
    expect(covered / trials).toBeLessThan(0.87);
  });
});

describe('an estimate with measurements of the caller', () => {
  const free = feasible(CHAT);
  const expected = predictedTpot();

  it('moves to them, narrows, and says what changed', () => {
    const slower = withPoints(
      { ...RUN, timePerOutputTokenMs: expected * 1.3 },
      { ...RUN, concurrency: 64, timePerOutputTokenMs: expected * 1.3 * 1.4 },
    );
    const change = changeOf(slower, 'tpot');
    expect(change.points).toBe(2);
    expect(change.after.p50).toBeGreaterThan(change.before.p50);
    const before = language(free).timePerOutputTokenMs.p50;
    const after = language(slower).timePerOutputTokenMs.p50;
    expect(after.basis.id).toContain('/own');
    expect(after.p50).toBeGreaterThan(before.p50);
    // tokens that take longer leave less capacity
    expect(changeOf(slower, 'throughput').after.p50).toBeLessThan(changeOf(slower, 'throughput').before.p50);
    expect(slower.deployment.devices).toBeGreaterThanOrEqual(free.deployment.devices);
  });

  it('narrows its band where they agree with each other', () => {
    const points = [16, 32, 48, 64].map((concurrency) => ({ ...RUN, concurrency }));
    const ratios = language(withPoints(...points.map((point) => ({ ...point, timePerOutputTokenMs: expected }))))
      .timePerOutputTokenMs.p50.basis.description;
    const each = /predicted ([\d., ]+)\)/.exec(ratios)?.[1]?.split(', ').map(Number) as number[];
    const agreeing = points.map((point, index) => ({
      ...point,
      timePerOutputTokenMs: (expected / (each[index] as number)) * 1.1,
    }));
    const { before, after } = changeOf(withPoints(...agreeing), 'tpot');
    expect(after.p90 / after.p10).toBeLessThan(before.p90 / before.p10);
    expect(after.p50).toBeGreaterThan(before.p50);
    expect(after.p50).toBeLessThan(1.12);
  });

  it('takes a rate of tokens for the same as the time per token that goes with it', () => {
    const byTime = withPoints({ ...RUN, timePerOutputTokenMs: expected * 1.2 });
    const byRate = withPoints({ ...RUN, outputTokensPerSecond: 1000 });
    expect(changeOf(byTime, 'throughput').after.p50).toBeLessThan(changeOf(byTime, 'throughput').before.p50);
    expect(changeOf(byRate, 'tpot').after.p50).toBeGreaterThan(changeOf(byRate, 'tpot').before.p50);
  });

  it('leaves other devices and engines alone', () => {
    const other = withPoints({ ...RUN, device: 'nvidia-l40s-48gb', timePerOutputTokenMs: 30 });
    expect(other.calibration).toEqual({ metrics: [] });
    expect(language(other).timePerOutputTokenMs).toEqual(language(free).timePerOutputTokenMs);
    const sglang = withPoints({ ...RUN, engine: 'sglang', timePerOutputTokenMs: 10 });
    expect(sglang.calibration).toEqual({ metrics: [] });
  });

  it('is held against objectives as it is reported', () => {
    const points = [{ ...RUN, timePerOutputTokenMs: expected * 1.5 }];
    const objectives = { timePerOutputTokenMsP95: 25 };
    const answer = estimate({ ...CHAT, calibration: { points }, objectives });
    if (answer.status === 'infeasible') return;
    expect(language(answer).timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(25 * (1 + 1e-9));
  });

  it('works by the sample too', () => {
    const vision: InferenceRequest = { model: 'resnet50-v1.5', requestsPerDay: 1e9, device: 'nvidia-l4-24gb' };
    const usual = feasible(vision);
    const half = feasible({
      ...vision,
      calibration: { points: [{ samplesPerSecond: 6000 }, { samplesPerSecond: 6100 }] },
    });
    if (usual.performance.kind !== 'vision' || half.performance.kind !== 'vision') throw new Error('images');
    expect(half.performance.imagesPerSecondPerDevice.p50).toBeLessThan(usual.performance.imagesPerSecondPerDevice.p50);
    expect(half.deployment.devices).toBeGreaterThan(usual.deployment.devices);
    expect(changeOf(half, 'samples_per_second').points).toBe(2);
  });
});

describe('a measurement that cannot be taken', () => {
  it.each([
    [{ timePerOutputTokenMs: 10 }, '/calibration/points/0/concurrency'],
    [{ concurrency: 8 }, '/calibration/points/0'],
    [{ concurrency: 8, timePerOutputTokenMs: 9000 }, '/calibration/points/0/timePerOutputTokenMs'],
    [{ concurrency: 8, samplesPerSecond: 5 }, '/calibration/points/0/samplesPerSecond'],
    [{ requestsPerSecond: 1e6, ttftMs: 50 }, '/calibration/points/0/requestsPerSecond'],
    [{ requestsPerSecond: 1, outputTokensPerSecond: 50 }, '/calibration/points/0/outputTokensPerSecond'],
    [{ concurrency: 8, ttftMs: 50, device: 'h9000' }, '/calibration/points/0/device'],
    [{ concurrency: 8, ttftMs: 50, device: 'google-coral-edge-tpu' }, '/calibration/points/0'],
    [{ concurrency: 8, ttftMs: 50, tensorParallel: 1024 }, '/calibration/points/0'],
    [{ concurrency: 8, ttftMs: 50, weightFormat: 'fp32' }, '/calibration/points/0/weightFormat'],
  ] as [CalibrationPoint, string][])('%j is refused at %s', (point, pointer) => {
    try {
      withPoints(point);
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      expect(error.faults[0]?.pointer).toBe(pointer);
      return;
    }
    throw new Error('The point was taken.');
  });
});
