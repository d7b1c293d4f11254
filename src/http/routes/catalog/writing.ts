/** Adding, correcting and retiring entries. Each write is a statement of the operator, laid over what other sources say. */
import { type TSchema, Type } from '@sinclair/typebox';
import { type EntryBefore, OPERATOR_SOURCE_ID, writeEntry } from '../../../catalog/operator-writes.ts';
import type { Dependencies } from '../../../dependencies.ts';
import type { ClaimMetric, ClaimUnit, DeviceClaim } from '../../../domain/devices/device.ts';
import type { App } from '../../application.ts';
import { indefinite } from '../../indefinite.ts';
import { authorOf, requireScope } from '../../plugins/api-key.ts';
import { ProblemError } from '../../problems/problem-error.ts';
import { idParameter } from '../../schemas/catalog/page.ts';
import { choice, ref } from '../../schemas/component.ts';
import { everyOperation, json, problemResponses, withBody } from '../../schemas/responses.ts';
import { keyNeeded } from '../../schemas/security.ts';
import { type AnyCollection, entryTag, entryToApi, notFound } from './collection.ts';
import { checkCurrency } from './currency.ts';
import { checkInvariants, checkReferences, checkTexts, refersToOthers } from './invariants.ts';
import { checkPrecondition } from './precondition.ts';
import { tellReading, viewAt } from './reading.ts';

export const WRITE_SCOPE = 'catalog:write';

/** The one field of an entry that holds a currency. */
const CURRENCY_FIELD = 'localCurrency';

type Body = Readonly<Record<string, unknown>>;

/** Ids become parts of paths and lists; whoever adds one must be able to write it anywhere. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:+/-]*$/;

export const conditionHeaders = Type.Object({
  'if-match': Type.Optional(
    Type.String({
      description: 'ETag of the version to be changed; another version present gives 412.',
      maxLength: 1000,
    }),
  ),
  'if-none-match': Type.Optional(
    Type.String({ description: '"*" to add only: an entry present gives 412.', maxLength: 1000 }),
  ),
});

export const withdrawQuery = Type.Optional(
  choice(['entry', 'statement'], {
    description:
      'entry: it no longer exists from now on, whatever other sources say. statement: only what operators said is taken back, so that other sources show through again.',
    default: 'entry',
  }),
);

const UNIT_OF_METRIC = {
  peak_flops: 'flop_per_second',
  memory: 'bytes',
  memory_bandwidth: 'bytes_per_second',
  tdp: 'watts',
  idle_power: 'watts',
  provisioned_power: 'watts',
  link_bandwidth: 'bytes_per_second',
} as const satisfies Record<ClaimMetric, ClaimUnit>;

/** Claims of an operator: rank 0, before all of the seed; what they do not say of their source the statement says. */
const claimsOf = (body: Body): readonly DeviceClaim[] =>
  ((body.claims ?? []) as readonly DeviceClaim[]).map((claim) => ({
    metric: claim.metric,
    format: claim.format ?? null,
    sparsity: claim.sparsity ?? 'dense',
    value: claim.value,
    unit: UNIT_OF_METRIC[claim.metric],
    sourceRank: 0,
    source: claim.source ?? (body.source as string),
    sourceDate: claim.sourceDate ?? (body.sourceDate as string | null),
    confidence: claim.confidence ?? (body.confidence as DeviceClaim['confidence']),
    licence: claim.licence ?? ((body.licence ?? null) as string | null),
    notes: claim.notes ?? null,
  }));

/** What a new entry has where the caller says nothing: null where it may be null, no members where it is a list. */
const defaultsOf = (fields: Readonly<Record<string, TSchema>>): Body => {
  const defaults: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(fields)) {
    if (Array.isArray(type) && type.includes('null')) defaults[name] = null;
    else if (type === 'array') defaults[name] = [];
    else if (name === 'details') defaults[name] = {};
  }
  return defaults;
};

const claimKey = ({ metric, format, sparsity }: DeviceClaim): string => `${metric} ${format} ${sparsity}`;

/** New claims replace those of the same figure. */
const mergeClaims = (earlier: readonly DeviceClaim[], claims: readonly DeviceClaim[]): readonly DeviceClaim[] => [
  ...new Map([...earlier, ...claims].map((claim) => [claimKey(claim), claim])).values(),
];

/**
 * What operators say from now on: what they said so far with the body laid over it, in domain terms, and complete where no other
 * source stands behind it.
 */
const statementOf = (definition: AnyCollection, body: Body, { own, othersSpeak }: EntryBefore): Body => {
  const earlier = own?.body ?? {};
  const architecture = body.architecture as Body | undefined;
  return {
    ...(!othersSpeak && defaultsOf(definition.fields)),
    ...(!othersSpeak && definition.kind === 'regime' && { sources: [body.source], asOf: body.sourceDate }),
    licence: null,
    ...(definition.kind !== 'device' && { notes: null }),
    ...earlier,
    ...body,
    ...(body.claims !== undefined && {
      claims: mergeClaims((earlier.claims ?? []) as readonly DeviceClaim[], claimsOf(body)),
    }),
    ...(architecture?.kind === 'language' && { architecture: { mixtureOfExperts: null, ...architecture } }),
  };
};

