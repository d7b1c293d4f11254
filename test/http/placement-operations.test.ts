/** Placements as operations: how far they are, how they end, and what is kept of them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../src/access/keys.ts';
import { buildApp } from '../../src/app.ts';
import { openCatalog } from '../../src/catalog/holder.ts';
import { createPool } from '../../src/db/pool.ts';
import type { Dependencies } from '../../src/dependencies.ts';
import type { App } from '../../src/http/application.ts';
import { exampleBook } from '../../src/http/schemas/price-books/book.ts';
import { findPlacement, keepQuestion, NOBODY } from '../../src/placements/stored-placements.ts';
import { createSolver, defaultSolverSettings } from '../../src/solver/solver.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { problemOf, testDependencies } from './application.ts';

const database = useTestDatabase('seeded');
const solver = createSolver(defaultSolverSettings);
const closers: (() => Promise<unknown>)[] = [() => solver.close()];
let dependencies: Dependencies;
let app: App;

const opened = async (changes: Partial<Dependencies> = {}): Promise<App> => {
  const built = await buildApp({ ...dependencies, ...changes });
  closers.unshift(() => built.close());
  return built;
};

beforeAll(async () => {
  const { db, pool, url } = database();
  const catalog = await openCatalog({ db, pool, databaseUrl: url, onError: () => undefined });
  closers.push(() => catalog.close());
  dependencies = { ...testDependencies({ catalog, db, pool }), solve: solver.solve };
  app = await opened();
});
afterAll(async () => {
  for (const close of closers) await close();
});

const question = {
  components: [{ id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1000 }],
  userGroups: [{ country: 'AE' }],
  sites: [
    { id: 'azure', kind: 'cloud_region', region: 'azure/uaenorth' },
    { id: 'aws', kind: 'cloud_region', region: 'aws/me-central-1' },
  ],
  include: ['failover'],
};
const post = (to: App, payload: object, headers: Record<string, string> = {}) =>
  to.inject({ method: 'POST', url: '/v1/deployment-placements', payload, headers });
const ended = async (from: App, url: string) => {
  for (;;) {
    const answer = await from.inject({ method: 'GET', url });
    expect(answer.statusCode).toBe(200);
    if (answer.json().finishedAt !== null) return answer.json();
    await wait(20);
  }
};

describe('a placement asked to answer later', () => {
  it('becomes an operation that nobody needs a key for, with the same answer', async () => {
    const accepted = await post(app, question, { prefer: 'respond-async' });
    expect(accepted.statusCode).toBe(202);
    expect(accepted.headers['preference-applied']).toBe('respond-async');
    const operation = await ended(app, String(accepted.headers.location));
    expect(operation).toMatchObject({ kind: 'deployment_placement', state: 'succeeded', progress: 1 });
    const kept = await app.inject({ method: 'GET', url: operation.result });
    expect(kept.statusCode).toBe(200);
    expect(kept.json().failover).toHaveLength(1);
    const atOnce = await post(app, kept.json().request, { prefer: 'wait=60' });
    expect(atOnce.statusCode).toBe(200);
    expect(kept.json()).toEqual(atOnce.json());
  });

  it('is refused at once where the question is wrong', async () => {
    const sites = [{ id: 'x', kind: 'cloud_region', region: 'azure/nowhere' }];
    expect((await post(app, { ...question, sites }, { prefer: 'respond-async' })).statusCode).toBe(422);
  });

  it('says that it failed', async () => {
    const solve: Dependencies['solve'] = async () => {
      throw new Error('broken on purpose');
    };
    const broken = await opened({ solve });
    const accepted = await post(broken, question, { prefer: 'respond-async' });
    expect(accepted.statusCode).toBe(202);
    const operation = await ended(broken, String(accepted.headers.location));
    expect(operation).toMatchObject({ state: 'failed', failure: { code: 'internal' } });
    expect((await broken.inject({ method: 'GET', url: operation.result })).statusCode).toBe(404);
  });
});

/** Solves nothing until it is let go. */
const held = () => {
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const solve: Dependencies['solve'] = async (...task) => {
    await until;
    return solver.solve(...task);
  };
  return { solve, letGo };
};

