/** The question with every reference resolved: who uses it from where, which stages there are to place, and where they may go. */
import type { Region } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { capitalOf } from '../economics/capitals.ts';
import { centreOfRegions, type Point } from '../economics/great-circle.ts';
import { refuse } from '../estimate/request-fault.ts';
import { catalogDevice } from '../estimate/resolve-device.ts';
import type { CustomDevice, Purchase } from '../estimate/selectors.ts';
import type { InferenceEstimate } from '../inference/estimate-result.ts';
import type { TrainingEstimate } from '../training/estimate-result.ts';
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
import { givenSites, openSites } from './sites.ts';
import { unique } from './unique-ids.ts';

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
  /** Nobody described it: it is there for this group of users alone. */
  readonly onlyFor: string | null;
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
  readonly trainings: Map<string, TrainingEstimate>;
  /** Round trips are this much longer than known. */
  readonly roundTripFactor: number;
}

/** What questions about one another share. */
export type Known = Pick<Scenario, 'estimates' | 'trainings' | 'roundTripFactor'>;

export const knownOf = ({ estimates, trainings, roundTripFactor }: Scenario): Known => ({
  estimates,
  trainings,
  roundTripFactor,
});

export const nothingKnown = (): Known => ({ estimates: new Map(), trainings: new Map(), roundTripFactor: 1 });

/** Access network where none is named. */
const DEFAULT_ACCESS = 'fibre';

/**
 * What a reader expects of a language model where nothing is said: 10 tokens a second are faster than people read
 * (about 250 words a minute, 5 to 6 tokens a second), and two seconds to the first of them keep a train of thought
 * (Nielsen 1993: 1 s unnoticed, 10 s the limit of attention).
 */
export const READING_PACE = { ttftMsP95: 2000, timePerOutputTokenMsP95: 100 } as const;

/** @throws RequestFaultError for unknown ids and parts that contradict each other. */
export function scenarioOf(
  snapshot: CatalogSnapshot,
  request: PlacementRequest,
  at: string,
  log: AssumptionLog,
  { estimates, trainings, roundTripFactor }: Known = nothingKnown(),
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
      ? openSites(snapshot, request, groups, at, log)
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
    for (const [position, id] of path.components.entries()) {
      component(id, `/paths/${index}/components/${position}`);
      if (request.components.some((it) => it.id === id && it.training !== undefined))
        refuse(`/paths/${index}/components/${position}`, 'contradiction', 'A training job is on no path of calls.');
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
  if (component.training !== undefined) noneOfServing(component, pointer);
  else if (
    component.objectives === undefined &&
    component.latency === undefined &&
    isLanguage(snapshot, component, pointer)
  )
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

/** A run of training answers nobody. */
function noneOfServing(component: PlacementComponent, pointer: string): void {
  for (const field of ['latency', 'objectives', 'split', 'function', 'variants', 'traffic', 'scaling'] as const)
    if (component[field] !== undefined)
      refuse(
        `${pointer}/${field}`,
        'contradiction',
        `A training job has no ${field}; leave it out, or leave training out. When a run must end is training.deadlineHours.`,
      );
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
