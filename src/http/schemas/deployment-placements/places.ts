/** Where the users are, and where work may go. */
import { Type } from '@sinclair/typebox';
import { ACCESS_NETWORK_IDS } from '../../../domain/network/index.ts';
import { choice, component, list, ref } from '../component.ts';
import { CustomDeviceSchema } from '../device-selector.ts';
import { userDeviceFields } from '../estimates/inference/user-devices.ts';
import { PurchaseSchema } from '../purchase.ts';
import { positive, positiveInteger, usd } from '../quantity.ts';
import { country, freeZone, id, latitude, longitude, notNegative, share } from './fields.ts';

export const UserGroupSchema = component(
  'UserGroup',
  {
    id: Type.Optional(id('Name; the country where absent.', 'dubai')),
    country: country('Where the users are.', 'AE'),
    latitude,
    longitude,
    accessNetwork: Type.Optional(
      choice(ACCESS_NETWORK_IDS, {
        description: 'How the users are connected; fibre where absent.',
        examples: ['lte'],
      }),
    ),
    share: Type.Optional(share('Part of the load; equal parts where absent.', 0.6)),
    units: Type.Optional(
      positiveInteger(
        'Separate things (cameras, robots, vehicles), each of which may carry a device.',
        10_000_000,
        200,
      ),
    ),
    uplinkUsdPerGb: Type.Optional(
      notNegative(
        'Price of their data connection, USD per GB, for requests, answers and updates. Where absent: that of mobile data where it is known, for groups with `units` that bring no devices of their own (userDevices); else 0.',
        1000,
        0.5,
      ),
    ),
  },
  { description: 'Users, or the things that send requests.', examples: [{ country: 'AE', accessNetwork: 'lte' }] },
);

const SiteUserDevicesSchema = component('SiteUserDevices', userDeviceFields, {
  description: 'Phones, tablets or computers of the users. Each default taken is listed in the answer.',
  examples: [{ memoryGib: 8 }],
});

const SiteDeviceSchema = component(
  'SiteDevice',
  {
    device: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog device id.',
        examples: ['nvidia-jetson-agx-orin-64gb'],
      }),
    ),
    customDevice: Type.Optional(ref(CustomDeviceSchema, { description: 'A device of your own, instead.' })),
    stock: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1e9, description: 'Devices to be had; per unit in a fleet.', examples: [4] }),
    ),
    leadTimeDays: Type.Optional(notNegative('Days until the devices have arrived.', 3650, 45)),
    purchase: Type.Optional(
      ref(PurchaseSchema, { description: 'How they are paid for; owned where absent, on demand in cloud regions.' }),
    ),
    userDevices: Type.Optional(
      ref(SiteUserDevicesSchema, {
        description:
          'They belong to the users, each answers its own, and they cost you nothing; only with kind device_fleet, without purchase.',
      }),
    ),
    powerLimitWatts: Type.Optional(
      positive(
        'What a device may draw, W: its power mode. Where absent, an edge device with modes takes the one that powerKilowatts feeds.',
        1e5,
        30,
      ),
    ),
  },
  { description: 'A kind of device at a site.', examples: [{ device: 'nvidia-jetson-agx-orin-64gb', stock: 1 }] },
);

