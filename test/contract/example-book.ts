/** The price books that the examples of paths name. */
import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { HOUSE } from '../../src/access/keys.ts';
import { writePriceBook } from '../../src/catalog/price-books/price-books.ts';
import type { Database } from '../../src/catalog/tables.ts';
import { EXAMPLE_BOOK_ID } from '../../src/http/schemas/price-books/book.ts';

export const keepExampleBook = async (db: Kysely<Database>): Promise<void> => {
  const body = { name: 'Acme, 2026', discounts: [], contracts: [], exchangeRates: [], purchases: [] };
  const author = { actor: 'ADMIN_API_KEY', requestId: 'example', bodySha256: createHash('sha256').digest() };
  // The second one is that which the example of retiring names.
  for (const id of [EXAMPLE_BOOK_ID, 'acme-2025']) {
    await writePriceBook(db, { tenant: HOUSE, id }, body, author, () => undefined);
  }
};
