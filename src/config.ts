/** Environment variables -> frozen Config. The README's configuration table is checked against `configVariables`. */
import { resolve } from 'node:path';
import { defaultHttpSettings, type HttpSettings } from './dependencies.ts';
import { defaultSolverSettings, type SolverSettings } from './solver/solver.ts';
import { StartFailure } from './start-failure.ts';

type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

export interface Config {
  readonly host: string;
  readonly port: number;
  /** Undefined: an embedded PostgreSQL under `dataDirectory`. */
  readonly databaseUrl: string | undefined;
  readonly databaseConnectTimeoutMs: number;
  readonly databasePoolSize: number;
  /** Absolute; undefined when not set, because where an embedded database may live depends on the user who starts it. */
  readonly dataDirectory: string | undefined;
  readonly logLevel: LogLevel;
  /** Undefined: one is made at the first start. */
  readonly adminApiKey: string | undefined;
  readonly shutdownGraceMs: number;
  readonly catalogRefreshIntervalMs: number;
  readonly production: boolean;
  readonly solver: SolverSettings;
  readonly http: HttpSettings;
}

interface ConfigVariable {
  readonly name: string;
  /** As written in the README; empty when there is none. */
  readonly default: string;
  readonly description: string;
}

const logLevels: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Every environment variable that the service reads, in the order of the README's table. */
export const configVariables: readonly ConfigVariable[] = [
  { name: 'HOST', default: '127.0.0.1', description: 'Address to listen on; `0.0.0.0` for all interfaces.' },
  { name: 'PORT', default: '8080', description: 'Port to listen on; `0` picks a free one.' },
  {
    name: 'DATABASE_URL',
    default: '',
    description:
      'PostgreSQL 15 or later, `postgres://user:password@host:5432/database`. Unset: an embedded PostgreSQL 18 is started, which NODE_ENV=production refuses.',
  },
  {
    name: 'DATABASE_CONNECT_TIMEOUT_MS',
    default: '60000',
    description: 'How long a start goes on trying to reach the database before it gives up.',
  },
  { name: 'DATABASE_POOL_SIZE', default: '10', description: 'Most connections of one instance to the database.' },
  {
    name: 'DATA_DIR',
    default: './data',
    description: 'Where the embedded PostgreSQL keeps its data. Not used with DATABASE_URL.',
  },
  { name: 'LOG_LEVEL', default: 'warn, in production info', description: `One of ${logLevels.join(', ')}.` },
  {
    name: 'ADMIN_API_KEY',
    default: '',
    description:
      'Key for catalog writes, 16 characters or more. Unset: one is made at the first start and printed once, but not in production. Only its hash is kept.',
  },
  {
    name: 'BODY_LIMIT_BYTES',
    default: String(defaultHttpSettings.bodyLimitBytes),
    description: 'Request bodies larger than this are refused with 413.',
  },
  {
    name: 'RATE_LIMIT_PER_MINUTE',
    default: String(defaultHttpSettings.rateLimitPerMinute),
    description: 'Requests a minute and client address; more are refused with 429.',
  },
  {
    name: 'RATE_LIMIT_PER_MINUTE_LOOPBACK',
    default: String(defaultHttpSettings.rateLimitPerMinuteLoopback),
    description:
      'The same for clients on the machine itself. A reverse proxy on that machine needs TRUST_PROXY, else all its clients count as one of these.',
  },
  {
    name: 'MAX_EVENT_LOOP_DELAY_MS',
    default: String(defaultHttpSettings.maxEventLoopDelayMs),
    description: 'Requests are refused with 503 while the process is later than this; `0` never refuses.',
  },
  {
    name: 'TRUST_PROXY',
    default: String(defaultHttpSettings.trustProxy),
    description: '`true` behind a reverse proxy: client addresses come from X-Forwarded-For.',
  },
  {
    name: 'SHUTDOWN_GRACE_MS',
    default: '10000',
    description: 'How long requests in flight may take to finish after SIGTERM or Ctrl-C.',
  },
  {
    name: 'CATALOG_REFRESH_INTERVAL_MS',
    default: '30000',
    description: 'How often an instance looks for a new catalog revision when no notification came.',
  },
  {
    name: 'PRICE_SYNC_RETENTION_DAYS',
    default: String(defaultHttpSettings.priceSyncRetentionDays),
    description:
      'Reports and operations of price syncs are removed after so many days, 7 or more. Revisions, the audit and decisions on quarantined rows stay.',
  },
  {
    name: 'SOLVER_THREADS',
    default: String(defaultSolverSettings.threads),
    description: 'Optimizations (placements, mixed fleets) that may run at the same time, each in a thread of its own.',
  },
  {
    name: 'SOLVER_QUEUE_LIMIT',
    default: String(defaultSolverSettings.maximumQueued),
    description: 'Optimizations that may wait for a thread; more are refused with 503.',
  },
  {
    name: 'NODE_ENV',
    default: '',
    description: '`production`: DATABASE_URL is required, and the log says at level info what happens.',
  },
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables and collects what is wrong with them, so that all of it can be said at once. An empty value counts as unset. */
class Reader {
  readonly problems: string[] = [];
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  text(name: string): string | undefined {
    return this.#environment[name]?.trim() || undefined;
  }

  integer(name: string, fallback: number, minimum: number, maximum: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    this.problems.push(`${name} must be a whole number from ${minimum} to ${maximum}, not "${text}".`);
    return fallback;
  }

  choice<T extends string>(name: string, fallback: T, choices: readonly T[]): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const chosen = choices.find((choice) => choice === text.toLowerCase());
    if (chosen !== undefined) return chosen;
    this.problems.push(`${name} must be one of ${choices.join(', ')}, not "${text}".`);
    return fallback;
  }
}

