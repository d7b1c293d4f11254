import { beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { lifecycleExamples } from '../../src/http/schemas/estimates/lifecycle/examples.ts';
import { testApp } from './application.ts';
import { seededCatalog } from './seeded-catalog.ts';

let app: App;
beforeAll(async () => {
  app = await testApp({ catalog: seededCatalog });
});

const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });

describe.each(Object.entries(lifecycleExamples))('POST /v1/estimates/lifecycle, example %s', (_name, { value }) => {
  it('answers, and the request it gives back answers with the same bytes', async () => {
    const first = await post('/v1/estimates/lifecycle', value);
    expect(first.statusCode, first.body).toBe(200);
    const again = await post('/v1/estimates/lifecycle', first.json().request);
    expect(again.body).toBe(first.body);
    const known = new Set(first.json().bandBases.map(({ id }: { id: string }) => id));
    for (const [, id] of first.body.matchAll(/"basis":"([^"]+)"/g)) expect(known).toContain(id);
  });

  it('has a few kilobytes with view=summary, and the same money', async () => {
    const full = (await post('/v1/estimates/lifecycle', value)).json();
    const brief = await post('/v1/estimates/lifecycle?view=summary', value);
    expect(brief.body.length).toBeLessThan(24_000);
    expect(brief.json().months).toBeUndefined();
    expect(brief.json().total).toEqual(full.total);
  });
});

it('stands in a batch beside the others', async () => {
  const response = await post('/v1/estimates:batch', {
    view: 'summary',
    estimates: [
      { kind: 'lifecycle', request: lifecycleExamples.fineTuned.value },
      { kind: 'lifecycle', request: { model: 'meta-llama/Llama-3.1-8B' } },
    ],
  });
  const [answered, refused] = response.json().results;
  expect(answered.lifecycle.status).toBe('feasible');
  expect(refused.problem.errors[0].pointer).toBe('#/requestsPerDay');
});

it('a service that costs nothing has an answer: shares and savings of nothing are none', async () => {
  const free = {
    model: 'meta-llama/Llama-3.1-8B',
    requestsPerDay: 1_000_000,
    inference: { device: 'nvidia-h100-sxm5-80gb', purchase: { usdPerDeviceHour: '0' } },
    staff: { engineers: 0 },
  };
  const response = await post('/v1/estimates/lifecycle', free);
  expect(response.statusCode, response.body).toBe(200);
  const { total, trainingShare, levers } = response.json();
  expect(total.amount).toBe('0.0000');
  expect(trainingShare.p50).toBe(0);
  for (const { savingPercent } of levers) expect(savingPercent).toBe(0);
});
