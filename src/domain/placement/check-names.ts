/** Names of checks in ordinary words. */
import type { CheckId } from './check.ts';

const NAMES: Readonly<Record<CheckId, string>> = {
  policy: 'your policy',
  law: 'the law',
  export_control: 'export control',
  price: 'the price list',
  hardware: 'what the hardware runs',
  memory: 'memory',
  accuracy: 'the accuracy floor',
  service_time: 'the time of the service',
  round_trip: 'the round trip',
  latency: 'the latency budget',
  line: 'the line of the users',
  offline: 'the offline tolerance',
  spot: 'the rule on interruptible work',
  thermal: 'the heat',
  device_power: 'the power of the device',
  site_power: 'the power of the site',
  rack_power: 'the power of a rack',
  cooling: 'the cooling',
  rack_space: 'the rack space',
  stock: 'the stock',
  lead_time: 'the lead time',
  deadline: 'the deadline',
  budget: 'the budget',
  carbon: 'the carbon cap',
};

export const nameOf = (id: CheckId): string => NAMES[id];
