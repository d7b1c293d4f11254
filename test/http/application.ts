/** An application for tests: in memory, silent, and without the limits that a busy test machine would run into. */
import { Type } from '@sinclair/typebox';
import pg from 'pg';
import pino from 'pino';
import { buildApp } from '../../src/app.ts';
import { NO_ENTRIES } from '../../src/catalog/entry-table.ts';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { PriceColumns } from '../../src/catalog/price-columns.ts';
import { buildSnapshot, type CatalogView } from '../../src/catalog/snapshot.ts';
import { createDatabase } from '../../src/db/pool.ts';
import { type Dependencies, defaultHttpSettings, type HttpSettings } from '../../src/dependencies.ts';
import type { App } from '../../src/http/application.ts';
import type { ProblemDocument } from '../../src/http/problems/document.ts';
import { createSolver } from '../../src/solver/solver.ts';

export const fixedNow = new Date('2026-11-24T12:00:00.000Z');

const emptyCatalog: CatalogView = buildSnapshot({
  revision: 7,
  committedAt: '2026-11-23T00:00:00.000Z',
  entries: NO_ENTRIES,
  prices: new PriceColumns(),
});

const solver = createSolver({ threads: 1, maximumQueued: 100 });

/** Nothing listens there: what needs a database answers 503. */
const absentDatabase = new pg.Pool({ connectionString: 'postgresql://127.0.0.1:1/absent' });

type Overrides = Partial<Omit<Dependencies, 'settings'>> & { readonly settings?: Partial<HttpSettings> };

export const testDependencies = (overrides: Overrides = {}): Dependencies => ({
  catalog: { ...fixedCatalog(emptyCatalog), ageSeconds: () => 3 },
  db: createDatabase(absentDatabase),
  pool: absentDatabase,
  solve: solver.solve,
  databaseState: async () => ({ reachable: true, migrationsCurrent: true }),
  now: () => fixedNow,
  logger: pino({ level: 'silent' }),
  ...overrides,
  settings: { ...defaultHttpSettings, maxEventLoopDelayMs: 0, ...overrides.settings },
});

export const testApp = (overrides: Overrides = {}): Promise<App> => buildApp(testDependencies(overrides));

export const problemOf = (response: { readonly body: string }): ProblemDocument => JSON.parse(response.body);

/** A body with one of everything, without a name in the contract. */
const SampleSchema = Type.Object(
  {
    model: Type.String({
      description: 'Catalog model id.',
      minLength: 2,
      maxLength: 20,
      pattern: '^[a-z]+$',
      examples: ['llama'],
    }),
    requestsPerDay: Type.Number({ exclusiveMinimum: 0, maximum: 1e12 }),
    replicas: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    engine: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['vllm', 'sglang', 'tensorrt_llm'] })),
    spot: Type.Optional(Type.Boolean()),
    startsAt: Type.Optional(Type.String({ format: 'date-time' })),
    promptTokens: Type.Optional(
      Type.Object(
        {
          mean: Type.Number(),
          histogram: Type.Optional(Type.Array(Type.Object({ share: Type.Number() }), { maxItems: 3 })),
        },
        { additionalProperties: false },
      ),
    ),
    lengths: Type.Optional(
      Type.Union([
        Type.Number(),
        Type.Object({ p50: Type.Number(), p95: Type.Number() }, { additionalProperties: false }),
      ]),
    ),
    workload: Type.Optional(
      Type.Unsafe<unknown>({
        type: 'object',
        required: ['kind'],
        discriminator: { propertyName: 'kind' },
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'training' }, tokens: { type: 'number' } },
            required: ['kind', 'tokens'],
            additionalProperties: false,
          },
          {
            type: 'object',
            properties: { kind: { const: 'inference' }, load: { type: 'number' } },
            required: ['kind', 'load'],
            additionalProperties: false,
          },
        ],
      }),
    ),
  },
  { additionalProperties: false },
);

/** The application with POST /sample, which answers with its body, and GET /sample/:id, which answers with its query. */
export const sampleApp = async (overrides: Overrides = {}): Promise<App> => {
  const app = await testApp(overrides);
  app.post('/sample', { schema: { hide: true, body: SampleSchema } }, async (request) => request.body);
  app.get(
    '/sample/:id',
    {
      schema: {
        hide: true,
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        querystring: Type.Object(
          {
            pageSize: Type.Optional(Type.Integer({ default: 20, minimum: 1, maximum: 500 })),
            country: Type.Optional(Type.Array(Type.String())),
            spot: Type.Optional(Type.Boolean()),
            orderBy: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['name', 'price'] })),
          },
          { additionalProperties: false },
        ),
      },
    },
    async (request) => ({ id: request.params.id, ...request.query }),
  );
  return app;
};
