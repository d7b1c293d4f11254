import { Type } from '@sinclair/typebox';
import { COST_CATEGORIES } from '../../../../domain/economics/line-item.ts';
import { decimal, nullableNumber, nullableText, number, text } from '../../answer-fields.ts';
import { choice, component, list, nullable, ref, unionComponent } from '../../component.ts';
import { reportedAmount } from '../../reporting-currency.ts';
import { UncertainFigureSchema } from '../../uncertain-figure.ts';
import {
  assumptions,
  bandBases,
  ExclusionSchema,
  MoneyFigureSchema,
  PriceUseSchema,
  RelaxationSchema,
  repeatable,
  replay,
} from '../answer.ts';
import { LifecycleRequestSchema } from './request.ts';

const LineSchema = component(
  'LifecycleLine',
  {
    id: text('Stable within an answer.', 'inference.compute'),
    label: text('Name for people.', 'Serving: compute'),
    part: choice(['training', 'retraining', 'inference', 'staff', 'rollouts'], {
      description: 'What the line is spent on; the first two kinds are training, the others serving.',
      examples: ['inference'],
    }),
    category: choice(COST_CATEGORIES, { description: 'Kind of cost.', examples: ['compute'] }),
    cost: ref(MoneyFigureSchema, { description: 'Over the horizon.' }),
  },
  { description: 'One line of the bill of all years.' },
);

const CrossingSchema = component(
  'Crossing',
  {
    day: nullableNumber('Days of service; null where it does not happen within the horizon.', 38),
    date: nullableText('The median day as a date.', '2026-12-31'),
    probability: number('Share of the draws in which it happens within the horizon.', 0.97),
    p10: nullableNumber('Day at the 10 % quantile of the draws; null beyond the horizon.', 11),
    p50: nullableNumber('Median day.', 33),
    p90: nullableNumber('The crossing comes before this day nine times in ten.', 120),
  },
  { description: 'The day that serving has cost as much as training.' },
);

const MonthSchema = component(
  'LifecycleMonth',
  {
    month: Type.Integer({ description: '0 lies before the launch, 1 is the first month of service.', examples: [1] }),
    startsOn: text('First day of the month of service.', '2026-11-24'),
    requestsPerDay: number('Mean number of requests a day in the month.', 1_000_000),
    devices: Type.Integer({ description: 'Devices that serve.', examples: [8] }),
    devicesPaid: Type.Integer({ description: 'Devices paid for, unexpired commitments included.', examples: [8] }),
    training: reportedAmount('Training in the month.'),
    serving: reportedAmount('Serving in the month, with people and roll-outs.'),
    cumulativeTraining: ref(MoneyFigureSchema, { description: 'Training so far.' }),
    cumulativeServing: ref(MoneyFigureSchema, { description: 'Serving so far.' }),
    cumulativeTotal: ref(MoneyFigureSchema, { description: 'Both so far.' }),
    servingPerRequest: nullable(
      reportedAmount('Serving over the requests of the month; null before the launch.', '0.0012'),
    ),
  },
  { description: 'A month of 365 / 12 days.' },
);

const YearSchema = component(
  'LifecycleYear',
  {
    year: Type.Integer({
      description: '1 is the first year of service, with what came before the launch.',
      examples: [1],
    }),
    training: reportedAmount('Training in the year.'),
    serving: reportedAmount('Serving in the year.'),
    trainingShare: number('Share of training in the cost of training and serving, 0 to 1.', 0.1),
    requests: number('Requests served in the year.', 365_000_000),
    servingPerRequest: nullable(reportedAmount('Serving over the requests of the year.', '0.0012')),
  },
  { description: 'A year of service.' },
);

const PhaseSchema = component(
  'LifecyclePhase',
  {
    name: text('Launch, or the roll-out it begins with.', 'launch'),
    fromMonth: Type.Integer({ description: 'First month.', examples: [1] }),
    summary: text('The inference estimate in words, at the load of the launch.', '…'),
    deviceId: text('Device that serves.', 'nvidia-l40s-48gb'),
    weightFormat: text('Number format of the weights.', 'bf16'),
    usdPerMonth: decimal('Cost of a month at the load of the launch, USD.', '45000.0000'),
    termMonths: Type.Integer({
      description: 'Months a device is paid for once taken: 1, a commitment, or the life of owned hardware.',
      examples: [1],
    }),
  },
  { description: 'A stretch of months served in one way.' },
);

const SensitivitySchema = component(
  'Sensitivity',
  {
    id: text('Factor or assumption.', 'traffic.peak_to_mean_ratio'),
    label: text('What it is.', 'Replicas are sized for the peak hour.'),
    kind: choice(['range', 'step'], {
      description: 'range: the ends of its 80 % range; step: ten points either way, where no range is known.',
      examples: ['range'],
    }),
    low: number('Low end, in the unit.', 0.75),
    high: number('High end, in the unit.', 1.5),
    unit: text('Unit of both.', 'x the best estimate'),
    totalAtLow: reportedAmount('Total with the low end, everything else at the best estimate.'),
    totalAtHigh: reportedAmount('Total with the high end.'),
    swing: reportedAmount('Difference of the two.'),
  },
  { description: 'One figure moved to the ends of its range: a bar of the tornado.' },
);

