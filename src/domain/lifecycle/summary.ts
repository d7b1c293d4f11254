/** The answer in a few sentences. */
import { moneyInWords, significant } from '../estimate/words.ts';
import { toNumber } from '../money.ts';
import { MONTHS_PER_YEAR } from '../units.ts';
import type { Crossing, FeasibleLifecycle } from './estimate-result.ts';

/** A decision that saves less is none. */
const LEAST_PERCENT = 0.5;

export function summaryOf(estimate: Omit<FeasibleLifecycle, 'summary'>): string {
  const { total, training, serving, trainingShare, crossing, horizonMonths, levers } = estimate;
  const { currency } = total.amount;
  const years = horizonMonths % MONTHS_PER_YEAR === 0;
  const span = years ? yearsInWords(horizonMonths / MONTHS_PER_YEAR) : `${horizonMonths} months`;
  const cost = `${moneyInWords(toNumber(total.amount), currency)} over ${span} (${moneyInWords(total.band.p10, currency)} to ${moneyInWords(total.band.p90, currency)})`;
  const split =
    crossing !== null
      ? `: training ${moneyInWords(toNumber(training.amount), currency)}, serving ${moneyInWords(toNumber(serving.amount), currency)}; training is ${significant(100 * trainingShare.p50)} % of it.`
      : ', all of it for serving: no training was given.';
  const [lever] = levers.filter(({ savingPercent }) => savingPercent >= LEAST_PERCENT);
  const best =
    lever === undefined
      ? ''
      : ` The most valuable single decision: ${lever.label.charAt(0).toLowerCase()}${lever.label.slice(1)}, ${moneyInWords(toNumber(lever.saving), currency)} (${significant(lever.savingPercent)} %) less.`;
  return `${cost}${split}${crossing === null ? '' : ` ${crossingInWords(crossing, span)}`}${best}`;
}

function crossingInWords({ day, date, p10, p90, probability }: Crossing, span: string): string {
  if (day === null) {
    return probability < 0.005
      ? `Serving does not overtake training within ${span}.`
      : `At the best estimate serving does not overtake training within ${span}; in ${significant(100 * probability)} % of the draws it does.`;
  }
  const range =
    p10 === null ? '' : ` (day ${Math.round(p10)} to ${p90 === null ? 'never within the horizon' : Math.round(p90)})`;
  return `Serving has cost as much as training on day ${Math.max(Math.ceil(day), 1)}, ${date}${range}.`;
}

const yearsInWords = (years: number): string => (years === 1 ? 'a year' : `${years} years`);
