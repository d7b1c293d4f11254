import { Type } from '@sinclair/typebox';
import { nullableNumber, nullableText, number, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref } from '../component.ts';
import { MoneyFigureSchema, ReplaySchema } from '../estimates/answer.ts';
import { ActualsComparisonRequestSchema, ComparisonItemSchema } from './request.ts';

const amount = (description: string, example = '68900.0000') =>
  Type.String({ description: `${description} USD.`, pattern: '^-?[0-9]+(\\.[0-9]+)?$', examples: [example] });
const maybeAmount = (description: string) => nullable(amount(description));
const difference = (description: string) => amount(description, '-12500.0000');
const maybeDifference = (description: string) => nullable(difference(description));

const AnswerSchema = component(
  'ComparedAnswer',
  {
    name: text('Name of the question.', 'fp8'),
    status: choice(['feasible', 'infeasible'], { description: 'Whether it has an answer.', examples: ['feasible'] }),
    summary: text('The answer in words.', 'Llama-3.1-70B for 1,000,000 requests a day …'),
    total: Type.Optional(
      ref(MoneyFigureSchema, {
        description: 'A month of inference, a training, or all years; absent without an answer.',
      }),
    ),
    question: ref(ComparisonItemSchema, {
      description: 'The question with pricingAt and catalogRevision written out: send it again for the same answer.',
    }),
    replay: ref(ReplaySchema, { description: 'What it was computed from.' }),
  },
  { description: 'One of the answers.' },
);

const LineSchema = component(
  'AlignedLine',
  {
    id: text('Line of the bills.', 'compute'),
    label: text('Name for people.', 'on-demand rental'),
    amounts: list(maybeAmount('Amount; null where the answer has no such line.'), {
      description: 'Amounts, in the order of the answers; null where an answer has no such line.',
    }),
  },
  { description: 'The same line of every bill.' },
);

const MetricSchema = component(
  'AlignedMetric',
  {
    id: text('Name of the figure.', 'ttftMsP95'),
    label: text('Name for people.', 'Time to first token, 95th percentile'),
    unit: text('Unit.', 'ms'),
    values: list(nullableNumber('Value; null where the answer has none.', 535), {
      description: 'In the order of the answers.',
    }),
  },
  { description: 'The same figure of every answer.' },
);

const CauseSchema = component(
  'DifferenceCause',
  {
    field: text(
      'JSON Pointer into the request, or catalog for prices of another revision or day.',
      '/serving/weightFormat',
    ),
    from: text('Value in the first request.', 'not given'),
    to: text('Value in this request or answer.', 'fp8'),
    effect: maybeDifference('What this change alone makes of the first answer; null where it cannot be told.'),
  },
  { description: 'A difference of the requests and what it does alone.' },
);

const DriverSchema = component(
  'LineDriver',
  {
    name: text('Factor in the formula of the line.', 'deviceHours'),
    unit: text('Unit.', 'device-hours'),
    from: number('Value in the first answer.', 17_520),
    to: number('Value in this request or answer.', 11_680),
    effect: difference('Its share of the difference of the line; all of them sum to it.'),
  },
  { description: 'A factor of a line that differs.' },
);

const LineDifferenceSchema = component(
  'LineDifference',
  {
    id: text('Line of the bill.', 'compute'),
    label: text('Name for people.', 'on-demand rental'),
    difference: difference('Amount in this answer minus that in the first.'),
    drivers: list(ref(DriverSchema), {
      description: 'Factors that differ; empty where the two lines are not products of the same factors.',
    }),
  },
  { description: 'A line that differs.' },
);

const FactDifferenceSchema = component(
  'FactDifference',
  {
    id: text('What was chosen or follows.', 'device'),
    label: text('Name for people.', 'Device'),
    from: nullableText('Value in the first answer.', 'NVIDIA H100 SXM5 80GB'),
    to: nullableText('Value in this request or answer.', 'NVIDIA B200 SXM 180GB'),
  },
  { description: 'Something else was chosen, or something else limits.' },
);

const PriceDifferenceSchema = component(
  'UsedPriceDifference',
  {
    from: nullableText(
      'Price in the first answer; null where it has none of this kind.',
      'aws/us-east-1/p5.48xlarge/on_demand',
    ),
    to: nullableText('Price of this one.', 'aws/us-east-1/p5.48xlarge/on_demand'),
    statement: text('The difference in words.', '… went from 98.32 to 55.04 USD (-44 %).'),
  },
  { description: 'Another price, or the same at another amount.' },
);

