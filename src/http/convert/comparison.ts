import type { Static } from '@sinclair/typebox';
import type { ActualsReport } from '../../domain/comparison/against-actuals.ts';
import type { Comparison } from '../../domain/comparison/compare.ts';
import { money } from '../../domain/money.ts';
import type { ActualsComparisonSchema, ComparisonSchema } from '../schemas/comparisons/response.ts';
import { round } from './estimate-answer.ts';

type Wire = Static<typeof ComparisonSchema>;

const usd = (value: number): string => money(value, 'USD').amount;
const maybeUsd = (value: number | null): string | null => (value === null ? null : usd(value));
const maybe = (value: number | null): number | null => (value === null ? null : round(value));

export const toApiComparison = (comparison: Comparison, answers: Wire['answers']): Wire => ({
  summary: comparison.summary,
  answers,
  lines: comparison.lines.map(({ id, label, usd: amounts }) => ({ id, label, amounts: amounts.map(maybeUsd) })),
  metrics: comparison.metrics.map(({ values, ...metric }) => ({ ...metric, values: values.map(maybe) })),
  differences: comparison.differences.map((difference) => ({
    name: difference.name,
    total: maybeUsd(difference.usd),
    percent: maybe(difference.percent),
    statement: difference.statement,
    causes: difference.causes.map(({ usd: effect, ...cause }) => ({ ...cause, effect: maybeUsd(effect) })),
    together: maybeUsd(difference.togetherUsd),
    lines: difference.lines.map(({ usd: amount, drivers, ...line }) => ({
      ...line,
      difference: usd(amount),
      drivers: drivers.map(({ usd: effect, from, to, ...driver }) => ({
        ...driver,
        from: round(from),
        to: round(to),
        effect: usd(effect),
      })),
    })),
    facts: difference.facts,
    prices: difference.prices,
  })),
});

export const toApiActuals = (
  report: ActualsReport,
): Omit<Static<typeof ActualsComparisonSchema>, 'status' | 'request' | 'replay'> => ({
  summary: report.summary,
  periodDays: maybe(report.periodDays),
  estimate: usd(report.estimateUsd),
  actual: maybeUsd(report.actualUsd),
  withinBand: report.withinBand,
  lines: report.lines.map(({ estimateUsd, actualUsd, differenceUsd, ...line }) => ({
    ...line,
    estimate: maybeUsd(estimateUsd),
    actual: maybeUsd(actualUsd),
    difference: maybeUsd(differenceUsd),
  })),
  quantities: report.quantities.map(({ estimate, actual, ratio, ...quantity }) => ({
    ...quantity,
    estimate: round(estimate),
    actual: round(actual),
    ratio: round(ratio),
  })),
  explanations: report.explanations.map(({ usd: effect, ...explanation }) => ({ ...explanation, effect: usd(effect) })),
  suggestedChanges: report.suggestedChanges.map(({ to, ...change }) => ({
    ...change,
    to: typeof to === 'number' ? round(to) : to,
  })),
});
