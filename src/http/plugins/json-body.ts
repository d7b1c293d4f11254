/** Reads JSON bodies and says where they break. Other media types are added by the routes that take them. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { App } from '../application.ts';
import { emptyBody } from '../problems/from-error.ts';
import { ProblemError } from '../problems/problem-error.ts';
import { nameOf, pointerOf } from '../problems/validation.ts';
import { repeatedField } from './repeated-fields.ts';

const token = /[ \t\r\n]*("(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:])/y;

/** Where something stands that is no JSON token, or a bracket or comma where a value belongs. */
const firstUnexpected = (text: string): number => {
  let previous = '';
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const start = token.lastIndex;
    const found = token.exec(text)?.[1];
    if (found === undefined) return start + text.slice(start).search(/[^ \t\r\n]|$/);
    const misplaced = /^[,:]?$/.test(previous) || (previous === '[' && found !== ']');
    if (misplaced && /^[\]},:]$/.test(found)) return token.lastIndex - found.length;
    previous = found;
  }
  return text.length;
};

/** V8 says the position of most mistakes, but of an unexpected token only the text around it. */
const positionOf = (text: string, message: string): string => {
  const said = /position (\d+)/.exec(message)?.[1];
  const offset = said === undefined ? firstUnexpected(text) : Number(said);
  if (offset >= text.length) return ' It ends too early: a bracket or a quote is not closed.';
  const before = text.slice(0, offset).split('\n');
  return ` It breaks at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`;
};

const hintFor = (text: string): string =>
  /[:[,]\s*-?(NaN|Infinity)\b/.test(text)
    ? ' JSON has no NaN and no Infinity: leave the field out or give a number.'
    : /,\s*[}\]]/.test(text)
      ? ' JSON allows no comma before a closing bracket.'
      : /'/.test(text) && !/"/.test(text)
        ? ' JSON strings are in double quotes.'
        : '';

const explain = (text: string): ProblemError => {
  try {
    JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    return new ProblemError(
      'malformed-json',
      `The body is not valid JSON.${positionOf(text, message)}${hintFor(text)}`,
    );
  }
  return new ProblemError(
    'malformed-json',
    "The body uses the field name '__proto__' or 'constructor.prototype', which is not allowed anywhere. Remove that field.",
  );
};

/** JSON is exchanged in UTF-8 (RFC 8259 section 8.1); a byte order mark may be ignored, and is. */
const utf8 = new TextDecoder();

const notUtf8 = (bytes: Buffer): ProblemError => {
  const text = utf8.decode(bytes);
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf('\uFFFD'); at >= 0; at = text.indexOf('\uFFFD', from)) {
    offset += Buffer.byteLength(text.slice(from, at));
    from = at;
    // A replacement character that was sent as such is one like any other.
    if (bytes.subarray(offset, offset + 3).toString('latin1') !== '\xef\xbf\xbd') break;
    offset += 3;
    from += 1;
  }
  const before = text.slice(0, from).split('\n');
  return new ProblemError(
    'malformed-json',
    `The body is not UTF-8, in which JSON is sent whatever the charset of the Content-Type says. It breaks at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}.`,
  );
};

const givenTwice = (segments: readonly string[]): ProblemError => {
  const detail = `${nameOf(segments)} is given twice; give it once.`;
  return new ProblemError('invalid-request', `The body was refused. ${detail}`, {
    errors: [{ pointer: pointerOf(segments), rule: 'duplicate', detail }],
  });
};

const compressed = (encoding: string): ProblemError =>
  new ProblemError(
    'unsupported-media-type',
    `The body has the Content-Encoding '${encoding}'; send it uncompressed. Only price lists are taken compressed.`,
    { headers: { 'accept-encoding': 'identity' } },
  );

export const jsonBody = (app: App): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  // As bytes: read as a string, bytes that are not UTF-8 would silently become U+FFFD, and a name another name.
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    const encoding = request.headers['content-encoding'] ?? 'identity';
    if (encoding.toLowerCase() !== 'identity') return done(compressed(encoding));
    if (!isUtf8(bytes)) return done(notUtf8(bytes));
    // For the audit of those who write; others have no actor.
    if (request.actor !== undefined) request.bodySha256 = createHash('sha256').update(bytes).digest();
    const text = utf8.decode(bytes);
    if (text.trim() === '') return done(emptyBody());
    parse(request, text, (error, value) => {
      if (error) return done(explain(text));
      const twice = repeatedField(text);
      if (twice === undefined) done(null, value);
      else done(givenTwice(twice));
    });
  });
};
