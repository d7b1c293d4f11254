/** Single dated prices by operators. Whole price lists come another way. */
import { Type } from '@sinclair/typebox';
import { OPERATOR_SOURCE_ID, takeBackPrice, writePrice } from '../../../catalog/operator-writes.ts';
import { paymentFault } from '../../../catalog/payment-parts.ts';
import type { DatedPrice } from '../../../catalog/price-columns.ts';
import type { AmountVersion } from '../../../catalog/queries/price-versions.ts';
import type { CatalogView } from '../../../catalog/snapshot.ts';
import type { Dependencies } from '../../../dependencies.ts';
import { type PriceIdentity, priceIdentityId } from '../../../domain/catalog/offers.ts';
import type { Provenance } from '../../../domain/catalog/provenance.ts';
import type { App } from '../../application.ts';
import { authorOf, requireScope } from '../../plugins/api-key.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { PriceInputSchema } from '../../schemas/catalog/input.ts';
import { DatedAmountSchema } from '../../schemas/catalog/offers.ts';
import { idParameter } from '../../schemas/catalog/page.ts';
import { ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses, withBody } from '../../schemas/responses.ts';
import { keyNeeded } from '../../schemas/security.ts';
import { notFound } from './collection.ts';
import { checkCurrency } from './currency.ts';
import { checkTexts } from './invariants.ts';
import { checkPrecondition } from './precondition.ts';
import { inEachCurrency, priceExample, priceTag, withStaleFrom } from './prices.ts';
import { parseMoment, tellReading, viewAt } from './reading.ts';
import { conditionHeaders, WRITE_SCOPE, withdrawQuery } from './writing.ts';

type PriceInput = Partial<Omit<PriceIdentity, 'id'>> &
  Partial<Provenance> & {
    readonly amount: string | null;
    readonly upfront?: string;
    readonly currency: string;
    readonly validFrom?: string;
  };

const IDENTITY_FIELDS = ['offerId', 'category', 'termMonths', 'payment', 'tierFrom', 'unit'] as const;

const refuse = (pointer: string, detail: string, rule: string): never => {
  throw new ProblemError('invalid-request', `The body was refused. ${detail}`, { errors: [{ pointer, detail, rule }] });
};

/** The known identity, or a new one that the body describes and whose id fits. */
const identityOf = (view: CatalogView, id: string, body: PriceInput): PriceIdentity => {
  const known = view.priceIdentity(id);
  if (known !== undefined) {
    for (const field of IDENTITY_FIELDS) {
      if (body[field] !== undefined && body[field] !== known[field]) {
        refuse(
          `#/${field}`,
          `Price '${id}' has ${field} ${known[field]} for ever; leave it out, or write to another price.`,
          'consistency',
        );
      }
    }
    return known;
  }
  const { offerId, category } = body;
  if (offerId === undefined || category === undefined) {
    const near = view.nearest('price', id)[0];
    const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
    return refuse(
      `#/${offerId === undefined ? 'offerId' : 'category'}`,
      `The catalog has no price '${id}' yet, and a new one needs offerId and category.${hint}`,
      'required',
    );
  }
  if (view.offer(offerId) === undefined) {
    const near = view.nearest('offer', offerId)[0];
    const detail = `The catalog has no offer '${offerId}'.${near === undefined ? ' Add the offer first.' : ` Did you mean '${near}'?`}`;
    throw new ProblemError('unknown-catalog-id', detail, {
      errors: [{ pointer: '#/offerId', detail, rule: 'unknown_id' }],
    });
  }
  const described = {
    offerId,
    category,
    termMonths: body.termMonths ?? 0,
    payment: body.payment ?? 'none',
    tierFrom: body.tierFrom ?? 0,
    unit: body.unit ?? 'hour',
  } as const;
  const rightId = priceIdentityId(described);
  if (rightId !== id) refuse('#/offerId', `A price so described has the id '${rightId}'; put it there.`, 'consistency');
  return { id, ...described };
};

/** What a price list may not say of a price, an operator may not either. */
const checkDescribed = ({ category, termMonths, payment, unit }: PriceIdentity): void => {
  if ((category === 'committed') !== termMonths > 0) {
    const detail =
      category === 'committed'
        ? 'A commitment needs termMonths, 12 for one year.'
        : 'Only a commitment has a term: leave termMonths out.';
    refuse('#/termMonths', detail, 'contradiction');
  }
  if (category !== 'committed' && payment !== 'none') {
    refuse('#/payment', 'Only a commitment has a payment option: leave payment out.', 'contradiction');
  }
  const fits =
    category === 'token' ? unit.startsWith('million_') : unit === (category === 'purchase' ? 'each' : 'hour');
  if (!fits) refuse('#/unit', `A price of the category ${category} is not by ${unit}.`, 'contradiction');
};

