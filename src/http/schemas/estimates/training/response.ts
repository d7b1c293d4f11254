import { Type } from '@sinclair/typebox';
import { decimal, figure, integer, nullableNumber, nullableText, number, text } from '../../answer-fields.ts';
import { choice, component, list, nullable, ref, unionComponent } from '../../component.ts';
import {
  assumptions,
  BindingConstraintSchema,
  bandBases,
  CostBreakdownSchema,
  EnergyReportSchema,
  ExclusionSchema,
  PriceUseSchema,
  RackReportSchema,
  RelaxationSchema,
  repeatable,
  replay,
} from '../answer.ts';
import { PlaceElsewhereSchema } from '../inference/response.ts';
import { TrainingEstimateRequestSchema } from './request.ts';

const WorkloadSchema = component(
  'TrainingWorkload',
  {
    modelId: text('Catalog id, or custom.', 'meta-llama/Llama-3.1-8B'),
    modelName: text('Name for people.', 'Llama 3.1 8B'),
    method: text('What is trained.', 'pretraining'),
    precision: text('Matrix arithmetic.', 'bf16'),
    tokens: nullableNumber('Training tokens; null where images or audio are counted.', 15e12),
    images: nullableNumber('Training images; null where tokens or audio are counted.', 115_000_000),
    audioHours: nullableNumber('Hours of training audio; null but for speech models.', 680_000),
    sequenceLength: nullableNumber('Tokens per sequence; null without tokens.', 8192),
    globalBatchTokens: nullableNumber('Tokens per optimizer step; only for language models.', 4_194_304),
    trainableParameters: number('Parameters that are trained.', 8.03e9),
  },
  { description: 'The run as it was understood.' },
);

const ClusterSchema = component(
  'TrainingCluster',
  {
    deviceId: text('Catalog id of the device, or custom.', 'nvidia-h100-sxm5-80gb'),
    deviceName: text('Name of the device.', 'H100 SXM5 80GB'),
    devices: integer('Devices that work, spares apart.', 1024),
    nodes: integer('Servers.', 128),
    fabric: text('Scale-out network.', 'infiniband_400g'),
    networkGbPerSecondPerDevice: number('Its bandwidth per device, one direction, GB/s.', 50),
    ownership: text('rented or owned.', 'rented'),
    providerId: nullableText('Provider; null where you own it or gave your own price.', 'aws'),
    regionId: nullableText('Region.', 'aws/us-east-1'),
    country: nullableText('Country of the region.', 'US'),
    sku: nullableText('What the provider calls it.', 'p5.48xlarge'),
  },
  { description: 'Where it would run.' },
);

const LayoutSchema = component(
  'TrainingLayout',
  {
    tensorParallel: integer('Devices that share each layer.', 2),
    pipelineParallel: integer('Pipeline stages.', 1),
    contextParallel: integer('Devices that share each sequence.', 1),
    dataParallel: integer('Copies of the model, each on its own data.', 512),
    expertParallel: integer('Devices the experts are spread over.', 1),
    virtualStages: integer('Interleaved stages per pipeline rank.', 1),
    microBatchSequences: integer('Sequences per micro-batch.', 1),
    sharding: choice(['none', 'zero1', 'zero2', 'zero3'], {
      description: 'What data-parallel ranks share.',
      examples: ['zero1'],
    }),
    shardingGroup: integer('Ranks that share one copy under zero3; 0 means all.', 0),
    recompute: choice(['none', 'selective', 'full'], {
      description: 'Which activations are computed again in the backward pass to save memory.',
      examples: ['selective'],
    }),
    schedule: text('Pipeline schedule.', '1f1b'),
    optimizerOffload: Type.Boolean({ description: 'Optimizer states in host memory.', examples: [false] }),
  },
  { description: 'How the model is cut.' },
);

const LayoutAlternativeSchema = component(
  'LayoutAlternative',
  {
    layout: ref(LayoutSchema, { description: 'Another cut.' }),
    slowdown: number('Its step time over that of the best.', 1.04),
    whyNotBest: text(
      'Why the chosen layout is better.',
      'Tensor parallelism over 4 devices exposes more communication.',
    ),
  },
  { description: 'A layout that was considered.' },
);

