/** Trades of organizations. Some regimes bind one trade alone, so that a word that means none would lift them unnoticed. */
import type { SovereigntyRegime } from '../catalog/places.ts';
import { residencyRule } from './residency-rule.ts';

/** Trades that need no law of their own in the catalog to be said. */
const FURTHER_SECTORS = [
  'health',
  'telecom',
  'government',
  'education',
  'retail',
  'energy',
  'manufacturing',
  'transport',
  'media',
  'technology',
  'other',
];

/** What a question may say: those of the regimes, then further ones that none of them is about. */
export const knownSectors = (regimes: readonly SovereigntyRegime[]): readonly string[] => [
  ...new Set([...regimes.flatMap((regime) => residencyRule(regime).sectors ?? []).sort(), ...FURTHER_SECTORS]),
];
