import { Type } from '@sinclair/typebox';
import { DEVICE_CLASSES } from '../../../domain/devices/device.ts';
import { choice, component, list, ref } from '../component.ts';
import { positive, usd } from '../quantity.ts';

export const ids = (description: string, example: string, maxLength = 100) =>
  Type.Optional(
    list(Type.String({ minLength: 1, maxLength, description: 'An id.' }), {
      description,
      minItems: 1,
      maxItems: 500,
      examples: [[example]],
    }),
  );

const FacilityLimitsSchema = component(
  'FacilityLimits',
  {
    maxKilowatts: Type.Optional(positive('Power of the site for it in kW, PUE included.', 1e7, 200)),
    maxRacks: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Racks that are free.', examples: [4] }),
    ),
    coolingClasses: Type.Optional(
      list(
        choice(['air', 'rear_door', 'direct_liquid', 'full_liquid', 'passive'], {
          description: 'Cooling of a rack.',
        }),
        {
          description: 'Cooling that the facility has; passive is that of edge devices.',
          minItems: 1,
          maxItems: 5,
          examples: [['air', 'rear_door']],
        },
      ),
    ),
  },
  { description: 'What the facility takes. Holds for owned hardware.', examples: [{ maxKilowatts: 200 }] },
);

const countries = (description: string, example: string) =>
  Type.Optional(
    list(Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2.' }), {
      description,
      minItems: 1,
      maxItems: 250,
      examples: [[example]],
    }),
  );
const percent = (description: string, example: number) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 100, description, examples: [example] }));

export const RecommendationConstraintsSchema = component(
  'RecommendationConstraints',
  {
    devices: ids('Catalog ids of the only devices that may be used.', 'nvidia-h100-sxm5-80gb'),
    excludedDevices: ids('Catalog ids of devices that must not be used.', 'nvidia-t4-16gb'),
    deviceClasses: Type.Optional(
      list(
        choice(DEVICE_CLASSES, {
          description: 'A class of devices.',
        }),
        { description: 'Only these classes of devices.', minItems: 1, maxItems: 6, examples: [['cpu', 'edge']] },
      ),
    ),
    vendors: ids('Only devices of these makers.', 'nvidia'),
    excludedVendors: ids('No devices of these makers.', 'huawei'),
    providers: ids('Ids of the only providers to rent from.', 'aws'),
    excludedProviders: ids('No rentals at these providers.', 'runpod'),
    regions: ids('Only rentals in these regions.', 'azure/uaenorth'),
    excludedRegions: ids('No rentals in these regions.', 'aws/us-east-1'),
    countries: countries('Only rentals in these countries; owned hardware stands in the first.', 'AE'),
    excludedCountries: countries('No rentals in these countries, nor where the country is unknown.', 'CN'),
    providerCountries: countries(
      'Only rentals of providers seated in these countries, whose law reaches them wherever their regions are.',
      'US',
    ),
    excludedProviderCountries: countries(
      'No rentals of providers seated in these countries, nor of those whose seat is unknown.',
      'CN',
    ),
    maxEdgeDevices: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'Boards, phones and desktops that may serve one endpoint together; 8 where absent, because without remote management or a rack more of them are no server farm.',
        examples: [50],
      }),
    ),
    monthlyBudgetUsd: Type.Optional(usd('USD a month at most, surcharges included.', '50000')),
    upfrontBudgetUsd: Type.Optional(
      usd('USD before the first request at most: hardware bought, upfront payments, capacity blocks.', '250000'),
    ),
    maxLeadTimeDays: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description:
          'Days until it must be there. Rentals by the hour are taken as there today by their terms (listed under assumptions: capacity is not promised); what is reserved ahead or bought needs a lead time that is stated or published, else it is left out as unknown.',
        examples: [60],
      }),
    ),
    facility: Type.Optional(ref(FacilityLimitsSchema, { description: 'Power, racks and cooling for owned hardware.' })),
    minMemoryHeadroomPercent: percent(
      'Device memory left beside weights, buffers and one long request, in percent of what the engine may use.',
      10,
    ),
    minAccuracyPercent: percent(
      'Score kept by the weight format in percent of that of the published weights. Below 100 admits narrower formats whose loss is measured: fp8 from 99, int8 from 97, nvfp4 from 96, int4 from 95.',
      99,
    ),
    availabilityPercent: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 99.99999,
        description:
          'Share of time that the peak is carried; decides the spare replicas from failure rates of machines.',
        examples: [99.9],
      }),
    ),
    maxCarbonKilogramsPerMonth: Type.Optional(positive('Operational emissions a month at most, kg CO2e.', 1e12, 5000)),
    maxKilowattHoursPerMonth: Type.Optional(
      positive('Energy at the meter of the site a month at most, kWh.', 1e12, 20_000),
    ),
    freshPricesOnly: Type.Optional(
      Type.Boolean({
        description: 'Leaves out prices older than the limit of their category; false where absent: they are marked.',
        examples: [true],
      }),
    ),
  },
  { description: 'Limits. Each is optional; all that are given hold.', examples: [{ countries: ['AE'] }] },
);
