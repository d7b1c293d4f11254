import { Type } from '@sinclair/typebox';
import { decimal, integer, number, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref, unionComponent } from '../component.ts';
import { AssumptionSchema, replay } from '../estimates/answer.ts';
import { MoneySchema } from '../money.ts';
import { pinFields } from '../pins.ts';
import { positive } from '../quantity.ts';
import { RecommendationConstraintsSchema } from './constraints.ts';
import { ChangeSchema, LeftOutSchema } from './left-out.ts';
import { HardwareRecommendationRequestSchema, ServedWorkloadSchema } from './request.ts';

const { purchase, engines } = HardwareRecommendationRequestSchema.properties;

const RequestSizeSchema = component(
  'RequestSize',
  {
    promptTokens: Type.Number({ minimum: 0, maximum: 1e7, description: 'Prompt tokens.', examples: [300] }),
    outputTokens: Type.Number({ minimum: 1, maximum: 1e7, description: 'Output tokens.', examples: [200] }),
    share: positive('Weight of the size: a share or a count.', 1e12, 0.2),
  },
  { description: 'One bucket of requests.', examples: [{ promptTokens: 300, outputTokens: 200, share: 0.2 }] },
);

export const MixedFleetRequestSchema = component(
  'MixedFleetRequest',
  {
    inference: ref(ServedWorkloadSchema, { description: 'What is to be served: a language model.' }),
    sizes: Type.Optional(
      list(ref(RequestSizeSchema), {
        description:
          'Requests by size; cut out of the length distributions of the workload where absent, and in place of them where given.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    slicesPerSize: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 32,
        description: 'Parts a size may be split into; 4 where absent.',
        examples: [4],
      }),
    ),
    regions: Type.Optional(
      choice(['one', 'any'], {
        description:
          'one, where absent: the whole fleet stands in one region (or in your own hall), as one endpoint should: machines elsewhere add a round trip and egress, keep caches and queues apart, and put data under other laws. any: it may span regions, providers and owned hardware.',
        examples: ['one'],
      }),
    ),
    maxTypes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 12, description: 'Most device types in use.', examples: [2] }),
    ),
    steadySharePercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 100,
        description: 'Least share of the requests on capacity that is not taken away: the floor beside spot.',
        examples: [50],
      }),
    ),
    hourlyLoad: Type.Optional(
      list(Type.Number({ minimum: 0, maximum: 1e12, description: 'Load of an hour.' }), {
        description:
          'Load of each hour of the day, in any unit, from midnight: decides the peak, and how much is committed and how much comes by the hour.',
        minItems: 24,
        maxItems: 24,
        examples: [[2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2]],
      }),
    ),
    constraints: Type.Optional(
      ref(RecommendationConstraintsSchema, {
        description:
          'Limits. Those on money (the hardware), energy, carbon, edge devices, and power and racks of your hall hold for the whole mix; the others for every device in it.',
      }),
    ),
    purchase,
    engines,
    ...pinFields,
  },
  {
    description: 'A question for a mix of devices. Only the workload is needed.',
    examples: [{ inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 } }],
  },
);

const HourlyPlanSchema = component(
  'HourlyFleetPlan',
  {
    machines: list(Type.Integer({ description: 'Machines.' }), {
      description: 'Machines that each hour of the day needs, spares included.',
      examples: [[3, 3, 2, 2]],
    }),
    committedMachines: integer('Of those, on a commitment and running all month.', 2),
    machineHoursByTheHour: number('Machine-hours a month beyond those, paid by the hour, starts included.', 812),
    usdPerMonth: decimal('Cost of both together, USD a month.', '3100.0000'),
    flatUsdPerMonth: decimal('All machines of the busiest hour, all month.', '4400.0000'),
  },
  { description: 'The base of the load on a commitment and its peaks by the hour: the cheapest split there is.' },
);

const machineFields = {
  machineId: text(
    'Stable name within the answer.',
    'nvidia-l4-24gb/vllm/bf16/tp1@on_demand@gcp/us-east4@g2-standard-4',
  ),
  deviceId: text('Catalog device.', 'nvidia-l4-24gb'),
  deviceName: text('Name for people.', 'NVIDIA L4 24GB'),
  purchase: choice(['on_demand', 'spot', 'committed', 'owned'], {
    description: 'Way of paying.',
    examples: ['on_demand'],
  }),
  providerId: nullable(text('Provider.', 'gcp')),
  regionId: nullable(text('Region; null for prices without one.', 'gcp/us-east4')),
  sku: nullable(text('Machine of the provider; null for owned hardware.', 'g2-standard-4')),
  priceId: nullable(text('Catalog price; null for owned hardware.', 'gcp/us-east4/g2-standard-4/on_demand')),
  usdPerMachineHour: decimal(
    'Price of a machine, interruptions of spot capacity, and hall and power of owned hardware, included.',
    '0.7068',
  ),
  stalePrice: Type.Boolean({
    description: 'Whether the price is older than the limit of its category.',
    examples: [false],
  }),
} as const;

