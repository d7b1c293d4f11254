import { Type } from '@sinclair/typebox';
import { component, list, ref } from '../../component.ts';
import { modelFields } from '../../model-selector.ts';
import { PINS, pinFields } from '../../pins.ts';
import { positive, usd } from '../../quantity.ts';
import { without } from '../../without.ts';
import { InferenceEstimateRequestSchema } from '../inference/request.ts';
import { TrainingEstimateRequestSchema } from '../training/request.ts';

const OUTER = ['model', 'customLanguageModel', 'huggingFaceConfig', 'customVisionModel', ...PINS] as const;

const trainingFields = without(TrainingEstimateRequestSchema.properties, OUTER);
const inferenceFields = without(InferenceEstimateRequestSchema.properties, [
  ...OUTER,
  'requestsPerDay',
  'include',
  'optimization',
] as const);

const LifecycleTrainingSchema = component('LifecycleTraining', trainingFields, {
  description: 'How the model is trained: a training question without its model and pins.',
  examples: [{ tokens: 1e9, method: 'lora' }],
});

const LifecycleInferenceSchema = component('LifecycleInference', inferenceFields, {
  description: 'How the model is served: an inference question without its model, load and pins.',
  examples: [{ device: 'nvidia-h100-sxm5-80gb', location: { country: 'AE' } }],
});

const growthPercent = (description: string, example: number) =>
  Type.Number({ minimum: -90, maximum: 10_000, description, examples: [example] });

const GrowthSchema = component(
  'LifecycleGrowth',
  {
    percentPerYear: Type.Optional(
      growthPercent('Compound growth of the load in percent a year; flat where absent.', 40),
    ),
    lowPercentPerYear: Type.Optional(growthPercent('Low end of its 80 % range; none where absent.', 10)),
    highPercentPerYear: Type.Optional(growthPercent('High end of its 80 % range.', 100)),
    maximumRequestsPerDay: Type.Optional(positive('Load at which growth stops.', 1e13, 50_000_000)),
    seasonality: Type.Optional(
      list(Type.Number({ minimum: 0, maximum: 1e6, description: 'Relative load of the month.', examples: [1] }), {
        description: 'Relative load of January to December, twelve numbers in any unit.',
        minItems: 12,
        maxItems: 12,
        examples: [[0.8, 0.8, 0.9, 1, 1, 1, 0.9, 0.9, 1, 1.1, 1.4, 1.6]],
      }),
    ),
  },
  {
    description: 'How the load grows.',
    examples: [{ percentPerYear: 40, lowPercentPerYear: 10, highPercentPerYear: 100 }],
  },
);

const RetrainingSchema = component(
  'Retraining',
  {
    everyMonths: Type.Integer({
      minimum: 1,
      maximum: 120,
      description: 'Months from one training to the next.',
      examples: [12],
    }),
    training: Type.Optional(
      ref(LifecycleTrainingSchema, {
        description:
          'What differs from the first training, field by field; the first without its experiments where absent.',
      }),
    ),
  },
  { description: 'Training again.', examples: [{ everyMonths: 12 }] },
);

export const HardwarePricesSchema = component(
  'HardwarePriceDecline',
  {
    declinePercentPerYear: Type.Optional(
      Type.Number({
        minimum: -100,
        maximum: 75,
        description:
          'How much less the same work costs on hardware rented or bought a year later, in percent; 18 for rentals and 28 for purchases where absent, with ranges.',
        examples: [20],
      }),
    ),
  },
  { description: 'How hardware gets cheaper.', examples: [{ declinePercentPerYear: 20 }] },
);

