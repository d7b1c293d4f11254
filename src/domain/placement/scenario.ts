/** The question with every reference resolved: who uses it from where, which stages there are to place, and where they may go. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { AssumptionLog } from '../economics/assumption.ts';
import type { Point } from '../economics/great-circle.ts';
import { refuse } from '../estimate/request-fault.ts';
import { catalogDevice } from '../estimate/resolve-device.ts';
import type { CustomDevice, Purchase } from '../estimate/selectors.ts';
import type { InferenceEstimate } from '../inference/estimate-result.ts';
import type { UserDevices } from '../inference/user-devices/user-devices.ts';
import type { TrainingEstimate } from '../training/estimate-result.ts';
import { requireCoherentPlaces } from './coherent-places.ts';
import { givenSites } from './given-sites.ts';
import { requireKnownSectors } from './known-sectors.ts';
import { openSites } from './open-sites.ts';
import { requireFewParts, requireFewWays } from './question-size.ts';
import { type RoundTripBetween, rememberedRoundTrips } from './remembered-round-trips.ts';
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
import type { Capacity } from './serve.ts';
import { stagesOf } from './stages.ts';
import { unique } from './unique-ids.ts';
import { groupsOf } from './user-groups.ts';

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
  /** Only for devices that belong to the users; else null. */
  readonly userDevices: UserDevices | null;
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
  /** Nobody described it: it is there for this group of users alone. */
  readonly onlyFor: string | null;
  /** Ids of the user groups on whose side of the wide-area network it stands. */
  readonly userSide: ReadonlySet<string>;
  readonly devices: readonly PlaceableDevice[];
  readonly availability: number;
  /** Of traffic that leaves it; null: by price list, nothing for a site of one's own. */
  readonly egressUsdPerGb: number | null;
  /** Of traffic that comes to it: over a line of the users that is paid for by volume; null elsewhere. */
  readonly ingressUsdPerGb: number | null;
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
  readonly trainings: Map<string, TrainingEstimate>;
  /** What devices can do, by the request of the estimate behind it. */
  readonly capacities: Map<string, Capacity>;
  /** Between places, as known; remembered. */
  readonly roundTrip: RoundTripBetween;
  /** Round trips are this much longer than known. */
  readonly roundTripFactor: number;
}

/** What questions about one another share. */
export type Known = Pick<Scenario, 'estimates' | 'trainings' | 'capacities' | 'roundTrip' | 'roundTripFactor'>;

export const knownOf = ({ estimates, trainings, capacities, roundTrip, roundTripFactor }: Scenario): Known => ({
  estimates,
  trainings,
  capacities,
  roundTrip,
  roundTripFactor,
});

export const nothingKnown = (): Known => ({
  estimates: new Map(),
  trainings: new Map(),
  capacities: new Map(),
  roundTrip: rememberedRoundTrips(),
  roundTripFactor: 1,
});

/**
 * @param besides whether what the catalog offers comes into question besides the sites given
 * @throws RequestFaultError for unknown ids and parts that contradict each other.
 */
export function scenarioOf(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  log: AssumptionLog,
  { estimates, trainings, capacities, roundTrip, roundTripFactor }: Known = nothingKnown(),
  besides = false,
): Scenario {
  const groups = groupsOf(snapshot, request, log);
  unique(
    request.components.map(({ id }) => id),
    'components',
  );
  requireFewParts(request);
  requireKnownSectors(snapshot, request);
  requireCoherentPlaces(snapshot, request);
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
      ? openSites(snapshot, request, groups, at, log)
      : [
          ...givenSites(snapshot, request, groups, at, log),
          ...(besides ? otherSites(snapshot, request, groups, at) : []),
        ];
  requireFewWays(stages, sites);
  for (const [index, { sites: only, devices }] of request.components.entries()) {
    for (const [position, id] of (only ?? []).entries())
      if (!sites.some((site) => site.id === id))
        refuse(
          `/components/${index}/sites/${position}`,
          'unknown_id',
          `This request has no site "${id}"; name one of those under sites.`,
        );
    for (const [position, id] of (devices ?? []).entries())
      if (!sites.some((site) => site.devices.some(({ device }) => device.id === id)))
        catalogDevice(snapshot, id, `/components/${index}/devices/${position}`);
  }
  for (const [index, id] of (policies.excluded ?? []).entries())
    if (!sites.some((site) => site.id === id) && !snapshot.provider(id) && !snapshot.region(id))
      refuse(
        `/policies/excluded/${index}`,
        'unknown_id',
        `There is no site, provider or region "${id}", so that excluding it would exclude nothing; regions are named provider/code.`,
      );
  for (const [index, { device: id }] of (policies.quotas ?? []).entries())
    if (!sites.some((site) => site.devices.some(({ device }) => device.id === id)))
      catalogDevice(snapshot, id, `/policies/quotas/${index}/device`);
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
    for (const [position, id] of path.components.entries()) {
      component(id, `/paths/${index}/components/${position}`);
      if (request.components.some((it) => it.id === id && it.training !== undefined))
        refuse(
          `/paths/${index}/components/${position}`,
          'contradiction',
          'A training job answers no calls: take it off this path.',
        );
    }
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
    trainings,
    capacities,
    roundTrip,
    roundTripFactor,
  };
}

/** Of what the catalog offers all that is not given. */
function otherSites(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  groups: readonly Group[],
  at: string,
): PlaceableSite[] {
  const given = request.sites ?? [];
  // what a site is taken for is told of the sites of the plan only
  return openSites(snapshot, request, groups, at, new AssumptionLog()).filter(({ id, region }) =>
    given.every((site) => site.id !== id && (site.region !== region?.id || site.devices !== undefined)),
  );
}