const MachineTypeSchema = component(
  'FleetMachineType',
  {
    ...machineFields,
    devicesPerMachine: integer('Devices in a machine.', 1),
    replicasPerMachine: integer('Replicas that a machine holds.', 1),
  },
  { description: 'A machine that the mix could use.' },
);

const FleetUseSchema = component(
  'FleetUse',
  {
    upfrontUsd: decimal('Paid before the first request: hardware bought, upfront payments. USD.', '120000.0000'),
    facilityKilowattHours: nullable(
      number('Energy of the facility in a month, cooling included; null where no power figure is known.', 2100),
    ),
    carbonKilograms: nullable(
      number('Emissions of that energy, kg CO2e a month; null where no power figure is known.', 830),
    ),
    ownFacilityKilowatts: nullable(
      number('The most that owned machines draw in your hall, cooling included; 0 for rented ones.', 8.2),
    ),
    ownRacks: nullable(number('Racks in your hall, each of machines of one kind; 0 for rented ones.', 3)),
  },
  { description: 'What machines take besides their monthly cost, all of them running all month.' },
);

const limitFields = {
  constraint: choice(
    ['monthly_budget', 'upfront_budget', 'carbon', 'energy', 'edge_devices', 'facility_power', 'rack_space'],
    { description: 'The limit.', examples: ['carbon'] },
  ),
  field: text('JSON Pointer of the limit in the request.', '/constraints/maxCarbonKilogramsPerMonth'),
  limit: number('The most that is allowed.', 500),
  unit: text('Unit of the figures.', 'kg CO2e a month'),
} as const;

const KeptLimitSchema = component(
  'FleetLimit',
  { ...limitFields, actual: number('What the mix takes.', 412) },
  { description: 'A limit on the whole mix.' },
);

const MissedLimitSchema = component(
  'MissedFleetLimit',
  {
    ...limitFields,
    leastPossible: nullable(
      number(
        'What a mix that keeps all other limits takes at least; null where other limits stand in the way as well.',
        640,
      ),
    ),
    margin: nullable(number('How much that is above the limit.', 140)),
  },
  { description: 'A limit that no mix keeps together with the others.' },
);

const PoolSchema = component(
  'FleetPool',
  {
    ...machineFields,
    machines: integer('Machines, spares included.', 9),
    devices: integer('Devices in these machines.', 9),
    replicas: integer('Replicas in these machines.', 9),
    linearMachines: integer('Machines that would be needed if small pools had no longer queues than large ones.', 8),
    requestSharePercent: number('Share of all requests.', 62.5),
    requestsPerSecond: number('Requests per second in the peak hour.', 21.7),
    meanPromptTokens: number('Mean prompt length of the requests that the pool serves.', 340),
    meanOutputTokens: number('Mean output length of the requests that the pool serves.', 180),
    ttftMsP95: number('Time to first token at the 95th percentile, ms, for its own mix and rate.', 210),
    timePerOutputTokenMsP95: number('Time per output token at the 95th percentile, ms.', 48),
    endToEndMsP95: number('Whole request at the 95th percentile, ms.', 9800),
    utilizationAtPeak: number('Load in the peak hour as a share of the rate at which a replica saturates.', 0.66),
    usdPerMonth: decimal('Cost of all machines of the pool, USD a month.', '4643.6760'),
    use: ref(FleetUseSchema, { description: 'What the machines of the pool take besides.' }),
    hourly: Type.Optional(ref(HourlyPlanSchema, { description: 'By the hour; only with hourlyLoad.' })),
  },
  { description: 'Machines of one type and the requests they serve.' },
);

const SingleSchema = component(
  'SingleTypeFleet',
  {
    machineId: text(
      'Machine type, by its machineId.',
      'nvidia-l4-24gb/vllm/bf16/tp1@on_demand@gcp/us-east4@g2-standard-4',
    ),
    deviceName: text('Name for people.', 'NVIDIA L4 24GB'),
    machines: integer('Machines.', 15),
    usdPerMonth: decimal('Hardware.', '7739.4600'),
  },
  { description: 'The whole load on machines of one type.' },
);

