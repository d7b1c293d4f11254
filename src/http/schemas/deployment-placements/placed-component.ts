/** What is to be placed: the work, its load, and what is asked of its place. */
import { Type } from '@sinclair/typebox';
import { choice, component, list, ref, unionComponent } from '../component.ts';
import { InferenceEstimateRequestSchema } from '../estimates/inference/request.ts';
import { TrainingEstimateRequestSchema } from '../estimates/training/request.ts';
import { modelFields } from '../model-selector.ts';
import { positive } from '../quantity.ts';
import { country, dataClass, freeZone, id, notNegative, share } from './fields.ts';

const MeasuredCallSchema = component(
  'MeasuredCall',
  {
    device: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Catalog device id.',
      examples: ['intel-xeon-8380'],
    }),
    millisecondsPerCall: positive('Time of one call alone, ms.', 1e7, 12),
  },
  { description: 'Time of a call as you measured it on a device.' },
);

const FunctionWorkSchema = component(
  'FunctionWork',
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Name shown in the answer.',
      examples: ['tracker'],
    }),
    gigaflopsPerCall: positive('Arithmetic of one call, GFLOP; multiply and add count as two.', 1e9, 0.5),
    memoryGib: Type.Optional(positive('Memory it takes, GiB; 0.5 where absent.', 1e5, 1)),
    serviceVariability: Type.Optional(
      notNegative('Squared coefficient of variation of the time of a call; 0.25 where absent.', 100, 0.25),
    ),
    measured: Type.Optional(
      list(ref(MeasuredCallSchema), { description: 'Measured times, which go before the formula.', maxItems: 50 }),
    ),
  },
  { description: 'A program that is no model.', examples: [{ name: 'tracker', gigaflopsPerCall: 0.5 }] },
);

const { promptTokens, outputTokens, audioSecondsPerRequest, imageSize, denoisingSteps, candidatesPerRequest } =
  InferenceEstimateRequestSchema.properties;
const { traffic, serving, scaling, objectives } = InferenceEstimateRequestSchema.properties;

const workFields = {
  ...modelFields,
  function: Type.Optional(ref(FunctionWorkSchema, { description: 'A program that is no model, instead of one.' })),
  promptTokens,
  outputTokens,
  audioSecondsPerRequest,
  imageSize,
  denoisingSteps,
  candidatesPerRequest,
  serving,
  accuracy: Type.Optional(share('Share of right answers, as you measured it.', 0.93)),
};

const WorkSchema = component('PlacementWork', workFields, {
  description:
    'What is computed: exactly one of model, customLanguageModel, huggingFaceConfig, customVisionModel and function.',
  examples: [{ model: 'ultralytics/yolov8n' }],
});

const VariantSchema = component(
  'PlacementVariant',
  { id: id('Name of the variant.', 'int8'), ...workFields },
  { description: 'Another way to do the same work: quantized, distilled, pruned or another model.' },
);

const LatencyBudgetSchema = component(
  'LatencyBudget',
  {
    milliseconds: positive('Time from the user and back, ms: access network, wide area, queue and service.', 1e8, 800),
    percentile: Type.Optional(choice(['p50', 'p95', 'p99'], { description: 'p95 where absent.', examples: ['p95'] })),
    measure: Type.Optional(
      choice(['end_to_end', 'time_to_first_token'], {
        description: 'Whole answer, where absent, or the first token of a language model.',
        examples: ['end_to_end'],
      }),
    ),
  },
  { description: 'How long users may wait.', examples: [{ milliseconds: 800 }] },
);

const SplitByUserGroupSchema = component(
  'SplitByUserGroup',
  { kind: Type.Literal('by_user_group', { description: 'Each user group may have a place of its own.' }) },
  { description: 'Each user group is served from a place of its own choice, under its own law.' },
);

const SplitByLoadSchema = component(
  'SplitByLoad',
  {
    kind: Type.Literal('by_load', { description: 'Parts of the load in several places.' }),
    mostPlaces: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 5, description: 'Places at most; 2 where absent.', examples: [2] }),
    ),
    leastShare: Type.Optional(share('Smallest share of the load that may go to a place; 0.1 where absent.', 0.1)),
  },
  { description: 'The load is divided: 10, 25, 50, 75 or 90 % in a place.' },
);

const HardCasePointSchema = component(
  'HardCasePoint',
  {
    hardShare: share('Part of the requests passed on.', 0.08),
    accuracy: share('Share of right answers of both together, as you measured it.', 0.96),
  },
  { description: 'One threshold of confidence: how much is passed on, and how accurate both are together.' },
);

