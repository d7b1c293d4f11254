/** What a data hall pays for electricity: the recommended tariff of the place, with the spread of the others kept. */
import type { ElectricityTariff } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type AssumptionLog, exactly, type Quantity } from '../economics/assumption.ts';
import { unitAmount } from '../money.ts';
import { rangeFactor } from '../uncertainty/band.ts';
import { ELECTRICITY_PRICE } from './defaults.ts';

export interface ElectricityPrice {
  /** Decimal string, USD. */
  readonly usdPerKwh: string;
  readonly quantity: Quantity;
  /** Null for the caller's own price and for the default. */
  readonly tariff: ElectricityTariff | null;
}

interface ElectricityQuery {
  readonly given?: number | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  /** ISO 3166-2 part, for example "TX". */
  readonly subdivision?: string | undefined;
}

/** Negotiated contracts and regulated increases move a list tariff by about this much either way. */
const TARIFF_SPREAD = { low: 0.85, high: 1.2 };
/** A tariff class three times away is of another kind of customer. */
const WIDEST_SPREAD = 3;

export function electricityPrice(
  snapshot: CatalogSnapshot,
  query: ElectricityQuery,
  log: AssumptionLog,
): ElectricityPrice {
  if (query.given !== undefined) {
    return { usdPerKwh: unitAmount(query.given), quantity: exactly(query.given, 'USD/kWh'), tariff: null };
  }
  const national = query.country === undefined ? [] : snapshot.tariffs.filter((t) => t.country === query.country);
  const local = national.filter((t) => t.subdivision !== null && t.subdivision === query.subdivision);
  const tariffs = local.length > 0 ? local : national.filter((t) => t.subdivision === null);
  const tariff = tariffs.find((t) => t.recommended) ?? [...tariffs].sort((a, b) => (a.id < b.id ? -1 : 1))[0];
  if (tariff === undefined) {
    const quantity = log.resolve(undefined, ELECTRICITY_PRICE);
    return { usdPerKwh: unitAmount(quantity.value), quantity, tariff: null };
  }
  return fromTariff(tariff, tariffs, log);
}

function fromTariff(
  tariff: ElectricityTariff,
  tariffs: readonly ElectricityTariff[],
  log: AssumptionLog,
): ElectricityPrice {
  const value = Number(tariff.usdPerKwh);
  const ratios = tariffs
    .filter((other) => other.confidence !== 'unverified')
    .map((other) => Number(other.usdPerKwh) / value)
    .filter((ratio) => ratio >= 1 / WIDEST_SPREAD && ratio <= WIDEST_SPREAD);
  const low = Math.min(TARIFF_SPREAD.low, ...ratios);
  const high = Math.max(TARIFF_SPREAD.high, ...ratios);
  const id = `energy.electricity_usd_per_kwh.${tariff.id}`;
  const period = tariff.period ?? tariff.sourceDate;
  const source = `${tariff.source}; ${tariff.kind}${period === null ? '' : `, ${period}`} (${tariff.confidence})`;
  log.add({
    id,
    field: ELECTRICITY_PRICE.field,
    value,
    unit: 'USD/kWh',
    range: { low: value * low, high: value * high },
    source,
    reason: `Tariff that a data hall in ${tariff.subdivision ?? tariff.country} would most likely pay`,
  });
  const factors = value > 0 ? [rangeFactor(id, 'sourced', low, high, `Electricity tariffs of ${tariff.country}`)] : [];
  return {
    usdPerKwh: tariff.usdPerKwh,
    quantity: { value, unit: 'USD/kWh', source, factors, assumptionId: id },
    tariff,
  };
}
