import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { problemOf, sampleApp } from './application.ts';

let app: App;
beforeAll(async () => {
  app = await sampleApp({ settings: { bodyLimitBytes: 2048 } });
});
afterAll(() => app.close());

const post = (payload: unknown, contentType = 'application/json') =>
  app.inject({
    method: 'POST',
    url: '/sample',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': contentType },
  });

const right = { model: 'llama', requestsPerDay: 10 };

/** The errors of a body that must be refused with invalid-request. */
const refused = async (payload: unknown) => {
  const response = await post(payload);
  const problem = problemOf(response);
  expect(response.statusCode).toBe(400);
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(problem).toMatchObject({ type: '/problems/invalid-request', status: 400 });
  return problem.errors ?? [];
};

it('a mistyped name of a field that is needed is told first, and in the sentence', async () => {
  const response = await post({ model: 'llama', requestPerDay: 10 });
  const { detail, errors } = problemOf(response);
  expect(detail).toBe(
    "The body was refused. Unknown field 'requestPerDay'; did you mean 'requestsPerDay'? And 1 more: see errors.",
  );
  expect(errors?.map(({ rule }) => rule)).toEqual(['unknown_field', 'required']);
});

describe('the bytes of a body', () => {
  const send = (payload: Buffer, contentType = 'application/json') =>
    app.inject({ method: 'POST', url: '/sample', payload, headers: { 'content-type': contentType } });

  it.each([
    ['a byte that is no UTF-8', Buffer.from('{"model": "ll\xffma"}', 'latin1'), 'line 1, column 14'],
    ['a name in Latin-1', Buffer.from('{\n "mod\xe8le": 1}', 'latin1'), 'line 2, column 6'],
    ['a character cut at its end', Buffer.from('{"model": "ll\xc3', 'latin1'), 'line 1, column 14'],
    ['a surrogate in UTF-8', Buffer.from('"\xed\xa0\x80"', 'latin1'), 'line 1, column 2'],
    [
      'a bad byte after a replacement character sent as such',
      Buffer.concat([Buffer.from('"\uFFFD\uFFFDé'), Buffer.from([0xff, 0x22])]),
      'line 1, column 5',
    ],
    ['UTF-16', Buffer.from('\uFEFF{}', 'utf16le'), 'line 1, column 1'],
  ])('%s is refused with its place', async (_name, payload, place) => {
    const response = await send(payload);
    expect(response.statusCode).toBe(400);
    expect(problemOf(response)).toMatchObject({ type: '/problems/malformed-json' });
    expect(problemOf(response).detail).toMatch(/^The body is not UTF-8/);
    expect(problemOf(response).detail).toContain(place);
  });

  it('a byte order mark is skipped, and other charsets than UTF-8 are not believed', async () => {
    const bytes = Buffer.from(`\uFEFF${JSON.stringify({ model: 'llama', requestsPerDay: 10 })}`);
    expect((await send(bytes)).statusCode).toBe(200);
    expect((await send(bytes, 'application/json; charset=utf-8')).statusCode).toBe(200);
  });
});