/** What no answer would count is not taken, nor what would make something free. */
const checkCounted = (
  { category, payment, unit, tierFrom }: PriceIdentity,
  { amount, upfront = '0' }: PriceInput,
): void => {
  const fault = category === 'committed' && amount !== null ? paymentFault(payment, upfront) : undefined;
  if (fault !== undefined) refuse('#/upfront', fault, 'contradiction');
  if (amount !== null && !(Number(amount) > 0) && !(Number(upfront) > 0)) {
    refuse('#/amount', 'A price of 0 with nothing upfront; write null where there is no price by this unit.', 'zero');
  }
  if (category !== 'committed' && Number(upfront) > 0) {
    const detail = 'Only a commitment is paid upfront: leave upfront out, and write what is paid in amount.';
    refuse('#/upfront', detail, 'contradiction');
  }
  if (unit === 'hour' && tierFrom > 0) {
    const detail =
      'A price by the hour holds for any number of hours: leave tierFrom out. One agreed on from a volume on is a contract of a price book.';
    refuse('#/tierFrom', detail, 'contradiction');
  }
  if (unit.startsWith('million_long') && tierFrom === 0) {
    const detail =
      'A price for long prompts needs tierFrom, the length of prompt from which it holds in million tokens, like 0.2; without it every prompt would be long.';
    refuse('#/tierFrom', detail, 'required');
  }
};

const amountOf = (id: string, body: PriceInput, now: string): AmountVersion['amount'] => ({
  priceId: id,
  amount: body.amount,
  upfront: body.upfront ?? '0',
  currency: body.currency,
  observedAt: now,
  flags: [],
  source: body.source ?? '',
  sourceDate: body.sourceDate ?? null,
  confidence: body.confidence ?? 'unverified',
  licence: body.licence ?? null,
  notes: body.notes ?? null,
});

/** Somebody else has written the price since the view was read. */
class OutdatedView extends Error {}

