/** A placement and an estimate of the same configuration are the same figures, to the last cent and digit. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { estimateInference } from '../../../src/domain/inference/estimate.ts';
import { totalLatency } from '../../../src/domain/placement/network-leg.ts';
import { prepare } from '../../../src/domain/placement/prepare.ts';
import type { PlacementRequest } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const models = [
  'meta-llama/Llama-3.1-8B',
  'meta-llama/Llama-3.2-1B',
  'Qwen/Qwen3-30B-A3B',
  'mlperf/resnet50-v1.5',
  'ultralytics/yolov8s',
  'BAAI/bge-m3',
  'openai/whisper-small',
];
const places = [
  { id: 'a', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-h100-sxm5-80gb' }] },
  { id: 'b', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-a10-24gb' }] },
  { id: 'c', kind: 'cloud_region', region: 'aws/me-central-1', devices: [{ device: 'nvidia-h200-sxm5-141gb' }] },
  { id: 'd', kind: 'cloud_region', region: 'gcp/me-central2', devices: [{ device: 'nvidia-l4-24gb' }] },
  { id: 'e', kind: 'cloud_region', region: 'aws/eu-central-1', devices: [{ device: 'nvidia-l40s-48gb' }] },
] as const;
const boards = ['nvidia-jetson-agx-orin-64gb', 'nvidia-jetson-orin-nx-16gb', 'apple-m4-max'];

const question = fc.record({
  model: fc.constantFrom(...models),
  requestsPerDay: fc.integer({ min: 100, max: 2_000_000 }),
  place: fc.option(fc.constantFrom(...places), { nil: null }),
  board: fc.constantFrom(...boards),
  milliseconds: fc.option(fc.integer({ min: 50, max: 20_000 }), { nil: null }),
  percentile: fc.constantFrom('p50' as const, 'p95' as const, 'p99' as const),
  units: fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }),
  responseKilobytes: fc.integer({ min: 0, max: 200 }),
});

it('equals the inference estimate in cost, latency and memory', { timeout: 120_000 }, async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      question,
      async ({ model, requestsPerDay, place, board, milliseconds, percentile, units, responseKilobytes }) => {
        const request: PlacementRequest = {
          components: [
            {
              id: 'it',
              model,
              requestsPerDay,
              responseKilobytes,
              dataClasses: ['public'],
              ...(milliseconds !== null && { latency: { milliseconds, percentile } }),
            },
          ],
          userGroups: [{ country: 'AE', accessNetwork: 'fibre' }],
          sites: [
            place ??
              (units === null
                ? { id: 'box', kind: 'edge_box', devices: [{ device: board }] }
                : { id: 'fleet', kind: 'device_fleet', units, devices: [{ device: board }] }),
          ],
        };
        const { options, scenario } = await prepare(snapshot, request, AT, tools);
        for (const option of options[0]?.feasible ?? []) {
          const { served } = option;
          if (served?.estimateRequest == null) throw new Error('A model has an estimate.');
          const estimate = estimateInference(snapshot, served.estimateRequest, AT);
          if (estimate.status !== 'feasible') throw new Error(estimate.summary);
          const count = served.units;
          expect(served.devices).toBe(estimate.deployment.devices);
          if (count === 1) expect(served.total.amount).toBe(estimate.costPerMonth.total.amount.amount);
          else expect(served.usdPerMonth).toBeCloseTo(Number(estimate.costPerMonth.total.amount.amount) * count, 6);
          const { performance } = estimate;
          const latency = performance.kind === 'language' ? performance.endToEndMs : performance.latencyMs;
          expect(served.serviceMs).toEqual({ p50: latency.p50.p50, p95: latency.p95.p50, p99: latency.p99.p50 });
          const { memory } = estimate;
          expect(served.memory).toEqual(
            memory === null
              ? null
              : {
                  weightsBytes: memory.weightsBytes,
                  requiredBytes: memory.weightsBytes + memory.activationBytes + memory.overheadBytes,
                  usableBytes: memory.usableBytes,
                },
          );
          const leg = option.legs[0];
          if (leg === undefined) throw new Error('Every option has a way to its users.');
          expect(option.latency).toEqual(totalLatency(leg, served.serviceMs));
          const budget = scenario.stages[0]?.component.latency;
          if (budget !== undefined)
            expect(option.latency?.[budget.percentile ?? 'p95']).toBeLessThanOrEqual(budget.milliseconds);
          compared++;
        }
      },
    ),
    { numRuns: 500, seed: 7 },
  );
  expect(compared).toBeGreaterThan(250);
});