it('becomes an operation by itself where what is included takes long, and a plan alone is waited for', async () => {
  const { solve, letGo } = held();
  const slow = await opened({ solve });
  const accepted = await post(slow, question);
  expect(accepted.statusCode).toBe(202);
  expect(accepted.headers['preference-applied']).toBeUndefined();
  const waiting = post(slow, { ...question, include: [] });
  letGo();
  expect((await waiting).statusCode).toBe(200);
  expect((await ended(slow, String(accepted.headers.location))).state).toBe('succeeded');
});

it('becomes an operation before its connection would be closed', async () => {
  const soonClosed = await opened({ settings: { ...dependencies.settings, connectionTimeoutMs: 4 } });
  const { include: _include, ...plan } = question;
  const answer = await post(soonClosed, plan, { prefer: 'wait=100' });
  expect(answer.statusCode, answer.body).toBe(202);
  expect(answer.headers['preference-applied']).toBe('wait=0');
  expect((await ended(soonClosed, String(answer.headers.location))).state).toBe('succeeded');
  expect((await post(soonClosed, plan)).statusCode).toBe(202);
});

it('is answered in the request where no database can keep it', async () => {
  const pool = {
    connect: async () => Promise.reject(new Error('away')),
    options: {},
  } as unknown as Dependencies['pool'];
  const alone = await opened({ pool });
  const answer = await post(alone, question, { prefer: 'respond-async' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json().failover).toHaveLength(1);
});

it('can be cancelled', async () => {
  const { solve, letGo } = held();
  const slow = await opened({ solve });
  const accepted = await post(slow, question, { prefer: 'respond-async' });
  const cancelled = await slow.inject({ method: 'DELETE', url: String(accepted.headers.location) });
  expect(cancelled.json().cancelRequested).toBe(true);
  await wait(450); // it tells how far it is only so often
  letGo();
  expect(await ended(slow, String(accepted.headers.location))).toMatchObject({ state: 'cancelled' });
});

it('is cancelled in the midst of a solve, which is ended', async () => {
  const endless: Dependencies['solve'] = (_program, _limits, _start, stop) =>
    new Promise((_, reject) => stop?.addEventListener('abort', () => reject(new Error('ended'))));
  const slow = await opened({ solve: endless });
  const accepted = await post(slow, question, { prefer: 'respond-async' });
  await slow.inject({ method: 'DELETE', url: String(accepted.headers.location) });
  expect(await ended(slow, String(accepted.headers.location))).toMatchObject({ state: 'cancelled' });
});

it('goes on where a service that ended left it', async () => {
  const { solve } = held();
  const first = await opened({ solve });
  const accepted = await post(first, question, { prefer: 'respond-async' });
  expect(accepted.statusCode).toBe(202);
  await first.close();
  const next = await opened();
  await next.listen({ host: '127.0.0.1', port: 0 });
  const operation = await ended(next, String(accepted.headers.location));
  expect(operation.state).toBe('succeeded');
  expect((await next.inject({ method: 'GET', url: operation.result })).json().status).toBe('feasible');
});

it('is kept when the database is back, where that was away when it was worked out', async () => {
  const { solve, letGo } = held();
  const { pool } = database();
  let isAway = false;
  const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const flaky = {
    connect: async () => (isAway ? Promise.reject(refused()) : pool.connect()),
    query: async (...asked: [string]) => (isAway ? Promise.reject(refused()) : pool.query(...asked)),
    options: {},
  } as unknown as Dependencies['pool'];
  const service = await opened({ solve, pool: flaky });
  const accepted = await post(service, question, { prefer: 'respond-async' });
  expect(accepted.statusCode).toBe(202);
  isAway = true;
  letGo();
  await wait(600);
  expect((await app.inject({ method: 'GET', url: String(accepted.headers.location) })).json().state).not.toBe('failed');
  isAway = false;
  const operation = await ended(app, String(accepted.headers.location));
  expect(operation.state).toBe('succeeded');
  expect((await app.inject({ method: 'GET', url: operation.result })).json().status).toBe('feasible');
});

it('all go on that others left, also where there are as many as connections', async () => {
  const { pool, url } = database();
  const accepted = await post(app, question, { prefer: 'respond-async' });
  await ended(app, String(accepted.headers.location));
  const stored = await findPlacement(pool, accepted.json().id);
  const left = Array.from({ length: 6 }, () => randomUUID());
  for (const id of left) await keepQuestion(pool, id, { question: stored?.question, tenant: NOBODY });
  const few = createPool({ databaseUrl: url, size: 5, onIdleError: () => undefined });
  closers.unshift(() => few.end());
  const next = await opened({ pool: few });
  await next.listen({ host: '127.0.0.1', port: 0 });
  for (const id of left) expect((await ended(app, `/v1/operations/${id}`)).state).toBe('succeeded');
});

describe('one asked with a price book', () => {
  const absent = '00000000-0000-4000-8000-000000000000';
  const get = (url: string, key?: string, method: 'GET' | 'DELETE' = 'GET') =>
    app.inject({ method, url, headers: key === undefined ? {} : { 'x-api-key': key } });

  it('is its tenant’s: to all others it is as if it were not there', async () => {
    const { pool } = database();
    const key = (tenant: string, label: string, scopes: readonly string[]) =>
      createKey(pool, { tenant, label, scopes });
    const own = await key('acme', 'buyer', ['books:write']);
    const ownWithout = await key('acme', 'sender', ['prices:write']);
    const others = [
      undefined,
      'a-key-that-nobody-has',
      await key('globex', 'buyer', ['books:write']),
      await key('globex', 'sender', ['prices:write']),
      await key('house', 'all-of-the-house', ['admin']),
    ];
    const made = await app.inject({
      method: 'PUT',
      url: '/v1/catalog/price-books/deal',
      headers: { 'x-api-key': own },
      payload: exampleBook,
    });
    expect(made.statusCode).toBe(201);
    const asked = { ...question, priceBook: { id: 'deal' } };
    const accepted = await post(app, asked, { prefer: 'respond-async', 'x-api-key': own });
    expect(accepted.statusCode).toBe(202);
    const { id } = accepted.json();
    for (const path of ['/v1/deployment-placements/', '/v1/operations/']) {
      for (const other of others) {
        const [foreign, missing] = [await get(path + id, other), await get(path + absent, other)];
        expect(foreign.statusCode).toBe(missing.statusCode);
        expect(problemOf(foreign).detail).toBe(problemOf(missing).detail?.replace(absent, id));
      }
      expect((await get(path + id, ownWithout)).statusCode).toBe(403);
    }
    for (const other of others) {
      const cancelled = await get(`/v1/operations/${id}`, other, 'DELETE');
      expect(cancelled.statusCode).toBe((await get(`/v1/operations/${absent}`, other, 'DELETE')).statusCode);
    }
    for (;;) {
      const operation = (await get(`/v1/operations/${id}`, own)).json();
      expect(operation.cancelRequested).toBe(false);
      if (operation.finishedAt !== null) break;
      await wait(20);
    }
    expect((await get(`/v1/deployment-placements/${id}`, own)).statusCode).toBe(200);
  });
});

it('is kept where the clock ended the search, and given again byte for byte', async () => {
  const solve: Dependencies['solve'] = async (...task) => ({ ...(await solver.solve(...task)), deterministic: false });
  const hurried = await opened({ solve });
  const answer = await post(hurried, { ...question, include: [] });
  const { stored, ...rest } = answer.json();
  expect(rest.proof.deterministic).toBe(false);
  const again = await app.inject({ method: 'GET', url: stored });
  expect(again.json()).toEqual({ ...rest, stored });
});

it('an unknown placement is not there', async () => {
  const url = '/v1/deployment-placements/00000000-0000-4000-8000-000000000000';
  expect((await app.inject({ method: 'GET', url })).statusCode).toBe(404);
});
