/** Price books as requests name them: with a key of the tenant, or not at all. */
import type { FastifyRequest } from 'fastify';
import { PriceBooks } from '../catalog/price-books/price-books.ts';
import type { Connections } from '../catalog/queries/snapshot-parts.ts';
import type { PriceBook } from '../domain/economics/price-book.ts';
import type { PriceBookPin } from './convert/replay.ts';
import { requireScope, tenantOf } from './plugins/api-key.ts';
import { BOOKS_READ, noSuchBook } from './routes/price-books.ts';

/** Whose books a request may name. */
export type PriceBookAccess = (request: FastifyRequest) => (pin: PriceBookPin) => Promise<PriceBook>;

/** One for each application: it keeps books in memory. */
export const priceBookAccess = (database: Connections): PriceBookAccess => {
  const books = new PriceBooks(database);
  const authorize = requireScope(database.db, BOOKS_READ);
  return (request) => async (pin) => {
    await authorize(request);
    const book = await books.find({ tenant: tenantOf(request), id: pin.id }, pin.revision);
    if (book === undefined) throw noSuchBook(pin.id, pin.revision);
    return book;
  };
};
