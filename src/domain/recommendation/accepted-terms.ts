/** Accepted ways of paying where the request gives none: on demand, and owned for devices that nobody rents out. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import { isOnlyBought, isRentedOut } from '../estimate/bought-terms.ts';
import type { PurchaseCategory } from '../estimate/selectors.ts';
import { deviceFailures } from './constraints.ts';
import type { InferenceRecommendationRequest } from './request.ts';

/** The request unchanged where it gives terms, or names neither devices nor device classes. */
export function withAcceptedTerms(
  snapshot: CatalogSnapshot,
  request: InferenceRecommendationRequest,
  at: string,
  log: AssumptionLog,
): InferenceRecommendationRequest {
  const { constraints = {}, purchase } = request;
  const { devices, deviceClasses } = constraints;
  if (purchase?.accept !== undefined || (devices === undefined && deviceClasses === undefined)) return request;
  const wanted = snapshot.devices.filter((device) => deviceFailures(device, constraints).length === 0);
  const bought = wanted.filter(({ id }) => isOnlyBought(snapshot, id, at));
  if (bought.length === 0) return request;
  const someAreRented = wanted.some(({ id }) => isRentedOut(snapshot, id));
  const accept: PurchaseCategory[] = someAreRented ? ['on_demand', 'owned'] : ['owned'];
  log.add({
    id: 'purchase.accept',
    field: '/purchase/accept',
    value: accept.join(', '),
    unit: null,
    range: null,
    source: 'the catalog: sold, and nowhere rented out',
    reason: `Of the devices asked for, ${bought.length} of ${wanted.length} are bought, not rented by the hour.`,
  });
  return { ...request, purchase: { ...purchase, accept } };
}
