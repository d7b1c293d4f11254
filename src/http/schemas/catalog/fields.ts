/** Field types that the catalog's schemas are made of. */
import { type TOptional, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { choice, nullable } from '../component.ts';

/** Text of spaces alone is not accepted. */
export const NOT_BLANK = '\\S';
export const text = (description: string, example: string, maxLength = 500) =>
  Type.String({ description, examples: [example], minLength: 1, maxLength, pattern: NOT_BLANK });
export const textOrNull = (description: string, example: string, maxLength = 20_000) =>
  nullable(Type.String({ description, examples: [example], maxLength }));
export const number = (description: string, example: number, options: { minimum?: number; maximum?: number } = {}) =>
  Type.Number({ minimum: 0, maximum: 1e21, ...options, description, examples: [example] });
export const numberOrNull = (description: string, example: number) => nullable(number(description, example));
export const integer = (description: string, example: number, options: { minimum?: number; maximum?: number } = {}) =>
  Type.Integer({ minimum: 0, maximum: 1e15, ...options, description, examples: [example] });
export const integerOrNull = (description: string, example: number) => nullable(integer(description, example));
export const flagOrNull = (description: string) => nullable(Type.Boolean({ description, examples: [true] }));
export const country = (description: string, example = 'AE') =>
  Type.String({ description, pattern: '^[A-Z]{2}$', examples: [example] });
export const DECIMAL = '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,18})?$';
export const decimal = (description: string, example: string) =>
  Type.String({ description, pattern: DECIMAL, examples: [example] });
export const decimalOrNull = (description: string, example: string) => nullable(decimal(description, example));

export const CONFIDENCES = ['measured', 'vendor', 'third_party', 'derived', 'estimated', 'unverified'] as const;

/** Where the figures of an entry come from. */
export const provenanceFields = {
  source: text('Who published it: an address, or a document by name.', 'https://example.com/data-sheet', 2000),
  sourceDate: textOrNull('Date the source carries, or on which it was read; null where it has none.', '2026-06-01', 40),
  confidence: choice(CONFIDENCES, {
    description:
      'How much to trust it. measured: a published measurement; vendor: the maker says so; third_party: somebody else does; derived: computed from other figures by a stated rule; estimated: a judgement; unverified: nobody has read it in a source yet.',
  }),
  licence: textOrNull('Licence of the source, an SPDX id or words; null where it states none.', 'CC-BY-4.0', 200),
  notes: textOrNull('Remarks for people.', 'List price; taxes excluded.'),
};

/** Where an entry stands in the catalog. */
export const originFields = {
  sourceId: text('Catalog source whose statement counts; the source operator outranks seed.', 'seed'),
  revision: integer('Catalog revision that last changed this entry.', 1),
};

export const optional = <Properties extends TProperties>(
  properties: Properties,
): { [Name in keyof Properties]: TOptional<Properties[Name]> } =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema as TSchema)]),
  ) as never;
