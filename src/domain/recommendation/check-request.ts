/** What the contract cannot check: ids that the catalog must know, and parts that contradict each other. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type RequestFault, RequestFaultError, refuse } from '../estimate/request-fault.ts';
import { checkPresets } from './presets/optimization-presets.ts';
import type { InferenceRecommendationRequest } from './request.ts';

type Kind = 'device' | 'region' | 'provider';
/** Pointer of the list, what it names, and the ids. */
type IdList = readonly [string, Kind, readonly string[] | undefined];

/** @throws RequestFaultError naming every unknown id, or the first contradiction. */
export function checkRecommendationRequest(snapshot: CatalogSnapshot, request: InferenceRecommendationRequest): void {
  const { constraints = {}, purchase, inference, engines } = request;
  checkPresets(snapshot, request);
  const known: Readonly<Record<Kind, (id: string) => boolean>> = {
    device: (id) => snapshot.device(id) !== undefined,
    region: (id) => snapshot.region(id) !== undefined,
    provider: (id) => snapshot.provider(id) !== undefined,
  };
  const page = request.leftOut?.device;
  if (page !== undefined && !known.device(page)) {
    refuse('/leftOut/device', 'unknown_id', `The catalog has no device "${page}".`, { kind: 'device', id: page });
  }
  const lists: readonly IdList[] = [
    ['/constraints/devices', 'device', constraints.devices],
    ['/constraints/excludedDevices', 'device', constraints.excludedDevices],
    ['/constraints/regions', 'region', constraints.regions],
    ['/constraints/excludedRegions', 'region', constraints.excludedRegions],
    ['/constraints/providers', 'provider', constraints.providers],
    ['/constraints/excludedProviders', 'provider', constraints.excludedProviders],
    ...(purchase?.leadTimes ?? []).flatMap(({ devices, providers }, index): IdList[] => [
      [`/purchase/leadTimes/${index}/devices`, 'device', devices],
      [`/purchase/leadTimes/${index}/providers`, 'provider', providers],
    ]),
  ];
  const faults: RequestFault[] = lists.flatMap(([field, kind, ids = []]) =>
    ids.flatMap((id, index) =>
      known[kind](id)
        ? []
        : [
            {
              pointer: `${field}/${index}`,
              rule: 'unknown_id',
              detail: `The catalog has no ${kind} "${id}".`,
              unknown: { kind, id },
            },
          ],
    ),
  );
  if (faults.length > 0) throw new RequestFaultError(faults);
  for (const [index, vendor] of [...(constraints.vendors ?? []).entries()]) {
    if (snapshot.devices.some((device) => device.vendor.toLowerCase() === vendor.toLowerCase())) continue;
    const vendors = [...new Set(snapshot.devices.map((device) => device.vendor))].sort().join(', ');
    refuse(`/constraints/vendors/${index}`, 'choice', `No device is by "${vendor}"; the catalog has ${vendors}.`);
  }
  if (purchase?.owned !== undefined && !purchase.accept?.includes('owned')) {
    refuse('/purchase/owned', 'contradiction', 'Terms of owned hardware need "owned" among purchase.accept.');
  }
  if (purchase?.owned?.purchasePricePerDevice !== undefined && constraints.devices?.length !== 1) {
    refuse(
      '/purchase/owned/purchasePricePerDevice',
      'required',
      'A price of your own applies to one device: name only that device in constraints.devices.',
    );
  }
  if (engines !== undefined && inference.serving?.engine !== undefined) {
    refuse('/engines', 'exclusive', 'Give either engines to try or inference.serving.engine, not both.');
  }
  if (constraints.availabilityPercent !== undefined && inference.objectives?.spareReplicas !== undefined) {
    refuse(
      '/constraints/availabilityPercent',
      'exclusive',
      'The availability target decides the spare replicas; leave inference.objectives.spareReplicas out.',
    );
  }
}
