/**
 * The second stage: every performance point at every price, by arithmetic. A rental is linear in its price per device-hour, and
 * energy in the PUE and the grid of the place; nothing is evaluated again.
 */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { AssumptionLog, exactly } from '../../economics/assumption.ts';
import { lineItem } from '../../economics/line-item.ts';
import { egressItem } from '../../economics/network-cost.ts';
import { cheapestOfGroup, type RentalGroup, rentalGroups } from '../../economics/rental-groups.ts';
import { surchargeItems } from '../../economics/surcharges.ts';
import { hardwarePricing } from '../../estimate/hardware-pricing.ts';
import type { Purchase } from '../../estimate/selectors.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../../estimate/spot-interruptions.ts';
import { egressPerMonth } from '../../inference/monthly-costs.ts';
import { toNumber } from '../../money.ts';
import { GRAMS_PER_KILOGRAM } from '../../units.ts';
import type { HardwareOption } from '../option.ts';
import { hostHasMemory, onTerms, type PerformancePoint } from '../performance/performance-point.ts';
import { pointKilowattHours } from '../performance/point-energy.ts';
import type { AcceptedPurchases, InferenceWorkload } from '../request.ts';
import { leadTimeOf } from './lead-time.ts';
import { monthlyBill } from './monthly-bill.ts';
import { placeFigures } from './place-figures.ts';

interface PriceSearch {
  readonly snapshot: CatalogSnapshot;
  readonly inference: InferenceWorkload;
  readonly at: string;
  readonly terms: AcceptedPurchases | undefined;
  /** Where owned hardware stands; null where that is left open. */
  readonly ownedCountry: string | null;
}

/** Which of the prices are joined; all of them where it leaves something out. */
interface WantedPrices {
  readonly categories?: readonly string[];
  readonly group?: (group: RentalGroup) => boolean;
}

/** Every option of a point; none where the catalog has no price for it, rented or bought. */
export function priceJoin(
  search: PriceSearch,
  { categories, group: isWanted }: WantedPrices = {},
): (point: PerformancePoint) => HardwareOption[] {
  const rental = rentalJoin(search);
  const owned = categories === undefined || categories.includes('owned') ? ownedJoin(search) : null;
  return (point) => {
    const options: HardwareOption[] = [];
    for (const group of rentalGroups(search.snapshot, point.device.id, search.at)) {
      if (categories !== undefined && !categories.includes(group.category)) continue;
      if (isWanted !== undefined && !isWanted(group)) continue;
      const option = rental(point, group);
      if (option !== null) options.push(option);
    }
    const bought = owned === null ? null : owned(point);
    if (bought !== null) options.push(bought);
    return options;
  };
}

function rentalJoin({ snapshot, inference, at, terms }: PriceSearch) {
  const managedPlatforms = terms?.managedPlatforms ?? false;
  const figuresOf = placeFigures(snapshot, inference.site);
  const rates = surchargeRates(inference);
  const egress = egressOf(inference);
  return (running: PerformancePoint, group: RentalGroup): HardwareOption | null => {
    const point = onTerms(running, group.category);
    const { device, devices, devicesInOneNode, paidHours } = point;
    const price = cheapestOfGroup(group, { deviceId: device.id, at, devices, devicesInOneNode, managedPlatforms });
    if (price === null || !hostHasMemory(point, price)) return null;
    const { providerId, region, category, termMonths, payment } = group;
    const country = region?.country ?? null;
    const figures = figuresOf(providerId, region?.id ?? null, country);
    const interrupted = category === 'spot' ? SPOT_DEVICE_TIME_FACTOR : 1;
    const hardware = price.hourlyCost * interrupted * paidHours;
    const network = egress(providerId, region?.id ?? null, country);
    const usdPerMonth = hardware * rates.perHardwareUsd + network * rates.perNetworkUsd + devices * rates.usdPerDevice;
    const kilowattHours = pointKilowattHours(point, price.devicesPaid, inference.site);
    const facility = kilowattHours === null ? null : kilowattHours * figures.pue;
    const units = price.devicesPaid / price.offer.deviceCount;
    return {
      point,
      category,
      termMonths,
      payment,
      providerId,
      regionId: region?.id ?? null,
      country,
      providerCountry: price.provider?.headquartersCountry ?? null,
      price,
      devicesPaid: price.devicesPaid,
      usdPerMonth,
      hardwareUsdPerMonth: hardware,
      perHardwareUsd: rates.perHardwareUsd,
      // a capacity block is paid ahead
      upfrontUsd: category === 'capacity_block' ? usdPerMonth : Number(price.price.upfront) * units,
      facilityKilowattHours: facility,
      carbonKilograms: facility === null ? null : (facility * figures.gramsCo2ePerKwh) / GRAMS_PER_KILOGRAM,
      racks: null,
      leadTime: leadTimeOf({ deviceId: device.id, category, offer: price.offer, purchase: terms }),
      stalePrice: price.stale,
    };
  };
}

