/** When a change of a run is worth naming: what it costs and how long it takes, beside what it does now. */

export interface Outcome {
  readonly computeUsd: number;
  readonly days: number;
}

/** A change that makes the hardware dearer than this has to be clearly faster. */
const DEARER = 1.1;
const CLEARLY_FASTER = 2 / 3;
/** And never dearer than this: it would be another project. */
const MUCH_DEARER = 2;

/** Cheaper or faster, and not much dearer unless it is clearly faster. */
export function worthwhile(now: Outcome, changed: Outcome): boolean {
  const dearer = changed.computeUsd / now.computeUsd;
  const faster = changed.days / now.days;
  if (dearer >= 1 && faster >= 1) return false;
  return dearer <= DEARER || (faster <= CLEARLY_FASTER && dearer * faster <= 1 && dearer <= MUCH_DEARER);
}
