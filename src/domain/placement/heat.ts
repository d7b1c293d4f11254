/** TEMPORARY */
import type { Check } from './check.ts';
import type { PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';
export interface Heat { readonly speed: number; readonly checks: readonly Check[] }
export const heatOf = (_s: Scenario, _d: PlaceableDevice, _p: PlaceableSite): Heat => ({ speed: 1, checks: [] });
