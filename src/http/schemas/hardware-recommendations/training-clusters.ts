import { Type } from '@sinclair/typebox';
import { decimal, figure, integer, nullableNumber, nullableText, number, text } from '../answer-fields.ts';
import { choice, component, list, ref, unionComponent } from '../component.ts';
import { bandBases, MoneyFigureSchema, PriceUseSchema, RelaxationSchema, replay } from '../estimates/answer.ts';
import { TrainingEstimateRequestSchema } from '../estimates/training/request.ts';
import { pinFields } from '../pins.ts';
import { LocationSchema, OwnedTermsSchema } from '../purchase.ts';
import { RecommendationConstraintsSchema } from './constraints.ts';
import { TrainedWorkloadSchema } from './workload.ts';

const PURCHASES = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'] as const;
const purchase = (description: string) => choice(PURCHASES, { description, examples: ['on_demand'] });

const { devices, excludedDevices, deviceClasses, vendors, excludedVendors } =
  RecommendationConstraintsSchema.properties;

const ConstraintsSchema = component(
  'TrainingClusterConstraints',
  {
    devices,
    excludedDevices,
    deviceClasses,
    vendors,
    excludedVendors,
    maxDevices: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'Most devices that may train together, for example because no more can be rented or housed.',
        examples: [1024],
      }),
    ),
  },
  { description: 'Limits on the cluster.', examples: [{ vendors: ['google'], maxDevices: 1024 }] },
);

export const TrainingClusterRequestSchema = component(
  'TrainingClusterRequest',
  {
    training: ref(TrainedWorkloadSchema, { description: 'What is to be trained, by when and for how much.' }),
    goal: Type.Optional(
      choice(['cheapest', 'fastest'], {
        description:
          'cheapest hardware of the run where absent; fastest ends first within the budget, if one is given.',
        examples: ['cheapest'],
      }),
    ),
    accept: Type.Optional(
      list(purchase('A way of paying.'), {
        description:
          'Ways of paying that may win; on_demand alone where absent. spot trains through interruptions from checkpoints. The others are worked out too, to say what they would cost.',
        minItems: 1,
        maxItems: 5,
        examples: [['on_demand', 'spot']],
      }),
    ),
    constraints: Type.Optional(ref(ConstraintsSchema, { description: 'Devices that may train, and how many.' })),
    location: Type.Optional(ref(LocationSchema, { description: 'Where it must run; anywhere where absent.' })),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware.' })),
    maxOptions: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 15, description: 'Options in the answer; 5 where absent.', examples: [5] }),
    ),
    ...pinFields,
  },
  {
    description: 'A question for a training cluster. Only the workload is needed.',
    examples: [{ training: { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, deadlineDays: 30 } }],
  },
);

const CommitmentSchema = component(
  'TrainingCommitment',
  {
    termMonths: integer('Term of the commitment.', 12),
    usd: decimal(
      'Cost of the hardware over the whole term, USD. What the run does not use has to be filled with other work.',
      '840000.0000',
    ),
  },
  { description: 'A commitment, which is paid to its end however short the run is.' },
);

const OptionSchema = component(
  'TrainingClusterOption',
  {
    purchase: purchase('Way of paying.'),
    accepted: Type.Boolean({ description: 'Whether the request accepts this way of paying.', examples: [true] }),
    deviceId: text('Catalog device.', 'nvidia-h100-sxm5-80gb'),
    deviceName: text('Name for people.', 'NVIDIA H100 SXM5 80GB'),
    devices: integer('Devices in the cluster.', 64),
    nodes: integer('Machines in the cluster.', 8),
    providerId: nullableText('Provider; null for owned hardware.', 'azure'),
    regionId: nullableText('Region; null where there is none.', 'azure/uaenorth'),
    country: nullableText('Country; null where unknown.', 'AE'),
    wallClockDays: figure('From start to finish with failures, interruptions and checkpoints, days.'),
    deviceHours: figure('Paid device-hours.'),
    goodput: number('Share of the wall-clock that trains.', 0.94),
    expectedInterruptions: number('Expected number of failures and spot interruptions over the run.', 1.2),
    checkpointIntervalMinutes: number('Interval of checkpoints that loses least.', 42),
    commitment: Type.Optional(
      ref(CommitmentSchema, { description: 'What is agreed to; absent where nothing is committed to.' }),
    ),
    hardwareUsd: decimal('Cost of the hardware of the final run: rented, or owned with its power.', '184000.0000'),
    cost: ref(MoneyFigureSchema, { description: 'The whole bill, as in the estimate.' }),
    prices: list(ref(PriceUseSchema), { description: 'Prices used, with source and age.' }),
    estimateRequest: ref(TrainingEstimateRequestSchema, {
      description: 'Send it to POST /v1/estimates/training for the whole working: the same figures.',
    }),
  },
  { description: 'A device, the cluster that suits it and a way of paying.' },
);

const OwnedSchema = component(
  'OwnedAgainstRented',
  {
    ownedHardwareUsd: decimal('Owned hardware for this run, at its utilization.', '91000.0000'),
    rentedHardwareUsd: decimal('The cheapest rental for this run alone; a commitment is none.', '120000.0000'),
    rentedAs: purchase('Way of paying for the rented cluster.'),
    ownedDeviceId: text('Device owned.', 'nvidia-h100-sxm5-80gb'),
    rentedDeviceId: text('Device rented.', 'nvidia-h100-sxm5-80gb'),
    utilizationPercent: number('Share of its life that owned hardware works in that figure.', 80),
    breakEvenUtilizationPercent: nullableNumber(
      'Share of its life from which owning costs less; above 100 it never does; null where even its power costs more than renting.',
      58,
    ),
  },
  { description: 'Owning against renting.' },
);

