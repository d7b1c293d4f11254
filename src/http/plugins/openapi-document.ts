/** What the generated document still lacks: descriptions of references, examples, named problem responses, mappings of unions, a fixed order. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TSchema } from '@sinclair/typebox';
import { canBe, type ProblemCode, problemCatalogue } from '../problems/catalogue.ts';
import { problemMediaType } from '../problems/document.ts';
import { problemPages } from '../problems/pages.ts';
import { componentById } from '../schemas/component.ts';
import { codesOf } from '../schemas/responses.ts';

type Json = Record<string, unknown>;
type Content = { $ref?: string; content?: Record<string, Json>; headers?: Record<string, Json> };
type Parameter = { name: string; required?: boolean; example?: unknown; schema: Json };
type Schemas = Record<string, Json>;
type Path = Record<string, Operation>;
type Operation = {
  parameters?: Parameter[];
  operationId?: string;
  requestBody?: Content;
  responses: Record<string, Content>;
  [key: string]: unknown;
};

const examplesFolder = new URL('../../../openapi/examples/', import.meta.url);

/** operationId -> examples of its answer, as recorded by scripts/openapi.ts. */
export const recordedExamples = (): ReadonlyMap<string, unknown> =>
  new Map(
    readdirSync(examplesFolder)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.slice(0, -'.json'.length), JSON.parse(readFileSync(new URL(name, examplesFolder), 'utf8'))]),
  );

/** Ajv takes no mapping, but readers of the document need it where tag values are no component names. */
const withMapping = (schema: Json): void => {
  const discriminator = schema.discriminator as { propertyName: string; mapping?: Record<string, string> } | undefined;
  if (discriminator === undefined) return;
  discriminator.mapping = Object.fromEntries(
    (schema.oneOf as { $ref: string }[]).flatMap(({ $ref }) => {
      const member = componentById($ref.split('/').at(-1) ?? '') as TSchema;
      const tag = member.properties[discriminator.propertyName] as TSchema;
      return ((tag.enum ?? [tag.const]) as string[]).map((value) => [value, $ref]);
    }),
  );
};

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** @fastify/swagger leaves nothing beside a $ref, where OpenAPI 3.1 allows what the value means at that place. */
const withDescriptions = (part: Json, written: Json): void => {
  if (part.$ref !== undefined && written.description !== undefined) part.description = written.description;
  for (const [key, value] of Object.entries(written)) {
    const inner = part[key];
    if (isObject(value) && isObject(inner)) withDescriptions(inner, value);
  }
};

const byName = (parts: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Failures that pass say when to ask again. */
const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer', minimum: 0 } },
};
const isPassing = (codes: readonly ProblemCode[]): boolean =>
  codes.some((code) => [429, 503].includes(problemCatalogue[code].status));

/** What can be read or written conditionally carries the tag to do it with. */
const ENTITY_TAG = {
  ETag: {
    description: 'Version of what is answered: send it as If-None-Match to read it anew, as If-Match to change it.',
    schema: { type: 'string' },
  },
};

const CATALOG_HEADERS = {
  CatalogAgeSeconds: {
    description: 'Seconds since the database last confirmed that the newest revision in memory is the newest there is.',
    schema: { type: 'integer', minimum: 0 },
  },
  CatalogRevision: {
    description: 'Revision of the catalog that was read or made.',
    schema: { type: 'integer', minimum: 1 },
  },
};
const OF_CATALOG = {
  'Catalog-Age-Seconds': { $ref: '#/components/headers/CatalogAgeSeconds' },
  'Catalog-Revision': { $ref: '#/components/headers/CatalogRevision' },
};
const READ_THE_CATALOG = ['Catalog', 'Comparisons', 'Estimates', 'Placements', 'Recommendations'];
/** Of these a revision never changes; and a comparison is of two answers that each name theirs. */
const SAY_NO_REVISION = ['compareEstimates', 'getRevision', 'listRevisionDifferences'];

/** Headers that say of which version a successful answer is. */
const withVersions = ({ operationId = '', parameters, responses, tags }: Operation): void => {
  const isOfCatalog =
    (tags as readonly string[]).some((tag) => READ_THE_CATALOG.includes(tag)) && !SAY_NO_REVISION.includes(operationId);
  const isWritten = parameters?.some(({ name }) => name === 'if-match') === true;
  for (const [status, response] of Object.entries(responses)) {
    if (!/^(20[014]|304)$/.test(status)) continue;
    const isTagged = status !== '204' && (isWritten || responses['304'] !== undefined);
    const headers = { ...(isOfCatalog && OF_CATALOG), ...(isTagged && ENTITY_TAG), ...response.headers };
    if (Object.keys(headers).length > 0) response.headers = headers;
  }
};

