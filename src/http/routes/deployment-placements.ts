/** Where to run what. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dependencies } from '../../dependencies.ts';
import { placeDeployment } from '../../domain/placement/place.ts';
import type { App } from '../application.ts';
import { toApiPlacement, withSiteKinds } from '../convert/placement.ts';
import { pinnedReading } from '../convert/replay.ts';
import type { PriceBookAccess } from '../price-book-access.ts';
import { ref } from '../schemas/component.ts';
import { placementExamples } from '../schemas/placement-examples.ts';
import { PlacementRequestSchema } from '../schemas/placement-request.ts';
import { DeploymentPlacementSchema } from '../schemas/placement-response.ts';
import { json, problemResponses, withBody } from '../schemas/responses.ts';

/** The thread is handed on when the options of one question have kept it so long. */
const TURN_MS = 8;

export const deploymentPlacementRoutes = (
  app: App,
  { catalog, now, solve }: Dependencies,
  priceBooks: PriceBookAccess,
): void => {
  app.post(
    '/v1/deployment-placements',
    {
      schema: {
        operationId: 'placeDeployment',
        summary: 'Where to run what, lawfully and for least cost',
        description:
          'Device, edge, room, colocation or cloud region for each component, or a split: the plan of least cost that keeps the law, the latency from the users, memory, power, heat, stock and budget, with the proof of how good it is, every check of every option with its margin, and a paragraph per component. Components and the country of the users are enough. What cannot be done is answered with status infeasible, what conflicts, and a change that was tried. What it says on law is not legal advice.',
        tags: ['Placements'],
        body: ref(PlacementRequestSchema),
        'x-request-examples': placementExamples,
        response: {
          200: json(ref(DeploymentPlacementSchema), 'The plan, or why there is none.'),
          ...problemResponses(...withBody, 401, 403, 404, 422),
        },
      },
    },
    async (request) => {
      const body = withSiteKinds(request.body);
      const sources = { catalog, priceBook: priceBooks(request) };
      const { snapshot, replay, pinned } = await pinnedReading(sources, body, catalog.current(), now());
      const { pricingAt: _at, catalogRevision: _revision, priceBook: _book, ...question } = body;
      let turnEnds = performance.now() + TURN_MS;
      const breathe = async (): Promise<void> => {
        if (performance.now() < turnEnds) return;
        await nextTurn();
        turnEnds = performance.now() + TURN_MS;
      };
      const placement = await placeDeployment(snapshot, question, replay.pricingAt, { solve, breathe });
      return toApiPlacement(placement, pinned, replay);
    },
  );
};
