/**
 * Owned hardware per device-hour of work: depreciation of device, server, network and spares, capital, maintenance and
 * the hall. Electricity and cooling come beside it (energy/energy-use.ts); nothing of this is added to a rental.
 *
 * Straight-line depreciation to a residual value; interest on the average book value, capital x (1 + residual) / 2;
 * server and network markups after Epoch AI (cost = chip x server multiplier / (1 - interconnect share)).
 */
import type { PurchaseTerms } from '../catalog/offers.ts';
import type { DeviceClass } from '../devices/device.ts';
import { CURRENCY, scaleUnitAmount, unitAmount } from '../money.ts';
import { rangeFactor, type UncertainFactor } from '../uncertainty/band.ts';
import { HOURS_PER_MONTH, HOURS_PER_YEAR, MONTHS_PER_YEAR, WATTS_PER_KILOWATT } from '../units.ts';
import { type AssumptionLog, exactly, type Quantity, type SourcedDefault, transformed } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';
import {
  COLOCATION_USD_PER_KW_MONTH,
  FINANCING_PERCENT,
  INTERCONNECT_PERCENT,
  MAINTENANCE_PERCENT,
  RESIDUAL_PERCENT,
  SERVER_MULTIPLIER,
  SERVER_MULTIPLIER_CPU,
  SPARE_PERCENT,
  USEFUL_LIFE_YEARS,
} from './owned-defaults.ts';
import type { PriceUse } from './price-use.ts';

export interface OwnedOverrides {
  readonly usefulLifeYears?: number | undefined;
  readonly residualPercent?: number | undefined;
  readonly financingRatePercent?: number | undefined;
  readonly colocationUsdPerKwMonth?: number | undefined;
  readonly maintenancePercentPerYear?: number | undefined;
  readonly sparePercent?: number | undefined;
  /** Server price over the price of its devices. */
  readonly serverMultiplier?: number | undefined;
  /** Network, in percent of the price of the cluster; below 100. */
  readonly interconnectPercent?: number | undefined;
}

export interface OwnedQuery extends OwnedOverrides {
  /** Device-hours of work to be paid for. */
  readonly deviceHours: Quantity;
  /** Share of its life that the hardware works: 1 for a service that runs all day, less where it waits for the next run. */
  readonly utilization: Quantity;
  readonly deviceClass: DeviceClass;
  /** Decimal string, USD. */
  readonly pricePerDevice: string;
  /** The catalog price behind it and its factor; null for the caller's own price. */
  readonly price: { readonly use: PriceUse; readonly factor: UncertainFactor } | null;
  /** The price is of a whole system: no server markup. */
  readonly includesServer: boolean;
  /** What was agreed with the price; the caller's own figures come first. */
  readonly agreed?: PurchaseTerms | null;
  /** More than one node on a fabric. */
  readonly clustered: boolean;
  /** What the hall must supply, per device. */
  readonly maxWattsPerDevice: Quantity;
}

/** What is bought, and how it is written off. */
export interface Bought {
  /** USD bound per device: device, server, network and spares. */
  readonly capitalPerDevice: number;
  readonly usefulLifeYears: number;
  readonly residualPercent: number;
}

interface OwnedCost {
  readonly items: readonly DraftItem[];
  readonly bought: Bought;
}