function ownedJoin({ snapshot, inference, at, terms, ownedCountry }: PriceSearch) {
  const owned = terms?.owned;
  const purchase: Purchase = { category: 'owned', ...(owned !== undefined && { owned }) };
  const location = ownedCountry === null ? {} : { country: ownedCountry };
  const pricing = hardwarePricing(snapshot, location, purchase, at);
  const place = { providerId: null, regionId: null, country: ownedCountry };
  return (running: PerformancePoint): HardwareOption | null => {
    const point = onTerms(running, 'owned');
    const { device, devices, power } = point;
    // a hall is sized by power: without a figure owning cannot be priced
    const quote = power === null ? null : pricing.quote(device, devices, 1);
    if (quote === null) return null;
    const bill = monthlyBill({
      snapshot,
      inference,
      point,
      purchase,
      pricing,
      price: null,
      devicesPaid: quote.devicesPaid,
      place,
      at,
      log: new AssumptionLog(),
    });
    const { site, capitalUsd, total, hardware } = bill;
    const facility = site === null ? null : site.energy.itKilowattHours.value + site.energy.overheadKilowattHours.value;
    const grams = site?.gramsCo2ePerKwh ?? 0;
    return {
      point,
      category: 'owned',
      termMonths: 0,
      payment: 'none',
      ...place,
      providerCountry: null,
      price: null,
      devicesPaid: quote.devicesPaid,
      usdPerMonth: toNumber(total),
      hardwareUsdPerMonth: toNumber(hardware),
      perHardwareUsd: 1,
      upfrontUsd: capitalUsd ?? 0,
      facilityKilowattHours: facility,
      carbonKilograms: facility === null ? null : (facility * grams) / GRAMS_PER_KILOGRAM,
      racks: site?.rackReport ?? null,
      leadTime: leadTimeOf({
        deviceId: device.id,
        category: 'owned',
        offer: pricing.bought(device, quote.devicesPaid),
        purchase: terms,
      }),
      stalePrice: false,
    };
  };
}

/** Surcharges are percentages and a price per device, so that three numbers say them all; taken from the lines themselves. */
function surchargeRates({ surcharges }: InferenceWorkload) {
  const LARGE = 1e9;
  const year = exactly(1 / 12, 'years', 'one month');
  const totalOf = (category: 'compute' | 'network' | null, devices: number): number => {
    const base =
      category === null
        ? []
        : [
            lineItem({
              id: category,
              label: category,
              category,
              formula: category,
              quantity: LARGE,
              unitAmount: '1',
              currency: 'USD',
              inputs: {},
            }),
          ];
    const query = { ...surcharges, devices: exactly(devices, 'devices'), years: year, ownership: 'rented' as const };
    return [...base, ...surchargeItems(base, query, 'USD')].reduce((all, { amount }) => all + toNumber(amount), 0);
  };
  return {
    perHardwareUsd: totalOf('compute', 0) / LARGE,
    perNetworkUsd: totalOf('network', 0) / LARGE,
    usdPerDevice: totalOf(null, LARGE) / LARGE,
  };
}

/** USD a month of what is sent out, by place. */
function egressOf(inference: InferenceWorkload) {
  const { responseKilobytes, egressUsdPerGb } = inference;
  const known = new Map<string, number>();
  return (providerId: string, regionId: string | null, country: string | null): number => {
    if (responseKilobytes === undefined) return 0;
    const key = `${providerId}|${regionId}`;
    const usd =
      known.get(key) ??
      toNumber(
        egressItem(
          egressPerMonth(inference),
          { providerId, regionId, country, usdPerGb: egressUsdPerGb },
          new AssumptionLog(),
        ).amount,
      );
    known.set(key, usd);
    return usd;
  };
}