/** @throws ProblemError when a new entry lacks fields. */
const checkComplete = (definition: AnyCollection, entry: Body): void => {
  const missing = Object.keys(definition.fields).filter((field) => entry[field] === undefined);
  if (missing.length === 0) return;
  const errors = missing.map((field) => ({
    pointer: `#/${field}`,
    detail: `A new ${definition.noun} needs ${field}.`,
    rule: 'required',
  }));
  throw new ProblemError(
    'invalid-request',
    `The body was refused. The catalog has no such ${definition.noun} yet, and a new one needs ${missing.join(', ')}.`,
    { errors },
  );
};

export const entryWriteRoutes = (
  app: App,
  { catalog, db }: Pick<Dependencies, 'catalog' | 'db'>,
  definition: AnyCollection,
): void => {
  const { kind, noun } = definition;
  const present = ({ entry, revision }: EntryBefore): string | undefined =>
    entry === undefined ? undefined : entryTag(kind, entry.id, revision ?? 0);

  app.put(
    `/v1/catalog/${definition.path}/:id`,
    {
      onRequest: requireScope(db, WRITE_SCOPE),
      schema: {
        operationId: `put${definition.singular}`,
        summary: `Add or correct ${indefinite(noun)}`,
        description: `Adds or corrects ${indefinite(noun)}, with the source of what is stated. Fields that are left out keep what other sources say. It makes one revision and one audit event, or none when nothing changes. Needs an API key with the scope ${WRITE_SCOPE}.`,
        tags: ['Catalog'],
        security: keyNeeded,
        params: idParameter(noun, definition.example),
        headers: conditionHeaders,
        body: ref(definition.inputSchema),
        'x-request-examples': {
          correction: { summary: `Correct ${indefinite(noun)}`, value: definition.inputSchema.examples[0] },
        },
        response: {
          200: json(ref(definition.entrySchema), `The ${noun} as it is now.`),
          201: json(ref(definition.entrySchema), `The ${noun} was added.`),
          ...problemResponses(
            ...withBody,
            401,
            403,
            412,
            ...(refersToOthers(definition.fields) || CURRENCY_FIELD in definition.fields ? ([422] as const) : []),
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      if (!ID.test(id)) {
        const detail = `'${id}' cannot be an id: begin with a letter or digit, then letters, digits and . _ : + / - only.`;
        throw new ProblemError('invalid-request', `The path was refused. ${detail}`, {
          errors: [{ parameter: 'path id', detail, rule: 'pattern' }],
        });
      }
      const body = request.body as Body;
      checkTexts(body);
      checkCurrency(body, CURRENCY_FIELD);
      await catalog.refresh();
      checkReferences(catalog.current(), body);
      let isNew = false;
      const revision = await writeEntry(
        db,
        { kind, id },
        authorOf(request),
        (before) => {
          checkPrecondition(request, present(before));
          isNew = before.entry === undefined;
          return { state: 'stated', body: statementOf(definition, body, before) };
        },
        (after) => {
          checkComplete(definition, (after ?? {}) as Body);
          checkInvariants(kind, after ?? { id });
          // An entry that stands in a place that is gone would not be seen.
          const { providerId, regionId } = (after ?? {}) as {
            readonly providerId?: unknown;
            readonly regionId?: unknown;
          };
          checkReferences(catalog.current(), { providerId, regionId });
        },
      );
      await catalog.refresh();
      // As of this very write, whatever others have written since.
      const written = await viewAt({ catalog }, revision);
      const entry = written.entry(kind, id);
      if (entry === undefined) throw new Error(`${kind} ${id} was written and is not there.`);
      tellReading(reply, { catalog }, written);
      reply.header('etag', entryTag(kind, id, written.origin(kind, id)?.revision ?? 0));
      return reply.code(isNew ? 201 : 200).send(entryToApi(definition, entry, written) as never);
    },
  );

  app.delete(
    `/v1/catalog/${definition.path}/:id`,
    {
      onRequest: requireScope(db, WRITE_SCOPE),
      schema: {
        operationId: `delete${definition.singular}`,
        summary: `Retire ${indefinite(noun)}`,
        description: `Ends ${indefinite(noun)} by a new version; nothing is removed, and earlier revisions keep it. With withdraw=statement it takes back what operators said of it instead. Needs an API key with the scope ${WRITE_SCOPE}.`,
        tags: ['Catalog'],
        security: keyNeeded,
        params: idParameter(noun, definition.example),
        headers: conditionHeaders,
        querystring: Type.Object({ withdraw: withdrawQuery }, { additionalProperties: false }),
        response: {
          204: { description: 'Done; Catalog-Revision says at which revision.', type: 'null' },
          ...problemResponses(...everyOperation, 401, 403, 404, 412),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const takeBack = (request.query as { withdraw?: string }).withdraw === 'statement';
      await catalog.refresh();
      const view = catalog.current();
      const own = view.origin(kind, id)?.statements.find(({ sourceId }) => sourceId === OPERATOR_SOURCE_ID);
      if (takeBack ? own === undefined : view.entry(kind, id) === undefined) {
        if (!takeBack) notFound(view, kind, noun, id);
        throw new ProblemError(
          'resource-not-found',
          `Operators have stated nothing on ${noun} '${id}' that could be withdrawn.`,
        );
      }
      await writeEntry(db, { kind, id }, authorOf(request), (before) => {
        checkPrecondition(request, present(before));
        return takeBack ? { state: 'void', body: null } : { state: 'retired', body: before.own?.body ?? {} };
      });
      await catalog.refresh();
      tellReading(reply, { catalog }, catalog.current());
      return reply.code(204).send() as never;
    },
  );
};
