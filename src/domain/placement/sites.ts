/** Where stages may go: the sites that the question describes, or the catalog's regions and edge devices at the users. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { placeable } from '../devices/phone.ts';
import { type AssumptionLog, sourcedDefault } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions } from '../economics/great-circle.ts';
import { powerModes } from '../edge/index.ts';
import { devicePower } from '../energy/index.ts';
import { refuse } from '../estimate/request-fault.ts';
import { catalogDevice, customDevice } from '../estimate/resolve-device.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { accessNetworkDelay } from '../network/index.ts';
import { WATTS_PER_KILOWATT } from '../units.ts';
import { LOCAL_NETWORKS } from './network-leg.ts';
import type { PlacementComponent, PlacementRequest, Policies, Site, SiteKind } from './request.ts';
import type { Group, PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';
import { unique } from './unique-ids.ts';

/** Devices of the users, at no cost to the operator. */
const FREE: Purchase = { usdPerDeviceHour: '0' };
const MONTHLY_ON_DEMAND: Purchase = { category: 'on_demand' };
/** Owned: at the site, or bought for it. */
const OWNED: Purchase = { category: 'owned' };
/** An edge box that nobody described is not a hall of them. */
const OPEN_EDGE_STOCK = 8;

const AVAILABILITY: Readonly<Record<SiteKind, number>> = {
  device_fleet: 0.99,
  edge_box: 0.99,
  room: 0.9974,
  colocation: 0.9998,
  cloud_region: 0.9999,
};
const AVAILABILITY_OF_KIND = Object.fromEntries(
  Object.entries(AVAILABILITY).map(([kind, value]) => [
    kind,
    sourcedDefault({
      id: `site.availability.${kind}`,
      field: '/sites/0/availability',
      value,
      unit: 'share of time',
      range: null,
      kind: 'assumed',
      source:
        'Uptime Institute tiers II (99.741 %) for rooms and III (99.982 %) for colocation; 99.99 % is what large clouds promise for a region; devices in the field are a judgement',
      reason: 'The availability of the site was not given.',
    }),
  ]),
);

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
          : 'The users of a country are not at one place: the shelf stands in it and is reached over their access network. Describe a site to place it with them.',
      });
    }
    return {
      id,
      kind,
      description: { id, kind, country: group.country },
      pointer: null,
      region: null,
      country: group.country,
      point: group.point,
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
      availability: log.resolve(undefined, AVAILABILITY_OF_KIND[kind] as never).value,
      // an edge site away from its users has a line of its own
      egressUsdPerGb: together ? (group.uplinkUsdPerGb ?? null) : null,
      ingressUsdPerGb: together ? (group.uplinkUsdPerGb ?? null) : null,
    };
  });
  return [...atUsers, ...clouds];
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

const owned = ({ owned: terms }: Policies): Purchase => (terms === undefined ? OWNED : { ...OWNED, owned: terms });

function rentedIn(snapshot: CatalogSnapshot, region: Region, policies: Policies, at: string): PlaceableDevice[] {
  const offers = snapshot.offers.length === 0 ? [] : (offersByRegion(snapshot).get(region.id) ?? []);
  const leadTimes = new Map<string, number>();
  for (const offer of offers) {
    if (offer.deviceId === null || offer.deviceCount < 1) continue;
    if (!snapshot.pricesOfOffer(offer.id, at).some(({ unit, amount }) => unit === 'hour' && amount !== null)) continue;
    leadTimes.set(
      offer.deviceId,
      Math.min(leadTimes.get(offer.deviceId) ?? Number.POSITIVE_INFINITY, offer.leadTimeDays ?? 0),
    );
  }
  return [...leadTimes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, leadTimeDays]) => {
      const device = snapshot.device(id);
      return device === undefined
        ? []
        : [
            {
              device,
              custom: null,
              stock: null,
              leadTimeDays,
              purchases: policies.purchases ?? [MONTHLY_ON_DEMAND],
              userDevices: null,
              powerLimitWatts: null,
              pointer: null,
            },
          ];
    });
}

const regionsOfSnapshots = new WeakMap<CatalogSnapshot, Map<string, CatalogSnapshot['offers'][number][]>>();

function offersByRegion(snapshot: CatalogSnapshot) {
  const known = regionsOfSnapshots.get(snapshot);
  if (known !== undefined) return known;
  const byRegion = Map.groupBy(snapshot.offers, ({ regionId }) => regionId ?? '');
  regionsOfSnapshots.set(snapshot, byRegion);
  return byRegion;
}

function cloudSite(
  snapshot: CatalogSnapshot,
  region: Region,
  description: Site,
  pointer: string | null,
  devices: readonly PlaceableDevice[],
  log: AssumptionLog,
): PlaceableSite {
  return {
    id: description.id,
    kind: 'cloud_region',
    description,
    pointer,
    region,
    country: region.country,
    point: region,
    providerId: region.providerId,
    operatorCountry: description.operatorCountry ?? snapshot.provider(region.providerId)?.headquartersCountry ?? null,
    units: 1,
    onlyFor: null,
    userSide: new Set(description.userGroups ?? []),
    devices,
    availability: log.resolve(description.availability, AVAILABILITY_OF_KIND.cloud_region as never).value,
    egressUsdPerGb: description.egressUsdPerGb ?? null,
    ingressUsdPerGb: null,
  };
}

