/** Who uses it, from where and over which network. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions, type Point } from '../economics/great-circle.ts';
import { refuse } from '../estimate/request-fault.ts';
import { isMetered, mobileDataPrice } from '../network/index.ts';
import type { PlacementRequest, UserGroup } from './request.ts';
import type { Group } from './scenario.ts';
import { unique } from './unique-ids.ts';

/** Access network where none is named. */
const DEFAULT_ACCESS = 'fibre';

export function groupsOf(snapshot: CatalogSnapshot, request: PlacementRequest, log: AssumptionLog): Group[] {
  const { userGroups } = request;
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
    const point = pointOf(snapshot, group, id, index, log);
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
    const accessNetwork = group.accessNetwork ?? DEFAULT_ACCESS;
    const uplinkUsdPerGb =
      group.uplinkUsdPerGb ??
      (bringTheirOwn(request, id) ? undefined : lineOfThings(group, accessNetwork, id, index, log));
    return {
      ...group,
      ...(uplinkUsdPerGb !== undefined && { uplinkUsdPerGb }),
      id,
      index,
      point,
      accessNetwork,
      share: group.share ?? Math.max(0, 1 - given) / without,
    };
  });
  unique(
    groups.map(({ id }) => id),
    'userGroups',
  );
  return groups;
}

/** Where its users are taken to be: all at one point. */
function pointOf(
  snapshot: CatalogSnapshot,
  { country, latitude, longitude }: UserGroup,
  id: string,
  index: number,
  log: AssumptionLog,
): Point {
  if (latitude !== undefined && longitude !== undefined) return { latitude, longitude };
  const capital = capitalOf(country);
  const point =
    capital ??
    centreOfRegions(snapshot.regions, country) ??
    refuse(
      `/userGroups/${index}/latitude`,
      'required',
      `Where in ${country} the users are is not known; give latitude and longitude.`,
    );
  log.add({
    id: `users.place.${id}`,
    field: `/userGroups/${index}/latitude`,
    value: `${point.latitude.toFixed(1)}, ${point.longitude.toFixed(1)}`,
    unit: 'degrees north, east',
    range: null,
    source: capital === null ? 'places of the regions of clouds in the catalog' : 'GeoNames',
    reason: `Where in ${country} the users are was not given: ${capital === null ? 'the middle of the regions of clouds there' : 'its capital'}. Those far from it wait longer; several groups tell them apart.`,
  });
  return point;
}

/** Whose phones or computers are among the sites: people, however many of them are counted as units. */
const bringTheirOwn = ({ sites = [] }: PlacementRequest, id: string): boolean =>
  sites.some(
    ({ devices = [], userGroups }) =>
      devices.some(({ userDevices }) => userDevices !== undefined) && userGroups?.includes(id) !== false,
  );

/** People pay for their own connections; those of devices on their own are paid for by the operator. */
function lineOfThings(
  { units, country }: UserGroup,
  accessNetwork: string,
  id: string,
  index: number,
  log: AssumptionLog,
): number | undefined {
  if (units === undefined || !isMetered(accessNetwork)) return undefined;
  const known = mobileDataPrice(country, accessNetwork);
  log.add({
    id: `users.uplink_usd_per_gb.${id}`,
    field: `/userGroups/${index}/uplinkUsdPerGb`,
    value: known?.usdPerGb ?? 0,
    unit: 'USD per GB',
    range: known === undefined ? null : { low: known.low, high: known.high },
    source: known?.source ?? `no price of data over ${accessNetwork} in ${country} was read`,
    reason:
      known === undefined
        ? 'The price of their data was not given: their traffic is counted in GB and not in money.'
        : 'The price of their data was not given: the average of mobile data there.',
  });
  return known?.usdPerGb;
}
