/** Sending new weights to devices in the field: how large, how often, and what the transfer costs. */
import { type AssumptionLog, exactly, sourcedDefault } from '../economics/assumption.ts';
import { type DraftItem, lineItem } from '../economics/line-item.ts';
import { type UpdateTraffic, updateTraffic } from '../edge/index.ts';
import { unitAmount } from '../money.ts';
import { accessNetworkDelay } from '../network/index.ts';
import type { PlaceableSite, Stage } from './scenario.ts';

const UPDATES_PER_MONTH = sourcedDefault({
  id: 'edge.updates_per_month',
  field: '/components/0/updatesPerMonth',
  value: 1,
  unit: 'updates a month',
  range: { low: 0.25, high: 4 },
  kind: 'assumed',
  source: 'judgement: models in the field are retrained quarterly to weekly',
  reason: 'How often new weights are sent to devices was not given.',
});

interface ModelUpdates extends UpdateTraffic {
  readonly perMonth: number;
  /** Price of the line over which they arrive; null where none is known. */
  readonly usdPerGb: number | null;
}

export const isInField = ({ kind }: PlaceableSite): boolean => kind === 'device_fleet' || kind === 'edge_box';

/** @param devices for a fleet, the devices of one unit; else all devices of the site */
export function modelUpdates(
  { component, groups, index }: Stage,
  site: PlaceableSite,
  devices: number,
  updateBytes: number,
  log: AssumptionLog,
): ModelUpdates {
  const [group] = groups;
  const network = group === undefined ? undefined : accessNetworkDelay(group.accessNetwork);
  const pointer = `/components/${index}/updatesPerMonth`;
  const perMonth = log.resolve(component.updatesPerMonth, UPDATES_PER_MONTH, pointer).value;
  const traffic = updateTraffic({
    devices: devices * site.units,
    updateBytes,
    updatesPerMonth: perMonth,
    changedShare: 1,
    // one download serves all devices behind a line
    devicesPerLink: devices,
    downlinkMegabitsPerSecond: network?.downlinkMbps ?? null,
  });
  return { ...traffic, perMonth, usdPerGb: group?.uplinkUsdPerGb ?? null };
}

/** Empty where nothing is sent or no price is known. */
export function updateItems({ gigabytesPerMonth, usdPerGb }: ModelUpdates): DraftItem[] {
  if (gigabytesPerMonth === 0 || usdPerGb === null || usdPerGb === 0) return [];
  return [
    lineItem({
      id: 'updates',
      label: 'Model updates over the lines of the devices',
      category: 'network',
      formula: 'gigabytesPerMonth x pricePerGigabyte',
      quantity: gigabytesPerMonth,
      unitAmount: unitAmount(usdPerGb),
      currency: 'USD',
      inputs: {
        gigabytesPerMonth: exactly(gigabytesPerMonth, 'GB'),
        pricePerGigabyte: exactly(usdPerGb, 'USD per GB'),
      },
    }),
  ];
}
