/**
 * Every way a stage can be placed, with every check kept. What a device can do is worked out once per device; what a
 * place allows once per place; the full estimate is made for given sites always, and for open ones in the order of a
 * lower bound on the price until enough are found.
 */
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { type Check, type CheckId, distanceOf } from './check.ts';
import { capabilityChecks, type DeviceCapability, deviceCapability, placeChecks } from './checks.ts';
import { type NetworkLeg, networkLegs, type TotalLatency } from './network-leg.ts';
import type { NamedWork, PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Served, wholeUsd } from './serve.ts';
import { serveWithin } from './serve-within.ts';

export interface OptionKey {
  readonly stage: number;
  readonly site: number;
  readonly device: PlaceableDevice;
  readonly work: NamedWork;
  readonly purchase: Purchase;
}

export interface PlacementOption extends OptionKey {
  /** "<stage>@<site>/<device>", with the variant and terms where there are several. */
  readonly id: string;
  readonly share: number;
  readonly served: Served | null;
  /** The slowest first. */
  readonly legs: readonly NetworkLeg[];
  readonly latency: TotalLatency | null;
  readonly speed: number;
  readonly checks: readonly Check[];
  readonly feasible: boolean;
  /** Days until it can run: delivery or approval, whichever is longer. */
  readonly leadTimeDays: number;
  /** False where only what needs no full estimate was checked. */
  readonly complete: boolean;
}

export interface StageOptions {
  readonly feasible: readonly PlacementOption[];
  /** Parts of a divided load, where the component may be divided. */
  readonly divided: readonly PlacementOption[];
  /** Closest first. */
  readonly rejected: readonly PlacementOption[];
  /** Feasible as far as was looked at, dearer than those listed and left out of the program. */
  readonly dearer: { readonly count: number; readonly leastUsdPerMonth: number | null };
}

/** Options of open sites that enter the program per stage, and the cheapest of each country besides. */
const MOST_OPEN_OPTIONS = 24;
/** So many rejected options of open sites get their full estimate, closest first. */
const MOST_REJECTED_ESTIMATED = 12;
const MOST_FORBIDDEN_ESTIMATED = 6;
const RULES: ReadonlySet<CheckId> = new Set(['policy', 'law', 'export_control']);
/** Up to here every option is estimated in full. */
const FEW_OPTIONS = 160;
const MANY_DEVICES = 1e6;

/**
 * @param reach by stage: options up to this price, USD a month, are looked at in any case
 * @param breathe lets others on the thread work; called now and then
 * @param told hears which share of the stages is done
 */
export async function optionsOfStages(
  scenario: Scenario,
  reach: readonly number[],
  breathe: () => Promise<void>,
  told: (share: number) => Promise<void>,
): Promise<StageOptions[]> {
  const capabilities = new Map<string, DeviceCapability>();
  const result: StageOptions[] = [];
  for (const stage of scenario.stages.keys()) {
    const options = await optionsOfStage(scenario, stage, capabilities, reach[stage] ?? 0, breathe);
    result.push({ ...options, divided: dividedOf(scenario, stage, options) });
    await told(result.length / scenario.stages.length);
  }
  return result;
}

/** Shares of a divided load that are looked at; those below the least share are left out. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9];
/** So many of a stage's cheapest options are divided. */
const MOST_DIVIDED = 12;
const LEAST_SHARE = 0.1;
/** What a place lacks for the whole it may have for a part. */
const CAPACITY: ReadonlySet<CheckId> = new Set(['stock', 'site_power', 'rack_space', 'budget', 'carbon', 'latency']);

function dividedOf(
  scenario: Scenario,
  index: number,
  { feasible, rejected }: Pick<StageOptions, 'feasible' | 'rejected'>,
): PlacementOption[] {
  const split = scenario.stages[index]?.component.split;
  // copies for availability are whole
  if (split?.kind !== 'by_load' || scenario.stages[index]?.component.availability !== undefined) return [];
  const shares = SHARES.filter((share) => share >= (split.leastShare ?? LEAST_SHARE) - 1e-9);
  const short = rejected.filter(
    ({ complete, checks }) => complete && checks.every(({ ok, id }) => ok || CAPACITY.has(id)),
  );
  return [...feasible.slice(0, MOST_DIVIDED), ...short.slice(0, MOST_DIVIDED)].flatMap((option) =>
    shares.map((share) => withShare(scenario, option, share)).filter((it) => it !== null),
  );
}

const usdOf = ({ served }: PlacementOption): number => (served === null ? 0 : wholeUsd(served));

type WholeOptions = Omit<StageOptions, 'divided'>;

