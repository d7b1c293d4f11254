/** The answer on a placement: the plan, what was ruled out, its proof and, where there is none, the conflict. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableDecimal, nullableNumber, number, text } from '../answer-fields.ts';
import { choice, component, list, ref, unionComponent } from '../component.ts';
import { AssumptionSchema, bandBases, CostBreakdownSchema, PriceUseSchema, ReplaySchema } from '../estimates/answer.ts';
import { ChoiceSchema, FailoverSchema, FlipSchema, FrontSchema, InsistenceSchema } from './beyond.ts';
import { ChangeSchema } from './checks.ts';
import { EdgePlacementSchema } from './edge.ts';
import { PlacementRequestSchema } from './request.ts';
import { PlacedSchema, StageReportSchema } from './stages.ts';

const MachineSchema = component(
  'SharedMachines',
  {
    siteId: text('Site.', 'edge/dubai'),
    deviceId: text('Device.', 'nvidia-jetson-agx-orin-64gb'),
    machines: integer('Number of machines; in a fleet, for each unit.', 1),
    units: integer('Units of a fleet; else 1.', 200),
    sharedBy: list(Type.String(), { description: 'Components that run on them.', examples: [['detect', 'track']] }),
  },
  { description: 'Machines that components share.' },
);

const TrafficSchema = component(
  'PlacementTraffic',
  {
    fromStage: text('Component or part of one that sends.', 'detect/small'),
    toStage: text('Component or part of one that receives.', 'detect/hard-8'),
    fromSite: text('Its site.', 'edge/dubai'),
    toSite: text('Its site.', 'azure/uaenorth'),
    gigabytesPerMonth: number('Volume, GB.', 0.4),
    bytesPerSecond: number('The volume as a mean rate, bytes per second.', 160),
    crossesBorder: Type.Boolean({ description: 'Whether the traffic crosses a border.', examples: [false] }),
    usdPerMonth: decimal(
      'What the sender pays for the traffic if it sends nothing else, USD a month. What a provider gives free is there once a month: what several flows count of it together stands in the bill as a line of its own.',
      '0.0000',
    ),
    basis: text('Price it was taken from.', 'within one region'),
  },
  { description: 'Traffic between two parts.' },
);

const AccuracySchema = component(
  'SplitAccuracy',
  {
    componentId: text('Component.', 'detect'),
    accuracy: number('Share of right answers.', 0.96),
    hardShare: nullableNumber(
      'Share of the requests that the large model answers, 0 to 1; null where it answers all.',
      0.08,
    ),
  },
  { description: 'The threshold an easy/hard split settled on.' },
);

const ProofSchema = component(
  'OptimalityProof',
  {
    status: choice(['optimal', 'limit', 'infeasible', 'unbounded'], {
      description:
        'optimal: within the gap asked for. limit: a limit of the search ended it. infeasible: proved that there is no plan. unbounded: there is none, or none is the cheapest.',
      examples: ['optimal'],
    }),
    objective: nullableNumber('Cost of the plan in the program, USD a month.', 23_922.1),
    bound: nullableNumber('No plan of these options costs less.', 23_910),
    gap: nullableNumber('(objective - bound) / objective.', 0.0005),
    nodes: integer('Nodes of the branch and bound.', 1),
    simplexIterations: integer('Simplex iterations.', 240),
    solves: integer('Programs solved: one, and one after each repair of a queue.', 1),
    variables: integer('Variables of the program.', 410),
    constraints: integer('Constraints of the program.', 234),
    optionsLeftOut: Type.Optional(
      integer(
        'Options that were left out because the program would have been too large, the least likely first; bound and gap count plans with them, too. Absent where none was.',
        1200,
      ),
    ),
    deterministic: Type.Boolean({
      description: 'False where a time limit ended the search, so that asking again may give another answer.',
      examples: [true],
    }),
  },
  { description: 'How good the plan is proved to be.' },
);

const ConflictSchema = component(
  'PlacementConflict',
  {
    requirements: list(Type.String(), {
      description: 'They cannot hold together; without any one of them the others can.',
      examples: [['budget', 'power depot']],
    }),
    explanation: text('In words.', 'Each component has options of its own, but budget and power cannot hold together.'),
  },
  { description: 'Why there is no plan.' },
);

/** In the examples of paths. */
export const EXAMPLE_PLACEMENT_ID = '3b9d5c52-6f0e-4a7b-8d25-91c7a4f0e6d3';

