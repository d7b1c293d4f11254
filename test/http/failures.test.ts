import { Writable } from 'node:stream';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CatalogUnavailableError } from '../../src/catalog/holder.ts';
import type { App } from '../../src/http/application.ts';
import { problemCatalogue, problemCodes } from '../../src/http/problems/catalogue.ts';
import { ProblemError } from '../../src/http/problems/problem-error.ts';
import { problemOf, testApp } from './application.ts';

let app: App;
let thrown: unknown;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  app = await testApp({ logger: pino({ level: 'info' }, stream) });
  app.get('/fails', { schema: { hide: true } }, async () => {
    throw thrown;
  });
});
afterAll(() => app.close());

/** The answer of a route that throws, and the lines that it logs. */
const failing = async (error: unknown) => {
  thrown = error;
  lines.length = 0;
  return { response: await app.inject({ url: '/fails' }), lines };
};

describe('a failure of the service', () => {
  it('hides what failed and logs it once, with the request id', async () => {
    const { response, lines } = await failing(new Error('password=hunter2 is wrong'));
    const problem = problemOf(response);
    expect(problem).toMatchObject({ type: '/problems/internal-error', status: 500 });
    expect(response.body).not.toMatch(/hunter2|Error:|\.ts/);
    const errors = lines.filter(({ level }) => Number(level) >= 50);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({ requestId: problem.requestId, err: { message: 'password=hunter2 is wrong' } });
  });

  it.each([['a string'], [undefined], [null], [42], [{ statusCode: 418, message: 'teapot' }]])(
    'that throws %o',
    async (thrown) => {
      const { response } = await failing(thrown);
      expect(problemOf(response)).toMatchObject({ type: '/problems/internal-error', status: 500 });
      expect(response.body).not.toContain('teapot');
    },
  );

  it.each([
    ['connection refused', Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })],
    ['shut down', Object.assign(new Error('terminating connection'), { code: '57P01' })],
    ['too many connections', Object.assign(new Error('sorry, too many clients already'), { code: '53300' })],
    ['broken off', new Error('Connection terminated unexpectedly')],
  ])('of the database (%s) is a 503 with Retry-After', async (_name, thrown) => {
    const { response } = await failing(thrown);
    expect(problemOf(response)).toMatchObject({ type: '/problems/database-unavailable', status: 503 });
    expect(response.headers['retry-after']).toBe('5');
    expect(response.body).not.toMatch(/5432|clients/);
  });

  it.each([
    ['a full disk', 'could not extend file: No space left on device', '53100', /^The disk of the database is full/],
    ['a replica', 'cannot execute INSERT in a read-only transaction', '25006', /^The database is read-only/],
    ['no connection left', 'sorry, too many clients already', '53300', /^The database has no connection left/],
  ])('of the database for %s says so', async (_name, message, code, sentence) => {
    const { response } = await failing(Object.assign(new Error(message), { code }));
    expect(problemOf(response)).toMatchObject({ status: 503, detail: expect.stringMatching(sentence) });
  });

  it('of a statement is not taken for a database that is away', async () => {
    const { response } = await failing(Object.assign(new Error('duplicate key'), { code: '23505' }));
    expect(response.statusCode).toBe(500);
  });
});

describe('what is expected to happen at times', () => {
  it.each([
    ['a database that is away', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['too much work', Object.assign(new Error('busy'), { code: 'FST_UNDER_PRESSURE' })],
  ])('%s is logged as a warning without a stack', async (_name, thrown) => {
    const { response, lines } = await failing(thrown);
    expect(response.statusCode).toBe(503);
    const [warning] = lines.filter(({ level }) => level === 40);
    expect(warning).toMatchObject({ problem: expect.any(String) });
    expect(JSON.stringify(lines)).not.toMatch(/stack|\.ts/);
  });

  it('says what the database is about, also through several layers', async () => {
    const refused = Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]), {
      code: 'ECONNREFUSED',
    });
    const { lines } = await failing(new CatalogUnavailableError('The database does not answer.', refused));
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, cause: 'connect ECONNREFUSED ::1:5432' }));
  });
});

describe('a problem thrown by a route', () => {
  it.each(problemCodes)('%s has its type, title and status', async (code) => {
    const { response } = await failing(new ProblemError(code, 'A sentence.'));
    const { status, title } = problemCatalogue[code];
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(problemOf(response)).toMatchObject({ type: `/problems/${code}`, title, status, detail: 'A sentence.' });
  });

  it('carries errors, extensions and headers', async () => {
    const errors = [{ pointer: '#/model', rule: 'unknown_id', detail: 'No such model.' }];
    const { response } = await failing(
      new ProblemError('unknown-catalog-id', 'No such model.', {
        errors,
        extensions: { nearest: ['llama'] },
        headers: { 'x-extra': '1' },
      }),
    );
    expect(problemOf(response)).toMatchObject({ errors, nearest: ['llama'] });
    expect(response.headers['x-extra']).toBe('1');
  });
});

describe('the log', () => {
  it('has one line per request', async () => {
    const { lines } = await failing(new ProblemError('precondition-failed', 'Changed.'));
    const summaries = lines.filter(({ msg }) => msg === 'request');
    expect(summaries).toMatchObject([
      { method: 'GET', url: '/fails', route: '/fails', status: 412, durationMs: expect.any(Number) },
    ]);
    expect(lines).toHaveLength(1);
  });
});
