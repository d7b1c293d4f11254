/**
 * If-Match: a list is merged only if the source still says, within the scope of the list, what its sender saw. Revisions of a price book that
 * change no price of its private list do not matter.
 */
import type pg from 'pg';
import { inScope } from './compare.ts';
import { SyncFailure } from './failure.ts';
import type { SyncRecord } from './records.ts';

/** Tag of the last revision of a source. */
export const scopeTag = (sourceId: string, revision: number): string => `"${sourceId}.${revision}"`;

/**
 * @param revision the last one of the source
 * @throws SyncFailure where a price of the scope has changed since every revision that If-Match names
 */
export const checkTag = async (
  client: pg.ClientBase,
  { ifMatch, sourceId, scope }: SyncRecord,
  source: { readonly key: number; readonly revision: number },
): Promise<void> => {
  if (ifMatch === null) return;
  const tag = scopeTag(sourceId, source.revision);
  const tags = ifMatch.split(',').map((it) => it.trim());
  if (tags.includes(tag) || tags.includes('*')) return;
  const misread = tags.find((it) => !/^"[^"]*"$/.test(it));
  if (misread !== undefined) throw new SyncFailure('scope_changed', sentenceOn(misread, tag), { etag: tag });
  const seen = Math.max(...tags.map((it) => revisionOf(it, sourceId)));
  if (seen >= 0 && seen < source.revision) {
    const { rows } = await client.query(
      `select from price_amount a join price_identity i using (price_key)
       where a.revision > $1 and a.source_key = $2 and ${inScope(scope)} limit 1`,
      [seen, source.key],
    );
    if (rows.length === 0) return;
  }
  throw new SyncFailure(
    'scope_changed',
    `'${sourceId}' has changed since: its tag is ${tag}. Look at the differences of a new dry run and send that tag in If-Match.`,
    { etag: tag },
  );
};

/** Weak tags never match in If-Match (RFC 9110 section 13.1.1). */
const sentenceOn = (given: string, tag: string): string =>
  given.startsWith('W/')
    ? `If-Match has the weak tag ${given}, which never matches; something on the way weakened it. Send it without W/: the present one is ${tag}.`
    : `If-Match has ${given}, which is no tag: a tag stands in quotes, like the present one, ${tag}.`;

/** -1 for a tag of something else than the source. */
const revisionOf = (tag: string, sourceId: string): number => {
  const [, of, revision] = /^"(.*)\.(\d{1,9})"$/.exec(tag) ?? [];
  return of === sourceId ? Number(revision) : -1;
};
