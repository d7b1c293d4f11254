/**
 * Whether the connections of separate devices (cameras, robots, vehicles) carry what they send to a place away from them, and that of a shelf
 * that nobody described what its users send and are sent: the mean rate against the median of the access network. Peaks may wait, but a mean
 * above it never gets through.
 */
import { accessNetworkDelay } from '../network/index.ts';
import { BITS_PER_BYTE, KB, SECONDS_PER_DAY } from '../units.ts';
import { atMost, type Check } from './check.ts';
import type { PlaceableSite, Stage } from './scenario.ts';

const BITS_PER_MEGABIT = 1e6;

/** Of a shelf away from its users; what fieldCost charges for a line pays for no more. */
const LINE_OF_SHELF = 'fibre';

const megabitsPerSecond = (messagesPerDay: number, kilobytes: number): number =>
  (messagesPerDay * kilobytes * KB * BITS_PER_BYTE) / SECONDS_PER_DAY / BITS_PER_MEGABIT;

export const lineChecks = (stage: Stage, site: PlaceableSite): Check[] => [
  ...linesOfThings(stage, site),
  ...lineOfShelf(stage, site),
];

/** One check for each group whose devices and connections are known. What a small model passes on is less than it received. */
function linesOfThings(stage: Stage, { userSide }: PlaceableSite): Check[] {
  const { groups, requestsPerDay, requestKilobytes, part, index } = stage;
  if (requestKilobytes === 0 || part === 'hard') return [];
  const whole = groups.reduce((sum, { share }) => sum + share, 0);
  return groups.flatMap(({ id, share, units, accessNetwork }) => {
    const network = accessNetworkDelay(accessNetwork);
    const megabits = network?.uplinkMbps ?? null;
    if (units === undefined || megabits === null || network === undefined || userSide.has(id)) return [];
    const needed = megabitsPerSecond((requestsPerDay * (share / whole)) / units, requestKilobytes);
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

/** Both directions. */
function lineOfShelf(stage: Stage, { id, kind, onlyFor, userSide }: PlaceableSite): Check[] {
  const { groups, requestsPerDay, requestKilobytes, responseKilobytes, part, index } = stage;
  const line = accessNetworkDelay(LINE_OF_SHELF);
  if (kind !== 'edge_box' || onlyFor === null || userSide.has(onlyFor) || part === 'hard' || line === undefined)
    return [];
  const whole = groups.reduce((sum, { share }) => sum + share, 0);
  const served = groups.find((group) => group.id === onlyFor)?.share ?? 0;
  const messagesPerDay = requestsPerDay * (served / whole);
  const directions = [
    { field: 'requestKilobytes', kilobytes: requestKilobytes, megabits: line.downlinkMbps, verb: 'receive' },
    { field: 'responseKilobytes', kilobytes: responseKilobytes, megabits: line.uplinkMbps, verb: 'send' },
  ] as const;
  return directions.flatMap(({ field, kilobytes, megabits, verb }) => {
    if (kilobytes === 0 || megabits === null) return [];
    const needed = megabitsPerSecond(messagesPerDay, kilobytes);
    return [
      atMost('line', {
        detail: `The devices of ${id} would ${verb} ${needed.toPrecision(3)} Mbit/s; ${line.name} carries ${megabits} Mbit/s that way at the median. Describe a site with a faster line and what it costs.`,
        required: megabits,
        actual: needed,
        unit: 'Mbit/s',
        change: {
          field: `/components/${index}/${field}`,
          from: kilobytes,
          to: Number((kilobytes * (megabits / needed) * 0.99).toPrecision(3)),
          effect: 'the line carries it',
        },
      }),
    ];
  });
}
