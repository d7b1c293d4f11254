/**
 * Questions whose answers an expert would sign, asserted by properties: class of device, what binds, order of magnitude. Each is
 * reviewed in docs/recommendations-reviewed.md. Prices are those of the seed, so that money is asserted within a factor.
 */
import { describe, expect, it } from 'vitest';
import type { InferenceRecommendationRequest } from '../../../src/domain/recommendation/request.ts';
import type { FeasibleRecommendation } from '../../../src/domain/recommendation/result.ts';
import { feasible, infeasible } from './seeded.ts';

interface Golden {
  readonly name: string;
  readonly request: InferenceRecommendationRequest;
  /** Classes of device that the winner may be of. */
  readonly classes: readonly string[];
  /** USD a month of the winner. */
  readonly between: readonly [number, number];
  readonly also?: (answer: FeasibleRecommendation) => void;
}

const winner = ({ options }: FeasibleRecommendation) => {
  const [first] = options;
  if (first === undefined) throw new Error('No option.');
  return first;
};
const costOfClass = (answer: FeasibleRecommendation, deviceClass: string): number =>
  answer.cheapestByDeviceClass.find((entry) => entry.deviceClass === deviceClass)?.cheapest.option.usdPerMonth ??
  Number.POSITIVE_INFINITY;
const costOfDevice = (answer: FeasibleRecommendation, deviceId: string): number =>
  answer.options.find(({ option }) => option.point.device.id === deviceId)?.option.usdPerMonth ??
  Number.POSITIVE_INFINITY;
const H100 = 'nvidia-h100-sxm5-80gb';

const flat = { peakToMeanRatio: 1, arrivalVariability: 0 };

