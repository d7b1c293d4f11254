/** What COPY says of a list that it cannot read, in words for its sender and with the row. */
import { FeedFormatError } from '../feeds/feed.ts';
import { CANONICAL_COLUMNS } from './canonical-row.ts';
import { SyncFailure } from './failure.ts';

const apiNames = new Map(CANONICAL_COLUMNS.map(({ stagingName, name }) => [stagingName, name]));

/** An error of COPY in words, with what to do about it. */
const inOurWords = (code: string, message: string): string => {
  if (code === '22021' || code === '22P05') {
    const bytes = /0x[0-9a-f]{2}(?: 0x[0-9a-f]{2})*/.exec(message)?.[0];
    return `it is not UTF-8${bytes === undefined ? '' : ` (${bytes})`}; save the file in UTF-8.`;
  }
  if (message.startsWith('extra data'))
    return 'it has more cells than the header; a cell with the delimiter in it needs quotes, and an amount has no thousands sign.';
  const missing = /^missing data for column "(\w+)"/.exec(message)?.[1];
  if (missing !== undefined)
    return `it has fewer cells than the header: from '${apiNames.get(missing) ?? missing}' on they are missing.`;
  if (message.startsWith('unquoted'))
    return 'a line break stands there by itself within the row; put the cell in quotes, or end all lines alike.';
  if (message.startsWith('unterminated')) return 'a quote is opened there and never closed.';
  return `${message}.`;
};

/** By the codes 22P04 structure, 22021 encoding, 22P05 characters. Other errors come back as they are. */
export const copyFailure = (error: unknown): unknown => {
  if (error instanceof FeedFormatError || (error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    const detail = error instanceof FeedFormatError ? error.message : 'It is not UTF-8.';
    return new SyncFailure('malformed_list', `The file cannot be read. ${detail} Nothing was changed.`, {
      cause: error,
    });
  }
  const { code, where, message } = error as { code?: string; where?: string; message?: string };
  if (code === undefined || !/^(22|42601)/.test(code)) return error;
  const row = /line (\d+)/.exec(where ?? '')?.[1];
  const place = row === undefined ? '' : ` at row ${row}`;
  return new SyncFailure(
    'malformed_list',
    `The list cannot be read${place}: ${inOurWords(code, message ?? '')} Nothing was changed; correct that row and send the list again.`,
    { ...(row !== undefined && { rowNumber: Number(row) }), cause: error },
  );
};
