/** What the caller's limits say to an option: every one that it breaks, by how much, and the least change that lets it in. */
import type { Device } from '../devices/device.ts';
import { isPhone } from '../devices/phone.ts';
import type { HardwareOption } from './option.ts';
import { carriedShare, spotDownShare } from './performance/availability.ts';
import type { AcceptedPurchases, InferenceRecommendationRequest, RecommendationConstraints } from './request.ts';

/** One change of the request. `to` replaces the value; `add` and `remove` change a list. */
export type Change =
  | { readonly field: string; readonly to: number | string | boolean }
  | { readonly field: string; readonly add: string }
  | { readonly field: string; readonly remove: string };

export interface Failure {
  /** Stable name. */
  readonly constraint: string;
  readonly required: number | string | null;
  readonly actual: number | string | null;
  /** How far off, in the unit; null for what is not a number. */
  readonly margin: number | null;
  readonly unit: string | null;
  /** How far off relative to the limit; 1 for what is not a number. Orders options by closeness. */
  readonly excess: number;
  /** Null where no value of a field lets the option in. */
  readonly change: Change | null;
}

type Request = InferenceRecommendationRequest;

const DEFAULT_PURCHASES = ['on_demand'] as const;

export const acceptedPurchases = (purchase: AcceptedPurchases | undefined): readonly string[] =>
  purchase?.accept ?? DEFAULT_PURCHASES;

/** Limits on the device alone: checked before anything is evaluated. */
export function deviceFailures(device: Device, constraints: RecommendationConstraints): Failure[] {
  const { devices, excludedDevices, deviceClasses, vendors, excludedVendors } = constraints;
  return [
    ...among('devices', devices, device.id),
    ...(devices === undefined && isPhone(device) ? [phone(device)] : []),
    ...notAmong('excludedDevices', excludedDevices, device.id),
    ...among('deviceClasses', deviceClasses, device.class),
    ...among('vendors', vendors, device.vendor, sameWord),
    ...notAmong('excludedVendors', excludedVendors, device.vendor, sameWord),
  ];
}

/** A phone serves its own user; it is considered as a server only where the request names it. */
const phone = ({ id }: Device): Failure => ({
  constraint: 'devices',
  required: 'a phone only where it is named',
  actual: id,
  margin: null,
  unit: null,
  excess: 1,
  change: { field: '/constraints/devices', add: id },
});

/**
 * Limits on the option: place, terms, money, energy, facility.
 * @param partOfMix the option may be a part of a mix: limits that hold for the mix as a whole (domain/fleet/mix-limits.ts) rule it out
 *   only where nobody knows its figure
 */
export function optionFailures(
  option: HardwareOption,
  { constraints = {}, purchase }: Request,
  partOfMix = false,
): Failure[] {
  const failures: Failure[] = [];
  const { point } = option;
  const accepted = acceptedPurchases(purchase);
  if (!accepted.includes(option.category)) {
    failures.push({
      constraint: 'purchase',
      required: accepted.join(', '),
      actual: option.category,
      margin: null,
      unit: null,
      excess: 1,
      change: { field: '/purchase/accept', add: option.category },
    });
  }
  const longest = purchase?.longestCommitmentMonths;
  if (longest !== undefined && option.termMonths > longest) {
    failures.push(above('commitment', '/purchase/longestCommitmentMonths', longest, option.termMonths, 'months'));
  }
  failures.push(...placeFailures(option, constraints));
  if (constraints.freshPricesOnly === true && option.stalePrice) {
    failures.push({
      constraint: 'stale_price',
      required: 'fresh',
      actual: 'stale',
      margin: null,
      unit: null,
      excess: 1,
      change: { field: '/constraints/freshPricesOnly', to: false },
    });
  }
  const { monthlyBudgetUsd, upfrontBudgetUsd, maxLeadTimeDays, minMemoryHeadroomPercent, minAccuracyPercent } =
    constraints;
  if (!partOfMix && monthlyBudgetUsd !== undefined && option.usdPerMonth > Number(monthlyBudgetUsd)) {
    failures.push(
      money('monthly_budget', '/constraints/monthlyBudgetUsd', Number(monthlyBudgetUsd), option.usdPerMonth),
    );
  }
  if (!partOfMix && upfrontBudgetUsd !== undefined && option.upfrontUsd > Number(upfrontBudgetUsd)) {
    failures.push(
      money('upfront_budget', '/constraints/upfrontBudgetUsd', Number(upfrontBudgetUsd), option.upfrontUsd),
    );
  }
  if (maxLeadTimeDays !== undefined) failures.push(...leadTimeFailures(option, maxLeadTimeDays));
  const headroom = point.memoryHeadroomPercent;
  if (minMemoryHeadroomPercent !== undefined && headroom !== null && headroom < minMemoryHeadroomPercent) {
    failures.push(
      below('memory_headroom', '/constraints/minMemoryHeadroomPercent', minMemoryHeadroomPercent, headroom, '%'),
    );
  }
  const floor = minAccuracyPercent ?? 0;
  if (point.accuracyPercent !== null && point.accuracyPercent < floor) {
    failures.push(below('accuracy', '/constraints/minAccuracyPercent', floor, point.accuracyPercent, '%'));
  }
  const { maxCarbonKilogramsPerMonth: carbon, maxKilowattHoursPerMonth: energy } = constraints;
  const { carbonKilograms, facilityKilowattHours } = option;
  const ofOption = (figure: number | null): number | null => (partOfMix && figure !== null ? 0 : figure);
  failures.push(
    ...atMost('carbon', '/constraints/maxCarbonKilogramsPerMonth', carbon, ofOption(carbonKilograms), 'kg CO2e'),
    ...atMost('energy', '/constraints/maxKilowattHoursPerMonth', energy, ofOption(facilityKilowattHours), 'kWh'),
    ...facilityFailures(option, constraints, partOfMix),
    ...(partOfMix ? [] : edgeFailures(option, constraints)),
    ...availabilityFailures(option, constraints),
  );
  return failures;
}

