/** Where operations take an API key: without this, Swagger UI and generated clients do not send it. */

export const securitySchemes = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
    description:
      'Needed to change the catalog, for price lists, price books, operations of price lists and the audit. Estimates, recommendations, placements, comparisons and browsing need none, unless they name a price book.',
  },
} as const;

/** The operation needs a key. */
export const keyNeeded = [{ apiKey: [] }];

/** A key is needed by some requests alone: those with a price book, or about what a key began. */
export const keyTaken = [{}, { apiKey: [] }];
