/**
 * A fleet of owned devices in the field: depreciation, interest, spares and maintenance as for all owned hardware
 * (economics/owned-cost.ts), and what a data hall does not have: installation on site, visits, a line for each device.
 * Electricity comes beside it (domain/energy).
 */
import { type AssumptionLog, exactly, type Quantity, sourcedDefault } from '../economics/assumption.ts';
import { type DraftItem, lineItem } from '../economics/line-item.ts';
import { type OwnedOverrides, ownedCost } from '../economics/owned-cost.ts';
import { USEFUL_LIFE_YEARS } from '../economics/owned-defaults.ts';
import type { PriceUse } from '../economics/price-use.ts';
import { unitAmount } from '../money.ts';
import type { UncertainFactor } from '../uncertainty/band.ts';
import { HOURS_PER_MONTH, MONTHS_PER_YEAR } from '../units.ts';

const INSTALLATION_USD = sourcedDefault({
  id: 'edge.installation_usd',
  field: '/installationUsdPerDevice',
  value: 150,
  unit: 'USD per device',
  range: { low: 50, high: 600 },
  kind: 'assumed',
  source: 'judgement: one to four hours of a technician with mount, cable and commissioning',
  reason: 'Putting a device into place, once in its life',
});

const VISITS_PER_YEAR = sourcedDefault({
  id: 'edge.visits_per_device_year',
  field: '/visitsPerDeviceYear',
  value: 0.4,
  unit: 'visits per device and year',
  range: { low: 0.1, high: 1.5 },
  kind: 'assumed',
  source: 'judgement: failures, storage wear, cleaning; dust and heat raise it',
  reason: 'Visits on site beyond what can be done from afar',
});

const USD_PER_VISIT = sourcedDefault({
  id: 'edge.usd_per_visit',
  field: '/usdPerVisit',
  value: 120,
  unit: 'USD per visit',
  range: { low: 50, high: 400 },
  kind: 'assumed',
  source: 'judgement: half a day of a technician with travel',
  reason: 'Cost of one visit',
});

const CONNECTIVITY_USD_PER_MONTH = sourcedDefault({
  id: 'edge.connectivity_usd_per_device_month',
  field: '/connectivityUsdPerDeviceMonth',
  value: 8,
  unit: 'USD per device and month',
  range: { low: 2, high: 40 },
  kind: 'assumed',
  source: 'judgement: share of a site line, or a machine subscription of a mobile operator',
  reason: 'Line of the device without its traffic',
});

const HOST_USD = sourcedDefault({
  id: 'edge.host_usd',
  field: '/hostUsdPerDevice',
  value: 120,
  unit: 'USD per module',
  range: { low: 60, high: 500 },
  kind: 'assumed',
  source:
    'judgement: a small single-board computer with storage, supply and case; an industrial one is at the high end',
  reason: 'The device is a module without a processor of its own; the few watts of its host are not counted',
});

interface EdgeFleetQuery extends OwnedOverrides {
  readonly devices: number;
  readonly months: number;
  /** Decimal string, USD: the device with its carrier, enclosure and supply. */
  readonly pricePerDevice: string;
  /** The catalog price behind it; null for the caller's own price. */
  readonly price: { readonly use: PriceUse; readonly factor: UncertainFactor } | null;
  readonly maxWattsPerDevice: Quantity;
  readonly installationUsdPerDevice?: number | undefined;
  readonly visitsPerDeviceYear?: number | undefined;
  readonly usdPerVisit?: number | undefined;
  readonly connectivityUsdPerDeviceMonth?: number | undefined;
  /** The device is a module that needs a host; its price is that of the module alone. */
  readonly needsHost?: boolean | undefined;
}

/** Line items for the whole fleet over the months. */
export function edgeFleetCost(query: EdgeFleetQuery, log: AssumptionLog): readonly DraftItem[] {
  const devices = exactly(query.devices, 'devices');
  const months = exactly(query.months, 'months');
  const years = query.months / MONTHS_PER_YEAR;
  const owned = ownedCost(
    {
      ...query,
      deviceHours: exactly(query.devices * query.months * HOURS_PER_MONTH, 'device-hours', 'devices x months x 730'),
      utilization: exactly(1, 'share of life', 'the devices stand in the field all day'),
      deviceClass: 'edge',
      includesServer: true,
      clustered: false,
    },
    log,
  );
  const life = log.resolve(query.usefulLifeYears, USEFUL_LIFE_YEARS);
  const installation = log.resolve(query.installationUsdPerDevice, INSTALLATION_USD);
  const visits = log.resolve(query.visitsPerDeviceYear, VISITS_PER_YEAR);
  const perVisit = log.resolve(query.usdPerVisit, USD_PER_VISIT);
  const line = log.resolve(query.connectivityUsdPerDeviceMonth, CONNECTIVITY_USD_PER_MONTH);
  const host = query.needsHost === true ? log.resolve(undefined, HOST_USD) : null;
  return [
    ...owned.items,
    ...(host === null
      ? []
      : [
          lineItem({
            id: 'edge.host',
            label: 'Hosts of the modules, spread over the life of the devices',
            category: 'compute',
            formula: 'devices x host x months / 12 / usefulLifeYears',
            quantity: (query.devices * years) / life.value,
            unitAmount: unitAmount(host.value),
            currency: 'USD',
            inputs: { devices, host, months, usefulLifeYears: { ...life, factors: [] } },
          }),
        ]),
    lineItem({
      id: 'edge.installation',
      label: 'Installation on site, spread over the life of the devices',
      category: 'people',
      formula: 'devices x installation x months / 12 / usefulLifeYears',
      quantity: (query.devices * years) / life.value,
      unitAmount: unitAmount(installation.value),
      currency: 'USD',
      inputs: { devices, installation, months, usefulLifeYears: { ...life, factors: [] } },
    }),
    lineItem({
      id: 'edge.field_visits',
      label: 'Visits on site',
      category: 'people',
      formula: 'devices x visitsPerDeviceYear x months / 12 x costPerVisit',
      quantity: query.devices * visits.value * years,
      unitAmount: unitAmount(perVisit.value),
      currency: 'USD',
      inputs: { devices, visitsPerDeviceYear: visits, months, costPerVisit: perVisit },
    }),
    lineItem({
      id: 'edge.connectivity',
      label: 'Lines of the devices',
      category: 'network',
      formula: 'devices x months x pricePerDeviceMonth',
      quantity: query.devices * query.months,
      unitAmount: unitAmount(line.value),
      currency: 'USD',
      inputs: { devices, months, pricePerDeviceMonth: line },
    }),
  ];
}
