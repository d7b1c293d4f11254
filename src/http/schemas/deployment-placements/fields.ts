/** Fields that several parts of a placement question have. */
import { Type } from '@sinclair/typebox';
import { DATA_CLASSES } from '../../../domain/sovereignty/index.ts';
import { choice } from '../component.ts';

export const id = (description: string, example: string) =>
  Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$', description, examples: [example] });
export const country = (description: string, example: string) =>
  Type.String({ pattern: '^[A-Z]{2}$', description, examples: [example] });
export const share = (description: string, example: number) =>
  Type.Number({ exclusiveMinimum: 0, maximum: 1, description, examples: [example] });
export const notNegative = (description: string, maximum: number, example: number) =>
  Type.Number({ minimum: 0, maximum, description, examples: [example] });
export const latitude = Type.Optional(
  Type.Number({ minimum: -90, maximum: 90, description: 'Degrees north.', examples: [25.2] }),
);
export const longitude = Type.Optional(
  Type.Number({ minimum: -180, maximum: 180, description: 'Degrees east.', examples: [55.3] }),
);
export const dataClass = choice(DATA_CLASSES, {
  description: 'Kind of data, as the law names it.',
  examples: ['personal'],
});
export const freeZone = Type.Optional(
  Type.String({
    pattern: '^[A-Z]{2}-[A-Z]{2,6}$',
    description:
      'Legal zone with data law of its own among the regimes of the catalog, for example AE-DIFC, AE-ADGM or QA-QFC; leave it out where that of the country counts.',
    examples: ['AE-DIFC'],
  }),
);
