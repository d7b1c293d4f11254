/** What cannot even be read as HTTP never becomes a request; it is answered on the socket. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemDocument, problemMediaType } from '../problems/document.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { mayTakeLonger } from './long-uploads.ts';

const problemOf = (code: string | undefined): ProblemError => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ProblemError(
        'headers-too-large',
        'The request headers are larger than 16 KiB together. Send fewer or shorter ones.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ProblemError(
        'request-timeout',
        'The request did not arrive completely in time. Send it again, over a faster connection if this repeats.',
      );
    default:
      return new ProblemError('malformed-request', 'What arrived is not an HTTP/1.1 request.');
  }
};

export const answerClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && mayTakeLonger(socket)) return;
  // The client is gone, or there is an answer on the way already: nothing can be said.
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(error.code);
  const requestId = randomUUID();
  const body = JSON.stringify(problemDocument(problem, requestId));
  socket.end(
    [
      `HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}`,
      `Content-Type: ${problemMediaType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      'Cache-Control: no-store',
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
};