export const PlacementSiteSchema = component(
  'PlacementSite',
  {
    id: id('Name that you give the site.', 'depot'),
    kind: Type.Optional(
      choice(['device_fleet', 'edge_box', 'room', 'colocation', 'cloud_region'], {
        description:
          'Devices on things, a box with the users, a room of your own, hired space, or a region of a cloud, which it is where absent beside a region.',
        examples: ['edge_box'],
      }),
    ),
    region: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Catalog region id, with cloud_region.',
        examples: ['azure/uaenorth'],
      }),
    ),
    country: Type.Optional(country('That of the first user group where absent.', 'AE')),
    latitude,
    longitude,
    freeZone,
    operatorCountry: Type.Optional(
      country('Nationality of the operator; that of the site or of the provider’s seat where absent.', 'AE'),
    ),
    backupCountry: Type.Optional(country('Where backups go; that of the site where absent.', 'AE')),
    logCountry: Type.Optional(country('Where logs go; that of the site where absent.', 'AE')),
    units: Type.Optional(positiveInteger('Things that carry devices, with device_fleet.', 10_000_000, 200)),
    userGroups: Type.Optional(
      list(Type.String({ maxLength: 80 }), {
        description:
          'User groups on whose side of the wide-area network it stands; those of the country where absent, none for colocation and clouds.',
        maxItems: 50,
      }),
    ),
    devices: Type.Optional(
      list(ref(SiteDeviceSchema), {
        description:
          'Devices that the site has or can take. Where absent, a cloud region offers all devices with a price there.',
        maxItems: 50,
      }),
    ),
    powerKilowatts: Type.Optional(positive('Power for IT and cooling, kW.', 1e6, 120)),
    rackKilowatts: Type.Optional(positive('Power of one rack, kW.', 10_000, 30)),
    racks: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000, description: 'Free racks.', examples: [4] })),
    coolingClass: Type.Optional(
      choice(['air', 'rear_door', 'direct_liquid', 'full_liquid'], {
        description: 'Best cooling it has.',
        examples: ['air'],
      }),
    ),
    ambientCelsius: Type.Optional(
      Type.Number({ minimum: -60, maximum: 85, description: 'Hottest air around the devices, °C.', examples: [45] }),
    ),
    fullPowerAmbientCelsius: Type.Optional(
      Type.Number({
        minimum: -60,
        maximum: 85,
        description: 'Hottest air at which the enclosure sustains full power, °C; 40 where absent.',
        examples: [50],
      }),
    ),
    throttleCelsius: Type.Optional(
      Type.Number({
        minimum: 40,
        maximum: 125,
        description: 'Chip temperature at which devices slow down, °C; 95 where absent.',
        examples: [95],
      }),
    ),
    installationUsdPerDevice: Type.Optional(
      notNegative('Putting an owned device in the field into place, USD.', 1e5, 150),
    ),
    visitsPerDeviceYear: Type.Optional(notNegative('Visits on site per device and year.', 365, 0.4)),
    usdPerVisit: Type.Optional(notNegative('Cost of one maintenance visit, USD.', 1e5, 120)),
    connectivityUsdPerDeviceMonth: Type.Optional(notNegative('Network connection of one device, USD a month.', 1e4, 8)),
    pue: Type.Optional(
      Type.Number({ minimum: 1, maximum: 5, description: 'Facility power over IT power.', examples: [1.5] }),
    ),
    gridGramsCo2ePerKwh: Type.Optional(notNegative('Carbon intensity of its electricity.', 5000, 450)),
    electricityUsdPerKwh: Type.Optional(notNegative('Electricity price of owned hardware.', 10, 0.11)),
    usdPerMonth: Type.Optional(usd('Line, room and gateway once the site is used, USD a month.', '250')),
    egressUsdPerGb: Type.Optional(notNegative('Traffic that leaves it, USD per GB.', 1000, 0.05)),
    leadTimeDays: Type.Optional(notNegative('Days until the site is ready.', 3650, 30)),
    islandHours: Type.Optional(
      notNegative(
        'Hours that the site can work without its wide-area connection; without limit where absent.',
        87_600,
        72,
      ),
    ),
    storageGigabytes: Type.Optional(
      notNegative(
        'What it keeps while its connection is away, GB; of each unit of a fleet. Not known where absent.',
        1e9,
        256,
      ),
    ),
    availability: Type.Optional(
      Type.Number({ minimum: 0.5, maximum: 0.9999999, description: 'Share of time it is up.', examples: [0.999] }),
    ),
  },
  {
    description: 'A place where components may run.',
    examples: [{ id: 'uae', kind: 'cloud_region', region: 'azure/uaenorth' }],
  },
);
