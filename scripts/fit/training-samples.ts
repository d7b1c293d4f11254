/** Efficiency of training encoders and image generators by device class; writes src/domain/calibration/training-samples.json. */
import { quantile } from '../../test/validation/table.ts';
import { type SampleTrainingCase, sampleTrainingCases } from '../../test/validation/training/sample-cases.ts';
import { writeJson } from './json-file.ts';

const file = new URL('../../src/domain/calibration/training-samples.json', import.meta.url);

const SOURCES: Readonly<Record<SampleTrainingCase['kind'], string>> = {
  encoder:
    'MLPerf Training v0.7 to v4.0, BERT-large raw result logs, up to 64 devices, evaluation included; samples to the target by the reference convergence points of the benchmark; half of the positions is padding that is skipped',
  text_to_image:
    'mosaicml/diffusion, Stable Diffusion 2 base at 256 and 512 pixels on 8 to 128 A100; the denoiser alone is counted, so what image and text encoders take is in the efficiency',
};

export interface ClassEfficiency {
  readonly efficiency: number;
  readonly cases: number;
  readonly low: number;
  readonly high: number;
}

const round = (value: number): number => Number(value.toPrecision(3));

export function classEfficiency(rows: readonly SampleTrainingCase[]): ClassEfficiency {
  const sorted = rows.map(({ efficiency }) => efficiency).sort((a, b) => a - b);
  return {
    efficiency: round(quantile(sorted, 0.5)),
    cases: rows.length,
    low: round(sorted[0] as number),
    high: round(sorted.at(-1) as number),
  };
}

export function fitTrainingSamples(): void {
  const kinds = Object.fromEntries(
    [...Map.groupBy(sampleTrainingCases(), ({ kind }) => kind)].sort().map(([kind, rows]) => [
      kind,
      {
        source: SOURCES[kind],
        classes: Object.fromEntries(
          [...Map.groupBy(rows, ({ generation }) => generation)]
            .sort()
            .map(([generation, ofClass]) => [generation, classEfficiency(ofClass)]),
        ),
        all: classEfficiency(rows),
      },
    ]),
  );
  writeJson(file, { kinds });
}
