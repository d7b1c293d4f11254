import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createKey, KeyRefusal, keySha256, listKeys, revokeKey } from '../../src/access/keys.ts';
import { useTestDatabase } from '../helpers/database.ts';

const database = useTestDatabase('migrated');

describe('a key', () => {
  it('is made with its tenant and scopes, listed without itself, and revoked', async () => {
    const { pool } = database();
    const key = await createKey(pool, { tenant: 'acme', label: 'buyer', scopes: ['prices:write', 'books:write'] });
    const [made] = await listKeys(pool);
    expect(made).toMatchObject({
      tenant: 'acme',
      label: 'buyer',
      scopes: ['prices:write', 'books:write'],
      revokedAt: null,
    });
    expect(JSON.stringify(await listKeys(pool))).not.toContain(key);
    const { rows } = await pool.query<{ hash: Buffer }>('select key_sha256 as hash from api_key');
    expect(rows).toEqual([{ hash: keySha256(key) }]);
    await expect(createKey(pool, { tenant: 'acme', label: 'buyer', scopes: ['books:read'] })).rejects.toThrow(
      /already/,
    );
    expect((await revokeKey(pool, made?.id ?? 0)).revokedAt).not.toBeNull();
    await expect(revokeKey(pool, made?.id ?? 0)).rejects.toThrow(KeyRefusal);
    await createKey(pool, { tenant: 'acme', label: 'buyer', scopes: ['books:read'] });
  });

  it.each([
    [{ tenant: 'Acme', label: 'x', scopes: ['books:read'] }, /tenant/],
    [{ tenant: 'acme', label: 'a/b', scopes: ['books:read'] }, /label/],
    [{ tenant: 'acme', label: 'x', scopes: [] }, /at least one/],
    [{ tenant: 'acme', label: 'x', scopes: ['books:raed'] }, /books:read/],
    [{ tenant: 'acme', label: 'x', scopes: ['catalog:write'] }, /house alone/],
    [{ tenant: 'acme', label: 'x', scopes: ['admin'] }, /house alone/],
  ])('%o is refused with a sentence', async (wish, sentence) => {
    await expect(createKey(database().pool, wish)).rejects.toThrow(sentence);
  });

  it('of another tenant never reaches the catalog of everybody, whoever writes the table', async () => {
    const insert = database().pool.query(
      `insert into api_key (tenant, label, key_sha256, scopes) values ('acme', 'sly', sha256('a'), '{catalog:write}')`,
    );
    await expect(insert).rejects.toThrow(/api_key_catalog_is_the_house_s/);
  });
});

const command = async (...words: string[]) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/access/keys-command.ts'), ...words], {
    env: { PATH: process.env.PATH ?? '', DATABASE_URL: database().url },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
};

describe('npm run keys', () => {
  it('makes, lists and revokes', async () => {
    const made = await command('make', '--tenant', 'globex', '--label', 'cli', '--scope', 'books:read');
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^planner_[\w-]{32}\n$/) });
    const row = (await command('list')).stdout.split('\n').find((line) => line.includes('globex'));
    expect(row).toMatch(/^\d+\tglobex\tcli\tbooks:read\t\d{4}-\d\d-\d\d\t$/);
    const revoked = await command('revoke', row?.split('\t')[0] ?? '');
    expect(revoked).toMatchObject({ code: 0, stdout: "Revoked 'cli' of globex.\n" });
  });

  it('says what is wrong', async () => {
    expect(await command('mkae')).toMatchObject({ code: 2, stderr: expect.stringContaining("no command 'mkae'") });
    expect(await command('revoke', '999')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no valid key 999'),
    });
  });
});
