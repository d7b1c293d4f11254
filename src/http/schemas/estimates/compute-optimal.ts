import { Type } from '@sinclair/typebox';
import { figure, number, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref, unionComponent } from '../component.ts';
import { CustomLanguageModelSchema } from '../custom-language-model.ts';
import { deviceFields } from '../device-selector.ts';
import { pinFields } from '../pins.ts';
import { LocationSchema, PurchaseSchema } from '../purchase.ts';
import { positive, positiveInteger, usd } from '../quantity.ts';
import {
  bandBases,
  ExclusionSchema,
  MoneyFigureSchema,
  PriceUseSchema,
  RelaxationSchema,
  repeatable,
  replay,
} from './answer.ts';
import { ClusterOptionsSchema } from './training/cluster-options.ts';
import { RunOptionsSchema } from './training/run-options.ts';

const LAWS = ['besiroglu_2024', 'hoffmann_2022'] as const;

export const ComputeOptimalRequestSchema = component(
  'ComputeOptimalRequest',
  {
    budgetFlops: Type.Optional(positive('Training FLOPs, counted as 6 x parameters x tokens.', 1e30, 5.76e23)),
    budgetUsd: Type.Optional(usd('USD of hardware for the run.', '1000000')),
    budgetDeviceHours: Type.Optional(positive('Paid device-hours of the run.', 1e12, 1_000_000)),
    budgetDays: Type.Optional(positive('Days on the cluster given as cluster.devices.', 100_000, 30)),
    lifetimeInferenceTokens: Type.Optional(
      positive(
        'Tokens read and written over the life of the model; adds the size that is cheapest with them.',
        1e20,
        2e12,
      ),
    ),
    law: Type.Optional(
      choice(LAWS, {
        description:
          'Scaling law: the re-fit of Besiroglu et al. 2024 where absent, or approach 3 of Hoffmann et al. 2022 as published.',
        examples: ['besiroglu_2024'],
      }),
    ),
    ...deviceFields,
    cluster: Type.Optional(
      ref(ClusterOptionsSchema, { description: 'The cluster; chosen by the deadline where absent.' }),
    ),
    precision: Type.Optional(
      choice(['bf16', 'fp16', 'fp8', 'mxfp8', 'nvfp4'], {
        description: 'Matrix arithmetic; bf16 where absent.',
        examples: ['bf16'],
      }),
    ),
    sequenceLength: Type.Optional(positiveInteger('Tokens per sequence; 8,192 where absent.', 1_000_000, 8192)),
    deadlineDays: Type.Optional(positive('Days until it must be done; chooses the cluster size.', 100_000, 60)),
    location: Type.Optional(ref(LocationSchema, { description: 'Where it must run; anywhere where absent.' })),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How the hardware is paid for; on demand where absent.' }),
    ),
    run: Type.Optional(ref(RunOptionsSchema, { description: 'What happens around the clean steps.' })),
    ...pinFields,
  },
  {
    description: 'A budget to plan for; exactly one of the four.',
    examples: [{ budgetUsd: '1000000', device: 'nvidia-h100-sxm5-80gb' }],
  },
);

const LawSchema = component(
  'ScalingLaw',
  {
    id: choice(LAWS, { description: 'Name of the law.', examples: ['besiroglu_2024'] }),
    irreducible: number('E: loss that no model goes below.', 1.8172),
    parametersCoefficient: number('A: coefficient of the parameter term.', 482.01),
    tokensCoefficient: number('B: coefficient of the token term.', 2085.43),
    parametersExponent: number('alpha: exponent of the parameters.', 0.3478),
    tokensExponent: number('beta: exponent of the tokens.', 0.3658),
    source: text('Who published it.', 'Besiroglu et al. 2024 (arXiv 2404.10102)'),
  },
  { description: 'Expected loss = E + A / parameters^alpha + B / tokens^beta, nats per token of its own corpus.' },
);

const BudgetSchema = component(
  'PlanningBudget',
  {
    kind: choice(['flops', 'usd', 'device_hours', 'days'], { description: 'What is limited.', examples: ['usd'] }),
    limit: number('Size of the budget.', 1_000_000),
    used: number('Part of the budget that the optimum uses.', 995_937),
  },
  { description: 'The budget and what is used.' },
);