const DeviceAlternativeSchema = component(
  'TrainingDeviceAlternative',
  {
    deviceId: text('Catalog id of the device.', 'nvidia-a100-sxm4-80gb'),
    deviceName: text('Name of the device.', 'A100 SXM4 80GB'),
    devices: integer('Devices it would take.', 2048),
    wallClockDays: number('Days that the run would take.', 41),
    computeUsd: decimal('Hardware cost of the run.', '4120000.0000'),
    regionId: nullableText('Where.', 'aws/us-east-1'),
    priceId: nullableText('Catalog price used.', 'aws/us-east-1/p4de.24xlarge/on_demand'),
  },
  { description: 'Another device that would do.' },
);

const SelectionSchema = component(
  'TrainingSelection',
  {
    rule: text(
      'How device and cluster size were chosen.',
      'The device was named; the smallest cluster that finishes within 30 days was taken.',
    ),
    alternatives: list(ref(DeviceAlternativeSchema), {
      description: 'The next best, at most two; empty where the device was named.',
    }),
    excluded: Type.Optional(
      list(ref(ExclusionSchema), { description: 'What was left out, by reason; left out with view=summary.' }),
    ),
  },
  { description: 'Why this device and cluster.' },
);

const FlopsSchema = component(
  'TrainingFlops',
  {
    totalFlops: number('Arithmetic of the whole run, without recomputation.', 7.2e23),
    modelFlopsPerToken: number(
      'Per token (per image, per hour of audio), forward and backward; language models with causal attention.',
      5.1e10,
    ),
    hardwareFlopsPerToken: number('The same with recomputation.', 5.3e10),
    attentionShare: number('Share of attention scores in it.', 0.09),
  },
  { description: 'Floating-point operations; multiply and add count as two.' },
);

const StepSplitSchema = component(
  'StepSplit',
  {
    gemm: number('Matrix multiplications.', 1.2),
    attention: number('Attention kernels.', 0.1),
    elementWise: number('Element-wise kernels.', 0.2),
    logits: number('Output head and loss.', 0.05),
    recompute: number('Forward work repeated in the backward pass.', 0.1),
    tensorParallel: number('Tensor-parallel communication that is not hidden.', 0.1),
    contextParallel: number('Context-parallel communication that is not hidden.', 0),
    expertParallel: number('Expert dispatch that is not hidden.', 0),
    pipelineTransfer: number('Transfers between stages.', 0.01),
    dataParallel: number('Gradient and weight exchange that is not hidden.', 0.05),
    bubble: number('Pipeline bubble.', 0),
    optimizer: number('Optimizer update.', 0.01),
    jitter: number('Time spent waiting for the slowest device.', 0.1),
    rollout: number('Sampling the answers of the step (GRPO).', 0),
    reward: number('Scoring them with a reward model (GRPO).', 0),
  },
  { description: 'Seconds of one step by what they are spent on; they sum to the step.' },
);

const RolloutReportSchema = component(
  'TrainingRollout',
  {
    replicas: integer('Copies of the policy that sample beside each other.', 8),
    devicesPerReplica: integer('Devices of each.', 8),
    weightFormat: text('Format of the weights while sampling.', 'bf16'),
    answersPerStep: integer('Answers sampled in a step.', 1024),
    concurrentAnswersPerReplica: number('Answers one copy writes at once.', 128),
    seconds: number('Of one step, spent on sampling.', 41),
    tailSeconds: number('Of those, while fewer than half of the answers at once are still being written.', 26),
    shareOfStep: number('Share of the step.', 0.6),
    outputTokensPerSecondPerDevice: number('Tokens written, per second and device.', 1900),
  },
  { description: 'How the answers of a step are sampled on the devices that train.' },
);

const StepSchema = component(
  'TrainingStep',
  {
    seconds: figure('One optimizer step, s.'),
    tokensPerSecondPerDevice: figure('Clean throughput, tokens/s per device.'),
    mfu: number('Model FLOPs utilization with causal attention.', 0.41),
    mfuParametersOnly: number('The same by the 6N convention.', 0.38),
    hfu: number('Hardware FLOPs utilization: recomputation counted.', 0.43),
    microBatches: integer('Micro-batches per step and pipeline.', 8),
    split: ref(StepSplitSchema, { description: 'What the step is made of.' }),
  },
  { description: 'One clean optimizer step.' },
);

