/** Workloads that hardware is looked for: the request for an estimate, less what is looked for and what the question states for all. */
import type { TProperties } from '@sinclair/typebox';
import { component } from '../component.ts';
import { InferenceEstimateRequestSchema } from '../estimates/inference/request.ts';
import { TrainingEstimateRequestSchema } from '../estimates/training/request.ts';
import { pinFields } from '../pins.ts';

const NOT_OF_THE_WORKLOAD = {
  ...pinFields,
  device: true,
  customDevice: true,
  location: true,
  purchase: true,
  optimization: true,
};

const workloadOf = <Fields extends TProperties>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in NOT_OF_THE_WORKLOAD))) as Omit<
    Fields,
    keyof typeof NOT_OF_THE_WORKLOAD
  >;

export const ServedWorkloadSchema = component('ServedWorkload', workloadOf(InferenceEstimateRequestSchema.properties), {
  description:
    'What is to be served: the request for an inference estimate without device, location and purchase, which are looked for.',
  examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
});

export const TrainedWorkloadSchema = component(
  'TrainedWorkload',
  workloadOf(TrainingEstimateRequestSchema.properties),
  {
    description:
      'What is to be trained: the request for a training estimate without device, location and purchase, which are looked for. deadlineDays and budgetUsd hold for every option.',
    examples: [{ model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, deadlineDays: 30 }],
  },
);
