/** What every list of the catalog takes and gives. */
import { type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import { choice, component, list, ref } from '../component.ts';
import { nextPageToken } from '../page.ts';
import { timestamp } from '../timestamp.ts';
import { optional } from './fields.ts';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 200;

/** At which revision and date the catalog is read. */
export const readingQuery = {
  revision: Type.Optional(
    Type.Integer({
      description: 'Read the catalog as it was believed at this revision; the newest where absent.',
      minimum: 1,
      maximum: 2_147_483_647,
      examples: [1],
    }),
  ),
  asOf: Type.Optional(
    Type.String({
      description:
        'Prices in force at this moment, RFC 3339 ("2026-06-01T00:00:00Z") or a date ("2026-06-01", midnight UTC); now where absent.',
      maxLength: 40,
      examples: ['2026-06-01T00:00:00Z'],
    }),
  ),
};

export const pageSize = Type.Optional(
  Type.Integer({
    description: `Entries wanted per page. More than ${MAX_PAGE_SIZE} gives ${MAX_PAGE_SIZE}.`,
    minimum: 1,
    default: DEFAULT_PAGE_SIZE,
    examples: [20],
  }),
);

export const pageToken = Type.Optional(
  Type.String({
    description:
      'The nextPageToken of the page before, with the same filters and order. Later pages show the catalog as the first page saw it.',
    maxLength: 2000,
  }),
);

export const listQuery = (filters: TProperties, orders: readonly string[]): TObject =>
  Type.Object(
    {
      ...optional(filters),
      orderBy: Type.Optional(
        choice(orders, { description: 'Order; "-" means descending. Ties are ordered by id.', default: 'id' }),
      ),
      pageSize,
      pageToken,
      ...readingQuery,
    },
    { additionalProperties: false },
  );

export const pageComponent = (id: string, item: TSchema, what: string): TObject =>
  component(
    id,
    {
      items: list(ref(item), { description: what }),
      nextPageToken,
      total: Type.Integer({ description: 'Entries on all pages together.', minimum: 0, examples: [140] }),
      catalogRevision: Type.Integer({ description: 'Revision of the catalog that was read.', minimum: 0 }),
      asOf: Type.Optional(
        timestamp('The moment asked for. Absent where none was given: prices are those in force now.'),
      ),
    },
    { description: `A page of: ${what.charAt(0).toLowerCase()}${what.slice(1)}` },
  );

export const idParameter = (what: string, example: string): TObject =>
  Type.Object({
    id: Type.String({
      description: `Id of the ${what}. In a URL each slash in it is written %2F; Swagger UI does that by itself.`,
      examples: [example],
      minLength: 1,
      maxLength: 300,
    }),
  });
