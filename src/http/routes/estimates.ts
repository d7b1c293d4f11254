/** The estimates, and many of them in one call. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Static, Type } from '@sinclair/typebox';
import type { FastifyRequest } from 'fastify';
import type { CatalogView } from '../../catalog/snapshot.ts';
import type { Dependencies } from '../../dependencies.ts';
import { estimateBuildOrBuy } from '../../domain/economics/build-or-buy/estimate.ts';
import { estimateOwnOrRent } from '../../domain/economics/own-or-rent/estimate.ts';
import { interrupted } from '../../domain/estimate/interruptible.ts';
import { estimateInference } from '../../domain/inference/estimate.ts';
import { optimizationReport } from '../../domain/inference/optimization/report.ts';
import { estimateLifecycle } from '../../domain/lifecycle/estimate.ts';
import { estimateComputeOptimal } from '../../domain/training/compute-optimal/compute-optimal.ts';
import { estimatingTrainingInFull } from '../../domain/training/estimate.ts';
import type { App } from '../application.ts';
import { withoutPins } from '../asked.ts';
import { summaryOfBuildOrBuy, toApiBuildOrBuy } from '../convert/build-or-buy.ts';
import { toApiComputeOptimal } from '../convert/compute-optimal.ts';
import { toApiInferenceEstimate } from '../convert/inference-estimate.ts';
import { summaryOfLifecycle, toApiLifecycle } from '../convert/lifecycle-estimate.ts';
import { toApiOptimizations } from '../convert/optimization-report.ts';
import { summaryOfOwnOrRent, toApiOwnOrRent } from '../convert/own-or-rent.ts';
import { type Pinnable, pinnedReading } from '../convert/replay.ts';
import { inReportingCurrency } from '../convert/reporting-currency.ts';
import { summaryOfInference, summaryOfTraining } from '../convert/summary-view.ts';
import { toApiTrainingEstimate } from '../convert/training-estimate.ts';
import type { PriceBookAccess } from '../price-book-access.ts';
import { problemDocument } from '../problems/document.ts';
import { problemFromError } from '../problems/from-error.ts';
import { checkedItem } from '../problems/item.ts';
import { choice, ref } from '../schemas/component.ts';
import { batchExamples, EstimateBatchRequestSchema, EstimateBatchSchema } from '../schemas/estimates/batch.ts';
import { BuildOrBuyRequestSchema, BuildOrBuySchema, buildOrBuyExamples } from '../schemas/estimates/build-or-buy.ts';
import {
  ComputeOptimalEstimateSchema,
  ComputeOptimalRequestSchema,
  computeOptimalExamples,
} from '../schemas/estimates/compute-optimal.ts';
import { inferenceExamples } from '../schemas/estimates/inference/examples.ts';
import { InferenceEstimateRequestSchema } from '../schemas/estimates/inference/request.ts';
import { InferenceEstimateSchema } from '../schemas/estimates/inference/response.ts';
import { lifecycleExamples } from '../schemas/estimates/lifecycle/examples.ts';
import { LifecycleRequestSchema } from '../schemas/estimates/lifecycle/request.ts';
import { LifecycleEstimateSchema } from '../schemas/estimates/lifecycle/response.ts';
import { OwnOrRentRequestSchema, OwnOrRentSchema, ownOrRentExamples } from '../schemas/estimates/own-or-rent.ts';
import { trainingExamples } from '../schemas/estimates/training/examples.ts';
import { TrainingEstimateRequestSchema } from '../schemas/estimates/training/request.ts';
import { TrainingEstimateSchema } from '../schemas/estimates/training/response.ts';
import { json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyTaken } from '../schemas/security.ts';
import { takeTurns } from '../turns.ts';
import { tellReading } from './catalog/reading.ts';

type InferenceRequest = Static<typeof InferenceEstimateRequestSchema>;
type TrainingRequest = Static<typeof TrainingEstimateRequestSchema>;
type LifecycleQuestion = Static<typeof LifecycleRequestSchema>;
type View = 'full' | 'summary';

/** What the questions of one request have in common. */
interface Asked {
  readonly request: FastifyRequest;
  readonly view: View;
  readonly newest: CatalogView;
  readonly time: Date;
}

