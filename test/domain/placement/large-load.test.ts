/** A load beyond all reason is answered, not reckoned with for hours. */
import { expect, it } from 'vitest';
import { placeDeployment } from '../../../src/domain/placement/place.ts';
import { AT, snapshot, tools } from './tools.ts';

it('a function that would keep billions of devices busy has no place, and the answer says why', async () => {
  const answer = await placeDeployment(
    snapshot,
    {
      components: [
        {
          id: 'f',
          function: { name: 'f', gigaflopsPerCall: 1e9 },
          requestsPerDay: 1e13,
          latency: { milliseconds: 1e8 },
          dataClasses: ['public'],
        },
      ],
      userGroups: [{ country: 'AE' }],
      sites: [{ id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' }],
    },
    AT,
    tools,
  );
  expect(answer.status).toBe('infeasible');
  expect(answer.stages[0]?.rejected[0]?.failures.map(({ detail }) => detail).join()).toMatch(/busy/);
});
