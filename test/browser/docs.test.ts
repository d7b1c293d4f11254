/** Swagger UI as an analyst meets it: open the page, unfold an operation, press Execute, read the answer. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededApplication } from '../../scripts/contract/seeded-application.ts';
import type { App } from '../../src/http/application.ts';

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

let app: App;
let context: BrowserContext;
let page: Page;
let origin: string;
const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
const outside: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  if (!existsSync(executablePath)) {
    throw new Error(
      `There is no Chromium at ${executablePath}. Install it (apt-get install chromium), or set CHROMIUM_PATH.`,
    );
  }
  app = await seededApplication();
  await app.listen({ host: '127.0.0.1', port: 0 });
  origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1280, height: 1400 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  page = context.pages()[0] ?? (await context.newPage());
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) outside.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await context?.close();
  await app?.close();
  rmSync(profile, { recursive: true, force: true });
});

describe('Swagger UI', () => {
  it('opens from the root and lists the operations', async () => {
    await page.goto(origin);
    await page.locator('.opblock').first().waitFor();
    expect(page.url()).toBe(`${origin}/docs`);
    expect(await page.title()).toBe('AI infrastructure planner');
    expect(await page.locator('.opblock').count()).toBeGreaterThan(8);
    expect(await page.locator('.topbar').count()).toBe(0);
    const links = await page
      .locator('.information-container a')
      .evaluateAll((all) => all.map((it) => it.getAttribute('href')));
    for (const link of links) expect(link).toMatch(new RegExp(`^(${origin})?/`));
  });

  it.each([
    ['Service', 'getReadiness'],
    ['Catalog', 'listDevices'],
    ['Catalog', 'getDevice'],
    ['Catalog', 'listPrices'],
    ['Catalog', 'getPrice'],
    ['Catalog', 'checkSkus'],
    ['Estimates', 'estimateInference'],
    ['Estimates', 'estimateTraining'],
  ])('%s %s answers 200 with a body at the first click', async (tag, operationId) => {
    const block = page.locator(`#operations-${tag}-${operationId}`);
    await block.locator('.opblock-summary-control').click();
    await block.locator('button.execute').click();
    const answer = block.locator('.live-responses-table tr.response').first();
    await answer.locator('.highlight-code, .microlight').first().waitFor();
    expect(await answer.locator('.response-col_status').textContent()).toMatch(/^200/);
    const body = JSON.parse((await answer.locator('.highlight-code code, .microlight').first().textContent()) ?? '');
    expect(Object.keys(body).length).toBeGreaterThan(1);
    if (process.env.SCREENSHOTS) {
      await block.screenshot({ path: join(process.env.SCREENSHOTS, `${operationId}.png`) });
    }
    // folded again, the page stays light
    await block.locator('.opblock-summary-control').click();
  });

  it('sends the key, once authorized, with an estimate too, which needs it for a price book', async () => {
    let sent: string | undefined;
    await page.route('**/v1/estimates/inference*', async (route) => {
      sent = route.request().headers()['x-api-key'];
      await route.fulfill({ json: {} });
    });
    await page.locator('button.authorize').first().click();
    await page.locator('.auth-container input').fill('a-key-of-acme');
    await page.locator('.auth-btn-wrapper button.authorize').click();
    await page.locator('.auth-btn-wrapper button.btn-done').click();
    const block = page.locator('#operations-Estimates-estimateInference');
    await block.locator('.opblock-summary-control').click();
    await block.locator('button.execute').click();
    await block.locator('.live-responses-table tr.response').first().waitFor();
    expect(sent).toBe('a-key-of-acme');
  });

  it('asks nothing of any other host, and its own policy blocks nothing that it needs', () => {
    expect(outside).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
