/** Ids contain slashes, and people type them as they are. Such a path leads on to the documented one, with %2F. */
import type { App } from '../../application.ts';

const SUFFIXES = ['/history', '/price-history', '/price-chart'];

/** A redirect that keeps method and body (RFC 9110 section 15.4.9). Not in the contract: clients encode ids. */
export const plainSlashRoutes = (app: App, paths: readonly string[]): void => {
  for (const path of paths) {
    app.route({
      method: ['GET', 'PUT', 'DELETE'],
      url: `/v1/catalog/${path}/*`,
      schema: { hide: true },
      handler: async (request, reply) => {
        const [written = '', query] = request.url.split('?', 2);
        const rest = decodeURIComponent(written.slice(`/v1/catalog/${path}/`.length));
        const suffix = SUFFIXES.find((it) => rest.endsWith(it)) ?? '';
        const id = encodeURIComponent(rest.slice(0, rest.length - suffix.length));
        const search = query === undefined ? '' : `?${query}`;
        return reply.redirect(`/v1/catalog/${path}/${id}${suffix}${search}`, 308);
      },
    });
  }
};
