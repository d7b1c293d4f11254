/** The question with every reference resolved: who uses it from where, which stages there are to place, and where they may go. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { type AssumptionLog, sourcedDefault } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions, type Point } from '../economics/great-circle.ts';
import { refuse } from '../estimate/request-fault.ts';
import { catalogDevice, customDevice } from '../estimate/resolve-device.ts';
import type { CustomDevice, Purchase } from '../estimate/selectors.ts';
import type { InferenceEstimate } from '../inference/estimate-result.ts';
import type {
  ComponentEdge,
  LatencyPath,
  PlacementComponent,
  PlacementRequest,
  Policies,
  Site,
  SiteKind,
  UserGroup,
  Work,
} from './request.ts';

export interface Group extends UserGroup {
  readonly id: string;
  /** Position in the request. */
  readonly index: number;
  readonly point: Point;
  readonly accessNetwork: string;
  readonly share: number;
}

export interface NamedWork {
  /** "own" or the id of the variant. */
  readonly id: string;
  readonly work: Work;
  /** JSON pointer of what it was read from. */
  readonly pointer: string;
}

/** The unit that is placed: a component, its part for one user group, or one side of an easy/hard split. */
export interface Stage {
  readonly id: string;
  readonly component: PlacementComponent;
  /** Position of the component in the request. */
  readonly index: number;
  readonly works: readonly NamedWork[];
  readonly requestsPerDay: number;
  readonly groups: readonly Group[];
  readonly requestKilobytes: number;
  readonly responseKilobytes: number;
  readonly dataClasses: readonly string[];
  readonly subjectCountries: readonly string[];
  /** Present only with these alternatives, numbered through; null: always. */
  readonly alternatives: readonly number[] | null;
  /** Accuracy of the alternative it belongs to, where a split decides it. */
  readonly part: 'whole' | 'small' | 'hard';
}

/** How much of the load is hard, and how accurate the two models together are; the last is the large model alone. */
export interface Alternative {
  readonly component: number;
  /** Null: every request goes to the component's own work. */
  readonly hardShare: number | null;
  readonly accuracy: number | null;
  /** Position in `split.points`; null for the large model alone. */
  readonly point: number | null;
}

export interface PlaceableDevice {
  readonly device: Device;
  readonly custom: CustomDevice | null;
  readonly stock: number | null;
  readonly leadTimeDays: number;
  readonly purchases: readonly Purchase[];
  readonly powerLimitWatts: number | null;
  /** JSON pointer of the site's device; null where the catalog offers it. */
  readonly pointer: string | null;
}

export interface PlaceableSite {
  readonly id: string;
  readonly kind: SiteKind;
  readonly description: Site;
  /** JSON pointer; null where it comes from the catalog. */
  readonly pointer: string | null;
  readonly region: Region | null;
  readonly country: string;
  readonly point: Point;
  readonly providerId: string | null;
  readonly operatorCountry: string | null;
  /** Things that carry one device each; 1 for other kinds. */
  readonly units: number;
  /** Ids of the user groups on whose side of the wide-area network it stands. */
  readonly userSide: ReadonlySet<string>;
  readonly devices: readonly PlaceableDevice[];
  readonly availability: number;
  /** Of traffic that leaves it; null: by price list, nothing for a site of one's own. */
  readonly egressUsdPerGb: number | null;
}

export interface Scenario {
  readonly snapshot: CatalogSnapshot;
  readonly at: string;
  readonly request: PlacementRequest;
  readonly policies: Policies;
  readonly groups: readonly Group[];
  readonly stages: readonly Stage[];
  readonly alternatives: readonly Alternative[];
  /** Number of alternatives per component that has them. */
  readonly alternativeGroups: readonly number[];
  readonly sites: readonly PlaceableSite[];
  readonly edges: readonly ComponentEdge[];
  readonly paths: readonly LatencyPath[];
  readonly log: AssumptionLog;
  /** Estimates already made, by their request: questions about one another share them. */
  readonly estimates: Map<string, InferenceEstimate>;
  /** Round trips are this much longer than known. */
  readonly roundTripFactor: number;
}

