/** Answers side by side: aligned lines and figures, and why each differs from the first. */
import { moneyInWords, significant } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import { changedFields, type FieldDifference, withDifference } from './changed-fields.ts';
import type { ComparedAnswer, ComparedLine } from './compared-answer.ts';
import { type Driver, driversOf } from './decomposition.ts';

/** One question with its answer, and how to ask it otherwise. */
export interface ComparedQuestion {
  readonly name: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly catalogRevision: number;
  readonly pricingAt: string;
  /** Price book and its revision, in words; null without. */
  readonly priceBook: string | null;
  readonly answer: ComparedAnswer;
}

/** The total of a request at the catalog and time of a question; null where it has no answer. */
type Ask = (request: Readonly<Record<string, unknown>>, pins: ComparedQuestion) => Promise<number | null>;

interface Cause {
  /** JSON pointer, or "catalog" for prices of another revision or day. */
  readonly field: string;
  readonly from: string;
  readonly to: string;
  /** USD that this change alone makes of the first answer; null where alone it has no answer. */
  readonly usd: number | null;
}

interface LineDifference {
  readonly id: string;
  readonly label: string;
  readonly usd: number;
  readonly drivers: readonly Driver[];
}

interface PriceDifference {
  readonly from: string | null;
  readonly to: string | null;
  readonly statement: string;
}

interface FactDifference {
  readonly id: string;
  readonly label: string;
  readonly from: string | null;
  readonly to: string | null;
}

interface Difference {
  readonly name: string;
  /** Null where one of the two has no answer. */
  readonly usd: number | null;
  readonly percent: number | null;
  readonly causes: readonly Cause[];
  /** What the causes make together beyond what each makes alone; null where one of them cannot be told. */
  readonly togetherUsd: number | null;
  readonly lines: readonly LineDifference[];
  readonly facts: readonly FactDifference[];
  readonly prices: readonly PriceDifference[];
  readonly statement: string;
}

interface AlignedLine {
  readonly id: string;
  readonly label: string;
  /** In the order of the questions; null where an answer has no such line. */
  readonly usd: readonly (number | null)[];
}

interface AlignedMetric {
  readonly id: string;
  readonly label: string;
  readonly unit: string;
  readonly values: readonly (number | null)[];
}

export interface Comparison {
  readonly summary: string;
  readonly lines: readonly AlignedLine[];
  readonly metrics: readonly AlignedMetric[];
  /** Of every question but the first, against the first. */
  readonly differences: readonly Difference[];
}

/** More differences than these are told and not tried one by one. */
const MOST_CAUSES = 10;

export async function compare(questions: readonly ComparedQuestion[], ask: Ask): Promise<Comparison> {
  const [first, ...others] = questions;
  if (first === undefined) throw new Error('There is something to compare.');
  const differences: Difference[] = [];
  for (const other of others) differences.push(await differenceOf(first, other, ask));
  const answers = questions.map(({ answer }) => answer);
  return {
    summary: summaryOf(questions),
    lines: alignedLines(answers),
    metrics: alignedMetrics(answers),
    differences,
  };
}

const usdOf = ({ total }: ComparedAnswer): number | null => (total === null ? null : toNumber(total.amount));

function alignedLines(answers: readonly ComparedAnswer[]): AlignedLine[] {
  const labels = new Map(answers.flatMap(({ lines }) => lines.map(({ id, label }) => [id, label] as const)).reverse());
  const ids = [...new Set(answers.flatMap(({ lines }) => lines.map(({ id }) => id)))];
  return ids.map((id) => ({
    id,
    label: labels.get(id) as string,
    usd: answers.map(({ lines }) => lines.find((line) => line.id === id)?.usd ?? null),
  }));
}

function alignedMetrics(answers: readonly ComparedAnswer[]): AlignedMetric[] {
  const known = new Map(answers.flatMap(({ metrics }) => metrics.map((metric) => [metric.id, metric] as const)));
  return [...known.values()].map(({ id, label, unit }) => ({
    id,
    label,
    unit,
    values: answers.map(({ metrics }) => metrics.find((metric) => metric.id === id)?.value ?? null),
  }));
}

