import { beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { actualsExamples, comparisonExamples } from '../../src/http/schemas/comparisons/request.ts';
import { testApp } from './application.ts';
import { seededCatalog } from './seeded-catalog.ts';

let app: App;
beforeAll(async () => {
  app = await testApp({ catalog: seededCatalog });
});

const post = async (url: string, payload: object) => app.inject({ method: 'POST', url, payload });
const compare = async (payload: object) => {
  const response = await post('/v1/comparisons', payload);
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
};

const H100 = { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' };
const inference = (name: string, request: object) => ({ name, kind: 'inference', request });

describe('POST /v1/comparisons', () => {
  it('sets totals apart as the estimates themselves do, with causes that sum to the difference', async () => {
    const { differences, answers, lines } = await compare(comparisonExamples.formats.value);
    const [, fp8] = answers;
    const alone = (await post('/v1/estimates/inference', { ...H100, serving: { weightFormat: 'fp8' } })).json();
    expect(fp8.total.amount).toBe(alone.costPerMonth.total.amount);
    expect(lines[0].amounts).toHaveLength(3);
    for (const difference of differences) {
      const effects = difference.causes.reduce(
        (sum: number, { effect }: { effect: string }) => sum + Number(effect),
        0,
      );
      expect(effects + Number(difference.together)).toBeCloseTo(Number(difference.total), 2);
      const byLine = difference.lines.reduce(
        (sum: number, line: { difference: string }) => sum + Number(line.difference),
        0,
      );
      expect(byLine).toBeCloseTo(Number(difference.total), 2);
      for (const line of difference.lines) {
        if (line.drivers.length === 0) continue;
        const drivers = line.drivers.reduce((sum: number, { effect }: { effect: string }) => sum + Number(effect), 0);
        expect(drivers).toBeCloseTo(Number(line.difference), 1);
      }
    }
    expect(differences[0].causes[0].field).toBe('/serving/weightFormat');
  });

  it('explains a difference by what works in its direction', async () => {
    const there = { ...H100, purchase: { category: 'owned' }, location: { country: 'AE' } };
    const { differences } = await compare({ questions: [inference('rented', H100), inference('owned in AE', there)] });
    const [{ total, causes, statement }] = differences;
    expect(Number(total)).toBeLessThan(0);
    expect(Number(causes[0].effect)).toBeGreaterThan(0);
    expect(statement).toContain('Most of it comes from /purchase/category');
  });

  it('sets only totals of different kinds side by side', async () => {
    const training = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, device: 'nvidia-h100-sxm5-80gb' };
    const { differences } = await compare({
      questions: [inference('serving', H100), { name: 'training', kind: 'training', request: training }],
    });
    expect(differences[0]).toMatchObject({ causes: [], together: null, lines: [], facts: [], prices: [] });
  });

  it('a question against itself differs in nothing', async () => {
    const { differences } = await compare({ questions: [inference('a', H100), inference('b', H100)] });
    expect(differences[0]).toMatchObject({ total: '0.0000', causes: [], lines: [], facts: [], prices: [] });
    expect(differences[0].statement).toBe('b is the same as a.');
    const limits = { ttftMsP95: 2000, endToEndMsP95: 60_000 };
    const reordered = await compare({
      questions: [
        inference('a', { ...H100, objectives: limits }),
        inference('b', { ...H100, objectives: Object.fromEntries(Object.entries(limits).reverse()) }),
      ],
    });
    expect(reordered.differences[0]).toMatchObject({ causes: [], statement: 'b is the same as a.' });
  });

  it('names no percentage of nothing', async () => {
    const free = { ...H100, purchase: { usdPerDeviceHour: '0' }, responseKilobytes: 0 };
    const { differences, summary } = await compare({ questions: [inference('free', free), inference('paid', H100)] });
    expect(differences[0].percent).toBeNull();
    expect(differences[0].statement).toMatch(/^paid costs [\d,]+ USD more than free\./);
    expect(summary).toContain('The least is free.');
    const { summary: against } = (
      await post('/v1/comparisons/actuals', {
        kind: 'inference',
        request: free,
        actuals: { periodDays: 30, totalUsd: '100' },
      })
    ).json();
    expect(against).toMatch(/^100 USD paid against 0 USD estimated, outside the band of the estimate\./);
  });

  it('calls nothing the least among answers to different questions or of the same cost', async () => {
    const training = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora' };
    const mixed = await compare({
      questions: [inference('serving', H100), { name: 'training', kind: 'training', request: training }],
    });
    expect(mixed.summary).not.toContain('least');
    const same = await compare({ questions: [inference('a', H100), inference('b', H100)] });
    expect(same.summary).not.toContain('least');
  });

  it('shows what a saved request has become', async () => {
    const { answers, differences } = await compare(comparisonExamples.since.value);
    expect(answers.map(({ name }: { name: string }) => name)).toEqual(['in September 2025', 'now']);
    expect(answers[0].replay.pricingAt).toBe('2025-09-15T00:00:00.000Z');
    expect(differences[0].causes.map(({ field }: { field: string }) => field)).toEqual(['catalog']);
    expect(Number(differences[0].causes[0].effect)).toBeCloseTo(Number(differences[0].total), 2);
  });

  it('says which has no answer, and compares other kinds by totals alone', async () => {
    const { differences, answers } = await compare({
      questions: [
        inference('fits', H100),
        inference('does not', { model: 'meta-llama/Llama-3.1-405B', requestsPerDay: 10, device: 'nvidia-t4-16gb' }),
        { kind: 'training', request: { model: 'meta-llama/Llama-3.1-8B', tokens: 1e8, method: 'lora' } },
      ],
    });
    expect(answers[1].status).toBe('infeasible');
    expect(differences[0]).toMatchObject({ total: null });
    expect(differences[0].statement).toContain('has no answer');
    expect(differences[1].statement).toContain('another kind of question');
  });

  it('refuses one question alone, and points into the question that is wrong', async () => {
    const alone = await post('/v1/comparisons', { questions: [inference('a', H100)] });
    expect(alone.statusCode).toBe(400);
    expect(alone.json().errors[0].pointer).toBe('#/questions');
    const typo = await post('/v1/comparisons', {
      questions: [inference('a', H100), inference('b', { ...H100, requestPerDay: 5 })],
    });
    expect(typo.statusCode).toBe(400);
    expect(typo.json().errors[0].pointer).toBe('#/questions/1/request/requestPerDay');
    const unknown = await post('/v1/comparisons', {
      questions: [inference('a', H100), inference('b', { ...H100, device: 'nvidia-h100' })],
    });
    expect(unknown.statusCode).toBe(422);
    expect(unknown.json().errors[0].pointer).toBe('#/questions/1/request/device');
  });
});

it('says of a question without an answer that it has none, and lists no differences of lines', async () => {
  const none = inference('none', { ...H100, model: 'meta-llama/Llama-3.1-405B', device: 'nvidia-t4-16gb' });
  const { differences } = await compare({ questions: [inference('some', H100), none] });
  expect(differences[0]).toMatchObject({ total: null, lines: [], facts: [], prices: [] });
  expect(differences[0].statement).toMatch(/^none has no answer: /);
});

describe('POST /v1/comparisons/actuals', () => {
  const actual = async (payload: object) => {
    const response = await post('/v1/comparisons/actuals', payload);
    expect(response.statusCode, response.body).toBe(200);
    return response.json();
  };

  it('explains a bill by load, lengths, price and hours, to the cent', async () => {
    const report = await actual(actualsExamples.month.value);
    const sum = report.explanations.reduce(
      (total: number, { effect }: { effect: string }) => total + Number(effect),
      0,
    );
    expect(sum).toBeCloseTo(Number(report.actual) - Number(report.estimate), 1);
    expect(report.explanations.map(({ id }: { id: string }) => id)).toEqual([
      'load',
      'lengths',
      'price',
      'device_hours',
      'rest',
    ]);
    expect(report.quantities.find(({ id }: { id: string }) => id === 'requests').ratio).toBeCloseTo(1.2, 6);
    // hours and rate leave nothing to the rest
    expect(Number(report.explanations.at(-1).effect)).toBeCloseTo(0, 1);
  });

  it('a higher rate for the hours estimated is more, also where whole instances are paid for', async () => {
    const request = { ...H100, location: { region: 'aws/us-east-1' } };
    const estimate = (await post('/v1/estimates/inference', request)).json();
    expect(estimate.deployment.devicesPaid).toBeGreaterThan(estimate.deployment.devices);
    const [compute] = estimate.costPerMonth.lineItems;
    const [hours, rate] = compute.inputs.map(({ value }: { value: number }) => value);
    const report = await actual({
      kind: 'inference',
      request,
      actuals: { deviceHours: hours, lineItems: [{ id: 'compute', usd: (hours * rate * 1.1).toFixed(2) }] },
    });
    const effectOf = (name: string) => Number(report.explanations.find(({ id }: { id: string }) => id === name).effect);
    expect(effectOf('price')).toBeCloseTo(hours * rate * 0.1, 0);
    expect(effectOf('device_hours')).toBeCloseTo(0, 2);
    expect(effectOf('rest')).toBeCloseTo(0, 0);
  });

  it('what it suggests makes the estimate start from what was measured', async () => {
    const { suggestedChanges } = await actual(actualsExamples.month.value);
    const next: Record<string, unknown> = { ...H100 };
    for (const { field, to } of suggestedChanges) {
      const [name, part] = field.split('/').slice(1);
      next[name] =
        part === undefined ? (name === 'purchase' ? JSON.parse(to) : to) : { ...(next[name] as object), [part]: to };
    }
    const answer = (await post('/v1/estimates/inference', next)).json();
    expect(answer.workload.requestsPerDay).toBeCloseTo(1_200_000, 0);
    expect(answer.costPerMonth.lineItems[0].inputs[1].value).toBeCloseTo(81_900 / 21_000, 3);
  });

  it('the estimate paid to the letter is within its band and needs no explaining', async () => {
    const estimate = (await post('/v1/estimates/inference', H100)).json();
    const total = estimate.costPerMonth.total.amount;
    const report = await actual({ kind: 'inference', request: H100, actuals: { totalUsd: total } });
    expect(report.withinBand).toBe(true);
    expect(Number(report.explanations.at(-1).effect)).toBeCloseTo(0, 2);
  });

  it('takes training, lines of one’s own, and figures without money', async () => {
    const request = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora', device: 'nvidia-h100-sxm5-80gb' };
    const training = await actual({
      kind: 'training',
      request,
      actuals: {
        trainingTokens: 1.2e9,
        deviceHours: 60,
        lineItems: [
          { id: 'compute', usd: '150' },
          { id: 'wages', usd: '9000' },
        ],
      },
    });
    expect(training.lines.find(({ id }: { id: string }) => id === 'wages')).toMatchObject({
      estimate: null,
      actual: '9000.0000',
    });
    const quantities = await actual({ kind: 'training', request, actuals: { deviceHours: 60 } });
    expect(quantities).toMatchObject({ actual: null, explanations: [] });
    expect(quantities.quantities).toHaveLength(1);
  });

  it('sets what was billed of some lines against those lines', async () => {
    const request = { ...H100, purchase: { category: 'owned' } };
    const report = await actual({
      kind: 'inference',
      request,
      actuals: {
        lineItems: [
          { id: 'electricity', usd: '2000' },
          { id: 'cooling', usd: '500' },
          { id: 'insurance', usd: '100' },
        ],
      },
    });
    const billed = report.lines.filter(({ actual: paid }: { actual: string | null }) => paid !== null);
    const of = (name: 'estimate' | 'actual') =>
      billed.reduce((sum: number, line: Record<string, string | null>) => sum + Number(line[name] ?? 0), 0);
    expect(Number(report.estimate)).toBeCloseTo(of('estimate'), 2);
    expect(Number(report.actual)).toBe(2600);
    expect(report.withinBand).toBeNull();
    expect(report.summary).toMatch(/for the lines that were billed/);
    expect(report.explanations.map(({ id }: { id: string }) => id)).toEqual([
      'line',
      'line',
      'unestimated_line',
      'rest',
    ]);
    const sum = report.explanations.reduce(
      (total: number, { effect }: { effect: string }) => total + Number(effect),
      0,
    );
    expect(sum).toBeCloseTo(of('actual') - of('estimate'), 2);
    expect(Number(report.explanations.at(-1).effect)).toBeCloseTo(0, 2);
  });

  it('refuses figures of the other kind, and none at all', async () => {
    const training = { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora' };
    for (const [status, payload, pointer] of [
      [422, { kind: 'inference', request: H100, actuals: { trainingTokens: 5 } }, '#/actuals/trainingTokens'],
      [422, { kind: 'training', request: training, actuals: { requests: 5 } }, '#/actuals/requests'],
      [400, { kind: 'inference', request: H100, actuals: {} }, '#/actuals'],
    ] as const) {
      const response = await post('/v1/comparisons/actuals', payload);
      expect(response.statusCode, response.body).toBe(status);
      expect(response.json().errors[0].pointer).toBe(pointer);
    }
  });

  it('takes tokens counted without requests as those of the requests asked for', async () => {
    const lengths = { promptTokens: 60e9, outputTokens: 12e9 };
    const { suggestedChanges, explanations } = await actual({
      kind: 'inference',
      request: H100,
      actuals: { periodDays: 30, totalUsd: '150000', ...lengths },
    });
    expect(suggestedChanges).toMatchObject([
      { field: '/promptTokens/mean', to: 2000 },
      { field: '/outputTokens/mean', to: 400 },
    ]);
    const found = explanations.find(({ id }: { id: string }) => id === 'lengths');
    expect(Number(found.effect)).toBeGreaterThan(0);
  });

  it('refuses tokens of a model that has none', async () => {
    const request = { model: 'resnet50-v1.5', requestsPerDay: 1e6, device: 'nvidia-l4-24gb' };
    const actuals = { requests: 3e7, promptTokens: 1e9, totalUsd: '20' };
    const response = await post('/v1/comparisons/actuals', { kind: 'inference', request, actuals });
    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].pointer).toBe('#/actuals/promptTokens');
  });

  it('answers infeasible where there is no estimate', async () => {
    const request = { model: 'meta-llama/Llama-3.1-405B', requestsPerDay: 10, device: 'nvidia-t4-16gb' };
    expect(await actual({ kind: 'inference', request, actuals: { totalUsd: '5' } })).toMatchObject({
      status: 'infeasible',
    });
  });
});
