import fc from 'fast-check';
import { expect, it } from 'vitest';
import { boundedParts } from '../../../src/catalog/sync/bounded-rows.ts';
import { type Delimiter, type LineEnd, tidyRows } from '../../../src/catalog/sync/tidy-rows.ts';

const tidied = async (chunks: readonly Buffer[], delimiter: Delimiter, lineEnd: LineEnd): Promise<string> => {
  const out: Buffer[] = [];
  const parts = boundedParts(
    (async function* () {
      yield* chunks;
    })(),
    delimiter,
  );
  for await (const part of tidyRows(parts, delimiter, lineEnd)) out.push(part);
  return Buffer.concat(out).toString('utf8');
};

const inPieces = (text: string, cuts: readonly number[]): readonly Buffer[] => {
  const bytes = Buffer.from(text);
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
};

it.each([
  ['padded cells', ' aws , us-east-1\u00A0,\t55.04 \nb, c\t,d\n', 'aws,us-east-1,55.04\nb,c,d'],
  ['blank lines', '\n\na,b\n\n \n\r\nc,d\n\n\n', 'a,b\nc,d'],
  ['lines without a value', 'a,b,c\n,,\n , , \n,,\r\nd,,\n,,', 'a,b,c\nd,,'],
  ['lines that end differently', 'a,b\r\nc,d\ne,f\r\n', 'a,b\nc,d\ne,f'],
  ['quotes', '"a , b\n\n,,\nc" , "" ,"d ""e"" "\n', '"a , b\n\n,,\nc","","d ""e"" "'],
  ['inner spaces', 'a b,c  d\n', 'a b,c  d'],
])('%s', async (_name, text, expected) => {
  expect(await tidied([Buffer.from(text)], ',', '\n')).toBe(expected);
  const otherwise = text.replaceAll(/(?<!\r)\n/g, '\r\n').replaceAll(',', ';');
  const inQuotes = /"[^"]*"/g;
  expect((await tidied([Buffer.from(otherwise)], ';', '\r\n')).replaceAll('\r\n', '\n').replaceAll(inQuotes, '')).toBe(
    expected.replaceAll(',', ';').replaceAll(inQuotes, ''),
  );
});

/** Reads it character by character as RFC 4180 has it, blanks around quoted cells let pass. */
const hasStrayQuote = (text: string, delimiter: Delimiter): boolean => {
  const blank = `(?:\u00A0|${delimiter === '\t' ? ' ' : '[ \t]'})*`;
  const end = delimiter === '\t' ? '[\t\r\n]|$' : '[,\r\n]|$';
  const cell = new RegExp(`(?:${blank}"(?:[^"]|"")*"${blank}|[^"\r\n${delimiter}]*)(?:${end})`, 'y');
  while (cell.lastIndex < text.length) if (!cell.test(text)) return true;
  return false;
};

it('refuses what ends the data for PostgreSQL before 18, wherever the list is cut', async () => {
  const list = 'a,b\n\\.\nc,d\n';
  for (let cut = 0; cut <= list.length; cut += 1) {
    await expect(tidied(inPieces(list, [cut]), ',', '\n')).rejects.toThrow('alone, the end of data');
  }
  await expect(tidied([Buffer.from('a,b\r\n\\.')], ',', '\r\n')).rejects.toThrow('alone, the end of data');
  expect(await tidied([Buffer.from('a\\.,\\.\n\\.x,b\n')], ',', '\n')).toBe('a\\.,\\.\n\\.x,b');
});

it('says the same wherever the list is cut', async () => {
  const cell = fc.constantFrom('a', 'é', ' ', '\u00A0', '\t', ',', '\n', '\r\n', '"x\n,, y"', '""', 'à');
  await fc.assert(
    fc.asyncProperty(
      fc.array(cell, { maxLength: 40 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      fc.constantFrom<Delimiter>(',', '\t'),
      fc.constantFrom<LineEnd>('\n', '\r\n'),
      async (cells, cuts, delimiter, lineEnd) => {
        const text = cells.join('');
        const whole = await tidied([Buffer.from(text)], delimiter, lineEnd).catch(() => undefined);
        expect(await tidied(inPieces(text, cuts), delimiter, lineEnd).catch(() => undefined)).toBe(whole);
        // Refused for a quote within a cell, and for nothing else.
        expect(whole === undefined).toBe(hasStrayQuote(text, delimiter));
        if (whole === undefined) return;
        // Nothing is left to do, and nothing that says something is lost.
        expect(await tidied([Buffer.from(whole)], delimiter, lineEnd)).toBe(whole);
        const told = (of: string): string => of.replaceAll(/[\s,]/g, '');
        expect(told(whole)).toBe(told(text));
      },
    ),
    { numRuns: 500 },
  );
});

it('long runs of what it takes away cost no more than their length', async () => {
  const spaces = ' '.repeat(900_000);
  expect((await tidied([Buffer.from(`a${spaces}b,c\n`)], ',', '\n')).length).toBe(900_004);
  const lines = Buffer.from('\n'.repeat(65_536));
  expect(await tidied([Buffer.from('a,b\n'), ...Array.from({ length: 500 }, () => lines)], ',', '\n')).toBe('a,b');
});
