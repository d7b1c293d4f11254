/** The HTTP application: everything but the process around it. It does not listen and reads no environment. */
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify from 'fastify';
import type { Dependencies } from './dependencies.ts';
import type { App } from './http/application.ts';
import { readModelConfigs } from './http/model-configs.ts';
import { catalogHeaders } from './http/plugins/catalog-headers.ts';
import { answerClientError } from './http/plugins/client-errors.ts';
import { Compilations, compileWhenListening } from './http/plugins/compilations.ts';
import { contentNegotiation } from './http/plugins/content-negotiation.ts';
import { gracefulClose } from './http/plugins/graceful-close.ts';
import { jsonBody } from './http/plugins/json-body.ts';
import { metrics } from './http/plugins/metrics.ts';
import { documentation, openapi } from './http/plugins/openapi.ts';
import { pressure } from './http/plugins/pressure.ts';
import { problemSender } from './http/plugins/problem-details.ts';
import { rateLimits } from './http/plugins/rate-limit.ts';
import { requestId, requestIdOf } from './http/plugins/request-id.ts';
import { RequestLog } from './http/plugins/request-log.ts';
import { securityHeaders } from './http/plugins/security-headers.ts';
import { unknownRoutes } from './http/plugins/unknown-routes.ts';
import { schemaController } from './http/plugins/validation.ts';
import { routes } from './http/routes/index.ts';

/** Builds the application; `await app.ready()` or `app.listen()` next. Closing it finishes the requests in flight. */
export const buildApp = async (dependencies: Dependencies): Promise<App> => {
  const { settings, logger, catalog } = dependencies;
  const sendProblem = problemSender(catalog);
  const compilations = new Compilations();
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new RequestLog(),
    genReqId: requestIdOf,
    requestIdHeader: false,
    trustProxy: settings.trustProxy,
    bodyLimit: settings.bodyLimitBytes,
    connectionTimeout: settings.connectionTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    keepAliveTimeout: settings.keepAliveTimeoutMs,
    http: {
      headersTimeout: settings.headersTimeoutMs,
      // Node looks for late requests only so often, by default every 30 s.
      connectionsCheckingInterval: Math.ceil(Math.min(settings.headersTimeoutMs, settings.requestTimeoutMs) / 4),
    },
    // Requests that arrive on open connections while the application closes are still answered.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      sendProblem(error, request, reply);
    },
    schemaController: schemaController(compilations),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.setErrorHandler(sendProblem);
  requestId(app);
  gracefulClose(app);
  catalogHeaders(app, catalog);
  jsonBody(app);
  readModelConfigs(app, catalog);
  const registry = metrics(app, dependencies);
  await securityHeaders(app);
  await pressure(app, settings);
  await rateLimits(app, settings);
  contentNegotiation(app);
  unknownRoutes(app);
  await openapi(app);
  await documentation(app);
  routes(app, dependencies, registry, compilations);
  compileWhenListening(app, compilations);
  return app;
};
