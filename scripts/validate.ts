/**
 * npm run validate: every model against every measured case. Prints a table per group and fails when a committed
 * threshold (test/validation/thresholds.json) is missed, or docs/validation.md and .svg are not what the code says;
 * `npm run validate -- --report` writes the two.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { factorValidator } from '../test/validation/factors/validator.ts';
import { inferenceValidator } from '../test/validation/inference/validator.ts';
import { roundTripValidator } from '../test/validation/network/validator.ts';
import { queueValidator } from '../test/validation/queueing/validator.ts';
import { sampleValidator } from '../test/validation/samples/validator.ts';
import { formatTable, thresholdMisses, type Validator } from '../test/validation/table.ts';
import thresholds from '../test/validation/thresholds.json' with { type: 'json' };
import { trainingValidator } from '../test/validation/training/validator.ts';
import { validationPage } from './validation/report.ts';
import { validationScatter } from './validation/scatter.ts';

const DOCS = join(import.meta.dirname, '..', 'docs');

const validators: readonly Validator[] = [
  inferenceValidator,
  factorValidator,
  sampleValidator,
  trainingValidator,
  roundTripValidator,
  queueValidator,
];

const tables = validators.flatMap((validator) => validator.run());
for (const table of tables) console.log(`${formatTable(table)}\n`);
const misses = thresholdMisses(tables, thresholds);
if (misses.length > 0) {
  console.error(`Thresholds missed:\n${misses.map((miss) => `  ${miss}`).join('\n')}`);
  process.exitCode = 1;
}

for (const [name, text] of [
  ['validation.md', validationPage(tables)],
  ['validation.svg', validationScatter(tables)],
] as const) {
  const file = join(DOCS, name);
  if (process.argv.includes('--report')) writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is out of date: run npm run validate -- --report.`);
    process.exitCode = 1;
  }
}
