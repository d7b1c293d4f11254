/** Why a workload or a layout cannot run, with the figures that stand against it. */
import type { TrainingRefusal, TrainingRefusalCode } from './results.ts';

export const refusal = (
  code: TrainingRefusalCode,
  field: string,
  message: string,
  figures: { required?: number; actual?: number; unit?: string; nearestFeasible?: number } = {},
): TrainingRefusal => {
  const required = figures.required ?? null;
  const actual = figures.actual ?? null;
  return {
    code,
    field,
    message,
    required,
    actual,
    margin: required === null || actual === null ? null : actual - required,
    unit: figures.unit ?? null,
    nearestFeasible: figures.nearestFeasible ?? null,
  };
};
