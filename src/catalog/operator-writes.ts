/**
 * What operators write: statements of the source "operator", which outranks the seed. Each write is one revision with an audit
 * row, or nothing at all when it says what is there already.
 */
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { type Author, contentSha256 } from '../access/audit.ts';
import type { PriceIdentity } from '../domain/catalog/offers.ts';
import type { EntryKind } from './entry.ts';
import { addEntryVersions, type EntryVersion } from './queries/entry-versions.ts';
import {
  type AmountVersion,
  addAmountVersions,
  addPriceIdentities,
  voidAmountsOfPrice,
} from './queries/price-versions.ts';
import { readEntryStatements } from './queries/read-entries.ts';
import { inNewRevision, type OpenRevision } from './queries/revisions.ts';
import { type EntryStatement, resolveEntry } from './resolve-entries.ts';
import type { Database } from './tables.ts';

export const OPERATOR_SOURCE_ID = 'operator';

/** What is there before a write, read under the catalog lock. */
export interface EntryBefore {
  /** The revision that last touched it; undefined when the catalog never heard of it. */
  readonly revision: number | undefined;
  readonly entry: { readonly id: string } | undefined;
  /** What operators say of it so far. */
  readonly own: EntryStatement | undefined;
  /** Whether another source says anything of it. */
  readonly othersSpeak: boolean;
}

const audit = async (
  { transaction, revision }: OpenRevision,
  { actor, requestId, bodySha256 }: Author,
  action: string,
  subject: string,
): Promise<void> => {
  await transaction
    .insertInto('audit_event')
    .values({ actor, action, subject, revision, body_sha256: bodySha256, request_id: requestId })
    .execute();
};

const changeOf = (author: Author, reason: string) => ({
  sourceId: OPERATOR_SOURCE_ID,
  actor: author.actor,
  reason,
  contentSha256: contentSha256(author, reason),
});

const entryOf = (statements: readonly EntryStatement[]): { readonly id: string } | undefined =>
  resolveEntry(statements).entry as { readonly id: string } | undefined;

const isOwn = ({ sourceId }: EntryStatement): boolean => sourceId === OPERATOR_SOURCE_ID;

const precedenceOf = async ({ transaction, sourceKey }: OpenRevision): Promise<number> => {
  const { precedence } = await transaction
    .selectFrom('catalog_source')
    .select('precedence')
    .where('source_key', '=', sourceKey)
    .executeTakeFirstOrThrow();
  return precedence;
};

/**
 * Replaces what operators say of an entry: `stated` adds or corrects it, `retired` ends it, `void` takes the statement back.
 * Both functions run under the lock and throw to refuse.
 * @param decide the new statement, given what is there.
 * @param check sees the entry as it would be.
 * @returns the new revision, or undefined when nothing changed.
 */
export const writeEntry = async (
  db: Kysely<Database>,
  { kind, id }: { readonly kind: EntryKind; readonly id: string },
  author: Author,
  decide: (before: EntryBefore) => Pick<EntryVersion, 'state' | 'body'>,
  check: (after: { readonly id: string } | undefined) => void = () => undefined,
): Promise<number | undefined> => {
  const subject = `${kind}/${id}`;
  return inNewRevision(db, changeOf(author, `Write ${subject}`), async (open) => {
    const statements = await readEntryStatements(open.transaction, kind, id);
    const others = statements.filter((statement) => !isOwn(statement));
    const revisions = statements.map(({ revision }) => revision);
    const { state, body } = decide({
      revision: revisions.length === 0 ? undefined : Math.max(...revisions),
      entry: entryOf(statements),
      own: statements.find(isOwn),
      othersSpeak: others.some((statement) => statement.state !== 'void'),
    });
    const own: EntryStatement = {
      kind,
      id,
      state,
      body: body as EntryStatement['body'],
      sourceId: OPERATOR_SOURCE_ID,
      precedence: await precedenceOf(open),
      revision: open.revision,
    };
    check(entryOf([...others, own]));
    const added = await addEntryVersions(open, [{ kind, id, state, body }]);
    if (added > 0) await audit(open, author, state, subject);
    return added;
  });
};

/** The revision that last said anything about a price to everybody. */
const priceRevision = async ({ transaction }: OpenRevision, priceId: string): Promise<number | undefined> => {
  const { rows } = await sql<{ revision: number | null }>`
    select max(a.revision) as revision from price_identity i join price_amount a using (price_key)
      join catalog_source s using (source_key)
    where i.id = ${priceId} and s.kind <> 'price_book'`.execute(transaction);
  return rows[0]?.revision ?? undefined;
};

/**
 * Says what a price is from a date on, or (`withdrawn`) that it is gone from then on.
 * @param check sees the revision that last touched the price, under the lock; it throws to refuse.
 */
export const writePrice = async (
  db: Kysely<Database>,
  identity: PriceIdentity,
  versions: readonly AmountVersion[],
  author: Author,
  check: (revision: number | undefined) => void,
): Promise<number | undefined> =>
  inNewRevision(db, changeOf(author, `Write price/${identity.id}`), async (open) => {
    check(await priceRevision(open, identity.id));
    await addPriceIdentities(open, [identity]);
    const added = await addAmountVersions(open, versions);
    if (added > 0) await audit(open, author, versions[0]?.state ?? 'in_force', `price/${identity.id}`);
    return added;
  });

/** Takes back all that the operator ever said of a price. */
export const takeBackPrice = async (
  db: Kysely<Database>,
  priceId: string,
  author: Author,
  check: (revision: number | undefined) => void,
): Promise<number | undefined> =>
  inNewRevision(db, changeOf(author, `Take back price/${priceId}`), async (open) => {
    check(await priceRevision(open, priceId));
    const added = await voidAmountsOfPrice(open, priceId);
    if (added > 0) await audit(open, author, 'void', `price/${priceId}`);
    return added;
  });
