import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, it } from 'vitest';
import { seededApplication } from '../../scripts/contract/seeded-application.ts';
import { document, documentPath, documentText, operations } from './contract.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

it('the committed document is byte for byte what the code generates', async () => {
  const app = await seededApplication();
  await app.ready();
  const generated = `${JSON.stringify(app.swagger(), null, 2)}\n`;
  const served = await app.inject({ url: '/openapi.json' });
  await app.close();
  expect(generated === documentText, 'openapi/openapi.json is stale; run: npm run contract -- --write').toBe(true);
  expect(served.json()).toEqual(document);
});

it('says of version and licence what the package says', () => {
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  const { info } = JSON.parse(documentText);
  expect(info.version).toBe(manifest.version);
  // npm's word for a package on which nobody is granted any right.
  expect(manifest.license).toBe('UNLICENSED');
  expect(info.license).toEqual({ name: 'No licence granted; all rights reserved' });
});

it('lists for an operation only the problems that it can answer with', () => {
  const codesOf = (operationId: string, status: string) => {
    const operation = operations.find((it) => it.operationId === operationId);
    return Object.keys(Object.values(operation?.responses[status]?.content ?? {})[0]?.examples ?? {});
  };
  expect(codesOf('listDevices', '400')).toEqual(['invalid-request', 'malformed-request']);
  expect(codesOf('estimateInference', '400')).not.toContain('malformed-price-list');
  expect(codesOf('estimateInference', '400')).toContain('malformed-json');
  expect(codesOf('syncPriceList', '400')).toContain('malformed-price-list');
  expect(codesOf('listPrices', '422')).toEqual(['unknown-catalog-id', 'unknown-currency', 'contradictory-request']);
  expect(codesOf('estimateTraining', '422')).toContain('unsupported-workload');
});

it('names the headers that say when to ask again, and by which tag', () => {
  const lacking = operations.flatMap(({ operationId, responses }) => {
    const has = (status: string, header: string): boolean => responses[status]?.headers?.[header] !== undefined;
    return [
      ...(responses['304'] === undefined || (has('200', 'ETag') && has('304', 'ETag')) ? [] : [`${operationId} ETag`]),
      ...['429', '503']
        .filter((status) => responses[status] !== undefined && !has(status, 'Retry-After'))
        .map((status) => `${operationId} ${status}`),
    ];
  });
  expect(lacking).toEqual([]);
});

it('is valid OpenAPI 3.1 by an independent validator', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(documentText));
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, '3.1']);
});

it('passes a style linter without errors and without warnings', () => {
  const output = execFileSync(
    process.execPath,
    [
      'node_modules/@redocly/cli/bin/cli.js',
      'lint',
      fileURLToPath(documentPath),
      '--config',
      'redocly.yaml',
      '--format',
      'json',
    ],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  );
  expect(JSON.parse(output.slice(output.indexOf('{'))).problems).toEqual([]);
});

it('has a working list of operations', () => {
  const ids = operations.map(({ operationId }) => operationId);
  expect(ids.length).toBeGreaterThan(4);
  expect(new Set(ids).size).toBe(ids.length);
});
