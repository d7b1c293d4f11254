import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../../component.ts';
import { deviceFields } from '../../device-selector.ts';
import { modelFields } from '../../model-selector.ts';
import { pinFields } from '../../pins.ts';
import { LocationSchema, PurchaseSchema, SiteFactsSchema, SurchargesSchema } from '../../purchase.ts';
import { percent, positive, positiveInteger, usd } from '../../quantity.ts';

export const ClusterSchema = component(
  'ClusterOptions',
  {
    devices: Type.Optional(positiveInteger('Devices in the cluster; chosen where absent.', 10_000_000, 1024)),
    fabric: Type.Optional(
      choice(
        [
          'infiniband_200g',
          'infiniband_400g',
          'infiniband_800g',
          'roce_400g',
          'ethernet_100g',
          'ethernet_400g',
          'ethernet_800g',
          'ethernet_1600g',
          'ici',
          'none',
        ],
        {
          description: 'Scale-out network per device; what the catalog knows of the server where absent.',
          examples: ['infiniband_400g'],
        },
      ),
    ),
    objective: Type.Optional(
      choice(['smallest', 'fastest'], {
        description:
          'Only where devices is left open: the smallest cluster that keeps the deadline (where absent), or the fastest that the budget pays for.',
        examples: ['smallest'],
      }),
    ),
  },
  { description: 'The cluster.', examples: [{ devices: 1024, fabric: 'infiniband_400g' }] },
);

const LayoutSchema = component(
  'TrainingLayoutOptions',
  {
    tensorParallel: Type.Optional(positiveInteger('Devices that share each layer.', 1024, 8)),
    pipelineParallel: Type.Optional(positiveInteger('Pipeline stages.', 1024, 16)),
    contextParallel: Type.Optional(positiveInteger('Devices that share each sequence.', 1024, 1)),
    expertParallel: Type.Optional(positiveInteger('Devices the experts are spread over.', 4096, 64)),
    virtualStages: Type.Optional(positiveInteger('Interleaved stages per pipeline rank.', 128, 8)),
    microBatchSequences: Type.Optional(positiveInteger('Sequences per micro-batch.', 100_000, 1)),
    sharding: Type.Optional(
      choice(['none', 'zero1', 'zero2', 'zero3'], {
        description: 'What data-parallel ranks share: nothing, optimizer, gradients too, or all (FSDP).',
        examples: ['zero1'],
      }),
    ),
    recompute: Type.Optional(
      choice(['none', 'selective', 'full'], {
        description: 'Which activations are computed again in the backward pass to save memory.',
        examples: ['selective'],
      }),
    ),
    schedule: Type.Optional(
      choice(['1f1b', 'interleaved', 'zero_bubble', 'dual_pipe'], {
        description: 'Pipeline schedule; all but 1f1b need pipelineParallel of 2 or more.',
        examples: ['dual_pipe'],
      }),
    ),
    optimizerOffload: Type.Optional(
      Type.Boolean({
        description: 'Keep optimizer states in host memory and update them on the host CPU.',
        examples: [false],
      }),
    ),
  },
  {
    description: 'Parallelism, as far as you want to fix it; the rest is searched.',
    examples: [{ tensorParallel: 8, pipelineParallel: 16 }],
  },
);

const StageSchema = component(
  'TrainingStageOptions',
  {
    tokens: Type.Number({ exclusiveMinimum: 0, maximum: 1e18, description: 'Tokens of the stage.', examples: [8e11] }),
    sequenceLength: Type.Optional(
      positiveInteger('Tokens per sequence; that of the main stage where absent.', 100_000_000, 131_072),
    ),
    globalBatchTokens: Type.Optional(
      positive('Tokens per optimizer step; that of the main stage where absent.', 1e12, 16_777_216),
    ),
  },
  {
    description: 'A stage after the main one: long context, or the anneal on the best data.',
    examples: [{ tokens: 8e11, sequenceLength: 131_072 }],
  },
);

const StackSchema = component(
  'TrainingStackOptions',
  {
    framework: Type.Optional(
      choice(['megatron', 'fsdp', 'xla', 'other'], {
        description:
          'megatron: Megatron-LM, NeMo and their like, compiled and fused; fsdp: PyTorch FSDP stacks; xla: JAX; other: eager stacks for fine-tuning on few devices.',
        examples: ['megatron'],
      }),
    ),
    year: Type.Optional(
      Type.Integer({
        minimum: 2018,
        maximum: 2100,
        description:
          'Year of its release. Attention is fused from 2023 on; expert dispatch hides behind computation, and recomputation is fine-grained, from 2026 on.',
        examples: [2026],
      }),
    ),
  },
  { description: 'The software that runs the steps.', examples: [{ framework: 'megatron', year: 2026 }] },
);