export function givenSites(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  groups: readonly Group[],
  at: string,
  log: AssumptionLog,
): PlaceableSite[] {
  const sites = request.sites ?? [];
  const policies = request.policies ?? {};
  unique(
    sites.map(({ id }) => id),
    'sites',
  );
  return sites.map((site, index) => {
    const pointer = `/sites/${index}`;
    for (const [position, id] of (site.userGroups ?? []).entries())
      if (!groups.some((group) => group.id === id))
        refuse(`${pointer}/userGroups/${position}`, 'unknown_id', `There is no user group "${id}" in this question.`);
    if (site.kind === 'cloud_region') {
      const id =
        site.region ??
        refuse(`${pointer}/region`, 'required', 'A cloud region needs the id of its region, provider/code.');
      const region =
        snapshot.region(id) ??
        refuse(
          `${pointer}/region`,
          'unknown_id',
          `The catalog has no region "${id}"; regions are named provider/code.`,
          { kind: 'region', id },
        );
      const devices =
        site.devices === undefined
          ? rentedIn(snapshot, region, policies, at)
          : devicesOf(snapshot, site, pointer, 1, policies.purchases ?? [MONTHLY_ON_DEMAND]);
      return cloudSite(snapshot, region, site, pointer, devices, log);
    }
    if (site.region !== undefined)
      refuse(`${pointer}/region`, 'contradiction', 'Only sites of kind cloud_region have a region; give country.');
    const country =
      site.country ??
      groups[0]?.country ??
      refuse(`${pointer}/country`, 'required', 'Say in which country the site lies.');
    const users =
      site.userGroups ??
      (site.kind === 'colocation' ? [] : groups.filter((group) => group.country === country).map(({ id }) => id));
    const group = groups.find(({ id }) => users.includes(id));
    if (site.units !== undefined && site.kind !== 'device_fleet')
      refuse(
        `${pointer}/units`,
        'contradiction',
        'units goes with kind device_fleet; other sites have a stock of devices.',
      );
    const point =
      site.latitude !== undefined && site.longitude !== undefined
        ? { latitude: site.latitude, longitude: site.longitude }
        : (group?.point ??
          capitalOf(country) ??
          centreOfRegions(snapshot.regions, country) ??
          refuse(
            `${pointer}/latitude`,
            'required',
            `Where in ${country} the site lies is not known; give latitude and longitude.`,
          ));
    if (site.devices === undefined || site.devices.length === 0)
      refuse(`${pointer}/devices`, 'required', 'Say which devices the site has or can take.');
    const units = site.kind === 'device_fleet' ? (site.units ?? group?.units ?? 1) : 1;
    return {
      id: site.id,
      kind: site.kind,
      description: site,
      pointer,
      region: null,
      country,
      point,
      providerId: null,
      operatorCountry: site.operatorCountry ?? country,
      units,
      onlyFor: null,
      userSide: new Set(users),
      devices: devicesOf(snapshot, site, pointer, units, [owned(policies)]),
      availability: log.resolve(site.availability, AVAILABILITY_OF_KIND[site.kind] as never, `${pointer}/availability`)
        .value,
      egressUsdPerGb: site.egressUsdPerGb ?? group?.uplinkUsdPerGb ?? null,
      ingressUsdPerGb: site.egressUsdPerGb === undefined ? (group?.uplinkUsdPerGb ?? null) : null,
    };
  });
}

const devicesOf = (
  snapshot: CatalogSnapshot,
  site: Site,
  pointer: string,
  units: number,
  purchases: readonly Purchase[],
): PlaceableDevice[] =>
  (site.devices ?? []).map((entry, index) => {
    const at = `${pointer}/devices/${index}`;
    if ((entry.device === undefined) === (entry.customDevice === undefined))
      refuse(`${at}/device`, 'exclusive', 'Give either device, a catalog id, or customDevice.');
    if (entry.userDevices !== undefined) {
      if (site.kind !== 'device_fleet')
        refuse(
          `${at}/userDevices`,
          'contradiction',
          'userDevices describes devices that users carry: give the site the kind device_fleet, or leave userDevices out.',
        );
      if (entry.purchase !== undefined)
        refuse(`${at}/purchase`, 'contradiction', 'userDevices are paid for by their users; leave purchase out.');
    }
    const device =
      entry.customDevice === undefined
        ? catalogDevice(snapshot, entry.device ?? '', `${at}/device`)
        : customDevice(entry.customDevice);
    return {
      device,
      custom: entry.customDevice ?? null,
      stock: entry.stock ?? null,
      leadTimeDays: Math.max(entry.leadTimeDays ?? 0, site.leadTimeDays ?? 0),
      purchases: entry.userDevices !== undefined ? [FREE] : entry.purchase === undefined ? purchases : [entry.purchase],
      userDevices: entry.userDevices ?? null,
      powerLimitWatts: entry.powerLimitWatts ?? fedWatts(snapshot, site, units, device),
      pointer: at,
    };
  });

/**
 * What the power of an edge site leaves one device of each unit, W, where the device would draw more and has a mode for it;
 * else null. Who plans for a battery sets the mode that it feeds.
 */
function fedWatts(
  snapshot: CatalogSnapshot,
  { powerKilowatts, pue = 1 }: Site,
  units: number,
  device: Device,
): number | null {
  if (powerKilowatts === undefined || device.class !== 'edge') return null;
  const watts = (powerKilowatts * WATTS_PER_KILOWATT) / (pue * units);
  const most = devicePower(device, snapshot.systemsOfDevice(device.id), 'inference')?.maxWatts.value;
  const [least, ...others] = powerModes(device);
  const isFed = most === undefined || watts >= most;
  if (isFed || least === undefined || others.length === 0 || watts < least.watts) return null;
  return watts;
}
