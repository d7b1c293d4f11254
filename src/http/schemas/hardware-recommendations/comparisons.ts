import { Type } from '@sinclair/typebox';
import { decimal, integer, nullableDecimal, nullableNumber, nullableText, number, text } from '../answer-fields.ts';
import { choice, component, list, ref } from '../component.ts';
import { ChangeSchema } from './left-out.ts';
import { OptionSummarySchema, PURCHASES } from './option.ts';

export const ByDeviceClassSchema = component(
  'CheapestOfDeviceClass',
  {
    deviceClass: text('Class of devices.', 'inference_gpu'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'The cheapest option of a class of devices.' },
);

export const ByProviderSchema = component(
  'CheapestOfProvider',
  {
    providerId: text('Provider.', 'azure'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'The cheapest option at a provider.' },
);

export const ByPurchaseSchema = component(
  'CheapestOfPurchase',
  {
    purchase: choice(PURCHASES, { description: 'Way of paying.', examples: ['committed'] }),
    accepted: Type.Boolean({
      description: 'Whether the request accepts this way of paying (purchase.accept).',
      examples: [false],
    }),
    savingUsdPerMonth: decimal('Against the first of the ranking; negative where it costs more.', '12000.0000'),
    option: ref(OptionSummarySchema, { description: 'Its cheapest option.' }),
  },
  { description: 'What another way of paying would cost.' },
);

const BreakEvenSchema = component(
  'BreakEvens',
  {
    priceFromUsdPerDeviceHour: nullableDecimal(
      'Present price of the runner-up per device-hour; null for owned hardware.',
      '2.2',
    ),
    priceToUsdPerDeviceHour: nullableDecimal(
      'Price at which the runner-up costs no more than the first; null where no price is low enough, or for owned hardware.',
      '1.68',
    ),
    gapUsdPerMonth: decimal('Difference in cost between the two options, USD a month.', '12100.0000'),
    requestsPerDayBelow: nullableNumber(
      'A lower load at which it costs less, found by trying; null within a factor of 32.',
      200_000,
    ),
    requestsPerDayAbove: nullableNumber(
      'A higher load at which the runner-up costs less; null where there is none up to 32 times the load.',
      4_000_000,
    ),
    objectives: list(
      ref(
        component(
          'ObjectiveBreakEven',
          {
            field: text('JSON Pointer of the objective.', '/inference/objectives/ttftMsP95'),
            from: number('Present value, ms.', 300),
            tighter: nullableNumber(
              'A tighter value at which the runner-up costs less; null where there is none within a factor of 10.',
              150,
            ),
            looser: nullableNumber(
              'A looser value at which the runner-up costs less; null where there is none within a factor of 10.',
              600,
            ),
          },
          { description: 'A latency objective at which the runner-up costs less.' },
        ),
      ),
      { description: 'One entry for each latency objective of the request.' },
    ),
  },
  { description: 'What it would take for the runner-up to cost less. Each value was tried.' },
);

const StabilitySchema = component(
  'RankingStability',
  {
    costRatioP10: nullableNumber(
      'Cost ratio of the first option over the runner-up: it is below this one time in ten. Null where the runner-up costs nothing.',
      0.51,
    ),
    costRatioP50: nullableNumber('Median of the cost ratio; null where the runner-up costs nothing.', 0.85),
    costRatioP90: nullableNumber(
      'The cost ratio is above this one time in ten; null where the runner-up costs nothing.',
      1.43,
    ),
    verdict: choice(['nine_in_ten', 'more_likely_than_not', 'undecided', 'unlikely'], {
      description: 'How likely the first costs less than the runner-up; it may be first by another figure.',
      examples: ['more_likely_than_not'],
    }),
  },
  { description: 'Whether the ranking holds inside the bands; what is uncertain in both moves together.' },
);

export const RunnerUpSchema = component(
  'RunnerUp',
  {
    optionId: text('Name of the option.', 'nvidia-a100-sxm4-80gb/vllm/bf16/tp4@on_demand@datacrunch'),
    breakEvens: ref(BreakEvenSchema, { description: 'What it would take for it to win on cost.' }),
    stability: ref(StabilitySchema, { description: 'Whether the ranking holds inside the bands.' }),
  },
  { description: 'The best option on another device.' },
);

const BetterFigureSchema = component(
  'BetterFigure',
  {
    by: choice(['latency', 'energy', 'carbon'], {
      description: 'Figure that the ranking compares first.',
      examples: ['latency'],
    }),
    from: number(
      'Best accepted option (or, if the optimization is accepted itself, the best without any): ms, kWh or kg CO2e.',
      9800,
    ),
    to: number('Best value with the optimization, in the same unit.', 5200),
    option: ref(OptionSummarySchema, { description: 'The option that reaches it, whatever it costs.' }),
  },
  { description: 'What an optimization does for the figure that ranks.' },
);

export const ByOptimizationSchema = component(
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
    detail: nullableText('Why it cannot be had; null otherwise.', 'Only language models read prompts again.'),
    savingUsdPerMonth: nullableDecimal(
      'Saving against the cheapest accepted option (or, if the optimization is accepted itself, against the cheapest without any), USD a month. Null without an option.',
      '8731.0000',
    ),
    option: Type.Optional(
      ref(OptionSummarySchema, { description: 'The cheapest with it; absent where nothing costs less.' }),
    ),
    better: Type.Optional(
      ref(BetterFigureSchema, {
        description: 'Better by the first figure of the ranking; absent where the cost ranks or nothing is better.',
      }),
    ),
    atLeastUsdPerMonth: nullableDecimal(
      'No option with it costs less: a bound where candidates were pruned. Null where none runs.',
      '30558.0000',
    ),
    evaluated: integer('Number of ways of serving that were worked out.', 4),
    pruned: integer(
      'Ways of serving that were skipped because they cost at least as much as the cheapest accepted option; 0 where another figure than cost ranks first.',
      88,
    ),
    accuracyPercentLow: nullableNumber('Score kept, pessimistic, percent; null where each format keeps its own.', 94),
    accuracyPercentTypical: nullableNumber('Benchmark score kept, typical value, percent.', 98),
    qualitySource: nullableText('Source of both quality figures.', 'the answers are the same'),
    precondition: text('What must be true for the saving to be real.', 'Prompts that begin alike.'),
    restsOn: nullableText(
      'Figure that decides its gain and that the request does not give; null where there is none.',
      '0.563 of …',
    ),
    change: Type.Optional(ref(ChangeSchema, { description: 'The change of the request that accepts it.' })),
  },
  { description: 'One optimization: what it would save, what it may cost in quality, and what must hold for it.' },
);
