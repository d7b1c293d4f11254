/** The share of its life that owned hardware has to work to cost no more than renting. */
import { toNumber } from '../../money.ts';
import type { TrainingOption } from './training-option.ts';

export interface OwnedAgainstRented {
  readonly owned: TrainingOption;
  readonly rented: TrainingOption;
  /** Share of its life that the hardware works, as the estimate assumes it, percent. */
  readonly utilizationPercent: number;
  /** Share at which both cost the same; above 100 owning never pays for this run. */
  readonly breakEvenPercent: number;
}

/**
 * The less owned hardware works, the more it costs a run: everything but electricity E is inverse to its utilization u, so that
 * rented = A / u + E at u = A / (rented - E). A commitment does not count as renting for one run, since it is paid to its end.
 * @param byPurchase the best of each way of paying, cheapest first
 */
export function compareOwned(byPurchase: readonly TrainingOption[]): OwnedAgainstRented | null {
  const owned = byPurchase.find(({ category }) => category === 'owned');
  const rented = byPurchase.find(({ category }) => category !== 'owned' && category !== 'committed');
  if (owned === undefined || rented === undefined) return null;
  const { lineItems } = owned.estimate.cost;
  const used =
    lineItems.flatMap(({ inputs }) => inputs.find(({ name }) => name === 'utilization')?.value ?? [])[0] ?? 1;
  const powered = lineItems
    .filter(({ category }) => category === 'electricity' || category === 'cooling')
    .reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const standing = toNumber(owned.hardware) - powered;
  const left = toNumber(rented.hardware) - powered;
  return {
    owned,
    rented,
    utilizationPercent: 100 * used,
    breakEvenPercent: left > 0 ? (100 * standing * used) / left : Number.POSITIVE_INFINITY,
  };
}
