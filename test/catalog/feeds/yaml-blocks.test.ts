import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { yamlBlocks } from '../../../src/catalog/feeds/yaml-blocks.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const read = async (text: string, goesInto: (path: readonly string[]) => boolean = () => false, size = 7) => {
  const blocks: [string, unknown][] = [];
  for await (const { path, value } of yamlBlocks(inPieces(text, size), goesInto)) blocks.push([path.join('/'), value]);
  return blocks;
};

describe('entries of a YAML file', () => {
  it('come one by one, those of the mappings gone into by themselves', async () => {
    const text =
      '---\n# prices\nabout:\n  note: |2\n\n    two: lines\n  at: 012\na:\n    "b c":\n        x: 1.50\n    d: {e: 2}\n\nf: g\n';
    expect(await read(text, (path) => path.join() === 'a')).toEqual([
      ['about', { note: '\ntwo: lines\n', at: '012' }],
      ['a/b c', { x: '1.50' }],
      ['a/d', { e: '2' }],
      ['f', 'g'],
    ]);
  });

  it('are what a parser of the whole makes, however the file is cut', async () => {
    const key = fc.string({ minLength: 1, maxLength: 8 }).filter((it) => /^[a-z][a-z0-9 -]*[a-z0-9]$/.test(it));
    const tree = fc.dictionary(
      key,
      fc.oneof(fc.string(), fc.dictionary(key, fc.array(fc.string(), { maxLength: 3 }))),
      {
        minKeys: 1,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(key, tree, { minKeys: 1 }),
        fc.integer({ min: 1, max: 40 }),
        async (file, size) => {
          const text = stringify(file, { lineWidth: 0 });
          expect(Object.fromEntries(await read(text, () => false, size))).toEqual(file);
          const entries = Object.entries(file).flatMap(([name, inner]) =>
            Object.entries(inner).map(([second, value]) => [`${name}/${second}`, value]),
          );
          const found = await read(text, (path) => path.length === 1, size);
          expect(found).toEqual(entries);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a list', '- a\n- b\n', /not YAML in blocks/],
    ['JSON', '{"a": 1}', /not YAML in blocks/],
    ['an entry indented otherwise', 'a: 1\n b: 2\n  c: 3\nd: [\n', /not YAML at/],
    ['a line without end', 'x'.repeat(70_000), /longer than 64 KiB/],
    ['an entry without end', `a:\n${'  - 1\n'.repeat(300_000)}`, /longer than 1 MiB/],
    ['an alias', 'a: &x 1\nb: *x\n', /not YAML at b/],
  ])('%s is refused in a sentence', async (_name, text, sentence) => {
    await expect(read(text, undefined, 4096)).rejects.toThrow(sentence);
  });
});
