/**
 * What a row must be by itself, as SQL over one staged row `s` and what could be read from it (READ_ROW below). All of a list
 * is judged in one pass of the database; the sentences are made for the rows that fail alone.
 */

import { escapeLiteral as literal } from 'pg';
import { PRICE_UNITS } from '../../domain/catalog/offers.ts';
import { CURRENCIES } from '../currencies.ts';
import { PAYMENT_FAULTS } from '../payment-parts.ts';

interface RowRule {
  readonly field: string;
  readonly rule: string;
  /** True or null-safe false: the row breaks the rule. */
  readonly broken: string;
  /** SQL that makes the sentence. */
  readonly detail: string;
  /** No row breaks the rule in which this column is empty. */
  readonly column?: string;
}

/** Empty in most lists; the rules on them are not looked at in rows without any. */
const RARE_COLUMNS: readonly string[] = [
  'tier_from',
  'upfront',
  'state',
  'valid_from',
  'observed_at',
  'source_date',
  'confidence',
  'mode',
  'vcpus',
  'memory_bytes',
  'lead_time_days',
  'source',
  'notes',
  'flags',
];

export interface SyncScope {
  /** Provider ids; empty: all. */
  readonly providers: readonly string[];
  /** Regions by the provider's own code; empty: all. */
  readonly regions: readonly string[];
  readonly categories: readonly string[];
}

export const CATEGORIES: readonly string[] = ['on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token'];
const PAYMENTS = ['none', 'no_upfront', 'partial_upfront', 'all_upfront'];
const TOKEN_UNITS = PRICE_UNITS.filter((unit) => unit.startsWith('million_'));
const STATES = ['in_force', 'withdrawn'];
const CONFIDENCES = ['measured', 'vendor', 'third_party', 'derived', 'estimated', 'unverified'];
const KINDS = ['instance', 'accelerator', 'server', 'edge_device', 'slice', 'token', 'managed_platform'];
const MODES = ['open', 'capacity_block_only', 'reservation_only', 'preview'];

/** Beyond any price of one offer; a larger figure is in another unit, or a missing decimal sign. */
const LARGEST_AMOUNT = 1_000_000_000;

/** Further ahead nobody announces prices; an exchanged digit of a year would hide one for good. */
const FURTHEST_YEARS = 5;

const setOf = (values: readonly string[]): string => values.map(literal).join(', ');
const shown = (expression: string): string => `'''' || left(${expression}, 80) || ''''`;

const TIME =
  '^(19[7-9]\\d|20\\d\\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([Tt ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?([Zz]|[+-][01]\\d:[0-5]\\d))?$';
/** Without bounds, which would make the expression many times slower; how long it may be is asked beside it. */
const DECIMAL = '^\\d+(\\.\\d+)?([eE][+-]?\\d\\d?)?$';
const LONGEST_DECIMAL = 60;

/** SQL for the time written in the column `name` of `s`; null where the text is no time. */
export const timeOf = (name: string): string => `case when s.${name} ~ '${TIME}'
    and substr(s.${name}, 9, 2)::int <= extract(day from (substr(s.${name}, 1, 7) || '-01')::date + interval '1 month -1 day')
    then date_trunc('milliseconds', s.${name}::timestamptz) end`;
const decimalOf = (name: string): string =>
  `case when length(s.${name}) <= ${LONGEST_DECIMAL} and s.${name} ~ '${DECIMAL}' then trim_scale(s.${name}::numeric) end`;

/** The provider's own code of the region of the staged row `s`. */
const REGION_CODE = `case when starts_with(s.region, s.provider || '/') then substr(s.region, length(s.provider) + 2) else s.region end`;

/** SQL for the time at which the staged row `s` was read. */
export const OBSERVED_AT = `case when s.observed_at is not null then ${timeOf('observed_at')} end as read_observed_at`;

/** What can be read from the staged row `s`, each column named `read_…`; null where the text is not what it should be. */
export const READ_ROW = `
  coalesce(s.offer_id, s.provider || '/' || coalesce(s.zone, ${REGION_CODE}, 'global') || '/' || s.sku) as read_offer_id,
  ${REGION_CODE} as read_region_code,
  case when s.term_months is null then 0 when length(s.term_months) <= 3 and s.term_months ~ '^\\d+$' then s.term_months::int end as read_term_months,
  case when s.tier_from is null then 0 when length(s.tier_from) <= 16 and s.tier_from ~ '^\\d+(\\.\\d\\d?\\d?)?$' then trim_scale(s.tier_from::numeric) end as read_tier_from,
  coalesce(s.payment, 'none') as read_payment,
  ${decimalOf('amount')} as read_amount,
  case when s.upfront is null then 0 else ${decimalOf('upfront')} end as read_upfront,
  case when s.valid_from is not null then ${timeOf('valid_from')} end as read_valid_from,
  ${OBSERVED_AT},
  coalesce(s.state, 'in_force') as read_state`;