export const priceWriteRoutes = (
  app: App,
  { catalog, db, now }: Pick<Dependencies, 'catalog' | 'db' | 'now'>,
): void => {
  /** The caller's condition, and what is written, are about what the view shows, so it must still be what the database has. */
  const check =
    (request: Parameters<typeof checkPrecondition>[0], view: CatalogView, id: string) =>
    (revision: number | undefined): void => {
      if (revision !== view.priceRevision(id)) throw new OutdatedView();
      const identity = view.priceIdentity(id);
      checkPrecondition(request, identity === undefined ? undefined : priceTag(view, identity, now().toISOString()));
    };

  /** Writes what follows from the newest view; anew where somebody else was faster, of whom a condition then hears. */
  const onNewestView = async <T>(write: (view: CatalogView) => Promise<T>): Promise<T> => {
    for (;;) {
      await catalog.refresh();
      try {
        return await write(catalog.current());
      } catch (error) {
        if (!(error instanceof OutdatedView)) throw error;
      }
    }
  };

  app.put(
    '/v1/catalog/prices/:id',
    {
      onRequest: requireScope(db, WRITE_SCOPE),
      schema: {
        operationId: 'putPrice',
        summary: 'Set a price from a date on',
        description: `Adds a dated amount, which wins over other sources from its date until the next date known. Writing to the same date again corrects it; the earlier statement stays readable at its revision. Needs an API key with the scope ${WRITE_SCOPE}.`,
        tags: ['Catalog'],
        security: keyNeeded,
        params: idParameter('price', priceExample),
        headers: conditionHeaders,
        body: ref(PriceInputSchema),
        'x-request-examples': {
          quotation: { summary: 'A quoted price from the first of next month', value: PriceInputSchema.examples[0] },
        },
        response: {
          200: json(ref(DatedAmountSchema), 'The dated amount as it is now.'),
          201: json(ref(DatedAmountSchema), 'The price was not known before; this is its first amount.'),
          ...problemResponses(...withBody, 401, 403, 412, 422),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const body = request.body as PriceInput;
      checkTexts(body);
      checkCurrency(body, 'currency');
      const writtenAt = now().toISOString();
      const validFrom = body.validFrom === undefined ? writtenAt : parseMoment(body.validFrom, 'body validFrom');
      const version = { validFrom, state: 'in_force', amount: amountOf(id, body, writtenAt) } as const;
      const { identity, isNew, revision } = await onNewestView(async (view) => {
        const identity = identityOf(view, id, body);
        const isNew = view.priceIdentity(id) === undefined;
        if (isNew) checkDescribed(identity);
        checkCounted(identity, body);
        const revision = await writePrice(db, identity, [version], authorOf(request), check(request, view, id));
        return { identity, isNew, revision };
      });
      await catalog.refresh();
      const written = await viewAt({ catalog }, revision);
      // What was written, also where a source that outranks operators says that the price is gone.
      const asWritten = { ...identity, ...version.amount, validFrom, validTo: null, sourceId: OPERATOR_SOURCE_ID };
      const price = written.priceIn(id, validFrom, body.currency) ?? { ...asWritten, revision: written.revision };
      tellReading(reply, { catalog }, written);
      const tag = priceTag(written, identity, now().toISOString());
      if (tag !== undefined) reply.header('etag', tag);
      return reply.code(isNew ? 201 : 200).send(withStaleFrom(price as DatedPrice) as never);
    },
  );

  app.delete(
    '/v1/catalog/prices/:id',
    {
      onRequest: requireScope(db, WRITE_SCOPE),
      schema: {
        operationId: 'deletePrice',
        summary: 'End a price',
        description: `Ends a price from a date on; what it was before stays. With withdraw=statement it takes back all that operators said of it instead. Needs an API key with the scope ${WRITE_SCOPE}.`,
        tags: ['Catalog'],
        security: keyNeeded,
        params: idParameter('price', priceExample),
        headers: conditionHeaders,
        querystring: Type.Object(
          {
            validFrom: Type.Optional(
              Type.String({
                description: 'From when it is gone, RFC 3339; now where absent.',
                maxLength: 40,
                examples: ['2026-12-01'],
              }),
            ),
            withdraw: withdrawQuery,
          },
          { additionalProperties: false },
        ),
        response: {
          204: { description: 'Done; Catalog-Revision says at which revision.', type: 'null' },
          ...problemResponses(...everyOperation, 401, 403, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const query = request.query as { validFrom?: string; withdraw?: string };
      await onNewestView(async (view) => {
        const identity = view.priceIdentity(id) ?? notFound(view, 'price', 'price', id);
        if (query.withdraw === 'statement') {
          const added = await takeBackPrice(db, id, authorOf(request), check(request, view, id));
          if (added !== undefined) return;
          throw new ProblemError(
            'resource-not-found',
            `Operators have not stated price '${id}', so there is nothing to withdraw.`,
          );
        }
        const from =
          query.validFrom === undefined ? now().toISOString() : parseMoment(query.validFrom, 'query validFrom');
        const standing = inEachCurrency(view, id, from)[0];
        if (standing === undefined) {
          throw new ProblemError(
            'resource-not-found',
            `Price '${id}' has no amount in force at ${from} that could end. To take back what operators announced for later, send withdraw=statement.`,
          );
        }
        const ahead = view.priceHistory(id).filter(({ validTo }) => validTo === null || validTo > from);
        // A price that ends, ends in every currency that it is or would be quoted in.
        const currencies = new Set(ahead.map(({ currency }) => currency));
        // What operators had announced for later does not come after all.
        const announced = ahead
          .filter(({ sourceId, validFrom }) => sourceId === OPERATOR_SOURCE_ID && validFrom > from)
          .map(({ validFrom, ...price }) => ({
            validFrom,
            state: 'void' as const,
            amount: amountOf(id, { ...price, amount: null, upfront: '0' }, now().toISOString()),
          }));
        const ends = [...currencies].map((currency) => ({
          validFrom: from,
          state: 'withdrawn' as const,
          amount: amountOf(
            id,
            { ...standing, amount: null, upfront: '0', currency, source: `Withdrawn by ${request.actor}`, notes: null },
            now().toISOString(),
          ),
        }));
        await writePrice(db, identity, [...ends, ...announced], authorOf(request), check(request, view, id));
      });
      await catalog.refresh();
      tellReading(reply, { catalog }, catalog.current());
      return reply.code(204).send() as never;
    },
  );
};
