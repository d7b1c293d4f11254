import { Type } from '@sinclair/typebox';
import { choice, component, list, ref, unionComponent } from './component.ts';
import {
  AssumptionSchema,
  bandBases,
  CostBreakdownSchema,
  decimal,
  number,
  PriceUseSchema,
  ReplaySchema,
  text,
} from './estimate-answer.ts';
import { InferenceEstimateRequestSchema } from './inference-request.ts';
import { ChoiceSchema, FailoverSchema, FlipSchema, FrontSchema, InsistenceSchema } from './placement-beyond.ts';
import { EdgePlacementSchema } from './placement-edge.ts';
import { integer, maybeDecimal, maybeNumber, maybeText } from './placement-figures.ts';
import { PlacementRequestSchema } from './placement-request.ts';
import { TrainingEstimateRequestSchema } from './training-request.ts';

/** Values of a request field: numbers, texts, switches and lists of texts. */
const fieldValue = (description: string, example: unknown) =>
  Type.Unsafe<unknown>({
    // lists first: the serializer takes whatever can be written as a text for one
    type: ['array', 'number', 'string', 'boolean', 'null'],
    items: { type: 'string' },
    description,
    examples: [example],
  });

const ChangeSchema = component(
  'PlacementChange',
  {
    field: text('JSON Pointer into the request.', '/components/0/latency/milliseconds'),
    from: fieldValue('Present value; null where it is not given.', 300),
    to: fieldValue('New value.', 420),
    effect: text('What it does.', 'the answer is then in time'),
  },
  { description: 'A change of the request.' },
);

const CheckSchema = component(
  'PlacementCheck',
  {
    check: text('Stable name.', 'memory'),
    ok: Type.Boolean({ description: 'Whether the check passes.', examples: [false] }),
    rule: maybeText('Regime behind it; null for physics and money.', 'ae-pdpl'),
    detail: text('One sentence.', '142 GB of weights per device; 72 GB are usable.'),
    required: maybeNumber('Value that the request or the rule demands.', 72),
    actual: maybeNumber('Value that was found.', 142),
    margin: maybeNumber('Distance between required and actual; negative where the check fails.', -70),
    unit: maybeText('Unit of required, actual and margin.', 'GB'),
    change: Type.Optional(
      ref(ChangeSchema, { description: 'After which it passes; absent where no change of the request makes it.' }),
    ),
  },
  { description: 'One requirement held against one option.' },
);

const LawFindingSchema = component(
  'LawFinding',
  {
    regimeId: text('Catalog regime.', 'ae-pdpl'),
    name: text('Name of the law.', 'UAE Federal Personal Data Protection Law'),
    verdict: choice(['allowed', 'allowed-with-safeguard', 'prohibited', 'needs-counsel'], {
      description: 'What the rule as read says.',
      examples: ['allowed-with-safeguard'],
    }),
    sentence: text(
      'The finding in words, with the rule.',
      'UAE Federal Personal Data Protection Law allows it with a safeguard: …',
    ),
    quotation: maybeText('The passage itself; null where it was not read.', 'Personal data may be transferred …'),
    citation: maybeText(
      'Article and document in which the rule stands.',
      'Federal Decree-Law No. 45 of 2021, arts. 22-23',
    ),
    safeguards: list(Type.String(), {
      description: 'Safeguards that make it lawful, or duties that remain.',
      examples: [['contract with equivalent clauses']],
    }),
    approvalDays: maybeNumber('Days an approval takes; null where none is needed or no figure is known.', 60),
    reviewFlag: Type.Boolean({
      description: 'Whether the rule was read at second hand or not verified, so that it should be checked.',
      examples: [false],
    }),
    asOf: maybeText('Date of the reading.', '2026-06-29'),
  },
  { description: 'What one law says on data at one place. Not legal advice.' },
);

const LatencyFigures = {
  p50: number('Median, ms.', 240),
  p95: number('95th percentile, ms.', 610),
  p99: number('99th percentile, ms.', 900),
};
const ServiceTimeSchema = component('ServiceTime', LatencyFigures, {
  description: 'Time of the service alone, queue included.',
});
const TotalLatencySchema = component(
  'TotalLatency',
  { ...LatencyFigures, boundP95: number('p95 if network and service are slow together, ms.', 680) },
  { description: 'Time from the slowest user group and back: medians added, tails by the root of their squares.' },
);