interface Sketch extends OptionKey {
  readonly capability: DeviceCapability;
  readonly legs: readonly NetworkLeg[];
  readonly checks: readonly Check[];
  readonly leadTimeDays: number;
  /** USD a month that the hardware costs at least. */
  readonly least: number;
}

async function optionsOfStage(
  scenario: Scenario,
  index: number,
  capabilities: Map<string, DeviceCapability>,
  reach: number,
  breathe: () => Promise<void>,
): Promise<WholeOptions> {
  const stage = scenario.stages[index] as Stage;
  const sketches: Sketch[] = [];
  for (const [siteIndex, site] of scenario.sites.entries()) {
    if (stage.component.sites !== undefined && !stage.component.sites.includes(site.id)) continue;
    if (site.onlyFor !== null && !stage.groups.every(({ id }) => id === site.onlyFor)) continue;
    const legs = networkLegs(scenario, stage, site);
    const { checks: ofPlace, leadTimeDays } = placeChecks(scenario, stage, site);
    for (const device of site.devices) {
      if (stage.component.devices !== undefined && !stage.component.devices.includes(device.device.id)) continue;
      for (const work of stage.works) {
        const capability = capabilityOf(scenario, { stage, work, site, device }, capabilities);
        for (const purchase of device.purchases) {
          const key = { stage: index, site: siteIndex, device, work, purchase };
          const checks = [
            ...ofPlace,
            ...capabilityChecks(scenario, { stage, work, site, device, purchase, legs, capability, leadTimeDays }),
          ];
          const least = leastUsdPerMonth(scenario, site, device, purchase, capability);
          if (least === null && site.pointer === null) continue;
          sketches.push({
            ...key,
            capability,
            legs,
            checks,
            leadTimeDays: Math.max(leadTimeDays, device.leadTimeDays),
            least: least ?? 0,
          });
        }
      }
    }
    await breathe();
  }

  const finish = (sketch: Sketch, share = 1): PlacementOption => completed(scenario, stage, sketch, share);
  if (sketches.length <= FEW_OPTIONS) {
    const options: PlacementOption[] = [];
    for (const sketch of sketches) {
      options.push(finish(sketch));
      await breathe();
    }
    return sorted(options, { count: 0, leastUsdPerMonth: null });
  }

  const passing = sketches
    .filter(({ checks }) => checks.every(({ ok }) => ok))
    .sort((a, b) => a.least - b.least || (idOf(scenario, a) < idOf(scenario, b) ? -1 : 1));
  const feasible: PlacementOption[] = [];
  const rejected: PlacementOption[] = [];
  const countries = new Set<string>();
  let left = 0;
  let leastLeft: number | null = null;
  for (const sketch of passing) {
    const { country, pointer } = scenario.sites[sketch.site] as PlaceableSite;
    const dearest = feasible.map(usdOf).sort((a, b) => a - b)[MOST_OPEN_OPTIONS - 1];
    const enough = dearest !== undefined && sketch.least > Math.max(dearest, reach);
    const home = stage.subjectCountries.includes(country);
    if (enough && pointer === null && countries.has(country) && !home) {
      left += 1;
      leastLeft = Math.min(leastLeft ?? Number.POSITIVE_INFINITY, sketch.least);
      continue;
    }
    const option = finish(sketch);
    if (option.feasible) {
      feasible.push(option);
      countries.add(country);
    } else rejected.push(option);
    await breathe();
  }
  const failing = sketches
    .filter(({ checks }) => checks.some(({ ok }) => !ok))
    .sort((a, b) => distanceOf(a.checks) - distanceOf(b.checks) || (idOf(scenario, a) < idOf(scenario, b) ? -1 : 1));
  // what a rule alone stands against, and what it would cost otherwise
  const forbidden = failing
    .filter(({ checks }) => checks.every(({ ok, id }) => ok || RULES.has(id)))
    .sort((a, b) => a.least - b.least)
    .slice(0, MOST_FORBIDDEN_ESTIMATED);
  const estimated = new Set([...failing.slice(0, MOST_REJECTED_ESTIMATED), ...forbidden]);
  for (const sketch of failing) {
    rejected.push(estimated.has(sketch) ? finish(sketch) : sketched(scenario, sketch));
    if (estimated.has(sketch)) await breathe();
  }
  return sorted([...feasible, ...rejected], { count: left, leastUsdPerMonth: leastLeft });
}

