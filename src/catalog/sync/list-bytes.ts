/** The bytes of a price list as they arrive: unpacked, counted and hashed on the way. */
import { createHash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { notePassed } from '../../young-buffers.ts';
import { SyncFailure } from './failure.ts';

/** Refuses more than the limit. */
export class ListBytes {
  readonly #hash = createHash('sha256');
  readonly #source: Readable;
  readonly #limitBytes: number;
  #bytes = 0;

  constructor(body: Readable, gzip: boolean, limitBytes: number) {
    this.#limitBytes = limitBytes;
    // It may break before the iteration starts, when nobody else listens; the iteration then tells.
    body.on('error', () => undefined);
    this.#source = gzip ? unpacked(body) : body;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of this.#source as AsyncIterable<Buffer>) {
        if (this.#bytes === 0) refuseOtherKinds(chunk);
        this.#bytes += chunk.length;
        if (this.#bytes > this.#limitBytes) {
          throw new SyncFailure(
            'list_too_large',
            `The list is longer than ${Math.floor(this.#limitBytes / 2 ** 20)} MiB unpacked. Send it in parts, each with its own scope.`,
          );
        }
        this.#hash.update(chunk);
        notePassed(chunk.length);
        yield chunk;
      }
    } catch (error) {
      throw asFailure(error);
    }
  }

  sha256(): Buffer {
    return this.#hash.digest();
  }
}

/** Errors of either stream end the iteration over the result. They may come before it starts, when nobody else listens. */
function unpacked(body: Readable): Readable {
  const gunzip = createGunzip();
  gunzip.on('error', () => undefined);
  pipeline(body, gunzip, () => undefined);
  return gunzip;
}

/** Kinds of file that are sent by mistake in place of a price list, by the bytes that they begin with. */
const OTHER_KINDS: readonly (readonly [beginning: readonly number[], sentence: string])[] = [
  [[0x1f, 0x8b], 'The body is gzip; say so with Content-Encoding: gzip.'],
  [[0x50, 0x4b, 0x03, 0x04], 'The body is a spreadsheet or a zip file; export the list as CSV in UTF-8.'],
  [[0xff, 0xfe], 'The list is UTF-16; save it in UTF-8.'],
  [[0xfe, 0xff], 'The list is UTF-16; save it in UTF-8.'],
];

const refuseOtherKinds = (first: Buffer): void => {
  const kind = OTHER_KINDS.find(([beginning]) => beginning.every((byte, index) => first[index] === byte));
  if (kind !== undefined) throw new SyncFailure('malformed_list', `${kind[1]} Nothing was changed.`);
};

const asFailure = (error: unknown): unknown => {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code.startsWith('Z_')) {
    const detail = code === 'Z_BUF_ERROR' ? 'The gzip body ends too early' : 'The body is not what gzip makes';
    return new SyncFailure('malformed_list', `${detail}; nothing was changed. Send it again whole.`, { cause: error });
  }
  if (['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNABORTED', 'EPIPE'].includes(code)) {
    return new SyncFailure(
      'interrupted_upload',
      'The upload broke off; nothing was changed. Send it again with the same key.',
      {
        cause: error,
      },
    );
  }
  return error;
};

/** Reads a list to its end for its hash alone. */
export const hashOfList = async (list: ListBytes): Promise<Buffer> => {
  for await (const _ of list);
  return list.sha256();
};