const RolloutSchema = component(
  'RolloutOptions',
  {
    promptTokens: Type.Optional(positiveInteger('Mean length of a prompt; 512 where absent.', 10_000_000, 512)),
    responseTokens: Type.Optional(positiveInteger('Mean length of an answer; 1,024 where absent.', 10_000_000, 1024)),
    responseCoefficientOfVariation: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 5,
        description: 'Standard deviation of the length of an answer over its mean; 0.8 where absent.',
        examples: [0.8],
      }),
    ),
    maxResponseTokens: Type.Optional(
      positiveInteger('Longest answer that is waited for; four times the mean where absent.', 10_000_000, 4096),
    ),
    groupSize: Type.Optional(
      Type.Integer({
        description: 'Answers to each prompt, which are judged against one another; 16 where absent.',
        minimum: 2,
        maximum: 100_000,
        examples: [16],
      }),
    ),
    rewardModelParametersBillions: Type.Optional(
      positive('Size of the model that scores the answers, billions of parameters; rules do where absent.', 100_000, 7),
    ),
  },
  {
    description: 'What the policy samples in every step of GRPO; the number of answers is the global batch.',
    examples: [{ promptTokens: 512, responseTokens: 2048, groupSize: 16 }],
  },
);

export const RunSchema = component(
  'RunOptions',
  {
    stageFactor: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 20,
        description:
          'Hours of the whole run over hours at full speed: long-context and annealing stages, batch ramp, restarts.',
        examples: [1.15],
      }),
    ),
    experimentsMultiple: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Experiments before the best run, in multiples of the final run.',
        examples: [0.5],
      }),
    ),
    batchRampFactor: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 10,
        description:
          'Hours of the main stage with a batch that grows, over those with the full batch from the start; 1 where absent, about 1.02 for a usual ramp.',
        examples: [1.02],
      }),
    ),
    failuresPerNodeDay: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Unplanned interruptions per node and day.',
        examples: [0.0038],
      }),
    ),
    recoveryMinutes: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description: 'Minutes from a failure until training continues.',
        examples: [15],
      }),
    ),
    checkpointStorageGbPerSecond: Type.Optional(
      positive('Storage bandwidth for checkpoints in GB/s, all nodes together.', 1e7, 100),
    ),
    evaluationShare: Type.Optional(
      Type.Number({ minimum: 0, maximum: 0.9, description: 'Share of time spent on evaluation.', examples: [0.01] }),
    ),
    sparePercent: Type.Optional(percent('Spare nodes held ready, in percent.', 3)),
    spotInterruptionsPerNodeDay: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description: 'Spot interruptions per node and day; only with spot.',
        examples: [0.2],
      }),
    ),
    spotReacquireMinutes: Type.Optional(
      Type.Number({ minimum: 0, maximum: 100_000, description: 'Wait for new spot capacity.', examples: [30] }),
    ),
  },
  { description: 'What happens around the clean steps.', examples: [{ stageFactor: 1.15 }] },
);

const DataSchema = component(
  'DataOptions',
  {
    datasetTerabytes: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1e9,
        description: 'Stored training data in TB; four bytes per token where absent.',
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
    cluster: Type.Optional(ref(ClusterSchema, { description: 'The cluster.' })),
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
    layout: Type.Optional(ref(LayoutSchema, { description: 'Parallelism, as far as it is fixed.' })),
    stack: Type.Optional(
      ref(StackSchema, { description: 'The software; the latest release of a Megatron-like stack where absent.' }),
    ),
    location: Type.Optional(ref(LocationSchema, { description: 'Where it must run; anywhere where absent.' })),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How the hardware is paid for; on demand where absent.' }),
    ),
    stages: Type.Optional(
      list(ref(StageSchema), {
        description: 'Stages after the main one, on the same cluster.',
        minItems: 1,
        maxItems: 8,
      }),
    ),
    rollout: Type.Optional(ref(RolloutSchema, { description: 'The answers sampled in every step; only with GRPO.' })),
    run: Type.Optional(ref(RunSchema, { description: 'What happens around the clean steps.' })),
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
