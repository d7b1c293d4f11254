/** The application on the seed, in memory, at a fixed time: the same answers on every run. */
import pg from 'pg';
import { pino } from 'pino';
import { buildApp } from '../../src/app.ts';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { createDatabase } from '../../src/db/pool.ts';
import { type Dependencies, defaultHttpSettings } from '../../src/dependencies.ts';
import type { App } from '../../src/http/application.ts';
import { createSolver } from '../../src/solver/solver.ts';

const seededDependencies = async (): Promise<Dependencies> => {
  const seed = loadSeed();
  const seededAt = `${seed.seedDate}T00:00:00.000Z`;
  const absent = new pg.Pool({ connectionString: 'postgresql://127.0.0.1:1/absent' });
  return {
    settings: { ...defaultHttpSettings, maxEventLoopDelayMs: 0 },
    catalog: fixedCatalog(snapshotFromSeed(seed, { committedAt: seededAt })),
    // Nothing listens there: what needs a database answers 503.
    db: createDatabase(absent),
    pool: absent,
    solve: createSolver({ threads: 1, maximumQueued: 100 }).solve,
    databaseState: async () => ({ reachable: true, migrationsCurrent: true }),
    now: () => new Date(seededAt),
    logger: pino({ level: 'silent' }),
  };
};

export const seededApplication = async (): Promise<App> => buildApp(await seededDependencies());
