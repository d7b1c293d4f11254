/** Rules that hold for the whole document. An exception is listed by name, and fails when it is needed no longer. */
import { describe, expect, it } from 'vitest';
import { needsKey } from '../../scripts/contract/operations.ts';
import { document, operations, type Schema, violations } from './contract.ts';

interface Place {
  readonly name: string;
  readonly schema: Schema;
}

const { schemas } = document.components;

/** Every schema in a schema, named by the way to it. References are not followed. */
const within = (name: string, schema: Schema): readonly Place[] => [
  { name, schema },
  ...Object.entries((schema.properties ?? {}) as Record<string, Schema>).flatMap(([key, value]) =>
    within(`${name}.${key}`, value),
  ),
  ...(typeof schema.items === 'object' ? within(`${name}[]`, schema.items as Schema) : []),
  ...(typeof schema.additionalProperties === 'object'
    ? within(`${name}{}`, schema.additionalProperties as Schema)
    : []),
  ...['anyOf', 'oneOf', 'allOf'].flatMap((keyword) =>
    ((schema[keyword] ?? []) as Schema[]).flatMap((member, index) => within(`${name}|${index}`, member)),
  ),
];

const inComponents = Object.entries(schemas).flatMap(([name, schema]) => within(name, schema));
const inOperations = operations.flatMap((operation) => [
  ...Object.values(operation.requestBody?.content ?? {}).flatMap(({ schema }) =>
    within(`${operation.operationId} request`, schema ?? {}),
  ),
  ...Object.entries(operation.responses).flatMap(([status, { content }]) =>
    Object.values(content ?? {}).flatMap(({ schema }) => within(`${operation.operationId} ${status}`, schema ?? {})),
  ),
]);
const places = [...inComponents, ...inOperations];

const target = ({ $ref }: Schema): string | undefined =>
  typeof $ref === 'string' ? $ref.split('/').at(-1) : undefined;
const names = (found: readonly Place[]): readonly string[] => found.map(({ name }) => name).sort();

/** Components that a caller can send, with all that they refer to. */
const requestComponents = (): ReadonlySet<string> => {
  const reached = new Set<string>();
  const follow = (schema: Schema): void => {
    for (const place of within('', schema)) {
      const name = target(place.schema);
      if (name === undefined || reached.has(name)) continue;
      reached.add(name);
      follow(schemas[name] ?? {});
    }
  };
  for (const { requestBody } of operations) {
    for (const { schema } of Object.values(requestBody?.content ?? {})) follow(schema ?? {});
  }
  return reached;
};

describe('operations', () => {
  const failing = (holds: (operation: (typeof operations)[number]) => boolean) =>
    operations.filter((operation) => !holds(operation)).map(({ operationId }) => operationId);
  const successes = (operation: (typeof operations)[number]) =>
    Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));

  it('are named by a verb and a noun', () => {
    const named =
      /^(get|list|create|update|put|replace|delete|retire|estimate|recommend|place|compare|sync|check|decide)[A-Z][A-Za-z]+$/;
    expect(failing(({ operationId }) => named.test(operationId))).toEqual([]);
  });

  it('have a summary of one line, a description and one known tag', () => {
    const tags = (document as unknown as { tags: { name: string }[] }).tags.map(({ name }) => name);
    expect(failing(({ summary }) => /^[^.\n]{5,80}$/.test(summary ?? ''))).toEqual([]);
    expect(failing(({ description }) => /\.$/.test(description ?? ''))).toEqual([]);
    expect(failing((operation) => operation.tags?.length === 1 && tags.includes(operation.tags[0] ?? ''))).toEqual([]);
  });

  it('that take a body have named examples of it', () => {
    const bodies = operations.filter(({ requestBody }) => requestBody !== undefined);
    const examples = bodies.map(({ operationId, requestBody }) => ({
      operationId,
      examples: Object.values(requestBody?.content ?? {}).flatMap((media) => Object.values(media.examples ?? {})),
    }));
    expect(examples.filter((it) => it.examples.length === 0)).toEqual([]);
    expect(examples.filter((it) => it.examples.some(({ summary }) => !summary))).toEqual([]);
  });

  it('have an example of each answer that has a body', () => {
    const without = operations.filter((operation) =>
      successes(operation).some(([, { content }]) =>
        Object.values(content ?? {}).some((media) => media.examples === undefined),
      ),
    );
    // The contract cannot contain itself, and metrics differ on every run.
    expect(without.map(({ operationId }) => operationId)).toEqual(['getContract', 'getMetrics']);
  });

  it('document a success, a failure of the caller and a failure of the service', () => {
    expect(failing((operation) => successes(operation).length > 0)).toEqual([]);
    expect(failing(({ responses }) => Object.keys(responses).some((status) => status.startsWith('4')))).toEqual([]);
    expect(failing(({ responses }) => '500' in responses)).toEqual([]);
    expect(failing(({ responses }) => '503' in responses)).toEqual(['getLiveness', 'getMetrics']);
  });

  it('answer failures with problem documents', () => {
    const others = operations.flatMap(({ operationId, responses }) =>
      Object.entries(responses)
        .filter(
          ([status, { content }]) =>
            status >= '400' && Object.keys(content ?? {}).join() !== 'application/problem+json',
        )
        .map(([status]) => `${operationId} ${status}`),
    );
    expect(others).toEqual([]);
  });

  it('with a body document 400, 413 and 415; those of the catalog and the estimates 429', () => {
    const wanted = ({ path, requestBody }: (typeof operations)[number]) => [
      ...(requestBody === undefined ? [] : ['400', '413', '415']),
      ...(path.startsWith('/v1/') ? ['406', '429'] : []),
    ];
    expect(failing((operation) => wanted(operation).every((status) => status in operation.responses))).toEqual([]);
  });

  it('that can ask for a key say that they take one, and the others do not', () => {
    const takesKey = ({ security }: (typeof operations)[number]) => security?.some((it) => 'apiKey' in it) ?? false;
    // In a batch what an item misses is its own problem.
    expect(failing((operation) => takesKey(operation) === '401' in operation.responses)).toEqual(['estimateBatch']);
    const optional = operations.filter((operation) => takesKey(operation) && !needsKey(operation));
    expect(optional.every(({ tags }) => !tags?.includes('Price lists'))).toBe(true);
  });

  it('describe their parameters, and give an example of each in the path', () => {
    const parameters = operations.flatMap(({ operationId, parameters }) =>
      parameters.map((parameter) => ({ ...parameter, place: `${operationId} ${parameter.name}` })),
    );
    expect(parameters.filter(({ description }) => !description).map(({ place }) => place)).toEqual([]);
    expect(parameters.filter((it) => it.in === 'path' && it.example === undefined).map(({ place }) => place)).toEqual(
      [],
    );
    const wrong = parameters.filter(
      ({ example, schema }) => example !== undefined && violations(schema, example).length > 0,
    );
    expect(wrong.map(({ place }) => place)).toEqual([]);
  });
});

