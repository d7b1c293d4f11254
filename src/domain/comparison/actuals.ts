/** An estimate against what was really measured and billed: line by line, and what explains the difference. */
import { refuse } from '../estimate/request-fault.ts';
import { moneyInWords, significant, thousands } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import { DAYS_PER_MONTH } from '../units.ts';
import type { ComparedAnswer, ComparedLine } from './compared-answer.ts';

export interface ActualLine {
  readonly id: string;
  /** Decimal string. */
  readonly usd: string;
}

export interface Actuals {
  /** Days that the figures cover, for inference; a month where absent. */
  readonly periodDays?: number;
  readonly totalUsd?: string;
  readonly lineItems?: readonly ActualLine[];
  readonly requests?: number;
  readonly promptTokens?: number;
  readonly outputTokens?: number;
  /** Tokens trained on. */
  readonly trainingTokens?: number;
  readonly deviceHours?: number;
  readonly kilowattHours?: number;
  readonly wallClockDays?: number;
}

export type ActualsKind = 'inference' | 'training';
export type Fields = Readonly<Record<string, unknown>>;

const OF_INFERENCE = ['periodDays', 'requests', 'promptTokens', 'outputTokens'] as const;
const OF_TRAINING = ['trainingTokens', 'wallClockDays'] as const;

/** @throws RequestFaultError for figures that the other kind has, and for none at all */
export function checkActuals(kind: ActualsKind, actuals: Actuals): void {
  if (Object.keys(actuals).length === 0) {
    refuse('/actuals', 'required', 'Give what was measured or billed: totalUsd or lineItems, and what was counted.');
  }
  for (const field of kind === 'inference' ? OF_TRAINING : OF_INFERENCE) {
    if (actuals[field] === undefined) continue;
    const other = kind === 'inference' ? 'training' : 'serving';
    refuse(
      `/actuals/${field}`,
      'contradiction',
      `${field} is counted of ${other}; leave it out or ask for the other kind.`,
    );
  }
}

export interface LineAgainstActual {
  readonly id: string;
  readonly label: string;
  /** Over the period; null where the estimate has no such line. */
  readonly estimateUsd: number | null;
  readonly actualUsd: number | null;
  readonly differenceUsd: number | null;
  /** Whether the actual lies within the 80 % band of the estimate. */
  readonly withinBand: boolean | null;
}

export interface QuantityAgainstActual {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly estimate: number;
  readonly actual: number;
  readonly ratio: number;
}

export interface Explanation {
  readonly id: 'load' | 'lengths' | 'tokens' | 'price' | 'device_hours' | 'line' | 'unestimated_line' | 'rest';
  readonly usd: number;
  readonly statement: string;
}