const PlacedSchema = component(
  'PlacedComponent',
  {
    stage: text('Component, or a part of it.', 'chat'),
    componentId: text('Component.', 'chat'),
    optionId: text('Name of the option.', 'chat@azure/uaenorth/nvidia-h100-nvl-94gb'),
    siteId: text('Site.', 'azure/uaenorth'),
    siteKind: text('Kind of site.', 'cloud_region'),
    country: text('Its country.', 'AE'),
    regionId: maybeText('Catalog region; null for sites of your own.', 'azure/uaenorth'),
    providerId: maybeText('Provider; null for sites of your own.', 'azure'),
    deviceId: text('Device.', 'nvidia-h100-nvl-94gb'),
    deviceName: text('Name of the device.', 'NVIDIA H100 NVL 94GB'),
    variantId: maybeText('Variant; null for the component’s own work.', 'int8'),
    weightFormat: maybeText('Number format of the weights; null for functions.', 'bf16'),
    purchaseCategory: text('How it is paid for; user_devices: by the users, whose devices they are.', 'on_demand'),
    share: number('Part of the load, 0 to 1.', 1),
    requestsPerDay: number('Requests a day that this part of the component serves.', 100_000),
    devices: integer('Devices; per unit in a fleet. Shared machines stand under machines.', 4),
    units: integer('Units of a fleet; else 1.', 1),
    usdPerMonth: decimal('By itself; equals the inference estimate of estimateRequest, times units.', '23922.1000'),
    carbonKilogramsPerMonth: maybeNumber(
      'Operation and manufacture, kg CO2e; null where no power figure is known.',
      620,
    ),
    fieldUsdPerMonth: decimal('Installation, visits and lines of owned devices in the field.', '0.0000'),
    facilityKilowatts: maybeNumber('Most it draws with cooling, kW.', 5.2),
    serviceMs: ref(ServiceTimeSchema, { description: 'The service alone.' }),
    latencyMs: ref(TotalLatencySchema, { description: 'With the network.' }),
    slowestUserGroup: text('User group with the slowest answers, for which latency is given.', 'ae'),
    network: text('The way there, and how well it is known.', 'Fibre 3.3 ms, then measured 5 ms.'),
    leadTimeDays: number('Days until it can run.', 0),
    checks: list(ref(CheckSchema), { description: 'Every check with its margin.' }),
    law: list(ref(LawFindingSchema), { description: 'What each law says.' }),
    estimateRequest: Type.Optional(
      ref(InferenceEstimateRequestSchema, {
        description:
          'Asked of POST /v1/estimates/inference it gives cost, latency and memory of one unit; absent for functions. Where heat or a power mode slows a device, the load in it is raised by as much, and the times told here are longer by as much.',
      }),
    ),
    trainingRequest: Type.Optional(
      ref(TrainingEstimateRequestSchema, {
        description:
          'Asked of POST /v1/estimates/training it gives cost, time and memory of one run; only of training jobs. usdPerMonth is that bill times the runs of a month.',
      }),
    ),
  },
  { description: 'What runs where.' },
);

const RejectedSchema = component(
  'RejectedOption',
  {
    optionId: text('Name of the option.', 'chat@azure/uaenorth/nvidia-t4-16gb'),
    siteId: text('Site.', 'azure/uaenorth'),
    country: text('Its country.', 'AE'),
    deviceId: text('Device.', 'nvidia-t4-16gb'),
    usdPerMonth: maybeDecimal('By itself; null where no estimate could be made.', '1830.0000'),
    failures: list(ref(CheckSchema), { description: 'Failed checks, the closest to passing first.' }),
  },
  { description: 'An option that was ruled out.' },
);

const FailedCheckSchema = component(
  'FailedCheckCount',
  { check: text('Check.', 'memory'), count: integer('Options that fail it.', 120) },
  { description: 'How many options fail a check.' },
);