const MemorySchema = component(
  'TrainingMemory',
  {
    capacityBytes: number('Memory of one device.', 85_899_345_920),
    usableBytes: number('What the driver leaves of it.', 85_040_352_461),
    totalBytes: figure('Peak of the fullest device, bytes.'),
    weightsBytes: number('Weights.', 8e9),
    gradientsBytes: number('Gradients.', 8e9),
    optimizerBytes: number('Optimizer states.', 1e9),
    activationBytes: number('Activations.', 2e10),
    logitsBytes: number('Logits and loss.', 4e9),
    communicationBytes: number('Communication buffers.', 2e9),
    overheadBytes: number('Runtime.', 3e9),
    headroomBytes: number('What is left of usableBytes by the count; negative where fit is unlikely.', 1e10),
    fit: choice(['fits', 'likely', 'unlikely'], {
      description:
        'Whether the run fits: for sure (the 90th percentile of measured peaks over counted ones stays within usableBytes), likely (the median does) or unlikely (the 10th percentile alone does). A cluster that the answer chooses fits for sure; one that the request gives is refused only where not even the 10th percentile fits.',
      examples: ['fits'],
    }),
    hostMemoryBytesPerNode: number('Host memory one server needs.', 2e11),
  },
  { description: 'Memory of the fullest device, in bytes.' },
);

const StageSchema = component(
  'TrainingStage',
  {
    tokens: number('Tokens of the stage.', 8e11),
    sequenceLength: integer('Tokens per sequence.', 131_072),
    globalBatchTokens: number('Tokens per optimizer step.', 16_777_216),
    cleanHours: number('Hours of its clean steps.', 40),
    tokensPerSecondPerDevice: number('Clean throughput, tokens/s per device.', 380),
    mfu: number('Model FLOPs utilization with causal attention.', 0.38),
    layout: ref(LayoutSchema, { description: 'The best layout found for it.' }),
  },
  { description: 'A stage after the main one.' },
);

const RunSchema = component(
  'TrainingRun',
  {
    wallClockDays: figure('From start to finish, days.'),
    deviceHours: figure('Device-hours, spares included, experiments apart.'),
    cleanHours: number('Hours of clean steps alone.', 600),
    steps: nullableNumber('Optimizer steps; only for language models.', 3_576_279),
    goodput: number('Share of wall-clock time that makes progress.', 0.93),
    stageFactor: number('All-in hours over clean hours.', 1.1),
    batchRampFactor: number('Hours with the batch ramp over those without, main stage.', 1),
    stages: Type.Optional(
      list(ref(StageSchema), { description: 'Stages after the main one; absent where none was given.' }),
    ),
    expectedInterruptions: number('Interruptions to expect.', 21),
    checkpointIntervalMinutes: number('Best interval between checkpoints.', 38),
    checkpointGigabytes: number('Size of one checkpoint, GB.', 112),
    experimentDeviceHours: number('Device-hours of experiments before the run.', 0),
  },
  { description: 'The whole run with failures, checkpoints, evaluation and stages.' },
);

const StorageSchema = component(
  'TrainingStorage',
  {
    datasetTerabytes: number('Training data, TB.', 60),
    checkpointTerabytes: number('Checkpoints kept, TB.', 1.1),
    dataLoadingGbPerSecond: number('Read rate the run needs, GB/s.', 0.04),
    checkpointWriteGbPerSecond: number('Write rate that checkpoints need, GB/s.', 5),
  },
  { description: 'Storage the run needs.' },
);

const BudgetSchema = component(
  'TrainingBudget',
  {
    budgetUsd: nullable(Type.String({ description: 'The budget in USD; null where none was set.', examples: ['500'] })),
    budgetDeviceHours: nullableNumber('The budget in device-hours; null where none was set.', 1000),
    computeUsd: decimal('Hardware of the final run.', '13.6000'),
    computeLikelihood: nullable(
      Type.String({
        enum: ['nine_in_ten', 'more_likely_than_not', 'less_likely_than_not'],
        description: 'Probability that the hardware stays within the budget; null without a budget in USD.',
        examples: ['nine_in_ten'],
      }),
    ),
    wholeBillUsd: decimal('Everything: hardware, experiments, data, storage, people.', '9210.0000'),
    coversWholeBill: nullable(
      Type.Boolean({
        description: 'Whether the budget covers the whole bill; null without a budget in USD.',
        examples: [false],
      }),
    ),
    statement: text(
      'The same in words.',
      'The budget of 500 USD pays for the hardware of the run (13.6 USD, in nine cases of ten or more); it does not cover the whole bill of 9,210 USD with experiments, data, storage and people.',
    ),
  },
  { description: 'The budget beside what it pays for.' },
);

