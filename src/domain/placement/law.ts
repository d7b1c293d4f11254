/**
 * May this data be at this place? Every regime of the catalog that binds it is asked (domain/sovereignty); the strictest of
 * its verdicts on processing, backups and logs is the regime's check, and what would have to change was tried.
 */
import {
  countryOf,
  evaluateResidency,
  isDataClass,
  type RegimeVerdict,
  type ResidencyQuestion,
  type ResidencyVerdict,
  type SiteKind,
  severityOf,
} from '../sovereignty/index.ts';
import { type Change, type Check, decided } from './check.ts';
import type { SiteKind as PlaceKind } from './request.ts';
import type { PlaceableSite, Scenario, Stage } from './scenario.ts';

export interface LawFinding {
  readonly regimeId: string;
  readonly name: string;
  readonly verdict: ResidencyVerdict;
  /** In words, with the rule. */
  readonly sentence: string;
  /** The passage itself; null where it was not read. */
  readonly quotation: string | null;
  readonly citation: string | null;
  readonly safeguards: readonly string[];
  readonly approvalDays: number | null;
  /** Read at second hand, or not verified: have it checked. */
  readonly reviewFlag: boolean;
  readonly asOf: string | null;
}

interface Law {
  readonly checks: readonly Check[];
  /** Strictest first. */
  readonly findings: readonly LawFinding[];
  /** Of the slowest approval that the plan would rest on. */
  readonly approvalDays: number;
}

const KINDS: Readonly<Record<PlaceKind, SiteKind>> = {
  device_fleet: 'device',
  edge_box: 'edge',
  room: 'on-premises',
  colocation: 'colocation',
  cloud_region: 'cloud-region',
};

/** What counsel has to allow at home is nearer to being allowed than what has to leave. */
const AT_HOME = 0.5;

export function lawOf(scenario: Scenario, stage: Stage, site: PlaceableSite): Law {
  const isHome = stage.subjectCountries.some((subject) => countryOf(subject) === site.country);
  const question = questionOf(stage, site);
  const strictest = strictestByRegime(scenario, question);
  const accepted = (found: RegimeVerdict): boolean => isAccepted(scenario, found);
  return {
    checks: strictest.map((found) => {
      const ok = accepted(found);
      const check = decided(
        'law',
        ok,
        sentenceOf(found),
        ok ? null : changeOf(scenario, stage, question, found),
        found.regimeId,
      );
      return !ok && isHome ? { ...check, shortfall: check.shortfall * AT_HOME } : check;
    }),
    findings: strictest.map((found) => ({
      regimeId: found.regimeId,
      name: found.name,
      verdict: found.verdict,
      sentence: sentenceOf(found),
      quotation: found.quotation,
      citation: found.citation,
      safeguards: found.safeguards,
      approvalDays: found.approvalDays,
      reviewFlag: found.reviewFlag,
      asOf: found.asOf,
    })),
    approvalDays: Math.max(0, ...strictest.map((found) => (accepted(found) ? (found.approvalDays ?? 0) : 0))),
  };
}

function isAccepted({ policies }: Scenario, { verdict, approvalRequired }: RegimeVerdict): boolean {
  switch (verdict) {
    case 'allowed':
      return true;
    case 'allowed-with-safeguard':
      return policies.acceptSafeguards !== false && (!approvalRequired || policies.acceptApprovals === true);
    case 'needs-counsel':
      return policies.acceptNeedsCounsel === true;
    case 'prohibited':
      return false;
  }
}

function questionOf({ component, dataClasses, subjectCountries }: Stage, site: PlaceableSite): ResidencyQuestion {
  const { freeZone, backupCountry, logCountry } = site.description;
  const zone = component.freeZone;
  return {
    dataClasses,
    // who is under the law of a zone is so instead of that of its country
    subjectCountries: subjectCountries.map((country) => (zone?.startsWith(`${country}-`) === true ? zone : country)),
    sector: component.sector,
    processingCountry: freeZone ?? site.country,
    ...(site.operatorCountry !== null && { operatorCountry: site.operatorCountry }),
    ...(backupCountry !== undefined && { backupCountry }),
    ...(logCountry !== undefined && { logCountry }),
    siteKind: KINDS[site.kind],
    holdsRecords: component.holdsRecords,
  };
}

