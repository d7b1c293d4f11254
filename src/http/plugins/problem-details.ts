/** Problem documents (RFC 9457) on every error, known routes and unknown ones. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { connectFailureReason } from '../../db/wait.ts';
import type { CatalogAccess } from '../../dependencies.ts';
import { problemDocument, problemMediaType } from '../problems/document.ts';
import { problemFromError } from '../problems/from-error.ts';
import type { ProblemError } from '../problems/problem-error.ts';

const answerWith = (reply: FastifyReply, request: FastifyRequest, problem: ProblemError): FastifyReply =>
  reply
    .code(problem.statusCode)
    .headers(problem.headers)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    // A string goes out as it is: extensions of a problem are not in the response schema and must not be dropped.
    .send(JSON.stringify(problemDocument(problem, request.id)));

const causeOf = ({ cause }: ProblemError): { readonly cause?: string } => {
  const first = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
  return first === undefined ? {} : { cause: connectFailureReason(first) };
};

/** The one place where an error becomes an answer. Failures of ours are logged here, once. */
export const problemSender =
  (catalog: CatalogAccess) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const problem = problemFromError(error, request, catalog.current());
    if (problem.code === 'internal-error') {
      request.log.error({ err: problem.cause, problem: problem.code }, problem.message);
    } else if (problem.statusCode >= 500) {
      // Expected when the database is away or there is too much work: what is the matter, and no stack.
      request.log.warn({ problem: problem.code, ...causeOf(problem) }, problem.message);
    }
    return answerWith(reply, request, problem);
  };