/** Access network where none is named. */
const DEFAULT_ACCESS = 'fibre';
const MONTHLY_ON_DEMAND: Purchase = { category: 'on_demand' };
/** Owned: at the site, or bought for it. */
const OWNED: Purchase = { category: 'owned' };

/**
 * What a reader expects of a language model where nothing is said: 10 tokens a second are faster than people read
 * (about 250 words a minute, 5 to 6 tokens a second), and two seconds to the first of them keep a train of thought
 * (Nielsen 1993: 1 s unnoticed, 10 s the limit of attention).
 */
export const READING_PACE = { ttftMsP95: 2000, timePerOutputTokenMsP95: 100 } as const;
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

/** @throws RequestFaultError for unknown ids and parts that contradict each other. */
export function scenarioOf(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  log: AssumptionLog,
  estimates: Map<string, InferenceEstimate> = new Map(),
  roundTripFactor = 1,
): Scenario {
  const groups = groupsOf(snapshot, request, log);
  unique(
    request.components.map(({ id }) => id),
    'components',
  );
  const alternatives: Alternative[] = [];
  const alternativeGroups: number[] = [];
  const stages = request.components.flatMap((component, index) =>
    stagesOf(snapshot, component, index, groups, alternatives, alternativeGroups, log),
  );
  const policies = request.policies ?? {};
  if (policies.endUserCountry === undefined)
    log.add({
      id: 'export.end_user_country',
      field: '/policies/endUserCountry',
      value: groups[0]?.country ?? null,
      unit: null,
      range: null,
      source: 'judgement',
      reason: 'The seat of the end user, for export rules, was not given: that of the first user group.',
    });
  const sites =
    request.sites === undefined
      ? openSites(snapshot, groups, policies, at, log)
      : givenSites(snapshot, request, groups, at, log);
  for (const [index, { sites: only, devices }] of request.components.entries()) {
    for (const [position, id] of (only ?? []).entries())
      if (!sites.some((site) => site.id === id))
        refuse(`/components/${index}/sites/${position}`, 'unknown_id', `There is no site "${id}" in this question.`);
    for (const [position, id] of (devices ?? []).entries())
      if (!sites.some((site) => site.devices.some(({ device }) => device.id === id)))
        catalogDevice(snapshot, id, `/components/${index}/devices/${position}`);
  }
  const known = new Set(request.components.map(({ id }) => id));
  const component = (id: string, pointer: string): void => {
    if (!known.has(id))
      refuse(pointer, 'unknown_id', `There is no component "${id}"; edges and paths name components of this question.`);
  };
  for (const [index, { from, to }] of (request.edges ?? []).entries()) {
    component(from, `/edges/${index}/from`);
    component(to, `/edges/${index}/to`);
    if (from === to) refuse(`/edges/${index}/to`, 'contradiction', 'An edge joins two components; name another one.');
  }
  for (const [index, path] of (request.paths ?? []).entries())
    for (const [position, id] of path.components.entries()) component(id, `/paths/${index}/components/${position}`);
  return {
    snapshot,
    at,
    request,
    policies,
    groups,
    stages,
    alternatives,
    alternativeGroups,
    sites,
    edges: request.edges ?? [],
    paths: request.paths ?? [],
    log,
    estimates,
    roundTripFactor,
  };
}

