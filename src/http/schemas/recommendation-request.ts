import { Type } from '@sinclair/typebox';
import { choice, component, list, ref } from './component.ts';
import { OwnedTermsSchema, pinFields, positive, usd } from './estimate-selectors.ts';
import { InferenceEstimateRequestSchema } from './inference-request.ts';

const {
  device: _device,
  customDevice: _customDevice,
  location: _location,
  purchase: _purchase,
  pricingAt: _pricingAt,
  catalogRevision: _catalogRevision,
  priceBook: _priceBook,
  reporting: _reporting,
  optimization: _optimization,
  ...workload
} = InferenceEstimateRequestSchema.properties;

export const ServedWorkloadSchema = component('ServedWorkload', workload, {
  description:
    'What is to be served: the request for an inference estimate without device, location and purchase, which are looked for.',
  examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
});

const RankingLevelSchema = component(
  'RankingLevel',
  {
    by: choice(['cost', 'latency', 'energy', 'carbon'], {
      description: 'Figure to rank by; smaller is better. latency is that of the whole request, 95th percentile.',
      examples: ['cost'],
    }),
    withinPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1000,
        description:
          'Options within so many percent of the best count as equal and go to the next level; 0 where absent.',
        examples: [5],
      }),
    ),
  },
  { description: 'One level of a lexicographic ranking.', examples: [{ by: 'cost', withinPercent: 5 }] },
);

const ids = (description: string, example: string, maxLength = 100) =>
  Type.Optional(
    list(Type.String({ minLength: 1, maxLength, description: 'An id.' }), {
      description,
      minItems: 1,
      maxItems: 500,
      examples: [[example]],
    }),
  );
const purchases = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'] as const;

const StatedLeadTimeSchema = component(
  'StatedLeadTime',
  {
    days: Type.Number({ minimum: 0, maximum: 10_000, description: 'Days from order to use.', examples: [45] }),
    devices: ids('Of these devices only.', 'nvidia-h100-sxm5-80gb'),
    providers: ids('Of these providers only.', 'coreweave'),
    purchases: Type.Optional(
      list(choice(purchases, { description: 'A way of paying.' }), {
        description: 'Of these ways of paying only.',
        minItems: 1,
        maxItems: 5,
        examples: [['committed', 'capacity_block']],
      }),
    ),
  },
  { description: 'A lead time that you were told.', examples: [{ days: 45, providers: ['coreweave'] }] },
);

const AcceptedPurchasesSchema = component(
  'AcceptedPurchases',
  {
    accept: Type.Optional(
      list(choice(purchases, { description: 'A way of paying.' }), {
        description:
          'Ways of paying that may win; on_demand alone where absent. spot says that interruptions are tolerated. The others are worked out too, to say what they would save.',
        minItems: 1,
        maxItems: 5,
        examples: [['on_demand', 'committed']],
      }),
    ),
    longestCommitmentMonths: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 120,
        description: 'Commitments of a longer term are left out.',
        examples: [12],
      }),
    ),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware; needs owned among accept.' })),
    managedPlatforms: Type.Optional(
      Type.Boolean({
        description:
          'Rents of managed platforms (SageMaker, Vertex AI) compete too, and are marked; false where absent, because their price pays for more than the machine.',
        examples: [true],
      }),
    ),
    leadTimes: Type.Optional(
      list(ref(StatedLeadTimeSchema), {
        description: 'Lead times that you were told. The first that fits an option counts, before anything else.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    ownedLeadTimeDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description:
          'Days from the order to the first request of owned hardware; without it what was published of such orders counts, which is known of few devices.',
        examples: [60],
      }),
    ),
  },
  { description: 'How hardware may be paid for.', examples: [{ accept: ['on_demand', 'committed'] }] },
);