export function ownedCost(query: OwnedQuery, log: AssumptionLog): OwnedCost {
  const agreed = query.agreed ?? null;
  const resolve = (given: number | undefined, term: number | null | undefined, entry: SourcedDefault): Quantity =>
    given === undefined && agreed !== null && term != null
      ? exactly(term, entry.unit, agreed.source)
      : log.resolve(given, entry);
  const life = resolve(query.usefulLifeYears, agreed?.usefulLifeYears, USEFUL_LIFE_YEARS);
  const residual = resolve(query.residualPercent, agreed?.residualPercent, RESIDUAL_PERCENT);
  const spares = log.resolve(query.sparePercent, SPARE_PERCENT);
  const rate = log.resolve(query.financingRatePercent, FINANCING_PERCENT);
  const maintenance = log.resolve(query.maintenancePercentPerYear, MAINTENANCE_PERCENT);
  const server = serverMarkup(query, log);
  const network = networkMarkup(query, log);

  const { deviceHours, utilization } = query;
  const lossShare = transformed(residual, RESIDUAL_PERCENT, 'of purchase', (percent) => 1 - percent / 100);
  const bookShare = transformed(residual, RESIDUAL_PERCENT, 'of purchase', (percent) => (1 + percent / 100) / 2);
  const pricePerDevice: Quantity = {
    value: Number(query.pricePerDevice),
    unit: 'USD',
    source: query.price === null ? 'the request' : query.price.use.source,
    factors: query.price === null ? [] : [query.price.factor],
    assumptionId: null,
  };
  /** Years of one device that the work takes. */
  const deviceYears = deviceHours.value / (HOURS_PER_YEAR * utilization.value);
  const serverFactor = 1 + server.value;
  const hardware = serverFactor * (1 + network.value);
  const capital = hardware * (1 + spares.value / 100);
  const hours = { deviceHours, utilization };
  const outsideWarranty = query.maintenancePercentPerYear === undefined ? shareOutsideWarranty(agreed, life) : null;

  const depreciation = (
    id: string,
    label: string,
    part: number,
    formula: string,
    inputs: Readonly<Record<string, Quantity>>,
  ): DraftItem =>
    lineItem({
      id,
      label,
      category: 'compute',
      formula: `${formula} x (1 - residual) / usefulLifeYears x deviceHours / (8760 x utilization)`,
      quantity: (part * lossShare.value * deviceYears) / life.value,
      unitAmount: query.pricePerDevice,
      currency: CURRENCY,
      inputs: { pricePerDevice, ...inputs, depreciatedShare: lossShare, usefulLifeYears: life, ...hours },
      dividedBy: ['usefulLifeYears', 'utilization'],
      priceId: query.price?.use.priceId ?? null,
    });

  const items = [
    depreciation('compute.devices', label(query), 1, 'pricePerDevice', {}),
    ...(server.value > 0
      ? [
          depreciation(
            'compute.servers',
            'Depreciation of servers around the devices',
            server.value,
            'pricePerDevice x serverMarkup',
            { serverMarkup: server },
          ),
        ]
      : []),
    ...(network.value > 0
      ? [
          depreciation(
            'compute.network',
            'Depreciation of the cluster network',
            serverFactor * network.value,
            'pricePerDevice x (1 + serverMarkup) x networkMarkup',
            { serverMarkup: quiet(server), networkMarkup: network },
          ),
        ]
      : []),
    depreciation(
      'compute.spares',
      'Depreciation of spare hardware',
      (hardware * spares.value) / 100,
      'pricePerDevice x (1 + serverMarkup) x (1 + networkMarkup) x spares',
      { serverMarkup: quiet(server), networkMarkup: quiet(network), sparePercent: spares },
    ),
    lineItem({
      id: 'compute.financing',
      label: 'Interest on the capital bound',
      category: 'compute',
      formula: 'capitalPerDevice x (1 + residual) / 2 x rate x deviceHours / (8760 x utilization)',
      quantity: capital * bookShare.value * (rate.value / 100) * deviceYears,
      unitAmount: query.pricePerDevice,
      currency: CURRENCY,
      inputs: { pricePerDevice, capitalMultiple: capitalMultiple(capital), bookShare, financingRate: rate, ...hours },
      dividedBy: ['utilization'],
      priceId: query.price?.use.priceId ?? null,
    }),
    lineItem({
      id: 'compute.maintenance',
      label: 'Maintenance of the hardware',
      category: 'compute',
      formula: `capitalPerDevice x maintenance${outsideWarranty === null ? '' : ' x outsideWarranty'} x deviceHours / (8760 x utilization)`,
      quantity: capital * (maintenance.value / 100) * (outsideWarranty?.value ?? 1) * deviceYears,
      unitAmount: query.pricePerDevice,
      currency: CURRENCY,
      inputs: {
        pricePerDevice,
        capitalMultiple: capitalMultiple(capital),
        maintenance,
        ...(outsideWarranty !== null && { outsideWarranty }),
        ...hours,
      },
      dividedBy: ['utilization'],
      priceId: query.price?.use.priceId ?? null,
    }),
    ...facilityItem(query, log),
  ];
  const capitalPerDevice = Number(scaleUnitAmount(query.pricePerDevice, capital));
  return { items, bought: { capitalPerDevice, usefulLifeYears: life.value, residualPercent: residual.value } };
}

