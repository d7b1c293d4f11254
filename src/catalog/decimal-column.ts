/**
 * Decimal strings as digits and scale: "55.040" is 55040 and 3. Every string comes out as it went in; the few that do not fit (more
 * than 15 digits, another spelling) are kept as text beside.
 */
import type { ScaledNumber } from '../db/copied-rows.ts';
import { float64Column, uint8Column } from './growing-column.ts';

/** As text, or as the database delivers it. */
export type Decimal = string | ScaledNumber;

const MOST_DIGITS = 15;
const NULL = 255;
const AS_TEXT = 254;

export class DecimalColumn {
  readonly #digits = float64Column();
  readonly #scale = uint8Column();
  readonly #texts = new Map<number, string>();

  get bytes(): number {
    return this.#digits.bytes + this.#scale.bytes;
  }

  push(value: Decimal | null): void {
    if (value === null) {
      this.#digits.push(0);
      this.#scale.push(NULL);
    } else if (typeof value === 'string') this.#pushText(value);
    else {
      this.#digits.push(value.digits);
      this.#scale.push(value.scale);
    }
  }

  #pushText(text: string): void {
    const index = this.#digits.length;
    const scale = scaleOf(text);
    this.#scale.push(scale ?? AS_TEXT);
    this.#digits.push(scale === undefined ? 0 : Number(text.replace('.', '')));
    if (scale === undefined) this.#texts.set(index, text);
  }

  /** As it was pushed. */
  at(index: number): string | null {
    const scale = this.#scale.at(index);
    if (scale === NULL) return null;
    if (scale === AS_TEXT) return this.#texts.get(index) ?? null;
    const digits = String(this.#digits.at(index));
    if (scale === 0) return digits;
    const padded = digits.padStart(scale + 1, '0');
    return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }

  /** For sorting; NaN where it is null. */
  numberAt(index: number): number {
    const scale = this.#scale.at(index);
    if (scale === NULL) return Number.NaN;
    // at most 15 digits over a power of ten up to 22 is the double nearest to the decimal (Clinger 1990)
    return scale === AS_TEXT
      ? Number(this.#texts.get(index))
      : this.#digits.at(index) / (POWERS_OF_TEN[scale] as number);
  }
}

const POWERS_OF_TEN: readonly number[] = Array.from({ length: MOST_DIGITS + 1 }, (_, scale) => Number(`1e${scale}`));

/** Decimals after the point; undefined where digits and scale would not give the same text again. */
const scaleOf = (text: string): number | undefined => {
  const { length } = text;
  if (length === 0 || length > MOST_DIGITS + 1) return undefined;
  let point = -1;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (point >= 0) return undefined;
      point = index;
    } else if (code < 48 || code > 57) return undefined;
  }
  const whole = point < 0 ? length : point;
  if (whole === 0 || point === length - 1) return undefined;
  if (whole > 1 && text.charCodeAt(0) === 48) return undefined;
  if (point < 0 && length > MOST_DIGITS) return undefined;
  return point < 0 ? 0 : length - point - 1;
};
