import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../component.ts';
import { positive, usd } from '../quantity.ts';

const COMPARED_KINDS = ['inference', 'training', 'lifecycle'] as const;

/** A question of one of these estimates, checked as its own operation would check it. */
const questionOf = <Kinds extends readonly string[]>(kinds: Kinds, description: string) => ({
  kind: choice(kinds, { description: 'Which estimate it is asked of.', examples: ['inference'] as const }),
  request: Type.Unsafe<Record<string, unknown>>({
    type: 'object',
    additionalProperties: true,
    description,
    examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
  }),
});

export const ComparisonItemSchema = component(
  'ComparisonItem',
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Name shown in the answer; the number of the question where absent.',
        examples: ['today'],
      }),
    ),
    ...questionOf(
      COMPARED_KINDS,
      'A request of that estimate; with pricingAt and catalogRevision it stands where it stood then.',
    ),
  },
  { description: 'One of the questions.' },
);

export const ComparisonRequestSchema = component(
  'ComparisonRequest',
  {
    questions: list(ref(ComparisonItemSchema), {
      description: 'Questions to compare; the others are compared with the first.',
      minItems: 1,
      maxItems: 6,
    }),
    withNow: Type.Optional(
      Type.Boolean({
        description:
          'Adds the first question once more without its pins: what has changed since it was asked. With it one question is enough.',
        examples: [true],
      }),
    ),
  },
  {
    description: 'Two to six questions to be laid side by side, or one against itself today.',
    examples: [
      {
        questions: [
          {
            name: 'bf16',
            kind: 'inference',
            request: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' },
          },
          {
            name: 'fp8',
            kind: 'inference',
            request: {
              model: 'meta-llama/Llama-3.1-70B',
              requestsPerDay: 1_000_000,
              device: 'nvidia-h100-sxm5-80gb',
              serving: { weightFormat: 'fp8' },
            },
          },
        ],
      },
    ],
  },
);

const ActualLineSchema = component(
  'ActualLine',
  {
    id: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Id of the line of the estimate, or a name of your own.',
      examples: ['compute'],
    }),
    usd: usd('What was billed, USD.', '71250.40'),
  },
  { description: 'One line of a bill.', examples: [{ id: 'compute', usd: '71250.40' }] },
);

const count = (description: string, example: number) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 1e20, description, examples: [example] }));

const ActualsSchema = component(
  'Actuals',
  {
    periodDays: Type.Optional(
      positive('Days the figures cover, for inference; a month of 365 / 12 days where absent.', 3660, 30),
    ),
    totalUsd: Type.Optional(usd('What was billed altogether, USD; the sum of lineItems where absent.', '74800')),
    lineItems: Type.Optional(
      list(ref(ActualLineSchema), { description: 'What was billed line by line.', maxItems: 100 }),
    ),
    requests: Type.Optional(positive('Requests counted in the period.', 1e16, 33_000_000)),
    promptTokens: count('Prompt tokens counted in the period.', 38_000_000_000),
    outputTokens: count('Output tokens counted in the period.', 7_100_000_000),
    trainingTokens: Type.Optional(positive('Tokens trained on, for training.', 1e20, 1.02e9)),
    deviceHours: count('Device-hours paid.', 17_900),
    kilowattHours: count('Energy at the meter, kWh.', 14_100),
    wallClockDays: Type.Optional(positive('Days the run took, for training.', 100_000, 33)),
  },
  {
    description: 'What was measured and billed; everything that is known.',
    examples: [{ totalUsd: '74800', requests: 33_000_000 }],
  },
);

export const ActualsComparisonRequestSchema = component(
  'ActualsComparisonRequest',
  {
    ...questionOf(['inference', 'training'] as const, 'The request that was estimated.'),
    actuals: ref(ActualsSchema, { description: 'What was measured and billed.' }),
  },
  {
    description: 'An estimate to be set against what it really came to.',
    examples: [
      {
        kind: 'inference',
        request: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' },
        actuals: {
          periodDays: 30,
          requests: 33_000_000,
          deviceHours: 17_900,
          lineItems: [{ id: 'compute', usd: '71250' }],
        },
      },
    ],
  },
);

/** Comparisons that Swagger UI offers; each is replayed against the seed by a test. */
export const comparisonExamples = {
  formats: {
    summary: 'The same service in bf16, in fp8, and on spot',
    value: {
      questions: [
        {
          name: 'bf16',
          kind: 'inference',
          request: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' },
        },
        {
          name: 'fp8',
          kind: 'inference',
          request: {
            model: 'meta-llama/Llama-3.1-70B',
            requestsPerDay: 1_000_000,
            device: 'nvidia-h100-sxm5-80gb',
            serving: { weightFormat: 'fp8' },
          },
        },
        {
          name: 'fp8 on spot',
          kind: 'inference',
          request: {
            model: 'meta-llama/Llama-3.1-70B',
            requestsPerDay: 1_000_000,
            device: 'nvidia-h100-sxm5-80gb',
            serving: { weightFormat: 'fp8' },
            purchase: { category: 'spot' },
          },
        },
      ],
    },
  },
  since: {
    summary: 'What has changed since a saved request was asked',
    value: {
      questions: [
        {
          name: 'in September 2025',
          kind: 'inference',
          request: {
            model: 'meta-llama/Llama-3.1-8B',
            requestsPerDay: 1_000_000,
            device: 'nvidia-h100-sxm5-80gb',
            pricingAt: '2025-09-15T00:00:00Z',
          },
        },
      ],
      withNow: true,
    },
  },
} as const;

export const actualsExamples = {
  month: {
    summary: 'A month of serving: more requests than expected, another rate, more hours',
    value: {
      kind: 'inference',
      request: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' },
      actuals: {
        periodDays: 30,
        requests: 36_000_000,
        promptTokens: 45_000_000_000,
        outputTokens: 7_000_000_000,
        deviceHours: 21_000,
        lineItems: [{ id: 'compute', usd: '81900' }],
      },
    },
  },
} as const;
