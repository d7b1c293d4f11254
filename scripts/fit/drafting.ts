/** What drafting costs beside the step that checks the drafts, from published pairs with drafts and without. */
import type { DraftingConstants } from '../../src/domain/inference/optimization/drafting.ts';
import { type MeasuredPair, measuredPairs, predictedFactor } from '../../test/validation/factors/measured-pairs.ts';
import { writeJson } from './json-file.ts';

const constantsFile = new URL('../../src/domain/calibration/drafting-constants.json', import.meta.url);
const heldOutFile = new URL('../../test/validation/factors/held-out.json', import.meta.url);

/** Hundredths of a decode step. */
const MOST_STEP = 40;
/** Twentieths of the time of reading the drafter's weights; a pass cannot take less than that. */
const PASS = { least: 20, most: 50, parts: 20 };

export function fitDrafting(): void {
  const pairs = measuredPairs('speculation');
  const sources = [...new Set(pairs.map(({ source }) => source))].sort();
  const constants = { ...fitted(pairs), cases: pairs.length, sources: sources.length };
  writeJson(constantsFile, constants);
  const drafting = Object.fromEntries(
    sources.map((source) => [source, fitted(pairs.filter((pair) => pair.source !== source))]),
  );
  writeJson(heldOutFile, { drafting });
}

/** Least mean absolute error of the logarithm, over a grid: two constants whose figures mean no more than its steps. */
function fitted(pairs: readonly MeasuredPair[]): DraftingConstants {
  let best: { readonly constants: DraftingConstants; readonly error: number } | null = null;
  for (let hundredths = 0; hundredths <= MOST_STEP; hundredths++) {
    for (let parts = PASS.least; parts <= PASS.most; parts++) {
      const constants = { step: hundredths / 100, pass: parts / PASS.parts };
      const error = pairs.reduce(
        (sum, pair) => sum + Math.abs(Math.log(predictedFactor(pair, constants) / pair.factor)),
        0,
      );
      if (best === null || error < best.error - 1e-12) best = { constants, error };
    }
  }
  if (best === null) throw new Error('There are no pairs to fit on.');
  return best.constants;
}
