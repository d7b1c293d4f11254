/** Placements in the database: the question, where it stands (operation), and the answer. */
import type pg from 'pg';
import { createOperation, finishOperation } from '../catalog/sync/operations.ts';

/** Kind of the operation. */
export const PLACEMENT_OPERATION = 'deployment_placement';

/**
 * Whose placements are that nobody's key came with: whoever knows the id may read them. No tenant can have the name.
 */
export const NOBODY = '';

/** Answers are kept for so long. */
export const KEPT_DAYS = 90;

type Queryable = Pick<pg.Pool, 'query'>;

interface StoredPlacement {
  readonly tenant: string;
  /** JSON as text, as it was answered; null while there is none. */
  readonly answer: string | null;
  readonly question: unknown;
  /** Of the catalog, that it was asked on. */
  readonly revision: number;
}

/** All or nothing. */
const inTransaction = async (pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true); // what was begun ends with the connection
    throw error;
  }
};

interface Question {
  readonly question: unknown;
  readonly tenant: string;
}

const addQuestion = async (client: pg.ClientBase, id: string, { question, tenant }: Question): Promise<void> => {
  await createOperation(client, id, PLACEMENT_OPERATION, { actor: tenant === NOBODY ? 'nobody' : tenant, tenant });
  await client.query('insert into deployment_placement (deployment_placement_id, question) values ($1, $2)', [
    id,
    JSON.stringify(question),
  ]);
};

const addAnswer = async (client: pg.ClientBase, id: string, answer: unknown): Promise<void> => {
  // What has ended keeps the answer that was given for it.
  if (!(await finishOperation(client, id, 'succeeded'))) return;
  await client.query('update deployment_placement set answer = $2 where deployment_placement_id = $1', [
    id,
    JSON.stringify(answer),
  ]);
};

/** With its operation. */
export const keepQuestion = (pool: pg.Pool, id: string, question: Question): Promise<void> =>
  inTransaction(pool, (client) => addQuestion(client, id, question));

/** Ends its operation, unless that has ended. */
export const keepAnswer = (pool: pg.Pool, id: string, answer: unknown): Promise<void> =>
  inTransaction(pool, (client) => addAnswer(client, id, answer));

/** What was answered at once. */
export const keepBoth = (pool: pg.Pool, id: string, question: Question, answer: unknown): Promise<void> =>
  inTransaction(pool, async (client) => {
    await addQuestion(client, id, question);
    await addAnswer(client, id, answer);
  });

export const findPlacement = async (db: Queryable, id: string): Promise<StoredPlacement | undefined> => {
  const { rows } = await db.query<StoredPlacement>(
    `select o.tenant, p.answer::text as answer, p.question,
       (p.question ->> 'catalogRevision')::integer as revision from deployment_placement p
     join operation o on o.operation_id = p.deployment_placement_id where p.deployment_placement_id = $1`,
    [id],
  );
  return rows[0];
};

/** With them go their operations, which nothing else names. */
export const dropOldPlacements = async (db: Queryable): Promise<void> => {
  await db.query(
    `delete from operation o using deployment_placement p
     where p.deployment_placement_id = o.operation_id and o.finished_at is not null
       and p.created_at < now() - make_interval(days => $1)`,
    [KEPT_DAYS],
  );
};
