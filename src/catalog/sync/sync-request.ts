/** What is asked for with a price list. */
import { createHash } from 'node:crypto';
import type { ListFormat } from './receive.ts';
import type { SyncScope } from './row-rules.ts';
import type { SyncMode } from './run.ts';

export interface SyncRequest {
  readonly actor: string;
  /** Whose the report is. */
  readonly tenant: string;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly sourceId: string;
  readonly mode: SyncMode;
  readonly dryRun: boolean;
  readonly scope: SyncScope;
  readonly ifMatch: string | undefined;
  readonly format: ListFormat;
}

/** Of all that decides what a sync does, apart from its list. */
export const requestSha256 = ({
  sourceId,
  mode,
  dryRun,
  scope,
  format: { mediaType, conversion },
}: SyncRequest): Buffer => {
  const decides = [sourceId, mode, dryRun, scope.providers, scope.regions, scope.categories, mediaType];
  const file = conversion && [conversion.options.date, conversion.options.region, conversion.knownSkusOnly];
  return createHash('sha256')
    .update(JSON.stringify(file === undefined ? decides : [...decides, ...file]))
    .digest();
};