/** Within the warranty the supplier maintains; a maintenance rate of the caller's own is taken as it is. Null without a warranty. */
const shareOutsideWarranty = (agreed: PurchaseTerms | null, life: Quantity): Quantity | null => {
  if (agreed === null || agreed.warrantyMonths === null) return null;
  const covered = Math.min(1, agreed.warrantyMonths / MONTHS_PER_YEAR / life.value);
  return exactly(1 - covered, 'share of life', agreed.source);
};

/** An edge device needs no hall. */
function facilityItem(query: OwnedQuery, log: AssumptionLog): DraftItem[] {
  if (query.deviceClass === 'edge') return [];
  const rent = log.resolve(query.colocationUsdPerKwMonth, COLOCATION_USD_PER_KW_MONTH);
  const { deviceHours, utilization, maxWattsPerDevice } = query;
  const kilowattMonths =
    ((maxWattsPerDevice.value / WATTS_PER_KILOWATT) * deviceHours.value) / (HOURS_PER_MONTH * utilization.value);
  return [
    lineItem({
      id: 'facility',
      label: 'Data-centre space, cooling plant and backup power',
      category: 'facility',
      formula: 'maxWattsPerDevice / 1000 x rentPerKwMonth x deviceHours / (730 x utilization)',
      quantity: kilowattMonths,
      unitAmount: unitAmount(rent.value),
      currency: CURRENCY,
      inputs: { maxWattsPerDevice, rentPerKwMonth: rent, deviceHours, utilization },
      dividedBy: ['utilization'],
    }),
  ];
}

/** Server price over the price of its devices, less one. */
function serverMarkup(query: OwnedQuery, log: AssumptionLog): Quantity {
  if (query.includesServer) return exactly(0, 'of device price', 'the price is of a whole system');
  if (query.deviceClass === 'edge') return exactly(0, 'of device price', 'an edge device is a whole system');
  const entry = query.deviceClass === 'cpu' ? SERVER_MULTIPLIER_CPU : SERVER_MULTIPLIER;
  return transformed(
    log.resolve(query.serverMultiplier, entry),
    entry,
    'of device price',
    (multiplier) => multiplier - 1,
  );
}

/** percent / (100 - percent): the network's price over that of everything else. */
function networkMarkup(query: OwnedQuery, log: AssumptionLog): Quantity {
  if (!query.clustered || query.deviceClass === 'edge')
    return exactly(0, 'of server price', 'one node: no cluster network');
  const share = log.resolve(query.interconnectPercent, INTERCONNECT_PERCENT);
  return transformed(share, INTERCONNECT_PERCENT, 'of server price', (percent) => percent / (100 - percent));
}

/** The markups' spread around 1 + markup, taken together: 1.2-1.7 on 1.64 and 9-25 % on 19 %. */
const CAPITAL_SPREAD = rangeFactor(
  'owned.capital_multiple',
  'sourced',
  0.7,
  1.1,
  'Server and network markups of Epoch AI with their ranges, and spares',
);

const capitalMultiple = (value: number): Quantity => ({
  value,
  unit: 'capital / device price',
  source: '(1 + serverMarkup) x (1 + networkMarkup) x (1 + spares)',
  factors: value > 1.2 ? [CAPITAL_SPREAD] : [],
  assumptionId: null,
});

/** For terms where the figure stands beside 1: its own range would overstate theirs. */
const quiet = (quantity: Quantity): Quantity => ({ ...quantity, factors: [] });

const label = (query: OwnedQuery): string =>
  query.includesServer ? 'Depreciation of devices with their servers' : 'Depreciation of devices';
