import { Decimal } from 'decimal.js';
import { describe, expect, it } from 'vitest';
import { changedRequest } from '../../../../src/domain/estimate/changed-request.ts';
import { RequestFaultError } from '../../../../src/domain/estimate/request-fault.ts';
import type { FeasibleTraining } from '../../../../src/domain/training/estimate-result.ts';
import type { TrainingRequest } from '../../../../src/domain/training/request.ts';
import { estimate, feasible, infeasible } from '../seeded-estimates.ts';

const A100 = 'nvidia-a100-sxm4-80gb';

const BERT: TrainingRequest = { model: 'google-bert/bert-large-uncased', tokens: 1e9, device: A100 };
const SDXL: TrainingRequest = { model: 'stable-diffusion-xl', images: 5e8, device: A100 };
const WHISPER: TrainingRequest = { model: 'whisper-large-v3', audioHours: 680_000, device: 'nvidia-h100-sxm5-80gb' };
const RESNET: TrainingRequest = { model: 'resnet50-v1.5', images: 115_000_000, device: A100 };

describe('training counted in samples', () => {
  it('takes the size of the data set that is given, and then assumes none', () => {
    const given = feasible({ ...RESNET, data: { datasetTerabytes: 5 } });
    const bytes = given.cost.lineItems.find(({ id }) => id === 'storage.dataset')?.inputs[0]?.value;
    expect(bytes).toBe(5e12);
    const assumed = ({ assumptions }: FeasibleTraining) => assumptions.map(({ field }) => field);
    expect(assumed(feasible(RESNET))).toContain('/data/datasetTerabytes');
    expect(assumed(given)).not.toContain('/data/datasetTerabytes');
  });

  it('spreads the states of a model that no device holds whole, and a device alone is refused it', () => {
    const flux = { model: 'black-forest-labs/FLUX.1-dev', images: 1e8, device: 'nvidia-h100-sxm5-80gb' };
    expect(feasible(flux).cluster.devices).toBeGreaterThanOrEqual(8);
    expect(infeasible({ ...flux, cluster: { devices: 1 } }).reasons).toMatchObject([{ constraint: 'memory' }]);
  });

  it.each([BERT, SDXL, WHISPER, RESNET])(
    '$model: three passes, a bill that sums, bands around every figure',
    (request) => {
      const answer = feasible(request);
      const amount = (request.tokens ?? request.images ?? request.audioHours) as number;
      expect(answer.flops.totalFlops).toBeCloseTo(answer.flops.modelFlopsPerToken * amount, -3);
      const sum = answer.cost.lineItems.reduce((total, item) => total.plus(item.amount.amount), new Decimal(0));
      expect(answer.cost.total.amount.amount).toBe(sum.toFixed(4));
      for (const band of [answer.run.wallClockDays, answer.run.deviceHours, answer.cost.total.band]) {
        expect(band.p10).toBeGreaterThan(0);
        expect(band.p10).toBeLessThan(band.p50);
        expect(band.p50).toBeLessThan(band.p90);
      }
      expect(answer.summary).toMatch(/tokens|images|hours of audio/);
    },
  );

  it('counts the work of an encoder as 6 FLOP per weight and token and its attention', () => {
    const { flops } = feasible({ ...BERT, sequenceLength: 512 });
    const matrices = 24 * (4 * 1024 ** 2 + 2 * 1024 * 4096);
    const attention = 24 * 12 * 512 * 1024;
    expect(flops.modelFlopsPerToken / (6 * matrices + attention)).toBeCloseTo(1, 6);
  });

  it('trains twice the work in twice the hours on the same devices', () => {
    const fixed = { ...SDXL, cluster: { devices: 64 } };
    const once = feasible(fixed).run.cleanHours;
    expect(feasible({ ...fixed, images: 1e9 }).run.cleanHours / once).toBeCloseTo(2, 6);
  });

  it('takes a larger cluster for an earlier deadline, and the fastest a budget pays for', () => {
    const patient = feasible({ ...SDXL, deadlineDays: 120 });
    const hurried = feasible({ ...SDXL, deadlineDays: 15 });
    expect(hurried.cluster.devices).toBeGreaterThan(patient.cluster.devices);
    expect(hurried.run.wallClockDays.p50).toBeLessThan(15 * 1.6);
    const fastest = feasible({ ...SDXL, cluster: { objective: 'fastest' }, budgetUsd: '400000' });
    expect(fastest.run.wallClockDays.p50).toBeLessThan(patient.run.wallClockDays.p50);
    expect(fastest.budget?.computeUsd).toBeLessThanOrEqual(400_000);
  });

  it('compares devices where none is named', () => {
    const { device: _device, ...open } = SDXL;
    const { selection } = feasible(open);
    expect(selection.rule).toContain('No device was named');
    expect(selection.alternatives).toHaveLength(2);
  });
});

