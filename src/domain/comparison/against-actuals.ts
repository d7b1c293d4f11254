/** An estimate compared with what was really measured and billed: line by line, quantity by quantity, and what explains the difference. */
import { moneyInWords, significant } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import { DAYS_PER_MONTH } from '../units.ts';
import {
  type Actuals,
  type ActualsKind,
  actualRate,
  actualTotal,
  checkTokens,
  type Fields,
  inputOf,
} from './actuals.ts';
import type { ComparedAnswer } from './compared-answer.ts';
import { type AskAnswer, type Explanation, explain, LEAST_USD, type Scope } from './explain-actuals.ts';
import { type SuggestedChange, suggestedChanges } from './suggested-changes.ts';

interface LineAgainstActual {
  readonly id: string;
  readonly label: string;
  /** Over the period; null where the estimate has no such line. */
  readonly estimateUsd: number | null;
  readonly actualUsd: number | null;
  readonly differenceUsd: number | null;
  /** Whether the actual lies within the 80 % band of the estimate. */
  readonly withinBand: boolean | null;
}

interface QuantityAgainstActual {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly estimate: number;
  readonly actual: number;
  readonly ratio: number;
}

export interface ActualsReport {
  readonly summary: string;
  readonly periodDays: number | null;
  /** Of the lines that were billed, where no total is given. */
  readonly estimateUsd: number;
  readonly actualUsd: number | null;
  readonly withinBand: boolean | null;
  readonly lines: readonly LineAgainstActual[];
  readonly quantities: readonly QuantityAgainstActual[];
  /** Their effects sum to the difference of the totals; empty without an actual total. */
  readonly explanations: readonly Explanation[];
  /** What would make the next estimate start from what was measured. */
  readonly suggestedChanges: readonly SuggestedChange[];
}

/**
 * @param estimate the answer to `request`, feasible
 * @throws RequestFaultError for tokens counted of a model that has none
 */
export async function againstActuals(
  kind: ActualsKind,
  request: Fields,
  estimate: ComparedAnswer,
  actuals: Actuals,
  deviceId: string | null,
  ask: AskAnswer,
): Promise<ActualsReport> {
  checkTokens(actuals, estimate);
  const periodDays = kind === 'inference' ? (actuals.periodDays ?? DAYS_PER_MONTH) : null;
  const scale = periodDays === null ? 1 : periodDays / DAYS_PER_MONTH;
  const lines = linesOf(estimate, actuals, scale);
  const actualUsd = actualTotal(actuals);
  const scope = scopeOf(actuals, estimate);
  const { band } = scope;
  const estimateUsd = scope.usdOf(estimate) * scale;
  const changes = suggestedChanges(kind, request, actuals, periodDays, estimate, deviceId);
  const explanations =
    actualUsd === null ? [] : await explain(kind, request, estimate, actuals, actualUsd, scale, scope, changes, ask);
  const withinBand =
    actualUsd === null || band === null ? null : actualUsd >= band.p10 * scale && actualUsd <= band.p90 * scale;
  return {
    summary: summaryOf(estimateUsd, actualUsd, scope.words, withinBand, explanations),
    periodDays,
    estimateUsd,
    actualUsd,
    withinBand,
    lines,
    quantities: quantitiesOf(kind, request, estimate, actuals, periodDays, scale),
    explanations,
    suggestedChanges: changes,
  };
}

function scopeOf({ totalUsd, lineItems = [] }: Actuals, estimate: ComparedAnswer): Scope {
  const billed = new Set(lineItems.map(({ id }) => id));
  const inBill = ({ lines }: ComparedAnswer) => lines.filter(({ id }) => billed.has(id));
  const lines = inBill(estimate);
  if (totalUsd !== undefined || billed.size === 0 || lines.length === estimate.lines.length) {
    return {
      usdOf: ({ total }) => (total === null ? 0 : toNumber(total.amount)),
      band: estimate.total?.band ?? null,
      words: '',
    };
  }
  const left = estimate.lines.length - lines.length;
  return {
    usdOf: (answer) => inBill(answer).reduce((sum, { usd }) => sum + usd, 0),
    band: lines.length === 1 && lines[0] !== undefined ? lines[0].band : null,
    words: ` for the lines that were billed (${left} of the estimate ${left === 1 ? 'was' : 'were'} not, and count for nothing here)`,
  };
}

