import { describe, expect, test } from 'vitest';
import { AssumptionLog } from '../../../../src/domain/economics/assumption.ts';
import { atReadingPace } from '../../../../src/domain/inference/language/reading-pace.ts';
import { feasible } from '../seeded-estimates.ts';

const MIXTRAL = { model: 'mistralai/Mixtral-8x7B-v0.1', requestsPerDay: 1000 };

describe('the pace of reading', () => {
  test('goes without saying where neither a device nor a latency is named', () => {
    const { performance, assumptions } = feasible(MIXTRAL);
    if (performance.kind !== 'language') throw new Error('Mixtral writes text.');
    expect(performance.timePerOutputTokenMs.p95.p50).toBeLessThanOrEqual(100);
    const told = assumptions.find(({ field }) => field === '/objectives/timePerOutputTokenMsP95');
    expect(told?.value).toBe(100);
  });

  test('a slower device is taken where the request allows it, and costs less', () => {
    const slow = feasible({ ...MIXTRAL, objectives: { timePerOutputTokenMsP95: 60_000 } });
    const read = feasible(MIXTRAL);
    expect(Number(slow.costPerMonth.total.amount.amount)).toBeLessThan(Number(read.costPerMonth.total.amount.amount));
  });

  test.each([
    { ...MIXTRAL, device: 'intel-xeon-8480plus' },
    { ...MIXTRAL, objectives: { endToEndMsP95: 600_000 } },
    { ...MIXTRAL, objectives: { ttftMsP50: 300 } },
  ])('nothing is added to %j', (request) => {
    expect(atReadingPace(request, new AssumptionLog())).toBe(request);
  });

  test('other objectives stay', () => {
    const objectives = { maxUtilization: 0.5 };
    expect(atReadingPace({ ...MIXTRAL, objectives }, new AssumptionLog()).objectives).toEqual({
      maxUtilization: 0.5,
      timePerOutputTokenMsP95: 100,
    });
  });

  test('a named device that is slower says so, unless a latency was asked for', () => {
    const slow = { ...MIXTRAL, device: 'intel-xeon-8480plus' };
    expect(feasible(slow).summary).toContain('more slowly than people read it (100 ms per token)');
    expect(feasible({ ...slow, objectives: { timePerOutputTokenMsP95: 60_000 } }).summary).not.toContain('read it');
    expect(feasible({ ...MIXTRAL, device: 'nvidia-h100-sxm5-80gb' }).summary).not.toContain('read it');
  });
});
