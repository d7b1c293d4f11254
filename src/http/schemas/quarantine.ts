/** Changes of prices that wait for a decision, and decisions on them. */
import { Type } from '@sinclair/typebox';
import { decimalOrNull, integer, text, textOrNull } from './catalog/fields.ts';
import { choice, component, list, nullable } from './component.ts';
import { EXAMPLE_OPERATION_ID } from './operations.ts';
import { page } from './page.ts';
import { timestamp } from './timestamp.ts';

const exampleItem = {
  id: '1',
  priceSyncId: EXAMPLE_OPERATION_ID,
  sourceId: 'acme-prices',
  rowNumber: 3,
  priceId: 'aws/us-east-1/p5.48xlarge/spot',
  currency: 'USD',
  validFrom: '2026-11-24T00:00:00.000Z',
  ends: false,
  oldAmount: '21.57',
  newAmount: '61.00',
  newUpfront: '0',
  rules: ['spot_above_on_demand'],
  detail: 'Spot at 61 is above on-demand at 55.04.',
  state: 'waiting',
  decidedBy: null,
  decidedAt: null,
  decisionReason: null,
  revision: null,
  createdAt: '2026-11-24T00:00:00.000Z',
} as const;

export const QUARANTINE_STATES = ['waiting', 'approved', 'refused', 'superseded'] as const;

export const QuarantineItemSchema = component(
  'QuarantineItem',
  {
    id: Type.String({ description: 'Id of the change.', examples: ['1'] }),
    priceSyncId: textOrNull('Sync that brought it.', EXAMPLE_OPERATION_ID),
    sourceId: text('Catalog source.', 'acme-prices'),
    rowNumber: nullable(integer('Row of the list; null where the list leaves the price out.', 3)),
    priceId: text('Catalog price.', exampleItem.priceId, 500),
    currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    validFrom: timestamp('Time from which the change would hold.'),
    ends: Type.Boolean({ description: 'Whether the change would end the price.', examples: [false] }),
    oldAmount: decimalOrNull('Amount that the source gives so far; null where it gives none.', '21.57'),
    newAmount: decimalOrNull('Amount after the change; null where the price ends.', '61.00'),
    newUpfront: decimalOrNull('The same, paid upfront.', '0'),
    rules: list(Type.String({ description: 'Rule.' }), {
      description:
        'What does not look right: spot_above_on_demand, changed_much, out_of_device_range, sources_disagree, constant_spot_ratio, regional_outlier, mass_disappearance, unreadable_rows. More may be added.',
    }),
    detail: text('Why it waits, in sentences.', exampleItem.detail, 5000),
    state: choice(QUARANTINE_STATES, { description: 'superseded: the source has said otherwise since.' }),
    decidedBy: textOrNull('Label of the key that decided.', 'buyer'),
    decidedAt: nullable(timestamp('When that was.')),
    decisionReason: textOrNull('Why.', 'Confirmed with the vendor.'),
    revision: nullable(integer('Revision that an approval made.', 43)),
    createdAt: timestamp('When the change was put into quarantine.'),
  },
  { description: 'A change that waits for a decision, or did.', examples: [exampleItem] },
);

export const QuarantinePageSchema = page(
  'QuarantinePage',
  QuarantineItemSchema,
  'Changes in quarantine, the oldest first.',
  exampleItem,
);

export const QuarantineDecisionSchema = component(
  'QuarantineDecision',
  {
    decision: choice(['approve', 'refuse'], { description: 'Whether the change is made. The decision is final.' }),
    reason: text('Why it was decided so; kept in the audit.', 'Confirmed with the vendor.', 2000),
  },
  {
    description: 'What is to become of a change.',
    examples: [{ decision: 'approve', reason: 'Confirmed with the vendor.' }],
  },
);

export const QuarantineDecisionsSchema = component(
  'QuarantineDecisions',
  {
    ...QuarantineDecisionSchema.properties,
    source: Type.String({ description: 'Source whose changes are meant.', maxLength: 100, examples: ['acme-prices'] }),
    priceSyncId: Type.Optional(
      Type.String({
        description: 'Only changes from this price list.',
        pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$',
        examples: [EXAMPLE_OPERATION_ID],
      }),
    ),
    rule: Type.Optional(
      Type.String({
        description: 'Only those that this rule holds back.',
        maxLength: 100,
        examples: ['sources_disagree'],
      }),
    ),
    ids: Type.Optional(
      list(Type.String({ description: 'Id.', pattern: '^[0-9]{1,15}$' }), {
        description: 'Ids of the only changes to decide on.',
        minItems: 1,
        maxItems: 10_000,
        examples: [['1', '2']],
      }),
    ),
  },
  {
    description: 'What is to become of all changes of a source that wait and fit.',
    examples: [{ decision: 'refuse', reason: 'Out of date.', source: 'acme-prices', rule: 'sources_disagree' }],
  },
);

export const QuarantineDecidedSchema = component(
  'QuarantineDecided',
  {
    decided: integer('Changes that were decided on.', 32),
    revision: nullable(integer('Revision that an approval made; null where no price changed.', 43)),
    remaining: integer('Changes that match and still wait; send the request again to decide on them.', 0),
  },
  { description: 'What a decision on many changes did.', examples: [{ decided: 32, revision: null, remaining: 0 }] },
);