type PlaceAndTerms = Pick<HardwareOption, 'providerId' | 'providerCountry' | 'regionId' | 'country' | 'category'>;

/** Limits on the place alone: known of a price before any option is worked out. */
export function placeFailures(place: PlaceAndTerms, constraints: RecommendationConstraints): Failure[] {
  const { providers, excludedProviders, regions, excludedRegions, countries, excludedCountries } = constraints;
  const { providerCountries, excludedProviderCountries } = constraints;
  const { providerId, providerCountry, regionId, country, category } = place;
  const owned = category === 'owned';
  return [
    // what one owns has no provider and no region: it stands where its owner puts it
    ...(owned ? [] : among('providers', providers, providerId)),
    ...(owned ? [] : notAmong('excludedProviders', excludedProviders, providerId)),
    ...(owned ? [] : among('regions', regions, regionId)),
    ...(owned ? [] : notAmong('excludedRegions', excludedRegions, regionId)),
    ...(owned ? [] : among('countries', countries, country)),
    // a price without a country cannot be shown to lie outside of the excluded ones
    ...(excludedCountries === undefined || owned
      ? []
      : country === null
        ? [unknownPlace('excluded_countries', excludedCountries)]
        : notAmong('excludedCountries', excludedCountries, country)),
    ...(owned ? [] : among('providerCountries', providerCountries, providerCountry)),
    ...(excludedProviderCountries === undefined || owned
      ? []
      : providerCountry === null
        ? [unknownPlace('excluded_provider_countries', excludedProviderCountries)]
        : notAmong('excludedProviderCountries', excludedProviderCountries, providerCountry)),
  ];
}

const unknownPlace = (constraint: string, excluded: readonly string[]): Failure => ({
  constraint,
  required: `not in ${excluded.join(', ')}`,
  actual: null,
  margin: null,
  unit: null,
  excess: 1,
  change: null,
});

/** A lead time that nobody knows cannot be shown to be in time. */
function leadTimeFailures({ leadTime: { days, basis }, category }: HardwareOption, limit: number): Failure[] {
  if (days === null) {
    const unknown = { constraint: 'lead_time', required: limit, actual: null, margin: null, unit: 'days', excess: 1 };
    const change = category === 'owned' ? { field: '/purchase/ownedLeadTimeDays', to: limit } : null;
    return [{ ...unknown, change }];
  }
  if (days <= limit) return [];
  const late = above('lead_time', '/constraints/maxLeadTimeDays', limit, days, 'days');
  // what was published of others' orders gives way to what the caller's own supplier says
  return [basis === 'published' ? { ...late, change: { field: '/purchase/ownedLeadTimeDays', to: limit } } : late];
}

