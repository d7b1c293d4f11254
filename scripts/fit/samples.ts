/** Builds the shipped anchors of encoders, speech, image generation and ranking, and the residuals of each way to use them. */
import { anchorsByCohort, predictSamples, sampleCases } from '../../test/validation/samples/cases.ts';
import { writeJson } from './json-file.ts';
import { residualGroup } from './residual-groups.ts';

const anchorsFile = new URL('../../src/domain/calibration/sample-anchors.json', import.meta.url);
const residualsFile = new URL('../../src/domain/calibration/sample-residuals.json', import.meta.url);

export function fitSamples(): void {
  const cases = sampleCases();
  writeJson(anchorsFile, anchorsByCohort(cases));

  const ratios = new Map<string, number[]>();
  for (const prediction of predictSamples(cases)) {
    const { metric, value, cohort, kernelClass } = prediction.entry;
    for (const basis of ['measured', 'scaled', 'class'] as const) {
      const predicted = prediction[basis];
      if (predicted === null) continue;
      const root = `sample_${metric}_${basis}`;
      // from the metric down, so that small groups can lean on large ones
      for (const key of [root, `${root}/${cohort}`, `${root}/${cohort}/${kernelClass}`])
        ratios.set(key, [...(ratios.get(key) ?? []), value / predicted]);
    }
  }
  const groups = Object.fromEntries([...ratios].sort().map(([key, values]) => [key, residualGroup(values)]));
  writeJson(residualsFile, { groups });
}
