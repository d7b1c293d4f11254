import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import type { FeasibleTraining } from '../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../src/domain/training/request.ts';
import { estimate, feasible, H100, infeasible } from './seeded-estimates.ts';

const PRETRAIN_8B: TrainingRequest = { model: 'meta-llama/Llama-3.1-8B', tokens: 15e12, device: H100 };

const itemsOf = ({ cost }: FeasibleTraining, category: string) =>
  cost.lineItems.filter((item) => item.category === category);
const amountOf = (answer: FeasibleTraining, category: string) =>
  itemsOf(answer, category).reduce((sum, { amount }) => sum + Number(amount.amount), 0);

describe('a training estimate', () => {
  const requests: fc.Arbitrary<TrainingRequest> = fc.record(
    {
      model: fc.constantFrom('meta-llama/Llama-3.1-8B', 'meta-llama/Llama-3.1-70B', 'Qwen/Qwen3-30B-A3B'),
      tokens: fc.double({ min: 1e6, max: 1e13, noNaN: true }),
      device: fc.constantFrom(H100, 'nvidia-a100-sxm4-80gb', 'nvidia-b200-sxm-180gb'),
      method: fc.constantFrom('pretraining' as const, 'full_fine_tuning' as const, 'lora' as const, 'qlora' as const),
      deadlineDays: fc.double({ min: 1, max: 400, noNaN: true }),
      purchase: fc.constantFrom<NonNullable<TrainingRequest['purchase']>>(
        { category: 'on_demand' },
        { usdPerDeviceHour: '2.00' },
        { category: 'owned' },
      ),
      waitingUsdPerDay: fc.constantFrom('0', '5000'),
      surcharges: fc.record({ taxPercent: fc.integer({ min: 0, max: 25 }) }),
    },
    { requiredKeys: ['model', 'tokens', 'device'] },
  );

  it('sums its line items exactly, brackets every figure and repeats itself, whatever is asked', () => {
    fc.assert(
      fc.property(requests, (request) => {
        const answer = estimate(request);
        expect(estimate(request)).toEqual(answer);
        if (answer.status === 'infeasible') {
          expect(answer.reasons.length).toBeGreaterThan(0);
          return;
        }
        const sum = answer.cost.lineItems.reduce((total, { amount }) => total.plus(amount.amount), new Decimal(0));
        expect(answer.cost.total.amount.amount).toBe(sum.toFixed(4));
        const { wallClockDays, deviceHours } = answer.run;
        for (const band of [wallClockDays, deviceHours, answer.cost.total.band]) {
          expect(band.p10).toBeGreaterThan(0);
          expect(band.p10).toBeLessThanOrEqual(band.p50);
          expect(band.p50).toBeLessThanOrEqual(band.p90);
        }
        const { layout } = answer;
        if (layout === null) throw new Error('a language model has a layout');
        const ranks = layout.tensorParallel * layout.pipelineParallel * layout.contextParallel * layout.dataParallel;
        expect(ranks).toBe(answer.cluster.devices);
        expect(answer.memory?.headroomBytes).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 40 },
    );
  });

  it('keeps a deadline with failures and stages included', () => {
    for (const deadlineDays of [20, 60, 200]) {
      const { cleanHours, stageFactor, goodput } = feasible({ ...PRETRAIN_8B, deadlineDays }).run;
      expect((cleanHours * stageFactor) / goodput / 24).toBeLessThanOrEqual(deadlineDays);
    }
  });

  it('needs no more than a model and tokens', () => {
    const answer = feasible({ model: 'meta-llama/Llama-3.1-8B', tokens: 1e11 });
    expect(answer.selection.rule).toContain('No device was named');
    expect(answer.selection.alternatives).toHaveLength(2);
    const fields = answer.assumptions.map(({ field }) => field);
    const expected = ['/method', '/sequenceLength', '/globalBatchTokens', '/precision', '/deadlineDays'];
    for (const field of [...expected, '/run/stageFactor', '/people/engineers']) expect(fields).toContain(field);
  });

  it('doubles the clean hours for twice the tokens on the same cluster', () => {
    const fixed = { ...PRETRAIN_8B, globalBatchTokens: 4_194_304, cluster: { devices: 256 } };
    const once = feasible({ ...fixed, tokens: 1e12 });
    const twice = feasible({ ...fixed, tokens: 2e12 });
    expect(twice.run.cleanHours / once.run.cleanHours).toBeCloseTo(2, 6);
  });

  it('adds electricity to owned hardware only', () => {
    const rented = feasible({ ...PRETRAIN_8B, cluster: { devices: 512 } });
    expect(itemsOf(rented, 'electricity')).toHaveLength(0);
    expect(rented.energy?.facilityKilowattHours.p50).toBeGreaterThan(0);
    const owned = feasible({
      ...PRETRAIN_8B,
      cluster: { devices: 512 },
      purchase: { category: 'owned' },
      location: { country: 'AE' },
    });
    expect(amountOf(owned, 'electricity')).toBeGreaterThan(0);
    expect(amountOf(owned, 'cooling')).toBeGreaterThan(0);
  });

  it.each([
    { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, method: 'lora' as const, device: 'nvidia-h20-96gb' },
    { model: 'resnet-50', images: 1e8, device: 'nvidia-h20-96gb' },
  ])(
    'a device that is sold and nowhere rented out is owned without saying so, and the answer says it: %j',
    (request) => {
      const bought = feasible(request);
      expect(bought.cluster.ownership).toBe('owned');
      expect(bought.assumptions).toContainEqual(expect.objectContaining({ id: 'purchase.category', value: 'owned' }));
      const said = feasible({ ...request, purchase: { category: 'owned' } });
      expect(bought.cost.total).toEqual(said.cost.total);
      expect(estimate({ ...request, purchase: { category: 'on_demand' } }).status).toBe('infeasible');
    },
  );

  it('pays for interruptions on spot capacity', () => {
    const base: TrainingRequest = {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 1e11,
      device: 'nvidia-a100-sxm4-80gb',
      cluster: { devices: 64 },
    };
    const onDemand = feasible(base);
    const spot = feasible({ ...base, purchase: { category: 'spot' } });
    expect(spot.run.goodput).toBeLessThan(onDemand.run.goodput);
    expect(spot.run.expectedInterruptions).toBeGreaterThan(onDemand.run.expectedInterruptions);
  });

  it('is slower on older software, and says which is assumed', () => {
    const request: TrainingRequest = { ...PRETRAIN_8B, cluster: { devices: 256 } };
    const today = feasible(request);
    const older = feasible({ ...request, stack: { framework: 'megatron', year: 2022 } });
    expect(older.step?.mfu).toBeLessThan(today.step?.mfu ?? 0);
    const fields = (answer: FeasibleTraining) => answer.assumptions.map(({ field }) => field);
    expect(fields(today)).toContain('/stack/year');
    expect(fields(older)).not.toContain('/stack/year');
  });

  it('trains a vision model on images', () => {
    const answer = feasible({ model: 'resnet50-v1.5', images: 115_000_000, device: 'nvidia-a100-sxm4-80gb' });
    expect(answer.flops.totalFlops / (115e6 * 3 * 8.2e9)).toBeCloseTo(1, 3);
    expect(answer.run.wallClockDays.p50).toBeLessThan(1);
    expect(answer.layout).toBeNull();
  });
});

describe('an infeasible training question', () => {
  it('says how much memory is missing and the smallest cluster that fits, and it fits', () => {
    const request: TrainingRequest = {
      model: 'meta-llama/Llama-3.1-405B',
      tokens: 1e12,
      device: H100,
      cluster: { devices: 16 },
    };
    const answer = infeasible(request);
    expect(answer.reasons[0]?.constraint).toBe('memory');
    expect(answer.relaxation?.field).toBe('/cluster/devices');
    feasible({ ...request, cluster: { devices: answer.relaxation?.to as number } });
  });

  it('says when a cluster misses the deadline, by how many days', () => {
    const answer = infeasible({ ...PRETRAIN_8B, cluster: { devices: 8 }, deadlineDays: 30 });
    expect(answer.reasons[0]).toMatchObject({ constraint: 'deadline', required: 30, unit: 'days' });
    expect(answer.relaxation?.field).toBe('/deadlineDays');
  });

  it.each([
    [{ layout: { tensorParallel: 3 } }, 'tensor_parallel_divides'],
    [{ layout: { tensorParallel: 8, pipelineParallel: 32 } }, 'layout_exceeds_cluster'],
    [{ precision: 'nvfp4' }, 'precision_unknown'],
    [{ cluster: { devices: 4096 }, globalBatchTokens: 8192 }, 'batch_below_data_parallel'],
  ] as [Partial<TrainingRequest>, string][])('%j: %s', (change, constraint) => {
    const answer = infeasible({ ...PRETRAIN_8B, cluster: { devices: 64 }, ...change });
    expect(answer.reasons.map((reason) => reason.constraint)).toContain(constraint);
  });
});

it('stores as many checkpoints as it bills', () => {
  const { storage, run } = feasible({ ...PRETRAIN_8B, data: { checkpointsKept: 40 } });
  expect(storage?.checkpointTerabytes).toBeCloseTo((40 * run.checkpointGigabytes) / 1000, 9);
});

it.each([
  { model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, device: 'aws-inferentia2' },
  { model: 'resnet-50', images: 1e8, device: 'aws-inferentia2' },
])('a chip for inference trains nothing, also where it is named: %j', (request) => {
  const { reasons, relaxation } = infeasible(request);
  expect(reasons).toMatchObject([{ constraint: 'inference_only' }]);
  expect(relaxation?.field).toBe('/device');
});

describe('unusual requests get an answer with finite figures', () => {
  const finite = (value: unknown): boolean =>
    typeof value === 'number'
      ? Number.isFinite(value)
      : typeof value !== 'object' || value === null || Object.values(value).every(finite);

  it.each<TrainingRequest>([
    // no network between nodes, yet more than one is needed
    { ...PRETRAIN_8B, cluster: { fabric: 'none' }, deadlineDays: 1 },
    { ...PRETRAIN_8B, cluster: { fabric: 'none', devices: 64 } },
    // pairs of cards with a bridge, eight in a machine
    {
      model: 'Qwen/Qwen-14B',
      tokens: 306,
      sequenceLength: 7,
      device: 'nvidia-rtx-a6000-48gb',
      cluster: { devices: 8 },
    },
    // a stage that no cluster makes short, on capacity that is taken away
    {
      model: 'Qwen/Qwen3-4B',
      tokens: 4e6,
      stages: [{ tokens: 2e6, sequenceLength: 1 }],
      purchase: { category: 'spot' },
    },
    {
      model: 'meta-llama/Llama-3.1-8B',
      tokens: 1e8,
      device: H100,
      method: 'lora',
      stages: [{ tokens: 1e9, sequenceLength: 32_768 }],
    },
    { ...PRETRAIN_8B, tokens: 1e18, deadlineDays: 0.000001, cluster: { objective: 'fastest' } },
  ])('%j', (request) => {
    const answer = estimate(request);
    expect(answer.summary).not.toMatch(/NaN|Infinity|undefined/);
    expect(finite(answer)).toBe(true);
  });

  it('needs a network where the devices of one link domain are too few', () => {
    const request: TrainingRequest = { ...PRETRAIN_8B, cluster: { fabric: 'none', devices: 64 } };
    const { reasons, relaxation } = infeasible(request);
    expect(reasons[0]?.constraint).toBe('network_missing');
    expect(relaxation?.field).toBe('/cluster/fabric');
  });
});

describe('a request that cannot be taken', () => {
  it.each([
    [{ model: 'meta-llama/Llama-3.1-8B' }, '/tokens', 'required'],
    [{ model: 'meta-llama/Llama-3.1-8B', tokens: 1e9, images: 5 }, '/images', 'contradiction'],
    [{ model: 'DeepSeek-V4-Pro', tokens: 1e9 }, '/model', 'unsupported_architecture'],
    [{ model: 'Nemotron-3-Nano', tokens: 1e9 }, '/model', 'unsupported_architecture'],
    [{ model: 'resnet50-v1.5', tokens: 1e9 }, '/tokens', 'contradiction'],
    [{ ...PRETRAIN_8B, loraRank: 8 }, '/loraRank', 'contradiction'],
    [{ ...PRETRAIN_8B, sequenceLength: 10_000_000 }, '/sequenceLength', 'maximum'],
    [{ ...PRETRAIN_8B, run: { spotInterruptionsPerNodeDay: 1 } }, '/run/spotInterruptionsPerNodeDay', 'contradiction'],
  ] as [TrainingRequest, string, string][])('%j is refused at %s by %s', (request, pointer, rule) => {
    try {
      estimate(request);
    } catch (error) {
      if (!(error instanceof RequestFaultError)) throw error;
      expect(error.faults[0]).toMatchObject({ pointer, rule });
      return;
    }
    throw new Error('The request was taken.');
  });
});

describe('the network of a cluster', () => {
  const network = (request: TrainingRequest) =>
    feasible(request).assumptions.find(({ field }) => field === '/cluster/fabric');

  it('is assumed where it is not named and there is more than one machine, with a warning on marketplaces', () => {
    expect(network({ ...PRETRAIN_8B, cluster: { devices: 256 } })?.value).toBe('infiniband_400g');
    expect(network({ ...PRETRAIN_8B, cluster: { devices: 256, fabric: 'roce_400g' } })).toBeUndefined();
    expect(network({ ...PRETRAIN_8B, tokens: 1e9, cluster: { devices: 8 } })).toBeUndefined();
    const single = network({
      ...PRETRAIN_8B,
      tokens: 1e10,
      device: 'nvidia-rtx-a6000-48gb',
      cluster: { devices: 16 },
      location: { provider: 'runpod' },
    });
    expect(single?.reason).toContain('marketplace');
  });
});

it('takes machines of 8 for an A100 of 40 GB, as most are sold (p4d.24xlarge, DGX A100), and joins them', () => {
  const run = { ...PRETRAIN_8B, tokens: 1e10, device: 'nvidia-a100-sxm4-40gb', deadlineDays: 3 };
  expect(feasible({ ...run, purchase: { category: 'capacity_block' } }).cluster.devices).toBe(16);
});

it.each([
  {
    model: 'meta-llama/Llama-3.1-8B',
    tokens: 1e10,
    device: 'nvidia-gb200-nvl72',
    cluster: { devices: 2 },
  },
  { model: 'Qwen/Qwen2.5-7B-Instruct', tokens: 1e8, method: 'lora', device: 'nvidia-gb200-nvl72' },
  { model: 'resnet50-v1.5', images: 1e8, device: 'nvidia-a100-sxm4-80gb', cluster: { devices: 3 } },
] as TrainingRequest[])(
  'experiments are a multiple of the run also where whole machines are paid for: %j',
  (request) => {
    const answer = feasible({ ...request, run: { experimentsMultiple: 2 } });
    expect(amountOf(answer, 'experiments') / amountOf(answer, 'compute')).toBeCloseTo(2, 4);
    expect(answer.run.experimentDeviceHours / answer.run.deviceHours.p50).toBeCloseTo(2, 4);
  },
);