/** One verdict per regime, strictest first. */
function strictestByRegime({ snapshot }: Scenario, question: ResidencyQuestion): RegimeVerdict[] {
  const found = new Map<string, RegimeVerdict>();
  for (const verdict of evaluateResidency(question, snapshot.regimes)) {
    const known = found.get(verdict.regimeId);
    if (known === undefined || severityOf(verdict.verdict) > severityOf(known.verdict))
      found.set(verdict.regimeId, verdict);
  }
  return [...found.values()].sort(
    (a, b) => severityOf(b.verdict) - severityOf(a.verdict) || (a.regimeId < b.regimeId ? -1 : 1),
  );
}

const WORDS: Readonly<Record<ResidencyVerdict, string>> = {
  allowed: 'allows it',
  'allowed-with-safeguard': 'allows it with a safeguard',
  'needs-counsel': 'needs counsel',
  prohibited: 'forbids it',
};

/** What the catalog says of data that no regime restricts. */
export const OPEN_DATA = 'none';

function sentenceOf({
  regimeId,
  name,
  verdict,
  rule,
  citation,
  safeguards,
  approvalRequired,
  approvalDays,
  reviewFlag,
  location,
}: RegimeVerdict): string {
  if (regimeId === OPEN_DATA) return ended(rule);
  const where = location === 'processing' ? '' : location === 'logs' ? ' for the logs' : ' for the backup';
  const approval = approvalRequired
    ? ` An authority must agree first${approvalDays === null ? '' : `, about ${approvalDays} days`}.`
    : '';
  return `${name} ${WORDS[verdict]}${where}: ${ended(rule)}${safeguards.length === 0 ? '' : ` ${verdict === 'allowed' ? 'Duties that stay' : 'Safeguards'}: ${ended(safeguardsInWords(safeguards))}`}${approval}${citation === null ? '' : ` (${citation})`}${reviewFlag ? ' Read at second hand: have it checked.' : ''}`;
}

/** In the catalog alternatives end with ", or". */
export const safeguardsInWords = (safeguards: readonly string[]): string =>
  safeguards.reduce((text, next) => (text === '' ? next : `${text}${text.endsWith(', or') ? '' : ';'} ${next}`), '');

const ended = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);

/** After which the regime's check passes; null where nothing of the request does it. */
function changeOf(scenario: Scenario, stage: Stage, question: ResidencyQuestion, found: RegimeVerdict): Change | null {
  const { acceptSafeguards, acceptNeedsCounsel, acceptApprovals } = scenario.policies;
  if (found.verdict === 'allowed-with-safeguard' && acceptSafeguards !== false)
    return {
      field: '/policies/acceptApprovals',
      from: acceptApprovals ?? false,
      to: true,
      effect: `once the authority has agreed${found.approvalDays === null ? '' : `, about ${found.approvalDays} days`}`,
    };
  // an approval may be wanted besides: the law is then refused once more, with that change
  if (found.verdict === 'allowed-with-safeguard')
    return found.approvalRequired && acceptApprovals !== true
      ? null
      : {
          field: '/policies/acceptSafeguards',
          from: acceptSafeguards ?? true,
          to: true,
          effect: `with the safeguard: ${found.safeguards[0] ?? found.rule}`,
        };
  if (found.verdict === 'needs-counsel')
    return {
      field: '/policies/acceptNeedsCounsel',
      from: acceptNeedsCounsel ?? false,
      to: true,
      effect: 'once counsel has agreed',
    };
  const speaksOf = (dataClass: string): boolean =>
    !isDataClass(dataClass) ||
    strictestByRegime(scenario, { ...question, dataClasses: [dataClass] }).some(
      ({ regimeId, verdict }) => regimeId === found.regimeId && verdict === 'prohibited',
    );
  const left = question.dataClasses.filter((dataClass) => !speaksOf(dataClass));
  const { split } = stage.component;
  const hard = stage.part === 'hard' && split?.kind === 'hard_cases' && split.hardDataClasses !== undefined;
  return {
    field: `/components/${stage.index}/${hard ? 'split/hardDataClasses' : 'dataClasses'}`,
    from: question.dataClasses,
    to: left.length === 0 ? ['non-personal'] : left,
    effect: 'nothing that the rule speaks of goes there: redacted, aggregated, or done in another place',
  };
}
