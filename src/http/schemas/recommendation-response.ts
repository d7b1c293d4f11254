import { Type } from '@sinclair/typebox';
import { choice, component, list, nullable, ref, unionComponent } from './component.ts';
import {
  AssumptionSchema,
  BindingConstraintSchema,
  bandBases,
  decimal,
  MoneyFigureSchema,
  number,
  PriceUseSchema,
  ReplaySchema,
  text,
} from './estimate-answer.ts';
import { InferenceEstimateRequestSchema } from './inference-request.ts';
import { InferenceEstimateSchema } from './inference-response.ts';
import { HardwareRecommendationRequestSchema } from './recommendation-request.ts';
import { UncertainFigureSchema } from './uncertain-figure.ts';

const figure = (description: string) => ref(UncertainFigureSchema, { description });
const integer = (description: string, example: number) => Type.Integer({ description, examples: [example] });
const maybeNumber = (description: string, example: number) => nullable(number(description, example));
const maybeText = (description: string, example: string) => nullable(text(description, example));

const PURCHASES = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'] as const;

/** What places an option: its point, its price and its place. */
const optionFields = {
  optionId: text(
    'Stable name within the answer: device, engine, weight format and parallelism, way of paying, place.',
    'nvidia-h100-sxm5-80gb/vllm/bf16/tp4@on_demand@azure/uaenorth',
  ),
  deviceId: text('Catalog device.', 'nvidia-h100-sxm5-80gb'),
  deviceName: text('Name for people.', 'NVIDIA H100 SXM5 80GB'),
  optimization: maybeText('Optimization it is served with; null for the workload as it stands.', 'prefix_caching'),
  devices: integer('Devices that serve or stand by.', 16),
  devicesPaid: integer('Whole instances are paid for.', 16),
  purchase: choice(PURCHASES, { description: 'Way of paying.', examples: ['on_demand'] }),
  termMonths: integer('Term of the commitment; 0 without.', 0),
  providerId: maybeText('Provider; null for owned hardware.', 'azure'),
  regionId: maybeText('Region; null for owned hardware and prices without a region.', 'azure/uaenorth'),
  country: maybeText('Country; null where unknown.', 'AE'),
  priceId: maybeText('Catalog price; null for owned hardware.', 'azure/uaenorth/Standard_ND96isr_H100_v5/on_demand'),
  managedPlatform: Type.Boolean({
    description: 'Rented of a managed platform, whose price pays for more than the machine.',
    examples: [false],
  }),
  stalePrice: Type.Boolean({ description: 'The price is older than the limit of its category.', examples: [false] }),
  leadTimeDays: maybeNumber('Days from the decision to the first request; null where nobody says.', 0),
  leadTimeBasis: choice(['caller', 'offer', 'terms', 'published', 'unknown'], {
    description:
      'Who says: the request, the offer, the terms of rentals by the hour (capacity is not promised), or what was published of such orders.',
    examples: ['terms'],
  }),
  endToEndMsP95: number('Whole request at the 95th percentile at peak, ms.', 9800),
  kilowattHoursPerMonth: maybeNumber('Energy at the meter of the site; null without a power figure.', 9100),
  carbonKilogramsPerMonth: maybeNumber('Operational emissions, kg CO2e; null without a power figure.', 4200),
} as const;

const OptionSummarySchema = component(
  'HardwareOptionSummary',
  { ...optionFields, usdPerMonth: decimal('USD a month, everything included.', '78840.0000') },
  { description: 'An option in short.' },
);

const SpendingSchema = component(
  'HardwareSpending',
  {
    hardwareUsdPerMonth: decimal('All of the hardware, USD a month.', '78840.0000'),
    atWorkUsd: decimal('Devices that work at the mean rate.', '21000.0000'),
    waitingForPeakUsd: decimal('Devices that work at the peak hour only.', '21000.0000'),
    headroomUsd: decimal(
      'Capacity kept free at the peak against errors and latency, and whole replicas.',
      '21912.0000',
    ),
    sparesUsd: decimal('Spare replicas.', '14928.0000'),
    unusedInInstancesUsd: decimal('Devices that come with the last whole instance and are not needed.', '0.0000'),
  },
  { description: 'Where the money for the hardware goes: over-provisioning in USD. The five parts add up exactly.' },
);

