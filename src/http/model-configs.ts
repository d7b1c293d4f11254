/**
 * Bodies that bring the config.json of a checkpoint go on as if they had stated the model themselves: what was read of it stands in
 * the request that the answer gives back, to be checked and changed there.
 */
import type { FastifyRequest } from 'fastify';
import type { CatalogView } from '../catalog/snapshot.ts';
import { customLanguageArchitecture } from '../domain/estimate/custom-language-model.ts';
import { type HuggingFaceConfig, languageModelOfConfig } from '../domain/estimate/hugging-face/language-model.ts';
import { RequestFaultError, refuse } from '../domain/estimate/request-fault.ts';
import type { CustomLanguageModel } from '../domain/estimate/selectors.ts';
import type { Model } from '../domain/models/architecture.ts';
import type { App } from './application.ts';
import { fieldErrors, type SchemaError } from './problems/validation.ts';
import { CustomLanguageModelSchema } from './schemas/custom-language-model.ts';

type Fields = Readonly<Record<string, unknown>>;

const CONFIG = 'huggingFaceConfig';
const OTHERS = ['model', 'customLanguageModel', 'customVisionModel', 'function'] as const;
/** Questions inside a request, which are checked and read one by one (problems/item.ts). */
const ITEM = 'request';
/** Bodies nest no deeper by their schemas. */
const DEEPEST = 20;

/** What a configuration is read with; the catalog is asked for only where there is one. */
interface Reading {
  readonly request: FastifyRequest;
  readonly catalog: () => CatalogView;
}

/** @throws RequestFaultError with pointers from `at` on; the body itself where it brings no configuration */
export function withConfigsRead<Body>(body: Body, reading: Reading, at = '', depth = 0): Body {
  if (typeof body !== 'object' || body === null || depth > DEEPEST) return body;
  if (Array.isArray(body)) {
    const read = body.map((part, index) => withConfigsRead(part, reading, `${at}/${index}`, depth + 1));
    return read.some((part, index) => part !== body[index]) ? (read as Body) : body;
  }
  const fields = body as Fields;
  let changed: Record<string, unknown> | null = null;
  for (const [name, value] of Object.entries(fields)) {
    if (name === CONFIG || name === ITEM) continue;
    const read = withConfigsRead(value, reading, `${at}/${name}`, depth + 1);
    if (read === value) continue;
    changed ??= { ...fields };
    changed[name] = read;
  }
  if (fields[CONFIG] === undefined) return (changed ?? body) as Body;
  const other = OTHERS.find((name) => fields[name] !== undefined);
  if (other !== undefined) {
    refuse(`${at}/${CONFIG}`, 'exclusive', `Give only one of ${other} and ${CONFIG}: each says which model.`);
  }
  const custom = readConfig(fields[CONFIG] as HuggingFaceConfig, `${at}/${CONFIG}`, reading);
  const entries = Object.entries(changed ?? fields).map(([name, value]) =>
    name === CONFIG ? ['customLanguageModel', custom] : [name, value],
  );
  return Object.fromEntries(entries) as Body;
}

function readConfig(config: HuggingFaceConfig, pointer: string, reading: Reading): CustomLanguageModel {
  const catalog = reading.catalog();
  const custom = languageModelOfConfig(config, pointer, familiesOf(catalog.models));
  const validate = reading.request.compileValidationSchema(STATED, 'body');
  if (!validate(custom)) {
    const [first] = fieldErrors((validate.errors ?? []) as unknown as SchemaError[], 'body');
    refuse(pointer, first?.rule ?? 'invalid', `Read as customLanguageModel, it was refused. ${first?.detail ?? ''}`);
  }
  try {
    customLanguageArchitecture(catalog, custom);
  } catch (error) {
    if (!(error instanceof RequestFaultError)) throw error;
    // what contradicts itself is in the configuration, under other names
    throw new RequestFaultError(error.faults.map(({ rule, detail }) => ({ pointer, rule, detail })));
  }
  return custom;
}

/** One object, since the framework compiles anew for each that it has not seen. */
const STATED = { $ref: `${CustomLanguageModelSchema.$id}#` };

const families = new WeakMap<readonly Model[], ReadonlySet<string>>();

function familiesOf(models: readonly Model[]): ReadonlySet<string> {
  const known = families.get(models) ?? new Set(models.map(({ architecture }) => architecture.family));
  families.set(models, known);
  return known;
}

/** Once a body is known to keep its schema. */
export const readModelConfigs = (app: App, catalog: { current(): CatalogView }): void => {
  app.addHook('preHandler', async (request) => {
    if (request.is404 || typeof request.body !== 'object' || request.body === null) return;
    request.body = withConfigsRead(request.body, { request, catalog: () => catalog.current() });
  });
};
