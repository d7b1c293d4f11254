/** Numbers as people read them. */

/** "1.27 M USD", "840 USD", "0.0042 USD"; beyond a thousand trillions a power of ten, "5.26e22 USD". */
export function moneyInWords(amount: number, currency: string): string {
  const size = Math.abs(amount);
  if (size >= BEYOND_READING) return `${significant(amount)} ${currency}`;
  if (size >= 1e12) return `${significant(amount / 1e12)} tn ${currency}`;
  if (size >= 1e9) return `${significant(amount / 1e9)} bn ${currency}`;
  if (size >= 1e6) return `${significant(amount / 1e6)} M ${currency}`;
  return `${significant(amount)} ${currency}`;
}

/** A count: whole where it is, else three significant digits. */
export const thousands = (value: number): string =>
  Number.isInteger(value) && Math.abs(value) < BEYOND_READING ? grouped(String(value)) : significant(value);

const grouped = (whole: string): string => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** Beyond these a row of zeros is harder to read than a power of ten. */
const BEYOND_READING = 1e15;
const BELOW_READING = 1e-6;

/** Three significant digits unless told otherwise, thousands grouped; a power of ten only where zeros would have to be counted. */
export function significant(value: number, digits = 3): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= BEYOND_READING || size < BELOW_READING) return value.toExponential(digits - 1).replace('e+', 'e');
  const rounded = Number(value.toPrecision(digits));
  if (Math.abs(rounded) >= 1000 && Number.isInteger(rounded)) return grouped(String(rounded));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(rounded))));
  const text = rounded.toFixed(decimals);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** A time as people say it: "38 ms", "12 s", "5.2 h", "31 days". */
export function milliseconds(value: number, digits = 3): string {
  const seconds = value / 1000;
  if (seconds < 10) return `${significant(value, digits)} ms`;
  if (seconds < 7200) return `${significant(seconds, digits)} s`;
  return seconds < 48 * 3600
    ? `${significant(seconds / 3600, digits)} h`
    : `${significant(seconds / 86_400, digits)} days`;
}

const MOST_DIGITS = 8;

/** Two times with as many digits as it takes to tell them apart. */
export function distinctMilliseconds(a: number, b: number): readonly [string, string] {
  for (let digits = 3; digits < MOST_DIGITS; digits++) {
    const pair = [milliseconds(a, digits), milliseconds(b, digits)] as const;
    if (pair[0] !== pair[1]) return pair;
  }
  return [milliseconds(a, MOST_DIGITS), milliseconds(b, MOST_DIGITS)];
}

/** A sentence about a thing with its name in front, unless it has it there already. */
export const named = (name: string, sentence: string): string =>
  sentence.startsWith(name) ? sentence : `${name}: ${sentence}`;
