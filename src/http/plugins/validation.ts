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

/** What no rule of a schema says of the text of a URL: Ajv reads "1e999" as Infinity, and no database keeps U+0000. */
const plainOnly = (validate: Validate): Validate => {
  const checked: Validate = (data) => {
    const valid = validate(data);
    checked.errors = validate.errors;
    if (!valid || typeof data !== 'object' || data === null) return valid;
    const error = Object.entries(data)
      .map(([name, value]) => unreadable(value, `/${name}`))
      .find((found) => found !== undefined);
    if (error === undefined) return valid;
    checked.errors = [error];
    return false;
  };
  return checked;
};

const unreadable = (value: unknown, instancePath: string): SchemaError | undefined => {
  const error = { instancePath, params: {}, data: value };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { ...error, keyword: 'type', params: { type: 'number' } };
  }
  if (typeof value === 'string' && value.includes('\0')) {
    return { ...error, keyword: 'text', message: 'must not contain the character U+0000' };
  }
  return Array.isArray(value) ? value.map((part) => unreadable(part, instancePath)).find(Boolean) : undefined;
};

/** Nearer to zero than any quantity here, such numbers are slips, and dividing by them gives infinity. */
const LEAST_MAGNITUDE = 1e-12;

/** What no rule of a schema says of the numbers of a body: "more than 0" would take 5e-324. */
const noneTooSmall = (validate: Validate): Validate => {
  const checked: Validate = (data) => {
    const valid = validate(data);
    checked.errors = validate.errors;
    if (!valid) return false;
    const error = tooSmall(data);
    if (error === undefined) return true;
    checked.errors = [error];
    return false;
  };
  return checked;
};

/** The first such number. Without recursion: a part that is validated later may be nested deep. */
function tooSmall(body: unknown): SchemaError | undefined {
  const waiting: { readonly value: unknown; readonly instancePath: string }[] = [{ value: body, instancePath: '' }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { value, instancePath } = next;
    if (typeof value === 'number') {
      if (value === 0 || Math.abs(value) >= LEAST_MAGNITUDE) continue;
      const message = `is ${value}, nearer to 0 than any quantity here; give at least ${LEAST_MAGNITUDE}`;
      return { keyword: 'magnitude', params: {}, data: value, instancePath, message };
    }
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, part] of Object.entries(value)) {
      waiting.push({
        value: part,
        instancePath: `${instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      });
    }
  }
  return undefined;
}

const buildCompiler = AjvCompiler.AjvCompiler();

type Schemas = Parameters<typeof buildCompiler>[0];
type Compiler = (definition: Parameters<FastifySchemaCompiler<unknown>>[0]) => Validate;

const buildValidator = (components: Schemas): Compiler => {
  const body = buildCompiler(components, { customOptions: bodyOptions });
  const text = buildCompiler(components, { customOptions: textOptions });
  return (definition) =>
    definition.httpPart === 'body'
      ? noneTooSmall(body(definition as never) as unknown as Validate)
      : plainOnly(text(definition as never) as unknown as Validate);
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
