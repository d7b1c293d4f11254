/** Weights that stay in host memory need machines that have as much of it beside each device. */
import type { Offer } from '../../catalog/offers.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import { GIB } from '../../units.ts';
import type { Replica } from '../load/replica.ts';
import type { Refusal } from '../step/results.ts';

/** Null where the offer does not say it. */
const hostBytesPerDevice = ({ memoryBytes, deviceCount }: Offer): number | null =>
  memoryBytes === null ? null : memoryBytes / Math.max(deviceCount, 1);

/**
 * The cheapest machines for a number of devices; where weights are offloaded, of those whose hosts hold them. A refusal where machines are
 * offered and none holds them, null where none is offered.
 */
export function quoteWithHost(
  pricing: HardwarePricing,
  { configuration: { device, tensorParallel }, memory: { offloadedBytes } }: Replica,
  devices: number,
): HardwareQuote | { readonly refusal: Refusal } | null {
  const cheapest = pricing.quote(device, devices, tensorParallel);
  if (cheapest === null || cheapest.option === null || offloadedBytes === 0) return cheapest;
  const holds = ({ offer }: { readonly offer: Offer }) =>
    (hostBytesPerDevice(offer) ?? offloadedBytes) >= offloadedBytes;
  if (holds(cheapest.option)) return cheapest;
  const { options } = pricing.select(device, devices, tensorParallel);
  const option = options.find(holds);
  if (option !== undefined) {
    const perHour = cheapest.usdPerHour / cheapest.option.hourlyCost;
    return { usdPerHour: option.hourlyCost * perHour, devicesPaid: option.devicesPaid, option };
  }
  const most = Math.max(...options.map(({ offer }) => hostBytesPerDevice(offer) ?? 0));
  const gib = (bytes: number) => `${(bytes / GIB).toPrecision(3)} GiB`;
  return {
    refusal: {
      code: 'host_memory',
      message: `${gib(offloadedBytes)} of weights of each device would stay in host memory; the machines offered with it have ${gib(most)} a device at most.`,
      required: Math.ceil(offloadedBytes),
      actual: Math.floor(most),
      margin: Math.floor(most) - Math.ceil(offloadedBytes),
      unit: 'bytes per device',
      alternatives: [],
    },
  };
}
