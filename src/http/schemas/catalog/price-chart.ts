/** The price history of an offer, as lines to draw. */

import { Type } from '@sinclair/typebox';
import { PRICE_UNITS } from '../../../domain/catalog/offers.ts';
import { choice, component, list, ref } from '../component.ts';
import { timestamp } from '../timestamp.ts';
import { decimalOrNull, integer, number, text } from './fields.ts';
import { PAYMENT_OPTIONS, PRICE_CATEGORIES } from './offers.ts';

const PricePointSchema = component(
  'PriceChartPoint',
  {
    startTime: timestamp('From when the amount holds, until the next point.'),
    amount: decimalOrNull('Per unit of the whole offer; null where there is no price from then on.', '55.04'),
    upfront: decimalOrNull('Paid once at the start of the term; null where there is no price from then on.', '0'),
    sourceId: text('Catalog source that won.', 'seed'),
    revision: integer('Catalog revision that brought it.', 1),
  },
  { description: 'A step of a line.' },
);

const PriceLineSchema = component(
  'PriceChartLine',
  {
    priceId: text('Catalog price.', 'aws/us-east-1/p5.48xlarge/on_demand'),
    category: choice(PRICE_CATEGORIES, { description: 'How it is bought.' }),
    termMonths: integer('Term of a commitment in months; 0 where there is none.', 0),
    payment: choice(PAYMENT_OPTIONS, { description: 'How a commitment is paid.' }),
    tierFrom: number('Lower bound of a volume tier, in units.', 0),
    unit: choice(PRICE_UNITS, { description: 'What the amount pays for, of the whole offer.' }),
    currency: Type.String({ description: 'ISO 4217 code.', pattern: '^[A-Z]{3}$', examples: ['USD'] }),
    points: list(ref(PricePointSchema), { description: 'Changes of the price, oldest first.' }),
  },
  { description: 'One price in one currency over time.' },
);

export const PriceChartSchema = component(
  'PriceChart',
  {
    offerId: text('Offer.', 'aws/us-east-1/p5.48xlarge'),
    catalogRevision: Type.Integer({ description: 'Revision of the catalog that was read.', minimum: 0 }),
    lines: list(ref(PriceLineSchema), { description: 'Lines, by price.' }),
  },
  { description: 'How the prices of an offer changed.' },
);