const QUESTIONS: readonly Golden[] = [
  {
    name: 'a small classifier at 5 requests a second runs on a small card or chip, not on an H100',
    request: {
      inference: { model: 'torchvision/resnet50', requestsPerDay: 432_000, objectives: { endToEndMsP95: 100 } },
      maxOptions: 25,
    },
    classes: ['asic', 'inference_gpu', 'cpu'],
    between: [50, 1000],
    also: (answer) => {
      expect(costOfDevice(answer, H100)).toBeGreaterThan(3 * winner(answer).option.usdPerMonth);
      expect(costOfDevice(answer, 'nvidia-t4-16gb')).toBeLessThan(1500);
      expect(winner(answer).option.point.utilizationAtPeak).toBeLessThan(0.5);
    },
  },
  {
    name: '70B chat at 10 M requests a day takes dozens of large accelerators, at a fraction of a cent a request',
    request: { inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 10_000_000 }, maxOptions: 25 },
    classes: ['datacenter_gpu'],
    between: [150_000, 1_000_000],
    also: (answer) => {
      expect(winner(answer).option.point.devices).toBeGreaterThan(30);
      expect(winner(answer).option.point.utilizationAtPeak).toBeGreaterThan(0.6);
      expect(Number(winner(answer).estimate.costPerRequest.amount.amount)).toBeLessThan(0.01);
      expect(costOfDevice(answer, H100)).toBeLessThan(2 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: '405B in 16 bits needs groups of eight devices of more than 80 GB',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-405B', requestsPerDay: 1_000_000 },
      maxOptions: 25,
      leftOut: { limit: 500 },
    },
    classes: ['datacenter_gpu'],
    between: [150_000, 1_500_000],
    also: (answer) => {
      const { point } = winner(answer).option;
      expect(point.devicesInOneNode).toBe(8);
      expect((point.device.memoryBytes ?? 0) * 8).toBeGreaterThan(810e9);
      const h100 = answer.leftOut.items.find(({ familyId }) => familyId.startsWith(`${H100}/`));
      expect(h100?.constraint).toBe('memory');
    },
  },
  {
    name: 'keyword spotting on the device takes a board of a few watts for about a dollar a month',
    request: {
      inference: {
        customVisionModel: {
          name: 'keyword spotter',
          task: 'classification',
          parametersMillions: 0.5,
          gigaflopsPerImage: 0.05,
          inputHeight: 49,
          inputWidth: 40,
        },
        requestsPerDay: 86_400,
        traffic: { peakToMeanRatio: 1 },
        objectives: { endToEndMsP95: 50, spareReplicas: 0 },
      },
      constraints: { deviceClasses: ['edge'] },
      purchase: { accept: ['owned'] },
    },
    classes: ['edge'],
    between: [0.2, 10],
    also: (answer) => {
      expect(winner(answer).option.point.devices).toBe(1);
      expect(winner(answer).option.point.device.tdpWatts ?? 0).toBeLessThanOrEqual(10);
    },
  },
  {
    name: 'a billion documents embedded in a night of eight hours: tens of small GPUs, paid for the night alone',
    request: {
      inference: {
        model: 'BAAI/bge-base-en-v1.5',
        requestsPerDay: 1_000_000_000,
        promptTokens: { mean: 300 },
        traffic: { ...flat, activeHoursPerDay: 8 },
        objectives: { maxUtilization: 0.95, spareReplicas: 0 },
        scaling: { mode: 'scale_to_zero' },
      },
    },
    classes: ['inference_gpu', 'datacenter_gpu'],
    between: [500, 10_000],
    also: (answer) => {
      const { point } = winner(answer).option;
      expect(point.devices).toBeGreaterThan(5);
      expect(point.devices).toBeLessThan(100);
      expect(point.paidHours).toBeCloseTo((8 * 730) / 24, 6);
      expect(point.utilizationAtPeak).toBeGreaterThan(0.8);
    },
  },
  {
    name: 'a 1B model at ten thousand requests a day needs the smallest there is, twice for the spare',
    request: { inference: { model: 'meta-llama/Llama-3.2-1B', requestsPerDay: 10_000 }, maxOptions: 25 },
    classes: ['asic', 'inference_gpu', 'cpu'],
    between: [100, 1000],
    also: (answer) => {
      expect(winner(answer).option.point.devices).toBe(2);
      expect(winner(answer).estimate.bindingConstraint.constraint).toBe('single_replica');
      expect(costOfDevice(answer, H100)).toBeGreaterThan(3 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'calls of two minutes transcribed by Whisper: a few small GPUs; processors cost many times that',
    request: {
      inference: {
        model: 'openai/whisper-large-v3',
        requestsPerDay: 200_000,
        audioSecondsPerRequest: 120,
        objectives: { endToEndMsP95: 10_000 },
      },
    },
    classes: ['inference_gpu'],
    between: [300, 4000],
    also: (answer) => expect(costOfClass(answer, 'cpu')).toBeGreaterThan(10 * winner(answer).option.usdPerMonth),
  },
  {
    name: '50,000 images a day by SDXL within 15 s: a handful of small GPUs',
    request: {
      inference: {
        model: 'stabilityai/stable-diffusion-xl-base-1.0',
        requestsPerDay: 50_000,
        objectives: { endToEndMsP95: 15_000 },
      },
    },
    classes: ['inference_gpu', 'datacenter_gpu'],
    between: [500, 8000],
    also: (answer) => expect(winner(answer).option.point.devices).toBeLessThan(30),
  },
  {
    name: '10 ms per token of an 8B model takes memory bandwidth: HBM, and the latency objective binds',
    request: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 1_000_000,
        objectives: { timePerOutputTokenMsP95: 10 },
      },
    },
    classes: ['datacenter_gpu'],
    between: [3000, 40_000],
    also: (answer) => {
      expect(winner(answer).option.point.device.memoryBandwidthBytesPerSecond ?? 0).toBeGreaterThan(2e12);
      expect(winner(answer).estimate.bindingConstraint.constraint).toBe('tpot_objective');
      expect(costOfClass(answer, 'inference_gpu')).toBeGreaterThan(2 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'prompts of 60,000 tokens to a 70B model cost ten times those of a chat, on large accelerators',
    request: {
      inference: {
        model: 'meta-llama/Llama-3.1-70B',
        requestsPerDay: 100_000,
        promptTokens: { mean: 60_000, coefficientOfVariation: 0.3 },
        outputTokens: { mean: 1000 },
      },
    },
    classes: ['datacenter_gpu'],
    between: [100_000, 800_000],
    also: (answer) => expect(Number(winner(answer).estimate.costPerRequest.amount.amount)).toBeGreaterThan(0.02),
  },
  {
    name: 'DeepSeek-V3 in its fp8: 671 GB of weights in one group, and only devices with fp8 units',
    request: { inference: { model: 'deepseek-ai/DeepSeek-V3', requestsPerDay: 1_000_000 }, leftOut: { limit: 500 } },
    classes: ['datacenter_gpu'],
    between: [50_000, 400_000],
    also: (answer) => {
      const { point } = winner(answer).option;
      expect((point.device.memoryBytes ?? 0) * point.devicesPerReplica).toBeGreaterThan(671e9);
      expect(point.serving.weightFormat).toBe('fp8');
      expect(point.device.densePeakFlops.fp8).toBeDefined();
    },
  },
  {
    name: 'an 8B chat that may not leave Saudi Arabia runs in one of the two offers there',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 },
      constraints: { countries: ['SA'] },
    },
    classes: ['inference_gpu', 'datacenter_gpu'],
    between: [1000, 15_000],
    also: (answer) => {
      expect(winner(answer).option.country).toBe('SA');
      expect(answer.optionCount).toBeLessThanOrEqual(4);
    },
  },
  {
    name: 'a 70B chat in the UAE is served by the large accelerators offered there',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      constraints: { countries: ['AE'] },
    },
    classes: ['datacenter_gpu'],
    between: [40_000, 250_000],
    also: (answer) => {
      expect(winner(answer).option.country).toBe('AE');
      expect(costOfClass(answer, 'inference_gpu')).toBeGreaterThan(3 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'within a fifth of the cheapest, the least carbon emits no more than the cheapest',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 5_000_000 },
      rankBy: [{ by: 'cost', withinPercent: 20 }, { by: 'carbon' }],
    },
    classes: ['datacenter_gpu', 'inference_gpu'],
    between: [5000, 40_000],
    also: (answer) => {
      const cheapest = answer.byPurchase.find(({ category }) => category === 'on_demand')?.cheapest.option;
      expect(winner(answer).option.usdPerMonth).toBeLessThanOrEqual(1.2 * (cheapest?.usdPerMonth ?? 0));
      expect(winner(answer).option.carbonKilograms ?? 0).toBeLessThanOrEqual(cheapest?.carbonKilograms ?? 0);
    },
  },
  {
    name: 'fp8 admitted takes more than a third off the bill of a 70B chat',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      constraints: { minAccuracyPercent: 99 },
    },
    classes: ['datacenter_gpu'],
    between: [10_000, 40_000],
    also: async (answer) => {
      expect(winner(answer).option.point.serving.weightFormat).toBe('fp8');
      expect(winner(answer).option.point.accuracyPercent).toBe(99);
    },
  },
  {
    name: 'a camera at 30 frames a second on a board of its own: a neural accelerator of a few watts',
    request: {
      inference: {
        model: 'ultralytics/yolov8s',
        requestsPerDay: 2_592_000,
        traffic: flat,
        objectives: { endToEndMsP95: 33, spareReplicas: 0 },
      },
      constraints: { deviceClasses: ['edge'] },
      purchase: { accept: ['owned'] },
    },
    classes: ['edge'],
    between: [0.5, 30],
    also: (answer) => expect(winner(answer).option.point.endToEndMsP95).toBeLessThanOrEqual(33),
  },
  {
    name: 'a mixture of experts of 117B parameters in 4 bits fits one device of 80 GB and more',
    request: { inference: { model: 'openai/gpt-oss-120b', requestsPerDay: 1_000_000 } },
    classes: ['datacenter_gpu'],
    between: [2000, 20_000],
    also: (answer) => expect(winner(answer).option.point.devicesPerReplica).toBe(1),
  },
  {
    name: 'spot for a service that tolerates interruptions costs less than on demand, where the spares suffice',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 2_000_000 },
      purchase: { accept: ['on_demand', 'spot'] },
      constraints: { availabilityPercent: 99.9 },
    },
    classes: ['datacenter_gpu', 'inference_gpu'],
    between: [2000, 15_000],
    also: (answer) => {
      expect(winner(answer).option.category).toBe('spot');
      const steady = answer.byPurchase.find(({ category }) => category === 'on_demand')?.cheapest.option;
      expect(steady?.usdPerMonth ?? 0).toBeGreaterThan(winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'a ranking model at a billion queries a day is cheap work for a few devices',
    request: { inference: { model: 'mlperf/dlrm-v2', requestsPerDay: 1_000_000_000 } },
    classes: ['inference_gpu', 'datacenter_gpu'],
    between: [300, 6000],
    also: (answer) => expect(Number(winner(answer).estimate.costPerRequest.amount.amount)).toBeLessThan(1e-6),
  },
  {
    name: 'a small text classifier at 5 requests a second takes one core of a processor, twice for the spare, and no GPU',
    request: {
      inference: {
        model: 'sentence-transformers/all-MiniLM-L6-v2',
        requestsPerDay: 432_000,
        objectives: { endToEndMsP95: 200 },
      },
      maxOptions: 25,
    },
    classes: ['cpu'],
    between: [50, 300],
    also: (answer) => {
      expect(winner(answer).option.point.device.memoryBytes ?? 0).toBeLessThan(16e9);
      expect(costOfDevice(answer, H100)).toBeGreaterThan(10 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'sentence embeddings at 50 a second idle on any small card, and some cores carry them within 50 ms at a like price',
    request: {
      inference: {
        model: 'sentence-transformers/all-MiniLM-L6-v2',
        requestsPerDay: 4_320_000,
        objectives: { endToEndMsP95: 50 },
      },
      maxOptions: 25,
    },
    classes: ['asic', 'inference_gpu', 'cpu'],
    between: [100, 1000],
    also: (answer) => {
      expect(costOfDevice(answer, H100)).toBeGreaterThan(3 * winner(answer).option.usdPerMonth);
      const cheapest = (of: string) =>
        answer.cheapestByDeviceClass.find(({ deviceClass }) => deviceClass === of)?.cheapest.option;
      expect(cheapest('inference_gpu')?.point.utilizationAtPeak).toBeLessThan(0.1);
      const processor = cheapest('cpu');
      expect(processor?.point.endToEndMsP95).toBeLessThanOrEqual(50);
      expect(processor?.usdPerMonth).toBeLessThan(2 * winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'calls of five minutes transcribed overnight: consumer cards for ten hours a day, run hot, no spare',
    request: {
      inference: {
        model: 'openai/whisper-large-v3',
        requestsPerDay: 100_000,
        audioSecondsPerRequest: 300,
        traffic: { ...flat, activeHoursPerDay: 10 },
        scaling: { mode: 'scale_to_zero' },
        objectives: { maxUtilization: 0.95, spareReplicas: 0 },
      },
      maxOptions: 25,
    },
    classes: ['inference_gpu'],
    between: [100, 1000],
    also: (answer) => {
      expect(winner(answer).option.point.utilizationAtPeak).toBeGreaterThan(0.7);
      expect(winner(answer).option.point.paidHours).toBeLessThan(310);
      expect(costOfDevice(answer, H100)).toBeGreaterThan(winner(answer).option.usdPerMonth);
    },
  },
  {
    name: 'SDXL: the L4 costs less than the A10 and the A10G, whose arithmetic is older',
    request: {
      inference: { model: 'stabilityai/stable-diffusion-xl-base-1.0', requestsPerDay: 20_000 },
      constraints: { devices: ['nvidia-l4-24gb', 'nvidia-a10-24gb', 'nvidia-a10g-24gb'] },
    },
    classes: ['inference_gpu'],
    between: [1000, 4000],
    also: (answer) => {
      const cheapest = winner(answer).option;
      expect(cheapest.point.device.id).toBe('nvidia-l4-24gb');
      for (const device of ['nvidia-a10-24gb', 'nvidia-a10g-24gb']) {
        expect(costOfDevice(answer, device) / cheapest.usdPerMonth).toBeGreaterThan(1.2);
        expect(costOfDevice(answer, device) / cheapest.usdPerMonth).toBeLessThan(4);
      }
    },
  },
  {
    name: '671B in 8 bits: four MI300X or eight H200 a replica, never one node of H100',
    request: {
      inference: {
        model: 'deepseek-ai/DeepSeek-V3',
        requestsPerDay: 500_000,
        objectives: { timePerOutputTokenMsP95: 60 },
      },
      constraints: { devices: ['nvidia-h200-sxm5-141gb', 'nvidia-b200-sxm-180gb', 'amd-mi300x-192gb', H100] },
    },
    classes: ['datacenter_gpu'],
    between: [40_000, 250_000],
    also: (answer) => {
      const perReplica = new Map(
        answer.options.map(({ option }) => [option.point.device.id, option.point.devicesPerReplica]),
      );
      expect(perReplica.get('amd-mi300x-192gb')).toBe(4);
      expect(perReplica.get('nvidia-h200-sxm5-141gb')).toBe(8);
      expect(perReplica.has(H100)).toBe(false);
      const ofH100 = answer.leftOut.items.filter(({ deviceId }) => deviceId === H100);
      expect(ofH100.map(({ constraint }) => constraint)).toContain('memory');
    },
  },
  {
    name: 'least energy: a large card that is kept busy, at a price; what nobody measured is not called frugal',
    request: { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000 }, rankBy: [{ by: 'energy' }] },
    classes: ['datacenter_gpu'],
    between: [4000, 40_000],
    also: (answer) => {
      const { option } = winner(answer);
      for (const other of [
        ...answer.options.map((ranked) => ranked.option),
        ...answer.paretoFront.map((o) => o.option),
      ]) {
        if (other.facilityKilowattHours === null) continue;
        expect(option.facilityKilowattHours).toBeLessThanOrEqual(other.facilityKilowattHours + 1e-9);
      }
      expect(option.facilityKilowattHours).not.toBeNull();
    },
  },
  {
    name: 'least carbon: a grid of water and nuclear power, a tenth of what the cheapest emits',
    request: { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000 }, rankBy: [{ by: 'carbon' }] },
    classes: ['datacenter_gpu', 'inference_gpu'],
    between: [4000, 60_000],
    also: (answer) => {
      const { option } = winner(answer);
      expect(['CH', 'SE', 'NO', 'FR', 'FI', 'CA', 'BR', 'IS']).toContain(option.country);
      const [cheapest] = answer.paretoFront;
      expect((cheapest?.option.carbonKilograms ?? 0) / (option.carbonKilograms ?? 1)).toBeGreaterThan(5);
    },
  },
  {
    name: 'providers seated in the United States only: no other law reaches them',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 300_000 },
      constraints: { providerCountries: ['US'] },
      maxOptions: 25,
    },
    classes: ['datacenter_gpu'],
    between: [8000, 60_000],
    also: (answer) => {
      for (const { option } of answer.options) expect(option.providerCountry).toBe('US');
      expect(answer.leftOut.groups.map(({ constraint }) => constraint)).toContain('provider_countries');
    },
  },
  {
    name: 'nothing of China: neither its makers, nor providers seated there, nor a place that cannot be shown to lie elsewhere',
    request: {
      inference: { model: 'Qwen/Qwen3-32B', requestsPerDay: 300_000 },
      constraints: {
        excludedCountries: ['CN', 'HK'],
        excludedProviderCountries: ['CN'],
        excludedVendors: ['Huawei'],
      },
      maxOptions: 25,
    },
    classes: ['datacenter_gpu'],
    between: [5000, 50_000],
    also: (answer) => {
      for (const { option } of answer.options) {
        expect(option.country).not.toBeNull();
        expect(['CN', 'HK']).not.toContain(option.country);
        expect(option.providerCountry).not.toBe('CN');
      }
    },
  },
  {
    name: 'TPUs alone: the newest of those rented out, in slices of a pod; none of them can be bought',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      constraints: { deviceClasses: ['tpu'] },
    },
    classes: ['tpu'],
    between: [50_000, 200_000],
    also: (answer) => {
      expect(['google-tpu-v6e', 'google-tpu-v5p', 'google-tpu-v7']).toContain(winner(answer).option.point.device.id);
      expect(answer.byPurchase.map(({ category }) => category)).not.toContain('owned');
    },
  },
  {
    name: 'owned hardware for an 8B model at a million requests a day is servers, not a wall of boards',
    request: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000 },
      purchase: { accept: ['owned'] },
      constraints: { countries: ['DE'] },
    },
    classes: ['datacenter_gpu', 'inference_gpu', 'asic'],
    between: [1000, 10_000],
    also: (answer) => {
      const boards = answer.leftOut.groups.find(({ constraint }) => constraint === 'edge_devices');
      expect(boards?.count).toBeGreaterThan(0);
      expect(boards?.nearest.failures[0]?.change).toMatchObject({ field: '/constraints/maxEdgeDevices' });
    },
  },
];

