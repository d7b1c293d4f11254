import { describe, expect, test } from 'vitest';
import { AssumptionLog } from '../../../src/domain/economics/assumption.ts';
import { atReadingPace } from '../../../src/domain/inference/reading-pace.ts';
import { feasible } from './seeded-estimates.ts';

const MIXTRAL = { model: 'mistralai/Mixtral-8x7B-v0.1', requestsPerDay: 1000 };
const objectivesOf = (request: Parameters<typeof atReadingPace>[0]) =>
  atReadingPace(request, new AssumptionLog()).objectives;

describe('the pace of reading', () => {
  test('goes without saying where neither a device nor a latency is named', () => {
    const { performance, assumptions } = feasible(MIXTRAL);
    if (performance.kind !== 'language') throw new Error('Mixtral writes text.');
    expect(performance.timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(200);
    expect(performance.ttftMs.p95.p50).toBeLessThanOrEqual(10_000);
    const told = assumptions.filter(({ field }) => /^\/objectives\/(ttft|timePer)/.test(field));
    expect(told.map(({ field, value }) => [field, value])).toEqual([
      ['/objectives/ttftMsP95', 10_000],
      ['/objectives/timePerOutputTokenMsP95', 200],
    ]);
  });

  test('a slower device is taken where the request allows it, and costs less', () => {
    const slow = feasible({ ...MIXTRAL, objectives: { ttftMsP95: 3_600_000, timePerOutputTokenMsP95: 60_000 } });
    const read = feasible(MIXTRAL);
    expect(Number(slow.costPerMonth.total.amount.amount)).toBeLessThan(Number(read.costPerMonth.total.amount.amount));
  });

  test('only what is not said is added', () => {
    expect(objectivesOf({ ...MIXTRAL, objectives: { ttftMsP50: 300 } })).toEqual({
      ttftMsP50: 300,
      timePerOutputTokenMsP95: 200,
    });
    expect(objectivesOf({ ...MIXTRAL, objectives: { timePerOutputTokenMsP99: 50, maxUtilization: 0.5 } })).toEqual({
      timePerOutputTokenMsP99: 50,
      maxUtilization: 0.5,
      ttftMsP95: 10_000,
    });
  });

  test.each([
    { ...MIXTRAL, device: 'intel-xeon-8480plus' },
    { ...MIXTRAL, objectives: { endToEndMsP95: 600_000 } },
  ])('nothing is added to %j', (request) => {
    expect(objectivesOf(request)).toEqual('objectives' in request ? request.objectives : undefined);
  });
});
