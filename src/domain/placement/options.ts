/** An option is one way to place a stage, with its figures and the result of every check. */
import type { Purchase } from '../estimate/selectors.ts';
import type { Check } from './check.ts';
import type { NetworkLeg, TotalLatency } from './network-leg.ts';
import type { NamedWork, PlaceableDevice, PlaceableSite, Scenario, Stage } from './scenario.ts';
import { type Served, wholeUsd } from './serve.ts';

export interface OptionKey {
  readonly stage: number;
  readonly site: number;
  readonly device: PlaceableDevice;
  readonly work: NamedWork;
  readonly purchase: Purchase;
}

export interface PlacementOption extends OptionKey {
  /** "<stage>@<site>/<device>", with the variant and terms where there are several. */
  readonly id: string;
  readonly share: number;
  readonly served: Served | null;
  /** The slowest first. */
  readonly legs: readonly NetworkLeg[];
  readonly latency: TotalLatency | null;
  readonly speed: number;
  readonly modeWatts: number | null;
  readonly checks: readonly Check[];
  readonly feasible: boolean;
  /** Days until it can run: delivery or approval, whichever is longer. */
  readonly leadTimeDays: number;
  /** False where only what needs no full estimate was checked. */
  readonly complete: boolean;
}

export interface StageOptions {
  readonly feasible: readonly PlacementOption[];
  /** Parts of a divided load, where the component may be divided. */
  readonly divided: readonly PlacementOption[];
  /** Closest first. */
  readonly rejected: readonly PlacementOption[];
  /** Feasible as far as was looked at, dearer than those listed and left out of the program. */
  readonly dearer: { readonly count: number; readonly leastUsdPerMonth: number | null };
}

/** USD a month; 0 where it was not estimated. */
export const usdOf = ({ served }: PlacementOption): number => (served === null ? 0 : wholeUsd(served));

export const keyOf = ({ stage, site, device, work, purchase }: OptionKey): OptionKey => ({
  stage,
  site,
  device,
  work,
  purchase,
});

export function idOf(scenario: Scenario, { stage, site, device, work, purchase }: OptionKey): string {
  const { id, works } = scenario.stages[stage] as Stage;
  const place = scenario.sites[site] as PlaceableSite;
  const variant = works.length > 1 ? `/${work.id}` : '';
  const terms =
    device.purchases.length > 1
      ? `/${purchase.category ?? 'on_demand'}${purchase.termMonths === undefined ? '' : `-${purchase.termMonths}m`}`
      : '';
  return `${id}@${place.id}/${device.device.id}${variant}${terms}`;
}