describe('questions an expert would sign', () => {
  it.each(QUESTIONS.map((question) => [question.name, question] as const))(
    '%s',
    async (_name, { request, classes, between, also }) => {
      const answer = await feasible(request);
      const { option } = winner(answer);
      expect(classes).toContain(option.point.device.class);
      expect(option.usdPerMonth).toBeGreaterThan(between[0]);
      expect(option.usdPerMonth).toBeLessThan(between[1]);
      also?.(answer);
    },
  );

  it('a hall of 20 kW is too small for 70B in 16 bits at a million requests a day, and large enough in 8 bits', async () => {
    const request = {
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      purchase: { accept: ['owned'] as const },
      constraints: {
        countries: ['DE'],
        facility: { maxKilowatts: 20, coolingClasses: ['air'] as const },
        deviceClasses: ['datacenter_gpu'] as const,
      },
    };
    const { leftOut, smallestChanges } = await infeasible(request);
    expect(leftOut.groups.map(({ constraint }) => constraint)).toContain('facility_power');
    expect(smallestChanges.map(({ changes }) => changes)).toContainEqual([
      { field: '/constraints/minAccuracyPercent', to: 99 },
    ]);
    const narrower = await feasible({ ...request, constraints: { ...request.constraints, minAccuracyPercent: 99 } });
    expect(winner(narrower).option.racks?.facilityKilowatts).toBeLessThanOrEqual(20);
  });

  it('accelerators that nobody rents out or sells here are no answer, and the change named is one worth making', async () => {
    const { leftOut, smallestChanges } = await infeasible({
      inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
      constraints: { devices: ['groq-lpu', 'cerebras-wse-3', 'graphcore-bow-ipu'] },
    });
    const reasons = leftOut.groups.map(({ constraint }) => constraint);
    expect(reasons.some((reason) => ['memory', 'figure_missing', 'not_offered'].includes(reason))).toBe(true);
    expect(smallestChanges[0]?.option.usdPerMonth).toBeLessThan(100_000);
  });

  it('a context that the model does not have is refused with the length that it does', async () => {
    const { leftOut, smallestChanges } = await infeasible({
      inference: { model: 'openai-community/gpt2', requestsPerDay: 1000 },
    });
    expect(leftOut.groups[0]?.constraint).toBe('context_exceeds_model');
    expect(smallestChanges[0]?.changes).toEqual([{ field: '/inference/promptTokens/mean', to: 1024 - 211 }]);
  });
});