describe('a body that does not match the contract', () => {
  it('is taken when it is right', async () => {
    const response = await post(right);
    expect([response.statusCode, response.json()]).toEqual([200, right]);
  });

  it.each([
    [
      'text for a number',
      { ...right, requestsPerDay: '10' },
      '#/requestsPerDay',
      'type',
      'requestsPerDay must be a number, got the string "10"; remove the quotes.',
    ],
    [
      'NaN as text',
      { ...right, requestsPerDay: 'NaN' },
      '#/requestsPerDay',
      'type',
      'requestsPerDay must be a number, got the string "NaN".',
    ],
    [
      'null',
      { ...right, requestsPerDay: null },
      '#/requestsPerDay',
      'type',
      'requestsPerDay must be a number, got null; leave it out instead.',
    ],
    [
      'a number for text',
      { ...right, model: 12 },
      '#/model',
      'type',
      'model must be a string, got the number 12; put it in quotes.',
    ],
    [
      'a list for a number',
      { ...right, requestsPerDay: [1] },
      '#/requestsPerDay',
      'type',
      'requestsPerDay must be a number, got a list.',
    ],
    [
      'text for a boolean',
      { ...right, spot: 'true' },
      '#/spot',
      'type',
      'spot must be a boolean, got the string "true"; remove the quotes.',
    ],
    [
      'a fraction for a whole number',
      { ...right, replicas: 1.5 },
      '#/replicas',
      'type',
      'replicas must be a whole number, got the number 1.5.',
    ],
    [
      'too small',
      { ...right, requestsPerDay: 0 },
      '#/requestsPerDay',
      'minimum',
      'requestsPerDay must be more than 0, got 0.',
    ],
    ['too large', { ...right, replicas: 65 }, '#/replicas', 'maximum', 'replicas must be at most 64, got 65.'],
    [
      'a choice nearly right',
      { ...right, engine: 'vlm' },
      '#/engine',
      'choice',
      'engine must be one of "vllm", "sglang", "tensorrt_llm"; got the string "vlm". Did you mean \'vllm\'?',
    ],
    [
      'a choice far off',
      { ...right, engine: 'ray-serve-x' },
      '#/engine',
      'choice',
      'engine must be one of "vllm", "sglang", "tensorrt_llm"; got the string "ray-serve-x".',
    ],
    [
      'an unknown field nearly right',
      { ...right, promtTokens: {} },
      '#/promtTokens',
      'unknown_field',
      "Unknown field 'promtTokens'; did you mean 'promptTokens'?",
    ],
    [
      'a field of one level down',
      { ...right, mean: 400 },
      '#/mean',
      'unknown_field',
      "Unknown field 'mean'; did you mean 'promptTokens.mean'?",
    ],
    [
      'the beginning of a field',
      { ...right, requests: 400 },
      '#/requests',
      'unknown_field',
      "Unknown field 'requests'; did you mean 'requestsPerDay'?",
    ],
    [
      'an unknown field far off',
      { ...right, promptTokens: { mean: 1, zzzzzz: 1 } },
      '#/promptTokens/zzzzzz',
      'unknown_field',
      "Unknown field 'zzzzzz' in promptTokens; known are 'mean', 'histogram'.",
    ],
    ['a field missing', { requestsPerDay: 1 }, '#/model', 'required', 'model is required: Catalog model id.'],
    [
      'a field missing further in',
      { ...right, promptTokens: { histogram: [{ share: 1 }, {}] } },
      '#/promptTokens/mean',
      'required',
      'promptTokens.mean is required.',
    ],
    [
      'too many items',
      { ...right, promptTokens: { mean: 1, histogram: [1, 2, 3, 4].map((share) => ({ share })) } },
      '#/promptTokens/histogram',
      'items',
      'promptTokens.histogram must have at most 3 items.',
    ],
    [
      'no date',
      { ...right, startsAt: 'tomorrow' },
      '#/startsAt',
      'format',
      'startsAt must be a date and time like 2026-11-24T00:00:00Z, got the string "tomorrow".',
    ],
    [
      'a wrong form',
      { ...right, model: 'LLAMA' },
      '#/model',
      'pattern',
      'model is the string "LLAMA", which does not have the form ^[a-z]+$, for example "llama".',
    ],
    [
      'too short',
      { ...right, model: 'l' },
      '#/model',
      'length',
      'model must have at least 2 characters, got the string "l".',
    ],
    [
      'a key that needs escaping',
      { ...right, 'a/b~c d': 1 },
      '#/a~1b~0c%20d',
      'unknown_field',
      expect.stringContaining("Unknown field 'a/b~c d'"),
    ],
    [
      'neither of two forms',
      { ...right, lengths: 'long' },
      '#/lengths',
      'type',
      'lengths must be a number or an object, got the string "long".',
    ],
    [
      'one of two forms with a mistake in it',
      { ...right, lengths: { p50: 1, p59: 2, p95: 3 } },
      '#/lengths/p59',
      'unknown_field',
      "Unknown field 'p59' in lengths; did you mean 'p50'?",
    ],
    [
      'an unknown kind',
      { ...right, workload: { kind: 'trainign', tokens: 1 } },
      '#/workload/kind',
      'choice',
      'workload.kind must be one of "training", "inference"; got the string "trainign". Did you mean \'training\'?',
    ],
    [
      'a kind with a field missing',
      { ...right, workload: { kind: 'training' } },
      '#/workload/tokens',
      'required',
      'workload.tokens is required.',
    ],
    [
      'no kind',
      { ...right, workload: { tokens: 1 } },
      '#/workload/kind',
      'required',
      expect.stringContaining('workload.kind'),
    ],
  ])('%s: one error that says what to change', async (_name, payload, pointer, rule, detail) => {
    expect(await refused(payload)).toContainEqual(expect.objectContaining({ pointer, rule, detail }));
    const only = (await refused(payload)).filter((error) => error.pointer === pointer);
    expect(only).toHaveLength(1);
  });

  it('a number beyond a 64-bit float is refused, not rounded to infinity', async () => {
    expect(await refused('{"model":"llama","requestsPerDay":1e999}')).toMatchObject([
      {
        pointer: '#/requestsPerDay',
        detail: 'requestsPerDay must be a number, got a number too large for a 64-bit float.',
      },
    ]);
  });

  it('a number nearer to zero than any quantity is refused with its place, before anything is divided by it', async () => {
    expect(await refused('{"model":"llama","requestsPerDay":5e-324}')).toEqual([
      {
        pointer: '#/requestsPerDay',
        rule: 'magnitude',
        detail: 'requestsPerDay is 5e-324, nearer to 0 than any quantity here; give at least 1e-12.',
      },
    ]);
    expect((await post({ ...right, requestsPerDay: 1e-12 })).statusCode).toBe(200);
  });

  it.each([
    ['at the top', '{"model":"llama","requestsPerDay":1, "requestsPerDay" :2}', '#/requestsPerDay', 'requestsPerDay'],
    ['in disguise', '{"model":"llama","requestsPerDay":1,"\\u006dodel":"l"}', '#/model', 'model'],
    ['in a list', '{"model":"a\\"},{\\"","x":[{"b":1},{"a":[1,2],"b":{},"a":1}]}', '#/x/1/a', 'x[1].a'],
  ])('a field given twice %s', async (_place, payload, pointer, name) => {
    expect(await refused(payload)).toEqual([
      { pointer, rule: 'duplicate', detail: `${name} is given twice; give it once.` },
    ]);
  });

  it('the same name in several objects, or in a text, is no repetition', async () => {
    const errors = await refused('{"model":"\\"model\\": 1","requestsPerDay":1,"x":[{"a":1},{"a":1,"b":{"a":2}}]}');
    expect(errors.map(({ rule }) => rule)).not.toContain('duplicate');
  });

  it('a list instead of an object', async () => {
    expect(await refused([right])).toMatchObject([{ pointer: '#', detail: 'The body must be an object, got a list.' }]);
  });

  it('null instead of an object', async () => {
    expect(await refused('null')).toMatchObject([{ pointer: '#', detail: 'The body must be an object, got null.' }]);
  });

  it('several errors are told at once, choices as a list for programs', async () => {
    const errors = await refused({ requestsPerDay: '1', engine: 'x', spo: true });
    expect(errors.map(({ pointer }) => pointer).sort()).toEqual(['#/engine', '#/model', '#/requestsPerDay', '#/spo']);
    expect(errors.find(({ pointer }) => pointer === '#/engine')?.choices).toEqual(['vllm', 'sglang', 'tensorrt_llm']);
  });

  it('of very many errors only the first 25 are told', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`field${index}x`, 1]));
    expect(await refused({ ...right, ...wrong })).toHaveLength(25);
  });

  it('long values are not repeated in full', async () => {
    const [error] = await refused({ ...right, requestsPerDay: 'x'.repeat(1000) });
    expect(error?.detail.length).toBeLessThan(150);
  });
});

