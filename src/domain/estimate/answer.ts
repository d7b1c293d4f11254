/** What every estimate answers with, whatever it estimates. */
import type { Assumption } from '../economics/assumption.ts';
import type { LineItem } from '../economics/line-item.ts';
import type { PriceUse } from '../economics/price-use.ts';
import type { Money } from '../money.ts';
import type { Band, BandBasis, UncertainValue } from '../uncertainty/band.ts';

/** A sum of money with the band of the truth around it, in units of its currency. */
export interface MoneyFigure {
  readonly amount: Money;
  readonly band: Band;
  readonly basis: readonly BandBasis[];
}

export interface CostBreakdown {
  readonly lineItems: readonly LineItem[];
  /** Exactly the sum of the line items. */
  readonly total: MoneyFigure;
}

/** Why a device, a place or a layout was left out. */
export interface Exclusion {
  /** Stable name of the check that failed. */
  readonly constraint: string;
  readonly detail: string;
  readonly required: number | null;
  readonly actual: number | null;
  readonly unit: string | null;
  /** Ids of what was left out for this reason, at most five; `count` has the whole number. */
  readonly examples: readonly string[];
  readonly count: number;
}

/** A place that offers a device which the place asked for does not. */
export interface PlaceElsewhere {
  readonly regionId: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly deviceId: string;
  /** Null where the position of either place is unknown. */
  readonly distanceKm: number | null;
  /** Decimal string. */
  readonly usdPerDeviceHour: string;
  readonly priceId: string;
}

/** One change of the request and what it does. Applied, it changes what binds. */
export interface RelaxationAdvice {
  /** JSON pointer of the request field. */
  readonly field: string;
  readonly from: number | string | null;
  readonly to: number | string;
  readonly effect: string;
}

export interface BindingConstraintReport {
  /** Stable name, for example "memory_bandwidth". */
  readonly constraint: string;
  readonly explanation: string;
  readonly relaxation: RelaxationAdvice | null;
}

export interface EnergyReport {
  readonly itKilowattHours: UncertainValue;
  readonly facilityKilowattHours: UncertainValue;
  readonly pue: number;
  readonly averageWattsPerDevice: number;
  readonly carbonKilograms: UncertainValue;
  readonly gramsCo2ePerKwh: number;
  readonly embodiedCarbonKilograms: UncertainValue;
  /** Null where the water use of the site is unknown. */
  readonly waterLitres: number | null;
}

export interface RackReport {
  readonly nodes: number;
  readonly racks: number;
  readonly nodesPerRack: number;
  readonly kilowattsPerRack: number;
  readonly coolingClass: string;
  readonly itKilowatts: number;
  readonly facilityKilowatts: number;
  readonly fits: boolean;
  readonly reason: string | null;
}

export interface AnswerCommon {
  /** One or two plain sentences. */
  readonly summary: string;
  readonly assumptions: readonly Assumption[];
  readonly prices: readonly PriceUse[];
}
