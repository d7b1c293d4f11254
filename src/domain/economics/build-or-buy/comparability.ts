/** What keeps an offer from being the same thing as serving the model oneself, in sentences. */

import type { Offer } from '../../catalog/offers.ts';
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import type { Location } from '../../estimate/selectors.ts';
import { moneyInWords, significant } from '../../estimate/words.ts';
import { latencyLimits } from '../../inference/latency-objectives.ts';
import type { InferenceRequest } from '../../inference/request.ts';

import { staffDefault } from '../../lifecycle/defaults.ts';
import { MONTHS_PER_YEAR } from '../../units.ts';
import { USD_PER_ENGINEER_YEAR } from '../people-cost.ts';

/** same: the same weights where they must be; other_model, other_place: not; limited: with the caveats given. */
export type Comparability = 'same' | 'limited' | 'other_model' | 'other_place';

interface Comparison {
  readonly comparability: Comparability;
  /** What sets it furthest apart comes first. */
  readonly caveats: readonly string[];
}

export const ANOTHER_MODEL = 'Another model: set its answers against yours before its price.';
const DISTILLED = /distill/i;
const COMPRESSED = /turbo|lite|fp8|int8|awq|-bf8/i;

export function tokenApiComparison(
  snapshot: CatalogSnapshot,
  offer: Offer,
  modelId: string | null,
  request: InferenceRequest,
): Comparison {
  const caveats: string[] = [];
  const sameModel = modelId !== null && offer.modelId === modelId;
  if (!sameModel) caveats.push(ANOTHER_MODEL);
  const elsewhere = placeCaveat(snapshot, offer, request.location);
  if (elsewhere !== null) caveats.push(elsewhere);
  if (sameModel && DISTILLED.test(offer.sku))
    caveats.push('Other weights on the same architecture: distilled from another model.');
  else if (sameModel && !sameVersion(offer.sku, modelId))
    caveats.push(`Sold as ${offer.sku}: the same architecture, perhaps another version of the weights.`);
  if (COMPRESSED.test(offer.sku)) caveats.push('The name speaks of compressed weights: quality may be a little less.');
  if (latencyLimits(request.objectives ?? {}).length > 0) {
    caveats.push('No latency is promised with the price: measure it against your objectives.');
  }
  caveats.push('Rate limits and what is kept of the prompts are matters of the contract.');
  const comparability: Comparability =
    elsewhere !== null ? 'other_place' : sameModel ? (caveats.length > 1 ? 'limited' : 'same') : 'other_model';
  return { comparability, caveats };
}

/** "3.1" and "70B" of "meta-llama/Llama-3.1-70B" both stand in the name it is sold by. */
function sameVersion(sku: string, modelId: string): boolean {
  const name = modelId.split('/').at(-1) ?? modelId;
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, '');
  return plain(sku).includes(plain(name));
}

function placeCaveat(snapshot: CatalogSnapshot, offer: Offer, location: Location | undefined): string | null {
  const wanted = location?.region ?? location?.country;
  if (wanted === undefined) return null;
  const region = offer.regionId === null ? undefined : snapshot.region(offer.regionId);
  if (region === undefined) return `The offer is tied to no place: nothing says that requests stay in ${wanted}.`;
  const there = location?.region === undefined ? region.country === location?.country : region.id === location.region;
  return there ? null : `Served from ${region.id}, not from ${wanted}.`;
}

const OF_TERMS: Readonly<Record<string, readonly string[]>> = {
  spot: ['Replicas are taken away at short notice.'],
  committed: ['Paid to the end of the term, whatever becomes of the load.'],
  owned: ['Months until it stands, and a hall to stand in.'],
};

/** @param usdPerMonth of the hardware */
export function selfHostedCaveats(kind: string, usdPerMonth: number): readonly string[] {
  const engineers = staffDefault(usdPerMonth).value;
  const usd = (engineers * USD_PER_ENGINEER_YEAR.value) / MONTHS_PER_YEAR;
  return [
    `People to run it are not in the bill: by judgement about ${significant(engineers, 2)} engineers, ${moneyInWords(usd, 'USD')} a month.`,
    ...(OF_TERMS[kind] ?? []),
  ];
}