const common = {
  summary: text('The answer in a sentence or two.', '1 placement at azure/uaenorth for 23,922 USD a month.'),
  stages: list(ref(StageReportSchema), { description: 'Every component, or part of one, in words and figures.' }),
  proof: Type.Optional(
    ref(ProofSchema, { description: 'What the optimizer proved; absent where a component has no option at all.' }),
  ),
  assumptions: list(ref(AssumptionSchema), { description: 'Every default the answer rests on.' }),
  legalNotice: text('How to read what is said about law.', 'Not legal advice.'),
  request: ref(PlacementRequestSchema, {
    description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
  }),
  replay: ref(ReplaySchema, { description: 'What the answer was computed from.' }),
  stored: Type.Optional(
    text(
      'Where this answer is kept. Present only where a time limit ended the search, so that asking again might give another answer.',
      `/v1/deployment-placements/${EXAMPLE_PLACEMENT_ID}`,
    ),
  ),
};

const FeasiblePlacementSchema = component(
  'FeasiblePlacement',
  {
    status: Type.Literal('feasible', { description: 'There is a plan.' }),
    ...common,
    placements: list(ref(PlacedSchema), { description: 'What runs where.' }),
    costPerMonth: ref(CostBreakdownSchema, { description: 'The bill of a month of 730 hours.' }),
    carbonKilogramsPerMonth: nullableNumber(
      'Operation and manufacture, kg CO2e a month, machines that components share once; null where a power figure is missing.',
      620,
    ),
    machines: list(ref(MachineSchema), { description: 'Machines that components share.' }),
    traffic: list(ref(TrafficSchema), { description: 'Traffic between components.' }),
    edge: list(ref(EdgePlacementSchema), {
      description:
        'Heat, power, offline hours, uploads, updates and field costs of what runs on devices and at the edge.',
    }),
    accuracy: list(ref(AccuracySchema), { description: 'Accuracy of each easy/hard split.' }),
    pareto: Type.Optional(list(ref(FrontSchema), { description: 'Only with include pareto.' })),
    insist: Type.Optional(list(ref(InsistenceSchema), { description: 'Only with include insist.' })),
    flips: Type.Optional(list(ref(FlipSchema), { description: 'Only with include flips.' })),
    failover: Type.Optional(list(ref(FailoverSchema), { description: 'Only with include failover.' })),
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
    bandBases,
  },
  { description: 'A plan.' },
);

const ElsewhereSchema = component(
  'PlacementElsewhere',
  {
    usdPerMonth: decimal('Cost of the plan, USD a month.', '43.2000'),
    choices: list(ref(ChoiceSchema), { description: 'Options that the plan consists of.' }),
    changes: list(ref(ChangeSchema), {
      description:
        'The sites to be added to the request, as few as do; the question was asked with them and has this plan.',
    }),
  },
  {
    description:
      'The plan with more sites than those given, and all else as it is asked: regions of the catalog, or edge devices with the users.',
  },
);

const InfeasiblePlacementSchema = component(
  'InfeasiblePlacement',
  {
    status: Type.Literal('infeasible', { description: 'Nothing satisfies everything.' }),
    ...common,
    summary: text(
      'Why, and what would help.',
      'No option of chat passes every check; the closest fails latency. It becomes feasible with …',
    ),
    conflict: ref(ConflictSchema, { description: 'What cannot hold together.' }),
    changes: list(ref(ChangeSchema), {
      description: 'Applied together they make it feasible; empty where none were found.',
    }),
    verified: Type.Boolean({ description: 'The changed question was asked and has a plan.', examples: [true] }),
    usdPerMonthThen: nullableDecimal('Cost of the plan after these changes, USD a month.', '31000.0000'),
    elsewhere: Type.Optional(
      ref(ElsewhereSchema, { description: 'The plan with more sites than those given; absent where there is none.' }),
    ),
  },
  { description: 'No plan: a result with reasons.' },
);

const UndecidedPlacementSchema = component(
  'UndecidedPlacement',
  {
    status: Type.Literal('undecided', {
      description: 'The limits ended the search before a plan or a proof that there is none.',
    }),
    ...common,
    summary: text('Where the search ended.', 'The search ended at its limits before it found a plan.'),
  },
  { description: 'The search ended too soon.' },
);

export const DeploymentPlacementSchema = unionComponent(
  'DeploymentPlacement',
  'status',
  [FeasiblePlacementSchema, InfeasiblePlacementSchema, UndecidedPlacementSchema],
  { description: 'The answer to a placement question.' },
);
