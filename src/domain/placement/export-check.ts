/** TEMPORARY */
import type { Check } from './check.ts';
import type { PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';
export const exportCheck = (_s: Scenario, _d: PlaceableDevice, _p: PlaceableSite): Check[] => [];
