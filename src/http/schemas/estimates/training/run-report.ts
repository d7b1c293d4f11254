/** A training run: its arithmetic, one step of it, the whole with failures and stages, and the storage it needs. */
import { Type } from '@sinclair/typebox';
import { figure, integer, nullableNumber, number, text } from '../../answer-fields.ts';
import { choice, component, list, ref } from '../../component.ts';
import { LayoutSchema } from './cluster-report.ts';

export const FlopsSchema = component(
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

export const RolloutReportSchema = component(
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

export const StepSchema = component(
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

export const MemorySchema = component(
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

export const RunSchema = component(
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

export const StorageSchema = component(
  'TrainingStorage',
  {
    datasetTerabytes: number('Training data, TB.', 60),
    checkpointTerabytes: number('Checkpoints kept, TB.', 1.1),
    dataLoadingGbPerSecond: number('Read rate the run needs, GB/s.', 0.04),
    checkpointWriteGbPerSecond: number('Write rate that checkpoints need, GB/s.', 5),
  },
  { description: 'Storage the run needs.' },
);
