/** From options with their figures to the instance that the program solves. */
import type { DraftItem } from '../economics/line-item.ts';
import { toNumber } from '../money.ts';
import { estimateRoundTrip, networkEgressCost } from '../network/index.ts';
import { DAYS_PER_MONTH, GB, KB } from '../units.ts';
import type {
  Instance,
  InstanceEdge,
  InstanceOption,
  InstancePath,
  InstancePool,
  InstanceResource,
  InstanceStage,
} from './instance.ts';
import { networkAt } from './network-leg.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Served, wholeUsd } from './serve.ts';
import { weightsBytes } from './weights-bytes.ts';

export interface StageEdge {
  readonly from: number;
  readonly to: number;
  readonly gigabytesPerMonth: number;
}

export interface SharedPool {
  readonly site: number;
  readonly deviceId: string;
  /** The option whose hardware lines price one machine. */
  readonly example: PlacementOption;
}

export interface PlacementInstance {
  readonly instance: Instance;
  readonly options: readonly PlacementOption[];
  readonly pools: readonly SharedPool[];
  readonly edges: readonly StageEdge[];
}

/** Lines that machines cost however many components share them. */
const SHARED_CATEGORIES: ReadonlySet<DraftItem['category']> = new Set(['compute', 'facility']);
export const isShared = (item: DraftItem): boolean =>
  SHARED_CATEGORIES.has(item.category) || item.id.includes(':edge.');

/** Of the estimate and of the field. */
export const itemsOf = ({ items, fieldItems }: Served): readonly DraftItem[] => [...items, ...fieldItems];

/** What of an option's price is its machines', USD a month. */
export const hardwareOf = ({ served }: PlacementOption): number =>
  (served === null ? [] : itemsOf(served)).filter(isShared).reduce((sum, { amount }) => sum + toNumber(amount), 0);

/** Machines that stand where the work is done carry several components. */
const sharesMachines = ({ kind }: PlaceableSite): boolean => kind === 'device_fleet' || kind === 'edge_box';
const MANY_MACHINES = 10_000;
const MOST_PLACES = 3;

const logAvailability = (share: number): number => -Math.log(Math.max(1 - share, 1e-12));

