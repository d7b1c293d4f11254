/** Where to run what. */
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import { PriceBooks } from '../../catalog/price-books/price-books.ts';
import { findOperation } from '../../catalog/sync/operations.ts';
import type { Dependencies } from '../../dependencies.ts';
import { AssumptionLog } from '../../domain/economics/assumption.ts';
import { RequestFaultError } from '../../domain/estimate/request-fault.ts';
import { placeDeployment } from '../../domain/placement/place.ts';
import type { PlacementTools } from '../../domain/placement/prepare.ts';
import { scenarioOf } from '../../domain/placement/scenario.ts';
import { PlacementRuns } from '../../placements/placement-runs.ts';
import { findPlacement, KEPT_DAYS, NOBODY } from '../../placements/stored-placements.ts';
import type { App } from '../application.ts';
import { askedNow } from '../asked.ts';
import { toApiPlacement, withSiteKinds } from '../convert/placement.ts';
import type { PinnedSources } from '../convert/replay.ts';
import { inReportingCurrency } from '../convert/reporting-currency.ts';
import { keyOf, requireScope } from '../plugins/api-key.ts';
import type { PriceBookAccess } from '../price-book-access.ts';
import { problemFromRequestFault } from '../problems/from-request-fault.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { ref } from '../schemas/component.ts';
import { placementExamples } from '../schemas/deployment-placements/examples.ts';
import { PlacementRequestSchema } from '../schemas/deployment-placements/request.ts';
import { DeploymentPlacementSchema, EXAMPLE_PLACEMENT_ID } from '../schemas/deployment-placements/response.ts';
import { OperationSchema } from '../schemas/operations.ts';
import { everyOperation, json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyTaken } from '../schemas/security.ts';
import { tellReading } from './catalog/reading.ts';
import { operationToApi } from './operations.ts';
import { BOOKS_READ, noSuchBook } from './price-books.ts';

/** The body with the kinds of its sites. */
type Body = ReturnType<typeof withSiteKinds>;

/** How long the answer to `include` is waited for before it becomes an operation, ms. */
const USUAL_WAIT_MS = 1000;
/** Node's longest timer. */
const AS_LONG_AS_IT_TAKES_MS = 2 ** 31 - 1;
/** Share of the idle time after which a connection is closed; a later answer would reach nobody. */
const OF_QUIET_TIME = 0.75;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const headers = Type.Object({
  prefer: Type.Optional(
    Type.String({
      description:
        'How long to wait for the answer (RFC 7240). `respond-async`: answer at once with an operation. `wait=10`: answer with an operation after so many seconds. Where absent, a plan is waited for up to 45 seconds, and what `include` adds to it for one second.',
      maxLength: 200,
      examples: ['wait=10'],
    }),
  ),
});

/**
 * @param mostMs how long a connection is kept open
 * @returns how long to wait for the answer, and the preference that was kept, if any
 */
function waitOf(
  prefer: string | undefined,
  body: Body,
  mostMs: number,
): { readonly ms: number; readonly applied: string | null } {
  const asked = prefer === undefined ? undefined : /(^|[,;\s])wait=(\d{1,6})\b/i.exec(prefer)?.[2];
  const isAsync = prefer !== undefined && /(^|[,;\s])respond-async\b/i.test(prefer);
  if (asked !== undefined) {
    const ms = Math.min(Number(asked) * 1000, mostMs);
    return { ms, applied: `${isAsync ? 'respond-async, ' : ''}wait=${Math.floor(ms / 1000)}` };
  }
  if (isAsync) return { ms: 0, applied: 'respond-async' };
  return { ms: (body.include ?? []).length > 0 ? USUAL_WAIT_MS : mostMs, applied: null };
}

