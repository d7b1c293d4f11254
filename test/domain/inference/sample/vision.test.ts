import { describe, expect, it } from 'vitest';
import { latencyLimits } from '../../../../src/domain/inference/latency-objectives.ts';
import {
  batchedMeanSeconds,
  sampleDevicesFor,
  sampleLatencyUnderLoad,
} from '../../../../src/domain/inference/sample/load.ts';
import { type SampleServing, samplePeak } from '../../../../src/domain/inference/sample/serving.ts';
import { visionServing } from '../../../../src/domain/inference/sample/vision-serving.ts';
import type { VisionArchitecture } from '../../../../src/domain/models/architecture.ts';
import { snapshot } from '../../seed.ts';
import { edgeTpu, h100, l4, orin, t4 } from '../fixtures.ts';

const isVision = (architecture: { readonly kind: string }): architecture is VisionArchitecture =>
  architecture.kind.startsWith('vision_');

const resnet50: VisionArchitecture = {
  kind: 'vision_classification',
  family: 'resnet',
  parametersTotal: 25.56e6,
  flopsPerSample: 8.2e9,
  inputHeight: 224,
  inputWidth: 224,
};

const served = (...input: Parameters<typeof visionServing>): SampleServing => {
  const result = visionServing(...input);
  if (result.status !== 'ok') throw new Error(result.refusals.map(({ message }) => message).join(' '));
  return result;
};

describe('vision serving', () => {
  it('gives what was measured where it was measured', () => {
    const result = served(resnet50, t4, 'int8');
    expect(result.basis).toBe('measured');
    expect(result.anchorIds).toEqual(['nvidia-t4-16gb/resnet50/int8']);
    expect(result.samplesPerSecond).toBeCloseTo(6121.33, 0);
    expect(result.singleStreamSeconds).toBeCloseTo(0.818e-3, 5);
  });

  it('scales an unmeasured model by its FLOPs on a measured device', () => {
    const larger = { ...resnet50, parametersTotal: 60e6, flopsPerSample: 23.2e9 };
    const result = served(larger, l4, 'int8');
    expect(result.basis).toBe('scaled');
    const ratio = served(resnet50, l4, 'int8').samplesPerSecond / result.samplesPerSecond;
    expect(ratio).toBeGreaterThan(1.8);
    expect(ratio).toBeLessThan(4);
  });

  it('falls back on the class of an unmeasured device and widens the band', () => {
    const result = served(
      resnet50,
      { ...h100, id: 'acme-x1', densePeakFlops: { int8: 989e12 }, tdpWatts: 350 },
      'int8',
    );
    expect(result.basis).toBe('class');
    const h100Rate = served(resnet50, h100, 'int8').samplesPerSecond;
    expect(result.samplesPerSecond / h100Rate).toBeGreaterThan(0.3);
    expect(result.samplesPerSecond / h100Rate).toBeLessThan(0.7);
    const width = ({ throughputUncertainty: { p10, p90 } }: SampleServing) => p90 / p10;
    expect(width(result)).toBeGreaterThan(width(served(resnet50, h100, 'int8')));
  });

  it('takes int8 where the device has it, and refuses formats it lacks', () => {
    expect(served(resnet50, edgeTpu, null).format).toBe('int8');
    const refused = visionServing(resnet50, edgeTpu, 'fp8');
    expect(refused).toMatchObject({
      status: 'refused',
      refusals: [{ code: 'format_not_runnable', alternatives: ['int8'] }],
    });
  });

  it('refuses a device without a peak', () => {
    const refused = visionServing(resnet50, { ...l4, id: 'none', densePeakFlops: {} }, null);
    expect(refused).toMatchObject({
      status: 'refused',
      refusals: [{ code: 'figure_missing', alternatives: ['peak_flops'] }],
    });
  });

  it('passes no bound that nobody measured beyond, on any device in any format', () => {
    const models = snapshot.models.flatMap(({ architecture }) => (isVision(architecture) ? [architecture] : []));
    expect(models.length).toBeGreaterThan(100);
    const beyond: string[] = [];
    for (const [index, device] of snapshot.devices.entries()) {
      // every model on some devices, every device with some models
      for (const model of models.filter((_, position) => (position + index) % 5 === 0)) {
        const result = visionServing(model, device, null);
        if (result.status !== 'ok') continue;
        const { samplesPerSecond, singleStreamSeconds, throughputUncertainty: band, format, basis } = result;
        const peak = samplePeak(device, format) as number;
        const possible =
          basis === 'measured' ||
          (samplesPerSecond * model.flopsPerSample <= 1.51 * peak && samplesPerSecond * singleStreamSeconds < 48.01);
        const banded = band.p10 > 0 && band.p10 <= band.p50 && band.p50 <= band.p90;
        if (!possible || !banded || !(singleStreamSeconds >= 1e-4))
          beyond.push(`${model.flopsPerSample} on ${device.id}`);
      }
    }
    expect(beyond).toEqual([]);
  });

  it('has a wider band for a network that no device of the kind ran', () => {
    const width = ({ throughputUncertainty: { p10, p90 } }: SampleServing) => p90 / p10;
    const unknown = { ...resnet50, flopsPerSample: 5.1e10, parametersTotal: 3e6 };
    for (const device of [l4, orin, edgeTpu]) {
      expect(width(served(unknown, device, 'int8')), device.id).toBeGreaterThan(
        1.3 * width(served(resnet50, device, 'int8')),
      );
    }
  });

  it('takes 8-bit weights beside 16-bit activations at half the 8-bit rate, on neural units alone', () => {
    const phone = snapshot.devices.find(({ id }) => id === 'qualcomm-snapdragon-8-gen-3');
    if (phone === undefined) throw new Error('The catalog has this phone.');
    expect(samplePeak(phone, 'w8a16')).toBe((samplePeak(phone, 'int8') as number) / 2);
    expect(samplePeak(h100, 'w8a16')).toBeNull();
    expect(samplePeak(edgeTpu, 'w8a16')).toBeNull();
  });

  it('is slower alone than its share of a full batch', () => {
    for (const device of [h100, l4, t4, orin]) {
      const result = served(resnet50, device, 'int8');
      expect(result.singleStreamSeconds).toBeGreaterThanOrEqual(1 / result.samplesPerSecond);
    }
  });
});