const LeftOutSchema = component(
  'TrainingLeftOut',
  {
    purchase: purchase('Way of paying.'),
    constraint: text('Check that failed.', 'memory'),
    detail: text('One sentence.', 'The model does not fit.'),
    required: nullableNumber('Value that was needed.', 141),
    actual: nullableNumber('Value that was found.', 80),
    margin: nullableNumber('actual less required.', -61),
    unit: nullableText('Unit of required, actual and margin.', 'bytes'),
    count: integer('Devices left out for this reason.', 12),
    examples: list(Type.String(), { description: 'Ids of at most five of them.', examples: [['nvidia-t4-16gb']] }),
  },
  { description: 'Devices that were left out on one way of paying.' },
);

const TrainingChangeSchema = component(
  'TrainingChange',
  {
    purchase: purchase('Way of paying for which the change helps.'),
    relaxation: ref(RelaxationSchema, { description: 'The change. It was searched with again.' }),
  },
  { description: 'A change with which a cluster is found on one way of paying.' },
);

const LimitChangeSchema = component(
  'TrainingLimitChange',
  {
    field: text('JSON Pointer of the limit.', '/constraints/maxDevices'),
    to: Type.Unsafe<number | string | null>({
      type: ['number', 'string', 'null'],
      description:
        'New value: of maxDevices the least number with which a cluster does it, of accept a way of paying to add; null where the limit is to be left out.',
      examples: [64],
    }),
    purchase: purchase('Way of paying of the cluster that the change lets through.'),
    deviceId: text('Its catalog device.', 'nvidia-h100-sxm5-80gb'),
    deviceName: text('Name of the device.', 'NVIDIA H100 SXM5 80GB'),
    devices: integer('Devices in it.', 64),
    wallClockDays: number('Days that the run takes on it, median.', 21.4),
    hardwareUsd: decimal('Cost of the hardware of the final run, USD.', '184000.0000'),
  },
  { description: 'A limit that, changed by itself, lets a cluster through. Found by searching again with the change.' },
);

const echo = ref(TrainingClusterRequestSchema, {
  description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
});

const FeasibleSchema = component(
  'FeasibleTrainingClusters',
  {
    status: Type.Literal('feasible', { description: 'A cluster trains it as asked.' }),
    summary: text('The answer in a few sentences.', '64 x NVIDIA H100 SXM5 80GB train it in 12 days for 40,000 USD …'),
    options: list(ref(OptionSchema), { description: 'Accepted ways of paying, best first.' }),
    byPurchase: list(ref(OptionSchema), {
      description: 'The best by the goal of each way of paying, cheapest hardware first, also of those not accepted.',
    }),
    ownedAgainstRented: Type.Optional(
      ref(OwnedSchema, { description: 'Owning against renting; absent where one of them is not to be had.' }),
    ),
    leftOut: list(ref(LeftOutSchema), { description: 'What was left out and why, by way of paying.' }),
    bandBases,
    request: echo,
    replay,
  },
  { description: 'Ranked clusters.' },
);

const InfeasibleSchema = component(
  'InfeasibleTrainingClusters',
  {
    status: Type.Literal('infeasible', { description: 'No cluster trains it as asked.' }),
    summary: text('Why, in a sentence.', 'No cluster trains it as asked on the accepted terms.'),
    leftOut: list(ref(LeftOutSchema), { description: 'What was left out and why, by way of paying.' }),
    changes: list(ref(TrainingChangeSchema), {
      description:
        'Changes of the training, its place or its time, each by itself, with which a cluster is found on that way of paying, which has to be accepted, too; empty where none helps.',
    }),
    limitChanges: list(ref(LimitChangeSchema), {
      description:
        'Limits on devices and ways of paying that, changed by themselves, let a cluster through; empty where none does.',
    }),
    request: echo,
    replay,
  },
  { description: 'Nothing trains it as asked: a result with reasons.' },
);

export const TrainingClustersSchema = unionComponent('TrainingClusters', 'status', [FeasibleSchema, InfeasibleSchema], {
  description: 'The answer to a question for a training cluster.',
});

export const trainingClusterExamples = {
  limited: {
    summary: 'As fast as it goes on at most 1,024 accelerators of AMD or Google',
    value: {
      training: { model: 'meta-llama/Llama-3.1-70B', tokens: 1e12 },
      goal: 'fastest',
      constraints: { vendors: ['amd', 'google'], maxDevices: 1024 },
    },
  },
  deadline: {
    summary: 'An 8B model on a trillion tokens within 30 days, spot or on demand',
    value: {
      training: { model: 'meta-llama/Llama-3.1-8B', tokens: 1e12, deadlineDays: 30 },
      accept: ['on_demand', 'spot'],
    },
  },
  budget: {
    summary: 'A LoRA of a 7B model for 50 dollars, as fast as that goes',
    value: {
      training: {
        model: 'Qwen/Qwen2.5-7B-Instruct',
        tokens: 20_000_000,
        method: 'lora',
        budgetUsd: '50',
        people: { engineers: 0 },
      },
      goal: 'fastest',
    },
  },
};