/** Throws a StartFailure that lists every problem, one sentence a line. Values of secrets never appear in it. */
export function loadConfig(environment: Environment): Config {
  const read = new Reader(environment);
  const production = read.text('NODE_ENV') === 'production';
  const dataDirectory = read.text('DATA_DIR');
  const dayMs = 24 * 60 * 60 * 1000;

  const databaseUrl = read.text('DATABASE_URL');
  if (databaseUrl !== undefined && !isPostgresUrl(databaseUrl)) {
    read.problems.push(
      'DATABASE_URL must look like postgres://user:password@host:5432/database, with special characters in the password percent-encoded.',
    );
  }
  if (production && databaseUrl === undefined) {
    read.problems.push(
      'NODE_ENV=production needs DATABASE_URL, because the embedded PostgreSQL is for development and tests.',
    );
  }
  const adminApiKey = read.text('ADMIN_API_KEY');
  if (adminApiKey !== undefined && adminApiKey.length < 16) {
    read.problems.push('ADMIN_API_KEY must have at least 16 characters.');
  }

  const config: Config = {
    host: read.text('HOST') ?? '127.0.0.1',
    port: read.integer('PORT', 8080, 0, 65535),
    databaseUrl,
    databaseConnectTimeoutMs: read.integer('DATABASE_CONNECT_TIMEOUT_MS', 60_000, 1, dayMs),
    databasePoolSize: read.integer('DATABASE_POOL_SIZE', 10, 2, 1000),
    dataDirectory: dataDirectory === undefined ? undefined : resolve(dataDirectory),
    logLevel: read.choice('LOG_LEVEL', production ? 'info' : 'warn', logLevels),
    adminApiKey,
    shutdownGraceMs: read.integer('SHUTDOWN_GRACE_MS', 10_000, 1, dayMs),
    catalogRefreshIntervalMs: read.integer('CATALOG_REFRESH_INTERVAL_MS', 30_000, 100, dayMs),
    production,
    solver: Object.freeze({
      threads: read.integer('SOLVER_THREADS', defaultSolverSettings.threads, 1, 256),
      maximumQueued: read.integer('SOLVER_QUEUE_LIMIT', defaultSolverSettings.maximumQueued, 0, 10_000),
    }),
    http: Object.freeze({
      ...defaultHttpSettings,
      bodyLimitBytes: read.integer('BODY_LIMIT_BYTES', defaultHttpSettings.bodyLimitBytes, 1024, 1024 ** 3),
      rateLimitPerMinute: read.integer('RATE_LIMIT_PER_MINUTE', defaultHttpSettings.rateLimitPerMinute, 1, 10 ** 9),
      rateLimitPerMinuteLoopback: read.integer(
        'RATE_LIMIT_PER_MINUTE_LOOPBACK',
        defaultHttpSettings.rateLimitPerMinuteLoopback,
        1,
        10 ** 9,
      ),
      priceSyncRetentionDays: read.integer(
        'PRICE_SYNC_RETENTION_DAYS',
        defaultHttpSettings.priceSyncRetentionDays,
        7,
        36_500,
      ),
      maxEventLoopDelayMs: read.integer('MAX_EVENT_LOOP_DELAY_MS', defaultHttpSettings.maxEventLoopDelayMs, 0, 60_000),
      trustProxy: read.choice('TRUST_PROXY', 'false', ['true', 'false']) === 'true',
    }),
  };
  if (read.problems.length > 0) throw new StartFailure(read.problems.join('\n'));
  return Object.freeze(config);
}

function isPostgresUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, pathname } = new URL(text);
  return (protocol === 'postgres:' || protocol === 'postgresql:') && pathname.length > 1;
}
