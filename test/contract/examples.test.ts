/** Every example in the document, asked of the application: what Swagger UI sends at the first click works. */
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleRequest, firstClicks, needsKey, parameterExamples } from '../../scripts/contract/operations.ts';
import { responseExamples } from '../../scripts/contract/response-examples.ts';
import { seededApplication } from '../../scripts/contract/seeded-application.ts';
import { buildApp } from '../../src/app.ts';
import type { App } from '../../src/http/application.ts';
import { document, operations, violations } from './contract.ts';
import { strayPointers } from './pointers.ts';
import { adminKey, useSeededService } from './seeded-service.ts';

const service = useSeededService();
let app: App;
beforeAll(async () => {
  app = await buildApp(service());
});
afterAll(() => app.close());

const ask = ({ method, url, headers, payload }: ExampleRequest) => {
  const request: InjectOptions = { method, url, headers: { ...headers, 'x-api-key': adminKey } };
  return app.inject(payload === undefined ? request : { ...request, payload: payload as object });
};

describe.each(operations.map((operation) => [operation.operationId, operation] as const))('%s', (_id, operation) => {
  const successes = Object.entries(operation.responses).filter(([code]) => code.startsWith('2'));
  const [mediaType = '', media] = Object.entries(successes[0]?.[1].content ?? {})[0] ?? [];

  it.each(
    [...firstClicks(operation), ...parameterExamples(operation)].map((request) => [request.name, request] as const),
  )('the request "%s" is answered as documented', async (name, request) => {
    const answer = await ask(request);
    // What the example wrote is taken back, so that each begins with the seed.
    if (needsKey(operation)) {
      await ask({ ...request, method: 'DELETE', url: `${request.url.split('?')[0]}?withdraw=statement` });
    }
    expect(
      successes.map(([status]) => status),
      answer.body.slice(0, 500),
    ).toContain(String(answer.statusCode));
    if (media === undefined) return;
    expect(answer.headers['content-type']).toContain(mediaType);
    if (mediaType !== 'application/json') return;
    const body = answer.json();
    expect(violations(media.schema ?? {}, body)).toEqual([]);
    const asked = operation.requestBody?.content['application/json']?.schema;
    // What these answer are questions inside the request.
    const inside = ['estimateBatch', 'compareEstimates', 'compareActuals'].includes(operation.operationId);
    if (asked !== undefined && !inside) expect(strayPointers(body, asked)).toEqual([]);
    // What is computed from the catalog says how old that is.
    if ('replay' in body) expect(answer.headers).toHaveProperty('catalog-age-seconds');
    if (operation.operationId.startsWith('list')) expect(body.items, `${name} finds nothing`).not.toEqual([]);
  });

  it.each(Object.entries(media?.examples ?? {}))('the answer "%s" matches its own schema', (_name, { value }) => {
    expect(violations(media?.schema ?? {}, value)).toEqual([]);
  });

  it.each(
    Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema, examples }) =>
      Object.entries(examples ?? {}).map(([name, { value }]) => [name, schema, value] as const),
    ),
  )('the body "%s" matches its own schema', (_name, schema, value) => {
    expect(violations(schema ?? {}, value)).toEqual([]);
  });
});

it('the recorded answers are what the application answers now', async () => {
  const recorder = await seededApplication();
  const now = await responseExamples(recorder, operations);
  await recorder.close();
  for (const { operationId, responses } of operations) {
    const recorded = now.get(operationId);
    if (recorded === undefined) continue;
    const success = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
    const [media] = Object.values(success?.content ?? {});
    expect(media?.examples, `${operationId}: run npm run contract -- --write`).toEqual(recorded);
  }
});

it('the examples of problems match the schema of problems', () => {
  for (const [name, { content }] of Object.entries(document.components.responses)) {
    const media = content?.['application/problem+json'];
    const examples = Object.values(media?.examples ?? {});
    expect(examples.length, name).toBeGreaterThan(0);
    for (const { value } of examples) expect(violations(media?.schema ?? {}, value)).toEqual([]);
  }
});
