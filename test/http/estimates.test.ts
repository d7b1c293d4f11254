import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { batchExamples } from '../../src/http/schemas/estimates/batch.ts';
import { computeOptimalExamples } from '../../src/http/schemas/estimates/compute-optimal.ts';
import { inferenceExamples } from '../../src/http/schemas/estimates/inference/examples.ts';
import { trainingExamples } from '../../src/http/schemas/estimates/training/examples.ts';
import { problemOf, testApp } from './application.ts';
import { seededCatalog } from './seeded-catalog.ts';

let app: App;
let asked = 0;
beforeAll(async () => {
  const current = () => {
    asked += 1;
    return seededCatalog.current();
  };
  app = await testApp({ catalog: { ...seededCatalog, current } });
});

afterAll(() => app.close());

const post = (url: string, payload: object | string) =>
  app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });

const CHAT = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000 };

describe.each([
  ['/v1/estimates/inference', inferenceExamples],
  ['/v1/estimates/training', trainingExamples],
] as [string, Record<string, { value: object }>][])('POST %s', (url, examples) => {
  describe.each(Object.entries(examples))('example %s', (_name, { value }) => {
    let first: Awaited<ReturnType<typeof post>>;
    beforeAll(async () => {
      first = await post(url, value);
    });

    it('answers, and the request it gives back answers with the same bytes', async () => {
      expect(first.statusCode, first.body).toBe(200);
      const { request, replay } = first.json();
      expect(request).toMatchObject({ pricingAt: replay.pricingAt, catalogRevision: replay.catalogRevision });
      const again = await post(url, request);
      expect(again.body).toBe(first.body);
    });

    it('has a few kilobytes with view=summary, and the same money', async () => {
      const full = first.json();
      const response = await post(`${url}?view=summary`, value);
      const summary = response.json();
      expect(response.body.length).toBeLessThan(12_000);
      expect(summary.assumptions).toBeUndefined();
      expect(summary.summary).toBe(full.summary);
      const total = (answer: typeof full) => (answer.cost ?? answer.costPerMonth)?.total;
      expect(total(summary)).toEqual(total(full));
    });

    it('lists every basis that a figure names', () => {
      const answer = first.json();
      if (answer.status === 'infeasible') return;
      const known = new Set(answer.bandBases.map(({ id }: { id: string }) => id));
      const named = [...first.body.matchAll(/"basis":"([^"]+)"/g)].map(([, id]) => id);
      expect(named.length).toBeGreaterThan(0);
      for (const id of named) expect(known).toContain(id);
    });
  });
});

it('a vision model on a class with hundreds of measurements has a few kilobytes with view=summary too', async () => {
  const question = { model: 'resnet50-v1.5', requestsPerDay: 1_000_000, device: 'intel-xeon-8380-core' };
  const full = await post('/v1/estimates/inference', question);
  expect(full.json().performance.anchorIds.length).toBeGreaterThan(100);
  const brief = await post('/v1/estimates/inference?view=summary', question);
  expect(brief.body.length).toBeLessThan(12_000);
});

