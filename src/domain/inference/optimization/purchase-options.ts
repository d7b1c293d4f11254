/** The same devices on other terms, or others that fit the load better. */
import type { InferenceRequest } from '../request.ts';
import { COMPUTED, never, type Optimization, type OptionContext, SAME_ANSWERS, unchanged } from './option.ts';

const rented = ({ request }: OptionContext): string | null => {
  const { purchase, customDevice } = request;
  if (purchase?.usdPerDeviceHour !== undefined || customDevice !== undefined) {
    return 'The rate of the request is what is paid; other terms have none.';
  }
  return purchase?.category === 'owned' ? 'The hardware is owned.' : null;
};

const purchaseOption = (
  id: string,
  label: string,
  purchase: NonNullable<InferenceRequest['purchase']>,
  rest: Pick<Optimization, 'precondition' | 'rests'>,
): Optimization => ({
  id,
  label,
  group: 'purchase',
  effect: 'computed',
  effectSource: COMPUTED,
  quality: SAME_ANSWERS,
  precondition: rest.precondition,
  rests: rest.rests,
  applied: ({ request }) =>
    request.purchase?.category === purchase.category &&
    (purchase.termMonths === undefined || request.purchase?.termMonths === purchase.termMonths),
  obstacle: rented,
  apply: (trial) => ({ ...trial, request: { ...trial.request, purchase } }),
  remove: (trial) => ({ ...trial, request: { ...trial.request, purchase: { category: 'on_demand' } } }),
  changes: () => [
    { field: '/purchase/category', to: purchase.category as string },
    ...(purchase.termMonths === undefined ? [] : [{ field: '/purchase/termMonths', to: purchase.termMonths }]),
  ],
});

export const RIGHT_SIZING: Optimization = {
  id: 'right_sizing',
  label: 'The device that fits the load',
  group: 'device',
  effect: 'computed',
  effectSource: `${COMPUTED}, every device compared`,
  quality: SAME_ANSWERS,
  precondition: 'Supply of that device where it must run.',
  rests: never,
  applied: ({ request }) => request.device === undefined && request.customDevice === undefined,
  obstacle: ({ request }) =>
    request.purchase?.usdPerDeviceHour !== undefined || request.purchase?.owned?.purchasePricePerDevice !== undefined
      ? 'The price of the request holds for one device.'
      : null,
  apply: (trial) => {
    const { device: _device, customDevice: _custom, ...request } = trial.request;
    const { tensorParallel: _t, pipelineParallel: _p, expertParallel: _e, ...serving } = request.serving ?? {};
    return { ...trial, request: { ...request, serving } };
  },
  remove: unchanged,
  changes: () => [],
};

export const PURCHASES: readonly Optimization[] = [
  purchaseOption(
    'commitment.12',
    'A commitment of a year',
    { category: 'committed', termMonths: 12 },
    { precondition: 'The load stays for a year.', rests: never },
  ),
  purchaseOption(
    'commitment.36',
    'A commitment of three years',
    { category: 'committed', termMonths: 36 },
    { precondition: 'The load stays for three years, while prices fall.', rests: never },
  ),
  purchaseOption(
    'spot',
    'Spot instances',
    { category: 'spot' },
    {
      precondition: 'Replicas may be taken away at short notice: spare ones in several zones, and a fall-back.',
      rests: ({ wishes }) => wishes.interruptible !== true,
    },
  ),
];
