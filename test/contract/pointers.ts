/** Whether what answers say of fields of the request can be found in its schema. */
import { document, type Schema } from './contract.ts';

const target = (schema: Schema): Schema => {
  const name = typeof schema.$ref === 'string' ? schema.$ref.split('/').at(-1) : undefined;
  return name === undefined ? schema : target(document.components.schemas[name] ?? {});
};

const leadsOn = (schema: Schema, [key, ...rest]: readonly string[]): boolean => {
  const { properties, items, oneOf } = target(schema);
  if (key === undefined) return true;
  if (oneOf !== undefined) return (oneOf as Schema[]).some((member) => leadsOn(member, [key, ...rest]));
  if (items !== undefined) return /^\d+$/.test(key) && leadsOn(items as Schema, rest);
  const property = (properties as Record<string, Schema> | undefined)?.[key];
  return property !== undefined && leadsOn(property, rest);
};

/** Questions inside an answer, and answers to other questions, have fields of their own. */
const OTHER_QUESTIONS = new Set(['request', 'estimateRequest', 'trainingRequest', 'estimate']);

/** The pointers under `field` anywhere in the answer that no request with this schema has. */
export const strayPointers = (answer: unknown, request: Schema): readonly string[] => {
  if (typeof answer !== 'object' || answer === null) return [];
  return Object.entries(answer).flatMap(([key, value]) => {
    if (OTHER_QUESTIONS.has(key)) return [];
    if (key !== 'field' || typeof value !== 'string') return strayPointers(value, request);
    return leadsOn(request, value.split('/').slice(1)) ? [] : [value];
  });
};
