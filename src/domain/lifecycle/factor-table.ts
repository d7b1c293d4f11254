/** The distinct uncertain factors of a model, numbered; one and its inverse are the same with opposite powers. */
import { inverseOf, type UncertainFactor } from '../uncertainty/band.ts';
import { Z90 } from '../uncertainty/normal.ts';

/** index -> how often the factor stands in the numerator. */
export type Powers = readonly (readonly [index: number, power: number])[];

export class FactorTable {
  readonly factors: UncertainFactor[] = [];
  readonly #indices = new Map<UncertainFactor, number>();

  powersOf(factors: readonly UncertainFactor[]): Powers {
    const powers = new Map<number, number>();
    for (const factor of factors) {
      const [index, power] = this.#lookUp(factor);
      powers.set(index, (powers.get(index) ?? 0) + power);
    }
    return [...powers].filter(([, power]) => power !== 0);
  }

  #lookUp(factor: UncertainFactor): readonly [number, number] {
    const known = this.#indices.get(factor);
    if (known !== undefined) return [known, 1];
    const inverse = inverseOf(factor);
    const ofInverse = inverse === undefined ? undefined : this.#indices.get(inverse);
    if (ofInverse !== undefined) return [ofInverse, -1];
    // equal by name: the same range resolved twice is the same uncertainty
    const named = this.factors.findIndex(
      ({ basis, p10, p90 }) => basis.id === factor.basis.id && p10 === factor.p10 && p90 === factor.p90,
    );
    if (named >= 0) {
      this.#indices.set(factor, named);
      return [named, 1];
    }
    this.factors.push(factor);
    this.#indices.set(factor, this.factors.length - 1);
    return [this.factors.length - 1, 1];
  }
}

/** A factor at a standard normal score: log-normal in two pieces, as in uncertainty/propagation.ts. */
export function factorAt(factor: UncertainFactor, score: number): number {
  const middle = Math.log(factor.p50);
  const spread = score < 0 ? middle - Math.log(factor.p10) : Math.log(factor.p90) - middle;
  return Math.exp(middle + (score / Z90) * spread);
}

export function productAt(powers: Powers, values: Float64Array): number {
  let product = 1;
  for (const [index, power] of powers) {
    const value = values[index] as number;
    product *= power === 1 ? value : value ** power;
  }
  return product;
}
