/** The report on one sync, as the API tells it. */
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { CatalogHolder } from '../../../catalog/holder.ts';
import { isPriceBookSource } from '../../../catalog/price-books/source.ts';
import { findOperation, type OperationRecord } from '../../../catalog/sync/operations.ts';
import {
  type Difference,
  findSync,
  listDryRunDifferences,
  listRejections,
  listRevisionDifferences,
  listWaitingChanges,
  type SyncRecord,
} from '../../../catalog/sync/records.ts';
import { tenantOf } from '../../plugins/api-key.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { differenceToApi, waitingToApi } from './paging.ts';

const FIRST_FEW = 20;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const noSuchSync = (id: string): ProblemError => new ProblemError('resource-not-found', `There is no sync '${id}'.`);

export const differencesOf = (
  pool: pg.Pool,
  record: SyncRecord,
  after: string,
  limit: number,
): Promise<readonly Difference[]> => {
  if (record.dryRun) return listDryRunDifferences(pool, record.id, after, limit);
  return record.revision === null ? Promise.resolve([]) : listRevisionDifferences(pool, record.revision, after, limit);
};

export const syncToApi = async (pool: pg.Pool, record: SyncRecord, operation: OperationRecord) => {
  const [rejections, differences, waiting] = await Promise.all([
    listRejections(pool, record.id, [0, 0], FIRST_FEW),
    differencesOf(pool, record, '', FIRST_FEW),
    (record.counts?.quarantined ?? 0) === 0 ? [] : listWaitingChanges(pool, record.id, '', FIRST_FEW),
  ]);
  return {
    id: record.id,
    sourceId: record.sourceId,
    mode: record.mode,
    dryRun: record.dryRun,
    scope: record.scope,
    state: operation.state,
    actor: record.actor,
    createdAt: record.createdAt.toISOString(),
    effectiveAt: record.effectiveAt.toISOString(),
    bodySha256: record.bodySha256?.toString('hex') ?? null,
    revision: record.revision,
    etag: record.etag,
    ...(record.counts !== null && { counts: record.counts }),
    ...(record.leftOut !== null && { leftOut: record.leftOut }),
    notes: record.notes,
    firstRejections: rejections.map(({ ordinal: _, ...rejection }) => rejection),
    firstQuarantined: waiting.map(waitingToApi),
    firstDifferences: differences.map(differenceToApi),
    ...(operation.failure !== null && { failure: operation.failure }),
  };
};

/** @throws ProblemError where the tenant of the key has no such sync. */
export const foundSync = async (
  pool: pg.Pool,
  request: FastifyRequest,
  id: string,
): Promise<{ record: SyncRecord; operation: OperationRecord }> => {
  if (!UUID.test(id)) throw noSuchSync(id);
  const [record, operation] = await Promise.all([findSync(pool, id), findOperation(pool, id)]);
  if (record?.tenant !== tenantOf(request) || operation === undefined) throw noSuchSync(id);
  return { record, operation };
};

/** Whoever is told that a list has landed must be able to read its prices: its revision may be committed but not yet loaded. */
export const loadWhatLanded = async (
  catalog: Pick<CatalogHolder, 'current' | 'refresh'>,
  { revision, sourceId }: Pick<SyncRecord, 'revision' | 'sourceId'>,
): Promise<void> => {
  if (revision === null || isPriceBookSource(sourceId) || revision <= catalog.current().revision) return;
  await catalog.refresh();
};
