import { beforeEach, describe, expect, it } from 'vitest';
import { ensureAdminKey } from '../../src/access/admin-key.ts';
import { keySha256 } from '../../src/access/keys.ts';
import { useTestDatabase } from '../helpers/database.ts';

const database = useTestDatabase('migrated');
beforeEach(() => database().pool.query('truncate api_key'));

async function validKeys(): Promise<readonly Buffer[]> {
  const { rows } = await database().pool.query<{ key_sha256: Buffer }>(
    'select key_sha256 from api_key where revoked_at is null order by api_key_id',
  );
  return rows.map((row) => row.key_sha256);
}

describe('the admin key', () => {
  it('is made once and only its hash is kept', async () => {
    const key = await ensureAdminKey(database().pool, undefined);
    expect(key).toMatch(/^planner_[\w-]{32}$/);
    expect(await ensureAdminKey(database().pool, undefined)).toBeUndefined();
    expect(await validKeys()).toEqual([keySha256(String(key))]);
    const { rows } = await database().pool.query('select api_key::text as row from api_key');
    expect(JSON.stringify(rows)).not.toContain(key);
  });

  it('is made by one of several instances that start together', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => ensureAdminKey(database().pool, undefined)));
    expect(made.filter((key) => key !== undefined)).toHaveLength(1);
  });

  it('is the configured one, which replaces the one configured before', async () => {
    const [first, second] = ['first-configured-key', 'second-configured-key'];
    await ensureAdminKey(database().pool, first);
    await ensureAdminKey(database().pool, first);
    expect(await validKeys()).toEqual([keySha256(first)]);
    await ensureAdminKey(database().pool, second);
    expect(await validKeys()).toEqual([keySha256(second)]);
    await ensureAdminKey(database().pool, first);
    expect(await validKeys()).toEqual([keySha256(first)]);
  });
});
