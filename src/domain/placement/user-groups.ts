/** Who uses it, from where and over which network. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions } from '../economics/great-circle.ts';
import { refuse } from '../estimate/request-fault.ts';
import type { PlacementRequest } from './request.ts';
import type { Group } from './scenario.ts';
import { unique } from './unique-ids.ts';

/** Access network where none is named. */
const DEFAULT_ACCESS = 'fibre';

export function groupsOf(snapshot: CatalogSnapshot, { userGroups }: PlacementRequest, log: AssumptionLog): Group[] {
  const given = userGroups.reduce((sum, { share }) => sum + (share ?? 0), 0);
  const without = userGroups.filter(({ share }) => share === undefined).length;
  if (without === 0 && Math.abs(given - 1) > 1e-3)
    refuse('/userGroups/0/share', 'contradiction', `The shares of the user groups add up to ${given}, not to 1.`);
  if (given > 1 + 1e-9)
    refuse('/userGroups/0/share', 'contradiction', `The shares of the user groups add up to ${given}; at most 1.`);
  const groups = userGroups.map((group, index) => {
    const id =
      group.id ??
      group.country.toLowerCase() +
        (userGroups.findIndex((it) => it.country === group.country && it.id === undefined) === index
          ? ''
          : `-${index + 1}`);
    const point =
      group.latitude !== undefined && group.longitude !== undefined
        ? { latitude: group.latitude, longitude: group.longitude }
        : (capitalOf(group.country) ??
          centreOfRegions(snapshot.regions, group.country) ??
          refuse(
            `/userGroups/${index}/latitude`,
            'required',
            `Where in ${group.country} the users are is not known; give latitude and longitude.`,
          ));
    if (group.accessNetwork === undefined)
      log.add({
        id: `users.access_network.${id}`,
        field: `/userGroups/${index}/accessNetwork`,
        value: DEFAULT_ACCESS,
        unit: null,
        range: null,
        source: 'judgement',
        reason: 'How the users are connected was not given.',
      });
    return {
      ...group,
      id,
      index,
      point,
      accessNetwork: group.accessNetwork ?? DEFAULT_ACCESS,
      share: group.share ?? Math.max(0, 1 - given) / without,
    };
  });
  unique(
    groups.map(({ id }) => id),
    'userGroups',
  );
  return groups;
}
