/** What training a model is asked about. */
import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../../component.ts';
import { deviceFields } from '../../device-selector.ts';
import { modelFields } from '../../model-selector.ts';
import { pinFields } from '../../pins.ts';
import { LocationSchema, PurchaseSchema, SiteFactsSchema, SurchargesSchema } from '../../purchase.ts';
import { positive, positiveInteger, usd } from '../../quantity.ts';
import { ClusterOptionsSchema, LayoutOptionsSchema, StackOptionsSchema } from './cluster-options.ts';
import { RolloutOptionsSchema, RunOptionsSchema, StageOptionsSchema } from './run-options.ts';

const DataSchema = component(
  'DataOptions',
  {
    datasetTerabytes: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e9,
        description: 'Stored training data in TB; three bytes per token where absent.',
        examples: [60],
      }),
    ),
    acquisitionUsd: Type.Optional(usd('USD paid for data.', '250000')),
    cleaningUsdPerBillionTokens: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e9,
        description: 'Filtering and deduplication, USD per billion tokens.',
        examples: [20],
      }),
    ),
    labels: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e12, description: 'Human labels or written answers.', examples: [10_000] }),
    ),
    usdPerLabel: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6, description: 'USD per label.', examples: [1] })),
    storageMonths: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1200,
        description: 'Months that data and checkpoints are kept; six where absent.',
        examples: [6],
      }),
    ),
    storageUsdPerGbMonth: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1000, description: 'USD per GB stored and month.', examples: [0.023] }),
    ),
    checkpointsKept: Type.Optional(
      Type.Number({ minimum: 0, maximum: 1e6, description: 'Checkpoints kept at the same time.', examples: [10] }),
    ),
  },
  { description: 'What the data costs.', examples: [{ labels: 10_000, usdPerLabel: 1 }] },
);

const PeopleSchema = component(
  'PeopleOptions',
  {
    engineers: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100_000,
        description: 'Engineers and researchers, full time.',
        examples: [5],
      }),
    ),
    preparationMonths: Type.Optional(
      Type.Number({ minimum: 0, maximum: 600, description: 'Months of work beside the run itself.', examples: [3] }),
    ),
    usdPerEngineerYear: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e8,
        description: 'USD per engineer and year, all included.',
        examples: [250_000],
      }),
    ),
  },
  { description: 'Who works on it.', examples: [{ engineers: 5 }] },
);

export const TrainingEstimateRequestSchema = component(
  'TrainingEstimateRequest',
  {
    ...modelFields,
    tokens: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e18,
        description: 'Training tokens, all epochs together; for language models and encoders.',
        examples: [15e12],
      }),
    ),
    images: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e18,
        description: 'Training images, all epochs together; for vision models and image generators.',
        examples: [115_000_000],
      }),
    ),
    audioHours: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1e12,
        description: 'Hours of audio, all epochs together; for speech models.',
        examples: [680_000],
      }),
    ),
    method: Type.Optional(
      choice(['pretraining', 'full_fine_tuning', 'lora', 'qlora', 'dpo', 'dpo_lora', 'grpo', 'grpo_lora'], {
        description:
          'What is trained; pretraining where absent. dpo and dpo_lora learn from pairs of chosen and rejected answers beside a frozen reference; tokens count both answers. grpo and grpo_lora sample several answers to each prompt on the devices that train, score them and learn from all; tokens count prompts and answers.',
        examples: ['pretraining'],
      }),
    ),
    loraRank: Type.Optional(
      positiveInteger('Rank of the LoRA matrices; only with lora, qlora, dpo_lora and grpo_lora.', 65_536, 64),
    ),
    loraTargets: Type.Optional(
      choice(['all_linear', 'query_value'], {
        description:
          'Which matrices get adapters: every one of the layers (where absent), or queries and values alone. Only with a LoRA method.',
        examples: ['all_linear'],
      }),
    ),
    optimizer: Type.Optional(
      choice(['adamw', 'adamw_8bit', 'muon', 'sgd_momentum'], {
        description:
          'Decides the memory of optimizer states; adamw where absent. See layout.optimizerOffload for the host.',
        examples: ['adamw'],
      }),
    ),
    sequenceLength: Type.Optional(positiveInteger('Tokens per sequence; chosen where absent.', 100_000_000, 8192)),
    globalBatchTokens: Type.Optional(positive('Tokens per optimizer step; chosen where absent.', 1e12, 16_777_216)),
    precision: Type.Optional(
      choice(['bf16', 'fp16', 'fp8', 'mxfp8', 'nvfp4'], {
        description: 'Matrix arithmetic; bf16 where absent (fp16 where the device has no bf16).',
        examples: ['bf16'],
      }),
    ),
    ...deviceFields,
    cluster: Type.Optional(ref(ClusterOptionsSchema, { description: 'The cluster.' })),
    deadlineDays: Type.Optional(
      positive('Days until it must be done; chooses the cluster size where none is given.', 100_000, 60),
    ),
    budgetUsd: Type.Optional(
      usd(
        'USD that the hardware of the final run must stay within; the answer also says whether it covers the whole bill.',
        '500',
      ),
    ),
    budgetDeviceHours: Type.Optional(positive('Paid device-hours that the final run must stay within.', 1e12, 1000)),
    layout: Type.Optional(ref(LayoutOptionsSchema, { description: 'Parallelism, as far as it is fixed.' })),
    stack: Type.Optional(
      ref(StackOptionsSchema, {
        description: 'The software; the latest release of a Megatron-like stack where absent.',
      }),
    ),
    location: Type.Optional(ref(LocationSchema, { description: 'Where it must run; anywhere where absent.' })),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How the hardware is paid for; on demand where absent.' }),
    ),
    stages: Type.Optional(
      list(ref(StageOptionsSchema), {
        description: 'Stages after the main one, on the same cluster.',
        minItems: 1,
        maxItems: 8,
      }),
    ),
    rollout: Type.Optional(
      ref(RolloutOptionsSchema, { description: 'The answers sampled in every step; only with GRPO.' }),
    ),
    run: Type.Optional(ref(RunOptionsSchema, { description: 'What happens around the clean steps.' })),
    data: Type.Optional(ref(DataSchema, { description: 'What the data costs.' })),
    people: Type.Optional(ref(PeopleSchema, { description: 'Who works on it.' })),
    waitingUsdPerDay: Type.Optional(
      usd('What a day of waiting costs the business in USD; no line where absent.', '5000'),
    ),
    site: Type.Optional(ref(SiteFactsSchema, { description: 'What you know of the site.' })),
    surcharges: Type.Optional(ref(SurchargesSchema, { description: 'Support, licences, tax and duty.' })),
    ...pinFields,
  },
  {
    description:
      'A training question. Only the model and tokens (or images, or hours of audio) are needed; every default used is listed in the answer.',
    examples: [{ model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: 'nvidia-h100-sxm5-80gb' }],
  },
);