/** What a price of an offer is called, from columns of the row `from`; priceIdentityId in domain/catalog/offers.ts says the same. */
export const priceIdOf = (
  offerId: string,
  from: string,
  read = `${from}.`,
): string => `${offerId} || '/' || ${from}.category
  || case when ${read}term_months > 0 then '-' || ${read}term_months || 'm-' || ${read}payment else '' end
  || case when ${from}.unit in ('hour', 'each') then '' else '-' || ${from}.unit end
  || case when ${read}tier_from > 0 then '-from-' || ${read}tier_from else '' end`;

/** Of the staged row `s` and what was read from it. */
export const PRICE_ID = priceIdOf('read_offer_id', 's', 'read_');

const required = (field: string, column: string, broken = `s.${column} is null`): RowRule => ({
  field,
  rule: 'required',
  broken,
  detail: literal(`${field} is missing.`),
});

/** Spellings of other price lists ("Hrs", "OnDemand"): suggested in errors, never accepted. */
const OTHERWISE_WRITTEN: Readonly<Record<string, readonly string[]>> = {
  hour: ['hours', 'hrs', 'hr', 'h', '1hour', 'perhour'],
  each: ['unit', 'piece', 'pcs', 'quantity'],
  on_demand: ['payg', 'payasyougo', 'consumption'],
  committed: ['reserved', 'reservation', 'commitment'],
  spot: ['preemptible', 'lowpriority'],
};

const choice = (field: string, column: string, values: readonly string[]): RowRule => {
  const meant = values.map((value) => {
    const writings = [value.replaceAll('_', ''), ...(OTHERWISE_WRITTEN[value] ?? [])];
    return `when translate(lower(s.${column}), ' _-', '') in (${setOf(writings)}) then ${literal(` is no ${field}; write '${value}'.`)}`;
  });
  return {
    field,
    rule: 'choice',
    column,
    broken: `s.${column} not in (${setOf(values)})`,
    detail: `${shown(`s.${column}`)} || case ${meant.join(' ')} else ${literal(` is no ${field}; choose from ${values.join(', ')}.`)} end`,
  };
};

const readable = (field: string, column: string, what: string): RowRule => ({
  field,
  rule: 'format',
  column,
  broken: `s.${column} is not null and read_${column} is null`,
  detail: `${shown(`s.${column}`)} || ${literal(` is not ${what}.`)}`,
});

const money = (field: string, column: string): readonly RowRule[] => [
  {
    field,
    rule: 'negative',
    column,
    broken: `s.${column} like '-%'`,
    detail: `${shown(`s.${column}`)} || ' is below zero; a price is what is paid.'`,
  },
  {
    field,
    rule: 'format',
    column,
    broken: `s.${column} is not null and read_${column} is null and s.${column} not like '-%'`,
    detail: `${shown(`s.${column}`)} || ' is not a decimal number like 55.04 (a point, no thousands sign, no currency sign).'`,
  },
  {
    field,
    rule: 'too_large',
    column,
    broken: `read_${column} > ${LARGEST_AMOUNT}`,
    detail: `${shown(`s.${column}`)} || ${literal(' is more than 1000000000; check the unit and the decimal sign.')}`,
  },
  {
    field,
    rule: 'precision',
    column,
    broken: `scale(read_${column}) > 18`,
    detail: literal('More than 18 digits after the point.'),
  },
];

const numeric = (field: string, column: string, what: string, pattern: string, longest = 20): RowRule => ({
  field,
  rule: 'format',
  column,
  broken: `s.${column} is not null and (length(s.${column}) > ${longest} or s.${column} !~ '${pattern}')`,
  detail: `${shown(`s.${column}`)} || ${literal(` is not ${what}.`)}`,
});

const longest = (field: string, column: string, length: number): RowRule => ({
  field,
  rule: 'too_long',
  column,
  broken: `length(s.${column}) > ${length}`,
  detail: literal(`${field} is longer than ${length} characters.`),
});

