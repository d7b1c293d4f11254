import { Type } from '@sinclair/typebox';
import { integer, nullableDecimal, nullableNumber, nullableText, text } from '../answer-fields.ts';
import { choice, component, list, nullable, ref } from '../component.ts';

export const ChangeSchema = component(
  'RequestChange',
  {
    field: text('JSON Pointer into this request.', '/constraints/countries'),
    action: choice(['set', 'add', 'remove'], {
      description: 'set replaces the value, add and remove change a list.',
      examples: ['add'],
    }),
    value: Type.Unsafe<number | string | boolean>({
      type: ['number', 'string', 'boolean'],
      description: 'New value of the field, or entry to add to or remove from the list.',
      examples: ['US'],
    }),
  },
  { description: 'One change of the request.' },
);

const scalar = (description: string, examples: readonly unknown[]) =>
  Type.Unsafe<number | string | null>({ type: ['number', 'string', 'null'], description, examples: [...examples] });

const FailureSchema = component(
  'LimitBroken',
  {
    constraint: text('Name of the limit.', 'monthly_budget'),
    required: scalar('What was asked for; null where that is not a single value.', [50_000]),
    actual: scalar('What there is; null where nobody knows.', [64_240]),
    margin: nullableNumber('actual minus required; null where they are not numbers.', 14_240),
    unit: nullableText('Unit of required, actual and margin.', 'USD'),
    change: Type.Optional(
      ref(ChangeSchema, {
        description: 'The least change of the request that lifts this limit; absent where none does.',
      }),
    ),
  },
  { description: 'A limit that is broken, and by how much.' },
);

const LeftOutFamilySchema = component(
  'LeftOutFamily',
  {
    familyId: text(
      'A device, a way of serving on it, or a way of paying for it at a provider.',
      'nvidia-h100-sxm5-80gb@spot@aws',
    ),
    deviceId: text('Catalog device.', 'nvidia-h100-sxm5-80gb'),
    constraint: text('First limit that rules the family out.', 'purchase'),
    detail: text('One sentence.', 'NVIDIA H100 SXM5 80GB, spot at aws: purchase is spot, on_demand asked for.'),
    failures: list(ref(FailureSchema), { description: 'Every limit that its nearest option breaks.' }),
    options: integer('Options in the family; 0 where it was ruled out before any was priced.', 12),
    nearestOptionId: nullableText(
      'Its option that breaks least; null where none was priced.',
      'nvidia-h100-sxm5-80gb/vllm/bf16/tp4@spot@aws/us-east-1',
    ),
    atLeastUsdPerMonth: nullableDecimal(
      'None of its options costs less: the cheapest of them, or a lower bound where they were pruned; null where none was priced.',
      '18600.0000',
    ),
  },
  { description: 'Options that were left out together.' },
);

export const LeftOutSchema = component(
  'LeftOut',
  {
    families: integer('Number of families left out.', 168),
    groups: list(
      ref(
        component(
          'LeftOutGroup',
          {
            constraint: text('First limit that rules these families out.', 'memory'),
            count: integer('Number of families.', 63),
            nearest: ref(LeftOutFamilySchema, { description: 'The one that comes closest.' }),
          },
          { description: 'Families ruled out by one limit.' },
        ),
      ),
      { description: 'By limit, most families first; the counts add up to families.' },
    ),
    items: list(ref(LeftOutFamilySchema), { description: 'The page asked for, closest first.' }),
    nextOffset: nullable(Type.Integer({ description: 'Offset of the next page; null on the last.', examples: [10] })),
  },
  { description: 'What was left out and why.' },
);