const AcceptedOptimizationsSchema = component(
  'AcceptedOptimizations',
  {
    accept: Type.Optional(
      list(
        choice(['prefix_caching', 'speculative_decoding', 'quantized_kv', 'disaggregated', 'distilled'], {
          description: 'A way of serving that needs something of you or changes answers.',
        }),
        {
          description:
            'May win, each alone and all together; none where absent. The others are worked out as far as they may cost less, to say what they would save. minAccuracyPercent holds for them too; narrower weights are accepted by it alone.',
          minItems: 1,
          maxItems: 5,
          examples: [['prefix_caching', 'quantized_kv']],
        },
      ),
    ),
    acceptedDraftTokens: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 32,
        description:
          'Mean of drafted tokens accepted per step, as you measured it; 1.52 of 3 are assumed where it is absent.',
        examples: [2],
      }),
    ),
    distilledModel: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'Catalog model that takes over; a smaller one of the same publisher where absent.',
        examples: ['meta-llama/Llama-3.1-8B'],
      }),
    ),
  },
  {
    description: 'Optimizations that may be used.',
    examples: [{ accept: ['prefix_caching', 'quantized_kv'] }],
  },
);

const FacilityLimitsSchema = component(
  'FacilityLimits',
  {
    maxKilowatts: Type.Optional(positive('Power of the site for it in kW, PUE included.', 1e7, 200)),
    maxRacks: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Racks that are free.', examples: [4] }),
    ),
    coolingClasses: Type.Optional(
      list(
        choice(['air', 'rear_door', 'direct_liquid', 'full_liquid', 'passive'], {
          description: 'Cooling of a rack.',
        }),
        {
          description: 'Cooling that the facility has; passive is that of edge devices.',
          minItems: 1,
          maxItems: 5,
          examples: [['air', 'rear_door']],
        },
      ),
    ),
  },
  { description: 'What the facility takes. Holds for owned hardware.', examples: [{ maxKilowatts: 200 }] },
);

const countries = (description: string, example: string) =>
  Type.Optional(
    list(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' }), {
      description,
      minItems: 1,
      maxItems: 250,
      examples: [[example]],
    }),
  );
const percent = (description: string, example: number) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 100, description, examples: [example] }));

const RecommendationConstraintsSchema = component(
  'RecommendationConstraints',
  {
    devices: ids('Only these devices.', 'nvidia-h100-sxm5-80gb'),
    excludedDevices: ids('None of these devices.', 'nvidia-t4-16gb'),
    deviceClasses: Type.Optional(
      list(
        choice(['datacenter_gpu', 'inference_gpu', 'asic', 'tpu', 'cpu', 'edge'], {
          description: 'A class of devices.',
        }),
        { description: 'Only these classes of devices.', minItems: 1, maxItems: 6, examples: [['cpu', 'edge']] },
      ),
    ),
    vendors: ids('Only devices of these makers.', 'nvidia'),
    excludedVendors: ids('No devices of these makers.', 'huawei'),
    providers: ids('Only rentals at these providers.', 'aws'),
    excludedProviders: ids('No rentals at these providers.', 'runpod'),
    regions: ids('Only rentals in these regions.', 'azure/uaenorth'),
    excludedRegions: ids('No rentals in these regions.', 'aws/us-east-1'),
    countries: countries('Only rentals in these countries; owned hardware stands in the first.', 'AE'),
    excludedCountries: countries('No rentals in these countries, nor where the country is unknown.', 'CN'),
    providerCountries: countries(
      'Only rentals of providers seated in these countries, whose law reaches them wherever their regions are.',
      'US',
    ),
    excludedProviderCountries: countries(
      'No rentals of providers seated in these countries, nor of those whose seat is unknown.',
      'CN',
    ),
    maxEdgeDevices: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'Boards, phones and desktops that may serve one endpoint together; 8 where absent, because without remote management or a rack more of them are no server farm.',
        examples: [50],
      }),
    ),
    monthlyBudgetUsd: Type.Optional(usd('USD a month at most, surcharges included.', '50000')),
    upfrontBudgetUsd: Type.Optional(
      usd('USD before the first request at most: hardware bought, upfront payments, capacity blocks.', '250000'),
    ),
    maxLeadTimeDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description:
          'Days until it must be there. Rentals by the hour are taken as there today by their terms (listed under assumptions: capacity is not promised); what is reserved ahead or bought needs a lead time that is stated or published, else it is left out as unknown.',
        examples: [60],
      }),
    ),
    facility: Type.Optional(ref(FacilityLimitsSchema, { description: 'Power, racks and cooling for owned hardware.' })),
    minMemoryHeadroomPercent: percent(
      'Device memory left beside weights, buffers and one long request, in percent of what the engine may use.',
      10,
    ),
    minAccuracyPercent: percent(
      'Score kept by the weight format in percent of that of the published weights. Below 100 admits narrower formats whose loss is measured: fp8 from 99, int8 from 97, nvfp4 from 96, int4 from 95.',
      99,
    ),
    availabilityPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 99.99999,
        description:
          'Share of time that the peak is carried; decides the spare replicas from failure rates of machines.',
        examples: [99.9],
      }),
    ),
    maxCarbonKilogramsPerMonth: Type.Optional(positive('Operational emissions a month at most, kg CO2e.', 1e12, 5000)),
    maxKilowattHoursPerMonth: Type.Optional(
      positive('Energy at the meter of the site a month at most, kWh.', 1e12, 20_000),
    ),
    freshPricesOnly: Type.Optional(
      Type.Boolean({
        description: 'Leaves out prices older than the limit of their category; false where absent: they are marked.',
        examples: [true],
      }),
    ),
  },
  { description: 'Limits. Each is optional; all that are given hold.', examples: [{ countries: ['AE'] }] },
);

