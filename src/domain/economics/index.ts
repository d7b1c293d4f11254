/**
 * What things cost. An answer is made of
 * - assumptions (`AssumptionLog`, `Quantity`): defaults with source and range, listed when used;
 * - prices (`selectPrices`, `cheapestOption`, `cheapestDevices`, `purchaseOption`, `priceUse`, `priceFactorWithSources`);
 * - a buyer's own prices (`withPriceBook`), laid over the snapshot before anything is asked of it;
 * - line items: `rentalItem` or `ownedCost` for hardware, `storageItem`, `egressItem`, `dataItems`, `peopleItem`,
 *   `waitingItem`, and `surchargeItems` on top of them;
 * - the `bill`: exact totals, bands sampled from shared factors;
 * Electricity and cooling of owned hardware are items of domain/energy.
 */
export * from './assumption.ts';
export { dataItems } from './data-cost.ts';
export * from './line-item.ts';
export { egressItem } from './network-cost.ts';
export { type OwnedQuery, ownedCost, ownedUtilization } from './owned-cost.ts';
export { peopleItem, waitingItem } from './people-cost.ts';
export * from './price-book.ts';
export { withPriceBook } from './price-layers.ts';
export * from './price-selection.ts';
export { priceFactor, priceFactorWithSources } from './price-uncertainty.ts';
export { type PriceUse, priceUse } from './price-use.ts';
export { purchaseOption, purchaseOptions } from './purchase-price.ts';
export { customRentalItem, rentalItem } from './rental-cost.ts';
export { storageItem } from './storage-cost.ts';
export { surchargeItems } from './surcharges.ts';
