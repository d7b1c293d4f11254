/** An export as lines of text, a part at a time: nothing of it is held, and other requests are served between two parts. */
import { quotedCell } from '../sync/canonical-row.ts';
import { COLUMNS, type ColumnSet, type ExportedPrice } from './columns.ts';

export type ExportFormat = 'csv' | 'ndjson';

const LINES_AT_ONCE = 500;

/**
 * Text that a spreadsheet would run as a formula when it opens the file; it comes from whoever sent a list. A name that begins with a sign
 * ("@cf/meta/llama") is no formula.
 */
const FORMULA = /^(?:[=\t\r]|[+@-].*[(|!])/s;

/** Marks a cell as text by an apostrophe, which spreadsheets understand (OWASP, CSV injection). */
const inert = (value: string): string => (FORMULA.test(value) ? `'${value}` : value);

/** @param prices made one by one as they are asked for. */
export function* exportLines(
  prices: Iterable<ExportedPrice>,
  format: ExportFormat,
  columnSet: ColumnSet,
): Generator<string> {
  const columns = COLUMNS[columnSet];
  const lineOf: Readonly<Record<ExportFormat, (price: ExportedPrice) => string>> = {
    csv: (price) => columns.map(([, value]) => quotedCell(inert(String(value(price) ?? '')))).join(','),
    // What is absent is left out.
    ndjson: (price) =>
      JSON.stringify(
        Object.fromEntries(
          columns.flatMap(([name, value]) => {
            const found = value(price);
            return found === null ? [] : [[name, found]];
          }),
        ),
      ),
  };
  const line = lineOf[format];
  let lines = format === 'csv' ? [columns.map(([name]) => name).join(',')] : [];
  for (const price of prices) {
    lines.push(line(price));
    if (lines.length < LINES_AT_ONCE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  if (lines.length > 0) yield `${lines.join('\n')}\n`;
}
