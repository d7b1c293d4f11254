/** One figure at a time moved to the ends of its range, the rest at the best estimate: the tornado. */
import { Z90 } from '../uncertainty/normal.ts';
import type { BuiltModel } from './build-model.ts';
import { total } from './course-totals.ts';
import { factorAt } from './factor-table.ts';
import { bestEstimate, type Rate, type Rates, rateAt, scenarioAt } from './scenarios.ts';
import { emptyCourse, type Scenario, simulate } from './simulate.ts';

interface Sensitivity {
  readonly id: string;
  readonly label: string;
  /** range: the ends of its 80 % range; step: ten points either way, where no range is known. */
  readonly kind: 'range' | 'step';
  /** The figure itself for rates, the factor on the best estimate otherwise. */
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly usdAtLow: number;
  readonly usdAtHigh: number;
}

/** Growth is looked at ten points either way where no range is given: nobody knows it, and it matters most. */
const GROWTH_STEP = 10;

export function sensitivities({ model, table }: BuiltModel, rates: Rates): readonly Sensitivity[] {
  const course = emptyCourse(model);
  const costOf = (scenario: Scenario): number =>
    simulate(model, scenario, course).lines.reduce((sum, line) => sum + total(line), 0);
  const best = bestEstimate(rates, table.factors);

  const found: Sensitivity[] = table.factors.map((factor, index) => {
    const at = (score: number): number => {
      const factors = best.factors.slice();
      factors[index] = factorAt(factor, score);
      return costOf({ ...best, factors });
    };
    return {
      id: factor.basis.id,
      label: factor.basis.description,
      kind: 'range',
      low: factor.p10,
      high: factor.p90,
      unit: 'x the best estimate',
      usdAtLow: at(-Z90),
      usdAtHigh: at(Z90),
    };
  });

  const rate = (name: 'growth' | 'rented' | 'bought', of: Rate, label: string, all: Rates = rates): Sensitivity => ({
    id: of.id,
    label,
    kind: all === rates ? 'range' : 'step',
    low: rateAt(of, -Z90),
    high: rateAt(of, Z90),
    unit: '% per year',
    usdAtLow: costOf(scenarioAt(all, best.factors, { [name]: -Z90 })),
    usdAtHigh: costOf(scenarioAt(all, best.factors, { [name]: Z90 })),
  });
  const { growth } = rates;
  const open =
    growth.low === growth.high
      ? { ...rates, growth: { ...growth, low: growth.value - GROWTH_STEP, high: growth.value + GROWTH_STEP } }
      : rates;
  found.push(
    rate('growth', open.growth, 'Growth of the load', open),
    rate('rented', rates.rentedDecline, 'How fast rented hardware gets cheaper'),
    rate('bought', rates.boughtDecline, 'How fast bought hardware gets cheaper'),
  );
  const swing = ({ usdAtLow, usdAtHigh }: Sensitivity) => Math.abs(usdAtHigh - usdAtLow);
  return found.filter((one) => swing(one) > 0).sort((a, b) => swing(b) - swing(a) || (a.id < b.id ? -1 : 1));
}
