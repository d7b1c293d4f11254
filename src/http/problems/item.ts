/** Questions inside a request, checked as their own operations would check them, with pointers to where they stand. */
import type { TSchema } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { CatalogView } from '../../catalog/snapshot.ts';
import { RequestFaultError } from '../../domain/estimate/request-fault.ts';
import { withConfigsRead } from '../model-configs.ts';
import { ProblemError } from './problem-error.ts';
import { fieldErrors, type SchemaError } from './validation.ts';

/** References to the schemas of items. The framework compiles anew for each object that it has not seen. */
const references = new Map<TSchema, object>();

const referenceTo = (schema: TSchema): object => {
  const reference = references.get(schema) ?? { $ref: `${schema.$id}#` };
  references.set(schema, reference);
  return reference;
};

/**
 * @param at JSON pointer of the item in the body; empty where pointers are to start at the item
 * @throws ProblemError invalid-request, with pointers into the item.
 */
export function checkedItem<Item>(
  request: FastifyRequest,
  item: unknown,
  schema: TSchema,
  catalog: CatalogView,
  at = '',
): Item {
  const validate = request.compileValidationSchema(referenceTo(schema), 'body');
  if (validate(item)) return withConfigsRead(item as Item, { request, catalog: () => catalog }, at);
  const errors = fieldErrors((validate.errors ?? []) as unknown as SchemaError[], 'body').map((error) => ({
    ...error,
    ...(error.pointer !== undefined && { pointer: error.pointer.replace(/^#/, `#${at}`) }),
  }));
  throw new ProblemError(
    'invalid-request',
    `The item was refused. ${errors[0]?.detail ?? 'It does not match the contract.'}`,
    { errors },
  );
}

/** What the domain finds wrong with an item, told of the place where the item stands. */
export async function inItem<Answer>(at: string, answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    throw new RequestFaultError(error.faults.map((fault) => ({ ...fault, pointer: `${at}${fault.pointer}` })));
  }
}
