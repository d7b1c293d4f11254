/** Energy, emissions and racks of a deployment or a run. Reported for rented hardware too, where money already covers it. */
import type { PurchaseTerms } from '../catalog/offers.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device, SystemSpec } from '../devices/device.ts';
import type { AssumptionLog, Quantity } from '../economics/assumption.ts';
import { USEFUL_LIFE_YEARS } from '../economics/owned-defaults.ts';
import { designPower } from '../energy/design-power.ts';
import {
  type Activity,
  averageWatts,
  carbonUse,
  type DevicePower,
  devicePower,
  type EnergyUse,
  energyUse,
  type Pue,
  pueFor,
  type RackPlan,
  rackPlan,
  trainingWatts,
} from '../energy/index.ts';
import type { EnergyReport, RackReport } from './answer.ts';
import type { Place } from './place.ts';
import type { OwnedTerms, SiteFacts } from './selectors.ts';

interface SiteQuestion extends Place {
  readonly device: Device;
  readonly devices: number;
  readonly activity: Activity;
  /** Share of time the devices work, 0 to 1. */
  readonly utilization: number;
  /** Training of language models: share of that time in which the step computes rather than waits. */
  readonly computingShare?: number;
  /** Device-hours powered. */
  readonly deviceHours: Quantity;
  /** More than one node on a fabric. */
  readonly clustered: boolean;
  readonly owned: OwnedTerms | null;
  /** Beside the price of owned hardware; the caller's own terms come first. */
  readonly agreed?: PurchaseTerms | null | undefined;
  readonly facts?: SiteFacts | undefined;
}

export interface Site {
  readonly power: DevicePower;
  readonly pue: Pue;
  readonly energy: EnergyUse;
  readonly gramsCo2ePerKwh: number;
  /** With its bands, which are sampled when they are asked for. */
  readonly energyReport: EnergyReport;
  readonly rackReport: RackReport;
}

/** Null where neither the power of the device nor that of a server with it is known. */
export function siteReport(snapshot: CatalogSnapshot, question: SiteQuestion, log: AssumptionLog): Site | null {
  const { device, deviceHours, owned } = question;
  const systems = snapshot.systemsOfDevice(device.id);
  const power = devicePower(device, systems, question.activity);
  if (power === null) return null;
  noteEstimatedPower(device, systems, log);
  const plan = rackPlan(
    {
      devices: question.devices,
      device,
      system: serverOf(systems, device),
      maxWattsPerDevice: power.maxWatts,
      rackKilowatts: question.facts?.rackKilowatts,
    },
    () => 1,
    log,
  );
  const pue = pueFor(
    snapshot,
    {
      given: question.facts?.pue,
      regionId: question.regionId,
      providerId: question.providerId,
      coolingClass: owned === null ? undefined : plan.coolingClass,
    },
    log,
  );
  const watts =
    question.computingShare === undefined
      ? averageWatts(power, question.utilization)
      : trainingWatts(power, question.computingShare, question.utilization);
  const energy = energyUse(
    {
      deviceHours,
      wattsPerDevice: watts,
      clustered: question.clustered,
      networkPowerPercent: question.facts?.networkPowerPercent,
      pue,
    },
    log,
  );
  const carbon = carbonUse(
    snapshot,
    {
      use: energy,
      device,
      // the years over which money spreads the purchase, for rented hardware too
      usefulLifeYears: owned?.usefulLifeYears ?? question.agreed?.usefulLifeYears ?? USEFUL_LIFE_YEARS.value,
      country: question.country ?? undefined,
      gridGramsCo2ePerKwh: question.facts?.gridGramsCo2ePerKwh,
      embodiedKilogramsPerDevice: question.facts?.embodiedKilogramsPerDevice,
    },
    log,
  );
  return {
    power,
    pue,
    energy,
    gramsCo2ePerKwh: carbon.gramsCo2ePerKwh,
    get energyReport() {
      return {
        itKilowattHours: energy.itBand,
        facilityKilowattHours: energy.facilityBand,
        pue: pue.value,
        averageWattsPerDevice: watts.value,
        carbonKilograms: carbon.operationalKilograms,
        gramsCo2ePerKwh: carbon.gramsCo2ePerKwh,
        embodiedCarbonKilograms: carbon.embodiedKilograms,
        waterLitres: energy.waterLitres,
      };
    },
    rackReport: rackReport(plan, pue.value),
  };
}

/** Of a chip whose maker does not say what it draws. */
function noteEstimatedPower(device: Device, systems: readonly SystemSpec[], log: AssumptionLog): void {
  const design = designPower(device);
  const metered = systems.some(({ nodePowerWatts }) => Object.values(nodePowerWatts).some((watts) => watts !== null));
  if (design === null || design.estimate === null || metered) return;
  log.add({
    id: 'energy.design_power',
    field: '/customDevice/tdpWatts',
    value: design.watts,
    unit: 'W per device',
    range: { low: Math.round(design.low), high: Math.round(design.high) },
    source: design.estimate,
    reason: 'The maker does not say what the chip draws: energy, carbon and the power of racks rest on an estimate.',
  });
}

const rackReport = (plan: RackPlan, pue: number): RackReport => ({
  nodes: plan.nodes,
  racks: plan.racks,
  nodesPerRack: plan.nodesPerRack,
  kilowattsPerRack: plan.kilowattsPerRack,
  coolingClass: plan.coolingClass,
  itKilowatts: plan.itKilowatts,
  facilityKilowatts: plan.itKilowatts * pue,
  fits: plan.fits,
  reason: plan.reason,
});

/** The server that holds as many devices as the device's node does; null where the catalog has none. */
const serverOf = (systems: readonly SystemSpec[], device: Device): SystemSpec | null =>
  systems.find((system) => system.deviceCount === device.devicesPerNode) ?? null;
