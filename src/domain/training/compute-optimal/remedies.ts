/** Changes of the request that may let the budget train something, the least first. */
import { roundedUp } from '../rounded-up.ts';
import type { InfeasiblePlanning } from './estimate-result.ts';
import type { ComputeOptimalRequest, Limit } from './request.ts';

/** Each plans the whole budget again. */
const BUDGET_ALLOWANCES = [1, 1.02, 1.1, 1.5, 3];
const LARGER_BUDGETS = [2, 5, 10, 20, 50, 100, 200, 500, 1e3, 1e4, 1e5, 1e6, 1e7];
const SMALLER_BUDGETS = [0.5, 0.2, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];
const SMALLER_CLUSTERS = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

export function* remedies(
  { cluster }: ComputeOptimalRequest,
  { kind, value, pointer }: Limit,
  { relaxation, reasons }: InfeasiblePlanning,
): Generator<{ field: string; to: number | string }> {
  // whole units of the budget only where it counts in them
  const budget = (wanted: number) => ({ field: pointer, to: kind === 'usd' ? plainUsd(wanted) : roundedUp(wanted) });
  const [first] = reasons;
  if (first?.constraint === 'budget' && first.actual !== null) {
    for (const allowance of BUDGET_ALLOWANCES) yield budget(first.actual * allowance);
  }
  if (relaxation !== null) yield { field: relaxation.field, to: relaxation.to };
  if (reasons.some(({ constraint }) => constraint === 'not_offered')) return;
  const devices = cluster?.devices;
  for (const part of SMALLER_CLUSTERS) {
    if (devices !== undefined && devices >= part) yield { field: '/cluster/devices', to: Math.floor(devices / part) };
  }
  for (const factor of [...SMALLER_BUDGETS, ...LARGER_BUDGETS]) yield budget(value * factor);
}

/** A decimal string in three digits, at least four decimals of a dollar, never below the value. */
const plainUsd = (value: number): string =>
  value >= USD_STEP ? String(Number(roundedUp(value).toFixed(USD_DECIMALS))) : USD_STEP.toFixed(USD_DECIMALS);
const USD_DECIMALS = 4;
const USD_STEP = 10 ** -USD_DECIMALS;