async function differenceOf(first: ComparedQuestion, other: ComparedQuestion, ask: Ask): Promise<Difference> {
  const from = usdOf(first.answer);
  const to = usdOf(other.answer);
  const usd = from === null || to === null ? null : to - from;
  const sameKind = first.answer.kind === other.answer.kind;
  const fields = sameKind ? changedFields(first.request, other.request) : [];
  const causes: Cause[] = [];
  const samePins =
    first.catalogRevision === other.catalogRevision &&
    first.pricingAt === other.pricingAt &&
    first.priceBook === other.priceBook;
  if (sameKind && !samePins) {
    causes.push({
      field: 'catalog',
      from: pinsInWords(first),
      to: pinsInWords(other),
      usd: minus(await ask(first.request, other), from),
    });
  }
  for (const [index, field] of fields.entries()) {
    const alone =
      index < MOST_CAUSES ? minus(await ask(withDifference(first.request, other.request, field), first), from) : null;
    causes.push({ field: field.field, from: inWords(field.from), to: inWords(field.to), usd: alone });
  }
  causes.sort((a, b) => Math.abs(b.usd ?? 0) - Math.abs(a.usd ?? 0));
  const told = causes.every((cause) => cause.usd !== null);
  // against no answer, or one of another kind, every line would be a difference
  const comparable = usd !== null && sameKind;
  const together = !comparable || !told ? null : usd - causes.reduce((sum, cause) => sum + (cause.usd as number), 0);
  const lines = comparable ? lineDifferences(first.answer.lines, other.answer.lines) : [];
  return {
    name: other.name,
    usd,
    percent: usd === null || from === null || from === 0 ? null : (100 * usd) / from,
    causes,
    togetherUsd: together,
    lines,
    facts: comparable ? factDifferences(first.answer, other.answer) : [],
    prices: comparable ? priceDifferences(first.answer, other.answer) : [],
    statement: statementOf(first, other, usd, from, causes, fields, lines, sameKind),
  };
}

const minus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a - b);

const pinsInWords = ({ catalogRevision, pricingAt, priceBook }: ComparedQuestion): string =>
  `revision ${catalogRevision}, prices of ${pricingAt.slice(0, 10)}${priceBook === null ? '' : `, price book ${priceBook}`}`;

const LONGEST_WORDS = 200;

function inWords(value: unknown): string {
  if (value === null || value === undefined) return 'not given';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_WORDS ? `${text.slice(0, LONGEST_WORDS)}…` : text;
}

function lineDifferences(from: readonly ComparedLine[], to: readonly ComparedLine[]): LineDifference[] {
  const ids = [...new Set([...from, ...to].map(({ id }) => id))];
  return ids
    .map((id): LineDifference => {
      const before = from.find((line) => line.id === id);
      const after = to.find((line) => line.id === id);
      return {
        id,
        label: (after ?? before)?.label ?? id,
        usd: (after?.usd ?? 0) - (before?.usd ?? 0),
        drivers:
          before === undefined || after === undefined
            ? []
            : driversOf(before.usd, before.inputs, after.usd, after.inputs),
      };
    })
    .filter(({ usd }) => usd !== 0)
    .sort((a, b) => Math.abs(b.usd) - Math.abs(a.usd) || (a.id < b.id ? -1 : 1));
}

function factDifferences(from: ComparedAnswer, to: ComparedAnswer): FactDifference[] {
  const known = new Map([...from.facts, ...to.facts].map((fact) => [fact.id, fact.label]));
  return [...known].flatMap(([id, label]) => {
    const before = from.facts.find((fact) => fact.id === id)?.value ?? null;
    const after = to.facts.find((fact) => fact.id === id)?.value ?? null;
    return before === after ? [] : [{ id, label, from: before, to: after }];
  });
}