/** SQL that holds where the offer of that id is in one of these regions, by the provider's own codes; the catalog knows the region of a zone. */
export const isInRegions = (offerId: string, regions: readonly string[]): string =>
  `(split_part(${offerId}, '/', 2) in (${setOf(regions)}) or exists (select from catalog_entry e
      where e.kind = 'offer' and e.id = ${offerId} and split_part(e.body ->> 'regionId', '/', 2) in (${setOf(regions)})))`;

const inScope = (
  field: string,
  values: readonly string[],
  expression: string,
  isWithin = `coalesce(${expression} in (${setOf(values)}), false)`,
): readonly RowRule[] =>
  values.length === 0
    ? []
    : [
        {
          field,
          rule: 'out_of_scope',
          broken: `not ${isWithin}`,
          detail: `coalesce(${shown(expression)}, 'Nothing') || ${literal(` is outside the scope of this sync, ${values.join(', ')}.`)}`,
        },
      ];

/** SQL that is true of a row that breaks any rule. What could not be read at all is not looked at further. */
export const anyRuleBroken = (scope: SyncScope): string => {
  const rules = rulesOfReadRow(scope);
  const isRare = ({ column }: RowRule): boolean => column !== undefined && RARE_COLUMNS.includes(column);
  const anyOf = (some: readonly RowRule[]): string =>
    some.map(({ broken }) => `coalesce(${broken}, false)`).join(' or ');
  const isAnyRare = `coalesce(${RARE_COLUMNS.map((column) => `s.${column}`).join(', ')}) is not null`;
  return `s.fault is not null or ${anyOf(rules.filter((rule) => !isRare(rule)))} or (${isAnyRare} and (${anyOf(rules.filter(isRare))}))`;
};

/** In the order in which they are told. */
export const rowRules = (scope: SyncScope): readonly RowRule[] => [
  { field: 'row', rule: 'unreadable', broken: 's.fault is not null', detail: 's.fault' },
  ...rulesOfReadRow(scope).map((rule) => ({ ...rule, broken: `s.fault is null and (${rule.broken})` })),
];

/** Of the dates that say nothing of the price; OBSERVED_AT is read beside them. */
const dateRules: readonly RowRule[] = [
  readable('observedAt', 'observed_at', 'a date like 2026-12-01 or a time like 2026-12-01T00:00:00Z'),
  {
    field: 'observedAt',
    rule: 'future',
    column: 'observed_at',
    broken: `read_observed_at > now() + interval '1 day'`,
    detail: `${shown('s.observed_at')} || ' is yet to come; nothing can have been read then. From when a price holds is validFrom.'`,
  },
  numeric(
    'sourceDate',
    'source_date',
    'a date like 2026-12-01',
    '^\\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\\d|3[01]))?)?$',
  ),
];

export const dateRuleBroken: string = dateRules.map(({ broken }) => `coalesce(${broken}, false)`).join(' or ');

