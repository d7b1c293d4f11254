/** The sites that a question describes. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions } from '../economics/great-circle.ts';
import { powerModes } from '../edge/index.ts';
import { devicePower } from '../energy/index.ts';
import { refuse } from '../estimate/request-fault.ts';
import { catalogDevice, customDevice } from '../estimate/resolve-device.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { WATTS_PER_KILOWATT } from '../units.ts';
import { cloudSite, rentedIn } from './cloud-site.ts';
import type { PlacementRequest, Policies, Site } from './request.ts';
import type { Group, PlaceableDevice, PlaceableSite } from './scenario.ts';
import { AVAILABILITY_OF_KIND, MONTHLY_ON_DEMAND, owned } from './site-defaults.ts';
import { unique } from './unique-ids.ts';

/** Devices of the users, at no cost to the operator. */
const FREE: Purchase = { usdPerDeviceHour: '0' };

/** @throws RequestFaultError where a site is not described well enough, or contradicts itself */
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
    if (site.kind === 'cloud_region') return givenCloudSite(snapshot, site, pointer, policies, at, log);
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
    const point = pointOf(snapshot, site, country, group, pointer);
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
      availability: log.resolve(site.availability, AVAILABILITY_OF_KIND[site.kind], `${pointer}/availability`).value,
      egressUsdPerGb: site.egressUsdPerGb ?? group?.uplinkUsdPerGb ?? null,
      ingressUsdPerGb: site.egressUsdPerGb === undefined ? (group?.uplinkUsdPerGb ?? null) : null,
    };
  });
}

function givenCloudSite(
  snapshot: CatalogSnapshot,
  site: Site,
  pointer: string,
  policies: Policies,
  at: string,
  log: AssumptionLog,
): PlaceableSite {
  const id =
    site.region ?? refuse(`${pointer}/region`, 'required', 'A cloud region needs the id of its region, provider/code.');
  const region =
    snapshot.region(id) ??
    refuse(`${pointer}/region`, 'unknown_id', `The catalog has no region "${id}"; regions are named provider/code.`, {
      kind: 'region',
      id,
    });
  const devices =
    site.devices === undefined
      ? rentedIn(snapshot, region, policies, at)
      : devicesOf(snapshot, site, pointer, 1, policies.purchases ?? [MONTHLY_ON_DEMAND]);
  return cloudSite(snapshot, region, site, pointer, devices, log);
}

/** As given; else where its users are, or the middle of its country. */
function pointOf(
  snapshot: CatalogSnapshot,
  site: Site,
  country: string,
  group: Group | undefined,
  pointer: string,
): PlaceableSite['point'] {
  return site.latitude !== undefined && site.longitude !== undefined
    ? { latitude: site.latitude, longitude: site.longitude }
    : (group?.point ??
        capitalOf(country) ??
        centreOfRegions(snapshot.regions, country) ??
        refuse(
          `${pointer}/latitude`,
          'required',
          `Where in ${country} the site lies is not known; give latitude and longitude.`,
        ));
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
