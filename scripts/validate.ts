/**
 * npm run validate: every model against every measured case. Prints a table per group and fails when a committed
 * threshold (test/validation/thresholds.json) is missed.
 */

import { inferenceValidator } from '../test/validation/inference/validator.ts';
import { sampleValidator } from '../test/validation/samples/validator.ts';
import { formatTable, thresholdMisses, type Validator } from '../test/validation/table.ts';
import thresholds from '../test/validation/thresholds.json' with { type: 'json' };
import { trainingValidator } from '../test/validation/training/validator.ts';

const validators: readonly Validator[] = [inferenceValidator, sampleValidator, trainingValidator];

const tables = validators.flatMap((validator) => validator.run());
for (const table of tables) console.log(`${formatTable(table)}\n`);
const misses = thresholdMisses(tables, thresholds);
if (misses.length > 0) {
  console.error(`Thresholds missed:\n${misses.map((miss) => `  ${miss}`).join('\n')}`);
  process.exitCode = 1;
}
