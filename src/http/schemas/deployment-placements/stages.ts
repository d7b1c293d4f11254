/** What is said of one component: where it is placed, the other options, and what was ruled out. */
import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableDecimal, nullableNumber, nullableText, number, text } from '../answer-fields.ts';
import { component, list, ref } from '../component.ts';
import { InferenceEstimateRequestSchema } from '../estimates/inference/request.ts';
import { TrainingEstimateRequestSchema } from '../estimates/training/request.ts';
import { CheckSchema, LawFindingSchema } from './checks.ts';

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

export const PlacedSchema = component(
  'PlacedComponent',
  {
    stage: text('Component, or a part of it.', 'chat'),
    componentId: text('Component.', 'chat'),
    optionId: text('Name of the option.', 'chat@azure/uaenorth/nvidia-h100-nvl-94gb'),
    siteId: text('Site.', 'azure/uaenorth'),
    siteKind: text('Kind of site.', 'cloud_region'),
    country: text('Its country.', 'AE'),
    regionId: nullableText('Catalog region; null for sites of your own.', 'azure/uaenorth'),
    providerId: nullableText('Provider; null for sites of your own.', 'azure'),
    deviceId: text('Device.', 'nvidia-h100-nvl-94gb'),
    deviceName: text('Name of the device.', 'NVIDIA H100 NVL 94GB'),
    variantId: nullableText('Variant; null for the component’s own work.', 'int8'),
    weightFormat: nullableText('Number format of the weights; null for functions.', 'bf16'),
    purchaseCategory: text('How it is paid for; user_devices: by the users, whose devices they are.', 'on_demand'),
    share: number('Part of the load, 0 to 1.', 1),
    requestsPerDay: number('Requests a day that this part of the component serves.', 100_000),
    devices: integer('Devices; per unit in a fleet. Shared machines stand under machines.', 4),
    units: integer('Units of a fleet; else 1.', 1),
    usdPerMonth: decimal('By itself; equals the inference estimate of estimateRequest, times units.', '23922.1000'),
    carbonKilogramsPerMonth: nullableNumber(
      'By itself: operation and manufacture, kg CO2e a month; null where no power figure is known.',
      620,
    ),
    fieldUsdPerMonth: decimal('Installation, visits and lines of owned devices in the field.', '0.0000'),
    facilityKilowatts: nullableNumber(
      'Most it draws with cooling, kW; servers that come whole with all their devices.',
      5.2,
    ),
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
          'Asked of POST /v1/estimates/inference it gives cost, latency and memory of one unit; absent for functions. Where heat or a limit on power puts a board into one of its modes, it names that mode; where a device without modes is slowed, the load in it is raised by as much, and the times told here are longer by as much.',
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
    usdPerMonth: nullableDecimal('By itself; null where no estimate could be made.', '1830.0000'),
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
    p95Ms: nullableNumber('p95 with the network, ms.', 700),
  },
  { description: 'A feasible option that was not chosen.' },
);

export const StageReportSchema = component(
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
    dearerFromUsdPerMonth: nullableDecimal('The least that one of these costs.', '29805.9000'),
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