/** Only hardware of one's own draws on one's own facility. */
function facilityFailures(
  { racks }: HardwareOption,
  { facility }: RecommendationConstraints,
  partOfMix: boolean,
): Failure[] {
  if (facility === undefined || racks === null) return [];
  const { maxKilowatts, maxRacks, coolingClasses } = facility;
  const { facilityKilowatts, racks: count, coolingClass, fits, kilowattsPerRack } = racks;
  const rackPower: Failure[] = fits
    ? []
    : [
        {
          constraint: 'rack_power',
          required: null,
          actual: kilowattsPerRack,
          margin: null,
          unit: 'kW per rack',
          excess: 1,
          change: { field: '/inference/site/rackKilowatts', to: Math.ceil(kilowattsPerRack) },
        },
      ];
  if (partOfMix) return rackPower;
  return [
    ...atMost('facility_power', '/constraints/facility/maxKilowatts', maxKilowatts, facilityKilowatts, 'kW'),
    ...atMost('rack_space', '/constraints/facility/maxRacks', maxRacks, count, 'racks'),
    ...(coolingClasses === undefined || (coolingClasses as readonly string[]).includes(coolingClass)
      ? []
      : among('facility/coolingClasses', coolingClasses, coolingClass).map((failure) => ({
          ...failure,
          constraint: 'cooling',
        }))),
    ...rackPower,
  ];
}

/**
 * Boards and phones serve where they stand: without remote management, ECC or a rack they are no server farm. So many as a server
 * has accelerators are taken for one endpoint unless the caller says more.
 */
export const MAX_EDGE_DEVICES = 8;

function edgeFailures({ point }: HardwareOption, { maxEdgeDevices }: RecommendationConstraints): Failure[] {
  const limit = maxEdgeDevices ?? MAX_EDGE_DEVICES;
  if (point.device.class !== 'edge' || point.devices <= limit) return [];
  return [above('edge_devices', '/constraints/maxEdgeDevices', limit, point.devices, 'devices')];
}

/** The spares of a point are for steady capacity; on spot the same number carries the peak for less of the time. */
function availabilityFailures({ point, category }: HardwareOption, constraints: RecommendationConstraints): Failure[] {
  const target = constraints.availabilityPercent;
  if (target === undefined || category !== 'spot') return [];
  const down = spotDownShare(point.device, point.devicesPerReplica);
  const reached = 100 * carriedShare(point.servingReplicas, point.spareReplicas, down);
  return reached >= target
    ? []
    : [below('availability', '/constraints/availabilityPercent', target, reached, '% of the time')];
}

const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function among(
  name: string,
  allowed: readonly string[] | undefined,
  actual: string | null,
  same: (a: string, b: string) => boolean = Object.is,
): Failure[] {
  if (allowed === undefined || (actual !== null && allowed.some((one) => same(one, actual)))) return [];
  const change = actual === null ? null : { field: `/constraints/${name}`, add: actual };
  return [{ ...named(name), required: allowed.join(', '), actual, change }];
}

function notAmong(
  name: string,
  excluded: readonly string[] | undefined,
  actual: string | null,
  same: (a: string, b: string) => boolean = Object.is,
): Failure[] {
  const found = actual === null ? undefined : excluded?.find((one) => same(one, actual));
  if (found === undefined) return [];
  const change = { field: `/constraints/${name}`, remove: found };
  return [{ ...named(name), required: `not ${found}`, actual, change }];
}

const named = (name: string): Pick<Failure, 'constraint' | 'margin' | 'unit' | 'excess'> => ({
  constraint: name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  margin: null,
  unit: null,
  excess: 1,
});

/** Beyond it limits count as equally hopeless to keep, and only the order among them matters: none is any share of zero. */
export const FAR = 1e6;

/** A figure that nobody knows cannot be shown to stay within a limit. */
function atMost(
  constraint: string,
  field: string,
  limit: number | undefined,
  actual: number | null,
  unit: string,
): Failure[] {
  if (limit === undefined) return [];
  if (actual === null) return [{ constraint, required: limit, actual, margin: null, unit, excess: 1, change: null }];
  return actual > limit ? [above(constraint, field, limit, actual, unit)] : [];
}

const above = (constraint: string, field: string, required: number, actual: number, unit: string): Failure => ({
  constraint,
  required,
  actual,
  margin: actual - required,
  unit,
  excess: required > 0 ? actual / required - 1 : FAR * (1 + actual),
  change: { field, to: Math.ceil(actual * 1e4) / 1e4 },
});

const below = (constraint: string, field: string, required: number, actual: number, unit: string): Failure => ({
  constraint,
  required,
  actual,
  margin: actual - required,
  unit,
  excess: required > 0 ? 1 - actual / required : 1,
  change: { field, to: Math.max(Math.floor(actual * 1e4) / 1e4, 0) },
});

/** Budgets are decimal strings; a cent more than the amount covers rounding. */
const money = (constraint: string, field: string, required: number, actual: number): Failure => ({
  ...above(constraint, field, required, actual, 'USD'),
  change: { field, to: (Math.ceil(actual * 100 + 1) / 100).toFixed(2) },
});
