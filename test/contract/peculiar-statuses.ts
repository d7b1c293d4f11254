/** Requests that make one operation answer with one of its documented statuses, where no common way does. */
import { PassThrough } from 'node:stream';
import type { InjectOptions } from 'fastify';
import type { Dependencies } from '../../src/dependencies.ts';
import type { App } from '../../src/http/application.ts';
import { EXAMPLE_BOOK_ID } from '../../src/http/schemas/price-books/book.ts';
import { asking, firstClick, type MadeStatus, withHeaders, withQuery } from './common-statuses.ts';
import { document, operations, type Schema } from './contract.ts';
import { adminKey, powerlessKey } from './seeded-service.ts';

const componentOf = (schema: Schema | undefined): Schema =>
  typeof schema?.$ref === 'string'
    ? (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {})
    : (schema ?? {});

/** The part of an answer that may be sent back: the fields that the schema of the request knows. */
const fitted = (schema: Schema | undefined, value: unknown): unknown => {
  const known = componentOf(schema);
  if (Array.isArray(value)) return value.map((item) => fitted(known.items as Schema, item));
  const properties = known.properties as Record<string, Schema> | undefined;
  if (properties === undefined || typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name in properties);
  return Object.fromEntries(kept.map(([name, part]) => [name, fitted(properties[name], part)]));
};

const bodySchema = (operationId: string): Schema =>
  componentOf(
    operations.find((it) => it.operationId === operationId)?.requestBody?.content['application/json']?.schema,
  );

/** What the path of the example holds, sent to a path of its own. */
const addedCopy = (operationId: string): MadeStatus =>
  asking(async (example, app) => {
    const present = (await app.inject({ method: 'GET', url: example.url as string })).json();
    const body = fitted(bodySchema(operationId), present) as Record<string, unknown>;
    return {
      ...example,
      url: `${String(example.url)}-copy`,
      payload: {
        ...(example.payload as object),
        ...body,
        // The id of a region is made of its code.
        ...(body.code !== undefined && { code: `${body.code}-copy` }),
      },
    };
  });

/** The body of the example with other fields, for example references to what does not exist. */
const naming = (reference: Record<string, unknown>): MadeStatus =>
  asking((example) => ({ ...example, payload: { ...(example.payload as object), ...reference } }));

/** The first question inside the body of the example with other fields. */
const comparing = (reference: Record<string, unknown>): MadeStatus =>
  asking((example) => {
    const payload = structuredClone(example.payload) as {
      request?: object;
      questions?: { request: object }[];
    };
    Object.assign(payload.questions?.[0]?.request ?? payload.request ?? {}, reference);
    return { ...example, payload };
  });

const price = (id: string, change: Record<string, unknown>): MadeStatus =>
  asking(
    (example): InjectOptions => ({
      ...example,
      url: `/v1/catalog/prices/${encodeURIComponent(id)}`,
      payload: { ...(example.payload as object), ...change },
    }),
  );

/** The example list under a key of its own, so that each request is a new one. */
let keys = 0;
const withOwnKey = (example: InjectOptions): InjectOptions => {
  keys += 1;
  return withHeaders(example, { 'idempotency-key': `contract-${keys}` });
};

/** A list that has begun to arrive and has not ended. */
const underWay = async (example: InjectOptions, app: App): Promise<InjectOptions> => {
  const request = withOwnKey(example);
  const body = new PassThrough();
  body.write('provider,sku,category,unit,amount,currency\n');
  void app.inject({ ...request, payload: body });
  const list = { method: 'GET', url: '/v1/catalog/price-syncs', headers: { 'x-api-key': adminKey } } as const;
  for (;;) {
    const { items } = (await app.inject(list)).json();
    if (items.some(({ state }: { state: string }) => state === 'receiving')) break;
  }
  setTimeout(() => body.end(), 1000);
  return request;
};

/** Price books are asked for with a key of their tenant; without one, nothing else of an estimate needs a key. */
const bookWithKey = (key: string | undefined): MadeStatus =>
  asking((example) => ({
    ...example,
    headers: { ...example.headers, ...(key !== undefined && { 'x-api-key': key }) },
    payload: { ...(example.payload as object), priceBook: { id: EXAMPLE_BOOK_ID } },
  }));
const namingBook = { 401: bookWithKey(undefined), 403: bookWithKey(powerlessKey) };

const comparedWithKey = (key: string | undefined): MadeStatus =>
  asking(async (example, app) => ({
    ...(await comparing({ priceBook: { id: EXAMPLE_BOOK_ID } }).request(example, app)),
    headers: { ...example.headers, ...(key !== undefined && { 'x-api-key': key }) },
  }));
const comparingWithBook = { 401: comparedWithKey(undefined), 403: comparedWithKey(powerlessKey) };

/** A placement that was asked with a price book, read with another key. */
const ofTenant = (key: string): MadeStatus =>
  asking(async (example, app) => {
    const [placing] = operations.filter(({ operationId }) => operationId === 'placeDeployment').map(firstClick);
    const asked = await app.inject({
      ...placing,
      headers: { ...placing?.headers, prefer: 'respond-async', 'x-api-key': adminKey },
      payload: { ...(placing?.payload as object), priceBook: { id: EXAMPLE_BOOK_ID } },
    });
    return {
      ...example,
      url: asked.json().result,
      headers: { ...example.headers, 'x-api-key': key },
    };
  });

const sending = {
  201: asking(withOwnKey),
  202: { name: 'nothing at once', variant: { settings: { priceListRowsAtOnce: 0 } }, request: withOwnKey },
  409: asking(underWay),
  413: { name: 'short lists', variant: { settings: { priceListLimitBytes: 64 } }, request: withOwnKey },
  422: asking(async (example, app) => {
    const request = withOwnKey(example);
    await app.inject(request);
    return { ...request, payload: `${String(request.payload)}\n` };
  }),
};