export interface SuggestedChange {
  readonly field: string;
  readonly to: number | string;
  readonly reason: string;
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

/** The answer to a changed request; null where it has none. */
export type AskAnswer = (request: Fields) => Promise<ComparedAnswer | null>;

const computeLine = ({ lines }: ComparedAnswer): ComparedLine | undefined => lines.find(({ id }) => id === 'compute');
const inputOf = (answer: ComparedAnswer, name: string): number | null =>
  computeLine(answer)?.inputs.find((input) => input.name === name)?.value ?? null;

/** What a bill is set against: all of the estimate, or the lines that were billed where no total is given. */
interface Scope {
  readonly usdOf: (answer: ComparedAnswer) => number;
  /** Null where several lines have no band together. */
  readonly band: { readonly p10: number; readonly p90: number } | null;
  readonly words: string;
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

/** @param estimate the answer to `request`, feasible */
export async function againstActuals(
  kind: ActualsKind,
  request: Fields,
  estimate: ComparedAnswer,
  actuals: Actuals,
  deviceId: string | null,
  ask: AskAnswer,
): Promise<ActualsReport> {
  const periodDays = kind === 'inference' ? (actuals.periodDays ?? DAYS_PER_MONTH) : null;
  const scale = periodDays === null ? 1 : periodDays / DAYS_PER_MONTH;
  const lines = linesOf(estimate, actuals, scale);
  const actualUsd = actualTotal(actuals);
  const scope = scopeOf(actuals, estimate);
  const { band } = scope;
  const estimateUsd = scope.usdOf(estimate) * scale;
  const suggestedChanges = suggestions(kind, request, actuals, periodDays, estimate, deviceId);
  const explanations =
    actualUsd === null
      ? []
      : await explain(kind, request, estimate, actuals, actualUsd, scale, scope, suggestedChanges, ask);
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
    suggestedChanges,
  };
}

const actualTotal = ({ totalUsd, lineItems }: Actuals): number | null => {
  if (totalUsd !== undefined) return Number(totalUsd);
  return lineItems === undefined || lineItems.length === 0
    ? null
    : lineItems.reduce((sum, { usd }) => sum + Number(usd), 0);
};

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

/** What was billed for compute over the hours it was billed for. */
function actualRate({ lineItems = [], deviceHours }: Actuals): number | null {
  const compute = lineItems.filter(({ id }) => id === 'compute').reduce((sum, { usd }) => sum + Number(usd), 0);
  return compute > 0 && deviceHours !== undefined && deviceHours > 0 ? compute / deviceHours : null;
}

function suggestions(
  kind: ActualsKind,
  request: Fields,
  actuals: Actuals,
  periodDays: number | null,
  estimate: ComparedAnswer,
  deviceId: string | null,
): SuggestedChange[] {
  const changes: SuggestedChange[] = [];
  if (kind === 'inference' && actuals.requests !== undefined && periodDays !== null) {
    const perDay = actuals.requests / periodDays;
    changes.push({ field: '/requestsPerDay', to: perDay, reason: 'Requests as they were counted.' });
    for (const [field, tokens] of [
      ['/promptTokens/mean', actuals.promptTokens],
      ['/outputTokens/mean', actuals.outputTokens],
    ] as const) {
      if (tokens === undefined) continue;
      changes.push({ field, to: tokens / actuals.requests, reason: 'Mean length as it was counted.' });
    }
  }
  if (kind === 'training' && actuals.trainingTokens !== undefined && request.tokens !== undefined) {
    changes.push({ field: '/tokens', to: actuals.trainingTokens, reason: 'Tokens as they were counted.' });
  }
  const rate = actualRate(actuals);
  if (rate !== null && inputOf(estimate, 'pricePerDeviceHour') !== null && deviceId !== null) {
    if (request.device === undefined && request.customDevice === undefined) {
      changes.push({ field: '/device', to: deviceId, reason: 'The rate holds for the device that was estimated.' });
    }
    changes.push({
      field: '/purchase',
      to: JSON.stringify({ usdPerDeviceHour: rate.toFixed(6) }),
      reason: 'Paid per device-hour.',
    });
  }
  return changes;
}

/** Causes are taken over one after the other, in the order in which they come about; the rest is what none explains. */
async function explain(
  kind: ActualsKind,
  request: Fields,
  estimate: ComparedAnswer,
  actuals: Actuals,
  actualUsd: number,
  scale: number,
  { usdOf }: Scope,
  changes: readonly SuggestedChange[],
  ask: AskAnswer,
): Promise<Explanation[]> {
  const found: Explanation[] = [];
  let current = request;
  let answer = estimate;
  const step = async (
    id: Explanation['id'],
    fields: readonly string[],
    statement: (before: ComparedAnswer, after: ComparedAnswer) => string,
  ): Promise<void> => {
    const taken = changes.filter(({ field }) => fields.includes(field));
    if (taken.length === 0) return;
    const next = taken.reduce((fields_, { field, to }) => put(fields_, field, to), current);
    const after = await ask(next);
    if (after === null || after.total === null) return;
    found.push({ id, usd: (usdOf(after) - usdOf(answer)) * scale, statement: statement(answer, after) });
    current = next;
    answer = after;
  };
  if (kind === 'inference') {
    await step('load', ['/requestsPerDay'], () => {
      const perDay = changes.find(({ field }) => field === '/requestsPerDay')?.to as number;
      return `${thousands(Math.round(perDay))} requests a day came instead of ${thousands(Number(request.requestsPerDay))}.`;
    });
    await step('lengths', ['/promptTokens/mean', '/outputTokens/mean'], () => 'Prompts and answers had other lengths.');
  } else {
    await step('tokens', ['/tokens'], () => {
      const tokens = changes.find(({ field }) => field === '/tokens')?.to as number;
      return `${tokensInWords(tokens)} tokens were trained on instead of ${tokensInWords(Number(request.tokens))}.`;
    });
  }
  const expectedRate = inputOf(answer, 'pricePerDeviceHour');
  await step('price', ['/device', '/purchase'], () => {
    const rate = actualRate(actuals) as number;
    return `${significant(rate)} USD was paid per device-hour instead of ${significant(expectedRate ?? 0)}.`;
  });
  const hours = inputOf(answer, 'deviceHours');
  const rate = actualRate(actuals) ?? inputOf(answer, 'pricePerDeviceHour');
  const { lineItems = [] } = actuals;
  const computeCounts = actuals.totalUsd !== undefined || lineItems.some(({ id }) => id === 'compute');
  let ofHours = 0;
  if (computeCounts && actuals.deviceHours !== undefined && hours !== null && rate !== null) {
    ofHours = (actuals.deviceHours - hours * scale) * rate;
    found.push({
      id: 'device_hours',
      usd: ofHours,
      statement: `${thousands(Math.round(actuals.deviceHours))} device-hours were paid where ${thousands(Math.round(hours * scale))} were expected of this load: utilization, idle replicas or the speed of the devices.`,
    });
  }
  found.push(...lineCauses(answer, lineItems, scale, ofHours));
  const explained = found.reduce((sum, { usd }) => sum + usd, usdOf(estimate) * scale);
  found.push({
    id: 'rest',
    usd: actualUsd - explained,
    statement: 'What none of the figures given explains: lines that were not estimated, or figures not given.',
  });
  return found;
}

/** Less than a cent is rounding. */
const LEAST_USD = 0.005;

/** What the lines billed differ by beside the causes found so far. */
function lineCauses(
  answer: ComparedAnswer,
  billed: readonly ActualLine[],
  scale: number,
  ofHours: number,
): Explanation[] {
  return [...Map.groupBy(billed, ({ id }) => id)].flatMap(([id, items]): Explanation[] => {
    const actual = items.reduce((sum, { usd }) => sum + Number(usd), 0);
    const line = answer.lines.find((one) => one.id === id);
    if (line === undefined) {
      const statement = `"${id}" was billed and not estimated.`;
      return actual < LEAST_USD ? [] : [{ id: 'unestimated_line', usd: actual, statement }];
    }
    const expected = line.usd * scale + (id === 'compute' ? ofHours : 0);
    const usd = actual - expected;
    if (Math.abs(usd) < LEAST_USD) return [];
    const statement = `"${line.label}" came to ${moneyInWords(actual, 'USD')} where ${moneyInWords(expected, 'USD')} were expected${id === 'compute' && ofHours !== 0 ? ' of these hours' : ''}.`;
    return [{ id: 'line', usd, statement }];
  });
}

/** "1.1 bn", "15.6 tn". */
function tokensInWords(tokens: number): string {
  if (tokens >= 1e12) return `${significant(tokens / 1e12)} tn`;
  return tokens >= 1e9 ? `${significant(tokens / 1e9)} bn` : thousands(Math.round(tokens));
}

function put(fields: Fields, pointer: string, to: number | string): Fields {
  const path = pointer.split('/').slice(1);
  const [name, part] = path;
  if (name === undefined) return fields;
  if (part !== undefined) {
    const { mean: _mean, p50: _p50, histogram: _histogram, ...rest } = (fields[name] ?? {}) as Record<string, unknown>;
    return { ...fields, [name]: { ...rest, [part]: to } };
  }
  return { ...fields, [name]: name === 'purchase' ? JSON.parse(String(to)) : to };
}

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