const viewQuery = Type.Object(
  {
    view: Type.Optional(
      choice(['full', 'summary'], {
        description: 'summary leaves out the working (inputs, assumptions, exclusions): a few kilobytes.',
        default: 'full',
        examples: ['summary'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const estimateRoutes = (app: App, { catalog, now }: Dependencies, priceBooks: PriceBookAccess): void => {
  const pin = <Question extends Pinnable>(asked: Asked, question: Question) =>
    pinnedReading({ catalog, priceBook: priceBooks(asked.request) }, question, asked.newest, asked.time);

  const ask = (request: FastifyRequest, view: View = 'full'): Asked => ({
    request,
    view,
    newest: catalog.current(),
    time: now(),
  });

  const inference = async (asked: Asked, request: InferenceRequest) => {
    const { snapshot, replay, pinned } = await pin(asked, request);
    const estimate = estimateInference(snapshot, request, replay.pricingAt);
    const answer = toApiInferenceEstimate(estimate, pinned, replay);
    if (answer.status === 'feasible' && estimate.status === 'feasible' && request.include?.includes('optimizations')) {
      answer.optimizations = toApiOptimizations(optimizationReport(snapshot, request, estimate, replay.pricingAt));
    }
    return inReportingCurrency(asked.view === 'summary' ? summaryOfInference(answer) : answer);
  };

  const training = async (asked: Asked, request: TrainingRequest) => {
    const { snapshot, replay, pinned } = await pin(asked, request);
    const estimate = await interrupted(estimatingTrainingInFull(snapshot, request, replay.pricingAt), takeTurns);
    const answer = toApiTrainingEstimate(estimate, pinned, replay);
    return inReportingCurrency(asked.view === 'summary' ? summaryOfTraining(answer) : answer);
  };

  const lifecycle = async (asked: Asked, request: LifecycleQuestion) => {
    const { snapshot, replay, pinned } = await pin(asked, request);
    const answer = toApiLifecycle(estimateLifecycle(snapshot, request, replay.pricingAt), pinned, replay);
    return inReportingCurrency(asked.view === 'summary' ? summaryOfLifecycle(answer) : answer);
  };

  app.post(
    '/v1/estimates/inference',
    {
      schema: {
        operationId: 'estimateInference',
        summary: 'What serving a model costs',
        description:
          'Memory fit, throughput, latency percentiles under load, replicas, utilization, cost per month, request and million tokens, energy and emissions of serving a language or vision model. `{model, requestsPerDay}` is enough; every default used is listed under assumptions with the field that overrides it. What does not fit, or is not offered there, is answered with status infeasible and reasons.',
        tags: ['Estimates'],
        security: keyTaken,
        querystring: viewQuery,
        body: ref(InferenceEstimateRequestSchema),
        'x-request-examples': inferenceExamples,
        response: {
          200: json(ref(InferenceEstimateSchema), 'The estimate.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => inference(ask(request, request.query.view), request.body),
  );

  app.post(
    '/v1/estimates/training',
    {
      schema: {
        operationId: 'estimateTraining',
        summary: 'What training a model costs',
        description:
          'FLOPs, memory, parallelism, step time, MFU, device-hours and wall-clock with failures and checkpoints, and the whole bill: compute, experiments, data, people, storage, energy. `{model, tokens}` is enough; every default used is listed under assumptions with the field that overrides it. What does not fit is answered with status infeasible and reasons.',
        tags: ['Estimates'],
        security: keyTaken,
        querystring: viewQuery,
        body: ref(TrainingEstimateRequestSchema),
        'x-request-examples': trainingExamples,
        response: {
          200: json(ref(TrainingEstimateSchema), 'The estimate.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => training(ask(request, request.query.view), request.body),
  );

  app.post(
    '/v1/estimates/compute-optimal-training',
    {
      schema: {
        operationId: 'estimateComputeOptimalTraining',
        summary: 'Which model size and how many tokens a budget pays for',
        description:
          'Model size and tokens of least expected loss for a budget of FLOPs, USD of hardware, device-hours, or days on a cluster, by the Chinchilla scaling law (its re-fit or as published), as a concrete decoder priced by the training estimate, which also counts attention and how well a size uses the hardware; smaller and larger models for the same budget; and, where lifetime inference is given, the size that reaches the same loss for fewest FLOPs over its life.',
        tags: ['Estimates'],
        security: keyTaken,
        body: ref(ComputeOptimalRequestSchema),
        'x-request-examples': computeOptimalExamples,
        response: {
          200: json(ref(ComputeOptimalEstimateSchema), 'The plan.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { body } = request;
      const { snapshot, replay, pinned } = await pin(ask(request), body);
      const question = withoutPins(body);
      const plan = estimateComputeOptimal(snapshot, question, replay.pricingAt);
      return inReportingCurrency(toApiComputeOptimal(plan, pinned, replay));
    },
  );

  app.post(
    '/v1/estimates/lifecycle',
    {
      schema: {
        operationId: 'estimateLifecycle',
        summary: 'What a service costs over its years, training against serving',
        description:
          'Training once and again, serving under growth and season, falling hardware prices, commitments and the refresh of owned hardware, changes rolled out at dates and people, month by month with bands: total cost of ownership, present value, cost per request, the day serving has cost as much as training, the decisions that save most and the figures that move the total. `{model, requestsPerDay}` is enough; with `training` it is set against serving.',
        tags: ['Estimates'],
        security: keyTaken,
        querystring: viewQuery,
        body: ref(LifecycleRequestSchema),
        'x-request-examples': lifecycleExamples,
        response: {
          200: json(ref(LifecycleEstimateSchema), 'The years.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => lifecycle(ask(request, request.query.view), request.body),
  );

  app.post(
    '/v1/estimates/build-or-buy',
    {
      schema: {
        operationId: 'estimateBuildOrBuy',
        summary: 'Whether to serve a model or to buy its tokens',
        description:
          'The same traffic through the token APIs of the catalog (prompt, cached, output and batch prices, those of long prompts, volume tiers), managed platforms, and hardware rented on demand or as spot, committed to, or owned: a bill for each, cheapest first, what keeps an offer from being the same thing, and the load and utilization from which on a deployment of your own costs less.',
        tags: ['Estimates'],
        security: keyTaken,
        querystring: viewQuery,
        body: ref(BuildOrBuyRequestSchema),
        'x-request-examples': buildOrBuyExamples,
        response: {
          200: json(ref(BuildOrBuySchema), 'The ways.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { body, query } = request;
      const { snapshot, replay, pinned } = await pin(ask(request), body);
      const answer = toApiBuildOrBuy(estimateBuildOrBuy(snapshot, body, replay.pricingAt), pinned, replay);
      return inReportingCurrency(query.view === 'summary' ? summaryOfBuildOrBuy(answer) : answer);
    },
  );

  app.post(
    '/v1/estimates/own-or-rent',
    {
      schema: {
        operationId: 'estimateOwnOrRent',
        summary: 'Whether to own hardware or to rent it',
        description:
          'The same devices for the same hours: bought and run (depreciation, residual, interest, hall, power, cooling, maintenance, spares, people) and rented on each of the terms of the catalog. Break-even by hours and in cash as rents fall, present values over the life, and the year from which replacing costs less than running on.',
        tags: ['Estimates'],
        security: keyTaken,
        querystring: viewQuery,
        body: ref(OwnOrRentRequestSchema),
        'x-request-examples': ownOrRentExamples,
        response: {
          200: json(ref(OwnOrRentSchema), 'Owning against renting.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { body, query } = request;
      const { snapshot, replay, pinned } = await pin(ask(request), body);
      const answer = toApiOwnOrRent(estimateOwnOrRent(snapshot, body, replay.pricingAt), pinned, replay);
      return inReportingCurrency(query.view === 'summary' ? summaryOfOwnOrRent(answer) : answer);
    },
  );

  app.post(
    '/v1/estimates::batch',
    {
      schema: {
        operationId: 'estimateBatch',
        summary: 'Many estimates in one call',
        description:
          'Answers each question with a result or a problem, in order. A wrong question does not affect the others.',
        tags: ['Estimates'],
        security: keyTaken,
        body: ref(EstimateBatchRequestSchema),
        'x-request-examples': batchExamples,
        response: {
          200: json(ref(EstimateBatchSchema), 'One result or problem for each question.'),
          ...problemResponses(...withBody),
        },
      },
    },
    async (request, reply) => {
      const asked = ask(request, request.body.view);
      tellReading(reply, { catalog }, asked.newest);
      const results: Static<typeof EstimateBatchSchema>['results'][number][] = [];
      for (const { kind, request: question } of request.body.estimates) {
        // other requests are served between two questions
        await nextTurn();
        try {
          if (kind === 'inference') {
            const checked = checkedItem<InferenceRequest>(
              request,
              question,
              InferenceEstimateRequestSchema,
              asked.newest,
            );
            results.push({ kind, inference: await inference(asked, checked) });
          } else if (kind === 'lifecycle') {
            const checked = checkedItem<LifecycleQuestion>(request, question, LifecycleRequestSchema, asked.newest);
            results.push({ kind, lifecycle: await lifecycle(asked, checked) });
          } else {
            const checked = checkedItem<TrainingRequest>(
              request,
              question,
              TrainingEstimateRequestSchema,
              asked.newest,
            );
            results.push({ kind, training: await training(asked, checked) });
          }
        } catch (error) {
          const problem = problemFromError(error, request, asked.newest);
          if (problem.statusCode >= 500) request.log.error({ err: error }, 'An estimate of a batch failed.');
          results.push({ kind, problem: problemDocument(problem, request.id) });
        }
      }
      return { results };
    },
  );
};
