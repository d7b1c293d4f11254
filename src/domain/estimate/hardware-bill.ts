/** The bill of hardware for its hours: rented at a catalog price, at the caller's own rate, or owned and powered. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import { type AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import type { Bought } from '../economics/owned-cost.ts';
import { priceFactorWithSources } from '../economics/price-uncertainty.ts';
import { type PriceUse, priceUse } from '../economics/price-use.ts';
import { purchaseOption } from '../economics/purchase-price.ts';
import { customRentalItem, rentalItem } from '../economics/rental-cost.ts';
import type { HardwarePricing, HardwareQuote } from './hardware-pricing.ts';
import { ownedBill } from './owned-bill.ts';
import { refuse } from './request-fault.ts';
import type { Purchase } from './selectors.ts';
import type { Site } from './site-report.ts';
import { interruptionsItem, SPOT_INTERRUPTIONS } from './spot-interruptions.ts';

interface HardwareQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly purchase: Purchase;
  readonly device: Device;
  readonly pricing: HardwarePricing;
  readonly quote: HardwareQuote;
  /** Whole instances and spares included. */
  readonly deviceHours: Quantity;
  /** The hours are those of a service, to which interruptions of spot instances add; those of a training run hold them already. */
  readonly serves: boolean;
  /** Share of its life that owned hardware works. */
  readonly ownedUtilization: Quantity;
  readonly clustered: boolean;
  readonly site: Site | null;
  readonly country: string | null;
  readonly at: string;
}

export interface HardwareBill {
  readonly drafts: readonly DraftItem[];
  readonly prices: readonly PriceUse[];
  /** Null for rentals. */
  readonly bought: Bought | null;
}

export function hardwareBill(question: HardwareQuestion, log: AssumptionLog): HardwareBill {
  const { snapshot, purchase, pricing, quote, deviceHours, at } = question;
  if (pricing.mode === 'owned') return billOfOwned(question, log);
  if (purchase.usdPerDeviceHour !== undefined) {
    const rental = customRentalItem({ deviceHours }, purchase.usdPerDeviceHour, 'USD');
    return { drafts: [rental], prices: [], bought: null };
  }
  if (quote.option === null) throw new Error('A rental at a catalog price needs the price.');
  const use = priceUse(quote.option.offer, quote.option.price, at);
  const factor = priceFactorWithSources(snapshot, use, at);
  const rental = rentalItem({ deviceHours }, quote.option, use, factor);
  if (!question.serves || use.category !== 'spot') return { drafts: [rental], prices: [use], bought: null };
  log.add(SPOT_INTERRUPTIONS);
  return { drafts: [rental, interruptionsItem(rental)], prices: [use], bought: null };
}

function billOfOwned(question: HardwareQuestion, log: AssumptionLog): HardwareBill {
  const { snapshot, purchase, device, quote, deviceHours, ownedUtilization, clustered, site, country, at } = question;
  const owned = purchase.owned ?? {};
  const option =
    owned.purchasePricePerDevice === undefined ? purchaseOption(snapshot, device.id, at, quote.devicesPaid) : null;
  const pricePerDevice = owned.purchasePricePerDevice ?? option?.amountPerDevice;
  if (pricePerDevice === undefined) throw new Error('Owned hardware needs a purchase price.');
  if (site === null) {
    return refuse(
      '/purchase/category',
      'figure_missing',
      `${device.name} has no power figure in the catalog, so that owning it cannot be priced; give the device as customDevice with tdpWatts.`,
    );
  }
  const { items, bought } = ownedBill(
    {
      snapshot,
      device,
      owned,
      pricePerDevice,
      option,
      deviceHours,
      utilization: ownedUtilization,
      clustered,
      site,
      country,
      at,
    },
    log,
  );
  return { drafts: items, prices: option === null ? [] : [priceUse(option.offer, option.price, at)], bought };
}

/** A service that runs all day works for the whole life of its hardware. */
export const ALWAYS_ON = exactly(1, 'share of life', 'the service runs all day');
