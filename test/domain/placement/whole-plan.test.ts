/** Leaving dear options of open sites out of the program changes no plan. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { furtherPrepared, prepare, solvedOf } from '../../../src/domain/placement/prepare.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { leftOutIsDearer, wholePlan } from '../../../src/domain/placement/whole-plan.ts';
import { AT, snapshot, tools } from './tools.ts';

const question: fc.Arbitrary<PlacementRequest> = fc
  .record({
    model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'BAAI/bge-m3', 'openai/whisper-small'),
    requestsPerDay: fc.constantFrom(20_000, 400_000),
    country: fc.constantFrom('AE', 'DE'),
    kilobytes: fc.constantFrom(1, 20_000),
    cap: fc.constantFrom(null, 400),
  })
  .map(({ model, requestsPerDay, country, kilobytes, cap }) => ({
    components: [
      { id: 'a', model, requestsPerDay, dataClasses: ['public'] },
      {
        id: 'b',
        model: 'ultralytics/yolov8m',
        requestsPerDay,
        dataClasses: ['public'],
        latency: { milliseconds: 400 },
      },
    ],
    edges: [{ from: 'b', to: 'a', callsPerDay: requestsPerDay, requestKilobytes: kilobytes }],
    userGroups: [{ country }],
    policies: { excluded: [`edge/${country.toLowerCase()}`], ...(cap !== null && { carbonKilogramsPerMonth: cap }) },
    limits: { gapPercent: 0 },
  }));

it('equals the plan over all options', { timeout: 120_000 }, async () => {
  let left = 0;
  await fc.assert(
    fc.asyncProperty(question, async (request) => {
      const whole = await wholePlan({ snapshot, request, at: AT, solve: solvedOf }, tools);
      const reach = request.components.map(() => Number.POSITIVE_INFINITY);
      const all = await furtherPrepared(await prepare(snapshot, request, AT, tools), reach, tools);
      const { plan } = await solvedOf(all, tools);
      expect(all.options.every(({ dearer }) => dearer.count === 0)).toBe(true);
      if (plan === null) throw new Error('There is a plan.');
      expect(leftOutIsDearer(whole.prepared, whole)).toEqual(request.components.map(() => true));
      expect(whole.plan?.proof.objective).toBeCloseTo(plan.proof.objective ?? 0, 3);
      left += whole.prepared.options.filter(({ dearer }) => dearer.count > 0).length;
    }),
    { numRuns: 4, seed: 11 },
  );
  expect(left).toBeGreaterThan(0);
});
