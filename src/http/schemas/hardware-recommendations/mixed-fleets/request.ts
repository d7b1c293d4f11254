/** A question for a mix of devices. */
import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../../component.ts';
import { pinFields } from '../../pins.ts';
import { positive } from '../../quantity.ts';
import { RecommendationConstraintsSchema } from '../constraints.ts';
import { HardwareRecommendationRequestSchema } from '../request.ts';
import { ServedWorkloadSchema } from '../workload.ts';

const { purchase, engines } = HardwareRecommendationRequestSchema.properties;

const RequestSizeSchema = component(
  'RequestSize',
  {
    promptTokens: Type.Number({ minimum: 0, maximum: 1e7, description: 'Prompt tokens.', examples: [300] }),
    outputTokens: Type.Number({ minimum: 1, maximum: 1e7, description: 'Output tokens.', examples: [200] }),
    share: positive('Weight of the size: a share or a count.', 1e12, 0.2),
  },
  { description: 'One bucket of requests.', examples: [{ promptTokens: 300, outputTokens: 200, share: 0.2 }] },
);

export const MixedFleetRequestSchema = component(
  'MixedFleetRequest',
  {
    inference: ref(ServedWorkloadSchema, {
      description:
        'What is to be served: a language model. Priced by its hardware, around the clock: surcharges and scale_to_zero are refused.',
    }),
    sizes: Type.Optional(
      list(ref(RequestSizeSchema), {
        description:
          'Requests by size; cut out of the length distributions of the workload where absent, and in place of them where given.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    slicesPerSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 32,
        description: 'Parts a size may be split into; 4 where absent.',
        examples: [4],
      }),
    ),
    regions: Type.Optional(
      choice(['one', 'any'], {
        description:
          'one, where absent: the whole fleet stands in one region (or in your own hall), as one endpoint should: machines elsewhere add a round trip and egress, keep caches and queues apart, and put data under other laws. any: it may span regions, providers and owned hardware.',
        examples: ['one'],
      }),
    ),
    maxTypes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 12, description: 'Most device types in use.', examples: [2] }),
    ),
    steadySharePercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Least share of the requests on capacity that is not taken away: the floor beside spot.',
        examples: [50],
      }),
    ),
    hourlyLoad: Type.Optional(
      list(Type.Number({ minimum: 0, maximum: 1e12, description: 'Load of an hour.' }), {
        description:
          'Load of each hour of the day, in any unit, from midnight: decides the peak, and how much is committed and how much comes by the hour.',
        minItems: 24,
        maxItems: 24,
        examples: [[2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2]],
      }),
    ),
    constraints: Type.Optional(
      ref(RecommendationConstraintsSchema, {
        description:
          'Limits. Those on money (the hardware), energy, carbon, edge devices, and power and racks of your hall hold for the whole mix; the others for every device in it. availabilityPercent is refused: inference.objectives.spareReplicas says how many spares each pool keeps.',
      }),
    ),
    purchase,
    engines,
    ...pinFields,
  },
  {
    description: 'A question for a mix of devices. Only the workload is needed.',
    examples: [{ inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 } }],
  },
);

export const mixedFleetExamples = {
  ownHall: {
    summary: 'Machines of your own in a hall of 12 kW, within a budget for buying them',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 2_000_000,
        objectives: { timePerOutputTokenMsP95: 80 },
      },
      purchase: { accept: ['owned'] },
      constraints: { countries: ['DE'], upfrontBudgetUsd: '200000', facility: { maxKilowatts: 12, maxRacks: 3 } },
    },
  },
  carbonTooLow: {
    summary: 'Less carbon than any mix takes: the answer names the least that works',
    value: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 },
      constraints: { maxCarbonKilogramsPerMonth: 1 },
    },
  },
  simplest: {
    summary: 'The least there is to say: a language model and its load',
    value: { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 } },
  },
  chatAndDocuments: {
    summary: 'Short chats and long documents, spot beside a steady half, by the hour of the day',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 2_000_000,
        objectives: { timePerOutputTokenMsP95: 80 },
      },
      sizes: [
        { promptTokens: 70, outputTokens: 200, share: 60 },
        { promptTokens: 400, outputTokens: 300, share: 20 },
        { promptTokens: 4000, outputTokens: 260, share: 20 },
      ],
      purchase: { accept: ['on_demand', 'committed', 'spot'] },
      steadySharePercent: 50,
      hourlyLoad: [2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2],
    },
  },
};
