/** Fields of answers, each with a description and an example. */
import { Type } from '@sinclair/typebox';
import { nullable, ref } from './component.ts';
import { UncertainFigureSchema } from './uncertain-figure.ts';

export const text = (description: string, example: string) => Type.String({ description, examples: [example] });
export const number = (description: string, example: number) => Type.Number({ description, examples: [example] });
export const integer = (description: string, example: number) => Type.Integer({ description, examples: [example] });
export const decimal = (description: string, example: string) =>
  Type.String({ description, pattern: '^-?[0-9]+(\\.[0-9]+)?$', examples: [example] });
export const nullableText = (description: string, example: string) => nullable(text(description, example));
export const nullableNumber = (description: string, example: number) => nullable(number(description, example));
export const nullableDecimal = (description: string, example: string) => nullable(decimal(description, example));
/** With its band. */
export const figure = (description: string) => ref(UncertainFigureSchema, { description });
