/** What is said of one option: its checks, the findings of the law, and the change after which a check passes. */
import { Type } from '@sinclair/typebox';
import { nullableNumber, nullableText, text } from '../answer-fields.ts';
import { choice, component, list, ref } from '../component.ts';

/** Values of a request field: numbers, texts, switches, lists of texts, and a site. */
const fieldValue = (description: string, example: unknown) =>
  Type.Unsafe<unknown>({
    // lists first: the serializer takes whatever can be written as a text for one
    type: ['array', 'object', 'number', 'string', 'boolean', 'null'],
    items: { type: 'string' },
    additionalProperties: true,
    description,
    examples: [example],
  });

export const ChangeSchema = component(
  'PlacementChange',
  {
    field: text('JSON Pointer into the request.', '/components/0/latency/milliseconds'),
    from: fieldValue('Present value; null where it is not given.', 300),
    to: fieldValue('New value; where the pointer is one past the end of a list, an item to be added to it.', 420),
    effect: text('What it does.', 'the answer is then in time'),
  },
  { description: 'A change of the request.' },
);

export const CheckSchema = component(
  'PlacementCheck',
  {
    check: text('Stable name.', 'memory'),
    ok: Type.Boolean({ description: 'Whether the check passes.', examples: [false] }),
    rule: nullableText('Regime behind it; null for physics and money.', 'ae-pdpl'),
    detail: text('One sentence.', '142 GB of weights per device; 72 GB are usable.'),
    required: nullableNumber('Value that the request or the rule demands.', 72),
    actual: nullableNumber('Value that was found.', 142),
    margin: nullableNumber('Distance between required and actual; negative where the check fails.', -70),
    unit: nullableText('Unit of required, actual and margin.', 'GB'),
    change: Type.Optional(
      ref(ChangeSchema, { description: 'After which it passes; absent where no change of the request makes it.' }),
    ),
  },
  { description: 'One requirement held against one option.' },
);

export const LawFindingSchema = component(
  'LawFinding',
  {
    regimeId: text('Catalog regime.', 'ae-pdpl'),
    name: text('Name of the law.', 'UAE Federal Personal Data Protection Law'),
    verdict: choice(['allowed', 'allowed-with-safeguard', 'prohibited', 'needs-counsel'], {
      description: 'What the rule as read says.',
      examples: ['allowed-with-safeguard'],
    }),
    sentence: text(
      'The finding in words, with the rule.',
      'UAE Federal Personal Data Protection Law allows it with a safeguard: …',
    ),
    quotation: nullableText('The passage itself; null where it was not read.', 'Personal data may be transferred …'),
    citation: nullableText(
      'Article and document in which the rule stands.',
      'Federal Decree-Law No. 45 of 2021, arts. 22-23',
    ),
    safeguards: list(Type.String(), {
      description: 'Safeguards that make it lawful, or duties that remain.',
      examples: [['contract with equivalent clauses']],
    }),
    approvalDays: nullableNumber('Days an approval takes; null where none is needed or no figure is known.', 60),
    reviewFlag: Type.Boolean({
      description: 'Whether the rule was read at second hand or not verified, so that it should be checked.',
      examples: [false],
    }),
    asOf: nullableText('Date of the reading.', '2026-06-29'),
  },
  { description: 'What one law says on data at one place. Not legal advice.' },
);
