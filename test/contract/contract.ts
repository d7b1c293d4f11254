/** The committed document, read once for the tests of the contract. */
import { readFileSync } from 'node:fs';
import AjvCompiler from '@fastify/ajv-compiler';
import { type OpenApiDocument, operationsOf } from '../../scripts/contract/operations.ts';

export const documentPath = new URL('../../openapi/openapi.json', import.meta.url);
export const documentText = readFileSync(documentPath, 'utf8');
export const document: OpenApiDocument = JSON.parse(documentText);
export const operations = operationsOf(document);

export type Schema = Readonly<Record<string, unknown>>;

const compile = AjvCompiler.AjvCompiler()(
  { contract: { $id: 'contract', components: document.components } },
  {
    customOptions: { strict: false, coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true },
  },
);

type Validate = ((data: unknown) => boolean) & {
  errors?: { instancePath: string; message?: string; params: unknown }[] | null;
};
const compiled = new Map<string, Validate>();

function validatorOf(schema: Schema): Validate {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/');
  const known = compiled.get(text) ?? (compile({ schema: JSON.parse(text) } as never) as unknown as Validate);
  compiled.set(text, known);
  return known;
}

/** What is wrong with a value, by the schema in the document and by nothing else. */
export const violations = (schema: Schema, value: unknown): readonly string[] => {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
};
