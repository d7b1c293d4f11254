/** What the question takes for granted where the caller says nothing; each is listed in the answer. */
import { type SourcedDefault, sourcedDefault } from '../assumption.ts';

export const NEEDED_PERCENT = sourcedDefault({
  id: 'own_or_rent.needed_percent',
  field: '/neededPercent',
  value: 100,
  unit: '% of the hours of a month',
  range: null,
  kind: 'assumed',
  source: 'a service that runs all day',
  reason: 'Hours in which the devices are needed',
});

/** Engineers of one's own for so many devices: one for fifty servers of eight. */
const DEVICES_PER_ENGINEER = 400;
const LEAST_ENGINEERS = 0.1;

export const ownStaff = (devices: number): SourcedDefault => {
  const engineers = Math.max(devices / DEVICES_PER_ENGINEER, LEAST_ENGINEERS);
  return sourcedDefault({
    id: 'own_or_rent.staff_engineers',
    field: '/staff/engineers',
    value: engineers,
    unit: 'engineers',
    range: { low: engineers * 0.5, high: engineers * 3 },
    kind: 'assumed',
    source: 'judgement: one engineer for fifty servers, a tenth of one at the least',
    reason: 'People who keep hardware running that a renter does not need',
  });
};

export const EFFICIENCY_GAIN_PERCENT = sourcedDefault({
  id: 'own_or_rent.efficiency_gain_percent_per_year',
  field: '',
  value: 29,
  unit: '% less power for the same work per year',
  range: { low: 20, high: 35 },
  kind: 'sourced',
  source:
    'Epoch AI, trends in machine-learning hardware (2024): energy efficiency grows by about 40 % a year, that is 29 % less power',
  reason: 'What new hardware saves in power and room when it replaces old',
});

export const SWITCHING_PERCENT = sourcedDefault({
  id: 'own_or_rent.switching_percent',
  field: '/replacement/switchingPercent',
  value: 6,
  unit: '% of the purchase',
  range: { low: 3, high: 12 },
  kind: 'assumed',
  source: 'judgement: removal and wiping, installation and burn-in, moving the service, a month in which both stand',
  reason: 'What it takes to swap old hardware for new',
});