function groupsOf(snapshot: CatalogSnapshot, { userGroups }: PlacementRequest, log: AssumptionLog): Group[] {
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

function stagesOf(
  snapshot: CatalogSnapshot,
  component: PlacementComponent,
  index: number,
  groups: readonly Group[],
  alternatives: Alternative[],
  alternativeGroups: number[],
  log: AssumptionLog,
): Stage[] {
  const pointer = `/components/${index}`;
  for (const [position, work] of [component, ...(component.variants ?? [])].entries())
    oneWork(work, position === 0 ? pointer : `${pointer}/variants/${position - 1}`);
  if (component.dataClasses === undefined)
    log.add({
      id: `data.classes.${component.id}`,
      field: `${pointer}/dataClasses`,
      value: 'personal',
      unit: null,
      range: null,
      source: 'judgement',
      reason: 'What the data is was not said: requests of users count as personal data, the careful reading.',
    });
  if (component.objectives === undefined && component.latency === undefined && isLanguage(snapshot, component, pointer))
    for (const [field, value] of Object.entries(READING_PACE))
      log.add({
        id: `objectives.${component.id}.${field}`,
        field: `${pointer}/objectives/${field}`,
        value,
        unit: 'ms',
        range: null,
        source: 'judgement: reading pace and attention of a person who waits',
        reason: 'Neither a latency budget nor objectives were given.',
      });
  if (component.latency?.measure === 'time_to_first_token' && !isLanguage(snapshot, component, pointer))
    refuse(
      `${pointer}/latency/measure`,
      'contradiction',
      'Only language models write a first token; leave measure out for the time of the whole answer.',
    );
  const dataClasses = component.dataClasses ?? ['personal'];
  const works: NamedWork[] = [
    { id: 'own', work: component, pointer },
    ...(component.variants ?? []).map((variant, position) => ({
      id: variant.id,
      work: variant,
      pointer: `${pointer}/variants/${position}`,
    })),
  ];
  const countries = [...new Set(groups.map(({ country }) => country))];
  const whole: Stage = {
    id: component.id,
    component,
    index,
    works,
    requestsPerDay: component.requestsPerDay,
    groups,
    requestKilobytes: component.requestKilobytes ?? 0,
    responseKilobytes: component.responseKilobytes ?? 0,
    dataClasses,
    subjectCountries: component.subjectCountries ?? countries,
    alternatives: null,
    part: 'whole',
  };
  const { split } = component;
  if (split?.kind === 'by_user_group')
    return groups.map((group) => ({
      ...whole,
      id: `${component.id}/${group.id}`,
      requestsPerDay: component.requestsPerDay * group.share,
      groups: [group],
      subjectCountries: component.subjectCountries ?? [group.country],
    }));
  if (split?.kind !== 'hard_cases') return [whole];

  oneWork(split.small, `${pointer}/split/small`);
  const first = alternatives.length;
  for (const [point, { hardShare, accuracy }] of split.points.entries())
    alternatives.push({ component: index, hardShare, accuracy, point });
  const alone = alternatives.length;
  alternatives.push({ component: index, hardShare: null, accuracy: component.accuracy ?? null, point: null });
  alternativeGroups.push(split.points.length + 1);
  const withSmall = split.points.map((_, point) => first + point);
  return [
    {
      ...whole,
      id: `${component.id}/small`,
      works: [{ id: 'small', work: split.small, pointer: `${pointer}/split/small` }],
      alternatives: withSmall,
      part: 'small',
    },
    ...split.points.map(
      ({ hardShare }, point): Stage => ({
        ...whole,
        id: `${component.id}/hard-${Number((hardShare * 100).toPrecision(4))}`,
        requestsPerDay: component.requestsPerDay * hardShare,
        requestKilobytes: split.hardRequestKilobytes ?? whole.requestKilobytes,
        dataClasses: split.hardDataClasses ?? dataClasses,
        alternatives: [first + point],
        part: 'hard',
      }),
    ),
    { ...whole, id: `${component.id}/all`, alternatives: [alone] },
  ];
}

/** @throws RequestFaultError at the pointer for models the catalog does not know. */
export function isLanguage(snapshot: CatalogSnapshot, work: Work, pointer: string): boolean {
  if (work.function !== undefined) return false;
  if (work.model === undefined) return work.customLanguageModel !== undefined;
  const model =
    snapshot.model(work.model) ??
    refuse(
      `${pointer}/model`,
      'unknown_id',
      `The catalog has no model "${work.model}"; give its architecture as customLanguageModel or customVisionModel, or use a catalog id.`,
      { kind: 'model', id: work.model },
    );
  return model.architecture.kind === 'language';
}

function oneWork(work: Work, pointer: string): void {
  const given = (['model', 'customLanguageModel', 'customVisionModel', 'function'] as const).filter(
    (name) => work[name] !== undefined,
  );
  if (given.length === 0)
    refuse(
      `${pointer}/model`,
      'required',
      'Say what is to run: give one of model, customLanguageModel, customVisionModel or function.',
    );
  if (given.length > 1) refuse(`${pointer}/${given[1]}`, 'exclusive', `Give only one of ${given.join(' and ')}.`);
}

function unique(ids: readonly string[], list: string): void {
  for (const [index, id] of ids.entries())
    if (ids.indexOf(id) !== index) refuse(`/${list}/${index}/id`, 'contradiction', `The id "${id}" is used twice.`);
}

/** The catalog's regions with a price, and edge devices where the users are. */
function openSites(
  snapshot: CatalogSnapshot,
  groups: readonly Group[],
  policies: Policies,
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
  const edges = snapshot.devices.filter(
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
  const atUsers = groups.map((group): PlaceableSite => {
    const kind = group.units === undefined ? 'edge_box' : 'device_fleet';
    const id = `${kind === 'edge_box' ? 'edge' : 'on-device'}/${group.id}`;
    if (kind === 'edge_box')
      log.add({
        id: 'site.edge_stock',
        field: '/sites',
        value: OPEN_EDGE_STOCK,
        unit: 'devices of a kind',
        range: null,
        source: 'judgement',
        reason: 'No site at the users was described: a shelf of devices at most.',
      });
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
      userSide: new Set([group.id]),
      devices: edges.map((device) => ({
        device,
        custom: null,
        stock: kind === 'edge_box' ? OPEN_EDGE_STOCK : null,
        leadTimeDays: 0,
        purchases: [owned(policies)],
        powerLimitWatts: null,
        pointer: null,
      })),
      availability: log.resolve(undefined, AVAILABILITY_OF_KIND[kind] as never).value,
      egressUsdPerGb: group.uplinkUsdPerGb ?? null,
    };
  });
  return [...atUsers, ...clouds];
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
    userSide: new Set(description.userGroups ?? []),
    devices,
    availability: log.resolve(description.availability, AVAILABILITY_OF_KIND.cloud_region as never).value,
    egressUsdPerGb: description.egressUsdPerGb ?? null,
  };
}

