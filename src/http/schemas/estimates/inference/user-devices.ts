/** Devices that belong to those who ask. */
import { Type } from '@sinclair/typebox';
import { component } from '../../component.ts';
import { positive, positiveInteger } from '../../quantity.ts';

/** What is known of one device of a user. */
export const userDeviceFields = {
  memoryGib: Type.Optional(
    positive('Memory of one device, GiB; that of the catalog, and 12 at most for phones, where absent.', 4096, 8),
  ),
  appMemoryPercent: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: 100,
      description:
        'Share of that memory that the operating system lets one app take, percent; where absent, 50 for phones, else 75.',
      examples: [50],
    }),
  ),
  wattsWhileAnswering: Type.Optional(
    positive(
      'Power of the whole device while it answers, W; that of a measured phone for phones where absent.',
      1e4,
      7,
    ),
  ),
  batteryWattHours: Type.Optional(
    positive('Battery of one device, Wh; that of a usual phone for phones where absent.', 1e5, 12.7),
  ),
};

export const UserDevicesSchema = component(
  'UserDevices',
  {
    count: Type.Optional(
      positiveInteger(
        'Devices that the requests come from; one for every 10 requests a day where absent.',
        10_000_000_000,
        100_000,
      ),
    ),
    ...userDeviceFields,
  },
  {
    description:
      'Phones, tablets or computers that belong to the users: each answers its own user, and they cost the operator nothing.',
    examples: [{ count: 100_000, memoryGib: 8 }],
  },
);
