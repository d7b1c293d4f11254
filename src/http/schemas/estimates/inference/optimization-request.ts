import { Type } from '@sinclair/typebox';
import { component } from '../../component.ts';
import { positive, positiveInteger } from '../../quantity.ts';

const share = (description: string, example: number) =>
  Type.Number({ minimum: 0, maximum: 0.99, description, examples: [example] });

export const SpeculativeDecodingSchema = component(
  'SpeculativeDecoding',
  {
    draftTokens: positiveInteger('Tokens drafted per step.', 64, 3),
    acceptedTokens: Type.Number({
      minimum: 0,
      maximum: 64,
      description: 'Mean of drafted tokens accepted per step, as you measured it; at most draftTokens.',
      examples: [1.52],
    }),
    draftCostFraction: Type.Number({
      minimum: 0,
      maximum: 2,
      description:
        'Time of drafting over that of one decode step. Three tokens drafted by a layer of its own (EAGLE, multi-token prediction) cost about 0.6 on models of 8 billion parameters and 0.3 on 70 billion.',
      examples: [0.3],
    }),
  },
  {
    description: 'Drafted tokens, verified in one step.',
    examples: [{ draftTokens: 3, acceptedTokens: 1.52, draftCostFraction: 0.3 }],
  },
);

export const OptimizationWishesSchema = component(
  'OptimizationWishes',
  {
    qualityFloorPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Least share of benchmark scores that the best set must keep, percent; 98 where absent.',
        examples: [98],
      }),
    ),
    responseCacheHitRate: Type.Optional(
      share('Share of requests that a cache of answers serves, as you measured it.', 0.2),
    ),
    acceptedDraftTokens: Type.Optional(
      positive('Mean of drafted tokens accepted per step, as you measured it.', 16, 1.8),
    ),
    distilledModel: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description:
          'Catalog model of the size that a distilled one would have; the nearest smaller sibling where absent.',
        examples: ['meta-llama/Llama-3.1-8B'],
      }),
    ),
    edgeOffloadShare: Type.Optional(share('Share of requests that devices at the edge can answer.', 0.3)),
    interruptible: Type.Optional(
      Type.Boolean({
        description: 'Whether replicas may be taken away at short notice (spot); no where absent.',
        examples: [true],
      }),
    ),
  },
  {
    description:
      'What you know for include=optimizations. What is absent is shown with published figures, and kept apart from what is known.',
    examples: [{ qualityFloorPercent: 98, responseCacheHitRate: 0.2 }],
  },
);
