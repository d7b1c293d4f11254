/**
 * A model on the devices of its users: each device answers its own user, and the operator of the app pays for none of them. The
 * questions are whether the model fits into the memory that one app may take, how fast it answers, and how much battery an answer takes.
 */
import type { Device } from '../../devices/device.ts';
import { isPhone } from '../../devices/phone.ts';
import { type AssumptionLog, type Quantity, sourcedDefault } from '../../economics/assumption.ts';
import { refuse } from '../../estimate/request-fault.ts';
import { GIB } from '../../units.ts';
import type { InferenceRequest } from '../request.ts';

export interface UserDevices {
  /** Devices that the requests come from. */
  readonly count?: number;
  readonly memoryGib?: number;
  /** Share of the memory that the operating system lets one app take. */
  readonly appMemoryPercent?: number;
  /** Power of the whole device while it answers. */
  readonly wattsWhileAnswering?: number;
  readonly batteryWattHours?: number;
}

const REQUESTS_PER_USER_DAY = sourcedDefault({
  id: 'user_devices.requests_per_device_day',
  field: '/userDevices/count',
  value: 10,
  unit: 'requests per device and day',
  range: { low: 2, high: 40 },
  kind: 'assumed',
  source: 'judgement: a feature that is used several times a day',
  reason: 'How many devices the requests come from was not given.',
});

/** Memory of a flagship phone. The catalog lists an SoC with the most memory that any phone gives it. */
const PHONE_MEMORY_GIB = sourcedDefault({
  id: 'user_devices.phone_memory_gib',
  field: '/userDevices/memoryGib',
  value: 12,
  unit: 'GiB',
  range: { low: 8, high: 16 },
  kind: 'sourced',
  source: 'Galaxy S24 Ultra: 12 GB (droid-life.com, 2024-01-17)',
  reason: 'Phones with this chip come with several sizes of memory.',
});

const PHONE_APP_SHARE = sourcedDefault({
  id: 'user_devices.app_memory_percent',
  field: '/userDevices/appMemoryPercent',
  value: 50,
  unit: 'percent of the memory',
  range: { low: 37.5, high: 75 },
  kind: 'sourced',
  source:
    'Apple Developer Forums, thread 826325: one app gets 6 GB of 8 up to iPadOS 26.3 and 3 GB from 26.4; the middle of the two',
  reason: 'The system ends apps that take more.',
});

const COMPUTER_APP_SHARE = sourcedDefault({
  id: 'user_devices.app_memory_percent',
  field: '/userDevices/appMemoryPercent',
  value: 75,
  unit: 'percent of the memory',
  range: { low: 60, high: 85 },
  kind: 'assumed',
  source: 'what macOS lets the graphics unit of a machine take by default (recommendedMaxWorkingSetSize)',
  reason: 'The system and other programs need the rest.',
});

const PHONE_WATTS = sourcedDefault({
  id: 'user_devices.watts_while_answering',
  field: '/userDevices/wattsWhileAnswering',
  value: 7,
  unit: 'W of the whole phone',
  range: { low: 4, high: 11 },
  kind: 'sourced',
  source:
    'Galaxy S25 Ultra, LFM2-1.2B for 10 minutes: 6 % of a battery of 5,000 mAh (19.4 Wh), on the Hexagon unit as on the processor (Nexa AI, r/LocalLLM, 2025-11)',
  reason: 'No power of the phone was given; the screen is in it.',
});

const PHONE_BATTERY = sourcedDefault({
  id: 'user_devices.battery_watt_hours',
  field: '/userDevices/batteryWattHours',
  value: 15.5,
  unit: 'Wh',
  range: { low: 12.5, high: 19.4 },
  kind: 'sourced',
  source: '4,000 to 5,000 mAh at 3.88 V: Galaxy S24 to S24 Ultra (droid-life.com, 2024-01-17)',
  reason: 'No battery was given.',
});

/** The memory of the device as it is sold, and the part of it that one app may take. */
export interface AppMemory {
  readonly deviceBytes: number;
  readonly appBytes: number;
}

/** Null where the memory of the device is not known. */
export function appMemory(device: Device, asked: UserDevices, log: AssumptionLog): AppMemory | null {
  const deviceBytes = deviceMemory(device, asked, log);
  if (deviceBytes === null) return null;
  const share = log.resolve(asked.appMemoryPercent, isPhone(device) ? PHONE_APP_SHARE : COMPUTER_APP_SHARE);
  return { deviceBytes, appBytes: (deviceBytes * share.value) / 100 };
}

function deviceMemory(
  { memoryBytes, ...device }: Device,
  { memoryGib }: UserDevices,
  log: AssumptionLog,
): number | null {
  if (memoryGib !== undefined) return memoryGib * GIB;
  if (memoryBytes === null) return null;
  const usual = PHONE_MEMORY_GIB.value * GIB;
  return isPhone(device) && memoryBytes > usual ? log.resolve(undefined, PHONE_MEMORY_GIB).value * GIB : memoryBytes;
}

/** The device with only the memory that one app may take. */
export const withAppMemory = (device: Device, memory: AppMemory | null): Device =>
  memory === null ? device : { ...device, memoryBytes: memory.appBytes };

/** Fields on who pays for hardware or where it stands, which make no sense here, each with the reason. */
const NOT_THERE = {
  purchase: 'their users pay for them',
  location: 'they are where their users are',
  site: 'they stand on no site of yours',
  scaling: 'no replica of them is started or stopped by you',
  surcharges: 'nothing is bought',
  egressUsdPerGb: 'answers do not leave them',
  responseKilobytes: 'answers do not leave them',
  include: 'the waterfall of optimizations is one of cost',
  optimization: 'the waterfall of optimizations is one of cost',
} as const;

/** @throws RequestFaultError where no device is named, or where a field makes no sense on devices of users. */
export function refuseWithUserDevices(request: InferenceRequest): void {
  if (request.device === undefined && request.customDevice === undefined) {
    refuse('/device', 'required', 'Name the device that the users have, as device or customDevice.');
  }
  for (const [field, why] of Object.entries(NOT_THERE)) {
    if ((request as unknown as Record<string, unknown>)[field] === undefined) continue;
    refuse(`/${field}`, 'contradiction', `userDevices belong to the users: ${why}. Leave ${field} out.`);
  }
}

/** Devices that the requests come from. */
export function devicesOf({ requestsPerDay, userDevices }: InferenceRequest, log: AssumptionLog): number {
  if (userDevices?.count !== undefined) return userDevices.count;
  return Math.max(Math.ceil(requestsPerDay / log.resolve(undefined, REQUESTS_PER_USER_DAY).value), 1);
}

/** Power of the whole device while it answers; null where the caller does not give it and no phone of the kind was measured. */
export function wattsOf(device: Device, asked: UserDevices, log: AssumptionLog): Quantity | null {
  if (asked.wattsWhileAnswering === undefined && !isPhone(device)) return null;
  return log.resolve(asked.wattsWhileAnswering, PHONE_WATTS);
}

export function batteryOf(device: Device, asked: UserDevices, log: AssumptionLog): Quantity | null {
  if (asked.batteryWattHours === undefined && !isPhone(device)) return null;
  return log.resolve(asked.batteryWattHours, PHONE_BATTERY);
}
