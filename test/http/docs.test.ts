import { afterAll, beforeAll, expect, it } from 'vitest';
import type { App } from '../../src/http/application.ts';
import { testApp } from './application.ts';

let app: App;
beforeAll(async () => {
  app = await testApp();
});
afterAll(() => app.close());

it('GET / leads to Swagger UI', async () => {
  const response = await app.inject({ url: '/' });
  expect([response.statusCode, response.headers.location]).toEqual([302, '/docs']);
});

it('GET /openapi.json is the contract, cacheable, and a 304 when unchanged', async () => {
  const response = await app.inject({ url: '/openapi.json' });
  expect(response.headers['content-type']).toMatch(/^application\/json/);
  expect(response.headers['cache-control']).toBe('public, max-age=60');
  expect(response.json().openapi).toBe('3.1.0');
  const again = await app.inject({ url: '/openapi.json', headers: { 'if-none-match': String(response.headers.etag) } });
  expect([again.statusCode, again.body]).toEqual([304, '']);
});

it('GET /docs and everything it loads come from here, and the policy allows nothing else', async () => {
  const page = await app.inject({ url: '/docs' });
  const policy = String(page.headers['content-security-policy']);
  expect(policy).not.toMatch(/https?:|upgrade-insecure-requests|swagger\.io|unsafe-eval|script-src/);
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => String(link));
  expect(links.length).toBeGreaterThan(4);
  for (const link of links) {
    expect(link).toMatch(/^\/docs\/static\//);
    expect((await app.inject({ url: link })).statusCode, link).toBe(200);
  }
});

it.each(['/docs/static/../../package.json', '/docs/static/%2e%2e/%2e%2e/package.json', '/docs/static/none.js'])(
  'there is nothing outside its folder: %s',
  async (url) => {
    const response = await app.inject({ url });
    expect([response.statusCode, response.json().type]).toEqual([404, '/problems/route-not-found']);
  },
);

it('other answers may load nothing at all', async () => {
  const { headers } = await app.inject({ url: '/livez' });
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['strict-transport-security']).toBeUndefined();
});
