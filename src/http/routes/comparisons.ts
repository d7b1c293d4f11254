/** Answers side by side, and an estimate against what it really came to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Static } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { Dependencies } from '../../dependencies.ts';
import type { CatalogSnapshot } from '../../domain/catalog/snapshot.ts';
import { checkActuals } from '../../domain/comparison/actuals.ts';
import { againstActuals } from '../../domain/comparison/against-actuals.ts';
import { type ComparedQuestion, compare } from '../../domain/comparison/compare.ts';
import {
  type ComparedAnswer,
  type ComparedKind,
  comparedInference,
  comparedLifecycle,
  comparedTraining,
} from '../../domain/comparison/compared-answer.ts';
import { interrupted } from '../../domain/estimate/interruptible.ts';
import { RequestFaultError } from '../../domain/estimate/request-fault.ts';
import { estimateInference } from '../../domain/inference/estimate.ts';
import { estimateLifecycle } from '../../domain/lifecycle/estimate.ts';
import { toNumber } from '../../domain/money.ts';
import { estimatingTrainingInFull } from '../../domain/training/estimate.ts';
import type { App } from '../application.ts';
import { toApiActuals, toApiComparison } from '../convert/comparison.ts';
import { BasisList, toApiMoney } from '../convert/estimate-answer.ts';
import { type Pinnable, pinnedReading, type Replay } from '../convert/replay.ts';
import type { PriceBookAccess } from '../price-book-access.ts';
import { checkedItem, inItem } from '../problems/item.ts';
import { ProblemError } from '../problems/problem-error.ts';
import {
  ActualsComparisonRequestSchema,
  actualsExamples,
  ComparisonRequestSchema,
  comparisonExamples,
} from '../schemas/comparisons/request.ts';
import { ActualsComparisonSchema, ComparisonSchema } from '../schemas/comparisons/response.ts';
import { ref } from '../schemas/component.ts';
import { InferenceEstimateRequestSchema } from '../schemas/estimates/inference/request.ts';
import { LifecycleRequestSchema } from '../schemas/estimates/lifecycle/request.ts';
import { TrainingEstimateRequestSchema } from '../schemas/estimates/training/request.ts';
import { json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyTaken } from '../schemas/security.ts';
import { takeTurns } from '../turns.ts';

type Fields = Readonly<Record<string, unknown>>;

const SCHEMAS = {
  inference: InferenceEstimateRequestSchema,
  training: TrainingEstimateRequestSchema,
  lifecycle: LifecycleRequestSchema,
} as const;

/** The request has been checked against the schema of its kind. */
async function answerOf(
  kind: ComparedKind,
  snapshot: CatalogSnapshot,
  request: Fields,
  at: string,
): Promise<ComparedAnswer> {
  switch (kind) {
    case 'inference':
      return comparedInference(
        estimateInference(snapshot, request as unknown as Static<typeof InferenceEstimateRequestSchema>, at),
      );
    case 'training':
      return comparedTraining(
        await interrupted(
          estimatingTrainingInFull(snapshot, request as unknown as Static<typeof TrainingEstimateRequestSchema>, at),
          takeTurns,
        ),
      );
    case 'lifecycle':
      return comparedLifecycle(
        estimateLifecycle(snapshot, request as unknown as Static<typeof LifecycleRequestSchema>, at),
      );
  }
}

/** Changes taken one by one may contradict each other; then there is no answer. */
async function unlessContradictory<Answer>(answer: () => Promise<Answer>): Promise<Answer | null> {
  // other requests are served between two questions
  await nextTurn();
  try {
    return await answer();
  } catch (error) {
    if (error instanceof RequestFaultError) return null;
    throw error;
  }
}

interface Asked extends ComparedQuestion {
  readonly snapshot: CatalogSnapshot;
  readonly replay: Replay;
  readonly pinned: Fields;
}