const SplitHardCasesSchema = component(
  'SplitHardCases',
  {
    kind: Type.Literal('hard_cases', {
      description: 'A small model answers the easy requests, a large one the hard ones.',
    }),
    small: ref(WorkSchema, { description: 'Sees every request and passes on the hard ones.' }),
    points: list(ref(HardCasePointSchema), {
      description: 'Thresholds to choose among; that the large model does everything is considered too.',
      minItems: 1,
      maxItems: 8,
    }),
    hardRequestKilobytes: Type.Optional(
      notNegative(
        'What leaves the place of the small model per hard case, KB; requestKilobytes where absent.',
        1e9,
        40,
      ),
    ),
    hardDataClasses: Type.Optional(
      list(dataClass, { description: 'Data classes of what leaves, for example after redaction.', maxItems: 8 }),
    ),
  },
  { description: 'A small model, and the component’s own for the hard cases.' },
);

const SplitSchema = unionComponent(
  'PlacementSplit',
  'kind',
  [SplitByUserGroupSchema, SplitByLoadSchema, SplitHardCasesSchema],
  { description: 'How a component may be divided over places.' },
);

const { tokens, images, audioHours, method, loraRank, optimizer, sequenceLength, globalBatchTokens, precision } =
  TrainingEstimateRequestSchema.properties;

const TrainingJobSchema = component(
  'PlacementTrainingJob',
  {
    tokens,
    images,
    audioHours,
    method,
    loraRank,
    optimizer,
    sequenceLength,
    globalBatchTokens,
    precision,
    deadlineHours: Type.Optional(
      positive('A run must end within so many hours; before the next begins where absent.', 87_600, 6),
    ),
  },
  {
    description: 'Runs in which the model of the component learns; requestsPerDay counts them, 1 being every night.',
    examples: [{ tokens: 20_000_000, method: 'lora', deadlineHours: 6 }],
  },
);

export const PlacementComponentSchema = component(
  'PlacementComponent',
  {
    id: id('Name that you give the component.', 'chat'),
    ...workFields,
    requestsPerDay: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1e13,
      description: 'Calls a day; of a training job the runs a day, 1 being every night.',
      examples: [100_000],
    }),
    traffic,
    objectives,
    scaling,
    requestKilobytes: Type.Optional(notNegative('Sent by users per request, KB; 0 where absent.', 1e9, 200)),
    responseKilobytes: Type.Optional(notNegative('Data sent back per request, KB; 0 where absent.', 1e9, 4)),
    latency: Type.Optional(ref(LatencyBudgetSchema, { description: 'How long users may wait.' })),
    dataClasses: Type.Optional(
      list(dataClass, {
        description: 'What the data is; personal where absent.',
        maxItems: 8,
        examples: [['personal']],
      }),
    ),
    subjectCountries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), {
        description: 'Countries of those the data is about; those of the users where absent.',
        maxItems: 50,
      }),
    ),
    sector: Type.Optional(
      Type.String({
        pattern: '^[a-z][a-z-]{1,39}$',
        description:
          'Trade of the organization, for laws that bind one trade alone: banking, financial, insurance, payments, securities. Where absent all of them bind; health, telecom, government, education, retail, energy, manufacturing, transport, media, technology and other are bound by none of them. Any other word is refused, unless a regime of the catalog has it.',
        examples: ['banking'],
      }),
    ),
    holdsRecords: Type.Optional(
      Type.Boolean({
        description: 'The system of record is kept there, not only a copy in use; false where absent.',
        examples: [false],
      }),
    ),
    freeZone,
    offlineToleranceHours: Type.Optional(notNegative('Hours it must work without a wide-area connection.', 87_600, 24)),
    updatesPerMonth: Type.Optional(
      notNegative('New weights sent to devices in the field, times a month; 1 where absent.', 10_000, 1),
    ),
    accuracyFloor: Type.Optional(share('Least share of right answers.', 0.9)),
    availability: Type.Optional(
      Type.Number({
        minimum: 0.5,
        maximum: 0.9999999,
        description: 'Share of time it must be reachable; more places are used where one is not enough.',
        examples: [0.9999],
      }),
    ),
    interruptible: Type.Optional(
      Type.Boolean({ description: 'Spot capacity may carry it; false where absent.', examples: [false] }),
    ),
    training: Type.Optional(
      ref(TrainingJobSchema, { description: 'It is a training job: its model learns instead of answering.' }),
    ),
    variants: Type.Optional(
      list(ref(VariantSchema), {
        description: 'Other models or settings that may do the work of this component.',
        maxItems: 8,
      }),
    ),
    split: Type.Optional(ref(SplitSchema, { description: 'How it may be divided.' })),
    sites: Type.Optional(
      list(Type.String({ maxLength: 100 }), {
        description: 'Ids of the only sites where it may run.',
        minItems: 1,
        maxItems: 200,
      }),
    ),
    devices: Type.Optional(
      list(Type.String({ maxLength: 100 }), {
        description: 'Catalog ids of the only devices that may be used.',
        minItems: 1,
        maxItems: 200,
      }),
    ),
  },
  {
    description: 'Something to be placed.',
    examples: [{ id: 'chat', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 100_000 }],
  },
);
