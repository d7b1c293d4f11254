/** Who may write: API keys, of which the database keeps hashes. */
import type { FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Author } from '../../access/audit.ts';
import { adminScope, HOUSE, keySha256 } from '../../access/keys.ts';
import type { Database } from '../../catalog/tables.ts';
import { ProblemError } from '../problems/problem-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who writes: the label of the key that the caller proved to have, with its tenant where that is not the house. */
    actor?: string;
    /** Whose key it is. */
    tenant?: string;
    /** SHA-256 of the JSON body as it came, of who writes. */
    bodySha256?: Buffer;
  }
}

/** X-API-Key, or Authorization: Bearer. */
const givenKey = ({ headers }: FastifyRequest): string | undefined => {
  const header = headers['x-api-key'];
  if (typeof header === 'string' && header !== '') return header;
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
};

/** Whoever may write price books may read them. */
const IMPLIED_BY: Readonly<Record<string, string>> = { 'books:read': 'books:write' };

const headers = { 'www-authenticate': 'Bearer realm="planner"' };

interface KnownKey {
  readonly tenant: string;
  readonly label: string;
  readonly scopes: readonly string[];
}

/** The key that came with a request; undefined where none did. One that is not known is refused. */
export const keyOf = async (db: Kysely<Database>, request: FastifyRequest): Promise<KnownKey | undefined> => {
  const key = givenKey(request);
  if (key === undefined) return undefined;
  const known = await db
    .selectFrom('api_key')
    .select(['tenant', 'label', 'scopes'])
    .where('key_sha256', '=', keySha256(key))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  if (known === undefined) {
    throw new ProblemError('unauthenticated', 'This API key is not known or has been revoked.', { headers });
  }
  return known;
};

/** An onRequest hook, so that strangers learn nothing about what a body should look like. The scope "admin" allows everything within its tenant. */
export const requireScope =
  (db: Kysely<Database>, scope: string) =>
  async (request: FastifyRequest): Promise<void> => {
    const known = await keyOf(db, request);
    if (known === undefined) {
      throw new ProblemError(
        'unauthenticated',
        'This operation needs an API key: send it in the header X-API-Key, or as Authorization: Bearer.',
        { headers },
      );
    }
    if (![scope, IMPLIED_BY[scope], adminScope].some((one) => one !== undefined && known.scopes.includes(one))) {
      throw new ProblemError(
        'forbidden',
        `The key '${known.label}' does not have the scope '${scope}'; use one that has.`,
        { extensions: { requiredScope: scope } },
      );
    }
    request.tenant = known.tenant;
    request.actor = known.tenant === HOUSE ? known.label : `${known.tenant}/${known.label}`;
  };

/** Of a request that requireScope let through, for the audit. */
export const authorOf = ({ actor, id, bodySha256 }: FastifyRequest): Author => {
  if (actor === undefined) throw new Error('Only an operation that needs a key knows who writes.');
  return { actor, requestId: id, bodySha256: bodySha256 ?? null };
};

/** Of a request that requireScope let through. */
export const tenantOf = ({ tenant }: FastifyRequest): string => {
  if (tenant === undefined) throw new Error('Only an operation that needs a key knows a tenant.');
  return tenant;
};