export const deploymentPlacementRoutes = (
  app: App,
  { catalog, now, solve, pool, db, logger, settings }: Dependencies,
  priceBooks: PriceBookAccess,
): void => {
  const read = async (body: Body, priceBook: PinnedSources['priceBook']) => {
    const asked = await askedNow({ catalog, now }, priceBook, body);
    const { snapshot, question, at, pinned, replay } = asked;
    const compute = async (tools: PlacementTools) =>
      inReportingCurrency(toApiPlacement(await placeDeployment(snapshot, question, at, tools), pinned, replay));
    return { ...asked, compute };
  };

  const mostWaitMs =
    settings.connectionTimeoutMs > 0 ? settings.connectionTimeoutMs * OF_QUIET_TIME : AS_LONG_AS_IT_TAKES_MS;
  const books = new PriceBooks({ db, pool });
  const runs = new PlacementRuns({
    pool,
    solve,
    computeAgain: async (question, tenant, tools) => {
      const { compute } = await read(question as Body, async (pin) => {
        const book = await books.find({ tenant, id: pin.id }, pin.revision);
        if (book === undefined) throw noSuchBook(pin.id, pin.revision);
        return book;
      });
      return compute(tools);
    },
    failureOf: (error) => {
      const problem =
        error instanceof RequestFaultError
          ? problemFromRequestFault(error, catalog.current())
          : error instanceof ProblemError
            ? error
            : undefined;
      return problem === undefined ? undefined : { code: problem.code.replaceAll('-', '_'), detail: problem.message };
    },
    onError: (message, error) => logger.error({ err: error }, message),
  });
  app.addHook('onListen', async () => {
    await runs
      .recover()
      .catch((error: unknown) => logger.error({ err: error }, 'Unfinished placements could not be taken up.'));
  });
  app.addHook('onClose', async () => runs.close());

  app.post(
    '/v1/deployment-placements',
    {
      schema: {
        operationId: 'placeDeployment',
        summary: 'Where to run what, lawfully and for least cost',
        description:
          'Device, edge, room, colocation or cloud region for each component, or a split: the plan of least cost that keeps the law, the latency from the users, memory, power, heat, stock and budget, with the proof of how good it is, every check of every option with its margin, and a paragraph per component. Components and the country of the users are enough. What cannot be done is answered with status infeasible, what conflicts, and a change that was tried. What `include` asks besides becomes an operation where it takes more than a second. What it says on law is not legal advice.',
        tags: ['Placements'],
        security: keyTaken,
        headers,
        body: ref(PlacementRequestSchema),
        'x-request-examples': placementExamples,
        response: {
          200: json(ref(DeploymentPlacementSchema), 'The plan, or why there is none.'),
          202: json(ref(OperationSchema), 'Under way; Location says where to ask how far it is.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request, reply) => {
      const body = withSiteKinds(request.body);
      const { compute, pinned, snapshot, question, replay } = await read(body, priceBooks(request));
      const wait = waitOf(request.headers.prefer as string | undefined, body, mostWaitMs);
      if (wait.applied !== null) {
        reply.header('preference-applied', wait.applied);
        // what is wrong with the question is said now, not by the operation
        scenarioOf(snapshot, question, replay.pricingAt, new AssumptionLog());
      }
      const asked = { pinned, tenant: request.tenant ?? NOBODY };
      const hangUp = new AbortController();
      reply.raw.on('close', () => {
        if (!reply.raw.writableFinished) hangUp.abort();
      });
      const outcome = await runs.answer(asked, compute, wait.ms, hangUp.signal);
      if (outcome.kind === 'abandoned') return reply.hijack() as never;
      if (outcome.kind === 'accepted') {
        const operation = await findOperation(pool, outcome.id);
        if (operation === undefined) throw new Error(`Operation ${outcome.id} is gone.`);
        reply.header('location', `/v1/operations/${outcome.id}`);
        return reply.code(202).send(operationToApi(operation));
      }
      const answer = outcome.answer as Awaited<ReturnType<typeof compute>>;
      if (answer.proof?.deterministic !== false) return answer;
      // the clock ended the search: the same question may be answered otherwise another time
      const id = randomUUID();
      const kept = { ...answer, stored: `/v1/deployment-placements/${id}` };
      return (await runs.keep(id, asked, kept)) ? kept : answer;
    },
  );

  /** Another tenant's is not there, whatever the key may do. */
  const mayRead = async (request: FastifyRequest, tenant: string | undefined): Promise<boolean> => {
    if (tenant === NOBODY) return true;
    const key = await keyOf(db, request);
    if (tenant === undefined || key?.tenant !== tenant) return false;
    await requireScope(db, BOOKS_READ)(request);
    return true;
  };

  app.get(
    '/v1/deployment-placements/:id',
    {
      schema: {
        operationId: 'getDeploymentPlacement',
        summary: 'A placement that was kept',
        description: `The answer of an operation, or of a search that a time limit ended (\`deterministic: false\`), so that asking again might give another: byte for byte as it was given, kept for ${KEPT_DAYS} days. An answer with a price book needs an API key of its tenant with the scope ${BOOKS_READ}.`,
        tags: ['Placements'],
        security: keyTaken,
        params: Type.Object({
          id: Type.String({ description: 'Id of the placement.', examples: [EXAMPLE_PLACEMENT_ID], maxLength: 60 }),
        }),
        querystring: Type.Object({}, { additionalProperties: false }),
        response: {
          200: json(ref(DeploymentPlacementSchema), 'The plan, or why there is none.'),
          ...problemResponses(...everyOperation, 401, 403, 404),
        },
      },
    },
    async (request, reply): Promise<never> => {
      const { id } = request.params;
      const stored = UUID.test(id) ? await findPlacement(pool, id) : undefined;
      if (!(await mayRead(request, stored?.tenant)) || stored === undefined) throw noSuchPlacement(id);
      if (stored.answer === null)
        throw new ProblemError(
          'resource-not-found',
          `Placement '${id}' has no answer; GET /v1/operations/${id} says where it stands.`,
        );
      tellReading(reply, { catalog }, { revision: stored.revision });
      reply.header('cache-control', 'no-store').type('application/json; charset=utf-8');
      // as text, so that a later version of the service gives it as it was
      return reply.send(stored.answer as never) as never;
    },
  );
};

const noSuchPlacement = (id: string): ProblemError =>
  new ProblemError(
    'resource-not-found',
    `There is no placement '${id}', or it was asked with a price book and needs a key of its tenant.`,
  );
