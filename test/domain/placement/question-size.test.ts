/** A question that no instance could hold is refused before any work, with what to state; one below that is answered. */
import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import type { PlacementComponent, PlacementRequest } from '../../../src/domain/placement/request.ts';
import { AT, snapshot, tools } from './tools.ts';

const GROUPS = ['AE', 'SA', 'DE', 'PK', 'IN', 'US', 'GB', 'FR', 'BH', 'QA', 'KW', 'OM', 'EG', 'TR', 'SG', 'JP'];
const components = (count: number, further: Partial<PlacementComponent> = {}): PlacementComponent[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `c${index}`,
    model: 'ultralytics/yolov8n',
    requestsPerDay: 10_000,
    dataClasses: ['public'],
    ...further,
  }));
const groups = GROUPS.map((country) => ({ country }));

async function faultOf(request: PlacementRequest) {
  try {
    await placeDeployment(snapshot, request, AT, tools);
  } catch (error) {
    if (error instanceof RequestFaultError) return error.faults[0];
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('a question that is too large', () => {
  it('names the splits that make too many parts', async () => {
    const fault = await faultOf({
      components: components(200, { split: { kind: 'by_user_group' } }),
      userGroups: groups,
    });
    expect(fault?.pointer).toBe('/components/0/split');
    expect(fault?.detail).toMatch(/3,200 parts .* at most 2,500/);
  });

  it('asks for sites where every region is a candidate', async () => {
    const fault = await faultOf({
      components: components(120, { split: { kind: 'by_user_group' } }),
      userGroups: groups,
    });
    expect(fault?.pointer).toBe('/sites');
    expect(fault?.detail).toMatch(/Name the sites/);
  });

  it('asks for the sites of each component where many are given', async () => {
    const fault = await faultOf({
      components: components(500),
      userGroups: [{ country: 'AE' }],
      sites: Array.from({ length: 100 }, (_, index) => ({
        id: `s${index}`,
        kind: 'room',
        devices: ['nvidia-a10-24gb', 'nvidia-l4-24gb', 'nvidia-t4-16gb'].map((device) => ({ device })),
      })),
    });
    expect(fault?.pointer).toBe('/components/0/sites');
    expect(fault?.detail).toMatch(/components\[\]\.sites/);
  });
});

it('holds a long chain of divided components to a program of bounded size, and says how good its plan is', {
  timeout: 60_000,
}, async () => {
  const chain = components(4, { availability: 0.99999 });
  const sizes: number[] = [];
  const answer = await placeDeployment(
    snapshot,
    {
      components: chain,
      userGroups: [{ country: 'AE' }],
      paths: [{ components: chain.map(({ id }) => id), milliseconds: 60_000 }],
    },
    AT,
    {
      ...tools,
      solve: (program, limits) => {
        sizes.push(program.constraints.reduce((sum, { terms }) => sum + terms.length, 0));
        return tools.solve(program, limits);
      },
    },
  );
  expect(answer.status).toBe('feasible');
  expect(answer.proof?.gap).toBeLessThan(0.01);
  // a row for each pair of sites of each call would make four hundred thousand
  expect(Math.max(...sizes)).toBeLessThan(50_000);
});
