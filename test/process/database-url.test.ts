import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type CuttableProxy, proxyTo } from '../helpers/cuttable-proxy.ts';
import { useTestDatabase } from '../helpers/database.ts';
import { type Service, startService, stopService } from '../helpers/service.ts';

const database = useTestDatabase('empty');
let proxy: CuttableProxy;
beforeAll(async () => {
  proxy = await proxyTo(database().url);
});
afterAll(() => proxy.close());

const services: Service[] = [];
afterEach(async () => {
  proxy.restore();
  await Promise.all(services.splice(0).map((service) => stopService(service)));
});

function start(environment: Record<string, string>): Service {
  const service = startService(environment);
  services.push(service);
  return service;
}

async function readiness(address: string): Promise<{ code: number; status: unknown }> {
  const response = await fetch(`${address}/readyz`);
  return { code: response.status, status: ((await response.json()) as { status: unknown }).status };
}

describe('with DATABASE_URL', () => {
  it('three instances that start together share one database', async () => {
    const instances = Array.from({ length: 3 }, () => start({ DATABASE_URL: database().url, DATABASE_POOL_SIZE: '2' }));
    const addresses = await Promise.all(instances.map(({ ready }) => ready));
    for (const address of addresses) expect(await readiness(address)).toEqual({ code: 200, status: 'ready' });
    const { rows } = await database().pool.query('select name, count(*)::int from schema_migration group by name');
    expect(rows.map(({ count }) => count)).toEqual(rows.map(() => 1));
    const keys = instances.filter(({ stdout }) => stdout().includes('Admin key'));
    expect(keys).toHaveLength(1);
  });

  it('waits for a database that is not there yet', async () => {
    proxy.cut();
    const service = start({ DATABASE_URL: proxy.url, LOG_LEVEL: 'warn' });
    await vi.waitFor(() => expect(service.stdout()).toMatch(/cannot be reached .*trying again in 0\.2 s/), 20_000);
    proxy.restore();
    expect(await readiness(await service.ready)).toEqual({ code: 200, status: 'ready' });
  });

  it('gives up after DATABASE_CONNECT_TIMEOUT_MS with a sentence that keeps the password to itself', async () => {
    const service = start({
      DATABASE_URL: 'postgres://planner:very-secret@127.0.0.1:1/catalog',
      DATABASE_CONNECT_TIMEOUT_MS: '500',
    });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toBe(
      'The database 127.0.0.1:1/catalog could not be reached within 0.5 s (connect ECONNREFUSED 127.0.0.1:1); start it, or check DATABASE_URL.\n',
    );
    expect(service.stdout()).not.toContain('very-secret');
  });

  it('does not wait when the password is wrong', async () => {
    const url = new URL(database().url);
    url.password = 'wrong-password';
    const service = start({ DATABASE_URL: url.href });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toMatch(/^The database \S+ refuses the connection \(password authentication failed .*\n$/);
    expect(service.stderr() + service.stdout()).not.toContain('wrong-password');
  });

  it('goes on without the database when that goes away, and finds it again', async () => {
    const service = start({ DATABASE_URL: proxy.url, LOG_LEVEL: 'silent' });
    const address = await service.ready;
    proxy.cut();
    expect(await readiness(address)).toEqual({ code: 200, status: 'degraded' });
    expect((await fetch(`${address}/livez`)).status).toBe(200);
    proxy.restore();
    await vi.waitFor(async () => expect((await readiness(address)).status).toBe('ready'), 20_000);
    expect(await stopService(service)).toEqual({ code: 0, signal: null });
  });

  it('stops at once on SIGTERM while it waits for the database', async () => {
    const service = start({ DATABASE_URL: 'postgres://planner@127.0.0.1:1/catalog', LOG_LEVEL: 'warn' });
    await vi.waitFor(() => expect(service.stdout()).toContain('trying again'), 20_000);
    expect(await stopService(service)).toEqual({ code: 0, signal: null });
  });

  it('in production says at level info that it is ready, and makes no admin key', async () => {
    const service = start({ DATABASE_URL: database().url, NODE_ENV: 'production' });
    await service.ready;
    expect(service.stdout()).toContain('"msg":"ready"');
    expect(service.stdout()).not.toContain('Admin key');
  });
});
