/**
 * Every status that an operation documents is made to happen. What operations have in common is in common-statuses.ts, what is
 * peculiar to one in peculiar-statuses.ts. A documented status that nothing makes happen fails.
 */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { needsKey } from '../../scripts/contract/operations.ts';
import { buildApp } from '../../src/app.ts';
import type { App } from '../../src/http/application.ts';
import { commonStatus, firstClick, type Variant } from './common-statuses.ts';
import { operations, violations } from './contract.ts';
import { peculiarStatuses } from './peculiar-statuses.ts';
import { adminKey, useSeededService } from './seeded-service.ts';

const service = useSeededService();
const apps = new Map<string, Promise<App>>();

/** One application for each variant, by name. */
const appOf = (name: string, { settings, dependencies, prepare }: Variant): Promise<App> => {
  const build = async (): Promise<App> => {
    const plain = service();
    const app = await buildApp({ ...plain, ...dependencies, settings: { ...plain.settings, ...settings } });
    await prepare?.(app);
    return app;
  };
  const app = apps.get(name) ?? build();
  apps.set(name, app);
  return app;
};

afterAll(async () => {
  for (const app of apps.values()) await (await app).close();
});

/** Headers that say which version an answer is of. */
const TOLD = ['Catalog-Age-Seconds', 'Catalog-Revision', 'ETag'];
const isOfCatalog = (name: string): boolean => TOLD.includes(name);

describe.each(operations.map((operation) => [operation.operationId, operation] as const))('%s', (id, operation) => {
  // What a test wrote is taken back, so that each begins with the seed.
  let written: string | undefined;
  afterEach(async () => {
    if (written === undefined) return;
    const app = await appOf('plain', {});
    const url = `${written.split('?')[0]}?withdraw=statement`;
    await app.inject({ method: 'DELETE', url, headers: { 'x-api-key': adminKey } });
    written = undefined;
  });

  it.each(Object.keys(operation.responses))('%s', async (status) => {
    const made = peculiarStatuses[id]?.[status] ?? commonStatus(operation, status);
    if (made === undefined) throw new Error(`Nothing makes ${id} answer ${status}; add it to peculiar-statuses.ts.`);
    const app = await appOf(made.name, made.variant ?? {});
    const request = await made.request(firstClick(operation), app);
    if (needsKey(operation)) written = String(request.url);
    const answer = await app.inject(request);
    expect(String(answer.statusCode), answer.body.slice(0, 600)).toBe(status);
    const { headers = {} } = operation.responses[status] ?? {};
    if (/^(2..|304)$/.test(status)) {
      const named = Object.keys(headers).filter(isOfCatalog).sort();
      const sent = TOLD.filter((name) => answer.headers[name.toLowerCase()] !== undefined);
      // The example's price begins later: it has no version in force yet.
      expect(sent).toEqual(`${id} ${status}` === 'putPrice 201' ? named.filter((name) => name !== 'ETag') : named);
    }
    const [mediaType, media] = Object.entries(operation.responses[status]?.content ?? {})[0] ?? [];
    if (mediaType === undefined) expect(answer.body).toBe('');
    else expect(answer.headers['content-type']).toContain(mediaType);
    if (mediaType?.endsWith('json')) expect(violations(media?.schema ?? {}, answer.json())).toEqual([]);
  });
});

it('nothing peculiar is listed that is not documented', () => {
  const documented = new Set(
    operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).map((status) => `${operationId} ${status}`),
    ),
  );
  const listed = Object.entries(peculiarStatuses).flatMap(([id, statuses]) =>
    Object.keys(statuses).map((status) => `${id} ${status}`),
  );
  expect(listed.filter((name) => !documented.has(name))).toEqual([]);
});
