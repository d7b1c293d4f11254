/** The plan without each of the sites it uses. */
import type { Failover } from './answers.ts';
import { inOrder } from './in-order.ts';
import type { LostSites } from './lost-sites.ts';
import type { Tick } from './question-again.ts';

export const failovers = ({ ids, planWithout }: LostSites, tick: Tick): Promise<Failover[]> =>
  inOrder(ids, async (id): Promise<Failover> => {
    await tick();
    const { carbonKilogramsPerMonth: _carbon, ...failover } = await planWithout(id);
    return failover;
  });
