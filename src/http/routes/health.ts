import { Type } from '@sinclair/typebox';
import type { Registry } from 'prom-client';
import type { Dependencies } from '../../dependencies.ts';
import type { App } from '../application.ts';
import { answersUnderPressure } from '../plugins/pressure.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { LivenessSchema, ReadinessSchema } from '../schemas/health.ts';
import { json, problemResponses } from '../schemas/responses.ts';

/**
 * Ready means: estimates can be answered. They need the catalog in memory and no database, so a database that is
 * away makes the service degraded, not unready; taking it out of the balancer would turn a partial outage into a full one.
 */
export const healthRoutes = (app: App, { catalog, databaseState }: Dependencies, registry: Registry): void => {
  app.get(
    '/livez',
    {
      config: answersUnderPressure,
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        description:
          'Only shows that the process responds, so that one that hangs can be restarted. See /readyz for whether it can serve requests.',
        tags: ['Service'],
        response: { 200: json(LivenessSchema, 'The process answers.'), ...problemResponses(406, 500) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      return { status: 'alive' as const };
    },
  );

  app.get(
    '/readyz',
    {
      config: answersUnderPressure,
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether requests should be sent here',
        description:
          'Ready as long as the catalog is in memory. While the database is unreachable the answer stays 200 with status "degraded": estimates and catalog reads go on, writes answer 503. A database without a migration that this version needs makes it 503.',
        tags: ['Service'],
        response: { 200: json(ReadinessSchema, 'Requests can be sent here.'), ...problemResponses(406, 500, 503) },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'no-store');
      const database = await databaseState();
      const snapshot = catalog.current();
      if (database.migrationsCurrent === false) {
        throw new ProblemError(
          'not-ready',
          'The database lacks a migration that this version needs. It is applied at start; see the log.',
          {
            headers: { 'retry-after': '5' },
          },
        );
      }
      return {
        status: database.reachable ? ('ready' as const) : ('degraded' as const),
        database: database.reachable ? ('reachable' as const) : ('away' as const),
        catalogRevision: snapshot.revision,
        catalogCommittedAt: snapshot.committedAt,
        catalogAgeSeconds: Math.round(catalog.ageSeconds()),
      };
    },
  );

  app.get(
    '/metrics',
    {
      config: { ...answersUnderPressure, produces: ['text/plain'] },
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        description: 'Process, request and catalog metrics in the Prometheus text format.',
        tags: ['Service'],
        response: {
          200: {
            description: 'The metrics.',
            content: { 'text/plain': { schema: Type.String({ description: 'Prometheus text format.' }) } },
          },
          ...problemResponses(406, 500),
        },
      },
    },
    async (_request, reply) => {
      reply.type(registry.contentType).header('cache-control', 'no-store');
      return reply.send(await registry.metrics());
    },
  );
};
