/** Power usage effectiveness: facility power over IT power. A fact of the region, else of the provider, else a default. */
import type { ProviderKind, PueFact } from '../catalog/places.ts';
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import { type AssumptionLog, exactly, type Quantity, type SourcedDefault } from '../economics/assumption.ts';
import { rangeFactor } from '../uncertainty/band.ts';
import { PUE_AIR, PUE_EDGE, PUE_HYPERSCALER, PUE_LIQUID, PUE_PUBLIC_CLOUD, PUE_REAR_DOOR } from './defaults.ts';

export type CoolingClass = 'air' | 'rear_door' | 'direct_liquid' | 'full_liquid' | 'passive';

interface PueQuery {
  /** The caller's own value; no assumption is listed then. */
  readonly given?: number | undefined;
  readonly regionId?: string | null | undefined;
  readonly providerId?: string | null | undefined;
  /** Own hall: decides the default. */
  readonly coolingClass?: CoolingClass | undefined;
}

export interface Pue {
  readonly value: number;
  /** PUE - 1: what cooling, conversion and lighting draw per unit of IT power. Its uncertainty is that of the PUE. */
  readonly overhead: Quantity;
  /** Litres per kWh of IT energy; null where unknown. */
  readonly waterLitresPerKwh: number | null;
  readonly source: string;
}

/** The range around a published PUE where only one is known: years differ by about this much (AWS 1.14-1.15, UAE 1.27-1.36). */
const SINGLE_FACT_SPREAD = 0.06;
/** An overhead of nothing would make a factor of nothing; free cooling at its best leaves this share. */
const LEAST_OVERHEAD_SHARE = 0.2;
const NOT_OPERATING = /design|target|hypothesis|as low as/i;

/** @param log receives the assumption, unless the caller gave the value. */
export function pueFor(snapshot: CatalogSnapshot, query: PueQuery, log: AssumptionLog): Pue {
  if (query.given !== undefined) {
    const overhead = exactly(Math.max(query.given - 1, 0), 'overhead / IT');
    return { value: query.given, overhead, waterLitresPerKwh: null, source: 'the request' };
  }
  const facts = snapshot.pueFacts.filter((fact) => !NOT_OPERATING.test(fact.scope) && fact.pue >= 1);
  const { regionId = null, providerId = null } = query;
  const ofRegion = regionId === null ? [] : facts.filter((fact) => fact.regionId === regionId).sort(newestFirst);
  const ofProvider =
    providerId === null
      ? []
      : facts.filter((fact) => fact.regionId === null && fact.providerId === providerId).sort(newestFirst);
  const candidates = ofRegion.length > 0 ? ofRegion : ofProvider;
  const [fact] = candidates;
  if (fact !== undefined) return fromFact(fact, candidates, log);
  const kind = providerId === null ? undefined : snapshot.provider(providerId)?.kind;
  return fromDefault(defaultFor(query.coolingClass, kind), log);
}

function fromFact(fact: PueFact, others: readonly PueFact[], log: AssumptionLog): Pue {
  const known = others.map((other) => other.pue);
  const low = Math.max(1, Math.min(...known, fact.pue * (1 - SINGLE_FACT_SPREAD)));
  const high = Math.max(...known, fact.pue * (1 + SINGLE_FACT_SPREAD));
  const id = `energy.pue.${fact.regionId ?? fact.providerId}`;
  const source = `${fact.source} (${fact.scope}${fact.year === null ? '' : `, ${fact.year}`})`;
  log.add({
    id,
    field: '/site/pue',
    value: fact.pue,
    unit: 'facility / IT',
    range: { low, high },
    source,
    reason: fact.regionId === null ? 'Published for the provider' : 'Published for the region',
  });
  const overhead = fact.pue - 1;
  const factors =
    overhead > 0
      ? [rangeFactor(id, 'sourced', overheadRatio(low, fact.pue), overheadRatio(high, fact.pue), `PUE: ${source}`)]
      : [];
  return {
    value: fact.pue,
    overhead: { value: overhead, unit: 'overhead / IT', source, factors, assumptionId: id },
    waterLitresPerKwh: fact.waterLitresPerKwh,
    source,
  };
}

function fromDefault(entry: SourcedDefault, log: AssumptionLog): Pue {
  const { value, unit, source, assumptionId } = log.resolve(undefined, entry);
  const factors =
    entry.range === null || value <= 1
      ? []
      : [
          rangeFactor(
            entry.id,
            entry.kind,
            overheadRatio(entry.range.low, value),
            overheadRatio(entry.range.high, value),
            `PUE: ${entry.reason} (${source})`,
          ),
        ];
  return {
    value,
    overhead: { value: value - 1, unit: `overhead of ${unit}`, source, factors, assumptionId },
    waterLitresPerKwh: null,
    source,
  };
}

const overheadRatio = (pue: number, centre: number): number => Math.max((pue - 1) / (centre - 1), LEAST_OVERHEAD_SHARE);

function defaultFor(cooling: CoolingClass | undefined, kind: ProviderKind | undefined): SourcedDefault {
  switch (cooling) {
    case 'air':
      return PUE_AIR;
    case 'rear_door':
      return PUE_REAR_DOOR;
    case 'direct_liquid':
    case 'full_liquid':
      return PUE_LIQUID;
    case 'passive':
      return PUE_EDGE;
    default:
      return kind === 'hyperscaler' ? PUE_HYPERSCALER : PUE_PUBLIC_CLOUD;
  }
}

const newestFirst = (a: PueFact, b: PueFact): number => (b.year ?? 0) - (a.year ?? 0) || (a.id < b.id ? -1 : 1);
