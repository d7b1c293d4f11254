/** Every entry of the shipped seed as the contract promises it: whole lists, entries, histories. */
import AjvCompiler from '@fastify/ajv-compiler';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixedCatalog } from '../../src/catalog/holder.ts';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import type { App } from '../../src/http/application.ts';
import { testApp } from './application.ts';

interface Served {
  readonly paths: Readonly<Record<string, { readonly get?: { readonly responses: Readonly<Record<string, never>> } }>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const seed = loadSeed();
let app: App;
let violations: (component: string, value: unknown) => readonly string[];

beforeAll(async () => {
  app = await testApp({ catalog: fixedCatalog(snapshotFromSeed(seed)) });
  const document: Served = (await app.inject('/openapi.json')).json();
  const compile = AjvCompiler.AjvCompiler()(
    { contract: { $id: 'contract', components: document.components } },
    {
      customOptions: {
        strict: false,
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: true,
      },
    },
  );
  violations = (component, value) => {
    const validate = compile({ schema: { $ref: `contract#/components/schemas/${component}` } } as never) as unknown as {
      (data: unknown): boolean;
      errors?: { instancePath: string; message: string }[];
    };
    return validate(value) ? [] : (validate.errors ?? []).map((it) => `${it.instancePath} ${it.message}`);
  };
});
afterAll(() => app.close());

it.each([
  ['devices', 'CatalogDevicePage', seed.devices.length],
  ['systems', 'CatalogSystemPage', seed.systems.length],
  ['models', 'CatalogModelPage', seed.models.length],
  ['providers', 'CatalogProviderPage', seed.providers.length],
  ['regions', 'CatalogRegionPage', seed.regions.length],
  ['offers', 'CatalogOfferPage', seed.offers.length],
  ['grids', 'CatalogGridPage', seed.grids.length],
  ['tariffs', 'CatalogTariffPage', seed.tariffs.length],
  ['pue-facts', 'CatalogPueFactPage', seed.pueFacts.length],
  ['regimes', 'CatalogRegimePage', seed.regimes.length],
  ['prices', 'CatalogPricePage', undefined],
])('all %s', async (path, component, expected) => {
  let seen = 0;
  for (let token = ''; ; ) {
    const page = (await app.inject(`/v1/catalog/${path}?pageSize=200${token}`)).json();
    expect(violations(component, page)).toEqual([]);
    seen += page.items.length;
    if (page.nextPageToken === undefined) {
      expect(seen).toBe(expected ?? page.total);
      break;
    }
    token = `&pageToken=${page.nextPageToken}`;
  }
  expect(seen).toBeGreaterThan(0);
});

it('every id can be asked for', async () => {
  const lists = {
    devices: seed.devices,
    models: seed.models,
    regions: seed.regions,
    offers: seed.offers,
    tariffs: seed.tariffs,
    regimes: seed.regimes,
  };
  for (const [path, items] of Object.entries(lists)) {
    for (const { id } of items) {
      const answer = await app.inject(`/v1/catalog/${path}/${encodeURIComponent(id)}`);
      expect([id, answer.statusCode, answer.json().id]).toEqual([id, 200, id]);
    }
  }
  for (const { id } of seed.priceIdentities) {
    const answer = await app.inject(`/v1/catalog/prices/${encodeURIComponent(id)}/history?pageSize=200`);
    expect([id, answer.statusCode]).toEqual([id, 200]);
    expect(answer.json().items.length).toBeGreaterThan(0);
  }
});

it.each([
  ['iphone 15 pro', 'apple-a17-pro-neural-engine'],
  ['galaxy s25', 'qualcomm-snapdragon-8-elite'],
  ['dgx spark', 'nvidia-gb10-dgx-spark'],
])('%s is found by the product that people know', async (words, id) => {
  const { items } = (await app.inject(`/v1/catalog/devices?search=${encodeURIComponent(words)}`)).json();
  expect(items.map((device: { id: string }) => device.id)).toContain(id);
  const question = { model: 'meta-llama/Llama-3.2-3B', requestsPerDay: 50, device: words.replaceAll(' ', '-') };
  const refused = (await app.inject({ method: 'POST', url: '/v1/estimates/inference', payload: question })).json();
  expect(refused).toMatchObject({ status: 422, detail: expect.stringContaining(`Did you mean '`) });
});
