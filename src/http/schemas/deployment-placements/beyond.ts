/** What is answered beyond the plan. */

import { decimal, nullableDecimal, nullableNumber, number, text } from '../answer-fields.ts';
import { choice, component, list, ref } from '../component.ts';

export const ChoiceSchema = component(
  'PlacementChoice',
  {
    stage: text('Component, or a part of it.', 'chat'),
    optionId: text(
      'Name of the option: site, device, format and way of paying.',
      'chat@azure/uaenorth/nvidia-h100-nvl-94gb',
    ),
  },
  { description: 'Where a component is.' },
);

const FrontPointSchema = component(
  'FrontPoint',
  {
    usdPerMonth: decimal('Cost of the plan, USD a month.', '23922.1000'),
    carbonKilogramsPerMonth: nullableNumber('Emissions, kg CO2e a month; null where a power figure is missing.', 620),
    p95Ms: number('p95 of the slowest component, ms.', 700),
    slope: nullableNumber('USD more than the point before per unit less; null for the first.', 4.1),
    gap: nullableNumber('How far the cost can be above the least.', 0),
    choices: list(ref(ChoiceSchema), { description: 'Options that the plan of this point consists of.' }),
  },
  { description: 'A plan that no other beats in both.' },
);

export const FrontSchema = component(
  'ParetoFront',
  {
    against: choice(['carbon', 'latency'], {
      description: 'Figure that cost is traded against.',
      examples: ['carbon'],
    }),
    slopeUnit: text('Unit of the slopes.', 'USD per kg CO2e'),
    points: list(ref(FrontPointSchema), { description: 'Cheapest first; dominated plans are left out.' }),
  },
  { description: 'Least cost under caps on something else.' },
);

export const InsistenceSchema = component(
  'InsistencePrice',
  {
    stage: text('Component, or a part of it.', 'chat'),
    optionId: text('Name of the option that was insisted on.', 'chat@azure/uaenorth/nvidia-h200-sxm5-141gb'),
    extraUsdPerMonth: decimal('What it costs more, with everything else placed anew.', '1200.0000'),
    uncertaintyUsd: decimal('How far that can be off: the gaps of both solutions, in USD.', '0.0000'),
  },
  { description: 'The price of insisting on an option.' },
);

const MoveSchema = component(
  'PlacementMove',
  {
    stage: text('Component, or a part of it.', 'chat'),
    from: text('Where it runs in the plan.', 'chat@azure/uaenorth/nvidia-h100-nvl-94gb'),
    to: text('Where it goes; empty where it is no longer used.', 'chat@aws/me-central-1/nvidia-h200-sxm5-141gb'),
  },
  { description: 'A component that moves.' },
);

export const FlipSchema = component(
  'PlacementFlip',
  {
    change: text('The change that was tried, in words.', 'azure costs 30 % more'),
    status: choice(['same_plan', 'other_plan', 'infeasible', 'undecided'], {
      description: 'What the change does to the plan; undecided where the search ended at a limit.',
      examples: ['other_plan'],
    }),
    usdPerMonth: nullableDecimal(
      'Cost of the plan after the change, USD a month; null where there is none.',
      '25100.0000',
    ),
    carbonKilogramsPerMonth: nullableNumber(
      'Emissions then, kg CO2e a month; null without a plan and where a power figure is missing.',
      620,
    ),
    moves: list(ref(MoveSchema), { description: 'Components that move to another place or device.' }),
  },
  { description: 'Whether a change of the world changes the plan.' },
);

export const FailoverSchema = component(
  'PlacementFailover',
  {
    lostSite: text('Site that is lost.', 'azure/uaenorth'),
    status: choice(['other_plan', 'infeasible', 'undecided'], {
      description: 'Whether there is a plan without it.',
      examples: ['other_plan'],
    }),
    usdPerMonth: nullableDecimal(
      'Cost of the plan without the site, USD a month; null where there is none.',
      '28000.0000',
    ),
    leadTimeDays: nullableNumber('Days until all of it can run.', 0),
    choices: list(ref(ChoiceSchema), { description: 'Options that the plan without the site consists of.' }),
  },
  { description: 'The plan without one of its sites.' },
);
