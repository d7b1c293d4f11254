import { Type } from '@sinclair/typebox';
import { integer, number, text } from '../answer-fields.ts';
import { component, list, ref, unionComponent } from '../component.ts';
import { AssumptionSchema, bandBases, replay } from '../estimates/answer.ts';
import {
  ByDeviceClassSchema,
  ByOptimizationSchema,
  ByProviderSchema,
  ByPurchaseSchema,
  RunnerUpSchema,
} from './comparisons.ts';
import { ChangeSchema, LeftOutSchema } from './left-out.ts';
import { OptionSummarySchema, RankedOptionSchema } from './option.ts';
import { HardwareRecommendationRequestSchema } from './request.ts';

const SearchedSchema = component(
  'SearchedOptions',
  {
    devices: integer('Devices of the catalog that the limits leave.', 147),
    configurations: integer('Ways of serving worked out: device, engine, weight format, parallelism.', 190),
    performancePoints: integer('Ways of serving that carry the load.', 181),
    options: integer('Those times the prices and places that they are offered at.', 1936),
    feasible: integer('Options that keep every limit.', 1065),
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
    modelName: text('Name of the model.', 'Llama-3.1-70B'),
    requestsPerDay: number('Requests a day.', 1_000_000),
  },
  { description: 'What is served.' },
);

const InferenceRecommendationSchema = component(
  'InferenceRecommendation',
  {
    workload: ref(WorkloadSummarySchema, { description: 'What is served.' }),
    options: list(ref(RankedOptionSchema), { description: 'Best first; one for each device and way of paying.' }),
    optionCount: integer('How many of those there are in all.', 31),
    paretoFront: list(ref(OptionSummarySchema), {
      description:
        'Options that no other one equals or beats in cost, latency and carbon; cheapest first. Of more than 25, the best by each of the three and others evenly from the cheapest to the dearest.',
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
    replay,
  },
  { description: 'Ranked hardware.' },
);

const VerifiedChangeSchema = component(
  'VerifiedChange',
  {
    changes: list(ref(ChangeSchema), { description: 'Changes to be made together; most often one.' }),
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
    replay,
  },
  { description: 'Nothing keeps every limit: a result with reasons.' },
);

export const HardwareRecommendationSchema = unionComponent(
  'HardwareRecommendation',
  'status',
  [FeasibleSchema, InfeasibleSchema],
  { description: 'The answer to a question for hardware.' },
);
