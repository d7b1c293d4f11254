/**
 * The bill: line items with their working. Items are rounded once, and totals add the rounded items, so they sum exactly.
 * The band of a total is sampled from the factors of all items together; item bands are never added.
 */
import { type Money, price, sum, toNumber } from '../money.ts';
import { type Band, type BandBasis, invertFactor, type UncertainFactor } from '../uncertainty/band.ts';
import { bandsOfItems, sumBand, type UncertainItem } from '../uncertainty/propagation.ts';
import type { Quantity } from './assumption.ts';

export const COST_CATEGORIES = [
  'compute',
  'electricity',
  'cooling',
  'facility',
  'storage',
  'network',
  'data',
  'people',
  'experiments',
  'waiting',
  'support',
  'licence',
  'tax',
] as const;
export type CostCategory = (typeof COST_CATEGORIES)[number];

export interface FormulaInput {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly source: string;
  readonly assumptionId: string | null;
}

/** A line before its band is known. */
export interface DraftItem {
  /** Stable within an answer: "compute", "electricity.it". */
  readonly id: string;
  readonly label: string;
  readonly category: CostCategory;
  readonly amount: Money;
  /** In words and symbols, with the names of the inputs: "deviceHours x pricePerDeviceHour". */
  readonly formula: string;
  readonly inputs: readonly FormulaInput[];
  readonly factors: readonly UncertainFactor[];
  /** The products that the amount is the sum of: one for most lines, those of its base for a percentage of others. */
  readonly components: readonly UncertainItem[];
  readonly priceId: string | null;
  readonly assumptionIds: readonly string[];
}

export interface LineItem extends DraftItem {
  /** In units of the currency. */
  readonly band: Band;
  readonly basis: readonly BandBasis[];
}

export interface Bill {
  readonly items: readonly LineItem[];
  readonly total: Money;
  readonly band: Band;
  /** Bases of all factors in the total, widest first. */
  readonly basis: readonly BandBasis[];
}

interface LineItemFields {
  readonly id: string;
  readonly label: string;
  readonly category: CostCategory;
  readonly formula: string;
  /** Physics: how many units, float64. */
  readonly quantity: number;
  /** Decimal string per unit. */
  readonly unitAmount: string;
  readonly currency: string;
  readonly inputs: Readonly<Record<string, Quantity>>;
  /** Names of inputs that stand under the fraction bar: their uncertainty works the other way round. */
  readonly dividedBy?: readonly string[];
  /** Factors that come with no single input. */
  readonly factors?: readonly UncertainFactor[];
  readonly priceId?: string | null;
}

/**
 * The boundary where a quantity becomes money.
 * @throws RangeError when the quantity is not finite.
 */
export function lineItem(fields: LineItemFields): DraftItem {
  const entries = Object.entries(fields.inputs);
  const factors = new Set<UncertainFactor>(fields.factors ?? []);
  const assumptionIds = new Set<string>();
  for (const [name, quantity] of entries) {
    const inverted = fields.dividedBy?.includes(name) ?? false;
    for (const factor of quantity.factors) factors.add(inverted ? invertFactor(factor) : factor);
    if (quantity.assumptionId !== null) assumptionIds.add(quantity.assumptionId);
  }
  const amount = price(fields.quantity, fields.unitAmount, fields.currency);
  return {
    id: fields.id,
    label: fields.label,
    category: fields.category,
    amount,
    formula: fields.formula,
    inputs: entries.map(([name, { value, unit, source, assumptionId }]) => ({
      name,
      value,
      unit,
      source,
      assumptionId,
    })),
    factors: [...factors],
    components: [{ amount: toNumber(amount), factors: [...factors] }],
    priceId: fields.priceId ?? null,
    assumptionIds: [...assumptionIds],
  };
}

/** Items with bands, their exact total and the band of the total. Zero items are kept: a cost of nothing is an answer. */
export function bill(drafts: readonly DraftItem[], currency: string): Bill {
  const { items: bands, total: band } = bandsOfItems(drafts.flatMap((draft) => draft.components));
  let next = 0;
  const items = drafts.map((draft) => {
    const ownBands = bands.slice(next, next + draft.components.length);
    next += draft.components.length;
    return {
      ...draft,
      band: ownBands.length === 1 ? (ownBands[0] as Band) : sumBand(draft.components),
      basis: draft.factors.map((factor) => factor.basis),
    };
  });
  const factors = [...new Set(drafts.flatMap((draft) => draft.factors))];
  factors.sort((a, b) => width(b) - width(a) || (a.basis.id < b.basis.id ? -1 : 1));
  return {
    items,
    total: sum(
      drafts.map((draft) => draft.amount),
      currency,
    ),
    band,
    basis: factors.map((factor) => factor.basis),
  };
}

const width = (factor: UncertainFactor): number => factor.p90 / factor.p10;