const RankedOptionSchema = component(
  'RankedHardwareOption',
  {
    rank: integer('1 is best.', 1),
    ...optionFields,
    engine: maybeText('Serving engine; null for models that work by the sample.', 'vllm'),
    weightFormat: text('Number format of the weights.', 'bf16'),
    tensorParallel: integer('Devices that share each layer.', 4),
    servingReplicas: integer('Replicas that carry the peak.', 3),
    spareReplicas: integer('Replicas beyond those.', 1),
    costPerMonth: ref(MoneyFigureSchema, { description: 'As in the estimate.' }),
    costPerRequest: ref(MoneyFigureSchema, { description: 'As in the estimate.' }),
    upfrontUsd: decimal('Paid before the first request.', '0.0000'),
    ttftMsP95: Type.Optional(figure('Time to first token at the 95th percentile, ms; language models only.')),
    timePerOutputTokenMsP95: Type.Optional(
      figure('Time per output token at the 95th percentile, ms; language models only.'),
    ),
    latencyMsP95: figure('Whole request at the 95th percentile, ms.'),
    utilizationAtPeak: figure('Of the saturation rate of a serving replica at the peak hour.'),
    meanUtilization: number('Of all devices over the month, spares included.', 0.27),
    memoryHeadroomPercent: maybeNumber(
      'Memory left beside weights, buffers and one long request; null where memory is not modelled.',
      38,
    ),
    leadTimeSource: maybeText('Where the lead time is from; null where it is unknown.', 'the offer'),
    accuracyPercent: maybeNumber(
      'Score kept in percent of that of the published weights; null where nobody measured it.',
      100,
    ),
    facility: Type.Optional(
      ref(
        component(
          'FacilityUse',
          {
            facilityKilowatts: number('Power of the site for it in kW, PUE included.', 27),
            racks: integer('Racks; 0 for edge devices.', 1),
            kilowattsPerRack: number('Power of a full rack, kW.', 20.4),
            coolingClass: text('Cooling that such a rack needs.', 'air'),
          },
          { description: 'What owned hardware takes up.' },
        ),
        { description: 'What it takes up in the facility; owned hardware only.' },
      ),
    ),
    spending: ref(SpendingSchema, { description: 'Where the money for the hardware goes.' }),
    bindingConstraint: ref(BindingConstraintSchema, { description: 'What decides the number of devices.' }),
    variants: list(ref(OptionSummarySchema), {
      description: 'The same device and way of paying elsewhere or served differently, next best first, at most three.',
    }),
    variantCount: integer('How many of those there are.', 42),
    prices: list(ref(PriceUseSchema), { description: 'The price used, with source and age.' }),
    estimateRequest: ref(InferenceEstimateRequestSchema, {
      description: 'Send it to POST /v1/estimates/inference for the whole working: the same figures, to the digit.',
    }),
    estimate: Type.Optional(
      ref(InferenceEstimateSchema, { description: 'That estimate; only with expand estimates.' }),
    ),
  },
  { description: 'One device and way of paying, at the best place and way of serving found.' },
);

