import { Type } from '@sinclair/typebox';
import { choice, component, list } from '../component.ts';
import {
  CONFIDENCES,
  country,
  decimal,
  decimalOrNull,
  flagOrNull,
  integerOrNull,
  number,
  numberOrNull,
  originFields,
  provenanceFields,
  text,
  textOrNull,
} from './fields.ts';

export const PROVIDER_KINDS = [
  'hyperscaler',
  'neocloud',
  'marketplace',
  'token_api',
  'oem',
  'reseller',
  'on_prem',
] as const;

export const providerFields = {
  name: text('Name for people.', 'Amazon Web Services'),
  kind: choice(PROVIDER_KINDS, { description: 'What kind of provider it is.' }),
  headquartersCountry: textOrNull(
    'Country of the headquarters, ISO 3166-1 alpha-2; null where unknown. Some rules on data depend on it.',
    'US',
    2,
  ),
};

export const ProviderSchema = component(
  'CatalogProvider',
  { id: text('Catalog id.', 'aws'), ...providerFields, ...originFields },
  { description: 'Who sells or runs hardware or tokens.' },
);

export const regionFields = {
  providerId: text('Provider.', 'aws', 100),
  code: text('The provider’s own code.', 'me-central-1', 200),
  name: text('Name for people.', 'Middle East (UAE)'),
  city: text('City or area.', 'Dubai'),
  country: country('ISO 3166-1 alpha-2.'),
  latitude: number('Degrees north.', 25.2, { minimum: -90, maximum: 90 }),
  longitude: number('Degrees east.', 55.3, { minimum: -180, maximum: 180 }),
  partition: text('Separately operated part of the provider.', 'aws'),
  status: text(
    'State of the region, for example ga (open to everybody), preview or announced; listed: named by a price list; unlisted: not among those that its provider lists.',
    'ga',
  ),
  zones: integerOrNull('Availability zones; null where unknown.', 3),
  deviceIds: list(text('Device id.', 'nvidia-h100-sxm5-80gb', 300), {
    description: 'Devices said to be offered there, also where no price is known.',
    maxItems: 1000,
  }),
};

export const RegionSchema = component(
  'CatalogRegion',
  { id: text('Catalog id.', 'aws/me-central-1'), ...regionFields, ...provenanceFields, ...originFields },
  { description: 'A place where a provider runs hardware.' },
);

export const gridFields = {
  country: country('ISO 3166-1 alpha-2.'),
  name: text('Name for people.', 'United Arab Emirates'),
  gramsCo2ePerKwh: number('Life-cycle carbon in g CO2e per kWh.', 400),
  lowGramsCo2ePerKwh: number('Lowest of the observations kept, on any basis.', 350),
  highGramsCo2ePerKwh: number('Highest of the observations kept, on any basis.', 480),
  year: integerOrNull('Year observed.', 2025),
};

export const GridSchema = component(
  'CatalogGrid',
  { id: text('Id: country, or country and zone.', 'AE'), ...gridFields, ...provenanceFields, ...originFields },
  { description: 'Carbon intensity of an electricity grid.' },
);

export const tariffFields = {
  country: country('ISO 3166-1 alpha-2.'),
  subdivision: textOrNull('ISO 3166-2 subdivision without the country; null for a national tariff.', 'TX', 10),
  kind: text('Kind of customer or contract.', 'industrial'),
  usdPerKwh: decimal('USD per kWh, a decimal string.', '0.081'),
  localPerKwh: decimalOrNull('The same in local currency.', '0.30'),
  localCurrency: textOrNull('ISO 4217 code of the local currency.', 'AED', 3),
  period: textOrNull('When it holds.', '2026', 100),
  recommended: Type.Boolean({
    description: 'The tariff that a data hall there would most likely pay; one per country and subdivision.',
    examples: [true],
  }),
};

export const TariffSchema = component(
  'CatalogTariff',
  { id: text('Catalog id.', 'AE-business-dubai-0-405-aed'), ...tariffFields, ...provenanceFields, ...originFields },
  { description: 'A price of electricity.' },
);

export const pueFactFields = {
  providerId: textOrNull('Provider it was reported for; null for an industry figure.', 'aws', 100),
  regionId: textOrNull('Region it was reported for.', 'aws/me-central-1', 300),
  pue: number('Facility energy over IT energy.', 1.33, { minimum: 1, maximum: 10 }),
  year: integerOrNull('Year reported.', 2025),
  scope: text('What it covers.', 'region'),
  waterLitresPerKwh: numberOrNull('Water usage in litres per kWh of IT energy.', 0.2),
};

export const PueFactSchema = component(
  'CatalogPueFact',
  { id: text('Catalog id.', 'aws-me-central-1-2024'), ...pueFactFields, ...provenanceFields, ...originFields },
  { description: 'A reported power usage effectiveness.' },
);

export const REVIEW_STATES = ['verified', 'secondary', 'unverified'] as const;

export const regimeFields = {
  name: text('Name of the law or rule.', 'UAE Personal Data Protection Law'),
  jurisdiction: text('Country, union, zone or sector it binds.', 'AE'),
  citation: textOrNull('Where it is written.', 'Federal Decree-Law 45/2021', 2000),
  scope: list(text('What it covers.', 'personal', 2000), {
    description:
      'Classes of data it covers: personal, sensitive-personal, health, financial, payment, government, critical, public, non-personal. Other words count as all but open data.',
    maxItems: 200,
  }),
  transferRule: text('Kind of rule on data leaving the country.', 'adequacy', 20_000),
  inForce: textOrNull('Date since which it is in force.', '2022-01-02', 200),
  allowedDestinations: list(text('Destination.', 'GCC', 2000), {
    description: 'Destinations it allows without more.',
    maxItems: 500,
  }),
  safeguards: list(text('Safeguard.', 'standard contractual clauses', 2000), {
    description: 'Safeguards under which data may go elsewhere.',
    maxItems: 200,
  }),
  ruleText: textOrNull('The rule in words.', 'Transfer is allowed to countries with adequate protection.'),
  backupLocationMatters: flagOrNull('Backups must stay, too.'),
  logLocationMatters: flagOrNull('Logs must stay, too.'),
  operatorNationalityMatters: flagOrNull('Whether the rule depends on the nationality of the operator.'),
  approvalRequired: flagOrNull('An authority must agree first.'),
  approvalDays: numberOrNull('Days that the authority usually takes to agree.', 30),
  reviewState: choice(REVIEW_STATES, {
    description:
      'Whether somebody has read the law itself (verified), what others write of it (secondary), or neither (unverified).',
  }),
  asOf: textOrNull('Date of this reading.', '2026-06-01', 40),
  sources: list(text('Source.', 'https://example.com/law', 2000), { description: 'Where it was read.', maxItems: 100 }),
  confidence: choice(CONFIDENCES, { description: 'How reliable the figure is.' }),
  details: Type.Record(Type.String({ maxLength: 200 }), Type.Unknown({ description: 'Anything.' }), {
    description:
      'Everything else the source said, for people to read. `evaluation` is the rule as data that placements apply; without it, places beyond `allowedDestinations` need counsel.',
    examples: [{ regulator: 'UAE Data Office' }],
  }),
};

export const RegimeSchema = component(
  'CatalogRegime',
  { id: text('Catalog id.', 'ae-pdpl'), ...regimeFields, ...originFields },
  { description: 'A legal or sector rule on where data may go. Not legal advice.' },
);
