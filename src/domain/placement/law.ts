/** TEMPORARY */
import type { Check } from './check.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';
export interface LawFinding { readonly regimeId: string; readonly name: string; readonly verdict: 'allowed' | 'allowed-with-safeguard' | 'prohibited' | 'needs-counsel'; readonly sentence: string; readonly citation: string | null; }
export const LEGAL_NOTICE = 'Not legal advice: rules as read from the texts cited, for counsel to confirm.';
export const lawOf = (_scenario: Scenario, _stage: Stage, _site: PlaceableSite): { checks: Check[]; approvalDays: number; findings: LawFinding[] } => ({ checks: [], approvalDays: 0, findings: [] });
export const DATA_CLASSES = ['personal', 'health', 'financial', 'government', 'critical', 'non-personal', 'public'] as const;