/** A response for a status of failure, with an example of each problem that it can be. */
const namedProblem = (codes: readonly ProblemCode[]): Json => {
  const description = codes.map((code) => `${problemCatalogue[code].title} (\`${code}\`).`).join(' ');
  const examples = codes.map((code) => [
    code,
    { summary: problemCatalogue[code].title, value: problemPages.get(code)?.example },
  ]);
  const schema = { $ref: '#/components/schemas/Problem' };
  return {
    description,
    ...(isPassing(codes) && { headers: RETRY_AFTER }),
    content: { [problemMediaType]: { schema, examples: Object.fromEntries(examples) } },
  };
};

/** What an operation can answer with a status. Operations of which that is the same share one named response. */
const failuresOf = (operation: Operation, status: number) => {
  const tags = operation.tags as readonly string[];
  const readsBody = operation.requestBody !== undefined;
  const ofStatus = codesOf(status);
  const codes = ofStatus.filter((code) => canBe(code, { tags, readsBody }));
  const lessOf = (asked: Parameters<typeof canBe>[1]) => ofStatus.filter((code) => canBe(code, asked)).length;
  const isOfTags = lessOf({ tags: [], readsBody }) < codes.length;
  const isWithoutBody = lessOf({ tags, readsBody: true }) > codes.length;
  const ofTags = isOfTags
    ? `Of${tags.map((tag) => tag.replaceAll(/ ?\b(\w)/g, (_, first) => first.toUpperCase())).join('')}`
    : '';
  return { codes, name: `Problem${status}${ofTags}${isWithoutBody ? 'WithoutBody' : ''}` };
};

/** Swagger UI sends every example that a parameter has. Optional ones keep theirs in the schema, where they are shown and not sent. */
const withoutPrefilling = (parameter: Parameter): void => {
  if (parameter.required === true || parameter.example === undefined) return;
  parameter.schema = { ...parameter.schema, examples: [parameter.example] };
  delete parameter.example;
};

/** The answer to a PUT is the entry as GET gives it, so it has the same example; others may have one at their schema. */
const answerExample = (
  path: Path,
  operation: Operation,
  answers: ReadonlyMap<string, unknown>,
  schemas: Schemas,
): unknown => {
  const own = operation['x-response-examples'] ?? answers.get(operation.operationId ?? '');
  if (own !== undefined) return own;
  const name = answerName(operation);
  if (path.get !== undefined && name !== undefined && name === answerName(path.get)) {
    const recorded = answers.get(path.get.operationId ?? '');
    if (recorded !== undefined) return recorded;
  }
  return schemaExample(name, schemas);
};

/** The first example that a component has, as the example of an answer. */
const schemaExample = (name: string | undefined, schemas: Schemas): unknown => {
  const [value] = (schemas[name ?? '']?.examples ?? []) as unknown[];
  return value === undefined ? undefined : { example: { summary: 'Example', value } };
};

/** Content of the first successful answer; mostly all have the same. */
const answerOf = (operation: Operation): Record<string, Json> | undefined =>
  Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1].content;

/** Name of the component that a successful answer is. */
const answerName = (operation: Operation): string | undefined => nameOf(answerOf(operation)?.['application/json']);

const nameOf = (media: Json | undefined): string | undefined => {
  const { schema } = media ?? {};
  return (schema as { $ref?: string } | undefined)?.$ref?.split('/').at(-1);
};

/** Changes the document that @fastify/swagger made and gives it back. */
export const finishDocument = (document: Json, answers: ReadonlyMap<string, unknown>): Json => {
  const parts = document.components as {
    schemas: Record<string, Json>;
    responses: Record<string, Json>;
    headers: Json;
  };
  parts.responses = {};
  parts.headers = CATALOG_HEADERS;
  parts.schemas = byName(parts.schemas);
  for (const [name, schema] of Object.entries(parts.schemas)) {
    withMapping(schema);
    withDescriptions(schema, componentById(name) as Json);
  }
  for (const path of Object.values(document.paths as Record<string, Path>)) {
    for (const operation of Object.values(path)) {
      const examples = operation['x-request-examples'];
      delete operation['x-request-examples'];
      const [asked] = Object.values(operation.requestBody?.content ?? {});
      if (examples !== undefined && asked !== undefined) asked.examples = examples;
      const example = answerExample(path, operation, answers, parts.schemas);
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const [answer] = Object.values(content ?? {});
        if (!status.startsWith('2') || answer === undefined) continue;
        const isOther = nameOf(answer) !== nameOf(Object.values(answerOf(operation) ?? {})[0]);
        const examples = isOther ? schemaExample(nameOf(answer), parts.schemas) : example;
        if (examples !== undefined) answer.examples = examples;
      }
      delete operation['x-response-examples'];
      operation.parameters?.forEach(withoutPrefilling);
      for (const status of (operation['x-problems'] ?? []) as readonly string[]) {
        const { codes, name } = failuresOf(operation, Number(status));
        parts.responses[name] ??= namedProblem(codes);
        operation.responses[status] = { $ref: `#/components/responses/${name}` };
      }
      delete operation['x-problems'];
      withVersions(operation);
    }
  }
  parts.responses = byName(parts.responses);
  return document;
};