/** The same option with another part of the load; null where it does not carry it. */
function withShare(scenario: Scenario, option: PlacementOption, share: number): PlacementOption | null {
  const stage = scenario.stages[option.stage] as Stage;
  const site = scenario.sites[option.site] as PlaceableSite;
  const { served, latency, checks } = serveWithin(scenario, {
    stage,
    work: option.work,
    site,
    device: option.device,
    purchase: option.purchase,
    share,
    speed: option.speed,
    legs: option.legs,
  });
  if (served === null || checks.some(({ ok }) => !ok)) return null;
  return {
    ...option,
    id: `${option.id}#${share}`,
    share,
    served,
    latency,
    checks: [...option.checks.filter(({ id }) => !CAPACITY.has(id)), ...checks],
    feasible: true,
  };
}

function completed(scenario: Scenario, stage: Stage, sketch: Sketch, share: number): PlacementOption {
  const site = scenario.sites[sketch.site] as PlaceableSite;
  const { served, latency, checks } = serveWithin(scenario, {
    stage,
    work: sketch.work,
    site,
    device: sketch.device,
    purchase: sketch.purchase,
    share,
    speed: sketch.capability.speed,
    legs: sketch.legs,
  });
  const known = new Set(sketch.checks.filter(({ ok }) => !ok).map(({ id }) => id));
  // what the device cannot do at all has been said already
  const all = [...sketch.checks, ...checks.filter(({ id, ok }) => ok || !known.has(id))];
  return {
    ...keyOf(sketch),
    id: idOf(scenario, sketch),
    share,
    served,
    legs: sketch.legs,
    latency,
    speed: sketch.capability.speed,
    checks: all,
    feasible: served !== null && all.every(({ ok }) => ok),
    leadTimeDays: sketch.leadTimeDays,
    complete: true,
  };
}

const sketched = (scenario: Scenario, sketch: Sketch): PlacementOption => ({
  ...keyOf(sketch),
  id: idOf(scenario, sketch),
  share: 1,
  served: null,
  legs: sketch.legs,
  latency: null,
  speed: sketch.capability.speed,
  checks: sketch.checks,
  feasible: false,
  leadTimeDays: sketch.leadTimeDays,
  complete: false,
});

const keyOf = ({ stage, site, device, work, purchase }: OptionKey): OptionKey => ({
  stage,
  site,
  device,
  work,
  purchase,
});

function idOf(scenario: Scenario, { stage, site, device, work, purchase }: OptionKey): string {
  const { id, works } = scenario.stages[stage] as Stage;
  const place = scenario.sites[site] as PlaceableSite;
  const variant = works.length > 1 ? `/${work.id}` : '';
  const terms =
    device.purchases.length > 1
      ? `/${purchase.category ?? 'on_demand'}${purchase.termMonths === undefined ? '' : `-${purchase.termMonths}m`}`
      : '';
  return `${id}@${place.id}/${device.device.id}${variant}${terms}`;
}

const sorted = (options: readonly PlacementOption[], dearer: StageOptions['dearer']): WholeOptions => ({
  feasible: options.filter(({ feasible }) => feasible).sort((a, b) => usdOf(a) - usdOf(b) || (a.id < b.id ? -1 : 1)),
  rejected: options
    .filter(({ feasible }) => !feasible)
    .sort((a, b) => distanceOf(a.checks) - distanceOf(b.checks) || (a.id < b.id ? -1 : 1)),
  dearer,
});

function capabilityOf(
  scenario: Scenario,
  question: { stage: Stage; work: NamedWork; site: PlaceableSite; device: PlaceableDevice },
  known: Map<string, DeviceCapability>,
): DeviceCapability {
  const { stage, work, site, device } = question;
  const { ambientCelsius } = site.description;
  const custom = device.custom === null ? '' : JSON.stringify(device.custom);
  const key = [
    stage.id,
    work.pointer,
    device.device.id,
    custom,
    device.powerLimitWatts,
    ambientCelsius,
    site.units,
    site.kind,
  ].join('|');
  const found = known.get(key);
  if (found !== undefined) return found;
  const capability = deviceCapability(scenario, question);
  known.set(key, capability);
  return capability;
}

/** The devices the load needs without any latency budget, at the lowest price per device there; null where nothing is offered. */
function leastUsdPerMonth(
  { snapshot, at }: Scenario,
  site: PlaceableSite,
  { device }: PlaceableDevice,
  purchase: Purchase,
  { deviceHours }: DeviceCapability,
): number | null {
  if (purchase.category === 'owned' || purchase.usdPerDeviceHour !== undefined) return 0;
  const pricing = hardwarePricing(
    snapshot,
    site.region === null ? { country: site.country } : { region: site.region.id },
    purchase,
    at,
  );
  const bulk = pricing.quote(device, MANY_DEVICES, 1);
  if (bulk === null) return null;
  return (bulk.usdPerHour / bulk.devicesPaid) * (deviceHours ?? HOURS_PER_MONTH);
}
