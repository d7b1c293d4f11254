/** API keys: whose they are and what they allow. The database keeps their hashes alone. */
import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';

/** The tenant that runs the service; only its keys may write the catalog that everybody reads. */
export const HOUSE = 'house';

export const adminScope = 'admin';

export const SCOPES: Readonly<Record<string, string>> = {
  [adminScope]: 'everything, within the tenant of the key',
  'catalog:write': 'change entries and single prices of the catalog',
  'prices:write': 'send price lists, read their reports, decide on quarantine',
  'books:read': 'read price books and name them in estimates',
  'books:write': 'make, change and retire price books',
  'audit:read': 'read who wrote what',
};

/** Scopes that reach the catalog of everybody. */
const HOUSE_SCOPES: readonly string[] = [adminScope, 'catalog:write'];

const TENANT = /^[a-z0-9][a-z0-9-]{0,39}$/;
const LABEL = /^[A-Za-z0-9][A-Za-z0-9 ._@-]{0,79}$/;

interface ApiKey {
  readonly id: number;
  readonly tenant: string;
  readonly label: string;
  readonly scopes: readonly string[];
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** What is wrong with a wish for a key, as a sentence. */
export class KeyRefusal extends Error {}

/** High-entropy keys need no salt and no slow hash. */
export const keySha256 = (key: string): Buffer => createHash('sha256').update(key).digest();

export const newKey = (): string => `planner_${randomBytes(24).toString('base64url')}`;

const COLUMNS = 'api_key_id as id, tenant, label, scopes, created_at as "createdAt", revoked_at as "revokedAt"';

/**
 * @returns the key itself, which nobody can see a second time.
 * @throws KeyRefusal
 */
export const createKey = async (
  pool: Pick<pg.Pool, 'query'>,
  { tenant, label, scopes }: Pick<ApiKey, 'tenant' | 'label' | 'scopes'>,
): Promise<string> => {
  if (!TENANT.test(tenant)) throw new KeyRefusal(`'${tenant}' is no tenant; use small letters, digits and hyphens.`);
  if (!LABEL.test(label)) {
    throw new KeyRefusal(`'${label}' is no label; use letters, digits, spaces and . _ @ -, 80 at most.`);
  }
  if (scopes.length === 0) throw new KeyRefusal(`Give at least one scope of ${Object.keys(SCOPES).join(', ')}.`);
  const unknown = scopes.find((scope) => SCOPES[scope] === undefined);
  if (unknown !== undefined) {
    throw new KeyRefusal(`There is no scope '${unknown}'; choose from ${Object.keys(SCOPES).join(', ')}.`);
  }
  const ofHouse = scopes.find((scope) => HOUSE_SCOPES.includes(scope));
  if (tenant !== HOUSE && ofHouse !== undefined) {
    throw new KeyRefusal(`The scope '${ofHouse}' is for keys of the tenant ${HOUSE} alone.`);
  }
  const key = newKey();
  try {
    await pool.query('insert into api_key (tenant, label, key_sha256, scopes) values ($1, $2, $3, $4)', [
      tenant,
      label,
      keySha256(key),
      [...new Set(scopes)],
    ]);
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    throw new KeyRefusal(`${tenant} has a key '${label}' already; revoke that one first, or take another label.`);
  }
  return key;
};

/** Revoked ones too, the oldest first. */
export const listKeys = async (pool: Pick<pg.Pool, 'query'>): Promise<readonly ApiKey[]> =>
  (await pool.query<ApiKey>(`select ${COLUMNS} from api_key order by api_key_id`)).rows;

/**
 * From now on nobody gets in with it; what it wrote keeps its name.
 * @throws KeyRefusal
 */
export const revokeKey = async (pool: Pick<pg.Pool, 'query'>, id: number): Promise<ApiKey> => {
  const { rows } = await pool.query<ApiKey>(
    `update api_key set revoked_at = now() where api_key_id = $1 and revoked_at is null returning ${COLUMNS}`,
    [id],
  );
  if (rows[0] === undefined) throw new KeyRefusal(`There is no valid key ${id}; list shows those that there are.`);
  return rows[0];
};