describe('detectors', () => {
  // README of ultralytics/yolov5: 1, 2, 4, 6 and 8 days on one V100, 300 epochs of COCO
  it.each([
    ['n', 1.9, 4.5, 1],
    ['s', 7.2, 16.5, 2],
    ['m', 21.2, 49, 4],
    ['l', 46.5, 109.1, 6],
    ['x', 86.7, 205.7, 8],
  ])('YOLOv5%s: the stated days lie in the band', (size, parametersMillions, gigaflopsPerImage, days) => {
    const answer = estimate({
      customVisionModel: {
        name: `YOLOv5${size}`,
        task: 'detection',
        parametersMillions,
        gigaflopsPerImage,
        inputHeight: 640,
        inputWidth: 640,
      },
      images: 300 * 118_287,
      device: 'nvidia-v100-sxm2-32gb',
      cluster: { devices: 1 },
      run: { stageFactor: 1 },
    });
    if (answer.status !== 'feasible') throw new Error(answer.summary);
    const { p10, p50, p90 } = answer.run.wallClockDays;
    expect(p10).toBeLessThan(days);
    expect(p90).toBeGreaterThan(days);
    expect(Math.abs(p50 / days - 1)).toBeLessThan(0.3);
  });

  it('train in smaller batches where the usual one does not fit, and are refused where not one picture does', () => {
    const images = 118_287 * 100;
    const large = estimate({ model: 'ultralytics/yolov8x', images, device: 'nvidia-a100-sxm4-80gb' });
    expect(large.status).toBe('feasible');
    const customVisionModel = {
      name: 'maps of a city',
      task: 'detection' as const,
      parametersMillions: 90,
      gigaflopsPerImage: 12_000,
      inputHeight: 4096,
      inputWidth: 4096,
    };
    expect(estimate({ customVisionModel, images, device: 'nvidia-a100-sxm4-80gb' }).status).toBe('infeasible');
  });
});

describe('what cannot be trained as asked', () => {
  it.each<[string, TrainingRequest, string]>([
    ['a deadline', { ...SDXL, cluster: { devices: 8 }, deadlineDays: 3 }, '/deadlineDays'],
    ['a budget', { ...SDXL, budgetUsd: '100' }, '/budgetUsd'],
    ['a format that nobody measured', { ...BERT, device: 'nvidia-h100-sxm5-80gb', precision: 'fp8' }, '/precision'],
    ['a region without the device', { ...RESNET, location: { region: 'oci/me-dubai-1' } }, '/location/region'],
  ])('%s: the change named makes it feasible', (_title, request, field) => {
    const { relaxation, reasons } = infeasible(request);
    expect(reasons.length).toBeGreaterThan(0);
    expect(relaxation?.field).toBe(field);
    if (relaxation === null) return;
    feasible(changedRequest(request, relaxation.field, relaxation.to));
  });

  it('says that nothing has a price in a country, and where the nearest is', () => {
    const { device: _device, ...open } = RESNET;
    const { reasons, elsewhere } = infeasible({ ...open, location: { country: 'PK' } });
    expect(reasons[0]?.constraint).toBe('not_offered');
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(elsewhere[0]?.distanceKm).toBeGreaterThan(0);
  });

  it.each([
    [{ ...SDXL, tokens: 5 }, '/tokens', 'contradiction'],
    [{ ...BERT, images: 5 }, '/images', 'contradiction'],
    [{ model: 'whisper-large-v3' }, '/audioHours', 'required'],
    [{ ...BERT, sequenceLength: 4096 }, '/sequenceLength', 'maximum'],
    [{ ...SDXL, method: 'lora' }, '/method', 'choice'],
    [{ ...SDXL, globalBatchTokens: 5 }, '/globalBatchTokens', 'contradiction'],
    [{ model: 'mlperf/dlrm-v2', images: 5 }, '/model', 'unsupported_kind'],
    [{ ...SDXL, cluster: { devices: 8, objective: 'fastest' } }, '/cluster/objective', 'contradiction'],
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

describe('what limits a run counted in samples', () => {
  it.each([
    ['deadline', { ...SDXL, deadlineDays: 25 }],
    ['deadline', { ...WHISPER, deadlineDays: 1 }],
    ['deadline', { ...SDXL, images: 5e9 }],
    ['compute', { ...SDXL, cluster: { devices: 64 } }],
    ['compute', { ...RESNET, cluster: { devices: 8 } }],
    ['compute', BERT],
    ['budget', { ...SDXL, budgetUsd: '150000', cluster: { objective: 'fastest' } }],
  ] as const)('%s: the change that is named does what it says when it is applied (%#)', (constraint, request) => {
    const before = feasible(request);
    expect(before.bindingConstraint.constraint).toBe(constraint);
    const { relaxation } = before.bindingConstraint;
    if (relaxation === null) throw new Error(before.bindingConstraint.explanation);
    const after = feasible(changedRequest(request, relaxation.field, relaxation.to));
    const days = (answer: FeasibleTraining) => answer.run.wallClockDays.p50;
    const hours = (answer: FeasibleTraining) => answer.run.deviceHours.p50;
    expect(days(after) < days(before) || hours(after) < hours(before)).toBe(true);
    expect(relaxation.effect).toContain(`on ${after.cluster.devices.toLocaleString('en-US')} devices`);
  });
});
