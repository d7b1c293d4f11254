/** Numbers that callers send: bounded, with a description and an example. */
import { Type } from '@sinclair/typebox';

export const positive = (description: string, maximum: number, example: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum, description, examples: [example] });
export const positiveInteger = (description: string, maximum: number, example: number) =>
  Type.Integer({ minimum: 1, maximum, description, examples: [example] });
export const percent = (description: string, example: number, maximum = 100) =>
  Type.Number({ minimum: 0, maximum, description, examples: [example] });
/** A decimal string as a sum of money in USD. */
export const usd = (description: string, example: string) =>
  Type.String({ pattern: '^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,9})?$', description, examples: [example] });
