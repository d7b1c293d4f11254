import { Type } from '@sinclair/typebox';
import { choice, component, nullable } from './component.ts';

/** The counterpart of BandBasis in src/domain/uncertainty/band.ts. */
export const BandBasisSchema = component(
  'BandBasis',
  {
    id: Type.String({ description: 'Stable name of the group of measurements or of the assumption.' }),
    kind: choice(['residuals', 'sourced', 'assumed'], {
      description:
        'residuals: from measured against predicted values; sourced: a published range; assumed: our own range, where nothing is published.',
    }),
    cases: nullable(
      Type.Integer({ description: 'Independent measurements behind the band; null unless the kind is residuals.' }),
    ),
    medianAbsoluteErrorPercent: nullable(
      Type.Number({ description: 'Median absolute error of the group in percent; null unless the kind is residuals.' }),
    ),
    description: Type.String({ description: 'What was compared with which measurements, or who published the range.' }),
  },
  { description: 'Where an uncertainty band comes from.' },
);

/** The unit is in the name of the field that holds the figure. */
export const UncertainFigureSchema = component(
  'UncertainFigure',
  {
    p10: Type.Number({ description: 'One time in ten the truth is below this.' }),
    p50: Type.Number({ description: 'The best estimate: the truth is as likely above as below.' }),
    p90: Type.Number({ description: 'One time in ten the truth is above this.' }),
    basis: Type.String({ description: 'Id of the band basis; the bases are listed once in the answer.' }),
  },
  { description: 'A figure with an 80 % band. The unit is in the name of the field that holds it.' },
);