/** Connections on which somebody else holds every lock for longer than one waits. */
const lockedPool = {
  connect: async () => ({
    on: () => undefined,
    release: () => undefined,
    query: async (text: string) => {
      if (text.includes('pg_advisory_lock(')) throw Object.assign(new Error('lock timeout'), { code: '55P03' });
      return { rows: text.startsWith('select count(*)') ? [{ count: '1' }] : [] };
    },
  }),
  options: { max: 2 },
} as unknown as Dependencies['pool'];

/** operationId -> status -> how to bring it about. */
export const peculiarStatuses: Readonly<Record<string, Readonly<Record<string, MadeStatus>>>> = {
  estimateInference: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ model: 'no-such-model' }),
  },
  estimateTraining: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ model: 'no-such-model' }),
  },
  estimateBuildOrBuy: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ model: 'no-such-model' }),
  },
  estimateOwnOrRent: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ device: 'no-such-device' }),
  },
  estimateLifecycle: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ model: 'no-such-model' }),
  },
  compareEstimates: {
    ...comparingWithBook,
    404: comparing({ catalogRevision: 999_999 }),
    422: comparing({ model: 'no-such-model' }),
  },
  compareActuals: {
    ...comparingWithBook,
    404: comparing({ catalogRevision: 999_999 }),
    422: comparing({ model: 'no-such-model' }),
  },
  estimateComputeOptimalTraining: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ device: 'no-such-device' }),
  },
  recommendHardware: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ inference: { model: 'no-such-model', requestsPerDay: 1 } }),
  },
  placeDeployment: {
    ...namingBook,
    202: asking((example) => withHeaders(example, { prefer: 'respond-async' })),
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ sites: [{ id: 'here', kind: 'cloud_region', region: 'azure/no-such-region' }] }),
  },
  getDeploymentPlacement: {
    401: ofTenant('a-key-that-nobody-has'),
    403: ofTenant(powerlessKey),
  },
  recommendMixedFleet: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ inference: { model: 'no-such-model', requestsPerDay: 1 } }),
  },
  recommendTrainingCluster: {
    ...namingBook,
    404: naming({ catalogRevision: 999_999 }),
    422: naming({ training: { model: 'no-such-model', tokens: 1e9 } }),
  },
  getProblemPage: { 404: asking((example) => ({ ...example, url: '/problems/no-such-problem' })) },
  getReadiness: {
    503: {
      name: 'a migration behind',
      variant: { dependencies: { databaseState: async () => ({ reachable: true, migrationsCurrent: false }) } },
      request: (example) => example,
    },
  },
  getRevision: { 404: asking((example) => ({ ...example, url: '/v1/catalog/revisions/999999' })) },
  putDevice: { 201: addedCopy('putDevice') },
  putSystem: { 201: addedCopy('putSystem'), 422: naming({ deviceId: 'no-such-device' }) },
  putModel: { 201: addedCopy('putModel') },
  putProvider: { 201: addedCopy('putProvider') },
  putRegion: { 201: addedCopy('putRegion'), 422: naming({ deviceIds: ['no-such-device'] }) },
  putOffer: { 201: addedCopy('putOffer'), 422: naming({ regionId: 'aws/no-such-region' }) },
  putGrid: { 201: addedCopy('putGrid') },
  putTariff: { 201: addedCopy('putTariff'), 422: naming({ localPerKwh: '0.30', localCurrency: 'DHS' }) },
  putPueFact: { 201: addedCopy('putPueFact'), 422: naming({ providerId: 'no-such-provider' }) },
  putRegime: { 201: addedCopy('putRegime') },
  getPriceExport: {
    401: asking((example) => withQuery(example, `priceBook=${EXAMPLE_BOOK_ID}`)),
    403: asking((example) =>
      withHeaders(withQuery(example, `priceBook=${EXAMPLE_BOOK_ID}`), { 'x-api-key': powerlessKey }),
    ),
  },
  putPriceBook: {
    200: asking(async (example, app) => {
      await app.inject(example);
      return example;
    }),
    201: asking((example) => ({ ...example, url: '/v1/catalog/price-books/a-second-one' })),
    422: naming({
      discounts: [{ id: 'a', selector: { devices: ['no-such-device'] }, percent: '5', validFrom: '2026-01-01' }],
    }),
  },
  deletePriceBook: {
    204: asking(async (example, app) => {
      const url = '/v1/catalog/price-books/short-lived';
      await app.inject({ method: 'PUT', url, headers: example.headers ?? {}, payload: { name: 'Short-lived' } });
      return { ...example, url };
    }),
  },
  syncPrivatePriceList: sending,
  syncPriceList: sending,
  decideQuarantine: {
    409: { name: 'locked', variant: { dependencies: { pool: lockedPool } }, request: (example) => example },
  },
  putQuarantineDecision: {
    409: asking(async (example, app) => {
      await app.inject(example);
      return { ...example, payload: { decision: 'refuse', reason: 'Too late.' } };
    }),
  },
  listRevisionDifferences: { 404: asking((example) => ({ ...example, url: '/v1/catalog/revisions/999999/diff' })) },
  putPrice: {
    201: price('aws/us-east-1/p5.48xlarge/committed-24m-no_upfront', {
      offerId: 'aws/us-east-1/p5.48xlarge',
      category: 'committed',
      termMonths: 24,
      payment: 'no_upfront',
    }),
    422: price('aws/us-east-1/no-such-sku/on_demand', {
      offerId: 'aws/us-east-1/no-such-sku',
      category: 'on_demand',
    }),
  },
};
