/**
 * Questions whose answers an expert would sign, asserted by properties: class of device, what binds, order of magnitude. Each is
 * reviewed in docs/adr/0006-hardware-recommendations.md. Prices are those of the seed, so that money is asserted within a factor.
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
    between: [100, 1000],
    also: (answer) => {
      expect(costOfDevice(answer, H100)).toBeGreaterThan(3 * winner(answer).option.usdPerMonth);
      expect(costOfDevice(answer, 'nvidia-t4-16gb')).toBeLessThan(1500);
      expect(winner(answer).option.point.utilizationAtPeak).toBeLessThan(0.1);
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

  it('a context that the model does not have is refused with the length that it does', async () => {
    const { leftOut, smallestChanges } = await infeasible({
      inference: { model: 'openai-community/gpt2', requestsPerDay: 1000 },
    });
    expect(leftOut.groups[0]?.constraint).toBe('context_exceeds_model');
    expect(smallestChanges[0]?.changes).toEqual([{ field: '/inference/promptTokens/mean', to: 1024 - 211 }]);
  });
});
