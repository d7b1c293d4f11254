/** Filters of lists: what they let through, and what they mean by an id or name that the caller wrote in his own way. */

import type { TSchema } from '@sinclair/typebox';
import { isCurrency } from '../../../catalog/currencies.ts';
import type { EntryKind } from '../../../catalog/entry.ts';
import { didYouMean, nearestNames } from '../../../catalog/nearest.ts';
import { offersBySku } from '../../../catalog/resolve-sku.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { ProblemCode } from '../../problems/catalogue.ts';
import { type FieldError, ProblemError } from '../../problems/problem-error.ts';
import { text } from '../../schemas/catalog/fields.ts';
import { unknownCurrency } from './currency.ts';
import type { PageQuery } from './paging.ts';

/** A value that names nothing in the catalog, in a sentence, with the nearest values that do. */
interface Unknown {
  readonly detail: string;
  readonly nearest: readonly string[];
  /** Where it is no id that is unknown. */
  readonly code?: ProblemCode;
  readonly rule?: string;
}

export interface Filter<Item> {
  readonly schema: TSchema;
  readonly matches: (item: Item, value: never, view: CatalogView) => boolean;
  /** The value as the catalog writes it; absent where any value makes sense. */
  readonly resolve?: (value: string, view: CatalogView) => { readonly value: string } | Unknown;
}

export type Filters<Item> = Readonly<Record<string, Filter<Item>>>;

type Field<Item> = (item: Item, view: CatalogView) => string | null | undefined;

/** By equal text, whatever the case: for closed lists, and codes that may well have no entry. */
export const equals = <Item>(schema: TSchema, field: Field<Item>): Filter<Item> => ({
  schema,
  matches: (item: Item, value: string, view: CatalogView): boolean =>
    field(item, view)?.toLowerCase() === value.toLowerCase(),
});

const canonicalId = (view: CatalogView, kind: EntryKind, id: string): string | undefined => {
  if (view.entry(kind, id) !== undefined || view.origin(kind, id) !== undefined) return id;
  if (kind === 'model') return view.model(id)?.id;
  const wanted = id.toLowerCase();
  return view.list(kind).find((entry) => entry.id.toLowerCase() === wanted)?.id;
};

/** Whether an item refers to the entry with this id, in any case and by any name of a model. An id that never was is refused. */
export const refersTo = <Item>(
  schema: TSchema,
  kind: EntryKind,
  refers: (item: Item, id: string, view: CatalogView) => boolean,
): Filter<Item> => ({
  schema,
  matches: refers,
  resolve: (id, view) => {
    const value = canonicalId(view, kind, id);
    if (value !== undefined) return { value };
    return { detail: `The catalog has no ${kind} '${id}'.`, nearest: view.nearest(kind, id) };
  },
});

export const idEquals = <Item>(schema: TSchema, kind: EntryKind, field: Field<Item>): Filter<Item> =>
  refersTo(schema, kind, (item, id, view) => field(item, view) === id);

/** By a name that something in the catalog has, whatever the case; one that nothing has is refused. */
export const nameEquals = <Item>(
  schema: TSchema,
  what: string,
  known: (view: CatalogView) => Iterable<string>,
  field: Field<Item>,
): Filter<Item> => ({
  schema,
  matches: (item: Item, value: string, view: CatalogView): boolean => field(item, view)?.toLowerCase() === value,
  resolve: (name, view) => {
    const names = [...new Set(known(view))];
    const value = name.toLowerCase();
    if (names.some((it) => it.toLowerCase() === value)) return { value };
    const ids = names.map((id) => ({ id }));
    return { detail: `Nothing in the catalog has the ${what} '${name}'.`, nearest: nearestNames(name, ids, () => []) };
  },
});

/** By the provider's own name for what it sells. */
export const skuEquals = <Item>(field: Field<Item>): Filter<Item> =>
  nameEquals(
    text('Only the offer with this name at the provider (SKU).', 'p5.48xlarge', 200),
    'SKU',
    ({ offers }) =>
      [...offersBySku(offers).values()].flatMap((bySku) => [...bySku.values()].flatMap(([first]) => first?.sku ?? [])),
    field,
  );

export const currencyEquals = <Item>(field: (item: Item) => string): Filter<Item> => ({
  schema: text('Only in this currency (ISO 4217).', 'USD', 3),
  matches: (item: Item, code: string): boolean => field(item) === code,
  resolve: (code) => {
    const value = code.toUpperCase();
    return isCurrency(value) ? { value } : unknownCurrency(code);
  },
});

/** Whether a list with these filters can be asked for something that the catalog does not know. */
export const refersToCatalog = (filters: Filters<never>): boolean =>
  Object.values(filters).some(({ resolve }) => resolve !== undefined);

const inWords = ({ detail, nearest }: Unknown): string => detail + didYouMean(nearest);

/**
 * What passes all filters of a query.
 * @throws ProblemError where the query names something that the catalog does not know: an empty page would look like an answer.
 */
export const wantedBy = <Item>(
  filters: Filters<Item>,
  query: PageQuery,
  view: CatalogView,
): ((item: Item) => boolean) => {
  const errors: FieldError[] = [];
  let code: ProblemCode | undefined;
  const tests: ((item: Item) => boolean)[] = [];
  for (const [name, { matches, resolve }] of Object.entries(filters)) {
    if (query[name] === undefined) continue;
    const resolved = resolve?.(query[name] as string, view) ?? { value: query[name] };
    if ('value' in resolved) tests.push((item) => matches(item, resolved.value as never, view));
    else {
      code ??= resolved.code;
      errors.push({
        parameter: `query ${name}`,
        detail: inWords(resolved),
        rule: resolved.rule ?? 'unknown_id',
        ...(resolved.nearest.length > 0 && { choices: resolved.nearest }),
      });
    }
  }
  if (errors[0] !== undefined) throw new ProblemError(code ?? 'unknown-catalog-id', errors[0].detail, { errors });
  return (item) => tests.every((test) => test(item));
};