describe('a body that cannot be read', () => {
  it.each([
    ['broken off', '{"model": "llama"', 'malformed-json', 'The body is not valid JSON. It ends too early'],
    [
      'NaN',
      '{"model": "llama", "requestsPerDay": NaN}',
      'malformed-json',
      'It breaks at line 1, column 38. JSON has no NaN',
    ],
    [
      'comma before a bracket',
      '{\n  "model": "llama",\n}',
      'malformed-json',
      'It breaks at line 3, column 1. JSON allows no comma before a closing bracket.',
    ],
    ['a comma too many in a list', '{"model": [1, ]}', 'malformed-json', 'It breaks at line 1, column 15. JSON allows'],
    ['a comment', '{"model": /* mine */ 1}', 'malformed-json', 'It breaks at line 1, column 11.'],
    ['two documents', '{"model": 1} {}', 'malformed-json', 'It breaks at line 1, column 14.'],
    ['single quotes', "{'model': 1}", 'malformed-json', 'JSON strings are in double quotes.'],
    ['__proto__', '{"model": "llama", "__proto__": {"admin": true}}', 'malformed-json', "'__proto__'"],
    [
      '__proto__ in disguise',
      '{"model": "llama", "\\u005f\\u005fproto__": {"admin": true}}',
      'malformed-json',
      "'__proto__'",
    ],
    [
      'constructor.prototype',
      '{"constructor": {"prototype": {"admin": true}}}',
      'malformed-json',
      "'constructor.prototype'",
    ],
    ['nothing', '', 'empty-body', 'Send a JSON object'],
    ['blanks', '  \n ', 'empty-body', 'Send a JSON object'],
  ])('%s', async (_name, payload, code, detail) => {
    const response = await post(payload);
    expect(problemOf(response)).toMatchObject({
      type: `/problems/${code}`,
      status: 400,
      detail: expect.stringContaining(detail),
    });
  });

  it('pollutes no prototype', async () => {
    await post('{"model": "llama", "requestsPerDay": 1, "__proto__": {"polluted": true}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('compressed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const response = await app.inject({ method: 'POST', url: '/sample', payload: JSON.stringify(right), headers });
    expect(problemOf(response)).toMatchObject({ type: '/problems/unsupported-media-type', status: 415 });
    expect(problemOf(response).detail).toMatch(/'gzip'; send it uncompressed/);
  });

  it('no body and no media type', async () => {
    const response = await app.inject({ method: 'POST', url: '/sample' });
    expect(problemOf(response)).toMatchObject({ type: '/problems/empty-body', status: 400 });
  });

  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/json5'])(
    '%s',
    async (type) => {
      const response = await post('{"model":"llama"}', type);
      expect(problemOf(response)).toMatchObject({
        type: '/problems/unsupported-media-type',
        status: 415,
        detail: expect.stringContaining(type),
      });
      expect(response.headers.accept).toBe('application/json');
    },
  );

  it('a media type with a charset is fine', async () => {
    expect((await post(right, 'application/json; charset=utf-8')).statusCode).toBe(200);
  });

  it('too large', async () => {
    const response = await post({ ...right, model: 'x'.repeat(3000) });
    expect(problemOf(response)).toMatchObject({
      type: '/problems/body-too-large',
      status: 413,
      limitBytes: 2048,
      detail: expect.stringContaining('2 KiB'),
    });
  });
});

