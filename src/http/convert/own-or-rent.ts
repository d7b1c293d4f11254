import type { Static } from '@sinclair/typebox';
import type { OwnOrRentEstimate } from '../../domain/economics/own-or-rent/estimate-result.ts';
import type { OwnOrRentRequestSchema, OwnOrRentSchema } from '../schemas/estimates/own-or-rent.ts';
import { BasisList, round, toApiAssumption, toApiCost, toApiMoney } from './estimate-answer.ts';
import type { Replay } from './replay.ts';
import { withoutInputs } from './summary-view.ts';

type Wire = Static<typeof OwnOrRentSchema>;

/** `request` is the caller's own with the pins written out. */
export function toApiOwnOrRent(
  estimate: OwnOrRentEstimate,
  request: Static<typeof OwnOrRentRequestSchema>,
  replay: Replay,
): Wire {
  const { summary, unavailable, owned, replacement } = estimate;
  const assumptions = estimate.assumptions.map(toApiAssumption);
  if (estimate.status === 'infeasible')
    return { status: 'infeasible', summary, unavailable, assumptions, request, replay };
  const bases = new BasisList();
  return {
    status: 'feasible',
    summary,
    ...(owned !== null && {
      owned: {
        ...owned,
        costPerMonth: toApiCost(owned.costPerMonth, bases),
        costPerUsefulDeviceHour: toApiMoney(owned.costPerUsefulDeviceHour, bases),
        capital: owned.capital.amount,
        residual: owned.residual.amount,
      },
    }),
    rentals: estimate.rentals.map(({ presentValueOwned, presentValueRented, ...rental }) => ({
      ...rental,
      costPerMonth: toApiCost(rental.costPerMonth, bases),
      costPerUsefulDeviceHour: toApiMoney(rental.costPerUsefulDeviceHour, bases),
      breakEvenUtilization: rental.breakEvenUtilization === null ? null : round(rental.breakEvenUtilization),
      ...(owned !== null && {
        presentValueOwned: presentValueOwned.amount,
        presentValueRented: presentValueRented.amount,
      }),
      cash: rental.cash.map((year) => ({ year: year.year, owned: year.owned.amount, rented: year.rented.amount })),
    })),
    ...(replacement !== null && {
      replacement: {
        ...replacement,
        years: replacement.years.map(({ year, keep, replace }) => ({
          year,
          keep: keep.amount,
          replace: replace.amount,
        })),
      },
    }),
    unavailable,
    assumptions,
    bandBases: bases.list(),
    request,
    replay,
  };
}

/** Bills without their working. */
export function summaryOfOwnOrRent(answer: Wire): Wire {
  const { assumptions: _assumptions, ...brief } = answer;
  if (brief.status === 'infeasible') return brief;
  const { bandBases: _bases, owned, rentals, ...rest } = brief;
  return {
    ...rest,
    ...(owned !== undefined && { owned: { ...owned, costPerMonth: withoutInputs(owned.costPerMonth) } }),
    rentals: rentals.map((rental) => ({ ...rental, costPerMonth: withoutInputs(rental.costPerMonth) })),
  };
}
