/** Whether optimization saves of this workload what it is said to save, said plainly. */
import { moneyInWords, significant } from '../../estimate/words.ts';
import { share, type Waterfall } from './waterfall.ts';

type ClaimHolds = 'yes' | 'only_with_assumed_traffic' | 'only_against_naive_serving' | 'no';

export interface Verdict {
  readonly holds: ClaimHolds;
  readonly savingPercent: number;
  readonly savingPercentWithAssumedTraffic: number;
  readonly savingPercentAgainstNaive: number | null;
  readonly statement: string;
}

/** The claim that is held against the workload: optimization saves 50 to 90 % of the cost of inference. */
const CLAIM_LOW_PERCENT = 50;
const CLAIM_HIGH_PERCENT = 90;
/** Less is not worth a sentence. */
const LEAST_PERCENT = 0.5;

export function verdictOf(
  usd: number,
  best: Waterfall,
  assumed: Waterfall,
  naive: number | null,
  floor: number,
): Verdict {
  const againstNaive = naive === null ? null : 100 * (1 - share(best.usdPerMonth, naive));
  const holds: ClaimHolds =
    best.savingPercent >= CLAIM_LOW_PERCENT
      ? 'yes'
      : assumed.savingPercent >= CLAIM_LOW_PERCENT
        ? 'only_with_assumed_traffic'
        : (againstNaive ?? 0) >= CLAIM_LOW_PERCENT
          ? 'only_against_naive_serving'
          : 'no';
  const from = moneyInWords(usd, 'USD');
  const known =
    best.savingPercent < LEAST_PERCENT
      ? `Nothing that is known of this workload lowers its ${from} a month with at least ${significant(floor)} % of quality kept.`
      : `What is known of this workload takes ${from} a month down to ${moneyInWords(best.usdPerMonth, 'USD')}, ${significant(best.savingPercent)} % less, with at least ${significant(floor)} % of quality kept.`;
  const more =
    assumed.savingPercent > best.savingPercent + LEAST_PERCENT
      ? ` With the hit rates, drafts and interruptions that others report it would be ${significant(assumed.savingPercent)} %: measure them on your traffic.`
      : '';
  const first =
    againstNaive === null
      ? ''
      : ` Against published weights in static batches without caches it is ${significant(againstNaive)} %.`;
  const words: Readonly<Record<ClaimHolds, string>> = {
    yes:
      best.savingPercent > CLAIM_HIGH_PERCENT
        ? 'That is more than the 50 to 90 % that optimization is said to save.'
        : 'The 50 to 90 % that optimization is said to save hold here.',
    only_with_assumed_traffic: 'The 50 to 90 % that optimization is said to save hold here only if those figures do.',
    only_against_naive_serving:
      'The 50 to 90 % that optimization is said to save hold here only against naive serving; most of it is in the answer already.',
    no: 'The 50 to 90 % that optimization is said to save do not hold here.',
  };
  return {
    holds,
    savingPercent: best.savingPercent,
    savingPercentWithAssumedTraffic: assumed.savingPercent,
    savingPercentAgainstNaive: againstNaive,
    statement: `${known}${more}${first} ${words[holds]}`,
  };
}
