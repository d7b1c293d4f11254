/**
 * What machines cost and emit however many components share them, and what each component adds to it. Power is that of the
 * estimates, idle + utilization x (busy - idle) (domain/energy): what is drawn idle is the machine's, the rest is the component's.
 */
import type { DraftItem } from '../economics/line-item.ts';
import { price, toNumber } from '../money.ts';
import type { PlacementOption } from './options.ts';
import type { PlaceableSite } from './scenario.ts';
import type { Served } from './serve.ts';

/** Machines that stand where the work is done carry several components. */
export const sharesMachines = ({ kind }: PlaceableSite): boolean => kind === 'device_fleet' || kind === 'edge_box';

/** Of the estimate and of the field. */
export const itemsOf = ({ items, fieldItems }: Served): readonly DraftItem[] => [...items, ...fieldItems];

const HARDWARE: ReadonlySet<DraftItem['category']> = new Set(['compute', 'facility']);
const POWER: ReadonlySet<DraftItem['category']> = new Set(['electricity', 'cooling']);
const isHardware = ({ category, id }: DraftItem): boolean => HARDWARE.has(category) || id.includes(':edge.');

interface Parts {
  /** Of all its machines. */
  readonly machines: readonly DraftItem[];
  readonly component: readonly DraftItem[];
}

export function partsOf(served: Served): Parts {
  const [machines, component]: [DraftItem[], DraftItem[]] = [[], []];
  for (const item of itemsOf(served)) {
    if (isHardware(item)) machines.push(item);
    else if (!POWER.has(item.category) || served.idleShare === 0) component.push(item);
    else {
      machines.push(partOf(item, served.idleShare, 'idle'));
      component.push(partOf(item, 1 - served.idleShare, 'at work'));
    }
  }
  return { machines, component };
}

const usdOf = (items: readonly DraftItem[]): number => items.reduce((sum, { amount }) => sum + toNumber(amount), 0);

/** What of an option's price is that of its hardware, USD a month. */
export const hardwareUsd = ({ served }: PlacementOption): number =>
  served === null ? 0 : usdOf(itemsOf(served).filter(isHardware));

/** What of an option's price is that of its machines, USD a month: the hardware, and what it draws idle. */
export const machinesUsd = (served: Served): number => usdOf(partsOf(served).machines);

/** Emissions of all its machines a month and what the component adds, kg CO2e, on grids of `gridFactor` times their emissions. */
export function emissionParts(
  { carbonKilograms, embodiedCarbonKilograms, idleShare }: Served,
  gridFactor: number,
): { readonly machines: number; readonly component: number } | null {
  if (carbonKilograms === null) return null;
  const operation = (carbonKilograms - embodiedCarbonKilograms) * gridFactor;
  return { machines: embodiedCarbonKilograms + operation * idleShare, component: operation * (1 - idleShare) };
}

const partOf = (item: DraftItem, share: number, when: string): DraftItem => ({
  ...item,
  label: `${item.label}, ${when}`,
  amount: price(share, item.amount.amount, item.amount.currency),
  formula: `(${item.formula}) x share`,
  inputs: [
    ...item.inputs,
    { name: 'share', value: share, unit: 'of the power drawn', source: `what it draws ${when}`, assumptionId: null },
  ],
  components: item.components.map(({ amount, factors }) => ({ amount: amount * share, factors })),
});
