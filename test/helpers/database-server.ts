/**
 * vitest's global setup: one PostgreSQL for the whole run. In order: TEST_DATABASE_URL (a role that may create databases),
 * a container where an engine answers, the embedded one. When none can be started the run fails and says why.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../src/db/embedded/server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A PostgreSQL on which test databases can be made. */
    databaseServerUrl: string;
    /** Tells this run's template databases from those of others on the same server. */
    testRunId: string;
  }
}

const image = 'postgres:18';

interface TestServer {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

export default async function setup(project: TestProject): Promise<() => Promise<unknown>> {
  const runId = randomBytes(4).toString('hex');
  project.provide('testRunId', runId);
  const ownServer = process.env.TEST_DATABASE_URL;
  if (ownServer) {
    project.provide('databaseServerUrl', ownServer);
    return () => dropTemplates(ownServer, runId);
  }
  const reasons: string[] = [];
  for (const start of [startContainer, startTemporary]) {
    try {
      const { url, stop } = await start();
      if (reasons.length > 0) console.warn(`Tests use the embedded PostgreSQL: ${reasons.join(' ')}`);
      project.provide('databaseServerUrl', url);
      return stop;
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(
    `The tests need a PostgreSQL and none could be started. ${reasons.join(' ')} Install the embedded one with "npm ci", start Docker, or set TEST_DATABASE_URL to a server on which databases can be created.`,
  );
}

async function dropTemplates(url: string, runId: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname like 'test\\_template\\_%' and datname like '%' || $1 || '%'`,
    [runId],
  );
  for (const { datname } of rows) await client.query(`drop database ${datname}`);
  await client.end();
}

async function startContainer(): Promise<TestServer> {
  const engine =
    process.env.DOCKER_HOST ?? ['/var/run/docker.sock', '/run/podman/podman.sock'].find((path) => existsSync(path));
  if (engine === undefined) throw new Error('No container engine answers.');
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const container = await new PostgreSqlContainer(image).start();
  return { url: container.getConnectionUri(), stop: () => container.stop() };
}

async function startTemporary(): Promise<TestServer> {
  const dataDirectory = join(tmpdir(), `planner-test-${randomBytes(6).toString('hex')}`);
  const server = await startEmbedded({ dataDirectory, durable: false });
  return {
    url: server.databaseUrl,
    stop: async () => {
      await server.stop();
      await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