describe('what is wrong with an estimate request', () => {
  it.each([
    ['a misspelt field', { ...CHAT, promtTokens: { mean: 5 } }, 400, '#/promtTokens', 'promptTokens'],
    ['a number as text', { ...CHAT, requestsPerDay: '10' }, 400, '#/requestsPerDay', 'remove the quotes'],
    ['no traffic', { ...CHAT, requestsPerDay: 0 }, 400, '#/requestsPerDay', 'more than 0'],
    ['negative traffic', { ...CHAT, requestsPerDay: -5 }, 400, '#/requestsPerDay', 'more than 0'],
    ['absurd traffic', { ...CHAT, requestsPerDay: 1e300 }, 400, '#/requestsPerDay', '10000000000000'],
    ['an unknown engine', { ...CHAT, serving: { engine: 'vlm' } }, 400, '#/serving/engine', "'vllm'"],
    ['a misspelt model', { ...CHAT, model: 'meta-lama/Llama-3.1-8B' }, 422, '#/model', 'meta-llama/Llama-3.1-8B'],
    ['a misspelt device', { ...CHAT, device: 'nvidia-h100-smx5-80gb' }, 422, '#/device', 'nvidia-h100-sxm5-80gb'],
    ['a field of another kind', { ...CHAT, audioSecondsPerRequest: 30 }, 422, '#/audioSecondsPerRequest', 'speech'],
    ['two ways to say the model', { ...CHAT, customVisionModel: VISION() }, 422, '#/customVisionModel', 'only one'],
    [
      'a price that is no decimal',
      { ...CHAT, purchase: { usdPerDeviceHour: '1e3' } },
      400,
      '#/purchase/usdPerDeviceHour',
      '',
    ],
  ])('%s', async (_what, body, status, pointer, words) => {
    const response = await post('/v1/estimates/inference', body);
    expect(response.statusCode, response.body).toBe(status);
    expect(response.headers['content-type']).toContain('application/problem+json');
    const problem = problemOf(response);
    const error = problem.errors?.find((found) => found.pointer === pointer);
    expect(error, response.body).toBeDefined();
    expect(`${problem.detail} ${error?.detail}`).toContain(words);
  });

  function VISION() {
    return { name: 'v', task: 'detection', parametersMillions: 1, gigaflopsPerImage: 1, inputHeight: 9, inputWidth: 9 };
  }

  it('names an unknown catalog revision', async () => {
    const response = await post('/v1/estimates/inference', { ...CHAT, catalogRevision: 999_999 });
    expect(response.statusCode).toBe(404);
    expect(problemOf(response).detail).toContain('999999');
  });

  it('never fails inside on absurd but well-formed numbers', async () => {
    for (const body of [
      { ...CHAT, requestsPerDay: 1e-12 },
      { ...CHAT, promptTokens: { mean: 1e-12 } },
      {
        ...CHAT,
        requestsPerDay: 1e13,
        traffic: { activeHoursPerDay: 0.01, peakToMeanRatio: 1000 },
        objectives: { ttftMsP95: 1 },
      },
      {
        ...CHAT,
        requestsPerDay: 1e13,
        traffic: { activeHoursPerDay: 0.01, peakToMeanRatio: 1000 },
        objectives: { ttftMsP95: 800 },
      },
      { ...CHAT, scaling: { mode: 'scale_to_zero', weightLoadGbPerSecond: 1e-12 } },
      { ...CHAT, requestsPerDay: 1e13 },
      { ...CHAT, promptTokens: { mean: 1e8 } },
      { ...CHAT, outputTokens: { mean: 1e-6 } },
      { ...CHAT, promptTokens: { histogram: [{ tokens: 0, share: 1 }] } },
      { ...CHAT, promptTokens: { histogram: [{ tokens: 5, share: 0 }] } },
      { ...CHAT, traffic: { arrivalVariability: 1000, peakToMeanRatio: 1000 } },
      { ...CHAT, objectives: { maxUtilization: 0.01, spareReplicas: 1000 } },
      { ...CHAT, responseKilobytes: 1e9 },
      { ...CHAT, serving: { tensorParallel: 1024 } },
      { ...CHAT, serving: { maxSequences: 1, maxBatchedTokens: 1 } },
      { ...CHAT, pricingAt: '0001-01-01T00:00:00Z' },
      { ...CHAT, pricingAt: '9999-12-31T23:59:59Z' },
    ]) {
      const response = await post('/v1/estimates/inference', body);
      expect([200, 422], `${JSON.stringify(body)}: ${response.body.slice(0, 400)}`).toContain(response.statusCode);
      expect(response.body).not.toContain('null,"p50"');
      expect(response.body).not.toContain('NaN');
    }
    for (const body of [
      { model: CHAT.model, tokens: 1e18 },
      { model: CHAT.model, tokens: 1e-9 },
      { model: CHAT.model, tokens: 1e9, cluster: { devices: 10_000_000 }, device: 'nvidia-h100-sxm5-80gb' },
      { model: CHAT.model, tokens: 1e9, globalBatchTokens: 1e12 },
      { model: CHAT.model, tokens: 1e9, run: { failuresPerNodeDay: 100, recoveryMinutes: 10_000 } },
      { model: CHAT.model, tokens: 1e9, deadlineDays: 1e-6 },
      { model: 'resnet50-v1.5', images: 1e18 },
    ]) {
      const response = await post('/v1/estimates/training', body);
      expect([200, 422], `${JSON.stringify(body)}: ${response.body.slice(0, 400)}`).toContain(response.statusCode);
      expect(response.body).not.toContain('NaN');
    }
  });
});

