/**
 * Values at chosen places of a JSON text, as it streams by: what is between them is never built, so memory is that of one
 * value however long the file. Each value is cut out and given to JSON.parse; numbers stay the texts that they were, because
 * an amount must not go through a float. Several documents may follow one another.
 */
import { FeedFormatError, type FeedInput } from './feed.ts';

export type JsonPath = readonly (string | number)[];

interface JsonValue {
  readonly path: JsonPath;
  /** Numbers as the texts that they were. */
  readonly value: unknown;
}

/** No price file comes near either; what does is no price file, and must not fill the memory. */
const DEEPEST = 100;
const LONGEST_VALUE = 2 ** 24;

interface Frame {
  readonly closedBy: string;
  key: string | number;
  expectsKey: boolean;
}

const numbersAsText = (_key: string, value: unknown, context?: { readonly source: string }): unknown =>
  typeof value === 'number' ? context?.source : value;

export const parseExactly = (text: string): unknown => {
  try {
    return JSON.parse(text, numbersAsText);
  } catch (error) {
    throw new FeedFormatError(`The file is not JSON: ${(error as Error).message}`);
  }
};

/** Text of bytes or texts, chunk by chunk; characters that lie across two chunks stay whole. */
export async function* textOf(input: FeedInput): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for await (const chunk of input) yield typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

const endsScalar = (character: string): boolean => ',}] \n\r\t'.includes(character);

class JsonScanner {
  readonly #wants: (path: JsonPath) => boolean;
  readonly #frames: Frame[] = [];
  #state: 'value' | 'key' | 'string' | 'scalar' | 'between' = 'value';
  #escaped = false;
  /** Text of the value or key that is being cut out, from earlier chunks. */
  #cut = '';
  /** Depth at which the value that is being cut out began; -1 while none is. */
  #cutDepth = -1;

  constructor(wants: (path: JsonPath) => boolean) {
    this.#wants = wants;
  }

  *scan(chunk: string): Generator<JsonValue> {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const character = chunk[at] as string;
      if (this.#state === 'string' || this.#state === 'key') {
        if (this.#escaped) this.#escaped = false;
        else if (character === '\\') this.#escaped = true;
        else if (character === '"') {
          if (this.#state === 'key') {
            if (this.#cutDepth < 0) {
              this.#frame().key = parseExactly(this.#cut + chunk.slice(from, at + 1)) as string;
              this.#cut = '';
            }
            this.#state = 'between';
          } else yield* this.#endValue(chunk, from, at + 1);
        }
        continue;
      }
      if (this.#state === 'scalar') {
        if (!endsScalar(character)) continue;
        yield* this.#endValue(chunk, from, at);
      }
      if (character === ' ' || character === '\n' || character === '\r' || character === '\t' || character === ':') {
        if (character === ':') this.#state = 'value';
        continue;
      }
      if (character === ',') {
        const frame = this.#frame();
        if (typeof frame.key === 'number') {
          frame.key++;
          this.#state = 'value';
        } else frame.expectsKey = true;
        continue;
      }
      if (character === '}' || character === ']') {
        if (this.#frames.pop()?.closedBy !== character)
          throw new FeedFormatError('The file is not JSON: a bracket is closed that is not open.');
        yield* this.#endValue(chunk, from, at + 1);
        continue;
      }
      const frame = this.#frames.at(-1);
      if (frame?.expectsKey === true && character === '"') {
        frame.expectsKey = false;
        if (this.#cutDepth < 0) from = at;
        this.#state = 'key';
        continue;
      }
      if (this.#state !== 'value')
        throw new FeedFormatError(`The file is not JSON: '${character}' is where no value can be.`);
      if (this.#cutDepth < 0 && this.#wants(this.#path())) {
        this.#cutDepth = this.#frames.length;
        from = at;
      }
      if (this.#frames.length === DEEPEST) throw new FeedFormatError(`The file nests deeper than ${DEEPEST} levels.`);
      if (character === '{') this.#frames.push({ closedBy: '}', key: '', expectsKey: true });
      else if (character === '[') this.#frames.push({ closedBy: ']', key: 0, expectsKey: false });
      this.#state =
        character === '"' ? 'string' : character === '{' ? 'between' : character === '[' ? 'value' : 'scalar';
    }
    if (this.#cutDepth >= 0 || this.#state === 'key') this.#cut += chunk.slice(from);
    if (this.#cut.length > LONGEST_VALUE) throw new FeedFormatError('A single value is longer than 16 MiB.');
  }

  /** @throws FeedFormatError when a value is not finished. */
  *end(): Generator<JsonValue> {
    if (this.#state === 'scalar') yield* this.#endValue('', 0, 0);
    if (this.#frames.length > 0 || this.#state === 'string') {
      throw new FeedFormatError('The file ends in the middle of its JSON.');
    }
  }

  *#endValue(chunk: string, from: number, to: number): Generator<JsonValue> {
    // After the outermost value another document may follow.
    this.#state = this.#frames.length === 0 ? 'value' : 'between';
    if (this.#cutDepth !== this.#frames.length) return;
    const text = this.#cut + chunk.slice(from, to);
    this.#cut = '';
    this.#cutDepth = -1;
    yield { path: this.#path(), value: parseExactly(text) };
  }

  #frame(): Frame {
    const frame = this.#frames.at(-1);
    if (frame === undefined) throw new FeedFormatError('The file is not JSON: it is not an object or a list.');
    return frame;
  }

  #path(): JsonPath {
    return this.#frames.map(({ key }) => key);
  }
}

/** The values at the paths that are wanted, in the order of the file. What is in a wanted value is not looked at again. */
export async function* jsonValues(input: FeedInput, wants: (path: JsonPath) => boolean): AsyncGenerator<JsonValue> {
  const scanner = new JsonScanner(wants);
  for await (const chunk of textOf(input)) yield* scanner.scan(chunk);
  yield* scanner.end();
}
