import { Type } from '@sinclair/typebox';
import { decimal, figure, integer, nullableNumber, nullableText, number, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref } from '../component.ts';
import { BindingConstraintSchema, MoneyFigureSchema, PriceUseSchema } from '../estimates/answer.ts';
import { InferenceEstimateRequestSchema } from '../estimates/inference/request.ts';
import { InferenceEstimateSchema } from '../estimates/inference/response.ts';

export const PURCHASES = ['on_demand', 'spot', 'committed', 'capacity_block', 'owned'] as const;

/** What identifies an option: what runs, at which price and where. */
const optionFields = {
  optionId: text(
    'Name of the option, unique within the answer: device, engine, weight format and parallelism, way of paying, place.',
    'nvidia-h100-sxm5-80gb/vllm/bf16/tp4@on_demand@azure/uaenorth',
  ),
  deviceId: text('Catalog device.', 'nvidia-h100-sxm5-80gb'),
  deviceName: text('Name for people.', 'NVIDIA H100 SXM5 80GB'),
  optimization: nullableText('Optimization it is served with; null for the workload as it stands.', 'prefix_caching'),
  devices: integer('Devices that serve or stand by.', 16),
  devicesPaid: integer('Devices paid for; more than are used where instances hold more.', 16),
  purchase: choice(PURCHASES, { description: 'Way of paying.', examples: ['on_demand'] }),
  termMonths: integer('Term of a commitment in months; 0 where there is none.', 0),
  providerId: nullableText('Provider; null for owned hardware.', 'azure'),
  regionId: nullableText('Region; null for owned hardware and prices without a region.', 'azure/uaenorth'),
  country: nullableText('Country; null where unknown.', 'AE'),
  priceId: nullableText('Catalog price; null for owned hardware.', 'azure/uaenorth/Standard_ND96isr_H100_v5/on_demand'),
  managedPlatform: Type.Boolean({
    description: 'Rented of a managed platform, whose price pays for more than the machine.',
    examples: [false],
  }),
  stalePrice: Type.Boolean({
    description: 'Whether the price is older than the limit of its category.',
    examples: [false],
  }),
  leadTimeDays: nullableNumber(
    'Days from the decision to the first request, the most that is said: a limit is held against it. Null where nobody says.',
    0,
  ),
  leadTimeLeastDays: nullableNumber('The least that is said; null where nobody says.', 0),
  leadTimeBasis: choice(['caller', 'offer', 'terms', 'published', 'unknown'], {
    description:
      'Who says: the request, the offer, the terms of rentals by the hour (capacity is not promised), or what was published of such orders.',
    examples: ['terms'],
  }),
  leadTimeConfidence: nullable(
    choice(['medium', 'low'], {
      description:
        'How far it may be relied on; null where the request or the offer answers for it, or nobody says anything.',
      examples: ['low'],
    }),
  ),
  endToEndMsP95: number('Whole request at the 95th percentile at peak, ms.', 9800),
  kilowattHoursPerMonth: nullableNumber('Energy at the meter of the site; null without a power figure.', 9100),
  carbonKilogramsPerMonth: nullableNumber('Operational emissions, kg CO2e; null without a power figure.', 4200),
} as const;

export const OptionSummarySchema = component(
  'HardwareOptionSummary',
  { ...optionFields, usdPerMonth: decimal('USD a month, everything included.', '78840.0000') },
  { description: 'An option in short.' },
);

const SpendingSchema = component(
  'HardwareSpending',
  {
    hardwareUsdPerMonth: decimal('Cost of all hardware, USD a month.', '78840.0000'),
    atWorkUsd: decimal('Devices that work at the mean rate.', '21000.0000'),
    waitingForPeakUsd: decimal('Devices that work at the peak hour only.', '21000.0000'),
    headroomUsd: decimal(
      'Capacity kept free at the peak against errors and latency, and whole replicas.',
      '21912.0000',
    ),
    sparesUsd: decimal('Part of it for spare replicas, USD a month.', '14928.0000'),
    unusedInInstancesUsd: decimal('Devices that come with the last whole instance and are not needed.', '0.0000'),
  },
  { description: 'Where the money for the hardware goes: over-provisioning in USD. The five parts add up exactly.' },
);

export const RankedOptionSchema = component(
  'RankedHardwareOption',
  {
    rank: integer('1 is best.', 1),
    ...optionFields,
    engine: nullableText('Serving engine; null for models that work by the sample.', 'vllm'),
    weightFormat: text('Number format of the weights.', 'bf16'),
    tensorParallel: integer('Devices that share each layer.', 4),
    servingReplicas: integer('Replicas that carry the peak.', 3),
    spareReplicas: integer('Replicas kept in reserve beyond those that carry the peak.', 1),
    costPerMonth: ref(MoneyFigureSchema, { description: 'As in the estimate.' }),
    costPerRequest: ref(MoneyFigureSchema, { description: 'As in the estimate.' }),
    upfrontUsd: decimal('Paid before the first request.', '0.0000'),
    ttftMsP95: Type.Optional(figure('Time to first token at the 95th percentile, ms; language models only.')),
    timePerOutputTokenMsP95: Type.Optional(
      figure('Time per output token at the 95th percentile, ms; language models only.'),
    ),
    latencyMsP95: figure('Whole request at the 95th percentile, ms.'),
    utilizationAtPeak: figure('Of the saturation rate of a serving replica at the peak hour.'),
    meanUtilization: number('Mean utilization of all devices over the hours that are paid for, spares included.', 0.27),
    memoryHeadroomPercent: nullableNumber(
      'Memory left beside weights, buffers and one long request; null where memory is not modelled.',
      38,
    ),
    leadTimeSource: nullableText('Who states the lead time; null where it is unknown.', 'the offer'),
    accuracyPercent: nullableNumber(
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
    variantCount: integer('Number of further variants of the option.', 42),
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