const ByDeviceClassSchema = component(
  'CheapestOfDeviceClass',
  {
    deviceClass: text('Class of devices.', 'inference_gpu'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'The cheapest option of a class of devices.' },
);

const ByProviderSchema = component(
  'CheapestOfProvider',
  {
    providerId: text('Provider.', 'azure'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'The cheapest option at a provider.' },
);

const ByPurchaseSchema = component(
  'CheapestOfPurchase',
  {
    purchase: choice(PURCHASES, { description: 'Way of paying.', examples: ['committed'] }),
    accepted: Type.Boolean({ description: 'Whether purchase.accept has it.', examples: [false] }),
    savingUsdPerMonth: decimal('Against the first of the ranking; negative where it costs more.', '12000.0000'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'What another way of paying would cost.' },
);

const BreakEvenSchema = component(
  'BreakEvens',
  {
    priceFromUsdPerDeviceHour: nullable(
      decimal('Present price of the runner-up per device-hour; null for owned hardware.', '2.2'),
    ),
    priceToUsdPerDeviceHour: nullable(
      decimal('Price at which it costs no more; null where no price is low enough, or owned.', '1.68'),
    ),
    gapUsdPerMonth: decimal('What separates the two.', '12100.0000'),
    requestsPerDayBelow: maybeNumber(
      'A lower load at which it costs less, found by trying; null within a factor of 32.',
      200_000,
    ),
    requestsPerDayAbove: maybeNumber('A higher load at which it costs less; null within a factor of 32.', 4_000_000),
    objectives: list(
      ref(
        component(
          'ObjectiveBreakEven',
          {
            field: text('JSON Pointer of the objective.', '/inference/objectives/ttftMsP95'),
            from: number('Present value, ms.', 300),
            tighter: maybeNumber('A tighter value at which it costs less; null within a factor of 10.', 150),
            looser: maybeNumber('A looser value at which it costs less; null within a factor of 10.', 600),
          },
          { description: 'A latency objective at which the runner-up costs less.' },
        ),
      ),
      { description: 'For each latency objective given.' },
    ),
  },
  { description: 'What it would take for the runner-up to cost less. Each value was tried.' },
);

const StabilitySchema = component(
  'RankingStability',
  {
    costRatioP10: number('Cost of the first over that of the runner-up: one time in ten below this.', 0.51),
    costRatioP50: number('Median of that ratio.', 0.85),
    costRatioP90: number('One time in ten above this.', 1.43),
    verdict: choice(['nine_in_ten', 'more_likely_than_not', 'undecided', 'unlikely'], {
      description: 'How likely the first costs less than the runner-up; it may be first by another figure.',
      examples: ['more_likely_than_not'],
    }),
  },
  { description: 'Whether the ranking holds inside the bands; what is uncertain in both moves together.' },
);

const RunnerUpSchema = component(
  'RunnerUp',
  {
    optionId: text('The option.', 'nvidia-a100-sxm4-80gb/vllm/bf16/tp4@on_demand@datacrunch'),
    breakEvens: ref(BreakEvenSchema, { description: 'What it would take for it to win on cost.' }),
    stability: ref(StabilitySchema, { description: 'Whether the ranking holds inside the bands.' }),
  },
  { description: 'The best option on another device.' },
);

export const ChangeSchema = component(
  'RequestChange',
  {
    field: text('JSON Pointer into this request.', '/constraints/countries'),
    action: choice(['set', 'add', 'remove'], {
      description: 'set replaces the value, add and remove change a list.',
      examples: ['add'],
    }),
    value: Type.Unsafe<number | string | boolean>({
      type: ['number', 'string', 'boolean'],
      description: 'New value, or entry of the list.',
      examples: ['US'],
    }),
  },
  { description: 'One change of the request.' },
);

const scalar = (description: string, examples: readonly unknown[]) =>
  Type.Unsafe<number | string | null>({ type: ['number', 'string', 'null'], description, examples: [...examples] });

const FailureSchema = component(
  'LimitBroken',
  {
    constraint: text('The limit.', 'monthly_budget'),
    required: scalar('What was asked for; null where that is no value.', [50_000]),
    actual: scalar('What there is; null where nobody knows.', [64_240]),
    margin: maybeNumber('actual less required; null where they are no numbers.', 14_240),
    unit: maybeText('Unit of the three.', 'USD'),
    change: Type.Optional(
      ref(ChangeSchema, {
        description: 'The least change of the request that lifts this limit; absent where none does.',
      }),
    ),
  },
  { description: 'A limit that is broken, and by how much.' },
);

const LeftOutFamilySchema = component(
  'LeftOutFamily',
  {
    familyId: text(
      'A device, a way of serving on it, or a way of paying for it at a provider.',
      'nvidia-h100-sxm5-80gb@spot@aws',
    ),
    deviceId: text('Catalog device.', 'nvidia-h100-sxm5-80gb'),
    constraint: text('What rules it out first.', 'purchase'),
    detail: text('One sentence.', 'NVIDIA H100 SXM5 80GB, spot at aws: purchase is spot, on_demand asked for.'),
    failures: list(ref(FailureSchema), { description: 'Every limit that its nearest option breaks.' }),
    options: integer('Options in the family; 0 where it fell out before any was priced.', 12),
    nearestOptionId: maybeText(
      'Its option that breaks least; null where none was priced.',
      'nvidia-h100-sxm5-80gb/vllm/bf16/tp4@spot@aws/us-east-1',
    ),
    atLeastUsdPerMonth: nullable(
      decimal(
        'None of its options costs less: the cheapest of them, or a lower bound where they were pruned; null where none was priced.',
        '18600.0000',
      ),
    ),
  },
  { description: 'Options that were left out together.' },
);

export const LeftOutSchema = component(
  'LeftOut',
  {
    families: integer('Families left out in all.', 168),
    groups: list(
      ref(
        component(
          'LeftOutGroup',
          {
            constraint: text('What rules them out first.', 'memory'),
            count: integer('Families.', 63),
            nearest: ref(LeftOutFamilySchema, { description: 'The one that comes closest.' }),
          },
          { description: 'Families ruled out by one limit.' },
        ),
      ),
      { description: 'By limit, most families first; the counts add up to families.' },
    ),
    items: list(ref(LeftOutFamilySchema), { description: 'The page asked for, closest first.' }),
    nextOffset: nullable(Type.Integer({ description: 'Offset of the next page; null on the last.', examples: [10] })),
  },
  { description: 'What was left out and why.' },
);

export const SearchedSchema = component(
  'SearchedOptions',
  {
    devices: integer('Devices of the catalog that the limits leave.', 147),
    configurations: integer('Ways of serving worked out: device, engine, weight format, parallelism.', 190),
    performancePoints: integer('Those that carry the load.', 181),
    options: integer('Those times the prices and places that they are offered at.', 1936),
    feasible: integer('Those that keep every limit.', 1065),
  },
  {
    description:
      'How much was searched of what is accepted: all of it, nothing is sampled or cut short. byOptimization counts the rest.',
  },
);

const WorkloadSummarySchema = component(
  'RecommendedWorkload',
  {
    modelId: text('Catalog id, or custom.', 'meta-llama/Llama-3.1-70B'),
    modelName: text('Name.', 'Llama-3.1-70B'),
    requestsPerDay: number('Requests a day.', 1_000_000),
  },
  { description: 'What is served.' },
);

const ByOptimizationSchema = component(
  'ByOptimization',
  {
    optimization: choice(
      [
        'prefix_caching',
        'speculative_decoding',
        'quantized_kv',
        'distilled',
        'combined',
        'quantized_weights',
        'disaggregated',
      ],
      {
        description:
          'combined is all that are accepted, together; disaggregated has prefill and decode on replicas of their own.',
        examples: ['prefix_caching'],
      },
    ),
    label: text('What it is.', 'Prefix caching'),
    status: choice(['saves', 'saves_nothing', 'accepted', 'applied', 'not_available'], {
      description:
        'saves: something costs less with it; saves_nothing: proved not to; accepted: part of the ranking; applied: the request has it.',
      examples: ['saves'],
    }),
    detail: maybeText('Why it cannot be had; null otherwise.', 'Only language models read prompts again.'),
    savingUsdPerMonth: nullable(
      decimal(
        'Off the cheapest accepted option; for what is accepted, off the cheapest without any. Null without an option.',
        '8731.0000',
      ),
    ),
    option: Type.Optional(
      ref(OptionSummarySchema, { description: 'The cheapest with it; absent where nothing costs less.' }),
    ),
    atLeastUsdPerMonth: nullable(
      decimal(
        'No option with it costs less: a bound where candidates were pruned. Null where none runs.',
        '30558.0000',
      ),
    ),
    evaluated: integer('Ways of serving worked out.', 4),
    pruned: integer('Ways of serving whose lower bound already costs as much as the cheapest accepted option.', 88),
    accuracyPercentLow: maybeNumber('Score kept, pessimistic, percent; null where each format keeps its own.', 94),
    accuracyPercentTypical: maybeNumber('Score kept, typical, percent.', 98),
    qualitySource: maybeText('Source of both.', 'the answers are the same'),
    precondition: text('What must hold for it.', 'Prompts that begin alike.'),
    restsOn: maybeText(
      'The figure that its gain rests on and the request does not give; null where none.',
      '0.563 of …',
    ),
    change: Type.Optional(ref(ChangeSchema, { description: 'The change of the request that accepts it.' })),
  },
  { description: 'One optimization: what it would save, what it may cost in quality, and what must hold for it.' },
);

const InferenceRecommendationSchema = component(
  'InferenceRecommendation',
  {
    workload: ref(WorkloadSummarySchema, { description: 'What is served.' }),
    options: list(ref(RankedOptionSchema), { description: 'Best first; one for each device and way of paying.' }),
    optionCount: integer('How many of those there are in all.', 31),
    paretoFront: list(ref(OptionSummarySchema), {
      description: 'Options that no other one equals or beats in cost, latency and carbon; cheapest first, at most 25.',
    }),
    cheapestByDeviceClass: list(ref(ByDeviceClassSchema), { description: 'Cheapest class first.' }),
    cheapestByProvider: list(ref(ByProviderSchema), { description: 'Cheapest provider first, at most 20.' }),
    byPurchase: list(ref(ByPurchaseSchema), {
      description: 'Cheapest way of paying first, also those not accepted if nothing else stands against them.',
    }),
    byOptimization: list(ref(ByOptimizationSchema), {
      description:
        'What else could be done to serve it for less: each optimization, accepted or not, against the cheapest that is accepted.',
    }),
    runnerUp: Type.Optional(
      ref(RunnerUpSchema, { description: 'The best option on another device; absent where there is none.' }),
    ),
  },
  { description: 'Hardware for an inference workload.' },
);

const requestEcho = ref(HardwareRecommendationRequestSchema, {
  description: 'The request with pricingAt and catalogRevision written out: send it again for the same answer.',
});

const FeasibleSchema = component(
  'FeasibleHardwareRecommendation',
  {
    status: Type.Literal('feasible', { description: 'Something keeps every limit.' }),
    summary: text('The answer in a few sentences.', 'Llama-3.1-70B for 1,000,000 requests a day: 9 x NVIDIA B200 …'),
    inference: ref(InferenceRecommendationSchema, { description: 'Hardware to serve it on.' }),
    searched: ref(SearchedSchema, { description: 'How much was searched.' }),
    leftOut: ref(LeftOutSchema, { description: 'What was left out and why.' }),
    assumptions: list(ref(AssumptionSchema), { description: 'Defaults that the comparison rests on.' }),
    bandBases,
    request: requestEcho,
    replay: ref(ReplaySchema, { description: 'What the answer was computed from.' }),
  },
  { description: 'Ranked hardware.' },
);

const VerifiedChangeSchema = component(
  'VerifiedChange',
  {
    changes: list(ref(ChangeSchema), { description: 'All of them together; most often one.' }),
    option: ref(OptionSummarySchema, { description: 'What is best once they are made.' }),
  },
  { description: 'A change of the request that makes something feasible, found by applying it.' },
);

const InfeasibleSchema = component(
  'InfeasibleHardwareRecommendation',
  {
    status: Type.Literal('infeasible', { description: 'Nothing keeps every limit.' }),
    summary: text('Why, and what would help.', 'None of 1,304 options for resnet50 keeps every limit. …'),
    smallestChanges: list(ref(VerifiedChangeSchema), {
      description: 'Smallest first, at most three; empty where nothing that was tried helps.',
    }),
    searched: ref(SearchedSchema, { description: 'How much was searched.' }),
    leftOut: ref(LeftOutSchema, { description: 'What was left out and why: everything.' }),
    assumptions: list(ref(AssumptionSchema), { description: 'Defaults that the comparison rests on.' }),
    request: requestEcho,
    replay: ref(ReplaySchema, { description: 'What the answer was computed from.' }),
  },
  { description: 'Nothing keeps every limit: a result with reasons.' },
);

export const HardwareRecommendationSchema = unionComponent(
  'HardwareRecommendation',
  'status',
  [FeasibleSchema, InfeasibleSchema],
  { description: 'The answer to a question for hardware.' },
);
