/**
 * npm run keys: makes, lists and revokes API keys, on the database that DATABASE_URL names or on the embedded one, whether the service
 * runs or not. `npm run --silent keys -- make --label buyer --tenant acme --scope prices:write --scope books:write`
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { pino } from 'pino';
import { loadConfig } from '../config.ts';
import { runningEmbedded } from '../db/embedded/running.ts';
import { readMigrations } from '../db/migrate.ts';
import { openDatabase } from '../db/open.ts';
import { createPool } from '../db/pool.ts';
import { StartFailure } from '../start-failure.ts';
import { createKey, HOUSE, KeyRefusal, listKeys, revokeKey, SCOPES } from './keys.ts';

const USAGE = `npm run --silent keys -- make --label LABEL --scope SCOPE [--scope SCOPE]... [--tenant TENANT]   prints the key, once
npm run --silent keys -- list
npm run --silent keys -- revoke ID

The tenant is ${HOUSE} where absent. Scopes:
${Object.entries(SCOPES)
  .map(([scope, what]) => `  ${scope.padEnd(14)} ${what}`)
  .join('\n')}
`;

class UsageError extends Error {}

interface OpenPool {
  readonly pool: pg.Pool;
  readonly close: () => Promise<void>;
}

const open = async (): Promise<OpenPool> => {
  const config = loadConfig(process.env);
  const running = config.databaseUrl ?? (await runningEmbedded(config.dataDirectory));
  if (running !== undefined) {
    const pool = createPool({ databaseUrl: running, size: 1, onIdleError: () => undefined });
    return { pool, close: () => pool.end() };
  }
  const migrations = await readMigrations(join(import.meta.dirname, '../../migrations'));
  return openDatabase(config, migrations, pino({ level: 'silent' }), new AbortController().signal);
};

const work = async (pool: pg.Pool, command: string, argument: string | undefined): Promise<string> => {
  switch (command) {
    case 'make': {
      const { label, tenant, scope } = values;
      if (label === undefined) throw new UsageError('A key needs a --label that says whose it is.');
      return `${await createKey(pool, { label, tenant, scopes: scope })}\n`;
    }
    case 'list': {
      const day = (date: Date | null): string => date?.toISOString().slice(0, 10) ?? '';
      const rows = (await listKeys(pool)).map((key) => [
        String(key.id),
        key.tenant,
        key.label,
        key.scopes.join(' '),
        day(key.createdAt),
        day(key.revokedAt),
      ]);
      return [['id', 'tenant', 'label', 'scopes', 'made', 'revoked'], ...rows]
        .map((row) => `${row.join('\t')}\n`)
        .join('');
    }
    case 'revoke': {
      if (argument === undefined || !/^\d{1,9}$/.test(argument)) throw new UsageError('Revoke which one? Give its id.');
      const { tenant, label } = await revokeKey(pool, Number(argument));
      return `Revoked '${label}' of ${tenant}.\n`;
    }
    default:
      throw new UsageError(command === '' ? 'Say what to do.' : `There is no command '${command}'.`);
  }
};

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        label: { type: 'string' },
        tenant: { type: 'string', default: HOUSE },
        scope: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
})();

if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}

let opened: OpenPool | undefined;
try {
  const [command = '', argument] = positionals;
  if (!['make', 'list', 'revoke'].includes(command)) {
    throw new UsageError(command === '' ? 'Say what to do.' : `There is no command '${command}'.`);
  }
  opened = await open();
  process.stdout.write(await work(opened.pool, command, argument));
} catch (error) {
  const isUsage = error instanceof UsageError;
  const isExpected = isUsage || error instanceof KeyRefusal || error instanceof StartFailure;
  process.stderr.write(
    `${isExpected ? (error as Error).message : (error as Error).stack}\n${isUsage ? `\n${USAGE}` : ''}`,
  );
  process.exitCode = isUsage ? 2 : 1;
} finally {
  await opened?.close();
}
