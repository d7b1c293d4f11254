/** What is wrong with a placement question is said at the field, whatever is wrong with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededApplication } from '../../scripts/contract/seeded-application.ts';
import type { App } from '../../src/http/application.ts';

let app: App;
beforeAll(async () => {
  app = await seededApplication();
});
afterAll(() => app.close());

const component = { id: 'chat', model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1000 };
const valid = {
  components: [component],
  userGroups: [{ country: 'AE' }],
  sites: [{ id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth', devices: [{ device: 'nvidia-a10-24gb' }] }],
};
const ask = async (change: object) => {
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/deployment-placements',
    payload: { ...valid, ...change },
  });
  return { status: answer.statusCode, body: answer.json() };
};

describe('a question that cannot be taken', () => {
  it.each([
    ['an unknown trade', { components: [{ ...component, sector: 'bankng' }] }, 422, '#/components/0/sector'],
    ['an unknown model', { components: [{ ...component, model: 'llama-9' }] }, 422, '#/components/0/model'],
    ['no work at all', { components: [{ id: 'x', requestsPerDay: 1 }] }, 400, '#/components/0/model'],
    [
      'two works',
      { components: [{ ...component, function: { name: 'f', gigaflopsPerCall: 1 } }] },
      422,
      '#/components/0/function',
    ],
    [
      'an unknown region',
      { sites: [{ id: 'a', kind: 'cloud_region', region: 'azure/uaenort' }] },
      422,
      '#/sites/0/region',
    ],
    [
      'an unknown device',
      { sites: [{ id: 'a', kind: 'edge_box', devices: [{ device: 'jetson' }] }] },
      422,
      '#/sites/0/devices/0/device',
    ],
    ['a site of no kind', { sites: [{ id: 'a', country: 'AE' }] }, 400, '#/sites/0/kind'],
    ['a site without devices', { sites: [{ id: 'a', kind: 'room' }] }, 400, '#/sites/0/devices'],
    [
      'an edge to nowhere',
      { edges: [{ from: 'chat', to: 'nobody', callsPerDay: 1, requestKilobytes: 1 }] },
      422,
      '#/edges/0/to',
    ],
    [
      'shares above one',
      {
        userGroups: [
          { country: 'AE', share: 0.8 },
          { country: 'SA', share: 0.8 },
        ],
      },
      422,
      '#/userGroups/0/share',
    ],
    ['an exclusion of nothing', { policies: { excluded: ['azur'] } }, 422, '#/policies/excluded/0'],
    [
      'a quota of an unknown device',
      { policies: { quotas: [{ device: 'a10', mostDevices: 1 }] } },
      422,
      '#/policies/quotas/0/device',
    ],
    ['half a position of users', { userGroups: [{ country: 'AE', latitude: 25 }] }, 400, '#/userGroups/0/longitude'],
    [
      'half a position of a site',
      { sites: [{ id: 'a', kind: 'room', longitude: 55, devices: [{ device: 'nvidia-a10-24gb' }] }] },
      400,
      '#/sites/0/latitude',
    ],
    [
      'a zone whose law binds nobody',
      { components: [{ ...component, freeZone: 'QA-QFC' }] },
      422,
      '#/components/0/freeZone',
    ],
    [
      'a misspelt zone of those the data is about',
      { components: [{ ...component, freeZone: 'AE-DIFX' }] },
      422,
      '#/components/0/freeZone',
    ],
    [
      'a misspelt zone of a site',
      {
        sites: [
          { id: 'a', kind: 'room', country: 'AE', freeZone: 'AE-ADMG', devices: [{ device: 'nvidia-a10-24gb' }] },
        ],
      },
      422,
      '#/sites/0/freeZone',
    ],
    [
      'a zone of another country than the site',
      {
        sites: [
          { id: 'a', kind: 'room', country: 'SA', freeZone: 'AE-DIFC', devices: [{ device: 'nvidia-a10-24gb' }] },
        ],
      },
      422,
      '#/sites/0/freeZone',
    ],
    ['the same name twice', { components: [component, component] }, 422, '#/components/1/id'],
    [
      'a first token of a model that writes none',
      {
        components: [
          { ...component, model: 'ultralytics/yolov8s', latency: { milliseconds: 50, measure: 'time_to_first_token' } },
        ],
      },
      422,
      '#/components/0/latency/measure',
    ],
    [
      'a training that never runs',
      { components: [{ ...component, requestsPerDay: 1e-9, training: { method: 'lora', tokens: 50_000_000 } }] },
      422,
      '#/components/0/requestsPerDay',
    ],
    ['a misspelt field', { components: [{ ...component, offlineHours: 3 }] }, 400, '#/components/0/offlineHours'],
    [
      'an access network that is none',
      { userGroups: [{ country: 'AE', accessNetwork: '6g' }] },
      400,
      '#/userGroups/0/accessNetwork',
    ],
    [
      'tokens for a vision model',
      { components: [{ ...component, model: 'ultralytics/yolov8s', promptTokens: { mean: 10 } }] },
      422,
      '#/components/0/promptTokens',
    ],
  ])('%s', async (_name, change, status, pointer) => {
    const { status: answered, body } = await ask(change);
    expect(answered).toBe(status);
    expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
  });

  it('names the nearest region', async () => {
    const { body } = await ask({ sites: [{ id: 'a', kind: 'cloud_region', region: 'azure/uaenort' }] });
    expect(body.detail).toContain("Did you mean 'azure/uaenorth'");
  });
});

it('takes a site that names a region and no kind as that region', async () => {
  const sites = valid.sites.map(({ kind: _kind, ...site }) => site);
  const { status, body } = await ask({ sites });
  expect(status).toBe(200);
  expect(body).toEqual((await ask({})).body);
});

it('gives the same bytes for its own echo', async () => {
  const first = await app.inject({ method: 'POST', url: '/v1/deployment-placements', payload: valid });
  expect(first.statusCode).toBe(200);
  const again = await app.inject({ method: 'POST', url: '/v1/deployment-placements', payload: first.json().request });
  expect(again.body).toBe(first.body);
});

it('gives changes as the request takes them, lists as lists', async () => {
  const asked = { ...valid, components: [{ ...component, dataClasses: ['public'] }] };
  const ask = async (body: object) => {
    const answer = await app.inject({ method: 'POST', url: '/v1/deployment-placements', payload: body });
    expect(answer.statusCode, answer.body).toBe(200);
    return answer.json();
  };
  const barred = await ask({ ...asked, policies: { countries: ['DE'] } });
  expect(barred).toMatchObject({ status: 'infeasible', verified: true });
  expect(barred.changes).toEqual([
    expect.objectContaining({ field: '/policies/countries', from: ['DE'], to: ['DE', 'AE'] }),
  ]);
  expect(barred.stages[0].rejected[0].failures[0].change.to).toEqual(['DE', 'AE']);
  const changed = await ask({ ...asked, policies: { countries: barred.changes[0].to } });
  expect(changed.costPerMonth.total.amount).toBe(barred.usdPerMonthThen);
});

it('takes a training that seldom runs', async () => {
  const job = { ...component, requestsPerDay: 1 / 3650, training: { method: 'lora', tokens: 50_000_000 } };
  const { status, body } = await ask({ components: [job] });
  expect(status, JSON.stringify(body)).toBe(200);
});

it('a site that would give a question its plan is written out, and is taken as it is written', async () => {
  const far = {
    components: [{ ...component, dataClasses: ['public'] }],
    policies: { countries: ['DE'] },
  };
  const { status, body } = await ask(far);
  expect(status).toBe(200);
  expect(body.status).toBe('infeasible');
  const [more] = body.elsewhere.changes;
  expect(more).toMatchObject({ field: '/sites/1', from: null, to: { kind: 'cloud_region' } });
  const then = await ask({ ...far, sites: [...valid.sites, more.to] });
  expect(then.body.status).toBe('feasible');
  expect(then.body.costPerMonth.total.amount).toBe(body.elsewhere.usdPerMonth);
});

it('answers for a program on devices whose memory nobody states', async () => {
  const { status, body } = await ask({
    components: [{ id: 'tracker', function: { name: 'tracker', gigaflopsPerCall: 0.5 }, requestsPerDay: 100_000 }],
    userGroups: [{ country: 'PK', units: 50 }],
    sites: undefined,
  });
  expect([status, body.status]).toEqual([200, 'feasible']);
});
