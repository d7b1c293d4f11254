/** What devices in the field cost besides themselves: installation, visits, lines (domain/edge). */

import type { Device } from '../devices/device.ts';
import { AssumptionLog, exactly } from '../economics/assumption.ts';
import type { DraftItem } from '../economics/line-item.ts';
import { edgeFleetCost } from '../edge/index.ts';
import type { Purchase } from '../estimate/selectors.ts';
import type { PlaceableDevice, PlaceableSite } from './scenario.ts';

interface FieldCost {
  /** Of all units, before they are named for their stage. */
  readonly items: readonly DraftItem[];
  readonly log: AssumptionLog;
}

const NONE: FieldCost = { items: [], log: new AssumptionLog() };
const ONE_MONTH = 1;

/** The hardware itself is in the estimate's bill already: only the lines of the field are taken. */
export function fieldCost(
  site: PlaceableSite,
  { device, custom }: Pick<PlaceableDevice, 'device' | 'custom'>,
  purchase: Purchase,
  devices: number,
): FieldCost {
  if ((site.kind !== 'device_fleet' && site.kind !== 'edge_box') || purchase.category !== 'owned') return NONE;
  const { installationUsdPerDevice, visitsPerDeviceYear, usdPerVisit, connectivityUsdPerDeviceMonth } =
    site.description;
  const log = new AssumptionLog();
  const items = edgeFleetCost(
    {
      devices,
      months: ONE_MONTH,
      pricePerDevice: '0',
      price: null,
      maxWattsPerDevice: exactly(0, 'W'),
      ...(purchase.owned?.usefulLifeYears !== undefined && { usefulLifeYears: purchase.owned.usefulLifeYears }),
      installationUsdPerDevice,
      visitsPerDeviceYear,
      usdPerVisit,
      connectivityUsdPerDeviceMonth,
      needsHost: custom === null && purchase.owned?.purchasePricePerDevice === undefined && isModule(device),
    },
    log,
  ).filter(({ id }) => id.startsWith('edge.'));
  const own = new AssumptionLog();
  for (const assumption of log.list())
    if (assumption.id.startsWith('edge.'))
      own.add({ ...assumption, field: site.pointer === null ? '/sites' : `${site.pointer}${assumption.field}` });
  return { items, log: own };
}

/** Whether the device is plugged into a computer, which has to be bought too. */
const isModule = ({ class: kind, formFactor }: Device): boolean =>
  kind === 'edge' && /\b(M\.2|mPCIe|USB|NCS2)\b/.test(formFactor);
