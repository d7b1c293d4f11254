/** Paths and methods that no route answers: 404 with the nearest path, 405 with Allow, and OPTIONS. */
import type { App } from '../application.ts';
import { nearest } from '../problems/nearest.ts';
import { ProblemError } from '../problems/problem-error.ts';

interface KnownPath {
  readonly pattern: string;
  readonly expression: RegExp;
  readonly methods: Set<string>;
}

/** A Fastify path as a regular expression: `:name` is one segment, `*` the rest, `::` a colon. */
const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll('::', '\u0000')
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replace(/:[A-Za-z]+/g, '[^/]+')
      .replaceAll('\u0000', ':')}/?$`,
  );

const readable = (pattern: string): string =>
  pattern
    .replaceAll('::', '\u0000')
    .replace(/:([A-Za-z]+)/g, '{$1}')
    .replaceAll('\u0000', ':');

/** Must come before the routes. `limit` is the rate limiter, so that probing for paths is throttled as well. */
export const unknownRoutes = (app: App): void => {
  const paths = new Map<string, KnownPath>();

  app.addHook('onRoute', (route) => {
    const known = paths.get(route.url) ?? {
      pattern: route.url,
      expression: expressionOf(route.url),
      methods: new Set<string>(),
    };
    for (const method of [route.method].flat()) known.methods.add(method);
    paths.set(route.url, known);
  });

  app.setNotFoundHandler({ preValidation: app.rateLimit() }, async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const known = [...paths.values()].find(({ expression }) => expression.test(path));
    // a route that takes the method and found nothing: a file that is not there
    if (known === undefined || known.methods.has(request.method)) {
      const near = nearest(
        path,
        [...paths.values()].map(({ pattern }) => readable(pattern)).filter((it) => !it.includes('*')),
      );
      throw new ProblemError(
        'route-not-found',
        `There is nothing at ${path}.${near === undefined ? ' /docs lists all paths.' : ` Did you mean ${near}?`}`,
      );
    }
    const allow = [...known.methods, 'OPTIONS'].sort().join(', ');
    if (request.method === 'OPTIONS') return reply.code(204).header('allow', allow).send();
    throw new ProblemError(
      'method-not-allowed',
      `${readable(known.pattern)} does not answer to ${request.method}; it answers to ${allow}.`,
      { headers: { allow } },
    );
  });
};
