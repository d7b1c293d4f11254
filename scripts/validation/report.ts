/** The tables of `npm run validate` as a page, docs/validation.md. */
import { rowCells, TABLE_HEADER, type ValidationTable } from '../../test/validation/table.ts';

const INTRODUCTION = `# How far the models are from measurements

Written by \`npm run validate -- --report\` from the measured cases in \`test/validation/cases\`; \`npm run validate\` fails when
an error grows beyond its committed threshold and when this page is not what the code says.

- *median |e|*, *bias* and *p90* are of predicted / measured - 1 with the shipped constants; *<=20 %* is the share of cases that near.
- *held-out* columns predict each case with constants fitted without its group (model family and device; source family for
  training): what to expect of a system that was never measured.
- *80 % band covers* is the share of cases inside the band that an answer would give, held against the held-out prediction,
  as the mean over the independent *systems* (model, device, engine, format, parallelism) that were measured, since cases of
  one system err together; a \`!\` marks groups of 20 cases or more whose share is outside the 99 % binomial interval around
  80 %; *band p90/p10* is the median width of that band.
- Cases that the models do not answer are counted below each table, with the reason.
- What the serving model falls short of, why, and what was tried: [serving-accuracy.md](serving-accuracy.md).

![Predicted against measured](validation.svg)
`;

export function validationPage(tables: readonly ValidationTable[]): string {
  return `${INTRODUCTION}\n${tables.map(section).join('\n')}`;
}

function section({ title, rows, uncovered }: ValidationTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${TABLE_HEADER.map((_name, column) => (column === 0 ? ' --- ' : ' ---: ')).join('|')}|`;
  const missing = Object.entries(uncovered).map(([reason, count]) => `- ${count} not answered: ${reason}`);
  const table = [line(TABLE_HEADER), rule, ...rows.map((row) => line(rowCells(row)))].join('\n');
  return [`## ${title}`, '', table, ...(missing.length > 0 ? ['', ...missing] : []), ''].join('\n');
}
