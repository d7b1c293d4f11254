/** The kinds of entry that the catalog keeps by version, and the domain type behind each. */
import type { Offer } from '../domain/catalog/offers.ts';
import type {
  ElectricityTariff,
  Grid,
  Provider,
  PueFact,
  Region,
  SovereigntyRegime,
} from '../domain/catalog/places.ts';
import type { Device, SystemSpec } from '../domain/devices/device.ts';
import type { Model } from '../domain/models/architecture.ts';

export interface EntryTypes {
  readonly provider: Provider;
  readonly region: Region;
  readonly device: Device;
  readonly system: SystemSpec;
  readonly model: Model;
  readonly offer: Offer;
  readonly grid: Grid;
  readonly tariff: ElectricityTariff;
  readonly pue_fact: PueFact;
  readonly regime: SovereigntyRegime;
}

export type EntryKind = keyof EntryTypes;

export const ENTRY_KINDS = [
  'provider',
  'region',
  'device',
  'system',
  'model',
  'offer',
  'grid',
  'tariff',
  'pue_fact',
  'regime',
] as const satisfies readonly EntryKind[];

export const compareIds = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compareIds(a.id, b.id);
