/**
 * May this data be at this place? Data that stays in the country of those it is about is let pass; what would leave it
 * needs counsel, which fails closed: a plan goes there only where the request says that counsel has agreed.
 */
import { type Check, decided } from './check.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';

export const DATA_CLASSES = [
  'personal',
  'health',
  'financial',
  'government',
  'critical',
  'non-personal',
  'public',
] as const;

export type LawVerdict = 'allowed' | 'allowed-with-safeguard' | 'prohibited' | 'needs-counsel';

export interface LawFinding {
  readonly regimeId: string;
  readonly name: string;
  readonly verdict: LawVerdict;
  /** In words. */
  readonly sentence: string;
  readonly citation: string | null;
}

export interface Law {
  readonly checks: readonly Check[];
  readonly findings: readonly LawFinding[];
  /** Of the slowest approval. */
  readonly approvalDays: number;
}

export const LEGAL_NOTICE =
  'This is not legal advice: it says what was read where, for counsel to confirm before anything is decided on it.';

/** Of no one in particular: no law of a person's country follows it. */
const FREE: ReadonlySet<string> = new Set(['non-personal', 'public']);

export function lawOf({ policies }: Scenario, stage: Stage, site: PlaceableSite): Law {
  const bound = stage.dataClasses.filter((dataClass) => !FREE.has(dataClass));
  if (bound.length === 0) return { checks: [], findings: [], approvalDays: 0 };
  const { backupCountry, logCountry } = site.description;
  const places = [...new Set([site.country, backupCountry ?? site.country, logCountry ?? site.country])];
  const findings = stage.subjectCountries.map((subject): LawFinding => {
    const stays = places.every((place) => place === subject);
    return {
      regimeId: `${subject.toLowerCase()}-residency`,
      name: `The law of ${subject} on ${bound.join(' and ')} data`,
      verdict: stays ? 'allowed' : 'needs-counsel',
      sentence: stays
        ? `The data stays in ${subject}.`
        : `Whether ${bound.join(' and ')} data of ${subject} may be in ${places.filter((place) => place !== subject).join(' and ')} needs counsel.`,
      citation: null,
    };
  });
  return {
    checks: findings.map(({ regimeId, verdict, sentence }) =>
      decided(
        'law',
        verdict === 'allowed' || policies.acceptNeedsCounsel === true,
        sentence,
        {
          field: '/policies/acceptNeedsCounsel',
          from: policies.acceptNeedsCounsel ?? false,
          to: true,
          effect: 'you take it that counsel has agreed',
        },
        regimeId,
      ),
    ),
    findings,
    approvalDays: 0,
  };
}
