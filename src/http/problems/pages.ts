/** The pages about problems, openapi/problems/<code>.md. */
import { readFileSync } from 'node:fs';
import { type ProblemCode, problemCodes } from './catalogue.ts';
import type { ProblemDocument } from './document.ts';

interface ProblemPage {
  readonly markdown: string;
  /** The problem document shown on the page. */
  readonly example: ProblemDocument;
}

const readPage = (code: ProblemCode): ProblemPage => {
  const markdown = readFileSync(new URL(`../../../openapi/problems/${code}.md`, import.meta.url), 'utf8');
  const example = /^```json\n([\s\S]*?)\n```$/m.exec(markdown)?.[1];
  if (example === undefined) throw new Error(`openapi/problems/${code}.md shows no example.`);
  return { markdown, example: JSON.parse(example) };
};

/** Read at start: a page that is missing stops the start and not a caller. */
export const problemPages: ReadonlyMap<ProblemCode, ProblemPage> = new Map(
  problemCodes.map((code) => [code, readPage(code)]),
);