const AlternativePlaceSchema = component(
  'AlternativePlace',
  {
    optionId: text('Name of the option.', 'chat@azure/swedencentral/nvidia-h100-sxm5-80gb'),
    usdPerMonth: decimal('Cost of this option by itself, USD a month.', '24500.0000'),
    p95Ms: maybeNumber('p95 with the network, ms.', 700),
  },
  { description: 'A feasible option that was not chosen.' },
);

const StageReportSchema = component(
  'StageReport',
  {
    stage: text('Component, or a part of it.', 'chat'),
    componentId: text('Component.', 'chat'),
    explanation: text('A paragraph for people.', 'chat: Runs in the cloud, azure/uaenorth (AE), …'),
    feasibleOptions: integer('Options that pass every check and are in the program.', 40),
    rejectedOptions: integer('Options that fail a check.', 380),
    dearerOptions: integer(
      'Options left out of the program because their hardware alone costs more than those in it.',
      95,
    ),
    dearerFromUsdPerMonth: maybeDecimal('The least that one of these costs.', '29805.9000'),
    dearerExcluded: Type.Boolean({
      description:
        'None of these can be part of a cheaper plan: with the least that one costs and the least that every other component costs, it would cost more.',
      examples: [true],
    }),
    failedChecks: list(ref(FailedCheckSchema), { description: 'What rules options out, most frequent first.' }),
    rejected: list(ref(RejectedSchema), { description: 'The closest of them, twelve at most.' }),
    alternatives: list(ref(AlternativePlaceSchema), { description: 'The cheapest others, six at most.' }),
  },
  { description: 'What there was to choose from, and why.' },
);

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
    usdPerMonth: decimal('What the sender pays for the traffic, USD a month.', '0.0000'),
    basis: text('Price it was taken from.', 'within one region'),
  },
  { description: 'Traffic between two parts.' },
);

const AccuracySchema = component(
  'SplitAccuracy',
  {
    componentId: text('Component.', 'detect'),
    accuracy: number('Share of right answers.', 0.96),
    hardShare: maybeNumber(
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
      description: 'optimal: within the gap asked for. limit: a limit of the search ended it.',
      examples: ['optimal'],
    }),
    objective: maybeNumber('Cost of the plan in the program, USD a month.', 23_922.1),
    bound: maybeNumber('No plan of these options costs less.', 23_910),
    gap: maybeNumber('(objective - bound) / objective.', 0.0005),
    nodes: integer('Nodes of the branch and bound.', 1),
    simplexIterations: integer('Simplex iterations.', 240),
    solves: integer('Programs solved: one, and one after each repair of a queue.', 1),
    variables: integer('Variables of the program.', 410),
    constraints: integer('Constraints of the program.', 234),
    deterministic: Type.Boolean({
      description: 'False where the wall clock ended the search: asked again it may differ.',
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
    carbonKilogramsPerMonth: maybeNumber(
      'Operation and manufacture, kg CO2e; null where a power figure is missing.',
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
  },
  {
    description:
      'The plan on edge devices with the users where the sites given are too far from them, else in the regions of the catalog.',
  },
);

const InfeasiblePlacementSchema = component(
  'InfeasiblePlacement',
  {
    status: Type.Literal('infeasible', { description: 'Nothing satisfies everything.' }),
    ...common,
    conflict: ref(ConflictSchema, { description: 'What cannot hold together.' }),
    changes: list(ref(ChangeSchema), {
      description: 'Applied together they make it feasible; empty where none were found.',
    }),
    verified: Type.Boolean({ description: 'The changed question was asked and has a plan.', examples: [true] }),
    usdPerMonthThen: maybeDecimal('Cost of the plan after these changes, USD a month.', '31000.0000'),
    elsewhere: Type.Optional(
      ref(ElsewhereSchema, { description: 'The plan in other places than those given; absent where there is none.' }),
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
  },
  { description: 'The search ended too soon.' },
);

export const DeploymentPlacementSchema = unionComponent(
  'DeploymentPlacement',
  'status',
  [FeasiblePlacementSchema, InfeasiblePlacementSchema, UndecidedPlacementSchema],
  { description: 'The answer to a placement question.' },
);