const RolloutSchema = component(
  'Rollout',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name shown in the answer.',
      examples: ['fp8 weights'],
    }),
    fromMonth: Type.Integer({
      minimum: 1,
      maximum: 120,
      description: 'Month of service from which it holds; 1 is the first.',
      examples: [13],
    }),
    model: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Another catalog model serves from then on, for example a distilled one.',
        examples: ['meta-llama/Llama-3.1-8B'],
      }),
    ),
    inference: Type.Optional(
      ref(LifecycleInferenceSchema, {
        description: 'What differs in serving from then on, field by field; estimated anew.',
      }),
    ),
    deviceTimeFactor: Type.Optional(
      positive('Device time per request after the change, divided by that before it, if you measured it.', 100, 0.6),
    ),
    oneTimeUsd: Type.Optional(usd('What the change costs once, USD.', '50000')),
  },
  {
    description: 'A change rolled out at a date; it stays, and later ones come on top.',
    examples: [
      { name: 'fp8 weights', fromMonth: 13, inference: { serving: { weightFormat: 'fp8' } }, oneTimeUsd: '50000' },
    ],
  },
);

export const StaffSchema = component(
  'ServiceStaff',
  {
    engineers: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100_000,
        description: 'Engineers who run the service; by its monthly cost where absent.',
        examples: [2],
      }),
    ),
    usdPerEngineerYear: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e7,
        description: 'Wage and benefits, USD a year; 220,000 where absent.',
        examples: [150_000],
      }),
    ),
  },
  { description: 'People who run the service.', examples: [{ engineers: 2 }] },
);

const MonteCarloSchema = component(
  'MonteCarlo',
  {
    draws: Type.Optional(
      Type.Integer({
        minimum: 50,
        maximum: 2000,
        description: 'Courses drawn for the bands; 256 where absent.',
        examples: [1000],
      }),
    ),
    seed: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 4_294_967_295,
        description: 'The same seed draws the same courses; 1 where absent.',
        examples: [1],
      }),
    ),
  },
  { description: 'How the bands are drawn.', examples: [{ draws: 1000, seed: 1 }] },
);

export const LifecycleRequestSchema = component(
  'LifecycleEstimateRequest',
  {
    ...modelFields,
    requestsPerDay: positive('Requests a day in the first month, season aside.', 1e13, 1_000_000),
    training: Type.Optional(
      ref(LifecycleTrainingSchema, { description: 'How the model is trained; taken as it is where absent.' }),
    ),
    inference: Type.Optional(
      ref(LifecycleInferenceSchema, { description: 'How it is served; all by default where absent.' }),
    ),
    launchOn: Type.Optional(
      Type.String({
        format: 'date',
        description: 'First day of service; the day of pricingAt where absent.',
        examples: ['2027-01-01'],
      }),
    ),
    horizonMonths: Type.Optional(
      Type.Integer({
        minimum: 12,
        maximum: 120,
        description: 'Months of service looked at; 36 where absent.',
        examples: [60],
      }),
    ),
    growth: Type.Optional(ref(GrowthSchema, { description: 'How the load grows; flat where absent.' })),
    retraining: Type.Optional(ref(RetrainingSchema, { description: 'Training again; never where absent.' })),
    hardwarePrices: Type.Optional(ref(HardwarePricesSchema, { description: 'How hardware gets cheaper.' })),
    rollouts: Type.Optional(list(ref(RolloutSchema), { description: 'Changes of serving, by date.', maxItems: 12 })),
    staff: Type.Optional(ref(StaffSchema, { description: 'People who run the service.' })),
    discountRatePercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Yearly rate that takes later money to its present value; 8 where absent.',
        examples: [8],
      }),
    ),
    valueUsdPerRequest: Type.Optional(
      usd('Value of a request in USD, from which a net present value is computed.', '0.002'),
    ),
    monteCarlo: Type.Optional(ref(MonteCarloSchema, { description: 'How the bands are drawn.' })),
    ...pinFields,
  },
  {
    description:
      'One service over its years. The model and requestsPerDay are enough; with training added it is set against serving.',
    examples: [
      { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000, training: { tokens: 1e9, method: 'lora' } },
    ],
  },
);