const DifferenceSchema = component(
  'AnswerDifference',
  {
    name: text('The answer that differs from the first.', 'fp8'),
    total: maybeDifference('Total of this answer minus that of the first; null where one of the two has no answer.'),
    percent: nullableNumber('The difference in percent of the first answer.', -33.3),
    statement: text('The difference in words.', 'fp8 costs 23,300 USD (33.3 %) less than bf16. …'),
    causes: list(ref(CauseSchema), { description: 'Why: differences of the requests, each alone; the largest first.' }),
    together: maybeDifference(
      'Effect of all causes together beyond the sum of their single effects; null where one of these is unknown and between estimates of different kinds.',
    ),
    lines: list(ref(LineDifferenceSchema), { description: 'Where: lines that differ; the largest first.' }),
    facts: list(ref(FactDifferenceSchema), {
      description: 'Other choices that differ: device, layout, place and the like.',
    }),
    prices: list(ref(PriceDifferenceSchema), { description: 'Prices that differ between the answers.' }),
  },
  { description: 'How and why one answer differs from the first.' },
);

export const ComparisonSchema = component(
  'Comparison',
  {
    summary: text('All totals, and the least.', 'bf16 69,900 USD; fp8 46,600 USD. The least is fp8.'),
    answers: list(ref(AnswerSchema), {
      description: 'Answers in the order of the questions; the answer of today, where asked for, comes last.',
    }),
    lines: list(ref(LineSchema), { description: 'Bills side by side.' }),
    metrics: list(ref(MetricSchema), { description: 'Figures side by side.' }),
    differences: list(ref(DifferenceSchema), { description: 'Of every answer but the first, against the first.' }),
  },
  { description: 'Answers side by side.' },
);

const LineAgainstActualSchema = component(
  'LineAgainstActual',
  {
    id: text('Name of the line.', 'compute'),
    label: text('Name for people.', 'on-demand rental'),
    estimate: maybeAmount('Estimated over the period; null where the estimate has no such line.'),
    actual: maybeAmount('Billed; null where it was not given.'),
    difference: maybeDifference('Billed amount minus estimate.'),
    withinBand: nullable(
      Type.Boolean({ description: 'Whether the actual lies within the 80 % band of the estimate.', examples: [true] }),
    ),
  },
  { description: 'A line of the estimate against that of the bill.' },
);

const QuantitySchema = component(
  'QuantityAgainstActual',
  {
    id: text('Name of the quantity.', 'deviceHours'),
    label: text('Name for people.', 'Paid device-hours'),
    unit: text('Unit.', 'device-hours'),
    estimate: number('Estimate for the period.', 17_280),
    actual: number('Measured value.', 17_900),
    ratio: number('Measured value divided by the estimate.', 1.036),
  },
  { description: 'A quantity estimated and measured.' },
);

const ExplanationSchema = component(
  'ActualExplanation',
  {
    id: choice(['load', 'lengths', 'tokens', 'price', 'device_hours', 'line', 'unestimated_line', 'rest'], {
      description:
        'Cause, in the order in which they are taken over; line: what a line billed differs by beside them, unestimated_line: one that the estimate has not.',
      examples: ['load'],
    }),
    effect: difference('Its share of the difference; all of them sum to it.'),
    statement: text('The same explanation in words.', '1,200,000 requests a day came instead of 1,000,000.'),
  },
  { description: 'A cause of the difference.' },
);

const SuggestedSchema = component(
  'SuggestedChange',
  {
    field: text('JSON Pointer into the request.', '/requestsPerDay'),
    to: Type.Unsafe<string | number>({
      type: ['string', 'number'],
      description: 'Value; an object is given as JSON.',
      examples: [1_100_000],
    }),
    reason: text('Why this change is suggested.', 'Requests as they were counted.'),
  },
  { description: 'A change that starts the next estimate from what was measured.' },
);

export const ActualsComparisonSchema = component(
  'ActualsComparison',
  {
    status: choice(['feasible', 'infeasible'], {
      description: 'Whether the request has an estimate.',
      examples: ['feasible'],
    }),
    summary: text('The answer in words.', '81,900 USD paid against 68,900 USD estimated …'),
    periodDays: nullableNumber('Days covered; null for training.', 30),
    estimate: maybeAmount(
      'Estimated over the period: all of it, or the lines that were billed where no total is given; null without an estimate.',
    ),
    actual: maybeAmount('Billed; null where no amount was given.'),
    withinBand: nullable(
      Type.Boolean({
        description:
          'Whether the actual lies within the 80 % band of the estimate; null where several lines together have no band.',
        examples: [true],
      }),
    ),
    lines: list(ref(LineAgainstActualSchema), { description: 'Line by line.' }),
    quantities: list(ref(QuantitySchema), { description: 'What else was measured.' }),
    explanations: list(ref(ExplanationSchema), {
      description: 'What explains the difference; empty without an actual amount.',
    }),
    suggestedChanges: list(ref(SuggestedSchema), {
      description: 'Changes of the request that make the next estimate start from what was measured.',
    }),
    request: ref(ActualsComparisonRequestSchema, { description: 'The request with pins written out.' }),
    replay: ref(ReplaySchema, { description: 'What the estimate was computed from.' }),
  },
  { description: 'An estimate against what it really came to.' },
);
