/** Examples of answers, asked of the application itself, so that they are never made up. */
import type { InjectOptions } from 'fastify';
import type { App } from '../../src/http/application.ts';
import { firstClicks, needsKey, type Operation } from './operations.ts';

/**
 * Not recorded: metrics differ on every run, the contract cannot contain itself, what a revision changed and placements that were kept
 * are in the database, and an export is the whole catalog.
 */
const notRecorded = new Set([
  'getMetrics',
  'getContract',
  'listRevisionDifferences',
  'getPriceExport',
  'getDeploymentPlacement',
  'getOperation',
  'deleteOperation',
]);

type Examples = Record<string, { readonly summary: string; readonly value: unknown }>;

/** Two items show what a page looks like. */
const shortPage = (answer: Record<string, unknown>): Record<string, unknown> =>
  Array.isArray(answer.items) ? { ...answer, items: answer.items.slice(0, 2) } : answer;

/** Longer lists of objects are cut to their first members: whole answers would make the contract slow to open. */
const LONGEST_LIST = 4;
const SHOWN = 2;

function shortened(value: unknown): unknown {
  if (Array.isArray(value)) {
    const long = value.length > LONGEST_LIST && value.every((member) => typeof member === 'object');
    return (long ? value.slice(0, SHOWN) : value).map(shortened);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shortened(member)]));
}

/** operationId -> the answer to its first example request. */
export const responseExamples = async (
  app: App,
  operations: readonly Operation[],
): Promise<ReadonlyMap<string, Examples>> => {
  const found = new Map<string, Examples>();
  const failures: string[] = [];
  for (const operation of operations) {
    const [request] = firstClicks(operation);
    if (request === undefined || needsKey(operation) || notRecorded.has(operation.operationId)) continue;
    const { name, summary, method, url, headers, payload } = request;
    const asked: InjectOptions = { method, url, headers: { ...headers, 'x-request-id': 'example-request' } };
    const response = await app.inject(payload === undefined ? asked : { ...asked, payload: payload as object });
    if (response.statusCode >= 300) {
      failures.push(`${operation.operationId}: '${name}' is answered with ${response.statusCode}: ${response.body}`);
      continue;
    }
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    const whole: unknown = isJson ? shortPage(response.json()) : response.body;
    const value = shortened(whole);
    const isCut = JSON.stringify(value) !== JSON.stringify(whole);
    found.set(operation.operationId, {
      [name]: { summary: isCut ? `${summary} (long lists cut short)` : summary, value },
    });
  }
  const placement = found.get('placeDeployment');
  if (placement !== undefined) found.set('getDeploymentPlacement', placement);
  if (failures.length > 0) throw new Error(`Examples that do not work:\n${failures.join('\n')}`);
  return found;
};
