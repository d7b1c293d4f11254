/** Waiting for a PostgreSQL that is not there yet, and refusing one that is too old. */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartFailure } from '../start-failure.ts';

const firstDelayMs = 100;
const longestDelayMs = 5000;
const oldestServerVersion = 150000;

/** SQLSTATEs that waiting does not cure: wrong password, refused by pg_hba.conf, no right to connect. */
const hopeless = new Set(['28P01', '28000', '42501']);

interface WaitOptions {
  /** Where the database is, for messages, without secrets. */
  readonly label: string;
  readonly timeoutMs: number;
  /** Told of each failed attempt, with the reason in words and the delay before the next one. */
  readonly onRetry: (reason: string, delayMs: number) => void;
  readonly signal?: AbortSignal;
}

/** Resolves once the database answers and is PostgreSQL 15 or later; StartFailure when it is older, refuses us, or `timeoutMs` has passed. */
export async function waitForDatabase(pool: pg.Pool, options: WaitOptions): Promise<void> {
  const deadline = performance.now() + options.timeoutMs;
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
    try {
      const { rows } = await pool.query<{ version: string; number: string }>(
        `select current_setting('server_version') as version, current_setting('server_version_num') as number`,
      );
      const server = rows[0];
      if (server === undefined || Number(server.number) < oldestServerVersion) {
        throw new StartFailure(`PostgreSQL 15 or later is needed; ${options.label} runs ${server?.version}.`);
      }
      return;
    } catch (error) {
      if (error instanceof StartFailure) throw error;
      const reason = connectFailureReason(error);
      if (error instanceof Error && 'code' in error && hopeless.has(String(error.code))) {
        throw new StartFailure(`The database ${options.label} refuses the connection (${reason}); check DATABASE_URL.`);
      }
      if (performance.now() + delayMs > deadline) {
        throw new StartFailure(
          `The database ${options.label} could not be reached within ${options.timeoutMs / 1000} s (${reason}); start it, or check DATABASE_URL.`,
        );
      }
      options.onRetry(reason, delayMs);
      await sleep(delayMs, undefined, options.signal ? { signal: options.signal } : {});
    }
  }
}

/** What went wrong in a few words. Several addresses tried for one name (IPv6, IPv4) come as an AggregateError without a message. */
export function connectFailureReason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return connectFailureReason(error.errors.at(-1));
  return error instanceof Error ? error.message : String(error);
}
