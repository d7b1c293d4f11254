/** Builds the shipped vision anchors from the measured cases, and the residuals of each way to use them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { deviceKind } from '../src/domain/inference/sample/anchors.ts';
import type { ResidualGroup } from '../src/domain/inference/step/residuals.ts';
import { anchorsOf, predictVision, visionCases } from '../test/validation/inference/vision-cases.ts';
import { quantile } from '../test/validation/table.ts';

const anchorsFile = new URL('../src/domain/calibration/vision-anchors.json', import.meta.url);
const residualsFile = new URL('../src/domain/calibration/inference-residuals.json', import.meta.url);

/** Fewer cases speak through the group of all devices. */
const SMALLEST_GROUP = 5;

/** Of each way to leave anchors out, the name that its residuals go by. */
const BASES = [
  ['measured', 'measured'],
  ['scaled', 'scaled'],
  ['class', 'class'],
  ['newModel', 'scaled_new_model'],
  ['newModelAndDevice', 'class_new_model'],
] as const;

const write = (file: URL, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

export function fitVision(): void {
  const cases = visionCases();
  write(anchorsFile, anchorsOf(cases));

  const ratios = new Map<string, number[]>();
  for (const prediction of predictVision(cases)) {
    for (const [basis, name] of BASES) {
      const predicted = prediction[basis];
      if (predicted === null) continue;
      const { metric, kernelClass, value } = prediction.entry;
      const all = `vision_${metric}_${name}`;
      for (const key of [all, `${all}/${deviceKind(kernelClass)}`]) {
        ratios.set(key, [...(ratios.get(key) ?? []), value / predicted]);
      }
    }
  }
  const { groups } = JSON.parse(readFileSync(residualsFile, 'utf8')) as { groups: Record<string, ResidualGroup> };
  for (const [key, values] of [...ratios].sort()) {
    if (values.length >= SMALLEST_GROUP) groups[key] = residualGroup(values);
  }
  write(residualsFile, { groups });
}

function residualGroup(ratios: readonly number[]): ResidualGroup {
  const round = (value: number) => Number(value.toPrecision(4));
  const sorted = ratios.toSorted((a, b) => a - b);
  const errors = ratios.map((ratio) => Math.abs(1 / ratio - 1)).toSorted((a, b) => a - b);
  return {
    cases: ratios.length,
    p10: round(quantile(sorted, 0.1)),
    p50: round(quantile(sorted, 0.5)),
    p90: round(quantile(sorted, 0.9)),
    medianAbsoluteErrorPercent: round(100 * quantile(errors, 0.5)),
  };
}
