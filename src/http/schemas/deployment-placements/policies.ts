/** What holds for the whole of a plan. */
import { Type } from '@sinclair/typebox';
import { component, list, ref } from '../component.ts';
import { OwnedTermsSchema, PurchaseSchema, SurchargesSchema } from '../purchase.ts';
import { positive, usd } from '../quantity.ts';
import { country, notNegative } from './fields.ts';

const QuotaSchema = component(
  'PlacementQuota',
  {
    device: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'Catalog device id.',
      examples: ['nvidia-h100-sxm5-80gb'],
    }),
    site: Type.Optional(
      Type.String({ maxLength: 100, description: 'Site that the limit is for.', examples: ['azure/uaenorth'] }),
    ),
    provider: Type.Optional(
      Type.String({ maxLength: 50, description: 'Provider that the limit is for.', examples: ['azure'] }),
    ),
    mostDevices: Type.Integer({ minimum: 0, maximum: 1e9, description: 'Devices at most.', examples: [16] }),
  },
  { description: 'A limit on devices of a kind.' },
);

export const PoliciesSchema = component(
  'PlacementPolicies',
  {
    countries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), { description: 'Only sites in these countries.', maxItems: 250 }),
    ),
    operatorCountries: Type.Optional(
      list(country('ISO 3166-1 alpha-2.', 'AE'), { description: 'Only operators of these countries.', maxItems: 250 }),
    ),
    excluded: Type.Optional(
      list(Type.String({ maxLength: 100 }), {
        description: 'Sites, regions or providers not to be used.',
        maxItems: 200,
      }),
    ),
    leastSites: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Different sites at least.', examples: [2] }),
    ),
    leastCountries: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 20, description: 'Different countries at least.', examples: [2] }),
    ),
    budgetUsdPerMonth: Type.Optional(usd('Most the whole may cost a month, USD.', '50000')),
    carbonKilogramsPerMonth: Type.Optional(
      positive('Most the whole may emit a month, kg CO2e, manufacture included.', 1e12, 2000),
    ),
    readyWithinDays: Type.Optional(notNegative('Days until everything must run, approvals included.', 3650, 60)),
    quotas: Type.Optional(
      list(ref(QuotaSchema), { description: 'Limits on the number of devices at a site or provider.', maxItems: 50 }),
    ),
    purchases: Type.Optional(
      list(ref(PurchaseSchema), {
        description: 'Ways to pay that are considered in cloud regions; on demand where absent.',
        minItems: 1,
        maxItems: 6,
      }),
    ),
    owned: Type.Optional(ref(OwnedTermsSchema, { description: 'Terms of owned hardware.' })),
    acceptSafeguards: Type.Optional(
      Type.Boolean({
        description: 'Whether to use places where the law demands a safeguard; true where absent.',
        examples: [true],
      }),
    ),
    acceptApprovals: Type.Optional(
      Type.Boolean({
        description: 'Rest the plan on approvals of authorities that are still to be had; false where absent.',
        examples: [false],
      }),
    ),
    acceptNeedsCounsel: Type.Optional(
      Type.Boolean({
        description: 'Whether to use places where only legal counsel can decide; false where absent.',
        examples: [false],
      }),
    ),
    exportLicence: Type.Optional(
      Type.Boolean({
        description: 'A licence of the US Bureau of Industry and Security covers the hardware; false where absent.',
        examples: [false],
      }),
    ),
    endUserCountry: Type.Optional(country('Seat of the parent company of the end user, for export rules.', 'AE')),
    surcharges: Type.Optional(ref(SurchargesSchema, { description: 'Support, licences, tax and duty.' })),
  },
  { description: 'What holds for the whole.', examples: [{ countries: ['AE'], readyWithinDays: 60 }] },
);
