/** The process: configuration, start and stop in order, signals, exit codes, and what is said to the person who started it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { ensureAdminKey } from './access/admin-key.ts';
import { buildApp } from './app.ts';
import { openCatalog } from './catalog/holder.ts';
import { loadSeed } from './catalog/seed/load.ts';
import { seedCatalog } from './catalog/seed/seeding.ts';
import { type Config, loadConfig } from './config.ts';
import { isDatabaseAway } from './db/away.ts';
import { readMigrations } from './db/migrate.ts';
import { openDatabase } from './db/open.ts';
import { connectFailureReason } from './db/wait.ts';
import { createSolver } from './solver/solver.ts';
import { StartFailure } from './start-failure.ts';
import { welcome } from './welcome.ts';

/** For stopping an embedded database after the last request; a second signal ends the process at once. */
const databaseStopLimitMs = 25_000;

/** What is open, the latest last; closed in the opposite order. */
const closers: (() => Promise<unknown>)[] = [];
const stopping = new AbortController();

async function closeAll(): Promise<void> {
  for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
}

async function start(config: Config): Promise<void> {
  const log = pino({ level: config.logLevel });
  // Said at once, not after the database has started; it is listened on below, and taken meanwhile is said then.
  await tryPort(config);
  const migrations = await readMigrations(join(import.meta.dirname, '../migrations'));
  const database = await openDatabase(config, migrations, log, stopping.signal);
  closers.push(database.close);
  try {
    // A secret has no place in the log of a server, so in production the key must be given.
    const makeKey = config.adminApiKey !== undefined || !config.production;
    const adminKey = makeKey ? await ensureAdminKey(database.pool, config.adminApiKey) : undefined;
    const revision = await seedCatalog(database.db, loadSeed());
    if (revision !== undefined) log.info(`Loaded the catalog of this version as revision ${revision}.`);
    const catalog = await openCatalog({
      db: database.db,
      pool: database.pool,
      databaseUrl: database.databaseUrl,
      pollIntervalMs: config.catalogRefreshIntervalMs,
      // That the database is away is expected at times, and needs no stack.
      onError: (message, error) =>
        log.warn(isDatabaseAway(error) ? { cause: connectFailureReason(error) } : { err: error }, message),
    });
    closers.push(() => catalog.close());

    const solver = createSolver(config.solver);
    closers.push(solver.close);
    const app = await buildApp({
      settings: config.http,
      catalog,
      db: database.db,
      pool: database.pool,
      solve: solver.solve,
      databaseState: database.state,
      now: () => new Date(),
      logger: log,
    });
    closers.push(async () => {
      // Requests in flight get their answer; connections that outlive the grace period are cut.
      const cut = setTimeout(() => app.server.closeAllConnections(), config.shutdownGraceMs);
      await app.close();
      clearTimeout(cut);
    });
    const address = await app.listen({ host: config.host, port: config.port });
    log.info({ address, catalogRevision: catalog.current().revision }, 'ready');
    if (!config.production) console.log(welcome({ address, dataPlace: database.place, adminKey }));
  } catch (error) {
    throw listenFailure(error, config) ?? (await database.explain(error));
  }
}

async function tryPort(config: Config): Promise<void> {
  const probe = createServer();
  try {
    probe.listen(config.port, config.host);
    await once(probe, 'listening');
  } catch (error) {
    throw listenFailure(error, config) ?? error;
  }
  probe.close();
  await once(probe, 'close');
}

function listenFailure(error: unknown, { host, port }: Config): StartFailure | undefined {
  if (!(error instanceof Error && 'syscall' in error)) return undefined;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  if (code === 'EADDRINUSE') {
    return new StartFailure(
      `Port ${port} on ${host} is taken by another program; stop that one, or choose a port with PORT (PORT=0 takes any free one).`,
    );
  }
  if (code === 'EACCES') {
    return new StartFailure(`This user may not listen on port ${port}; choose one above 1023 with PORT.`);
  }
  return new StartFailure(
    `The address ${host} is not one of this machine (${code}); set HOST to 127.0.0.1 or 0.0.0.0.`,
  );
}

async function run(): Promise<void> {
  let starting: Promise<void> | undefined;
  try {
    const config = loadConfig(process.env);
    closeWithGrace({ delay: config.shutdownGraceMs + databaseStopLimitMs, logger: false }, async ({ err }) => {
      if (err) console.error(err);
      stopping.abort();
      await starting?.catch(() => undefined); // reported below
      await closeAll();
    });
    starting = start(config);
    await starting;
  } catch (error) {
    if (stopping.signal.aborted) return; // told to stop before it had started
    console.error(error instanceof StartFailure ? error.message : error);
    await closeAll();
    process.exit(1);
  }
}

await run();
