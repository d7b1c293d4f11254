/** Workloads that hardware is looked for: the request for an estimate, less what is looked for and what the question states for all. */
import { component } from '../component.ts';
import { InferenceEstimateRequestSchema } from '../estimates/inference/request.ts';
import { TrainingEstimateRequestSchema } from '../estimates/training/request.ts';
import { PINS } from '../pins.ts';
import { without } from '../without.ts';

const LOOKED_FOR = ['device', 'customDevice', 'location', 'purchase'] as const;

export const ServedWorkloadSchema = component(
  'ServedWorkload',
  // Devices of users are there already.
  without(InferenceEstimateRequestSchema.properties, [...LOOKED_FOR, ...PINS, 'optimization', 'userDevices']),
  {
    description:
      'What is to be served: the request for an inference estimate without device, location and purchase, which are looked for.',
    examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
  },
);

export const TrainedWorkloadSchema = component(
  'TrainedWorkload',
  without(TrainingEstimateRequestSchema.properties, [...LOOKED_FOR, ...PINS]),
  {
    description:
      'What is to be trained: the request for a training estimate without device, location and purchase, which are looked for. deadlineDays and budgetUsd hold for every option.',
    examples: [{ model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, deadlineDays: 30 }],
  },
);
