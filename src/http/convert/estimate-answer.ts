/** From the domain's answers to the wire: bases listed once and referred to by id, money as decimal strings. */
import type { Static } from '@sinclair/typebox';
import type { Assumption } from '../../domain/economics/assumption.ts';
import type { LineItem } from '../../domain/economics/line-item.ts';
import type {
  BindingConstraintReport,
  CostBreakdown,
  EnergyReport,
  MoneyFigure,
  RackReport,
} from '../../domain/estimate/answer.ts';
import { money } from '../../domain/money.ts';
import type { BandBasis, UncertainValue } from '../../domain/uncertainty/band.ts';
import type {
  AssumptionSchema,
  BindingConstraintSchema,
  CostBreakdownSchema,
  EnergyReportSchema,
  LineItemSchema,
  MoneyFigureSchema,
  RackReportSchema,
} from '../schemas/estimates/answer.ts';
import type { UncertainFigureSchema } from '../schemas/uncertain-figure.ts';

/** Collects the bases of one answer in order of first use. */
export class BasisList {
  readonly #bases = new Map<string, BandBasis>();

  idOf(basis: BandBasis): string {
    if (!this.#bases.has(basis.id)) this.#bases.set(basis.id, basis);
    return basis.id;
  }

  list(): readonly BandBasis[] {
    return [...this.#bases.values()];
  }
}

/** Six significant digits: more would claim a precision that no estimate has, and less would show rounding. */
const SIGNIFICANT_DIGITS = 6;
export const round = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

/** Counts of bytes are whole: a fraction of one is arithmetic. */
export const inWholeBytes = <Memory extends object>(memory: Memory): Memory =>
  Object.fromEntries(
    Object.entries(memory).map(([name, value]) => [
      name,
      typeof value === 'number' && name.includes('Bytes') ? Math.round(value) : value,
    ]),
  ) as Memory;

export const toApiFigure = (value: UncertainValue, bases: BasisList): Static<typeof UncertainFigureSchema> => ({
  p10: round(value.p10),
  p50: round(value.p50),
  p90: round(value.p90),
  basis: bases.idOf(value.basis),
});

export function toApiMoney(figure: MoneyFigure, bases: BasisList): Static<typeof MoneyFigureSchema> {
  const { currency } = figure.amount;
  const decimals = (value: number) => bandAmount(value, figure.amount.amount, currency);
  return {
    amount: figure.amount.amount,
    currency,
    p10: decimals(figure.band.p10),
    p50: decimals(figure.band.p50),
    p90: decimals(figure.band.p90),
    bases: figure.basis.map((basis) => bases.idOf(basis)),
  };
}

/** Sums get four decimals like the amount itself; unit costs keep their significant digits. */
function bandAmount(value: number, amount: string, currency: string): string {
  const isUnitCost = (amount.split('.')[1]?.length ?? 0) > 4;
  return isUnitCost ? plainDecimal(value) : money(value, currency).amount;
}

function plainDecimal(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, SIGNIFICANT_DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 30));
}

const toApiLineItem = (item: LineItem, bases: BasisList): Static<typeof LineItemSchema> => ({
  id: item.id,
  label: item.label,
  category: item.category,
  cost: toApiMoney({ amount: item.amount, band: item.band, basis: item.basis }, bases),
  formula: item.formula,
  inputs: item.inputs.map((input) => ({ ...input, value: round(input.value) })),
  priceId: item.priceId,
  assumptionIds: item.assumptionIds,
});

export const toApiCost = (cost: CostBreakdown, bases: BasisList): Static<typeof CostBreakdownSchema> => ({
  total: toApiMoney(cost.total, bases),
  lineItems: cost.lineItems.map((item) => toApiLineItem(item, bases)),
});

export const toApiAssumption = (assumption: Assumption): Static<typeof AssumptionSchema> => ({
  id: assumption.id,
  field: assumption.field,
  value: assumption.value,
  unit: assumption.unit,
  rangeLow: assumption.range?.low ?? null,
  rangeHigh: assumption.range?.high ?? null,
  source: assumption.source,
  reason: assumption.reason,
});

export const toApiEnergy = (energy: EnergyReport, bases: BasisList): Static<typeof EnergyReportSchema> => ({
  itKilowattHours: toApiFigure(energy.itKilowattHours, bases),
  facilityKilowattHours: toApiFigure(energy.facilityKilowattHours, bases),
  averageWattsPerDevice: round(energy.averageWattsPerDevice),
  pue: energy.pue,
  carbonKilograms: toApiFigure(energy.carbonKilograms, bases),
  gramsCo2ePerKwh: round(energy.gramsCo2ePerKwh),
  embodiedCarbonKilograms: toApiFigure(energy.embodiedCarbonKilograms, bases),
  waterLitres: energy.waterLitres === null ? null : round(energy.waterLitres),
});

export const toApiRacks = (racks: RackReport): Static<typeof RackReportSchema> => ({
  ...racks,
  kilowattsPerRack: round(racks.kilowattsPerRack),
  itKilowatts: round(racks.itKilowatts),
  facilityKilowatts: round(racks.facilityKilowatts),
});

export const toApiConstraint = (report: BindingConstraintReport): Static<typeof BindingConstraintSchema> => ({
  constraint: report.constraint,
  explanation: report.explanation,
  ...(report.relaxation !== null && { relaxation: report.relaxation }),
});