/** The same price at another amount, or other prices. */
function priceDifferences(from: ComparedAnswer, to: ComparedAnswer): PriceDifference[] {
  const found: PriceDifference[] = [];
  for (const before of from.prices) {
    const after = to.prices.find(({ priceId }) => priceId === before.priceId);
    if (after === undefined) {
      found.push({
        from: before.priceId,
        to: null,
        statement: `${before.priceId} (${before.amount} ${before.currency}) is not used any more.`,
      });
    } else if (after.amount !== before.amount) {
      const was = Number(before.amount);
      const percent = 100 * (Number(after.amount) / was - 1);
      const change = was === 0 ? '' : ` (${percent > 0 ? '+' : ''}${significant(percent)} %)`;
      found.push({
        from: before.priceId,
        to: after.priceId,
        statement: `${before.priceId} went from ${before.amount} to ${after.amount} ${after.currency}${change}.`,
      });
    }
  }
  for (const after of to.prices) {
    if (from.prices.some(({ priceId }) => priceId === after.priceId)) continue;
    found.push({
      from: null,
      to: after.priceId,
      statement: `${after.priceId} (${after.amount} ${after.currency}) is used instead.`,
    });
  }
  return found;
}

function statementOf(
  first: ComparedQuestion,
  other: ComparedQuestion,
  usd: number | null,
  from: number | null,
  causes: readonly Cause[],
  fields: readonly FieldDifference[],
  lines: readonly LineDifference[],
  sameKind: boolean,
): string {
  if (!sameKind) {
    return `${other.name} is another kind of question (${other.answer.kind}) than ${first.name} (${first.answer.kind}): only totals are set side by side.`;
  }
  if (usd === null || from === null) {
    const missing = first.answer.total === null ? first : other;
    return `${missing.name} has no answer: ${missing.answer.summary}`;
  }
  if (usd === 0 && causes.length === 0) return `${other.name} is the same as ${first.name}.`;
  const more = usd > 0 ? 'more' : 'less';
  const size =
    usd === 0
      ? `${other.name} costs the same as ${first.name}.`
      : `${other.name} costs ${moneyInWords(Math.abs(usd), 'USD')}${from === 0 ? '' : ` (${significant(Math.abs((100 * usd) / from))} %)`} ${more} than ${first.name}.`;
  // one that works against the difference does not explain it
  const [cause] = causes.filter(({ usd: effect }) => effect !== null && effect * usd > 0);
  const why =
    cause === undefined
      ? ''
      : ` Most of it comes from ${cause.field === 'catalog' ? 'the catalog' : cause.field}: ${cause.from} -> ${cause.to} alone makes ${moneyInWords(cause.usd as number, 'USD')}.`;
  const [line] = lines.filter(({ usd: part }) => part * usd > 0);
  const where = line === undefined ? '' : ` It lies most in "${line.label}" (${moneyInWords(line.usd, 'USD')}).`;
  const untried = fields.length > MOST_CAUSES ? ` ${fields.length - MOST_CAUSES} more fields differ.` : '';
  return `${size}${why}${where}${untried}`;
}

function summaryOf(questions: readonly ComparedQuestion[]): string {
  const answered = questions.flatMap(({ name, answer }) => {
    const usd = usdOf(answer);
    return usd === null ? [] : [{ name, kind: answer.kind, usd }];
  });
  const [cheapest, next] = answered.toSorted((a, b) => a.usd - b.usd);
  if (cheapest === undefined) return 'None of the questions has an answer.';
  const each = questions
    .map(({ name, answer }) => {
      const usd = usdOf(answer);
      return `${name} ${usd === null ? 'has no answer' : moneyInWords(usd, 'USD')}`;
    })
    .join('; ');
  // a month of serving and a whole training are no alternatives
  const comparable =
    next !== undefined && next.usd > cheapest.usd && answered.every(({ kind }) => kind === cheapest.kind);
  return comparable ? `${each}. The least is ${cheapest.name}.` : `${each}.`;
}
