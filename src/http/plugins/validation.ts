/** Two validators: what a body says is taken literally; what a URL says is text and is read as the schema's type. */
import AjvCompiler from '@fastify/ajv-compiler';
import type { FastifySchemaCompiler, FastifyServerOptions } from 'fastify';
import type { SchemaError } from '../problems/validation.ts';
import type { Compilations } from './compilations.ts';
import { oncePerSchema } from './serialization.ts';

type Options = NonNullable<Parameters<ReturnType<typeof AjvCompiler.AjvCompiler>>[1]>;
type AjvOptions = NonNullable<Options['customOptions']>;

type Validate = { (data: unknown): boolean; errors?: readonly SchemaError[] | null | undefined };

const shared: AjvOptions = {
  // Unknown fields are refused by `additionalProperties: false`, not silently dropped.
  removeAdditional: false,
  // All errors at once: bodies are bounded by the body limit, and at most a few dozen are reported.
  allErrors: true,
  // Puts the value and its schema on each error, for sentences that name both.
  verbose: true,
  discriminator: true,
  allowUnionTypes: true,
};

const bodyOptions: AjvOptions = { ...shared, coerceTypes: false, useDefaults: false };
// 'array' also reads a parameter given once as a list of one; a scalar given twice stays a list and is refused.
const textOptions: AjvOptions = { ...shared, coerceTypes: 'array', useDefaults: true };

/** Ajv reads the text "1e999" as Infinity and then skips the rules for numbers. */
const finiteOnly = (validate: Validate): Validate => {
  const checked: Validate = (data) => {
    const valid = validate(data);
    checked.errors = validate.errors;
    if (!valid || typeof data !== 'object' || data === null) return valid;
    const infinite = Object.entries(data).find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
    if (infinite === undefined) return valid;
    const [name, value] = infinite;
    checked.errors = [{ keyword: 'type', instancePath: `/${name}`, params: { type: 'number' }, data: value }];
    return false;
  };
  return checked;
};

const buildCompiler = AjvCompiler.AjvCompiler();

type Schemas = Parameters<typeof buildCompiler>[0];
type Compiler = (definition: Parameters<FastifySchemaCompiler<unknown>>[0]) => Validate;

const buildValidator = (components: Schemas): Compiler => {
  const body = buildCompiler(components, { customOptions: bodyOptions });
  const text = buildCompiler(components, { customOptions: textOptions });
  return (definition) =>
    definition.httpPart === 'body'
      ? (body(definition as never) as unknown as Validate)
      : finiteOnly(text(definition as never) as unknown as Validate);
};

const whenNeeded = (compiled: () => Validate): Validate => {
  const checked: Validate = (data) => {
    const validate = compiled();
    const valid = validate(data);
    checked.errors = validate.errors;
    return valid;
  };
  return checked;
};

/** For one application: the framework asks anew for each route, but all components are there before the first one. */
export const schemaController = (compilations: Compilations): NonNullable<FastifyServerOptions['schemaController']> => {
  let validator: Compiler | undefined;
  return {
    compilersFactory: {
      buildValidator: ((components: Schemas) => {
        validator ??= buildValidator(components);
        const compile = validator;
        return (definition: Parameters<Compiler>[0]) => whenNeeded(compilations.later(() => compile(definition)));
      }) as never,
      buildSerializer: oncePerSchema(compilations) as never,
    },
  };
};
