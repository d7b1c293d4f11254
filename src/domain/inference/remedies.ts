/**
 * What would have to change for a question without an answer to have one: single changes of the request, each verified
 * by asking again with it.
 */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { PlaceElsewhere, RelaxationAdvice } from '../estimate/answer.ts';
import { changedRequest } from '../estimate/changed-request.ts';
import { RequestFaultError } from '../estimate/request-fault.ts';
import type { PurchaseCategory } from '../estimate/selectors.ts';
import { moneyInWords, thousands } from '../estimate/words.ts';
import { HOURS_PER_MONTH } from '../units.ts';
import type { InferenceRequest } from './request.ts';

/** What carries the load of a changed request. */
interface Served {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly devices: number;
  readonly usdPerHour: number;
}

/** The cheapest deployment of a request, without its working; null where it has none. */
export type Serve = (request: InferenceRequest, at: string) => Served | null;

export interface Remedy {
  /** JSON pointer of the request field. */
  readonly field: string;
  readonly from: number | string | null;
  readonly to: number | string;
  /** What to mind besides the cost. */
  readonly note?: string;
}

/** Each try may compare every device of the catalog. */
const MOST_TRIES = 24;

/**
 * The first change after which something carries the load; null where none of the first few does.
 * @param remedies best first; among those of one group the one that costs least is taken
 */
export function firstRemedy(
  remedies: Iterable<readonly Remedy[]>,
  request: InferenceRequest,
  at: string,
  serve: Serve,
): RelaxationAdvice | null {
  let tries = 0;
  for (const group of remedies) {
    let best: { readonly remedy: Remedy; readonly served: Served } | null = null;
    for (const remedy of group) {
      if (tries++ >= MOST_TRIES) break;
      const { field, to } = remedy;
      const served =
        field === '/pricingAt' ? serve(request, String(to)) : serve(changedRequest(request, field, to), at);
      if (served !== null && (best === null || served.usdPerHour < best.served.usdPerHour)) best = { remedy, served };
    }
    if (best !== null) return adviceOf(best.remedy, best.served);
    if (tries >= MOST_TRIES) break;
  }
  return null;
}

function adviceOf({ field, from, to, note }: Remedy, { devices, deviceName, usdPerHour }: Served): RelaxationAdvice {
  const cost = moneyInWords(usdPerHour * HOURS_PER_MONTH, 'USD');
  const effect = `${thousands(devices)} x ${deviceName} then carry the load, for about ${cost} a month of hardware`;
  return { field, from, to, effect: note === undefined ? effect : `${effect}; ${note}` };
}

/** Asks, and takes a contradiction of the changed request for a no. */
export function orNothing(ask: () => Served | null): Served | null {
  try {
    return ask();
  } catch (error) {
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
}

/** Other terms at the same place, in the order in which they change the least. */
const CATEGORIES: readonly PurchaseCategory[] = ['on_demand', 'committed', 'capacity_block', 'owned', 'spot'];

/** Where nothing is offered: a date with prices, other terms at the place, the nearest place. */
export function* offerRemedies(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  at: string,
  elsewhere: readonly PlaceElsewhere[],
): Generator<readonly Remedy[]> {
  const newest = snapshot.lastPriceChange(END_OF_TIME);
  if (newest !== null && newest > at) yield [{ field: '/pricingAt', from: at, to: newest }];
  const asked = request.purchase?.category ?? 'on_demand';
  for (const category of CATEGORIES) {
    if (category !== asked) yield [{ field: '/purchase/category', from: asked, to: category }];
  }
  const { region, country, provider } = request.location ?? {};
  for (const place of elsewhere) {
    if (region !== undefined) yield [{ field: '/location/region', from: region, to: place.regionId }];
    else if (country !== undefined) yield [{ field: '/location/country', from: country, to: place.country }];
    else if (provider !== undefined) {
      const other = snapshot.region(place.regionId)?.providerId;
      if (other !== undefined) yield [{ field: '/location/provider', from: provider, to: other }];
    }
  }
}

const END_OF_TIME = '9999-12-31T00:00:00.000Z';

/** Another device than the one named. */
export function* deviceRemedy(request: InferenceRequest, at: string, serve: Serve): Generator<readonly Remedy[]> {
  if (request.device === undefined) return;
  const { device, ...open } = request;
  const served = serve(open, at);
  if (served !== null) yield [{ field: '/device', from: device, to: served.deviceId }];
}
