/** Which hardware to use. */
import type { FastifyRequest } from 'fastify';
import type { Dependencies } from '../../dependencies.ts';
import { recommendMixedFleet } from '../../domain/fleet/recommend-fleet.ts';
import { recommendTrainingClusters } from '../../domain/recommendation/clusters/training-clusters.ts';
import { recommendHardware } from '../../domain/recommendation/recommend.ts';
import type { App } from '../application.ts';
import { askedNow } from '../asked.ts';
import { toApiMixedFleet } from '../convert/mixed-fleet.ts';
import { toApiRecommendation } from '../convert/recommendation.ts';
import type { Pinnable } from '../convert/replay.ts';
import { inReportingCurrency } from '../convert/reporting-currency.ts';
import { toApiTrainingClusters } from '../convert/training-clusters.ts';
import type { PriceBookAccess } from '../price-book-access.ts';
import { ref } from '../schemas/component.ts';
import { recommendationExamples } from '../schemas/hardware-recommendations/examples.ts';
import {
  MixedFleetRequestSchema,
  mixedFleetExamples,
} from '../schemas/hardware-recommendations/mixed-fleets/request.ts';
import { MixedFleetSchema } from '../schemas/hardware-recommendations/mixed-fleets/response.ts';
import { HardwareRecommendationRequestSchema } from '../schemas/hardware-recommendations/request.ts';
import { HardwareRecommendationSchema } from '../schemas/hardware-recommendations/response.ts';
import {
  TrainingClusterRequestSchema,
  TrainingClustersSchema,
  trainingClusterExamples,
} from '../schemas/hardware-recommendations/training-clusters.ts';
import { json, problemResponses, withBody } from '../schemas/responses.ts';
import { keyTaken } from '../schemas/security.ts';
import { takeTurns } from '../turns.ts';

export const hardwareRecommendationRoutes = (
  app: App,
  dependencies: Dependencies,
  priceBooks: PriceBookAccess,
): void => {
  const { solve } = dependencies;
  const ask = <Body extends Pinnable>(request: FastifyRequest, body: Body) =>
    askedNow(dependencies, priceBooks(request), body);

  app.post(
    '/v1/hardware-recommendations',
    {
      schema: {
        operationId: 'recommendHardware',
        summary: 'Which hardware to use, why, and why not the rest',
        description:
          'Every device of the catalog, in every way it can serve the model, at every price in every region: ranked by cost, latency, energy or carbon under your limits, with the Pareto front, the cheapest of each class, provider and way of paying, where the money for over-provisioning goes, what it would take for the runner-up to win, and for all that is left out the limit, by how much, and the least change that lets it in. `{"inference": {model, requestsPerDay}}` is enough. Where nothing keeps every limit, the status is infeasible with the smallest change that helps, found by applying it.',
        tags: ['Recommendations'],
        security: keyTaken,
        body: ref(HardwareRecommendationRequestSchema),
        'x-request-examples': recommendationExamples,
        response: {
          200: json(ref(HardwareRecommendationSchema), 'The recommendation.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { snapshot, replay, pinned, question, at } = await ask(request, request.body);
      const { expand: _expand, ...asked } = question;
      const recommendation = await recommendHardware(snapshot, asked, at, takeTurns);
      return inReportingCurrency(toApiRecommendation(recommendation, pinned, replay));
    },
  );

  app.post(
    '/v1/hardware-recommendations/mixed-fleets',
    {
      schema: {
        operationId: 'recommendMixedFleet',
        summary: 'The cheapest mix of devices for requests of many sizes',
        description:
          'Small requests on small devices and large ones on large devices, where that costs less than one type for all: requests by size, the load that each size puts on each machine by the performance model, and an integer program for the cheapest mix (after Mélange, arXiv 2404.14527), solved with its gap proved. Small pools are sized by their own queue. Spot beside a steady share; with a load by hour, the base on a commitment and the peaks by the hour. `{"inference": {model, requestsPerDay}}` is enough.',
        tags: ['Recommendations'],
        security: keyTaken,
        body: ref(MixedFleetRequestSchema),
        'x-request-examples': mixedFleetExamples,
        response: {
          200: json(ref(MixedFleetSchema), 'The mix.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { snapshot, replay, pinned, question, at } = await ask(request, request.body);
      const fleet = await recommendMixedFleet(snapshot, question, at, takeTurns, solve);
      return inReportingCurrency(toApiMixedFleet(fleet, pinned, replay));
    },
  );

  app.post(
    '/v1/hardware-recommendations/training-clusters',
    {
      schema: {
        operationId: 'recommendTrainingCluster',
        summary: 'The best cluster for a training run',
        description:
          'For each way of paying the device and cluster size that train it for least hardware, or end first within the budget, with the next best: failures, checkpoints and the interruptions of spot capacity included; owning against renting with the utilization at which both cost the same; and what was left out, why and by how much. `{"training": {model, tokens}}` is enough.',
        tags: ['Recommendations'],
        security: keyTaken,
        body: ref(TrainingClusterRequestSchema),
        'x-request-examples': trainingClusterExamples,
        response: {
          200: json(ref(TrainingClustersSchema), 'The clusters.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const { snapshot, replay, pinned, question, at } = await ask(request, request.body);
      const clusters = await recommendTrainingClusters(snapshot, question, at, takeTurns);
      return inReportingCurrency(toApiTrainingClusters(clusters, pinned, replay));
    },
  );
};
