/** Ways to make any operation answer with a status that many of them document. */
import { setTimeout as wait } from 'node:timers/promises';
import type { InjectOptions } from 'fastify';
import { firstClicks, needsKey, type Operation } from '../../scripts/contract/operations.ts';
import type { Dependencies, HttpSettings } from '../../src/dependencies.ts';
import type { App } from '../../src/http/application.ts';
import { adminKey, powerlessKey } from './seeded-service.ts';

/** An application that differs from the plain one. */
export interface Variant {
  readonly settings?: Partial<HttpSettings>;
  readonly dependencies?: Partial<Dependencies>;
  readonly prepare?: (app: App) => Promise<void> | void;
}

export interface MadeStatus {
  /** Variants of one name are one application. */
  readonly name: string;
  readonly variant?: Variant;
  /** Made from the first example request of the operation. */
  readonly request: (example: InjectOptions, app: App) => InjectOptions | Promise<InjectOptions>;
}

/** The first example request of an operation, with a key where it needs one. */
export const firstClick = (operation: Operation): InjectOptions => {
  const [example] = firstClicks(operation);
  if (example === undefined) throw new Error(`${operation.operationId} has no example request.`);
  const { method, url, headers, payload } = example;
  // Some operations can be read without a key; the one of the example is a price list.
  const keyed = needsKey(operation) || operation.tags?.includes('Operations');
  return {
    method,
    url,
    headers: { ...headers, ...(keyed && { 'x-api-key': adminKey }) },
    ...(payload !== undefined && { payload: payload as object }),
  };
};

/** The plain application, asked another request. */
export const asking = (
  change: (example: InjectOptions, app: App) => InjectOptions | Promise<InjectOptions>,
): MadeStatus => ({
  name: 'plain',
  request: change,
});

export const withHeaders = (example: InjectOptions, headers: Record<string, string>): InjectOptions => ({
  ...example,
  headers: { ...example.headers, ...headers },
});

export const withQuery = (example: InjectOptions, query: string): InjectOptions => ({
  ...example,
  url: `${String(example.url)}${String(example.url).includes('?') ? '&' : '?'}${query}`,
});

/** The last variable part of the path replaced. */
const withId = (operation: Operation, example: InjectOptions, id: string): InjectOptions => {
  const name = operation.parameters.findLast(({ in: place }) => place === 'path')?.name;
  const position = operation.path.split('/').indexOf(`{${name}}`);
  const [path = '', query] = String(example.url).split('?');
  const parts = path.split('/').with(position, encodeURIComponent(id));
  return { ...example, url: `${parts.join('/')}${query === undefined ? '' : `?${query}`}` };
};

const breakHandlers = (app: App): void => {
  app.addHook('preHandler', async () => {
    throw new Error('broken on purpose');
  });
};

/** Holds the event loop long enough for a sample to show it. */
const press = async (app: App): Promise<void> => {
  await app.ready();
  const heldUntil = performance.now() + 700;
  while (performance.now() < heldUntil);
  await wait(5);
};

const REFERRING_FILTERS = ['device', 'provider', 'vendor', 'family', 'jurisdiction'];

let address = 0;

/** Undefined where there is no common way. */
export const commonStatus = (operation: Operation, status: string): MadeStatus | undefined => {
  switch (status) {
    case '200':
    case '204':
      return asking((example) => example);
    case '304':
      return asking(async (example, app) => {
        const { headers } = await app.inject(example);
        return withHeaders(example, { 'if-none-match': String(headers.etag) });
      });
    case '400':
      return asking((example) =>
        operation.requestBody === undefined
          ? withQuery(example, 'noSuchParameter=1')
          : { ...example, payload: '{"broken":' },
      );
    case '401':
      return asking((example) => withHeaders(example, { 'x-api-key': 'a-key-that-nobody-has' }));
    case '403':
      return asking((example) => withHeaders(example, { 'x-api-key': powerlessKey }));
    case '404':
      return asking((example) =>
        operation.parameters.some(({ in: place }) => place === 'path')
          ? withId(operation, example, 'no-such-thing')
          : withQuery(example, 'revision=999999'),
      );
    case '406':
      return asking((example) => withHeaders(example, { accept: 'image/png' }));
    case '412':
      return asking((example) => withHeaders(example, { 'if-match': '"an-earlier-version"' }));
    case '422': {
      // A list that can be filtered by ids, asked for one that the catalog does not have.
      const filter = operation.parameters.find(
        ({ in: place, name }) => place === 'query' && REFERRING_FILTERS.includes(name),
      );
      return filter === undefined ? undefined : asking((example) => withQuery(example, `${filter.name}=no-such-thing`));
    }
    case '413':
      return {
        name: 'small bodies',
        variant: { settings: { bodyLimitBytes: 64 } },
        request: (example) => ({ ...example, payload: JSON.stringify({ padding: 'x'.repeat(100) }) }),
      };
    case '415':
      return asking((example) => ({ ...withHeaders(example, { 'content-type': 'application/xml' }), payload: '<a/>' }));
    case '429':
      return {
        name: 'one a minute',
        variant: { settings: { rateLimitPerMinute: 1 } },
        request: async (example, app) => {
          address += 1;
          const request = { ...example, remoteAddress: `192.0.2.${address}` };
          await app.inject({ ...request, url: '/openapi.json', method: 'GET' });
          return request;
        },
      };
    case '500':
      return { name: 'broken', variant: { prepare: breakHandlers }, request: (example) => example };
    case '503':
      return {
        name: 'pressed',
        variant: { settings: { maxEventLoopDelayMs: 1e-6 }, prepare: press },
        request: (example) => example,
      };
    default:
      return undefined;
  }
};
