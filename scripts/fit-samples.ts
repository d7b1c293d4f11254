/** Builds the shipped anchors of encoders, speech, image generation and ranking, and the residuals of each way to use them. */
import { writeFileSync } from 'node:fs';
import type { ResidualGroup } from '../src/domain/inference/step/residuals.ts';
import { anchorsByCohort, predictSamples, sampleCases } from '../test/validation/samples/cases.ts';
import { quantile } from '../test/validation/table.ts';

const anchorsFile = new URL('../src/domain/calibration/sample-anchors.json', import.meta.url);
const residualsFile = new URL('../src/domain/calibration/sample-residuals.json', import.meta.url);

const write = (file: URL, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

export function fitSamples(): void {
  const cases = sampleCases();
  write(anchorsFile, anchorsByCohort(cases));

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
