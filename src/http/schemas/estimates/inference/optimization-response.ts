import { Type } from '@sinclair/typebox';
import { decimal, nullableNumber, number, text } from '../../answer-fields.ts';
import { choice, component, list, nullable, ref } from '../../component.ts';

const usdAmount = (description: string) => decimal(`${description} USD.`, '45000.0000');

const FactorsSchema = component(
  'OptimizationFactors',
  {
    throughputPerDevice: number('Requests one device carries, with over without.', 1.79),
    firstTokenP95: nullableNumber(
      'Time to first token, 95th percentile, with over without; null where there is none.',
      0.9,
    ),
    perTokenP95: nullableNumber('Time per output token, 95th percentile.', 0.8),
    requestP95: number('Whole request, 95th percentile.', 0.85),
    weightMemory: nullableNumber('Memory of the weights of one replica.', 0.51),
    monthlyBill: number("The month's bill, in whole devices.", 0.58),
  },
  { description: 'Figures with the option over those without it; below 1 is less.' },
);

const QualitySchema = component(
  'QualityKept',
  {
    low: number('Low end of the share kept, percent.', 99),
    typical: number('Typical share kept, percent.', 99.8),
    high: number('High end of the share kept, percent.', 100),
    source: text('Who measured it.', 'Kurtic et al. 2024 (arXiv 2411.02355)'),
  },
  { description: 'Share of benchmark scores kept.' },
);

const ChangeSchema = component(
  'FieldChange',
  {
    field: text('JSON Pointer into the request.', '/serving/weightFormat'),
    to: Type.Unsafe<string | number | boolean>({
      type: ['string', 'number', 'boolean'],
      description: 'Value to put there.',
      examples: ['fp8'],
    }),
  },
  { description: 'A change of the request.' },
);

const OptionSchema = component(
  'OptimizationOption',
  {
    id: text('Stable name, the same in every answer.', 'quantization.fp8'),
    label: text('Name for people.', 'fp8 weights and activations'),
    group: text('Options of one group exclude each other.', 'weights'),
    status: choice(['applied', 'available', 'not_available'], {
      description: 'applied: in the answer already; the factors say what it does there.',
      examples: ['available'],
    }),
    detail: nullable(Type.String({ description: 'Why it cannot be had, or what it is set against.' })),
    effect: choice(['computed', 'sourced'], {
      description: 'computed: the estimate was run again with the change; sourced: a published figure.',
      examples: ['computed'],
    }),
    effectSource: text(
      'How the effect was computed, or who published it.',
      'this service: the estimate run again with the change',
    ),
    factors: Type.Optional(ref(FactorsSchema, { description: 'What it does alone; absent where it cannot be had.' })),
    usdPerMonth: nullable(usdAmount('The bill of a month with it alone; null where it cannot be had.')),
    quality: ref(QualitySchema, { description: 'What it may cost in quality.' }),
    precondition: text(
      'What must be true for the saving to be real.',
      'A device with fp8 units and a calibrated checkpoint.',
    ),
    restsOnAssumedTraffic: Type.Boolean({
      description: 'The gain rests on a published figure of traffic like yours, because the request gives none.',
      examples: [false],
    }),
    changes: list(ref(ChangeSchema), {
      description: 'Changes of the request that switch it on; empty where no field does.',
    }),
  },
  { description: 'One optimization, alone.' },
);

const StepSchema = component(
  'WaterfallStep',
  {
    optionId: text('Option taken.', 'quantization.fp8'),
    usdPerMonth: usdAmount('The bill after it.'),
    costFactor: number('Of the bill before it.', 0.58),
    savingPercentSoFar: number('Saved by now.', 42),
    qualityPercentSoFar: number('Typical share of benchmark scores kept by now.', 99.8),
  },
  { description: 'One step of the waterfall.' },
);

const WaterfallSchema = component(
  'Waterfall',
  {
    steps: list(ref(StepSchema), { description: 'In the order that saves most first.' }),
    usdPerMonth: usdAmount('The bill in the end.'),
    savingPercent: number('Saved in the end.', 62),
    qualityPercent: number('Typical share of benchmark scores kept.', 98.2),
  },
  { description: 'The cheapest set above the floor of quality, step by step.' },
);

const BatchGainSchema = component(
  'BatchGain',
  {
    batch: Type.Integer({ description: 'Requests in flight in one replica.', examples: [64] }),
    fp8: nullableNumber('Output tokens per second over those of the published format; null where it cannot run.', 1.3),
    int8: nullableNumber('The same gain with int8 weights and activations.', 1.3),
    int4: nullableNumber('The same gain with int4 weights.', 1.15),
    speculativeDecoding: number('The same gain with speculative decoding.', 1.25),
  },
  { description: 'Gains at one batch: those of weight-only formats and of drafts vanish as the batch grows.' },
);

const VerdictSchema = component(
  'OptimizationVerdict',
  {
    holds: choice(['yes', 'only_with_assumed_traffic', 'only_against_naive_serving', 'no'], {
      description: 'Whether optimization saves 50 to 90 % of the cost of this workload, as is often said.',
      examples: ['yes'],
    }),
    savingPercent: number('Saving by optimizations whose effect is known, percent.', 62),
    savingPercentWithAssumedTraffic: number('Saved with published figures where the request says nothing.', 81),
    savingPercentAgainstNaive: nullableNumber(
      'The first against published weights in static batches without caches; null for models by the sample.',
      88,
    ),
    statement: text('The same in words.', 'What is known of this workload takes …'),
  },
  { description: 'The 50 to 90 % said plainly.' },
);

export const OptimizationReportSchema = component(
  'OptimizationReport',
  {
    usdPerMonth: usdAmount('Monthly bill of the deployment as asked.'),
    naiveUsdPerMonth: nullable(
      usdAmount('Published weights in static batches without caches; null for models by the sample.'),
    ),
    qualityFloorPercent: number('Quality floor that was used, percent.', 98),
    verdict: ref(VerdictSchema, { description: 'What it comes to.' }),
    best: ref(WaterfallSchema, { description: 'With what the request says of its traffic.' }),
    bestWithAssumedTraffic: ref(WaterfallSchema, { description: 'With published figures where it says nothing.' }),
    options: Type.Optional(list(ref(OptionSchema), { description: 'Each alone; left out with view=summary.' })),
    batchGains: list(ref(BatchGainSchema), { description: 'How gains depend on the batch; only for language models.' }),
  },
  { description: 'What each optimization would save, alone and together.' },
);
