/** Sites of a question that describes none: the catalog's regions with a price, and edge devices where the users are. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { placeable } from '../devices/phone.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { greatCircleKm } from '../economics/great-circle.ts';
import { accessNetworkDelay } from '../network/index.ts';
import { cloudSite, rentedIn } from './cloud-site.ts';
import { LOCAL_NETWORKS } from './network-leg.ts';
import type { PlacementComponent, PlacementRequest, Site } from './request.ts';
import type { Group, PlaceableSite, Scenario } from './scenario.ts';
import { AVAILABILITY_OF_KIND, owned } from './site-defaults.ts';

/** An edge box that nobody described is not a hall of them. */
const OPEN_EDGE_STOCK = 8;

/** Devices for the field that can be bought. */
const edgeDevices = (snapshot: CatalogSnapshot, at: string): Device[] =>
  placeable(snapshot.devices).filter(
    (device) =>
      device.class === 'edge' &&
      device.tdpWatts !== null &&
      snapshot
        .offersOfDevice(device.id)
        .some((offer) =>
          snapshot
            .pricesOfOffer(offer.id, at)
            .some(({ category, amount }) => category === 'purchase' && amount !== null),
        ),
  );

/** Every edge device of the catalog with each group of users, or on each of the things they are. */
export const sitesWithUsers = (
  { snapshot, at, groups }: Pick<Scenario, 'snapshot' | 'at' | 'groups'>,
  kind: 'edge_box' | 'device_fleet',
): Site[] =>
  groups.map(({ id, country, units }) => ({
    id: `${kind === 'edge_box' ? 'edge' : 'on-device'}/${id}`,
    kind,
    country,
    userGroups: [id],
    ...(kind === 'device_fleet' && { units: units ?? 1 }),
    devices: edgeDevices(snapshot, at).map((device) => ({
      device: device.id,
      ...(kind === 'edge_box' && { stock: OPEN_EDGE_STOCK }),
    })),
  }));

/** The catalog's regions with a price, and edge devices where the users are. */
export function openSites(
  snapshot: CatalogSnapshot,
  { components, policies = {} }: PlacementRequest,
  groups: readonly Group[],
  at: string,
  log: AssumptionLog,
): PlaceableSite[] {
  const clouds = [...snapshot.regions]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((region) => {
      const devices = rentedIn(snapshot, region, policies, at);
      return devices.length === 0
        ? []
        : [cloudSite(snapshot, region, { id: region.id, kind: 'cloud_region', region: region.id }, null, devices, log)];
    });
  const edges = edgeDevices(snapshot, at);
  const atUsers = groups.map((group): PlaceableSite => {
    const kind = group.units === undefined ? 'edge_box' : 'device_fleet';
    const id = `${kind === 'edge_box' ? 'edge' : 'on-device'}/${group.id}`;
    const together = areTogether(group, components);
    if (kind === 'edge_box') {
      log.add({
        id: 'site.edge_stock',
        field: '/sites',
        value: OPEN_EDGE_STOCK,
        unit: 'devices of a kind',
        range: null,
        source: 'judgement',
        reason: 'No site was described: besides the regions of clouds a shelf of devices at most.',
      });
      log.add({
        id: `site.edge_place.${group.id}`,
        field: '/sites',
        value: together ? 'with the users' : 'in their country',
        unit: null,
        range: null,
        source: 'judgement',
        reason: together
          ? 'The users are connected by a local network, or what they ask can only be done where they are: they are taken to be at one place, and the shelf with them.'
          : 'The users of a country are not at one place: the shelf stands in a city of it, as a region of a cloud would, and is reached over their access network; its own line is one of fibre. Describe a site to place it with them, or with a faster line.',
      });
    }
    return {
      id,
      kind,
      description: { id, kind, country: group.country },
      pointer: null,
      region: null,
      country: group.country,
      point: together ? group.point : placeInCountry(snapshot, group),
      providerId: null,
      operatorCountry: group.country,
      units: group.units ?? 1,
      onlyFor: group.id,
      userSide: new Set(together ? [group.id] : []),
      devices: edges.map((device) => ({
        device,
        custom: null,
        stock: kind === 'edge_box' ? OPEN_EDGE_STOCK : null,
        leadTimeDays: 0,
        purchases: [owned(policies)],
        userDevices: null,
        powerLimitWatts: null,
        pointer: null,
      })),
      availability: log.resolve(undefined, AVAILABILITY_OF_KIND[kind]).value,
      // an edge site away from its users has a line of its own
      egressUsdPerGb: together ? (group.uplinkUsdPerGb ?? null) : null,
      ingressUsdPerGb: together ? (group.uplinkUsdPerGb ?? null) : null,
    };
  });
  return [...atUsers, ...clouds];
}

/** With users somewhere in a country, no nearer to them than the nearest region of a cloud there. */
function placeInCountry({ regions }: CatalogSnapshot, { country, point, latitude, longitude }: Group): Group['point'] {
  if (latitude !== undefined && longitude !== undefined) return point;
  const distances = regions
    .filter((region) => region.country === country)
    .map((region) => ({ region, km: greatCircleKm(point, region) }));
  const nearest = distances.reduce<(typeof distances)[number] | null>(
    (one, other) => (one !== null && one.km <= other.km ? one : other),
    null,
  );
  return nearest === null ? point : { latitude: nearest.region.latitude, longitude: nearest.region.longitude };
}

/** Things with a device each, users on a local network, and users whose demands no place reached over their access network meets. */
function areTogether({ units, accessNetwork }: Group, components: readonly PlacementComponent[]): boolean {
  if (units !== undefined || LOCAL_NETWORKS.includes(accessNetwork)) return true;
  const access = accessNetworkDelay(accessNetwork)?.p95Ms ?? 0;
  return components.some(
    ({ offlineToleranceHours = 0, latency }) =>
      offlineToleranceHours > 0 || (latency !== undefined && latency.milliseconds < access),
  );
}