describe('POST /v1/estimates:batch', () => {
  it('gives a result or a problem for each, in order', async () => {
    const response = await post('/v1/estimates:batch', batchExamples.three.value);
    expect(response.statusCode, response.body).toBe(200);
    const { results } = response.json();
    expect(results).toHaveLength(3);
    expect(results[0]).toMatchObject({ kind: 'inference', inference: { status: 'feasible' } });
    expect(results[1]).toMatchObject({ kind: 'training', training: { status: 'feasible' } });
    expect(results[2].problem).toMatchObject({ status: 422, type: '/problems/unknown-catalog-id' });
    expect(response.body.length).toBeLessThan(30_000);
  });

  it('points into the item that does not match the contract', async () => {
    const response = await post('/v1/estimates:batch', {
      estimates: [
        { kind: 'inference', request: { ...CHAT, requestsPerDay: 'many' } },
        { kind: 'inference', request: CHAT },
      ],
    });
    const { results } = response.json();
    expect(results[0].problem.errors[0]).toMatchObject({ pointer: '#/requestsPerDay', rule: 'type' });
    expect(results[1].inference.status).toBe('feasible');
  });

  it('is bounded', async () => {
    const estimates = Array.from({ length: 101 }, () => ({ kind: 'inference', request: CHAT }));
    expect((await post('/v1/estimates:batch', { estimates })).statusCode).toBe(400);
    expect((await post('/v1/estimates:batch', { estimates: [] })).statusCode).toBe(400);
  });
});

describe('the catalog that an estimate was computed on', () => {
  it.each([
    ['/v1/estimates/inference', CHAT],
    ['/v1/estimates/inference?view=summary', CHAT],
    ['/v1/estimates/training', { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, device: 'nvidia-h100-sxm5-80gb' }],
    ['/v1/estimates/compute-optimal-training', Object.values(computeOptimalExamples)[0]?.value ?? {}],
    ['/v1/estimates:batch', { estimates: [{ kind: 'inference', request: CHAT }] }],
  ])('POST %s tells its revision and age in headers', async (url, body) => {
    const { statusCode, headers } = await post(url, body);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'catalog-revision': '1', 'catalog-age-seconds': '3' });
  });
});

describe('a batch that takes long', () => {
  it('does not hold up a light request that comes after it', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const base = `http://127.0.0.1:${port}`;
    const done: string[] = [];
    const question = { kind: 'training', request: { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12 } };
    const before = asked;
    const heavy = fetch(`${base}/v1/estimates:batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ view: 'summary', estimates: Array(20).fill(question) }),
    }).then(async (response) => {
      done.push('batch');
      return response.json();
    });
    // The batch is under way once it has asked for the catalog, which it does before the first question.
    while (asked === before) await nextTurn();
    const light = await fetch(`${base}/v1/catalog/devices?pageSize=1`);
    done.push('light');
    const { results } = (await heavy) as { results: { training?: unknown }[] };
    expect(light.status).toBe(200);
    expect(results.every(({ training }) => training !== undefined)).toBe(true);
    expect(done).toEqual(['light', 'batch']);
  });
});
