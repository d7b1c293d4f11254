import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../component.ts';
import { pinFields } from '../pins.ts';
import { RecommendationConstraintsSchema } from './constraints.ts';
import { AcceptedPurchasesSchema } from './purchases.ts';
import { ServedWorkloadSchema } from './workload.ts';

const RankingLevelSchema = component(
  'RankingLevel',
  {
    by: choice(['cost', 'latency', 'energy', 'carbon'], {
      description: 'Figure to rank by; smaller is better. latency is that of the whole request, 95th percentile.',
      examples: ['cost'],
    }),
    withinPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description:
          'Options within so many percent of the best count as equal and go to the next level; 0 where absent.',
        examples: [5],
      }),
    ),
  },
  { description: 'One level of a lexicographic ranking.', examples: [{ by: 'cost', withinPercent: 5 }] },
);

const AcceptedOptimizationsSchema = component(
  'AcceptedOptimizations',
  {
    accept: Type.Optional(
      list(
        choice(['prefix_caching', 'speculative_decoding', 'quantized_kv', 'disaggregated', 'distilled'], {
          description: 'A way of serving that needs something of you or changes answers.',
        }),
        {
          description:
            'May win, each alone and all together; none where absent. The others are worked out as far as they may cost less, to say what they would save. minAccuracyPercent holds for them too; narrower weights are accepted by it alone.',
          minItems: 1,
          maxItems: 5,
          examples: [['prefix_caching', 'quantized_kv']],
        },
      ),
    ),
    acceptedDraftTokens: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 32,
        description:
          'Mean of drafted tokens accepted per step, as you measured it; 1.52 of 3 are assumed where it is absent.',
        examples: [2],
      }),
    ),
    distilledModel: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Catalog model that serves instead; where absent, a smaller one of the same publisher.',
        examples: ['meta-llama/Llama-3.1-8B'],
      }),
    ),
  },
  {
    description: 'Optimizations that may be used.',
    examples: [{ accept: ['prefix_caching', 'quantized_kv'] }],
  },
);

const LeftOutPageSchema = component(
  'LeftOutPage',
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 500, description: 'Families in the page; 10 where absent.', examples: [50] }),
    ),
    offset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Families to skip; nextOffset of the page before.',
        examples: [0],
      }),
    ),
    constraint: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        description: 'Only families whose first broken limit is this one.',
        examples: ['memory'],
      }),
    ),
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Only families of this device: why it is not recommended.',
        examples: ['nvidia-t4-16gb'],
      }),
    ),
  },
  { description: 'Which of what was left out to list.', examples: [{ limit: 50, constraint: 'memory' }] },
);

export const HardwareRecommendationRequestSchema = component(
  'HardwareRecommendationRequest',
  {
    inference: ref(ServedWorkloadSchema, { description: 'What is to be served.' }),
    rankBy: Type.Optional(
      list(ref(RankingLevelSchema), {
        description: 'Lexicographic order, most important first; cost where absent. Never a weighted sum.',
        minItems: 1,
        maxItems: 4,
        examples: [[{ by: 'cost', withinPercent: 5 }, { by: 'carbon' }]],
      }),
    ),
    constraints: Type.Optional(ref(RecommendationConstraintsSchema, { description: 'Limits.' })),
    purchase: Type.Optional(ref(AcceptedPurchasesSchema, { description: 'How it may be paid for.' })),
    optimizations: Type.Optional(
      ref(AcceptedOptimizationsSchema, { description: 'Ways of serving that may be used.' }),
    ),
    engines: Type.Optional(
      list(choice(['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'], { description: 'A serving engine.' }), {
        description: 'Serving engines to compare; the usual one of each device where absent.',
        minItems: 1,
        maxItems: 4,
        examples: [['vllm', 'tensorrt_llm']],
      }),
    ),
    maxOptions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 25,
        description: 'Ranked options in the answer; 5 where absent.',
        examples: [5],
      }),
    ),
    expand: Type.Optional(
      choice(['none', 'estimates'], {
        description:
          'estimates puts the whole estimate behind each ranked option; without it, send its estimateRequest to the estimate.',
        examples: ['none'],
      }),
    ),
    leftOut: Type.Optional(ref(LeftOutPageSchema, { description: 'Page of what was left out.' })),
    ...pinFields,
  },
  {
    description: 'A question for hardware. Only the workload is needed.',
    examples: [{ inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 } }],
  },
);
