/** What was really measured and billed, as the caller gives it. */
import { refuse } from '../estimate/request-fault.ts';
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

/** @throws RequestFaultError for tokens counted of a model that works by the sample */
export function checkTokens(actuals: Actuals, { kind, metrics }: ComparedAnswer): void {
  if (kind !== 'inference' || metrics.some(({ id, value }) => id === 'usdPerMillionTokens' && value !== null)) return;
  for (const field of ['promptTokens', 'outputTokens'] as const) {
    if (actuals[field] === undefined) continue;
    refuse(`/actuals/${field}`, 'contradiction', 'This model reads and writes no tokens; leave them out.');
  }
}

export const actualTotal = ({ totalUsd, lineItems }: Actuals): number | null => {
  if (totalUsd !== undefined) return Number(totalUsd);
  return lineItems === undefined || lineItems.length === 0
    ? null
    : lineItems.reduce((sum, { usd }) => sum + Number(usd), 0);
};

/** What was billed for compute over the hours it was billed for. */
export function actualRate({ lineItems = [], deviceHours }: Actuals): number | null {
  const compute = lineItems.filter(({ id }) => id === 'compute').reduce((sum, { usd }) => sum + Number(usd), 0);
  return compute > 0 && deviceHours !== undefined && deviceHours > 0 ? compute / deviceHours : null;
}

const computeLine = ({ lines }: ComparedAnswer): ComparedLine | undefined => lines.find(({ id }) => id === 'compute');
/** An input of the line for compute, by its name in the formula. */
export const inputOf = (answer: ComparedAnswer, name: string): number | null =>
  computeLine(answer)?.inputs.find((input) => input.name === name)?.value ?? null;
