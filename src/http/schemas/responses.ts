import type { TSchema } from '@sinclair/typebox';
import { type ProblemCode, problemCatalogue, problemCodes } from '../problems/catalogue.ts';
import { problemMediaType } from '../problems/document.ts';
import { ref } from './component.ts';
import { ProblemSchema } from './problem.ts';

type ProblemStatus = (typeof problemCatalogue)[ProblemCode]['status'];

type ProblemResponse = {
  readonly description: string;
  readonly content: { readonly [problemMediaType]: { readonly schema: ReturnType<typeof ref<typeof ProblemSchema>> } };
};

/** The problems that an answer with this status can be. */
export const codesOf = (status: number): readonly ProblemCode[] =>
  problemCodes.filter((code) => problemCatalogue[code].status === status);

const problemResponse = (status: number): ProblemResponse => ({
  description: codesOf(status)
    .map((code) => `${problemCatalogue[code].title} (\`${code}\`).`)
    .join(' '),
  content: { [problemMediaType]: { schema: ref(ProblemSchema) } },
});

/** The documented failures of an operation: `response: { 200: …, ...problemResponses(400, 404) }`. */
export const problemResponses = <const Statuses extends readonly ProblemStatus[]>(
  ...statuses: Statuses
): { readonly [Status in Statuses[number]]: ProblemResponse } =>
  Object.fromEntries(statuses.map((status) => [status, problemResponse(status)])) as {
    readonly [Status in Statuses[number]]: ProblemResponse;
  };

/** What every operation can answer: unreadable query or headers, media type, rate limit, failure, overload. */
export const everyOperation = [400, 406, 429, 500, 503] as const;

/** What an operation with a JSON body can answer besides. */
export const withBody = [...everyOperation, 413, 415] as const;

/** A JSON answer; a component is referred to by its name. */
export const json = <Schema extends TSchema>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema: schema.$id === undefined ? schema : (ref(schema) as unknown as Schema) } },
});