export function instanceOf(scenario: Scenario, options: readonly PlacementOption[]): PlacementInstance {
  const { sites, policies, stages } = scenario;
  const resources: InstanceResource[] = [];
  const resource = (name: string, capacity: number, isBudget = false): number =>
    resources.push({ name, capacity, isBudget }) - 1;
  const budget = policies.budgetUsdPerMonth;
  if (budget !== undefined) resource('budget', Number(budget), true);
  // without a cap it is counted all the same: the front of cost against carbon bounds it
  const carbon = resource('carbon', policies.carbonKilogramsPerMonth ?? Number.POSITIVE_INFINITY);
  const power = sites.map(({ id, description }) =>
    description.powerKilowatts === undefined ? null : resource(`power ${id}`, description.powerKilowatts),
  );
  const space = sites.map(({ id, description }) =>
    description.racks === undefined ? null : resource(`racks ${id}`, description.racks),
  );
  const quotas = (policies.quotas ?? []).map((quota, index) => resource(`quota ${index}`, quota.mostDevices));
  const stocks = new Map<string, number>();

  const pools: (InstancePool & { deviceId: string; example: PlacementOption })[] = [];
  const poolOf = new Map<string, number>();
  const usesOf = (option: PlacementOption, devices: number): [number, number][] => {
    const { served } = option;
    const uses: [number, number][] = [];
    if (served === null) return uses;
    const at = power[option.site] ?? null;
    if (at !== null) uses.push([at, ((served.facilityKilowatts ?? 0) * devices) / served.devices]);
    const racks = space[option.site] ?? null;
    if (racks !== null) uses.push([racks, ((served.rack?.racks ?? 0) * devices) / served.devices]);
    const site = sites[option.site] as PlaceableSite;
    for (const [index, quota] of (policies.quotas ?? []).entries()) {
      const counts =
        quota.device === option.device.device.id &&
        (quota.site === undefined || quota.site === site.id) &&
        (quota.provider === undefined || quota.provider === site.providerId);
      if (counts) uses.push([quotas[index] as number, devices * served.units]);
    }
    return uses;
  };

  const anyTrains = stages.some(({ component }) => component.training !== undefined);
  const stockOf = (site: PlaceableSite, device: PlaceableDevice, stock: number): number => {
    const key = `${site.id}/${device.pointer ?? device.device.id}`;
    const known = stocks.get(key) ?? resource(`stock ${key}`, stock);
    stocks.set(key, known);
    return known;
  };

  const instanceOptions = options.map((option): InstanceOption => {
    const { served, device } = option;
    const site = sites[option.site] as PlaceableSite;
    if (served === null) throw new Error('An option of the program has figures.');
    const own: [number, number][] = [];
    own.push([carbon, served.carbonKilograms ?? 0]);
    const latencyMs =
      served.serviceMs.p95 + (isFirstOfPath(scenario, option.stage) ? networkAt(option.legs[0] as never, 'p95') : 0);
    const shared = sharesMachines(site);
    const cost = wholeUsd(served) + lastMileUsd(scenario, option);
    if (!shared) {
      if (device.stock !== null) own.push([stockOf(site, device, device.stock), served.devices]);
      return {
        stage: option.stage,
        site: option.site,
        share: option.share,
        cost,
        uses: [...own, ...usesOf(option, served.devices)],
        pool: null,
        latencyMs,
      };
    }
    // machines that train are busy for hours at a time: none that answers shares them
    const trains = served.trainingRequest !== null;
    const key = `${option.site}|${device.pointer ?? device.device.id}|${JSON.stringify(option.purchase)}|${trains}`;
    const hardware = hardwareOf(option);
    if (!poolOf.has(key)) {
      poolOf.set(
        key,
        pools.push({
          site: option.site,
          deviceId: device.device.id,
          example: option,
          unitCost: hardware / served.devices,
          most: device.stock ?? (site.kind === 'device_fleet' ? 1 : MANY_MACHINES),
          memoryBytesPerUnit: (device.device.memoryBytes ?? 0) * 0.9,
          uses: [
            ...usesOf(option, 1),
            ...(device.stock !== null && anyTrains ? [[stockOf(site, device, device.stock), 1] as const] : []),
          ],
        }) - 1,
      );
    }
    return {
      stage: option.stage,
      site: option.site,
      share: option.share,
      cost: cost - hardware,
      uses: own,
      pool: {
        pool: poolOf.get(key) as number,
        load: served.busyDevices / served.maxUtilization,
        memoryBytes:
          (served.memory?.requiredBytes ?? weightsBytes(scenario, option)) *
          (served.memory === null ? 1 : served.devices),
        alone: served.devices,
      },
      latencyMs,
    };
  });

  const edges = stageEdges(scenario);
  return {
    instance: {
      stages: stages.map((stage): InstanceStage => stageRule(scenario, stage)),
      options: instanceOptions,
      sites: sites.map(({ description, country, availability }) => ({
        openCost: Number(description.usdPerMonth ?? 0),
        country: countryNumber(scenario, country),
        logAvailability: logAvailability(availability),
      })),
      pools,
      edges: edges.map(
        (edge): InstanceEdge => ({
          from: edge.from,
          to: edge.to,
          pairCost: pairCosts(scenario, edge, options),
          alternatives: stages[edge.to]?.alternatives ?? null,
        }),
      ),
      paths: stagePaths(scenario, options),
      resources,
      alternativeGroups: scenario.alternativeGroups,
      leastSites: policies.leastSites ?? 0,
      leastCountries: policies.leastCountries ?? 0,
    },
    options,
    pools,
    edges,
  };
}

function stageRule({ sites }: Scenario, { component, alternatives }: Stage): InstanceStage {
  const wanted = component.availability;
  if (wanted !== undefined)
    return {
      rule: 'places',
      mostPlaces: Math.min(MOST_PLACES, sites.length),
      leastLogAvailability: logAvailability(wanted),
      alternatives,
    };
  if (component.split?.kind === 'by_load')
    return { rule: 'shares', mostPlaces: component.split.mostPlaces ?? 2, leastLogAvailability: 0, alternatives };
  return { rule: 'one', mostPlaces: 1, leastLogAvailability: 0, alternatives };
}

const countryNumber = ({ sites }: Scenario, country: string): number =>
  [...new Set(sites.map((site) => site.country))].indexOf(country);

/** Data between users and a place away from them, at the price of their connection. */
export function lastMileUsd({ stages, sites }: Scenario, { stage: index, site, share }: PlacementOption): number {
  const { groups, requestsPerDay, requestKilobytes, responseKilobytes } = stages[index] as Stage;
  const { userSide } = sites[site] as PlaceableSite;
  const whole = groups.reduce((sum, group) => sum + group.share, 0);
  return groups
    .filter(({ id }) => !userSide.has(id))
    .reduce((sum, group) => {
      const gigabytes =
        ((requestKilobytes + responseKilobytes) *
          KB *
          requestsPerDay *
          share *
          DAYS_PER_MONTH *
          (group.share / whole)) /
        GB;
      return sum + gigabytes * (group.uplinkUsdPerGb ?? 0);
    }, 0);
}

const gigabytesOf = (callsPerDay: number, kilobytes: number): number =>
  (callsPerDay * kilobytes * KB * DAYS_PER_MONTH) / GB;

