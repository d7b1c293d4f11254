/** What interruptions take of the saving of spot instances that serve. */

import type { Assumption } from '../economics/assumption.ts';
import { exactly } from '../economics/assumption.ts';
import { type DraftItem, lineItem } from '../economics/line-item.ts';
import { toNumber } from '../money.ts';
import { GOODPUT_DEFAULTS } from '../training/run/goodput.ts';
import { SECONDS_PER_DAY } from '../units.ts';

/** Share of time without a spot instance to be had, assumed; then one on demand serves at about three times the price. */
const UNAVAILABLE_SHARE = 0.03;
const ON_DEMAND_OVER_SPOT = 3;

const { spotInterruptionsPerNodeDay, reacquireSeconds } = GOODPUT_DEFAULTS;

/**
 * Paid device time over that without interruptions: instances that are up and not yet serving, and the fall-back. The
 * rates are those that spot training takes (training/goodput.ts), assumed there for lack of published ones.
 */
export const SPOT_DEVICE_TIME_FACTOR =
  1 +
  (spotInterruptionsPerNodeDay.value * reacquireSeconds.value) / SECONDS_PER_DAY +
  UNAVAILABLE_SHARE * (ON_DEMAND_OVER_SPOT - 1);

export const SPOT_INTERRUPTIONS: Assumption = {
  id: 'purchase.spot_interruptions',
  field: '/purchase/category',
  value: SPOT_DEVICE_TIME_FACTOR,
  unit: 'x the rental',
  range: null,
  source:
    'judgement: interruptions and waits as spot training takes them, and a fall-back on demand where none is free',
  reason: 'Spot instances are paid while they load again, and others serve in their place',
};

/** Replacements that are paid while they load, and a fall-back on demand, as a share of the rental. */
export function interruptionsItem(rental: DraftItem): DraftItem {
  const share = SPOT_DEVICE_TIME_FACTOR - 1;
  return lineItem({
    id: 'interruptions',
    label: 'Interruptions: replacements and the fall-back on demand',
    category: 'compute',
    formula: 'rental x interruptionShare',
    quantity: share,
    unitAmount: rental.amount.amount,
    currency: rental.amount.currency,
    inputs: {
      rental: exactly(toNumber(rental.amount), rental.amount.currency, 'the rental'),
      interruptionShare: {
        ...exactly(share, 'of the rental', 'interruptions and waits as spot training takes them, assumed'),
        assumptionId: SPOT_INTERRUPTIONS.id,
      },
    },
    factors: rental.factors,
  });
}
