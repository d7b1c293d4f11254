import { Type } from '@sinclair/typebox';
import { nullableText, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref, unionComponent } from '../component.ts';
import { without } from '../without.ts';
import {
  AssumptionSchema,
  bandBases,
  CostBreakdownSchema,
  MoneyFigureSchema,
  PriceUseSchema,
  repeatable,
  replay,
} from './answer.ts';
import { InferenceEstimateRequestSchema } from './inference/request.ts';

const BuyingSchema = component(
  'TokenBuying',
  {
    alternativeOffers: Type.Optional(
      list(
        Type.String({
          minLength: 1,
          maxLength: 200,
          description: 'Catalog offer of tokens: provider, slash, global or region, slash, model.',
          examples: ['openai/global/gpt-4.1-mini'],
        }),
        {
          description: 'Token offers of other models that would do as well.',
          maxItems: 20,
          examples: [['openai/global/gpt-4.1-mini']],
        },
      ),
    ),
    batchShare: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: 'Share of requests that may wait for hours and are bought at the batch price; none where absent.',
        examples: [0.2],
      }),
    ),
  },
  { description: 'What is known of buying.', examples: [{ alternativeOffers: ['openai/global/gpt-4.1-mini'] }] },
);

export const BuildOrBuyRequestSchema = component(
  'BuildOrBuyRequest',
  {
    // Who answers on devices of users neither builds nor buys.
    ...without(InferenceEstimateRequestSchema.properties, ['include', 'optimization', 'userDevices']),
    buying: Type.Optional(ref(BuyingSchema, { description: 'What is known of buying.' })),
  },
  {
    description:
      'An inference question of a language model, asked of every way to pay for it. purchase holds the terms of owning, or your own rate.',
    examples: [{ model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 }],
  },
);

const KINDS = ['token_api', 'managed_platform', 'on_demand', 'spot', 'committed', 'owned', 'own_rate'] as const;
const kind = choice(KINDS, { description: 'Way of paying.', examples: ['token_api'] });

const WaySchema = component(
  'WayToServe',
  {
    kind,
    label: text('Name for people.', 'Rented on demand: 9 x NVIDIA B200 SXM 180GB'),
    offerId: nullableText(
      'Catalog offer; null for owned hardware and rates of your own.',
      'deepinfra/global/meta-llama-Llama-3.3-70B-Instruct',
    ),
    providerId: nullableText('Provider.', 'deepinfra'),
    regionId: nullableText('Region; null where the offer has none.', 'azure/uaenorth'),
    deviceId: nullableText('Device; null for tokens.', 'nvidia-h100-sxm5-80gb'),
    devices: nullable(Type.Integer({ description: 'Devices; null for tokens.', examples: [20] })),
    utilizationAtPeak: nullable(
      Type.Number({ description: 'Share of the saturation rate at peak; null for tokens.', examples: [0.64] }),
    ),
    termMonths: Type.Integer({ description: 'Term of a commitment in months; 0 where there is none.', examples: [0] }),
    costPerMonth: ref(CostBreakdownSchema, { description: 'The bill of a month.' }),
    costPerRequest: ref(MoneyFigureSchema, { description: 'The bill over its requests.' }),
    comparability: choice(['same', 'limited', 'other_model', 'other_place'], {
      description:
        'How comparable the way is. same: the same model in an allowed place; limited: with the caveats given; other_model, other_place: not the same.',
      examples: ['same'],
    }),
    caveats: list(Type.String(), { description: 'What the price does not say.' }),
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used.' }),
  },
  { description: 'One way to have the same traffic served.' },
);

const UnavailableSchema = component(
  'UnavailableWay',
  {
    kind,
    label: text('Name for people.', 'Rented as spot, interruptions included'),
    detail: text('Why there is none.', 'No device offered as spot in AE …'),
  },
  { description: 'A way that is not to be had.' },
);

const BreakEvenSchema = component(
  'BuildBreakEven',
  {
    build: text('The way of running the model on hardware.', 'Rented on demand: 9 x NVIDIA B200 SXM 180GB'),
    buy: text('The way of buying tokens.', 'meta-llama-Llama-3.3-70B-Instruct at DeepInfra'),
    buyOfferId: text('Catalog offer of the tokens.', 'deepinfra/global/meta-llama-Llama-3.3-70B-Instruct'),
    requestsPerDay: nullable(
      Type.Number({
        description:
          'Load from which on building costs less, whatever the load; null where there is none. Below it building may cost less while its devices are nearly full: the statement says from where.',
        examples: [767_688],
      }),
    ),
    utilization: nullable(
      Type.Number({
        description:
          'That load over what the deployment carries within its utilization cap; null where it never breaks even.',
        examples: [0.71],
      }),
    ),
    statement: text('The same in words.', 'From 767,688 requests a day on …'),
  },
  { description: 'From which load on a deployment of your own costs less than tokens.' },
);

const answer = {
  summary: text('The answer in a few sentences.', 'At 1,000,000 requests a day the cheapest of 42 ways is …'),
  unavailable: list(ref(UnavailableSchema), { description: 'Ways that are not available, and why.' }),
  assumptions: Type.Optional(
    list(ref(AssumptionSchema), { description: 'Defaults of the question; left out with view=summary.' }),
  ),
  request: repeatable(BuildOrBuyRequestSchema),
  replay,
};

const FeasibleSchema = component(
  'FeasibleBuildOrBuy',
  {
    status: Type.Literal('feasible', { description: 'The request can be met in at least one way.' }),
    ...answer,
    ways: list(ref(WaySchema), { description: 'All ways, the cheapest first.' }),
    breakEvens: list(ref(BreakEvenSchema), {
      description:
        'Each deployment against the cheapest tokens of the model, and against the cheapest without caveats; empty without tokens.',
    }),
    bandBases: Type.Optional(bandBases),
  },
  { description: 'Ways to have the traffic served.' },
);

const InfeasibleSchema = component(
  'InfeasibleBuildOrBuy',
  {
    status: Type.Literal('infeasible', { description: 'The request cannot be met in any way.' }),
    ...answer,
    summary: text('Why, in a sentence.', 'Neither tokens nor hardware are priced for our-13b in PK.'),
  },
  { description: 'No way is priced: a result with reasons.' },
);

export const BuildOrBuySchema = unionComponent('BuildOrBuyEstimate', 'status', [FeasibleSchema, InfeasibleSchema], {
  description: 'The answer to the question whether to build or to buy.',
});

export const buildOrBuyExamples = {
  chat: {
    summary: 'A 70B chat service at a million requests a day, anywhere',
    value: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000 },
  },
  gulf: {
    summary: 'The same where it must stay in the UAE',
    value: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, location: { country: 'AE' } },
  },
  cachedAndBatched: {
    summary: 'Shared prompts, half of the requests may wait, other models would do as well',
    value: {
      model: 'deepseek-ai/DeepSeek-V3',
      requestsPerDay: 5_000_000,
      traffic: { prefixCacheHitRate: 0.5 },
      buying: { batchShare: 0.5, alternativeOffers: ['openai/global/gpt-4.1-mini'] },
    },
  },
} as const;