/** Traffic between stages, both ways, that of easy/hard splits included. */
function stageEdges({ stages, edges, request }: Scenario): StageEdge[] {
  const result: StageEdge[] = [];
  const add = (from: number, to: number, gigabytesPerMonth: number): void => {
    if (gigabytesPerMonth > 0) result.push({ from, to, gigabytesPerMonth });
  };
  const entry = (component: number): number[] =>
    [...stages.entries()]
      .filter(([, stage]) => stage.index === component && stage.part !== 'hard')
      .map(([index]) => index);
  for (const edge of edges) {
    const from = entry(request.components.findIndex(({ id }) => id === edge.from));
    const to = entry(request.components.findIndex(({ id }) => id === edge.to));
    for (const a of from)
      for (const b of to) {
        const share = commonShare(stages[a] as Stage, stages[b] as Stage);
        add(a, b, gigabytesOf(edge.callsPerDay * share, edge.requestKilobytes));
        add(b, a, gigabytesOf(edge.callsPerDay * share, edge.responseKilobytes ?? 0));
      }
  }
  for (const [small, stage] of stages.entries()) {
    if (stage.part !== 'small') continue;
    for (const [hard, other] of stages.entries()) {
      if (other.part !== 'hard' || other.index !== stage.index) continue;
      add(small, hard, gigabytesOf(other.requestsPerDay, other.requestKilobytes));
      add(hard, small, gigabytesOf(other.requestsPerDay, other.responseKilobytes));
    }
  }
  return result;
}

/** Part of an edge's calls that two stages exchange: the users they have in common. */
function commonShare(a: Stage, b: Stage): number {
  const ids = new Set(a.groups.map(({ id }) => id));
  const common = b.groups.filter(({ id }) => ids.has(id)).reduce((sum, { share }) => sum + share, 0);
  return a.component.split?.kind === 'by_user_group' || b.component.split?.kind === 'by_user_group' ? common : 1;
}

function pairCosts(
  { sites }: Scenario,
  { from, to, gigabytesPerMonth }: StageEdge,
  options: readonly PlacementOption[],
): number[][] {
  const at = (stage: number) => new Set(options.filter((option) => option.stage === stage).map(({ site }) => site));
  const [sources, targets] = [at(from), at(to)];
  return sites.map((source, a) =>
    sources.has(a)
      ? sites.map((target, b) =>
          a === b || !targets.has(b) ? 0 : egressBetween(source, target, gigabytesPerMonth).usdPerMonth,
        )
      : [],
  );
}

/** What traffic from one site to another costs a month. */
export const egressBetween = (source: PlaceableSite, target: PlaceableSite, gigabytesPerMonth: number) =>
  networkEgressCost(endOf(source), endOf(target), gigabytesPerMonth, source.egressUsdPerGb ?? undefined);

const endOf = ({ region, providerId, country }: PlaceableSite) => ({
  regionId: region?.id,
  providerId: providerId ?? undefined,
  country,
});

function isFirstOfPath({ paths, request, stages }: Scenario, stage: number): boolean {
  if (isFirstOfTwo(stages[stage] as Stage)) return true;
  const component = request.components[(stages[stage] as Stage).index]?.id;
  return paths.some(({ components }) => components[0] === component);
}

/** A hard case waits for the small model, the way to the large one, and that. */
const isFirstOfTwo = ({ part, component }: Stage): boolean => part === 'small' && component.latency !== undefined;

function stagePaths(scenario: Scenario, options: readonly PlacementOption[]): InstancePath[] {
  const { paths, stages, request, groups, sites } = scenario;
  if (paths.length === 0 && !stages.some(isFirstOfTwo)) return [];
  const used = new Set(options.map(({ site }) => site));
  const roundTripMs = sites.map((a, from) =>
    sites.map((b, to) => (from === to || !used.has(from) || !used.has(to) ? 0 : roundTripBetween(a, b).p95Ms)),
  );
  const ofSplits = stages.flatMap((small, first) =>
    isFirstOfTwo(small)
      ? [...stages.entries()]
          .filter(([, { part, index }]) => part === 'hard' && index === small.index)
          .map(
            ([second]): InstancePath => ({
              stages: [first, second],
              budgetMs: small.component.latency?.milliseconds ?? 0,
              field: `/components/${small.index}/latency/milliseconds`,
              roundTripMs,
            }),
          )
      : [],
  );
  const asked = paths.flatMap((path, index) => {
    const chains = groups.map((group) =>
      path.components.map((id) => {
        const component = request.components.findIndex((it) => it.id === id);
        return stages.findIndex((stage) => stage.index === component && stage.groups.some((it) => it.id === group.id));
      }),
    );
    const distinct = [...new Map(chains.map((chain) => [chain.join(), chain])).values()];
    return distinct.map((chain) => ({
      stages: chain,
      budgetMs: path.milliseconds,
      field: `/paths/${index}/milliseconds`,
      roundTripMs,
    }));
  });
  return [...asked, ...ofSplits];
}

const roundTripBetween = (a: PlaceableSite, b: PlaceableSite) =>
  estimateRoundTrip(
    { ...a.point, country: a.country, city: a.id, ...(a.region !== null && { regionId: a.region.id }) },
    { ...b.point, country: b.country, city: b.id, ...(b.region !== null && { regionId: b.region.id }) },
  );
