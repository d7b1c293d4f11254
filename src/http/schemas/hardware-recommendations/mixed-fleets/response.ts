/** The answer to a question for a mix of devices. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableDecimal, nullableNumber, nullableText, number, text } from '../../answer-fields.ts';
import { choice, component, list, ref, unionComponent } from '../../component.ts';
import { AssumptionSchema, replay } from '../../estimates/answer.ts';
import { MoneySchema } from '../../money.ts';
import { ChangeSchema, LeftOutSchema } from '../left-out.ts';
import {
  FleetPoolSchema,
  FleetUseSchema,
  MachineTypeSchema,
  PrefillDecodeSchema,
  SingleTypeFleetSchema,
} from './pools.ts';
import { MixedFleetRequestSchema } from './request.ts';

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
    leastPossible: nullableNumber(
      'What a mix that keeps all other limits takes at least; null where other limits stand in the way as well.',
      640,
    ),
    margin: nullableNumber('How much that is above the limit.', 140),
  },
  { description: 'A limit that no mix keeps together with the others.' },
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
      description:
        'optimal: within the gap asked for; limit: stopped after its share of work; infeasible and unbounded: no mix was found.',
      examples: ['optimal'],
    }),
    boundUsdPerHour: nullableNumber(
      'No mix of these machines costs less an hour, queueing of small pools left out; null where nothing is proved.',
      6.3,
    ),
    gapPercent: nullableNumber(
      'Distance between that cost and the proved lower bound, percent; null where nothing is proved.',
      0.4,
    ),
    nodes: integer('Nodes of the branch and bound.', 1),
    simplexIterations: integer('Simplex iterations.', 812),
    rounds: integer('Times it was solved: again where a small pool needed more than its linear load.', 2),
    deterministic: Type.Boolean({ description: 'False where a time limit ended the search early.', examples: [true] }),
  },
  { description: 'How good the mix is, proved.' },
);

const echo = ref(MixedFleetRequestSchema, {
  description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
});

const FleetPlaceSchema = component(
  'FleetPlace',
  {
    providerId: nullableText('Provider; null for owned hardware, and with regions any.', 'gcp'),
    regionId: nullableText(
      'Region; null where the provider names none, for owned hardware, and with regions any.',
      'gcp/us-east4',
    ),
    country: nullableText('Country; null where unknown, and with regions any.', 'US'),
    compared: integer('Places that offer machines for it.', 41),
    solved: integer('Places whose best fleet was worked out; the others cannot be cheaper.', 2),
    restAtLeastUsdPerMonth: nullableDecimal(
      'No fleet in a place that was not solved costs less; null where all were.',
      '5900.0000',
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
    pools: list(ref(FleetPoolSchema), { description: 'Pools of machines that make up the mix.' }),
    singleTypes: list(ref(SingleTypeFleetSchema), {
      description: 'Machine types that could serve everything alone, cheapest first.',
    }),
    savingPercent: nullableNumber(
      'Against the cheapest of those; 0 where mixing does not pay; null where none does.',
      14,
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