const NarrowingInputSchema = component(
  'NarrowingInput',
  {
    field: text('JSON Pointer of the request field.', '/run/experimentsMultiple'),
    assumptionId: Type.Optional(
      text('The assumption that it would take the place of.', 'run.stage_factor.over_trained'),
    ),
    reason: text(
      'What the answer assumes while the input is not given.',
      'Assumed: 0.75 (0.1 to 4.6) x the final run.',
    ),
    narrowsByPercent: number(
      'By how much the distance from p10 to p90 would shrink if it were said, all else as it is.',
      42,
    ),
    p90OverP10: number('Width of the band that would remain: p90 over p10.', 2.6),
  },
  { description: 'An input that would narrow a band.' },
);

const narrowingInputs = (description: string) => list(ref(NarrowingInputSchema), { description });

const NarrowingSchema = component(
  'Narrowing',
  {
    deviceHours: narrowingInputs('For run.deviceHours and run.wallClockDays, most first; empty where nothing would.'),
    totalCost: narrowingInputs('Inputs that would narrow cost.total, the most useful first; empty where none would.'),
  },
  {
    description:
      'The inputs that would narrow the bands most. Each is found by taking out what it would settle and working the band out again.',
  },
);

const FeasibleTrainingSchema = component(
  'FeasibleTrainingEstimate',
  {
    status: Type.Literal('feasible', { description: 'The workload can be done as asked.' }),
    summary: text('The answer in a sentence or two.', 'Pretraining Llama 3.1 8B on 15 T tokens …'),
    workload: ref(WorkloadSchema, { description: 'The run as it was understood.' }),
    cluster: ref(ClusterSchema, { description: 'Where it would run.' }),
    selection: ref(SelectionSchema, { description: 'Why this device and cluster.' }),
    cost: ref(CostBreakdownSchema, { description: 'The bill of the run.' }),
    budget: Type.Optional(
      ref(BudgetSchema, { description: 'The budget beside what it pays for; absent where none was set.' }),
    ),
    run: ref(RunSchema, { description: 'The whole run.' }),
    flops: ref(FlopsSchema, { description: 'Arithmetic.' }),
    rollout: Type.Optional(ref(RolloutReportSchema, { description: 'How answers are sampled; only with GRPO.' })),
    layout: Type.Optional(ref(LayoutSchema, { description: 'The best layout found; only for language models.' })),
    layoutAlternatives: Type.Optional(
      list(ref(LayoutAlternativeSchema), {
        description: 'The next best layouts and why the chosen one is better; left out with view=summary.',
      }),
    ),
    step: Type.Optional(ref(StepSchema, { description: 'One clean step; only for language models.' })),
    memory: Type.Optional(
      ref(MemorySchema, { description: 'Memory of the fullest device; only for language models.' }),
    ),
    storage: Type.Optional(ref(StorageSchema, { description: 'Storage the run needs; only for language models.' })),
    energy: Type.Optional(
      ref(EnergyReportSchema, {
        description: 'Energy and emissions of the run; absent where no power figure is known.',
      }),
    ),
    racks: Type.Optional(
      ref(RackReportSchema, { description: 'Room and power; absent where no power figure is known.' }),
    ),
    bindingConstraint: ref(BindingConstraintSchema, { description: 'What limits the answer, and what would lift it.' }),
    narrowing: ref(NarrowingSchema, {
      description: 'Which inputs would narrow the bands most, worked out for each in turn.',
    }),
    assumptions,
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
    bandBases: Type.Optional(bandBases),
    request: repeatable(TrainingEstimateRequestSchema),
    replay,
  },
  { description: 'A training estimate.' },
);

const InfeasibleTrainingSchema = component(
  'InfeasibleTrainingEstimate',
  {
    status: Type.Literal('infeasible', { description: 'The workload cannot be done as asked.' }),
    summary: text('Why, in a sentence or two.', 'Llama 3.1 405B does not fit on 8 devices.'),
    workload: ref(WorkloadSchema, { description: 'The run as it was understood.' }),
    reasons: list(ref(ExclusionSchema), { description: 'What failed, with required and actual values.' }),
    elsewhere: list(ref(PlaceElsewhereSchema), {
      description: 'The nearest places that offer a device that trains it as asked, where the place is what fails.',
    }),
    relaxation: Type.Optional(
      ref(RelaxationSchema, {
        description:
          'A change that makes it possible, verified by planning the run again with it; where several reasons stand against the run, one that removes the first. Absent where none was found.',
      }),
    ),
    assumptions,
    request: repeatable(TrainingEstimateRequestSchema),
    replay,
  },
  { description: 'Nothing fits: a result with reasons.' },
);

export const TrainingEstimateSchema = unionComponent(
  'TrainingEstimate',
  'status',
  [FeasibleTrainingSchema, InfeasibleTrainingSchema],
  { description: 'The answer to a training question.' },
);
