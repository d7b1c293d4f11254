import { Type } from '@sinclair/typebox';
import { choice, choiceComponent, component, list, ref } from '../component.ts';
import { ProblemSchema } from '../problem.ts';
import { InferenceEstimateSchema } from './inference/response.ts';
import { LifecycleEstimateSchema } from './lifecycle/response.ts';
import { TrainingEstimateSchema } from './training/response.ts';

const MOST_ESTIMATES_IN_A_BATCH = 100;

/** The questions that a batch may hold, named as their operations are. */
const ESTIMATE_KINDS = ['inference', 'training', 'lifecycle'] as const;

const EstimateKindSchema = choiceComponent('EstimateKind', ESTIMATE_KINDS, {
  description: 'Which estimate.',
  examples: ['inference'],
});

const kind = ref(EstimateKindSchema, { description: 'Which estimate the item asks for.' });

/** The request of an item is checked item by item, so that one mistake does not refuse the others. */
const BatchItemSchema = component(
  'EstimateBatchItem',
  {
    kind,
    request: Type.Unsafe<Record<string, unknown>>({
      type: 'object',
      additionalProperties: true,
      description: 'An InferenceEstimateRequest, a TrainingEstimateRequest or a LifecycleEstimateRequest.',
      examples: [{ model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 }],
    }),
  },
  { description: 'One question of a batch.' },
);

export const EstimateBatchRequestSchema = component(
  'EstimateBatchRequest',
  {
    view: Type.Optional(
      choice(['full', 'summary'], {
        description: 'summary leaves the working out of each answer; full where absent.',
        examples: ['summary'],
      }),
    ),
    estimates: list(ref(BatchItemSchema), {
      description: `Up to ${MOST_ESTIMATES_IN_A_BATCH} questions.`,
      minItems: 1,
      maxItems: MOST_ESTIMATES_IN_A_BATCH,
    }),
  },
  {
    description:
      'Many questions in one call. All are answered from the same catalog revision and time, unless an item pins its own.',
    examples: [
      {
        view: 'summary',
        estimates: [
          { kind: 'inference', request: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 } },
          {
            kind: 'training',
            request: { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora', device: 'nvidia-h100-sxm5-80gb' },
          },
        ],
      },
    ],
  },
);

export const EstimateBatchSchema = component(
  'EstimateBatch',
  {
    results: list(
      ref(
        component(
          'EstimateBatchResult',
          {
            kind,
            inference: Type.Optional(
              ref(InferenceEstimateSchema, { description: 'The answer to an inference question.' }),
            ),
            training: Type.Optional(ref(TrainingEstimateSchema, { description: 'The answer to a training question.' })),
            lifecycle: Type.Optional(
              ref(LifecycleEstimateSchema, { description: 'The answer to a lifecycle question.' }),
            ),
            problem: Type.Optional(ref(ProblemSchema, { description: 'Why the item has no answer.' })),
          },
          { description: 'Exactly one of inference, training, lifecycle and problem is present.' },
        ),
      ),
      { description: 'One result or problem for each item, in the order asked.' },
    ),
  },
  { description: 'Answers to a batch.' },
);

export const batchExamples = {
  three: {
    summary: 'Two answers and a problem',
    value: {
      view: 'summary',
      estimates: [
        { kind: 'inference', request: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 } },
        {
          kind: 'training',
          request: {
            model: 'meta-llama/Llama-3.1-8B',
            tokens: 100_000_000,
            method: 'lora',
            device: 'nvidia-h100-sxm5-80gb',
          },
        },
        { kind: 'inference', request: { model: 'no-such-model', requestsPerDay: 1 } },
      ],
    },
  },
};
