/** What interruptions take of the saving of spot instances. */
import { GOODPUT_DEFAULTS } from '../../training/goodput.ts';
import { SECONDS_PER_DAY } from '../../units.ts';

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
