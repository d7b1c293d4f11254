import { Type } from '@sinclair/typebox';
import { choice, component } from './component.ts';
import { timestamp } from './timestamp.ts';

export const LivenessSchema = component(
  'Liveness',
  { status: Type.Literal('alive', { description: 'Always "alive": a process that is not does not answer.' }) },
  { description: 'The process answers.', examples: [{ status: 'alive' }] },
);

export const ReadinessSchema = component(
  'Readiness',
  {
    status: choice(['ready', 'degraded'], {
      description: 'degraded: the database is unreachable; reads and estimates go on, writes do not.',
    }),
    database: choice(['reachable', 'away'], { description: 'Whether the database answered just now.' }),
    catalogRevision: Type.Integer({ description: 'Revision of the catalog in memory.', minimum: 0 }),
    catalogCommittedAt: timestamp('When that revision was committed.'),
    catalogAgeSeconds: Type.Integer({
      description: 'Seconds since the catalog in memory was last known to be the newest.',
      minimum: 0,
    }),
  },
  { description: 'What this instance can do right now.' },
);