const LeverSchema = component(
  'Lever',
  {
    id: text('Stable name, the same in every answer.', 'weights.fp8'),
    label: text('The decision in words.', 'Serve in fp8'),
    field: text('JSON Pointer of the request field that takes it.', '/inference/serving/weightFormat'),
    to: Type.Unsafe<number | string>({
      type: ['number', 'string'],
      description: 'Value of the field for this decision.',
      examples: ['fp8'],
    }),
    caution: text('What the decision may cost besides money.', 'Test the answers.'),
    total: reportedAmount('Total with this change alone, people as they are.'),
    saving: reportedAmount('Saved over the horizon; negative where it costs more.'),
    savingPercent: number('The saving in percent of the total.', 17.6),
  },
  { description: 'A decision that is yours, alone, by what it saves.' },
);

const DrawnSchema = component(
  'MonteCarloUsed',
  {
    draws: Type.Integer({ description: 'Number of courses that were drawn.', examples: [256] }),
    seed: Type.Integer({ description: 'Seed used.', examples: [1] }),
  },
  { description: 'What the bands were drawn with.' },
);

const FeasibleSchema = component(
  'FeasibleLifecycleEstimate',
  {
    status: Type.Literal('feasible', { description: 'The workload can be done as asked.' }),
    summary: text('The answer in a few sentences.', '270,000 USD over 3 years …'),
    launchOn: text('First day of service.', '2026-11-24'),
    horizonMonths: Type.Integer({ description: 'Months of service.', examples: [36] }),
    total: ref(MoneyFigureSchema, {
      description: 'Total cost of ownership: exactly the sum of the lines, and of the months.',
    }),
    training: ref(MoneyFigureSchema, { description: 'All training.' }),
    serving: ref(MoneyFigureSchema, { description: 'All serving, with people and roll-outs.' }),
    trainingShare: ref(UncertainFigureSchema, { description: 'Training over the total.' }),
    crossing: Type.Optional(
      ref(CrossingSchema, { description: 'All of serving against all of training; absent without training.' }),
    ),
    hardwareCrossing: Type.Optional(
      ref(CrossingSchema, { description: 'The same without people, data and waiting; absent without training.' }),
    ),
    presentValue: ref(MoneyFigureSchema, { description: 'The costs discounted to the launch.' }),
    netPresentValue: Type.Optional(
      ref(MoneyFigureSchema, {
        description: 'Value of the requests less the costs, discounted; absent without valueUsdPerRequest.',
      }),
    ),
    discountRatePercent: number('Rate used, percent a year.', 8),
    requests: number('Requests over the horizon.', 1.095e9),
    costPerRequest: ref(MoneyFigureSchema, { description: 'The total over all requests, training included.' }),
    lines: list(ref(LineSchema), { description: 'Line items of all years together.' }),
    years: list(ref(YearSchema), { description: 'The same by year of service.' }),
    months: Type.Optional(list(ref(MonthSchema), { description: 'By month; left out with view=summary.' })),
    phases: list(ref(PhaseSchema), { description: 'Which deployment serves, and from which month on.' }),
    trainingSummary: nullableText('The training estimate in words; null without training.', '…'),
    levers: list(ref(LeverSchema), {
      description: 'Decisions by what they save, each alone; the most valuable first.',
    }),
    sensitivities: list(ref(SensitivitySchema), {
      description: 'What moves the total, one figure at a time; the widest first.',
    }),
    monteCarlo: ref(DrawnSchema, { description: 'What the bands were drawn with.' }),
    assumptions,
    prices: list(ref(PriceUseSchema), { description: 'Catalog prices used, as of pricingAt.' }),
    bandBases: Type.Optional(bandBases),
    request: repeatable(LifecycleRequestSchema),
    replay,
  },
  { description: 'A service over its years.' },
);

const InfeasibleSchema = component(
  'InfeasibleLifecycleEstimate',
  {
    status: Type.Literal('infeasible', { description: 'A part of it cannot be done as asked.' }),
    summary: text('Why, in a sentence or two.', 'No device in SA with a price fits Llama 3.1 405B.'),
    part: text('JSON Pointer of the part that has no answer.', '/inference'),
    reasons: list(ref(ExclusionSchema), { description: 'What failed, with required and actual values.' }),
    relaxation: Type.Optional(
      ref(RelaxationSchema, { description: 'A change that makes it possible; absent where none was found.' }),
    ),
    assumptions,
    request: repeatable(LifecycleRequestSchema),
    replay,
  },
  { description: 'A part does not fit: a result with reasons.' },
);

export const LifecycleEstimateSchema = unionComponent(
  'LifecycleEstimate',
  'status',
  [FeasibleSchema, InfeasibleSchema],
  { description: 'The answer to a lifecycle question.' },
);
