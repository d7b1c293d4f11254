/** Why a product differs from another: the logarithmic mean Divisia index (Ang 2005), which leaves no remainder. */

export interface Driver {
  readonly name: string;
  readonly unit: string;
  readonly from: number;
  readonly to: number;
  /** USD of the difference; the effects of all drivers sum to it. */
  readonly usd: number;
}

interface Input {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
}

const logarithmicMean = (a: number, b: number): number => (a === b ? a : (a - b) / Math.log(a / b));

/** Empty where the two are not made of the same positive factors. */
export function driversOf(
  fromUsd: number,
  from: readonly Input[],
  toUsd: number,
  to: readonly Input[],
): readonly Driver[] {
  if (from.length === 0 || from.length !== to.length || fromUsd <= 0 || toUsd <= 0) return [];
  const weight = logarithmicMean(toUsd, fromUsd);
  const drivers: Driver[] = [];
  for (const input of from) {
    const other = to.find(({ name }) => name === input.name);
    if (other === undefined || other.unit !== input.unit || input.value <= 0 || other.value <= 0) return [];
    const usd = weight * Math.log(other.value / input.value);
    drivers.push({ name: input.name, unit: input.unit, from: input.value, to: other.value, usd });
  }
  return drivers.filter(({ from: before, to: after }) => before !== after);
}
