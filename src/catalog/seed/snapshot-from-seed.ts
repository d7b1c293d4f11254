/** The snapshot that a database with this seed alone would give, without a database: for tests, benchmarks and scripts. */
import { amountVersionsOfContents, type CatalogContents, entriesOfContents } from '../contents.ts';
import { NO_ENTRIES, withStatements } from '../entry-table.ts';
import { type AmountStatement, priceColumnsOf } from '../price-columns.ts';
import { buildSnapshot, type CatalogView } from '../snapshot.ts';
import { contentSha256Of, SEED_ACTOR, SEED_REASON } from './seeding.ts';

const SOURCE = { sourceId: 'seed', precedence: 10_000 };

/** @throws CatalogContentsError when the contents contradict themselves. */
export const snapshotFromSeed = (
  contents: CatalogContents,
  { revision = 1, committedAt = '2026-01-01T00:00:00.000Z' } = {},
): CatalogView => {
  const entries = entriesOfContents(contents);
  const amounts = amountVersionsOfContents(contents);
  const versions = Map.groupBy(amounts, ({ amount }) => amount.priceId);
  const statement = ({
    validFrom,
    state,
    amount,
  }: ReturnType<typeof amountVersionsOfContents>[number]): AmountStatement => ({
    precedence: SOURCE.precedence,
    revision,
    state,
    validFromMs: Date.parse(validFrom),
    amount: { ...amount, sourceId: SOURCE.sourceId },
  });
  return buildSnapshot({
    revision,
    committedAt,
    revisions: [
      {
        revision,
        committedAt,
        sourceId: SOURCE.sourceId,
        actor: SEED_ACTOR,
        reason: SEED_REASON,
        contentSha256: contentSha256Of(entries, contents.priceIdentities, amounts).toString('hex'),
      },
    ],
    entries: withStatements(
      NO_ENTRIES,
      entries.map(({ kind, id, state, body }) => ({
        ...SOURCE,
        kind,
        id,
        state,
        revision,
        body: body as Readonly<Record<string, unknown>>,
      })),
    ),
    prices: priceColumnsOf(
      contents.priceIdentities.map((identity) => ({
        identity,
        statements: (versions.get(identity.id) ?? []).map(statement),
      })),
      revision,
    ),
  });
};
