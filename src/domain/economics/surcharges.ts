/** Support, licences, tax and duty: percentages of other lines, and a price per device and year. */
import { sum, unitAmount } from '../money.ts';
import { MONTHS_PER_YEAR } from '../units.ts';
import { exactly, type Quantity } from './assumption.ts';
import { type CostCategory, type DraftItem, lineItem } from './line-item.ts';

export interface SurchargeQuery {
  readonly supportPercent?: number | undefined;
  /** For scale: NVIDIA AI Enterprise lists at 4,500 USD (earnings call of 2023-11-21), or 1 USD per device-hour in clouds. */
  readonly softwareLicenceUsdPerDeviceYear?: number | undefined;
  readonly taxPercent?: number | undefined;
  readonly dutyPercent?: number | undefined;
  readonly devices: Quantity;
  /** The period of the bill in years. */
  readonly years: Quantity;
  readonly ownership: 'rented' | 'owned';
}

/** The period of a monthly bill. */
export const ONE_MONTH = exactly(1 / MONTHS_PER_YEAR, 'years', 'one month');

/** Bought from somebody: what support and tax are charged on. */
const PURCHASED: readonly CostCategory[] = [
  'compute',
  'experiments',
  'electricity',
  'cooling',
  'facility',
  'storage',
  'network',
  'licence',
  'support',
];
/** Hardware that crosses a border. */
const HARDWARE = /^compute\.(devices|servers|network|spares)$/;

/** Lines on top of `items`, in the order licence, support, duty, tax; each only where the caller gave its figure. */
export function surchargeItems(items: readonly DraftItem[], query: SurchargeQuery, currency: string): DraftItem[] {
  const added: DraftItem[] = [];
  if (query.softwareLicenceUsdPerDeviceYear !== undefined) {
    added.push(
      lineItem({
        id: 'licence',
        label: 'Software licences',
        category: 'licence',
        formula: 'devices x years x pricePerDeviceYear',
        quantity: query.devices.value * query.years.value,
        unitAmount: unitAmount(query.softwareLicenceUsdPerDeviceYear),
        currency,
        inputs: {
          devices: query.devices,
          years: query.years,
          pricePerDeviceYear: exactly(query.softwareLicenceUsdPerDeviceYear, `${currency} per device and year`),
        },
      }),
    );
  }
  if (query.supportPercent !== undefined) {
    const base = items.filter(({ category }) => category === 'compute' || category === 'experiments');
    added.push(shareItem('support', 'Support contract', 'support', query.supportPercent, base, currency));
  }
  if (query.dutyPercent !== undefined && query.ownership === 'owned') {
    const base = items.filter(({ id }) => HARDWARE.test(id));
    added.push(shareItem('duty', 'Import duty on hardware', 'tax', query.dutyPercent, base, currency));
  }
  if (query.taxPercent !== undefined) {
    const base = [...items, ...added].filter(({ id, category }) => PURCHASED.includes(category) || id === 'duty');
    added.push(shareItem('tax', 'Tax', 'tax', query.taxPercent, base, currency));
  }
  return added;
}

/** percent of the sum of other lines; uncertain as they are, and moving with them. */
function shareItem(
  id: string,
  label: string,
  category: CostCategory,
  percent: number,
  base: readonly DraftItem[],
  currency: string,
): DraftItem {
  const total = sum(
    base.map((item) => item.amount),
    currency,
  );
  const draft = lineItem({
    id,
    label,
    category,
    formula: 'percent / 100 x sum of the lines it is charged on',
    quantity: percent / 100,
    unitAmount: total.amount,
    currency,
    inputs: {
      percent: exactly(percent, '%'),
      base: exactly(Number(total.amount), currency, base.map((item) => item.id).join(' + ')),
    },
  });
  const components = base.flatMap((item) =>
    item.components.map(({ amount, factors }) => ({ amount: (amount * percent) / 100, factors })),
  );
  return { ...draft, components, factors: [...new Set(components.flatMap(({ factors }) => factors))] };
}
