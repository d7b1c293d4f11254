/** The operations of an OpenAPI document, with what a contract check needs to know of each. */

interface MediaType {
  readonly schema?: Record<string, unknown>;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly summary?: string; readonly value: unknown }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Record<string, unknown>;
  readonly example?: unknown;
}

interface Response {
  readonly description?: string;
  readonly content?: Readonly<Record<string, MediaType>>;
  readonly headers?: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, Response>>;
  readonly security?: readonly Record<string, readonly string[]>[];
}

/** Whether no request gets by without an API key. */
export const needsKey = ({ security }: Operation): boolean =>
  security?.every((requirement) => Object.keys(requirement).length > 0) ?? false;

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Record<string, unknown>>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

const resolved = (document: OpenApiDocument, response: Response | { readonly $ref: string }): Response =>
  '$ref' in response ? (document.components.responses[response.$ref.split('/').at(-1) ?? ''] ?? {}) : response;

/** With references to named responses resolved. */
export const operationsOf = (document: OpenApiDocument): readonly Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      parameters: operation.parameters ?? [],
      responses: Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [status, resolved(document, response)]),
      ),
      method: method.toUpperCase(),
      path,
    })),
  );

export interface ExampleRequest {
  readonly name: string;
  readonly summary: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: unknown;
}

const urlOf = (operation: Operation, query: Readonly<Record<string, unknown>>): string => {
  const path = operation.parameters
    .filter(({ in: place }) => place === 'path')
    .reduce((url, { name, example }) => url.replace(`{${name}}`, encodeURIComponent(String(example))), operation.path);
  const search = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) =>
      [value].flat().map((item): [string, string] => [name, String(item)]),
    ),
  );
  return search.size > 0 ? `${path}?${search}` : path;
};

/**
 * What Swagger UI sends at the first click: parameters of the path at their examples, those of the query at their defaults,
 * and each example of the body in turn.
 */
export const firstClicks = (operation: Operation): readonly ExampleRequest[] => {
  const defaults = operation.parameters
    .filter(
      ({ in: place, schema, required }) => place === 'query' && (schema.default !== undefined || required === true),
    )
    .map(({ name, schema, example }) => [name, schema.default ?? example]);
  const headers = Object.fromEntries(
    operation.parameters
      .filter(({ in: place, required }) => place === 'header' && required === true)
      .map(({ name, example }) => [name, String(example)]),
  );
  const request = {
    method: operation.method as ExampleRequest['method'],
    url: urlOf(operation, Object.fromEntries(defaults)),
  };
  const [mediaType = '', media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const bodies = Object.entries(media?.examples ?? {});
  if (bodies.length === 0) return [{ ...request, name: 'example', summary: 'At the first click', headers }];
  return bodies.map(([name, { summary, value }]) => ({
    ...request,
    name,
    summary: summary ?? name,
    headers: { ...headers, 'content-type': mediaType },
    payload: value,
  }));
};

/** Each parameter of the query at its example, alone. */
export const parameterExamples = (operation: Operation): readonly ExampleRequest[] => {
  const [first] = firstClicks(operation);
  if (first === undefined) return [];
  return operation.parameters
    .filter(({ in: place }) => place === 'query')
    .flatMap(({ name, schema }) =>
      ((schema.examples ?? []) as readonly unknown[]).map((example) => ({
        ...first,
        name: `${name}=${String(example)}`,
        summary: name,
        url: urlOf(operation, { [name]: example }),
      })),
    );
};