const AssignmentSchema = component(
  'SizeAssignment',
  {
    promptTokens: number('Prompt tokens.', 300),
    outputTokens: number('Output tokens.', 200),
    sharePercent: number('Share of all requests, percent.', 3.33),
    machineShares: list(
      ref(
        component(
          'MachineShare',
          {
            machineId: text(
              'Machine type, by its machineId.',
              'nvidia-l4-24gb/vllm/bf16/tp1@on_demand@gcp/us-east4@g2-standard-4',
            ),
            percent: number('Share of the requests of this size that it serves, percent.', 75),
          },
          { description: 'Where part of a size goes.' },
        ),
      ),
      { description: 'Where requests of this size go; adds up to 100.' },
    ),
  },
  { description: 'Which machines serve a size of request.' },
);

const ProofSchema = component(
  'OptimizerProof',
  {
    status: choice(['optimal', 'limit', 'infeasible', 'unbounded'], {
      description: 'optimal: within the gap asked for; limit: stopped after its share of work.',
      examples: ['optimal'],
    }),
    boundUsdPerHour: nullable(
      number(
        'No mix of these machines costs less an hour, queueing of small pools left out; null where nothing is proved.',
        6.3,
      ),
    ),
    gapPercent: nullable(
      number('Distance between that cost and the proved lower bound, percent; null where nothing is proved.', 0.4),
    ),
    nodes: integer('Nodes of the branch and bound.', 1),
    simplexIterations: integer('Simplex iterations.', 812),
    rounds: integer('Times it was solved: again where a small pool needed more than its linear load.', 2),
    deterministic: Type.Boolean({ description: 'False where a time limit ended the search early.', examples: [true] }),
  },
  { description: 'How good the mix is, proved.' },
);

const SplitPoolSchema = component(
  'SplitPool',
  {
    ...machineFields,
    machines: integer('Machines, spares included.', 4),
    devices: integer('Devices in these machines.', 4),
    utilizationAtPeak: number('Of the rate of the pool, losses of matching the two included.', 0.62),
  },
  { description: 'Machines of one role.' },
);

const PrefillDecodeSchema = component(
  'PrefillDecodePools',
  {
    prefill: ref(SplitPoolSchema, { description: 'Where prompts are read.' }),
    decode: ref(SplitPoolSchema, { description: 'Where tokens are written.' }),
    usdPerMonth: decimal('Cost of the hardware of both pools, USD a month.', '7300.0000'),
    savingPercent: number('Against the mix above; negative where it costs more.', -8),
    transferMs: number(
      'KV cache of a mean prompt from one to the other, ms: over the network that the request gives, else 50 GB/s for each device.',
      3.2,
    ),
    ttftMsP95: number('Queue, prompt and transfer at the 95th percentile, ms.', 240),
    timePerOutputTokenMs: number('At the batch that the objective allows, ms.', 38),
  },
  { description: 'Prompts and tokens on pools of their own, in one region: the cheapest pair of machines.' },
);

const echo = ref(MixedFleetRequestSchema, {
  description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
});

const FleetPlaceSchema = component(
  'FleetPlace',
  {
    providerId: nullable(text('Provider; null for owned hardware, and with regions any.', 'gcp')),
    regionId: nullable(
      text('Region; null where the provider names none, for owned hardware, and with regions any.', 'gcp/us-east4'),
    ),
    country: nullable(text('Country; null where unknown, and with regions any.', 'US')),
    compared: integer('Places that offer machines for it.', 41),
    solved: integer('Places whose best fleet was worked out; the others cannot be cheaper.', 2),
    restAtLeastUsdPerMonth: nullable(
      decimal('No fleet in a place that was not solved costs less; null where all were.', '5900.0000'),
    ),
  },
  { description: 'Where the fleet stands.' },
);

