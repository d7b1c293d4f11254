/**
 * Whether the connections of separate devices (cameras, robots, vehicles) carry what they send to a place away from them: the mean rate of
 * their requests against the median uplink of their access network. Peaks may wait, but a mean above the uplink never gets through.
 */
import { accessNetworkDelay } from '../network/index.ts';
import { BITS_PER_BYTE, KB, SECONDS_PER_DAY } from '../units.ts';
import { atMost, type Check } from './check.ts';
import type { PlaceableSite, Stage } from './scenario.ts';

const BITS_PER_MEGABIT = 1e6;

/** One check for each group whose devices and connections are known. What a small model passes on is less than it received. */
export function lineChecks(stage: Stage, { userSide }: PlaceableSite): Check[] {
  const { groups, requestsPerDay, requestKilobytes, part, index } = stage;
  if (requestKilobytes === 0 || part === 'hard') return [];
  const whole = groups.reduce((sum, { share }) => sum + share, 0);
  return groups.flatMap(({ id, share, units, accessNetwork }) => {
    const network = accessNetworkDelay(accessNetwork);
    const megabits = network?.uplinkMbps ?? null;
    if (units === undefined || megabits === null || network === undefined || userSide.has(id)) return [];
    const bytesPerSecond = (requestsPerDay * (share / whole) * requestKilobytes * KB) / units / SECONDS_PER_DAY;
    const needed = (bytesPerSecond * BITS_PER_BYTE) / BITS_PER_MEGABIT;
    const fitting = requestKilobytes * (megabits / needed);
    return [
      atMost('line', {
        detail: `Each of the ${units.toLocaleString('en-US')} things of ${id} would send ${needed.toPrecision(3)} Mbit/s; ${network.name} carries ${megabits} Mbit/s upwards at the median.`,
        required: megabits,
        actual: needed,
        unit: 'Mbit/s',
        change: {
          field: `/components/${index}/requestKilobytes`,
          from: requestKilobytes,
          to: Number((fitting * 0.99).toPrecision(3)),
          effect: 'the line carries it: smaller or fewer pictures',
        },
      }),
    ];
  });
}
