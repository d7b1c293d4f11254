/** What happens around the clean steps of a training run. */
import { Type } from '@sinclair/typebox';
import { component } from '../../component.ts';
import { percent, positive, positiveInteger } from '../../quantity.ts';

export const StageOptionsSchema = component(
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

export const RolloutOptionsSchema = component(
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

export const RunOptionsSchema = component(
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