function givenSites(
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
          : devicesOf(snapshot, site, pointer, policies.purchases ?? [MONTHLY_ON_DEMAND]);
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
      units: site.kind === 'device_fleet' ? (site.units ?? group?.units ?? 1) : 1,
      userSide: new Set(users),
      devices: devicesOf(snapshot, site, pointer, [owned(policies)]),
      availability: log.resolve(site.availability, AVAILABILITY_OF_KIND[site.kind] as never, `${pointer}/availability`)
        .value,
      egressUsdPerGb: site.egressUsdPerGb ?? group?.uplinkUsdPerGb ?? null,
    };
  });
}

const devicesOf = (
  snapshot: CatalogSnapshot,
  site: Site,
  pointer: string,
  purchases: readonly Purchase[],
): PlaceableDevice[] =>
  (site.devices ?? []).map((entry, index) => {
    const at = `${pointer}/devices/${index}`;
    if ((entry.device === undefined) === (entry.customDevice === undefined))
      refuse(`${at}/device`, 'exclusive', 'Give either device, a catalog id, or customDevice.');
    return {
      device:
        entry.customDevice === undefined
          ? catalogDevice(snapshot, entry.device ?? '', `${at}/device`)
          : customDevice(entry.customDevice),
      custom: entry.customDevice ?? null,
      stock: entry.stock ?? null,
      leadTimeDays: Math.max(entry.leadTimeDays ?? 0, site.leadTimeDays ?? 0),
      purchases: entry.purchase === undefined ? purchases : [entry.purchase],
      powerLimitWatts: entry.powerLimitWatts ?? null,
      pointer: at,
    };
  });
