/** The answer to a training question. */
import { Type } from '@sinclair/typebox';
import { decimal, nullableNumber, number, text } from '../../answer-fields.ts';
import { component, list, nullable, ref, unionComponent } from '../../component.ts';
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
import { ClusterSchema, LayoutAlternativeSchema, LayoutSchema, SelectionSchema } from './cluster-report.ts';
import { TrainingEstimateRequestSchema } from './request.ts';
import { FlopsSchema, MemorySchema, RolloutReportSchema, RunSchema, StepSchema, StorageSchema } from './run-report.ts';

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
