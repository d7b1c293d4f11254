/**
 * Streams the entries of a large block-style YAML file. Each entry is cut out by its indentation and parsed by itself, so that the
 * whole file neither fills the memory nor blocks the thread. All scalars are kept as text.
 */
import { parse } from 'yaml';
import { FeedFormatError, type FeedInput } from './feed.ts';
import { textOf } from './json-values.ts';

interface YamlBlock {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** No price file comes near these limits; a file that does is something else and must not fill the memory. */
const LONGEST_LINE = 65_536;
const LONGEST_BLOCK = 2 ** 20;

async function* linesOf(input: FeedInput): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of textOf(input)) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE)
      throw new FeedFormatError('A line is longer than 64 KiB; this is no YAML file of prices.');
    for (const line of lines) yield line.replace(/\r$/, '');
  }
  if (rest !== '') yield rest;
}

/** A mapping whose entries are read one by one. They begin at `indent`, which is known once the first entry was seen. */
interface Level {
  readonly path: readonly string[];
  readonly parentIndent: number;
  indent: number | undefined;
}

const KEY = /^( *)(?:"([^"]*)"|'([^']*)'|([^\s#"'&*!|>%@`[\]{},][^:#]*)):(?:\s|$)/;

const parsed = (path: readonly string[], lines: readonly string[]): unknown => {
  try {
    const entry: unknown = parse(lines.join('\n'), { schema: 'failsafe', maxAliasCount: 0 });
    return typeof entry === 'object' && entry !== null ? Object.values(entry)[0] : undefined;
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new FeedFormatError(`The file is not YAML at ${path.join('.')}: ${reason}`);
  }
};

/** @param goesInto says for the path of a mapping whether its entries are wanted one by one; those of the outermost mapping always are. */
export async function* yamlBlocks(
  input: FeedInput,
  goesInto: (path: readonly string[]) => boolean,
): AsyncGenerator<YamlBlock> {
  let levels: Level[] = [{ path: [], parentIndent: -1, indent: undefined }];
  let block:
    | { readonly path: readonly string[]; readonly indent: number; readonly lines: string[]; size: number }
    | undefined;
  const finished = function* (): Generator<YamlBlock> {
    if (block !== undefined) yield { path: block.path, value: parsed(block.path, block.lines) };
    block = undefined;
  };
  for await (const line of linesOf(input)) {
    const indent = line.search(/\S/);
    if (block !== undefined && (indent < 0 || indent > block.indent)) {
      block.lines.push(line);
      block.size += line.length;
      if (block.size > LONGEST_BLOCK)
        throw new FeedFormatError(`The entry ${block.path.join('.')} is longer than 1 MiB.`);
      continue;
    }
    yield* finished();
    if (indent < 0 || /^(---|\.\.\.|%|\s*#)/.test(line)) continue;
    levels = levels.filter(({ parentIndent }) => parentIndent < indent);
    const level = levels.at(-1);
    const [, , double, single, plain] = KEY.exec(line) ?? [];
    const key = double ?? single ?? plain?.trim();
    if (level === undefined || key === undefined)
      throw new FeedFormatError(`The file is not YAML in blocks: '${line.slice(0, 60)}'.`);
    level.indent ??= indent;
    if (indent !== level.indent)
      throw new FeedFormatError(
        `The file is not YAML: '${line.slice(0, 60)}' is indented otherwise than the entry before.`,
      );
    const path = [...level.path, key];
    if (/:\s*$/.test(line) && goesInto(path)) levels.push({ path, parentIndent: indent, indent: undefined });
    else block = { path, indent, lines: [line], size: line.length };
  }
  yield* finished();
}
