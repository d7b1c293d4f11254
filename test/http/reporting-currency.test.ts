/** Every kind of answer in another currency: one dated rate, exact, and everything that summed still sums. */
import { Decimal } from 'decimal.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { components } from '../../src/http/schemas/component.ts';
import { reportedAmountNames } from '../../src/http/schemas/reporting-currency.ts';
import { problemOf, testApp } from './application.ts';
import { seededCatalog } from './seeded-catalog.ts';

let app: App;
beforeAll(async () => {
  app = await testApp({ catalog: seededCatalog });
});
afterAll(() => app.close());

const post = (url: string, payload: object) => app.inject({ method: 'POST', url, payload });

const RATE = '3.6725';
const reporting = {
  currency: 'AED',
  exchangeRate: { unitsPerUsd: RATE, validFrom: '2026-01-01', source: 'Central bank, peg' },
};
const serving = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 100_000, device: 'nvidia-h100-sxm5-80gb' };

const QUESTIONS: readonly (readonly [string, object])[] = [
  ['/v1/estimates/inference', serving],
  ['/v1/estimates/training', { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora' }],
  ['/v1/estimates/lifecycle', { model: serving.model, requestsPerDay: 100_000, monteCarlo: { draws: 64 } }],
  ['/v1/estimates/build-or-buy', serving],
  ['/v1/estimates/own-or-rent', { device: 'nvidia-h100-sxm5-80gb', devices: 64, clustered: true }],
  ['/v1/estimates/compute-optimal-training', { budgetUsd: '1000', device: 'nvidia-h100-sxm5-80gb' }],
  ['/v1/hardware-recommendations', { inference: { model: serving.model, requestsPerDay: 100_000 } }],
  ['/v1/hardware-recommendations/mixed-fleets', { inference: { model: serving.model, requestsPerDay: 500_000 } }],
  [
    '/v1/hardware-recommendations/training-clusters',
    { training: { model: serving.model, tokens: 1e9, method: 'lora' }, accept: ['on_demand'] },
  ],
  [
    '/v1/deployment-placements',
    {
      components: [{ id: 'chat', model: serving.model, requestsPerDay: 10_000 }],
      userGroups: [{ country: 'AE' }],
    },
  ],
];

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Amounts by where they stand: those with a currency, and those of the names that follow it. */
function amounts(value: unknown, names: ReadonlySet<string>, at = ''): [string, string][] {
  if (!isFields(value)) return [];
  if ('priceId' in value && 'amount' in value) return [];
  return Object.entries(value).flatMap(([name, field]): [string, string][] => {
    if (['request', 'estimateRequest', 'replay'].includes(name)) return [];
    if (typeof field !== 'string') return amounts(field, names, `${at}/${name}`);
    const isAmount = names.has(name) || ('currency' in value && ['amount', 'p10', 'p50', 'p90'].includes(name));
    return isAmount ? [[`${at}/${name}`, field]] : [];
  });
}

function bills(value: unknown): Fields[] {
  if (!isFields(value)) return [];
  const own = Array.isArray(value.lineItems) && isFields(value.total) ? [value] : [];
  return [...own, ...Object.values(value).flatMap(bills)];
}

describe.each(QUESTIONS)('%s', (url, question) => {
  it('is the answer in dollars, times the rate', async () => {
    const inDollars = (await post(url, question)).json();
    const response = await post(url, { ...question, reporting });
    expect(response.statusCode, response.body.slice(0, 400)).toBe(200);
    const inDirhams = response.json();
    expect(inDirhams.status ?? 'feasible').toBe('feasible');
    const names = reportedAmountNames();
    const before = amounts(inDollars, names);
    const after = new Map(amounts(inDirhams, names));
    expect(before.length).toBeGreaterThan(0);
    expect(after.size).toBe(before.length);
    for (const [at, amount] of before) {
      expect([at, after.get(at)]).toEqual([at, new Decimal(amount).times(RATE).toFixed()]);
    }
    expect(inDirhams.replay.reporting).toEqual({
      currency: 'AED',
      unitsPerUsd: RATE,
      validFrom: '2026-01-01T00:00:00.000Z',
      source: 'Central bank, peg',
      takenFrom: 'request',
    });
    expect(inDirhams.request.reporting).toEqual(reporting);
    expect(inDirhams.prices ?? []).toEqual(inDollars.prices ?? []);
    for (const bill of bills(inDirhams)) {
      const lines = bill.lineItems as {
        formula: string;
        inputs?: Fields[];
        cost: { amount: string; currency: string };
      }[];
      const sum = lines.reduce((total, { cost }) => total.plus(cost.amount), new Decimal(0));
      expect(sum.toFixed()).toBe((bill.total as { amount: string }).amount);
      for (const { cost, formula, inputs } of lines) {
        expect(cost.currency).toBe('AED');
        expect(formula).toMatch(/^\(.+\) x exchangeRate$/s);
        if (inputs !== undefined)
          expect(inputs.at(-1)).toMatchObject({ name: 'exchangeRate', value: 3.6725, unit: 'AED per USD' });
      }
    }
  });
});

describe('the reporting currency', () => {
  it('leaves no field of another meaning with the name of one that follows it', () => {
    const names = reportedAmountNames();
    expect(names.size).toBeGreaterThan(10);
    const others = components().flatMap((schema) =>
      Object.entries((schema.properties ?? {}) as Record<string, Fields>)
        .filter(
          ([name, property]) =>
            schema.$id !== 'AnswerDifference' && // comparisons are in dollars
            names.has(name) &&
            [property.type].flat().includes('string') &&
            !('x-reporting-currency' in property),
        )
        .map(([name]) => `${schema.$id}.${name}`),
    );
    expect(others).toEqual([]);
  });

  it('is kept by the request that an answer gives back: the same bytes again', async () => {
    const first = await post('/v1/estimates/inference', { ...serving, reporting });
    expect((await post('/v1/estimates/inference', first.json().request)).body).toBe(first.body);
  });

  it('is dollars where it says USD', async () => {
    const plain = (await post('/v1/estimates/inference', serving)).json();
    const named = (await post('/v1/estimates/inference', { ...serving, reporting: { currency: 'USD' } })).json();
    expect(named.costPerMonth).toEqual(plain.costPerMonth);
    expect(named.replay).toEqual(plain.replay);
  });

  it.each([
    [{ currency: 'AED' }, '#/reporting/currency', /No rate of exchange from USD to AED .*No price book is named/],
    [{ currency: 'DHS' }, '#/reporting/currency', /not the code of a currency/],
    [
      { currency: 'USD', exchangeRate: { ...reporting.exchangeRate } },
      '#/reporting/exchangeRate',
      /in US dollars already/,
    ],
    [
      { currency: 'AED', exchangeRate: { ...reporting.exchangeRate, unitsPerUsd: '0' } },
      '#/reporting/exchangeRate/unitsPerUsd',
      /above 0/,
    ],
    [
      { currency: 'AED', exchangeRate: { ...reporting.exchangeRate, validFrom: '2027-01-01' } },
      '#/reporting/exchangeRate/validFrom',
      /after the time of the prices/,
    ],
    [
      { currency: 'AED', exchangeRate: { ...reporting.exchangeRate, validFrom: 'soon' } },
      '#/reporting/exchangeRate/validFrom',
      /not a time/,
    ],
  ])('%j is refused with a pointer and a sentence', async (wrong, pointer, sentence) => {
    const response = await post('/v1/estimates/inference', { ...serving, reporting: wrong });
    expect(response.statusCode).toBe(422);
    const { detail, errors } = problemOf(response);
    expect(detail).toMatch(sentence);
    expect(errors?.[0]).toMatchObject({ pointer });
  });

  it('is left out of comparisons, which are in dollars', async () => {
    const questions = [
      { kind: 'inference', request: { ...serving, reporting } },
      { kind: 'inference', request: { ...serving, serving: { weightFormat: 'fp8' } } },
    ];
    const { answers } = (await post('/v1/comparisons', { questions })).json();
    for (const { total, replay } of answers) {
      expect(total.currency).toBe('USD');
      expect(replay.reporting).toBeUndefined();
    }
  });
});
