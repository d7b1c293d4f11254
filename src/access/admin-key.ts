/** The first key, with which the operator may change the catalog and make others. */
import type pg from 'pg';
import { adminScope, keySha256, newKey } from './keys.ts';

/** Labels of the two ways it comes to be. */
const configuredLabel = 'ADMIN_API_KEY';
const generatedLabel = 'generated admin key';

/**
 * Makes `configured` the admin key and revokes the one configured before it. Without one, makes a key when the database has
 * no valid admin key yet, and returns it: the only time that anyone sees it. Safe to run from several instances at once.
 */
export async function ensureAdminKey(pool: pg.Pool, configured: string | undefined): Promise<string | undefined> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('lock table api_key in share row exclusive mode');
    const generated = configured === undefined ? await generate(client) : await configure(client, configured);
    await client.query('commit');
    return generated;
  } catch (error) {
    await client.query('rollback').catch(() => undefined); // the connection itself may be what failed
    throw error;
  } finally {
    client.release();
  }
}

async function configure(client: pg.PoolClient, key: string): Promise<undefined> {
  const hash = keySha256(key);
  await client.query(
    'update api_key set revoked_at = now() where label = $1 and key_sha256 <> $2 and revoked_at is null',
    [configuredLabel, hash],
  );
  await client.query(
    `insert into api_key (label, key_sha256, scopes) values ($1, $2, $3)
     on conflict (key_sha256) do update set revoked_at = null where api_key.revoked_at is not null`,
    [configuredLabel, hash, [adminScope]],
  );
}

async function generate(client: pg.PoolClient): Promise<string | undefined> {
  const { rowCount } = await client.query(
    'select from api_key where $1 = any (scopes) and revoked_at is null limit 1',
    [adminScope],
  );
  if (rowCount !== 0) return undefined;
  const key = newKey();
  await client.query('insert into api_key (label, key_sha256, scopes) values ($1, $2, $3)', [
    generatedLabel,
    keySha256(key),
    [adminScope],
  ]);
  return key;
}
