import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import type { App } from '../../src/http/application.ts';
import { problemOf, testApp } from './application.ts';

let app: App;
afterEach(() => app.close());

describe('the rate limit', () => {
  const url = '/openapi.json';

  it('is told on every answer, in the headers of the present draft alone', async () => {
    app = await testApp({ settings: { rateLimitPerMinute: 5 } });
    const { headers } = await app.inject({ url, remoteAddress: '192.0.2.1' });
    expect(headers['ratelimit-policy']).toBe('"default";q=5;w=60');
    expect(headers.ratelimit).toMatch(/^"default";r=4;t=(60|59)$/);
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });

  it('answers 429 with Retry-After beyond the quota, per address', async () => {
    app = await testApp({ settings: { rateLimitPerMinute: 2 } });
    const from = (remoteAddress: string) => app.inject({ url, remoteAddress });
    expect([(await from('192.0.2.1')).statusCode, (await from('192.0.2.1')).statusCode]).toEqual([200, 200]);
    const refused = await from('192.0.2.1');
    expect(problemOf(refused)).toMatchObject({
      type: '/problems/too-many-requests',
      status: 429,
      detail: expect.stringContaining('2 requests in 60 seconds'),
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers.ratelimit).toMatch(/^"default";r=0;t=\d+$/);
    expect((await from('192.0.2.2')).statusCode).toBe(200);
  });

  it('is far higher for clients on the same machine', async () => {
    app = await testApp({ settings: { rateLimitPerMinute: 1 } });
    for (const remoteAddress of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
      const { headers } = await app.inject({ url, remoteAddress });
      expect(headers['ratelimit-policy']).toBe('"default";q=1000000;w=60');
    }
  });

  it('for clients on the same machine can be set as well', async () => {
    const { http } = loadConfig({ RATE_LIMIT_PER_MINUTE: '1', RATE_LIMIT_PER_MINUTE_LOOPBACK: '2' });
    app = await testApp({ settings: http });
    const { headers } = await app.inject({ url, remoteAddress: '127.0.0.1' });
    expect(headers['ratelimit-policy']).toBe('"default";q=2;w=60');
  });

  it('counts paths that do not exist', async () => {
    app = await testApp({ settings: { rateLimitPerMinute: 1 } });
    const probe = () => app.inject({ url: '/probe', remoteAddress: '192.0.2.1' });
    expect([(await probe()).statusCode, (await probe()).statusCode]).toEqual([404, 429]);
  });

  it('goes by the forwarded address only behind a trusted proxy', async () => {
    const request = { url, remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': '192.0.2.7' } };
    app = await testApp({ settings: { rateLimitPerMinute: 1, trustProxy: true } });
    await app.inject(request);
    expect((await app.inject({ ...request, headers: { 'x-forwarded-for': '192.0.2.8' } })).statusCode).toBe(200);
    await app.close();
    app = await testApp({ settings: { rateLimitPerMinute: 1 } });
    await app.inject(request);
    expect((await app.inject({ ...request, headers: { 'x-forwarded-for': '192.0.2.8' } })).statusCode).toBe(429);
  });

  it('does not hold for health and metrics', async () => {
    app = await testApp({ settings: { rateLimitPerMinute: 1 } });
    for (const path of ['/livez', '/readyz', '/metrics', '/livez']) {
      expect((await app.inject({ url: path, remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
    }
  });
});

describe('an event loop that is late', () => {
  it('turns requests away with 503 and Retry-After, but not those for health', async () => {
    app = await testApp({ settings: { maxEventLoopDelayMs: 1 } });
    await app.ready();
    const blockedUntil = performance.now() + 700;
    while (performance.now() < blockedUntil);
    await wait(5);
    const response = await app.inject({ url: '/openapi.json' });
    expect(problemOf(response)).toMatchObject({ type: '/problems/overloaded', status: 503 });
    expect(response.headers['retry-after']).toBe('10');
    expect((await app.inject({ url: '/readyz' })).statusCode).toBe(200);
  });
});
