/** From options with their figures to the instance that the program solves. */
import type {
  Instance,
  InstanceEdge,
  InstanceOption,
  InstancePool,
  InstanceResource,
  InstanceStage,
} from './instance.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { wholeUsd } from './serve.ts';
import { emissionParts, machinesUsd, sharesMachines } from './shared-machines.ts';
import { onPathMs, stagePaths } from './stage-paths.ts';
import { freeAnswersGigabytes, freeEgressAt, lastMileUsd, pricedEdges, type StageEdge, stageEdges } from './traffic.ts';
import { memoryBytes } from './weights-bytes.ts';

interface SharedPool {
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
    const latencyMs = onPathMs(scenario, option, served);
    const shared = sharesMachines(site);
    const cost = wholeUsd(served) + lastMileUsd(scenario, option);
    const freeGigabytes = freeAnswersGigabytes(scenario, option);
    const emissions = emissionParts(served, 1) ?? { machines: 0, component: 0 };
    if (!shared) {
      own.push([carbon, emissions.machines + emissions.component]);
      if (device.stock !== null) own.push([stockOf(site, device, device.stock), served.devices]);
      return {
        stage: option.stage,
        site: option.site,
        share: option.share,
        cost,
        uses: [...own, ...usesOf(option, served.devices)],
        pool: null,
        latencyMs,
        freeGigabytes,
      };
    }
    own.push([carbon, emissions.component]);
    // machines that train are busy for hours at a time: none that answers shares them
    const trains = served.trainingRequest !== null;
    const key = `${option.site}|${device.pointer ?? device.device.id}|${JSON.stringify(option.purchase)}|${trains}`;
    const machines = machinesUsd(served);
    if (!poolOf.has(key)) {
      poolOf.set(
        key,
        pools.push({
          site: option.site,
          deviceId: device.device.id,
          example: option,
          unitCost: machines / served.devices,
          most: device.stock ?? (site.kind === 'device_fleet' ? 1 : MANY_MACHINES),
          memoryBytesPerUnit: (device.device.memoryBytes ?? 0) * 0.9,
          uses: [
            [carbon, emissions.machines / served.devices],
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
      cost: cost - machines,
      uses: own,
      pool: {
        pool: poolOf.get(key) as number,
        load: served.busyDevices / served.maxUtilization,
        memoryBytes:
          (served.memory?.requiredBytes ?? memoryBytes(scenario, option)) *
          (served.memory === null ? 1 : served.devices),
        alone: served.devices,
      },
      latencyMs,
      freeGigabytes,
    };
  });

  const edges = stageEdges(scenario);
  const priced = pricedEdges(scenario, options);
  const { freeAccounts, freeLists, listAt } = freeVolumes(scenario);
  return {
    instance: {
      stages: stages.map((stage): InstanceStage => stageRule(scenario, stage)),
      options: instanceOptions,
      sites: sites.map(({ description, country, availability }, index) => ({
        openCost: Number(description.usdPerMonth ?? 0),
        country: countryNumber(scenario, country),
        logAvailability: logAvailability(availability),
        freeList: listAt[index] ?? null,
      })),
      pools,
      edges: edges.map(
        (edge): InstanceEdge => ({
          from: edge.from,
          to: edge.to,
          ...priced(edge),
          alternatives: stages[edge.to]?.alternatives ?? null,
        }),
      ),
      paths: stagePaths(scenario),
      resources,
      freeAccounts,
      freeLists,
      alternativeGroups: scenario.alternativeGroups,
      leastSites: policies.leastSites ?? 0,
      leastCountries: policies.leastCountries ?? 0,
    },
    options,
    pools,
    edges,
  };
}

/** The accounts that may send a volume for nothing, and what that is worth by the price list of each site. */
function freeVolumes({ sites }: Scenario): Pick<Instance, 'freeAccounts' | 'freeLists'> & {
  readonly listAt: readonly (number | null)[];
} {
  const freeAccounts: { name: string; gigabytes: number }[] = [];
  const freeLists: { account: number; usdPerGigabyte: number }[] = [];
  const listAt = sites.map((site) => {
    const free = freeEgressAt(site);
    if (free === null) return null;
    const { account: name, gigabytes, usdPerGigabyte } = free;
    const known = freeAccounts.findIndex((it) => it.name === name && it.gigabytes === gigabytes);
    const account = known < 0 ? freeAccounts.push({ name, gigabytes }) - 1 : known;
    const list = freeLists.findIndex((it) => it.account === account && it.usdPerGigabyte === usdPerGigabyte);
    return list < 0 ? freeLists.push({ account, usdPerGigabyte }) - 1 : list;
  });
  return { freeAccounts, freeLists, listAt };
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