describe('components', () => {
  it('are described', () => {
    expect(
      names(
        Object.entries(schemas)
          .filter(([, { description }]) => !description)
          .map(([name, schema]) => ({ name, schema })),
      ),
    ).toEqual([]);
  });

  it('have a description on every property, there or at what it refers to', () => {
    const undescribed = inComponents.filter(
      ({ name, schema }) =>
        /\.[^.[\]{}|]+$/.test(name) && !schema.description && !schemas[target(schema) ?? '']?.description,
    );
    expect(names(undescribed)).toEqual([]);
  });

  it('say at a reference what the value means there', () => {
    const property = inComponents.find(({ name }) => name === 'FeasibleInferenceEstimate.costPerMonth');
    expect(property?.schema).toMatchObject({ description: 'The bill of a month of 730 hours.' });
  });

  it('are named in PascalCase, their properties in camelCase', () => {
    expect(Object.keys(schemas).filter((name) => !/^[A-Z][A-Za-z0-9]+$/.test(name))).toEqual([]);
    const properties = inComponents.map(({ name }) => name).filter((name) => /\.[^.[\]{}|]+$/.test(name));
    expect(properties.filter((name) => !/\.[a-z][A-Za-z0-9]*$/.test(name))).toEqual([]);
  });

  it('objects are not nested without a name', () => {
    const inline = places.filter(
      ({ name, schema }) => schema.type === 'object' && schema.properties !== undefined && !(name in schemas),
    );
    expect(names(inline)).toEqual([]);
  });

  it('objects of any form are few', () => {
    const anyForm = places.filter(
      ({ schema }) =>
        schema.type === 'object' &&
        schema.properties === undefined &&
        schema.oneOf === undefined &&
        typeof schema.additionalProperties !== 'object',
    );
    // The OpenAPI document itself; and questions of several kinds, which are checked and answered one by one.
    expect(names(anyForm)).toEqual([
      'ActualsComparisonRequest.request',
      'ComparisonItem.request',
      'EstimateBatchItem.request',
      'getContract 200',
    ]);
  });

  it('refuse fields that they do not list', () => {
    const open = places.filter(
      ({ schema }) => schema.properties !== undefined && schema.additionalProperties !== false,
    );
    // Problems carry further members by RFC 9457; a config.json has fields that are nobody's here.
    expect(names(open)).toEqual(['HuggingFaceConfig', 'Problem']);
  });

  it('alternatives are told apart by a field', () => {
    expect(
      names(places.filter(({ schema }) => schema.oneOf !== undefined && schema.discriminator === undefined)),
    ).toEqual([]);
    const others = places.filter(({ schema }) => schema.anyOf !== undefined || schema.allOf !== undefined);
    // Figures of a model that no method reads: a number or a text.
    expect(names(others)).toEqual(['OtherArchitecture.attributes{}']);
    for (const { schema } of places) {
      const { mapping } = (schema.discriminator ?? {}) as { mapping?: Record<string, string> };
      if (schema.discriminator === undefined) continue;
      expect([...new Set(Object.values(mapping ?? {}))]).toEqual((schema.oneOf as Schema[]).map(({ $ref }) => $ref));
    }
  });

  it('lists that a caller sends are bounded', () => {
    const sent = requestComponents();
    const unbounded = inComponents.filter(
      ({ name, schema }) =>
        sent.has(name.split(/[.[{|]/)[0] ?? '') && schema.type === 'array' && schema.maxItems === undefined,
    );
    expect(names(unbounded)).toEqual([]);
  });

  it('examples match their own schema', () => {
    const wrong = places.flatMap(({ name, schema }) =>
      ((schema.examples ?? []) as unknown[]).flatMap((example) =>
        violations(schema, example).map((violation) => `${name}: ${violation}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('money is never a number', () => {
    const monetary = inComponents.filter(
      ({ name, schema }) =>
        /(usd|price|amount|cost)$/i.test(name) && (schema.type === 'number' || schema.type === 'integer'),
    );
    expect(names(monetary)).toEqual([]);
  });
});
