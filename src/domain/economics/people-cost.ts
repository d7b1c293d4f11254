/** Engineers, the experiments before the best run, and the price of waiting for it. */
import { unitAmount } from '../money.ts';
import { MONTHS_PER_YEAR } from '../units.ts';
import { type AssumptionLog, exactly, type Quantity, type SourcedDefault, sourcedDefault } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';

export const USD_PER_ENGINEER_YEAR = sourcedDefault({
  id: 'people.usd_per_engineer_year',
  field: '/people/usdPerEngineerYear',
  value: 220_000,
  unit: 'USD per engineer and year',
  range: { low: 100_000, high: 400_000 },
  kind: 'sourced',
  source:
    'US Bureau of Labor Statistics 2024: software developers median 133,080, p90 211,450 USD wage; machine-learning engineers 20-40 % above; benefits about 30 % of compensation. Frontier laboratories pay more, the Gulf and South Asia less',
  reason: 'Wage and benefits of a machine-learning engineer',
});

interface Team {
  /** Cost of the compute of the final run. */
  readonly computeUsd: number;
  readonly engineers: number;
  readonly preparationMonths: number;
}

/**
 * Team by the cost of the final run's compute. Between the points it is interpolated on logarithms, so that a slightly higher price
 * does not change the team abruptly. From 1 M USD on the team is sized so that people are 29-49 % of compute and people together
 * (Epoch AI, cost of frontier models); below, it is the smallest team that such a project needs.
 */
const TEAMS: readonly Team[] = [
  { computeUsd: 3e2, engineers: 1, preparationMonths: 0.5 },
  { computeUsd: 3e3, engineers: 1, preparationMonths: 1 },
  { computeUsd: 3e4, engineers: 2, preparationMonths: 2 },
  { computeUsd: 3e5, engineers: 4, preparationMonths: 4 },
  { computeUsd: 3e6, engineers: 16, preparationMonths: 6 },
  { computeUsd: 3e7, engineers: 110, preparationMonths: 9 },
  { computeUsd: 3e8, engineers: 550, preparationMonths: 18 },
];

const TEAM_SOURCE =
  'Epoch AI, cost of frontier models: R&D staff 29-49 % of development cost; below 1 M USD of compute judgement';

/** Outside of the table the nearest point counts. */
function teamOf(computeUsd: number): Team {
  const after = TEAMS.findIndex((team) => team.computeUsd >= computeUsd);
  if (after === 0) return TEAMS[0] as Team;
  const high = TEAMS[after];
  if (high === undefined) return TEAMS.at(-1) as Team;
  const low = TEAMS[after - 1] as Team;
  const share = Math.log(computeUsd / low.computeUsd) / Math.log(high.computeUsd / low.computeUsd);
  const between = (from: number, to: number): number => from * (to / from) ** share;
  return {
    computeUsd,
    engineers: Math.round(between(low.engineers, high.engineers)),
    preparationMonths: Number(between(low.preparationMonths, high.preparationMonths).toFixed(1)),
  };
}

const teamDefault = (name: 'engineers' | 'preparationMonths', value: number): SourcedDefault =>
  sourcedDefault({
    id: name === 'engineers' ? 'people.engineers' : 'people.preparation_months',
    field: `/people/${name}`,
    value,
    unit: name === 'engineers' ? 'engineers' : 'months',
    range: { low: value * 0.5, high: value * 2 },
    kind: 'assumed',
    source: TEAM_SOURCE,
    reason: name === 'engineers' ? 'Team usual for a run of this cost' : 'Work before and after the run',
  });

interface PeopleQuery {
  readonly engineers?: number | undefined;
  readonly preparationMonths?: number | undefined;
  readonly usdPerEngineerYear?: number | undefined;
  /** Wall-clock of the run in months. */
  readonly runMonths: Quantity;
  /** Of the final run, USD: sizes the default team. */
  readonly computeUsd: number;
}

/** engineers x (preparationMonths + runMonths) / 12 x cost per engineer-year. */
export function peopleItem(query: PeopleQuery, log: AssumptionLog): DraftItem {
  const team = teamOf(query.computeUsd);
  const engineers = log.resolve(query.engineers, teamDefault('engineers', team.engineers));
  const preparationMonths = log.resolve(
    query.preparationMonths,
    teamDefault('preparationMonths', team.preparationMonths),
  );
  const costPerEngineerYear = log.resolve(query.usdPerEngineerYear, USD_PER_ENGINEER_YEAR);
  // the months add: the longer part decides how sure the sum is
  const preparationRules = preparationMonths.value >= query.runMonths.value;
  const silence = (quantity: Quantity): Quantity => ({ ...quantity, factors: [] });
  return lineItem({
    id: 'people',
    label: 'Engineers and researchers',
    category: 'people',
    formula: 'engineers x (preparationMonths + runMonths) / 12 x costPerEngineerYear',
    quantity: (engineers.value * (preparationMonths.value + query.runMonths.value)) / MONTHS_PER_YEAR,
    unitAmount: unitAmount(costPerEngineerYear.value),
    currency: 'USD',
    inputs: {
      engineers,
      preparationMonths: preparationRules ? preparationMonths : silence(preparationMonths),
      runMonths: preparationRules ? silence(query.runMonths) : query.runMonths,
      costPerEngineerYear,
    },
  });
}

export const EXPERIMENTS_PRETRAINING = sourcedDefault({
  id: 'run.experiments_multiple.pretraining',
  field: '/run/experimentsMultiple',
  value: 0.75,
  unit: 'x the final run',
  range: { low: 0.1, high: 4.6 },
  kind: 'sourced',
  source:
    '0 to run a known recipe again, 0.5-1 for new data, 4.6 for a new recipe (Olmo 3: 82 % of energy went into experiments)',
  reason: 'Experiments, ablations and failed runs before the best one: a known recipe on new data',
});

export const EXPERIMENTS_FINE_TUNING = sourcedDefault({
  id: 'run.experiments_multiple.fine_tuning',
  field: '/run/experimentsMultiple',
  value: 3,
  unit: 'x the final run',
  range: { low: 1, high: 10 },
  kind: 'assumed',
  source:
    'judgement: a few learning rates and data mixes; searching a post-training recipe takes 10-100 x (RLHF book, appendix C)',
  reason: 'Runs before the best one',
});

/** What waiting for the result costs the business: only where the caller puts a price on a day. */
export const waitingItem = (usdPerDay: string, days: Quantity): DraftItem =>
  lineItem({
    id: 'waiting',
    label: 'Cost of waiting for the result',
    category: 'waiting',
    formula: 'days x valuePerDay',
    quantity: days.value,
    unitAmount: usdPerDay,
    currency: 'USD',
    inputs: { days, valuePerDay: exactly(Number(usdPerDay), 'USD/day') },
  });
