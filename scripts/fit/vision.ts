/** Builds the shipped vision anchors from the measured cases, and the residuals of each way to use them. */
import { readFileSync } from 'node:fs';
import { deviceKind } from '../../src/domain/inference/sample/exponents.ts';
import type { ResidualGroup } from '../../src/domain/inference/step/residuals.ts';
import { anchorsOf, predictVision, visionCases } from '../../test/validation/inference/vision-cases.ts';
import { writeJson } from './json-file.ts';
import { residualGroup } from './residual-groups.ts';

const anchorsFile = new URL('../../src/domain/calibration/vision-anchors.json', import.meta.url);
const residualsFile = new URL('../../src/domain/calibration/inference-residuals.json', import.meta.url);

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

export function fitVision(): void {
  const cases = visionCases();
  writeJson(anchorsFile, anchorsOf(cases));

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
  writeJson(residualsFile, { groups });
}