/** Takes everything that waits as one batch; seeded. */
function simulateBatches(rate: number, start: number, perSample: number, samples: number) {
  let state = 99_991;
  const uniform = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 0.5) / 2 ** 32;
  };
  const arrivals: number[] = [];
  let time = 0;
  for (let i = 0; i < samples; i++) {
    time -= Math.log(uniform()) / rate;
    arrivals.push(time);
  }
  const latencies: number[] = [];
  let clock = 0;
  let next = 0;
  while (next < samples) {
    clock = Math.max(clock, arrivals[next] as number);
    let last = next;
    while (last < samples && (arrivals[last] as number) <= clock) last++;
    clock += start + (last - next) * perSample;
    for (; next < last; next++) latencies.push(clock - (arrivals[next] as number));
  }
  latencies.sort((a, b) => a - b);
  return {
    mean: latencies.reduce((total, latency) => total + latency, 0) / samples,
    p95: latencies[Math.floor(samples * 0.95)] as number,
  };
}

describe('a vision device under load', () => {
  const serving = served(resnet50, l4, 'int8');

  it('has the mean latency of dynamic batching', () => {
    const perSample = 1 / serving.samplesPerSecond;
    const start = serving.singleStreamSeconds - perSample;
    for (const load of [0.1, 0.4, 0.7, 0.9]) {
      const rate = load * serving.samplesPerSecond;
      const simulated = simulateBatches(rate, start, perSample, 100_000);
      expect(batchedMeanSeconds(rate, start, perSample) / simulated.mean).toBeGreaterThan(0.97);
      expect(batchedMeanSeconds(rate, start, perSample) / simulated.mean).toBeLessThan(1.12);
      const { latencySeconds } = sampleLatencyUnderLoad(serving, { requestsPerSecond: rate, arrivalCv2: 1 });
      expect(latencySeconds.p95 / simulated.p95).toBeGreaterThan(0.85);
      expect(latencySeconds.p95 / simulated.p95).toBeLessThan(1.15);
    }
  });

  it('queues one at a time where batching gains nothing', () => {
    const coral = served({ ...resnet50, flopsPerSample: 3e9, parametersTotal: 6.6e6 }, edgeTpu, 'int8');
    const half = sampleLatencyUnderLoad(coral, { requestsPerSecond: coral.samplesPerSecond / 2, arrivalCv2: 1 });
    // M/D/1 at half load waits half a service time on average
    expect(half.waitSeconds.mean / (0.5 / coral.samplesPerSecond)).toBeCloseTo(1, 1);
  });

  it('is unstable at its rate', () => {
    const full = sampleLatencyUnderLoad(serving, { requestsPerSecond: serving.samplesPerSecond, arrivalCv2: 1 });
    expect(full.stable).toBe(false);
    expect(full.latencySeconds.p50).toBe(Number.POSITIVE_INFINITY);
  });

  it('needs devices for the rate, more for the latency, none for the impossible', () => {
    const load = { requestsPerSecond: 50_000, arrivalCv2: 1 };
    const byRate = sampleDevicesFor(serving, load, { latency: [], maxUtilization: 0.7 }, 1);
    expect(byRate.devices).toBe(Math.ceil(50_000 / (0.7 * serving.samplesPerSecond)) + 1);
    const objective = serving.singleStreamSeconds * 1.5;
    const byLatency = sampleDevicesFor(
      serving,
      load,
      { latency: latencyLimits({ endToEndMsP95: objective * 1000 }), maxUtilization: 0.7 },
      1,
    );
    expect(byLatency.devices).toBeGreaterThan(byRate.devices as number);
    expect(byLatency.bindingConstraint).toBe('latency_objective');
    expect(byLatency.perDevice.latencySeconds.p95).toBeLessThanOrEqual(objective);
    const impossible = {
      latency: latencyLimits({ endToEndMsP95: serving.singleStreamSeconds * 500 }),
      maxUtilization: 0.7,
    };
    expect(sampleDevicesFor(serving, load, impossible, 1).devices).toBeNull();
  });
});
