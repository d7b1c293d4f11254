/** Defaults of a plan are told by the fields of the placement that override them, and differing ones of two components both. */
import { expect, it } from 'vitest';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import { AT, snapshot, tools } from './tools.ts';

const request = {
  components: [
    { id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 10_000 },
    { id: 'eyes', model: 'resnet50-v1.5', requestsPerDay: 100_000 },
  ],
  userGroups: [{ country: 'DE' }],
  sites: [{ id: 'hall', kind: 'room' as const, devices: [{ device: 'nvidia-h100-sxm5-80gb', stock: 40 }] }],
};

it('names the component, the site or the terms that a default belongs to', async () => {
  const plan = await placeDeployment(snapshot, request, AT, tools);
  expect(plan.status).toBe('feasible');
  const fields = plan.assumptions.map(({ id, field, value }) => [id, field, value]);
  expect(fields).toContainEqual(['serving.weightFormat', '/components/0/serving/weightFormat', 'bf16']);
  expect(fields).toContainEqual(['serving.weightFormat', '/components/1/serving/weightFormat', 'int8']);
  expect(fields).toContainEqual(['traffic.peak_to_mean_ratio', '/components/0/traffic/peakToMeanRatio', 2]);
  expect(fields).toContainEqual(['owned.spare_percent', '/policies/owned/sparePercent', 5]);
  const of = (id: string) => plan.assumptions.find((it) => it.id.startsWith(id))?.field;
  expect(of('energy.pue')).toBe('/sites/0/pue');
  expect(of('energy.electricity')).toBe('/sites/0/electricityUsdPerKwh');
  expect(of('energy.embodied')).toBe('');
});

it('points at the terms of the device where they are given there', async () => {
  const devices = [{ device: 'nvidia-h100-sxm5-80gb', stock: 40, purchase: { category: 'owned' as const } }];
  const plan = await placeDeployment(
    snapshot,
    { ...request, sites: [{ id: 'hall', kind: 'room', devices }] },
    AT,
    tools,
  );
  const spares = plan.assumptions.find(({ id }) => id === 'owned.spare_percent');
  expect(spares?.field).toBe('/sites/0/devices/0/purchase/owned/sparePercent');
});

it('says that a place which nobody named has to be named first', async () => {
  const { sites: _, ...open } = request;
  const plan = await placeDeployment(snapshot, open, AT, tools);
  expect(plan.assumptions.find(({ id }) => id.startsWith('energy.grid'))?.field).toBe('/sites');
});