export const comparisonRoutes = (app: App, { catalog, now }: Dependencies, priceBooks: PriceBookAccess): void => {
  const asked = async (
    sender: FastifyRequest,
    name: string,
    kind: ComparedKind,
    { reporting: _reporting, ...request }: Fields,
    at: string,
    newest: CatalogView,
    time: Date,
  ): Promise<Asked> => {
    await nextTurn();
    const { snapshot, replay, pinned } = await pinnedReading(
      { catalog, priceBook: priceBooks(sender) },
      request as Pinnable & Fields,
      newest,
      time,
    );
    const answer = await inItem(at, () => answerOf(kind, snapshot, request, replay.pricingAt));
    return {
      name,
      request,
      snapshot,
      replay,
      pinned,
      answer,
      catalogRevision: replay.catalogRevision,
      pricingAt: replay.pricingAt,
      priceBook:
        replay.priceBook === undefined ? null : `${replay.priceBook.id} at revision ${replay.priceBook.revision}`,
    };
  };

  app.post(
    '/v1/comparisons',
    {
      schema: {
        operationId: 'compareEstimates',
        summary: 'Estimates side by side, and why they differ',
        description:
          'Two to six questions, or one against itself today (`withNow`): lines and figures aligned, and for every answer what makes it differ from the first: each difference of the requests tried alone, the factors of each line, what else was chosen, and prices that changed. Questions with pins are answered as of then. All amounts are in US dollars, whatever the reporting currency of a question.',
        tags: ['Comparisons'],
        security: keyTaken,
        body: ref(ComparisonRequestSchema),
        'x-request-examples': comparisonExamples,
        response: {
          200: json(ref(ComparisonSchema), 'The answers side by side.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { questions, withNow = false } = request.body;
      if (questions.length === 1 && !withNow) {
        throw new ProblemError(
          'invalid-request',
          'One question alone has nothing to be compared with; add another, or withNow.',
          {
            errors: [{ pointer: '#/questions', rule: 'minItems', detail: 'Add a second question, or set withNow.' }],
          },
        );
      }
      const newest = catalog.current();
      const time = now();
      const answers: Asked[] = [];
      for (const [index, { name, kind, request: question }] of questions.entries()) {
        const at = `/questions/${index}/request`;
        const checked = checkedItem<Fields>(request, question, SCHEMAS[kind], newest, at);
        answers.push(await asked(request, name ?? `question ${index + 1}`, kind, checked, at, newest, time));
      }
      const [first] = answers;
      if (withNow && first !== undefined) {
        const {
          pricingAt: _at,
          catalogRevision: _revision,
          priceBook,
          ...question
        } = first.request as Pinnable & Fields;
        const today = { ...question, ...(priceBook !== undefined && { priceBook: { id: priceBook.id } }) };
        answers.push(await asked(request, 'now', first.answer.kind, today, '/questions/0/request', newest, time));
      }
      const snapshots = new Map<ComparedQuestion, CatalogSnapshot>(answers.map((one) => [one, one.snapshot]));
      const comparison = await compare(answers, async (changed, pins) => {
        const snapshot = snapshots.get(pins) ?? newest;
        const outcome = await unlessContradictory(() => answerOf(pins.answer.kind, snapshot, changed, pins.pricingAt));
        return outcome === null || outcome.total === null ? null : toNumber(outcome.total.amount);
      });
      const bases = new BasisList();
      return toApiComparison(
        comparison,
        answers.map(({ name, answer, pinned, replay }) => ({
          name,
          status: answer.status,
          summary: answer.summary,
          ...(answer.total !== null && { total: toApiMoney(answer.total, bases) }),
          question: { name, kind: answer.kind, request: pinned },
          replay,
        })),
      );
    },
  );

  app.post(
    '/v1/comparisons/actuals',
    {
      schema: {
        operationId: 'compareActuals',
        summary: 'An estimate against what it really came to',
        description:
          'What was counted and billed (tokens, requests, hours, dollars) against the estimate, line by line and quantity by quantity, whether it lies within the band, what explains the difference (load, lengths, price, device-hours, and a rest; they sum to it), and what to change for the next estimate to start from what was measured.',
        tags: ['Comparisons'],
        security: keyTaken,
        body: ref(ActualsComparisonRequestSchema),
        'x-request-examples': actualsExamples,
        response: {
          200: json(ref(ActualsComparisonSchema), 'Estimate and actual.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { kind, request: question, actuals } = request.body;
      checkActuals(kind, actuals);
      const checked = checkedItem<Fields>(request, question, SCHEMAS[kind], catalog.current(), '/request');
      const { answer, snapshot, replay, pinned } = await asked(
        request,
        'estimate',
        kind,
        checked,
        '/request',
        catalog.current(),
        now(),
      );
      const pins = { request: { kind, request: pinned, actuals }, replay };
      if (answer.total === null) {
        const empty = { lines: [], quantities: [], explanations: [], suggestedChanges: [] };
        const unknown = { periodDays: null, estimate: null, actual: null, withinBand: null };
        return { status: 'infeasible' as const, summary: answer.summary, ...unknown, ...empty, ...pins };
      }
      const report = await againstActuals(kind, checked, answer, actuals, answer.deviceId, (changed) =>
        unlessContradictory(() => answerOf(kind, snapshot, changed, replay.pricingAt)),
      );
      return { status: 'feasible' as const, ...toApiActuals(report), ...pins };
    },
  );
};