const LeftOutPageSchema = component(
  'LeftOutPage',
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 500, description: 'Families in the page; 10 where absent.', examples: [50] }),
    ),
    offset: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Families to skip; nextOffset of the page before.',
        examples: [0],
      }),
    ),
    constraint: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 60,
        description: 'Only families that this limit rules out.',
        examples: ['memory'],
      }),
    ),
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Only families of this device: why it is not recommended.',
        examples: ['nvidia-t4-16gb'],
      }),
    ),
  },
  { description: 'Which of what was left out to list.', examples: [{ limit: 50, constraint: 'memory' }] },
);

export const HardwareRecommendationRequestSchema = component(
  'HardwareRecommendationRequest',
  {
    inference: ref(ServedWorkloadSchema, { description: 'What is to be served.' }),
    rankBy: Type.Optional(
      list(ref(RankingLevelSchema), {
        description: 'Lexicographic order, most important first; cost where absent. Never a weighted sum.',
        minItems: 1,
        maxItems: 4,
        examples: [[{ by: 'cost', withinPercent: 5 }, { by: 'carbon' }]],
      }),
    ),
    constraints: Type.Optional(ref(RecommendationConstraintsSchema, { description: 'Limits.' })),
    purchase: Type.Optional(ref(AcceptedPurchasesSchema, { description: 'How it may be paid for.' })),
    optimizations: Type.Optional(
      ref(AcceptedOptimizationsSchema, { description: 'Ways of serving that may be used.' }),
    ),
    engines: Type.Optional(
      list(choice(['vllm', 'sglang', 'tensorrt_llm', 'llama_cpp'], { description: 'A serving engine.' }), {
        description: 'Serving engines to compare; the usual one of each device where absent.',
        minItems: 1,
        maxItems: 4,
        examples: [['vllm', 'tensorrt_llm']],
      }),
    ),
    maxOptions: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 25,
        description: 'Ranked options in the answer; 5 where absent.',
        examples: [5],
      }),
    ),
    expand: Type.Optional(
      choice(['none', 'estimates'], {
        description:
          'estimates puts the whole estimate behind each ranked option; without it, send its estimateRequest to the estimate.',
        examples: ['none'],
      }),
    ),
    leftOut: Type.Optional(ref(LeftOutPageSchema, { description: 'Page of what was left out.' })),
    ...pinFields,
  },
  {
    description: 'A question for hardware. Only the workload is needed.',
    examples: [{ inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 } }],
  },
);