const FeasibleSchema = component(
  'FeasibleMixedFleet',
  {
    status: Type.Literal('feasible', { description: 'Every size is served.' }),
    summary: text('The answer in a sentence or two.', 'Llama-3.1-8B: 9 x NVIDIA L4 (62 % of requests) and …'),
    modelId: text('Catalog id, or custom.', 'meta-llama/Llama-3.1-8B'),
    requestsPerSecond: number('Requests per second in the peak hour.', 34.7),
    place: ref(FleetPlaceSchema, { description: 'Where it stands, and what other places would cost.' }),
    usdPerMonth: decimal('Cost of the hardware of all pools, USD a month.', '6100.0000'),
    costPerMonth: ref(MoneySchema, { description: 'The same in the reporting currency.' }),
    use: ref(FleetUseSchema, { description: 'What all pools together take besides.' }),
    limits: list(ref(KeptLimitSchema), {
      description: 'Limits on the whole mix, with what it takes of them; empty where the request sets none.',
    }),
    pools: list(ref(PoolSchema), { description: 'Pools of machines that make up the mix.' }),
    singleTypes: list(ref(SingleSchema), {
      description: 'Machine types that could serve everything alone, cheapest first.',
    }),
    savingPercent: nullable(
      number('Against the cheapest of those; 0 where mixing does not pay; null where none does.', 14),
    ),
    assignment: list(ref(AssignmentSchema), { description: 'Which machines serve which size.' }),
    considered: list(ref(MachineTypeSchema), {
      description: 'Machines that the mix could use, at most twelve, or eighteen within limits on the whole mix.',
    }),
    prefillDecode: Type.Optional(
      ref(PrefillDecodeSchema, {
        description:
          'Prefill and decode on pools of their own; absent where no pair in one region keeps the objectives.',
      }),
    ),
    proof: ref(ProofSchema, { description: 'How good the mix is.' }),
    assumptions: list(ref(AssumptionSchema), { description: 'Defaults that the mix rests on.' }),
    request: echo,
    replay,
  },
  { description: 'The cheapest mix of machines.' },
);

const InfeasibleSchema = component(
  'InfeasibleMixedFleet',
  {
    status: Type.Literal('infeasible', { description: 'No mix serves every size.' }),
    summary: text('Why, in a sentence.', 'No mix of the devices that the limits leave serves every size of request.'),
    modelId: text('Catalog id, or custom.', 'meta-llama/Llama-3.1-8B'),
    smallestChanges: list(
      ref(
        component(
          'MixedFleetChange',
          {
            changes: list(ref(ChangeSchema), { description: 'Changes to be made together; most often one.' }),
            usdPerMonth: decimal('Cost of the mix once they are made, USD a month.', '12000.0000'),
          },
          { description: 'A change of the request with which a mix serves every size, found by applying it.' },
        ),
      ),
      {
        description:
          'Smallest first; empty where nothing that was tried helps. One limit changes where that is enough; else several together, so that the shares by which they are raised are least in sum.',
      },
    ),
    missedLimits: list(ref(MissedLimitSchema), {
      description: 'Limits on the whole mix that stand in the way; empty where it is for want of devices.',
    }),
    leftOut: ref(LeftOutSchema, { description: 'What was left out and why.' }),
    assumptions: list(ref(AssumptionSchema), { description: 'Defaults that the search rests on.' }),
    request: echo,
    replay,
  },
  { description: 'Nothing serves every size: a result with reasons.' },
);

export const MixedFleetSchema = unionComponent('MixedFleet', 'status', [FeasibleSchema, InfeasibleSchema], {
  description: 'The answer to a question for a mix of devices.',
});

export const mixedFleetExamples = {
  ownHall: {
    summary: 'Machines of your own in a hall of 12 kW, within a budget for buying them',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 2_000_000,
        objectives: { timePerOutputTokenMsP95: 80 },
      },
      purchase: { accept: ['owned'] },
      constraints: { countries: ['DE'], upfrontBudgetUsd: '200000', facility: { maxKilowatts: 12, maxRacks: 3 } },
    },
  },
  carbonTooLow: {
    summary: 'Less carbon than any mix takes: the answer names the least that works',
    value: {
      inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 },
      constraints: { maxCarbonKilogramsPerMonth: 1 },
    },
  },
  simplest: {
    summary: 'The least there is to say: a language model and its load',
    value: { inference: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 3_000_000 } },
  },
  chatAndDocuments: {
    summary: 'Short chats and long documents, spot beside a steady half, by the hour of the day',
    value: {
      inference: {
        model: 'meta-llama/Llama-3.1-8B',
        requestsPerDay: 2_000_000,
        objectives: { timePerOutputTokenMsP95: 80 },
      },
      sizes: [
        { promptTokens: 70, outputTokens: 200, share: 60 },
        { promptTokens: 400, outputTokens: 300, share: 20 },
        { promptTokens: 4000, outputTokens: 260, share: 20 },
      ],
      purchase: { accept: ['on_demand', 'committed', 'spot'] },
      steadySharePercent: 50,
      hourlyLoad: [2, 1, 1, 1, 1, 2, 4, 6, 8, 10, 10, 9, 9, 10, 10, 9, 8, 7, 6, 5, 4, 3, 3, 2],
    },
  },
};
