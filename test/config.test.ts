import { describe, expect, it } from 'vitest';
import { configVariables, loadConfig } from '../src/config.ts';
import { defaultHttpSettings } from '../src/dependencies.ts';
import { defaultSolverSettings } from '../src/solver/solver.ts';

const databaseUrl = 'postgres://planner:secret@db.example:5432/planner';

function problemsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

describe('configuration', () => {
  it('needs no variable at all', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 8080,
      databaseUrl: undefined,
      databaseConnectTimeoutMs: 60_000,
      databasePoolSize: 10,
      dataDirectory: undefined,
      logLevel: 'warn',
      adminApiKey: undefined,
      shutdownGraceMs: 10_000,
      catalogRefreshIntervalMs: 30_000,
      production: false,
      solver: defaultSolverSettings,
      http: defaultHttpSettings,
    });
  });

  it('cannot be changed afterwards', () => {
    const config = loadConfig({});
    expect(Object.isFrozen(config) && Object.isFrozen(config.http)).toBe(true);
  });

  it('takes an empty variable for an unset one', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', ADMIN_API_KEY: '' })).toEqual(loadConfig({}));
  });

  it('logs at level info in production', () => {
    expect(loadConfig({ NODE_ENV: 'production', DATABASE_URL: databaseUrl }).logLevel).toBe('info');
  });

  it.each([
    [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535, not "65536".'],
    [{ PORT: '80.5' }, 'PORT must be a whole number from 0 to 65535, not "80.5".'],
    [{ PORT: '-1' }, 'PORT must be a whole number from 0 to 65535, not "-1".'],
    [{ BODY_LIMIT_BYTES: '1e6' }, 'BODY_LIMIT_BYTES must be a whole number from 1024 to 1073741824, not "1e6".'],
    [{ TRUST_PROXY: 'yes' }, 'TRUST_PROXY must be one of true, false, not "yes".'],
    [{ ADMIN_API_KEY: 'too short' }, 'ADMIN_API_KEY must have at least 16 characters.'],
  ])('refuses %j', (environment, problem) => {
    expect(problemsOf(environment)).toEqual([problem]);
  });

  it.each([
    'mysql://planner:secret@db/planner',
    'db.example',
    'postgres://db.example',
    'postgres://user:p#secret@db/x',
  ])('refuses the database URL %s without repeating it', (url) => {
    const [problem] = problemsOf({ DATABASE_URL: url });
    expect(problem).toMatch(/^DATABASE_URL must look like postgres:/);
    expect(problem).not.toContain('secret');
  });

  it('names all problems at once', () => {
    expect(problemsOf({ PORT: 'x', LOG_LEVEL: 'x', SHUTDOWN_GRACE_MS: 'x' })).toHaveLength(3);
  });

  it('describes each variable once, and each is read', () => {
    const names = configVariables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const read = new Set<string>();
    loadConfig(new Proxy({}, { get: (_, name) => void read.add(String(name)) }));
    expect([...read].sort()).toEqual([...names].sort());
  });
});