const rulesOfReadRow = (scope: SyncScope): readonly RowRule[] => [
  required('provider', 'provider', 's.provider is null and s.offer_id is null'),
  required('sku', 'sku', 's.sku is null and s.offer_id is null'),
  required('category', 'category'),
  choice('category', 'category', CATEGORIES),
  required('unit', 'unit'),
  choice('unit', 'unit', PRICE_UNITS),
  {
    field: 'unit',
    rule: 'unit_of_category',
    broken: `(s.category in ('on_demand', 'spot', 'committed', 'capacity_block') and s.unit in (${setOf(['each', ...TOKEN_UNITS])}))
          or (s.category = 'purchase' and s.unit in (${setOf(['hour', ...TOKEN_UNITS])})) or (s.category = 'token' and s.unit in ('hour', 'each'))`,
    detail: `'A price of the category ' || s.category || ' is not by ' || s.unit || case s.category
      when 'purchase' then '; write each.' when 'token' then '; write a unit like million_input_tokens.' else '; write hour.' end`,
  },
  readable('termMonths', 'term_months', 'a whole number of months'),
  {
    field: 'termMonths',
    rule: 'term_of_category',
    broken: `(s.category = 'committed') <> (read_term_months > 0)`,
    detail: `case when s.category = 'committed' then 'A commitment needs termMonths, 12 for one year.' else 'Only a commitment has a term: leave termMonths empty or 0.' end`,
  },
  choice('payment', 'payment', PAYMENTS),
  {
    field: 'payment',
    rule: 'payment_of_category',
    broken: `s.category <> 'committed' and read_payment <> 'none'`,
    detail: literal('Only a commitment has a payment option: leave it empty, or write none.'),
  },
  readable('tierFrom', 'tier_from', 'a number of units'),
  {
    field: 'tierFrom',
    rule: 'tier_of_unit',
    column: 'tier_from',
    broken: `s.unit = 'hour' and read_tier_from > 0 and read_state = 'in_force'`,
    detail: literal(
      'A price by the hour holds for any number of hours: leave tierFrom empty or 0. One agreed on from a volume on is a contract of a price book.',
    ),
  },
  {
    field: 'tierFrom',
    rule: 'required',
    broken: `starts_with(s.unit, 'million_long') and read_tier_from = 0 and read_state = 'in_force'`,
    detail: literal(
      'A price for long prompts needs tierFrom, the length of prompt from which it holds in million tokens, like 0.2; without it every prompt would be long.',
    ),
  },
  choice('state', 'state', STATES),
  ...money('amount', 'amount'),
  ...money('upfront', 'upfront'),
  {
    field: 'upfront',
    rule: 'upfront_of_category',
    column: 'upfront',
    broken: `s.category <> 'committed' and read_upfront > 0`,
    detail: literal(
      'Only a commitment is paid upfront, at the start of its term: leave upfront empty or 0, and write what is paid in amount.',
    ),
  },
  {
    field: 'upfront',
    rule: 'upfront_of_payment',
    column: 'upfront',
    broken: `s.category = 'committed' and read_payment = 'no_upfront' and read_upfront > 0`,
    detail: literal(PAYMENT_FAULTS.not_upfront),
  },
  {
    field: 'upfront',
    rule: 'required',
    column: 'payment',
    broken: `s.category = 'committed' and read_payment in ('partial_upfront', 'all_upfront') and read_upfront = 0 and read_state = 'in_force'`,
    detail: literal(PAYMENT_FAULTS.missing),
  },
  {
    field: 'amount',
    rule: 'zero',
    broken: `read_state = 'in_force' and read_amount = 0 and coalesce(read_upfront, 0) = 0`,
    detail: literal('A price of 0 with nothing upfront; leave amount empty where there is no price by this unit.'),
  },
  {
    field: 'amount',
    rule: 'withdrawn_with_amount',
    column: 'state',
    broken: `s.state = 'withdrawn' and s.amount is not null`,
    detail: literal('What is withdrawn has no amount; leave it empty.'),
  },
  required('currency', 'currency'),
  {
    field: 'currency',
    rule: 'choice',
    broken: `s.currency not in (${setOf(CURRENCIES)})`,
    detail: `${shown('s.currency')} || case when upper(s.currency) in (${setOf(CURRENCIES)})
      then ' is no currency; write ''' || upper(s.currency) || '''.' else ' is no ISO 4217 code like USD.' end`,
  },
  {
    field: 'validFrom',
    rule: 'far_future',
    broken: `read_valid_from > now() + interval '${FURTHEST_YEARS} years'`,
    detail: `${shown('s.valid_from')} || ${literal(` is more than ${FURTHEST_YEARS} years ahead; check the year.`)}`,
  },
  readable('validFrom', 'valid_from', 'a date like 2026-12-01 or a time like 2026-12-01T00:00:00Z'),
  ...dateRules,
  choice('confidence', 'confidence', CONFIDENCES),
  choice('kind', 'kind', KINDS),
  choice('mode', 'mode', MODES),
  numeric('deviceCount', 'device_count', 'a number of devices', '^\\d+(\\.\\d\\d?\\d?\\d?)?$', 11),
  numeric('vcpus', 'vcpus', 'a number of processors', '^\\d+(\\.\\d\\d?)?$', 9),
  numeric('memoryBytes', 'memory_bytes', 'a whole number of bytes', '^\\d+$', 15),
  numeric('leadTimeDays', 'lead_time_days', 'a number of days', '^\\d+(\\.\\d\\d?)?$', 7),
  longest('offerId', 'offer_id', 300),
  longest('sku', 'sku', 200),
  longest('source', 'source', 2000),
  longest('notes', 'notes', 5000),
  longest('flags', 'flags', 500),
  ...inScope('provider', scope.providers, `split_part(read_offer_id, '/', 1)`),
  // A row that names its offer by id need not say where that is.
  ...inScope(
    'region',
    scope.regions,
    `coalesce(read_region_code, split_part(s.offer_id, '/', 2))`,
    `case when read_region_code is null and s.offer_id is not null then ${isInRegions('s.offer_id', scope.regions)}
      else coalesce(read_region_code in (${setOf(scope.regions)}), false) end`,
  ),
  ...inScope('category', scope.categories, 's.category'),
];
