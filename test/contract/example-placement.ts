/** The placement that the examples of paths name: the recorded answer to the first example question. */
import { readFileSync } from 'node:fs';
import type pg from 'pg';
import { EXAMPLE_PLACEMENT_ID } from '../../src/http/schemas/deployment-placements/response.ts';
import { keepAnswer, keepQuestion, NOBODY } from '../../src/placements/stored-placements.ts';

const recorded = new URL('../../openapi/examples/placeDeployment.json', import.meta.url);

export const keepExamplePlacement = async (pool: pg.Pool): Promise<void> => {
  const [example] = Object.values(JSON.parse(readFileSync(recorded, 'utf8'))) as { value: { request: unknown } }[];
  if (example === undefined) throw new Error('No answer of a placement is recorded.');
  await keepQuestion(pool, EXAMPLE_PLACEMENT_ID, { question: example.value.request, tenant: NOBODY });
  await keepAnswer(pool, EXAMPLE_PLACEMENT_ID, example.value);
};
