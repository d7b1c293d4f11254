/** A placement question. */
import { Type } from '@sinclair/typebox';
import { BEYOND } from '../../../domain/placement/request.ts';
import { choice, component, list, ref } from '../component.ts';
import { pinFields } from '../pins.ts';
import { percent, positive, positiveInteger } from '../quantity.ts';
import { id, notNegative } from './fields.ts';
import { PlacementComponentSchema } from './placed-component.ts';
import { PlacementSiteSchema, UserGroupSchema } from './places.ts';
import { PoliciesSchema } from './policies.ts';

const EdgeSchema = component(
  'ComponentEdge',
  {
    from: id('Component that calls.', 'detect'),
    to: id('Component that is called.', 'forensics'),
    callsPerDay: positive('Calls a day.', 1e13, 20_000),
    requestKilobytes: notNegative('Data sent per call, KB.', 1e9, 40),
    responseKilobytes: Type.Optional(notNegative('Data sent back per call, KB; 0 where absent.', 1e9, 1)),
  },
  { description: 'Traffic between two components; it costs where it leaves a provider’s region.' },
);

const PathSchema = component(
  'LatencyPath',
  {
    components: list(id('Component.', 'detect'), {
      description: 'Ids of the components in the order in which they call each other.',
      minItems: 2,
      maxItems: 12,
    }),
    milliseconds: positive('p95 of the whole chain, ms; the parts are added as if all were slow together.', 1e8, 400),
  },
  { description: 'A chain of calls with a budget for the whole.' },
);

const LimitsSchema = component(
  'SearchLimits',
  {
    nodes: Type.Optional(positiveInteger('Nodes of the branch and bound; 50,000 where absent.', 10_000_000, 50_000)),
    simplexIterations: Type.Optional(
      positiveInteger(
        'Simplex iterations of each program; where absent 400,000, and fewer for a program with more than 10,000 coefficients.',
        100_000_000,
        400_000,
      ),
    ),
    gapPercent: Type.Optional(
      percent('Stop when the plan is proved within this of the least cost; 0.1 where absent.', 0.1),
    ),
  },
  {
    description: 'Counted work after which the search stops: the same question gives the same plan.',
    examples: [{ gapPercent: 1 }],
  },
);

export const PlacementRequestSchema = component(
  'DeploymentPlacementRequest',
  {
    components: list(ref(PlacementComponentSchema), {
      description: 'What is to be placed.',
      minItems: 1,
      maxItems: 500,
    }),
    edges: Type.Optional(list(ref(EdgeSchema), { description: 'Traffic between components.', maxItems: 2000 })),
    paths: Type.Optional(list(ref(PathSchema), { description: 'Chains of calls with a budget.', maxItems: 50 })),
    userGroups: list(ref(UserGroupSchema), { description: 'Who uses it, and from where.', minItems: 1, maxItems: 50 }),
    sites: Type.Optional(
      list(ref(PlacementSiteSchema), {
        description: 'Where it may run; every priced region of the catalog and edge devices at the users where absent.',
        minItems: 1,
        maxItems: 100,
      }),
    ),
    policies: Type.Optional(ref(PoliciesSchema, { description: 'What holds for the whole.' })),
    include: Type.Optional(
      list(choice(BEYOND, { description: 'What to answer beyond the plan.', examples: ['pareto'] }), {
        description:
          'pareto: the front of cost against carbon and latency. insist: the price of other options. flips: what would change the plan. failover: the plan without each of its sites.',
        maxItems: 4,
        examples: [['flips']],
      }),
    ),
    limits: Type.Optional(ref(LimitsSchema, { description: 'Where the search stops.' })),
    ...pinFields,
  },
  {
    description: 'A placement question. Components with their load and the country of the users are enough.',
    examples: [
      {
        components: [{ id: 'chat', model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 100_000 }],
        userGroups: [{ country: 'AE' }],
      },
    ],
  },
);
