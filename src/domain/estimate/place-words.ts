/** A place and terms as they stand in a sentence. */
import type { Location, Purchase } from './selectors.ts';

const PAID: Readonly<Record<NonNullable<Purchase['payment']>, string>> = {
  no_upfront: ', nothing of it paid upfront',
  partial_upfront: ', part of it paid upfront',
  all_upfront: ', all of it paid upfront',
};

/** "under a commitment of 12 months, all of it paid upfront": what was asked of its terms. */
function commitmentInWords({ termMonths, payment }: Purchase): string {
  const term = termMonths === undefined ? '' : ` of ${termMonths} months`;
  return `under a commitment${term}${payment === undefined ? '' : PAID[payment]}`;
}

/** "on demand in aws/me-central-1", "as spot anywhere". */
export function placeInWords({
  location,
  purchase,
}: {
  readonly location?: Location;
  readonly purchase?: Purchase;
}): string {
  const terms = {
    on_demand: 'on demand',
    spot: 'as spot',
    committed: commitmentInWords(purchase ?? {}),
    capacity_block: 'as a capacity block',
    owned: 'for sale',
  };
  const how = terms[purchase?.category ?? 'on_demand'];
  if (location?.region !== undefined) return `${how} in ${location.region}`;
  const country = location?.country === undefined ? '' : ` in ${location.country}`;
  const provider = location?.provider === undefined ? '' : ` at ${location.provider}`;
  return country === '' && provider === '' ? `${how} anywhere` : `${how}${country}${provider}`;
}
