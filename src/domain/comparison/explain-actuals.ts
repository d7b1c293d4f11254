/** What explains the difference between an estimate and the bill: the load, the lengths, the price, the hours, and each line by itself. */
import { moneyInWords, significant, thousands } from '../estimate/words.ts';
import { type ActualLine, type Actuals, type ActualsKind, actualRate, type Fields, inputOf } from './actuals.ts';
import type { ComparedAnswer } from './compared-answer.ts';
import type { SuggestedChange } from './suggested-changes.ts';

export interface Explanation {
  readonly id: 'load' | 'lengths' | 'tokens' | 'price' | 'device_hours' | 'line' | 'unestimated_line' | 'rest';
  readonly usd: number;
  readonly statement: string;
}

/** The answer to a changed request; null where it has none. */
export type AskAnswer = (request: Fields) => Promise<ComparedAnswer | null>;

/** What a bill is compared with: all of the estimate, or the lines that were billed where no total is given. */
export interface Scope {
  readonly usdOf: (answer: ComparedAnswer) => number;
  /** Null where several lines have no band together. */
  readonly band: { readonly p10: number; readonly p90: number } | null;
  readonly words: string;
}

/** Causes are taken over one after the other, in the order in which they come about; the rest is what none explains. */
export async function explain(
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
  // another load is compared on the device that was estimated and billed
  const device = changes.find(({ field }) => field === '/device');
  let current = device === undefined ? request : put(request, device.field, device.to);
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
  const hours = inputOf(answer, 'deviceHours');
  const expectedRate = inputOf(answer, 'pricePerDeviceHour');
  const paidRate = actualRate(actuals);
  const { lineItems = [] } = actuals;
  const computeCounts = actuals.totalUsd !== undefined || lineItems.some(({ id }) => id === 'compute');
  let ofCompute = 0;
  // the same hours at another rate, then other hours at that rate: a rate of one's own would be asked for other machines
  if (computeCounts && paidRate !== null && expectedRate !== null && hours !== null) {
    const usd = (paidRate - expectedRate) * hours * scale;
    ofCompute += usd;
    if (Math.abs(usd) >= LEAST_USD) {
      found.push({
        id: 'price',
        usd,
        statement: `${significant(paidRate)} USD was paid per device-hour instead of ${significant(expectedRate)}.`,
      });
    }
  }
  const rate = paidRate ?? expectedRate;
  if (computeCounts && actuals.deviceHours !== undefined && hours !== null && rate !== null) {
    const usd = (actuals.deviceHours - hours * scale) * rate;
    ofCompute += usd;
    found.push({
      id: 'device_hours',
      usd,
      statement: `${thousands(Math.round(actuals.deviceHours))} device-hours were paid where ${thousands(Math.round(hours * scale))} were expected of this load: utilization, idle replicas or the speed of the devices.`,
    });
  }
  found.push(...lineCauses(answer, lineItems, scale, ofCompute));
  const explained = found.reduce((sum, { usd }) => sum + usd, usdOf(estimate) * scale);
  found.push({
    id: 'rest',
    usd: actualUsd - explained,
    statement: 'What none of the figures given explains: lines that were not estimated, or figures not given.',
  });
  return found;
}

/** Less than a cent is rounding. */
export const LEAST_USD = 0.005;

/** What the lines billed differ by beside the causes found so far. */
function lineCauses(
  answer: ComparedAnswer,
  billed: readonly ActualLine[],
  scale: number,
  ofCompute: number,
): Explanation[] {
  return [...Map.groupBy(billed, ({ id }) => id)].flatMap(([id, items]): Explanation[] => {
    const actual = items.reduce((sum, { usd }) => sum + Number(usd), 0);
    const line = answer.lines.find((one) => one.id === id);
    if (line === undefined) {
      const statement = `"${id}" was billed and not estimated.`;
      return actual < LEAST_USD ? [] : [{ id: 'unestimated_line', usd: actual, statement }];
    }
    const expected = line.usd * scale + (id === 'compute' ? ofCompute : 0);
    const usd = actual - expected;
    if (Math.abs(usd) < LEAST_USD) return [];
    const statement = `"${line.label}" came to ${moneyInWords(actual, 'USD')} where ${moneyInWords(expected, 'USD')} were expected${id === 'compute' && ofCompute !== 0 ? ' of these hours' : ''}.`;
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
  return { ...fields, [name]: to };
}
