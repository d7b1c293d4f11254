/**
 * Sketches are options before their full estimate. What a place allows is worked out once per place and what a device can do once per
 * device; the least that the hardware can cost decides the order in which sketches are estimated in full.
 */
import { hardwarePricing } from '../estimate/hardware-pricing.ts';
import type { Purchase } from '../estimate/selectors.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import { type Check, type CheckId, distanceOf } from './check.ts';
import { capabilityChecks, type DeviceCapability, deviceCapability, placeChecks } from './checks.ts';
import { heatOf } from './heat.ts';
import { type NetworkLeg, networkLegs } from './network-leg.ts';
import { idOf, type OptionKey } from './options.ts';
import type { NamedWork, PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { isLanguage } from './stages.ts';

const MANY_DEVICES = 1e6;
const RULES: ReadonlySet<CheckId> = new Set(['policy', 'law', 'export_control']);
/** Number of rejected options at open sites that are estimated in full, closest to passing first. */
const MOST_REJECTED_ESTIMATED = 12;
const MOST_FORBIDDEN_ESTIMATED = 6;

export interface Sketch extends OptionKey {
  readonly capability: DeviceCapability;
  readonly legs: readonly NetworkLeg[];
  /** Written out when they are asked for: of a large question most never are, and their words take the most memory. */
  readonly checks: () => readonly Check[];
  readonly failed: readonly CheckId[];
  /** From passing. */
  readonly distance: number;
  readonly leadTimeDays: number;
  /** Lower bound on the cost of the hardware, USD a month. */
  readonly least: number;
}

/** The sketches of one stage. */
export interface StageSketches {
  /** By that lower bound, cheapest first. */
  readonly passing: readonly Sketch[];
  /** Closest to passing first. */
  readonly failing: readonly Sketch[];
  /** Failing sketches that are estimated in full all the same, for the explanation. */
  readonly estimated: ReadonlySet<Sketch>;
}

export async function sketchesOf(
  scenario: Scenario,
  index: number,
  capabilities: Map<string, Omit<DeviceCapability, 'heat'>>,
  breathe: () => Promise<void>,
): Promise<StageSketches> {
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
          const question = { stage, work, site, device, purchase, legs, capability, leadTimeDays };
          const checks = () => [...ofPlace, ...capabilityChecks(scenario, question)];
          const least = leastUsdPerMonth(scenario, site, device, purchase, capability);
          if (least === null && site.pointer === null) continue;
          const found = checks();
          sketches.push({
            ...key,
            capability,
            legs,
            checks,
            failed: found.flatMap(({ id, ok }) => (ok ? [] : [id])),
            distance: distanceOf(found),
            leadTimeDays: Math.max(leadTimeDays, device.leadTimeDays),
            least: least ?? 0,
          });
        }
      }
    }
    await breathe();
  }

  const byId = new Map(sketches.map((sketch) => [sketch, idOf(scenario, sketch)]));
  const inOrder = (measure: (sketch: Sketch) => number) => (a: Sketch, b: Sketch) =>
    measure(a) - measure(b) || ((byId.get(a) as string) < (byId.get(b) as string) ? -1 : 1);
  const passing = sketches.filter(({ failed }) => failed.length === 0).sort(inOrder(({ least }) => least));
  const failing = sketches.filter(({ failed }) => failed.length > 0).sort(inOrder(({ distance }) => distance));
  // an option that only a rule forbids is estimated, so that the answer can say what it would cost
  const forbidden = failing
    .filter(({ failed }) => failed.every((id) => RULES.has(id)))
    .sort((a, b) => a.least - b.least)
    .slice(0, MOST_FORBIDDEN_ESTIMATED);
  return { passing, failing, estimated: new Set([...failing.slice(0, MOST_REJECTED_ESTIMATED), ...forbidden]) };
}

function capabilityOf(
  scenario: Scenario,
  question: { stage: Stage; work: NamedWork; site: PlaceableSite; device: PlaceableDevice },
  known: Map<string, Omit<DeviceCapability, 'heat'>>,
): DeviceCapability {
  const { stage, work, site, device } = question;
  const modelled = stage.component.training === undefined && work.work.function === undefined;
  const heat = heatOf(scenario, device, site, isLanguage(scenario.snapshot, work.work, work.pointer), modelled);
  const key = [
    stage.id,
    work.pointer,
    device.device.id,
    device.custom === null ? '' : JSON.stringify(device.custom),
    device.userDevices === null ? '' : JSON.stringify(device.userDevices),
    heat.speed,
    heat.modeWatts,
    site.units,
    site.kind,
  ].join('|');
  const found = known.get(key);
  if (found !== undefined) return { ...found, heat };
  const capability = deviceCapability(scenario, question, heat);
  known.set(key, capability);
  return { ...capability, heat };
}

/** The devices that the load needs without any latency budget, at the site's lowest price for the device; null where it is not offered. */
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
