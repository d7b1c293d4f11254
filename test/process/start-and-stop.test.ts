import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Service, startService, stopService } from '../helpers/service.ts';
import { useTemporaryDirectory } from '../helpers/temporary-directory.ts';

const directory = useTemporaryDirectory();
const data = join(directory, 'data');

const services: Service[] = [];
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => stopService(service)));
});

function start(environment: Record<string, string> = {}): Service {
  const service = startService({ DATA_DIR: data, ...environment });
  services.push(service);
  return service;
}

async function serverPid(): Promise<number> {
  return Number((await readFile(join(data, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
}

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function readiness(address: string): Promise<unknown> {
  return ((await (await fetch(`${address}/readyz`)).json()) as { status: unknown }).status;
}

describe('a start without configuration but a data directory', () => {
  it('says where Swagger UI is, what to try, and the admin key, which only the first start shows', async () => {
    const first = start();
    const address = await first.ready;
    expect(first.stdout()).toContain(`Swagger UI  ${address}/docs`);
    const [, url, body] = /curl -s '(\S+)' .*\n.*-d '(.+)'/.exec(first.stdout()) ?? [];
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(String(url), { method: 'POST', headers, body: String(body) });
    expect(await answer.json()).toMatchObject({ status: 'feasible' });
    expect(first.stdout()).toMatch(/Admin key {3}planner_[\w-]{32}\n/);
    expect((await fetch(`${address}/docs/`)).status).toBe(200);
    expect(await readiness(address)).toBe('ready');
    expect(await stopService(first)).toEqual({ code: 0, signal: null });
    expect(first.stderr()).toBe('');

    const second = start();
    await second.ready;
    expect(second.stdout()).not.toContain('Admin key');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops the server and its database cleanly on %s', async (signal) => {
    const service = start();
    await service.ready;
    const pid = await serverPid();
    expect(await stopService(service, signal)).toEqual({ code: 0, signal: null });
    expect(runs(pid)).toBe(false);
    await expect(serverPid()).rejects.toThrow('ENOENT');
  });

  it('finishes a request in flight before it stops', async () => {
    const service = start();
    const { hostname, port } = new URL(await service.ready);
    const body = JSON.stringify({ model: 'a model that does not exist', requestsPerDay: 1 });
    const socket = connect(Number(port), hostname).setEncoding('utf8');
    let answer = '';
    socket.on('data', (text: string) => {
      answer += text;
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.write(
      `POST /v1/estimates/inference HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve)); // "100 Continue": the request has arrived
    service.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300)); // the server has begun to close by now
    socket.write(body);
    await closed;
    expect(answer).toMatch(/HTTP\/1\.1 [2-4]\d\d /);
    expect(await service.exit).toEqual({ code: 0, signal: null });
  });

  it('recovers after the service alone was killed, while PostgreSQL ran on', async () => {
    const killed = start();
    await killed.ready;
    const pid = await serverPid();
    await stopService(killed, 'SIGKILL');
    const next = start();
    expect(await readiness(await next.ready)).toBe('ready');
    expect(await serverPid()).not.toBe(pid);
  });

  it('recovers after the service and PostgreSQL were killed', async () => {
    const killed = start();
    await killed.ready;
    const pid = await serverPid();
    killed.child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await killed.exit;
    const next = start();
    expect(await readiness(await next.ready)).toBe('ready');
  });

  it('refuses a second start on the same data directory and leaves the first alone', async () => {
    const first = start();
    const address = await first.ready;
    const second = start();
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.stderr()).toBe(
      `Another planner (process ${first.child.pid}) is already running on the data directory ${data}; stop it, or set DATA_DIR to another directory.\n`,
    );
    expect(await readiness(address)).toBe('ready');
  });

  it('says that the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const service = start({ PORT: String(port) });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toBe(
      `Port ${port} on 127.0.0.1 is taken by another program; stop that one, or choose a port with PORT (PORT=0 takes any free one).\n`,
    );
    other.close();
    await expect(serverPid()).rejects.toThrow('ENOENT');
  });

  it('says that the address is not one of this machine', async () => {
    const service = start({ HOST: '192.0.2.1' });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toMatch(/^The address 192\.0\.2\.1 is not one of this machine .*\n$/);
  });

  it('lists every mistake in the configuration, one sentence each', async () => {
    const service = start({ PORT: 'eighty', LOG_LEVEL: 'loud', NODE_ENV: 'production', ADMIN_API_KEY: 'short' });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr().split('\n')).toEqual([
      'NODE_ENV=production needs DATABASE_URL, because the embedded PostgreSQL is for development and tests.',
      'ADMIN_API_KEY must have at least 16 characters.',
      'PORT must be a whole number from 0 to 65535, not "eighty".',
      'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, not "loud".',
      '',
    ]);
  });
});

/** A file system of its own under the test's directory; undefined where this user may not mount one. */
const mounted = (name: string, options: string): string | undefined => {
  const place = join(directory, name);
  mkdirSync(place, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place], { stdio: 'pipe' });
  } catch {
    console.warn(`This user may not mount a file system, so the start on one that is ${name} is left out here.`);
    return undefined;
  }
  mounts.push(place);
  return place;
};
const mounts: string[] = [];

describe('a data directory that cannot be written', () => {
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => stopService(service)));
    for (const place of mounts.splice(0)) execFileSync('umount', [place]);
  });

  it.each([
    ['full', 'size=2m,mode=755', /^The disk that holds the data directory .* is full; free some space/],
    ['read-only', 'ro', /^The data directory .* is on a read-only file system; make it writable/],
  ])('because its disk is %s: the start says in one sentence what to do', async (name, options, sentence) => {
    const place = mounted(name, options);
    if (place === undefined) return;
    const service = start({ DATA_DIR: join(place, 'data') });
    expect(await service.exit).toEqual({ code: 1, signal: null });
    expect(service.stderr()).toMatch(sentence);
    expect(service.stderr().trim().split('\n')).toHaveLength(1);
  });

  it('because its disk fills up later: writes say so with 503, all else goes on, and with room again so do writes', async () => {
    const place = mounted('full', 'size=110m,mode=755');
    if (place === undefined) return;
    const adminKey = 'a-key-for-this-test';
    const service = start({ DATA_DIR: join(place, 'data'), ADMIN_API_KEY: adminKey });
    const address = await service.ready;
    const write = (notes: string) =>
      fetch(`${address}/v1/catalog/grids/AE`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'x-api-key': adminKey },
        body: JSON.stringify({ notes, source: 'x', sourceDate: '2026-01-01', confidence: 'vendor' }),
      });
    const filling = join(place, 'filling');
    execFileSync('sh', ['-c', `cat /dev/zero > '${filling}' 2>/dev/null || true`]);
    let refused: Response | undefined;
    for (let times = 0; times < 40 && refused === undefined; times += 1) {
      // Random, because text that repeats itself is kept in next to no room.
      const answer = await write(randomBytes(14_000).toString('base64'));
      if (answer.status !== 200 && answer.status !== 201) refused = answer;
    }
    expect(await refused?.json()).toMatchObject({ type: '/problems/database-unavailable', status: 503 });
    expect((await fetch(`${address}/v1/catalog/grids/AE`)).status).toBe(200);
    await rm(filling);
    await vi.waitFor(async () => expect((await write('There is room again.')).status).toBe(200), 20_000);
  });
});
