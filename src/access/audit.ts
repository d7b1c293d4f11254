/** Who wrote what, when, from which body: never changed, read by the tenant it belongs to. */
import { createHash } from 'node:crypto';
import type pg from 'pg';

/** Who writes, in which request. */
export interface Author {
  readonly actor: string;
  readonly requestId: string;
  /** Of the bytes of the body as they came; null where there is none. */
  readonly bodySha256: Buffer | null;
}

/** What a revision says of its content: the hash of the body, or of what was done where none was sent. */
export const contentSha256 = ({ bodySha256 }: Pick<Author, 'bodySha256'>, done: string): Buffer =>
  bodySha256 ?? createHash('sha256').update(done).digest();

interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly revision: number | null;
  readonly bodySha256: Buffer | null;
  readonly requestId: string | null;
}

interface AuditFilter {
  readonly tenant: string;
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  /** Events before this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export const listAuditEvents = async (
  pool: Pick<pg.Pool, 'query'>,
  { tenant, subject, actor, before, limit }: AuditFilter,
): Promise<readonly AuditEvent[]> =>
  (
    await pool.query<AuditEvent>(
      `select audit_event_id::text as id, at, actor, action, subject, revision, body_sha256 as "bodySha256", request_id as "requestId"
       from audit_event
       where tenant = $1 and ($2::text is null or subject = $2) and ($3::text is null or actor = $3)
         and ($4::bigint is null or audit_event_id < $4)
       order by audit_event_id desc limit $5`,
      [tenant, subject ?? null, actor ?? null, before ?? null, limit],
    )
  ).rows;