const PlanSchema = component(
  'TrainingPlan',
  {
    label: text('What it is.', 'compute-optimal'),
    parameters: number('Parameters of the decoder, embeddings included.', 5.6e10),
    tokens: number('Training tokens.', 1.05e12),
    tokensPerParameter: number('Their ratio.', 18.7),
    expectedLoss: figure('Nats per token of the corpus of the law.'),
    trainingFlops: number('6 x parameters x tokens.', 3.5e23),
    inferenceFlopsPerToken: number('2 x parameters.', 1.1e11),
    lifetimeFlops: nullable(
      Type.Number({ description: 'Training and inference; null without inference.', examples: [5.8e23] }),
    ),
    shape: ref(CustomLanguageModelSchema, {
      description: 'A decoder of that size: send it to the training estimate as customLanguageModel for the working.',
    }),
    deviceId: text('Device it is priced on.', 'nvidia-h100-sxm5-80gb'),
    devices: Type.Integer({ description: 'Devices in the cluster.', examples: [256] }),
    wallClockDays: figure('From start to finish, days.'),
    deviceHours: figure('Paid device-hours.'),
    prices: list(ref(PriceUseSchema), { description: 'Prices of the hardware.' }),
    compute: ref(MoneyFigureSchema, { description: 'Hardware of the run.' }),
    wholeBill: ref(MoneyFigureSchema, { description: 'With experiments, data, storage and people.' }),
  },
  { description: 'A model size and tokens, priced by the training estimate.' },
);

const OtherLawSchema = component(
  'OtherScalingLaw',
  {
    law: ref(LawSchema, { description: 'The law.' }),
    parameters: number('Parameters it gives for the same FLOPs.', 3.2e10),
    tokens: number('Tokens it gives.', 1.8e12),
  },
  { description: 'What the other published law says.' },
);

const FeasibleSchema = component(
  'FeasibleComputeOptimalEstimate',
  {
    status: Type.Literal('feasible', { description: 'The budget trains a model.' }),
    summary: text(
      'The answer in a sentence or two.',
      '1 M USD of hardware pays for 56 bn parameters on 1.05 T tokens …',
    ),
    law: ref(LawSchema, { description: 'The law used.' }),
    budget: ref(BudgetSchema, { description: 'The budget.' }),
    parameters: figure('Optimal size with the uncertainty of the law.'),
    tokens: figure('Optimal tokens with the uncertainty of the law.'),
    optimum: ref(PlanSchema, { description: 'Least expected loss for the budget.' }),
    otherLaw: ref(OtherLawSchema, { description: 'The other published law at the same FLOPs.' }),
    inferenceAware: Type.Optional(
      ref(PlanSchema, {
        description:
          'The same loss for fewest FLOPs of training and inference; takes more training than the budget. Absent without lifetimeInferenceTokens.',
      }),
    ),
    alternatives: list(ref(PlanSchema), { description: 'The same budget on smaller and larger models.' }),
    shapeRule: text('How the decoders are shaped.', 'Dense decoder after the Llama 3 family …'),
    bandBases,
    request: repeatable(ComputeOptimalRequestSchema),
    replay,
  },
  { description: 'A plan for the budget.' },
);

const InfeasibleSchema = component(
  'InfeasibleComputeOptimalEstimate',
  {
    status: Type.Literal('infeasible', { description: 'The budget trains nothing as asked.' }),
    summary: text('Why, in a sentence.', 'The least run tried takes 12 USD; the budget is 1.'),
    reasons: list(ref(ExclusionSchema), { description: 'What failed, with required and actual values.' }),
    relaxation: Type.Optional(
      ref(RelaxationSchema, { description: 'A change that makes it possible; absent where none was found.' }),
    ),
    request: repeatable(ComputeOptimalRequestSchema),
    replay,
  },
  { description: 'Nothing can be trained: a result with reasons.' },
);

export const ComputeOptimalEstimateSchema = unionComponent(
  'ComputeOptimalEstimate',
  'status',
  [FeasibleSchema, InfeasibleSchema],
  { description: 'The answer to a planning question.' },
);

export const computeOptimalExamples = {
  dollars: {
    summary: 'What a million dollars of H100s trains best, for a model that will then serve 2 T tokens',
    value: { budgetUsd: '1000000', device: 'nvidia-h100-sxm5-80gb', lifetimeInferenceTokens: 2e12 },
  },
  flops: {
    summary: 'The budget of Chinchilla',
    value: { budgetFlops: 5.76e23, device: 'nvidia-h100-sxm5-80gb' },
  },
  cluster: {
    summary: 'Thirty days on a cluster of 1,024',
    value: { budgetDays: 30, device: 'nvidia-h100-sxm5-80gb', cluster: { devices: 1024 } },
  },
};
