/** JSON parsers keep the last of two fields with one name: which of them the caller meant would be a guess. */

interface Frame {
  /** Null in a list. */
  readonly names: Set<string> | null;
  /** The field, or the index in a list. */
  at: string | number;
}

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPENING_BRACKET = 91;
const CLOSING_BRACKET = 93;
const OPENING_BRACE = 123;
const CLOSING_BRACE = 125;

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

const isField = (text: string, end: number): boolean => {
  let next = end + 1;
  while (' \t\r\n'.includes(text.charAt(next)) && next < text.length) next++;
  return text.charCodeAt(next) === COLON;
};

/** The path of the first field that stands twice in one object; undefined where none does. @param text valid JSON */
export function repeatedField(text: string): readonly string[] | undefined {
  const frames: Frame[] = [];
  for (let index = 0; index < text.length; index++) {
    const frame = frames.at(-1);
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index);
        if (frame?.names && isField(text, end)) {
          const name = JSON.parse(text.slice(index, end + 1)) as string;
          frame.at = name;
          if (frame.names.has(name)) return frames.map(({ at }) => String(at));
          frame.names.add(name);
        }
        index = end;
        break;
      }
      case COMMA:
        if (typeof frame?.at === 'number') frame.at++;
        break;
      case OPENING_BRACE:
        frames.push({ names: new Set(), at: '' });
        break;
      case OPENING_BRACKET:
        frames.push({ names: null, at: 0 });
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        frames.pop();
        break;
    }
  }
  return undefined;
}