function linesOf(estimate: ComparedAnswer, { lineItems = [] }: Actuals, scale: number): LineAgainstActual[] {
  const ids = [...new Set([...estimate.lines.map(({ id }) => id), ...lineItems.map(({ id }) => id)])];
  return ids.map((id) => {
    const line = estimate.lines.find((one) => one.id === id);
    const billed = lineItems.filter((one) => one.id === id);
    const actualUsd = billed.length === 0 ? null : billed.reduce((sum, { usd }) => sum + Number(usd), 0);
    const estimateUsd = line === undefined ? null : line.usd * scale;
    return {
      id,
      label: line?.label ?? id,
      estimateUsd,
      actualUsd,
      differenceUsd: actualUsd === null ? null : actualUsd - (estimateUsd ?? 0),
      withinBand:
        actualUsd === null || line === undefined
          ? null
          : actualUsd >= line.band.p10 * scale && actualUsd <= line.band.p90 * scale,
    };
  });
}

function quantitiesOf(
  kind: ActualsKind,
  request: Fields,
  estimate: ComparedAnswer,
  actuals: Actuals,
  periodDays: number | null,
  scale: number,
): QuantityAgainstActual[] {
  const found: QuantityAgainstActual[] = [];
  const add = (id: string, label: string, unit: string, expected: number | null, actual: number | undefined): void => {
    if (expected === null || expected === 0 || actual === undefined) return;
    found.push({ id, label, unit, estimate: expected, actual, ratio: actual / expected });
  };
  const metricOf = (id: string): number | null => estimate.metrics.find((metric) => metric.id === id)?.value ?? null;
  const scaled = (value: number | null): number | null => (value === null ? null : value * scale);
  if (kind === 'inference') {
    add('requests', 'Requests', 'requests', Number(request.requestsPerDay) * (periodDays ?? 0), actuals.requests);
    add(
      'deviceHours',
      'Paid device-hours',
      'device-hours',
      scaled(inputOf(estimate, 'deviceHours')),
      actuals.deviceHours,
    );
  } else {
    add('trainingTokens', 'Tokens trained on', 'tokens', numberOf(request.tokens), actuals.trainingTokens);
    add('deviceHours', 'Paid device-hours of the run', 'device-hours', metricOf('deviceHours'), actuals.deviceHours);
    add('wallClockDays', 'Days from start to finish', 'days', metricOf('wallClockDays'), actuals.wallClockDays);
  }
  add('kilowattHours', 'Energy at the meter', 'kWh', scaled(metricOf('facilityKilowattHours')), actuals.kilowattHours);
  const rate = actualRate(actuals);
  add('usdPerDeviceHour', 'Paid per device-hour', 'USD', inputOf(estimate, 'pricePerDeviceHour'), rate ?? undefined);
  return found;
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

function summaryOf(
  estimateUsd: number,
  actualUsd: number | null,
  scope: string,
  withinBand: boolean | null,
  explanations: readonly Explanation[],
): string {
  if (actualUsd === null) {
    return `Estimated ${moneyInWords(estimateUsd, 'USD')}; no amount that was really paid was given, so only quantities are set against each other.`;
  }
  const difference = actualUsd - estimateUsd;
  const apart =
    estimateUsd === 0
      ? ''
      : ` ${significant(Math.abs((100 * difference) / estimateUsd))} % ${difference >= 0 ? 'more' : 'less'},`;
  const band = withinBand === null ? '' : ` ${withinBand ? 'within' : 'outside'} the band of the estimate`;
  const size =
    `${moneyInWords(actualUsd, 'USD')} paid against ${moneyInWords(estimateUsd, 'USD')} estimated${scope},${apart}${band}`
      .replace(/,$/, '')
      .concat('.');
  const [most] = explanations.toSorted((a, b) => Math.abs(b.usd) - Math.abs(a.usd));
  return most === undefined || Math.abs(most.usd) < LEAST_USD
    ? size
    : `${size} The largest part, ${moneyInWords(most.usd, 'USD')}: ${most.statement}`;
}