describe('path and query', () => {
  const get = (url: string) => app.inject({ url });

  it('are read as the type of the schema, with defaults', async () => {
    expect((await get('/sample/5?pageSize=3&country=AE&spot=true')).json()).toEqual({
      id: 5,
      pageSize: 3,
      country: ['AE'],
      spot: true,
    });
    expect((await get('/sample/5?country=AE&country=SA')).json()).toEqual({
      id: 5,
      pageSize: 20,
      country: ['AE', 'SA'],
    });
  });

  it.each([
    [
      '/sample/5?pagesize=3',
      'query pagesize',
      'unknown_parameter',
      "Unknown query parameter 'pagesize'; did you mean 'pageSize'?",
    ],
    ['/sample/5?pageSize=3&pageSize=4', 'query pageSize', 'duplicate', 'pageSize is given 2 times; give it once.'],
    ['/sample/5?pageSize=many', 'query pageSize', 'type', 'pageSize must be a whole number, got the string "many".'],
    ['/sample/5?pageSize=', 'query pageSize', 'type', 'pageSize must be a whole number, got the string "".'],
    ['/sample/5?pageSize=-1', 'query pageSize', 'minimum', 'pageSize must be at least 1, got -1.'],
    [
      '/sample/5?pageSize=1e999',
      'query pageSize',
      'type',
      'pageSize must be a number, got a number too large for a 64-bit float.',
    ],
    ['/sample/5?pageSize=NaN', 'query pageSize', 'type', 'pageSize must be a whole number, got the string "NaN".'],
    [
      '/sample/5?orderBy=pric',
      'query orderBy',
      'choice',
      'orderBy must be one of "name", "price"; got the string "pric". Did you mean \'price\'?',
    ],
    [
      '/sample/5?__proto__=1',
      'query __proto__',
      'unknown_parameter',
      expect.stringContaining("Unknown query parameter '__proto__'"),
    ],
    ['/sample/five', 'path id', 'type', 'id must be a whole number, got the string "five".'],
  ])('%s', async (url, parameter, rule, detail) => {
    const response = await get(url);
    expect(problemOf(response)).toMatchObject({
      type: '/problems/invalid-request',
      status: 400,
      errors: [{ parameter, rule, detail }],
    });
  });
});
