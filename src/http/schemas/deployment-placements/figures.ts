/** Figures of placement answers that may be missing. */
import { Type } from '@sinclair/typebox';
import { nullable } from '../component.ts';

export const integer = (description: string, example: number) => Type.Integer({ description, examples: [example] });
export const maybeNumber = (description: string, example: number) =>
  nullable(Type.Number({ description, examples: [example] }));
export const maybeText = (description: string, example: string) =>
  nullable(Type.String({ description, examples: [example] }));
export const maybeDecimal = (description: string, example: string) =>
  nullable(Type.String({ description, pattern: '^-?[0-9]+(\\.[0-9]+)?$', examples: [example] }));
