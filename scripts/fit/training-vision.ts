/** Efficiency of vision training by device class from MLPerf ResNet-50 runs; writes src/domain/calibration/training-vision.json. */
import { quantile } from '../../test/validation/table.ts';
import { visionCases } from '../../test/validation/training/cases.ts';
import { achievedEfficiency, EPOCHS_TO_TARGET } from '../../test/validation/training/vision.ts';
import { writeJson } from './json-file.ts';

const file = new URL('../../src/domain/calibration/training-vision.json', import.meta.url);
/** Beyond this the fixed batch of the benchmark is spread too thin to speak for the class. */
const LARGEST_SYSTEM = 64;

export function fitTrainingVision(): void {
  const cases = visionCases();
  const small = cases.filter(({ devices }) => devices <= LARGEST_SYSTEM);
  const classes = Object.fromEntries(
    [...Map.groupBy(small, ({ generation }) => generation)].sort().map(([generation, rows]) => {
      const sorted = rows.map(achievedEfficiency).sort((a, b) => a - b);
      const round = (value: number) => Number(value.toPrecision(3));
      return [
        generation,
        {
          efficiency: round(quantile(sorted, 0.5)),
          cases: rows.length,
          low: round(sorted[0] as number),
          high: round(sorted.at(-1) as number),
        },
      ];
    }),
  );
  const source = `MLPerf Training v0.7 to v4.0, ResNet-50 raw result logs, up to ${LARGEST_SYSTEM} devices, evaluation included; ${EPOCHS_TO_TARGET} epochs of ImageNet to the target assumed (35 to 41 in logs)`;
  writeJson(file, { source, lossPerDoubling: lossPerDoubling(cases), classes });
}

/** Median slope of efficiency over doublings beyond 8 devices, between systems of the same hardware. */
function lossPerDoubling(cases: ReturnType<typeof visionCases>): number {
  const slopes: number[] = [];
  for (const rows of Map.groupBy(cases, ({ hardware }) => hardware).values()) {
    const small = rows
      .filter(({ devices }) => devices <= 8)
      .map(achievedEfficiency)
      .sort((a, b) => a - b);
    if (small.length === 0) continue;
    const base = quantile(small, 0.5);
    for (const row of rows) {
      if (row.devices > 8) slopes.push(1 - (achievedEfficiency(row) / base) ** (1 / Math.log2(row.devices / 8)));
    }
  }
  return Number(
    quantile(
      slopes.sort((a, b) => a - b),
      0.5,
    ).toPrecision(3),
  );
}
