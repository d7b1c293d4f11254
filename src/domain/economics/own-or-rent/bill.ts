/** A month's bill, and what it makes of an hour of use. */
import type { CostBreakdown, MoneyFigure } from '../../estimate/answer.ts';
import { CURRENCY, perUnit, toNumber } from '../../money.ts';
import { bill, type DraftItem } from '../line-item.ts';
import type { PriceUse } from '../price-use.ts';

export interface Drafts {
  readonly drafts: readonly DraftItem[];
  readonly prices: readonly PriceUse[];
}

export function costs(
  drafts: readonly DraftItem[],
  usefulHours: number,
): { readonly costPerMonth: CostBreakdown; readonly costPerUsefulDeviceHour: MoneyFigure } {
  const { items, total, band, basis } = bill(drafts, CURRENCY);
  return {
    costPerMonth: { lineItems: items, total: { amount: total, band, basis } },
    costPerUsefulDeviceHour: {
      amount: perUnit(total, usefulHours),
      band: { p10: band.p10 / usefulHours, p50: band.p50 / usefulHours, p90: band.p90 / usefulHours },
      basis,
    },
  };
}

export const usdOf = ({ costPerMonth }: { readonly costPerMonth: CostBreakdown }): number =>
  toNumber(costPerMonth.total.amount);
